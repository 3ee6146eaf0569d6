"""Sessions to test servers with: wordy, late, punctual, final and broken ones."""

import sys
from asyncio import CancelledError
from math import inf, nan

from netlab.serving import Session


class Flood(Session):
    """Answers whatever comes with more than any buffer takes, and may then be told by the clock to hang up."""

    def __init__(self, patience: float | None = None) -> None:
        self.patience = patience

    def receive(self, data: bytes) -> bytes:
        self.deadline = None if self.patience is None else 0.0  # to learn what time it is
        return bytes(32 << 20)

    def tick(self, now: float) -> bytes:
        self.closed = self.deadline != 0.0
        self.deadline = None if self.closed else now + (self.patience or 0)
        return b""


class Late(Session):
    """Answers when the peer has closed its side, and a little later: work that takes time, in a session's way."""

    def __init__(self) -> None:
        self.heard = b""
        self.due: float | None = None

    def receive(self, data: bytes) -> bytes:
        self.heard += data
        if not data:
            self.deadline = 0.0
        return b""

    def tick(self, now: float) -> bytes:
        if self.due is None:
            self.due = self.deadline = now + 0.02
            return b""
        assert now >= self.due
        self.deadline = None
        return self.heard[::-1]


class Patient(Session):
    """Says that it has heard the end, and then waits for a time that never comes."""

    def receive(self, data: bytes) -> bytes:
        if data:
            return b""
        self.deadline = inf
        return b"wait"


class Beat(Session):
    """Says something three times, at its own pace, and hangs up. Nobody has to ask."""

    deadline = 0.0

    def __init__(self) -> None:
        self.times: list[float] = []

    def tick(self, now: float) -> bytes:
        self.times.append(now)
        self.deadline, self.closed = now + 0.01, len(self.times) == 3
        return b"beat\n"


class Final(Session):
    """Answers the first bytes with ``answer`` and hangs up, whatever else was said."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer

    def receive(self, data: bytes) -> bytes:
        self.closed = True
        return self.answer


class Broken(Session):
    """Echoes, until one of its own lines goes wrong."""

    def receive(self, data: bytes) -> bytes:
        match data:
            case b"raise":
                raise ZeroDivisionError("in receive")
            case b"tick":
                self.deadline = 0.0
            case b"str":
                return "not bytes"  # type: ignore[return-value]
            case b"None":
                return None  # type: ignore[return-value]
            case b"OSError":  # of its own: nothing is wrong with the client's connection
                raise ConnectionResetError("somewhere else")
            case b"exit":
                sys.exit("enough")
            case b"cancel":
                raise CancelledError("in receive")  # which asyncio would take for its own
            case b"text":
                self.deadline = "soon"  # type: ignore[assignment]
            case b"nan":
                self.deadline = nan
            case b"huge":
                self.deadline = 10**400  # no float: who adds to it fails
        return data

    def tick(self, now: float) -> bytes:
        raise ZeroDivisionError("in tick")


class Sleepless(Session):
    """Never moves its deadline on."""

    deadline = 0.0

    def tick(self, now: float) -> bytes:
        return b""


class Bare:
    """Looks like a session and forgot that it has to say when it is closed."""

    def receive(self, data: bytes) -> bytes:
        return data


class Ticking(Session):
    """Says ``size`` bytes every second, whether anybody reads them or not."""

    deadline = 0.0

    def __init__(self, size: int = 1) -> None:
        self.size = size
        self.heard: list[object] = []

    def receive(self, data: bytes) -> bytes:
        self.heard.append(data)
        return b""

    def tick(self, now: float) -> bytes:
        self.heard.append(now)
        self.deadline = now + 1
        return bytes(self.size)
