"""A conformance table for both ends of a WebSocket: what the peer does, and what must become of it.

It is in the spirit of the test suites that every implementation of WebSocket is measured with, and has their
categories; the cases are our own. A case is data: the fields of the frames that the peer sends, legal or not, what the
application is told, how the connection ends, and the section of the RFC that says so. What is sent is built here,
from those fields, and not by the code that is tested. Each case is played as a server and as a client.

    python -m tests.web.conformance         prints the table
"""

from collections.abc import Iterator
from itertools import cycle
from typing import NamedTuple

from netlab.web.websocket.connection import LIMITS
from netlab.web.websocket.deflate import Deflate
from netlab.web.websocket.events import Event, Message, Ping, Pong
from netlab.web.websocket.limits import Limits

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
NAMES = {0x0: "continuation", 0x1: "text", 0x2: "binary", 0x8: "close", 0x9: "ping", 0xA: "pong"}
KEY = bytes.fromhex("37fa213d")


class F(NamedTuple):
    """One frame's fields, as they travel: nothing here must be legal."""

    opcode: int
    payload: bytes = b""
    fin: int = 1
    rsv: int = 0
    """4 is RSV1, 2 is RSV2, 1 is RSV3."""
    size: int | None = None
    """What the length claims, where that is not what comes."""
    width: int | None = None
    """In how many more bytes the length is written: 0, 2 or 8; None for as few as it needs."""
    wrong: bool = False
    """Masked though a server sends it, or not masked though a client does."""
    key: bytes = KEY

    def head(self, masked: bool) -> bytes:
        """Return what comes before the payload, where the peer must (or must not) have ``masked`` it."""
        masked ^= self.wrong
        size = len(self.payload) if self.size is None else self.size
        width = self.width
        if width is None:
            width = 0 if size < 126 else 2 if size < 65_536 else 8
        length = {0: size, 2: 126, 8: 127}[width]
        first = self.fin << 7 | self.rsv << 4 | self.opcode
        more = size.to_bytes(width) if width else b""
        return bytes([first, masked << 7 | length]) + more + (self.key if masked else b"")

    def wire(self, masked: bool) -> bytes:
        """Return the frame as it travels."""
        if masked == self.wrong:
            return self.head(masked) + self.payload
        return self.head(masked) + bytes(byte ^ key for byte, key in zip(self.payload, cycle(self.key), strict=False))


class Say(NamedTuple):
    """We begin to close."""

    code: int = 1000
    reason: str = ""


class Tick(NamedTuple):
    """We are told the time, in seconds."""

    now: float


class Gone(NamedTuple):
    """The peer's TCP ends."""


Step = F | Say | Tick | Gone


class Case(NamedTuple):
    """What happens, and what must become of it. Without ``refused``, ``closed`` or ``lost`` the connection stays."""

    says: str
    rule: str
    steps: tuple[Step, ...]
    told: tuple[Event, ...] = ()
    """What the application is told before the end. A ping that it is told of is one that was answered."""
    refused: int | None = None
    """The code with which we fail the connection, at the last frame."""
    at: int | None = None
    """It is refused when so many bytes of the last frame have come, and not before..."""
    after: int | None = None
    """...or when its head has, and so many bytes of its payload."""
    closed: tuple[int, str] | None = None
    """What the peer's close frame says."""
    lost: bool = False
    """TCP ends without a close frame of the peer."""
    limits: Limits = LIMITS
    deflate: Deflate | None = None


def text(*said: str) -> tuple[Event, ...]:
    """Return texts as the application is told of them."""
    return tuple(Message(data) for data in said)


def binary(*said: bytes) -> tuple[Event, ...]:
    """Return messages of bytes as the application is told of them."""
    return tuple(Message(data) for data in said)


def pings(*payloads: bytes) -> tuple[Event, ...]:
    """Return pings as the application is told of them."""
    return tuple(Ping(payload) for payload in payloads)


def pongs(*payloads: bytes) -> tuple[Event, ...]:
    """Return pongs as the application is told of them."""
    return tuple(Pong(payload) for payload in payloads)


def table() -> dict[str, list[Case]]:
    """Return all cases, by category."""
    from tests.web.conformance import compressed, ends, frames, messages  # noqa: PLC0415 - they are built from this

    categories = {
        "framing": frames.framing,
        "ping and pong": frames.ping_and_pong,
        "reserved bits": frames.reserved_bits,
        "opcodes": frames.opcodes,
        "fragmentation": messages.fragmentation,
        "UTF-8": messages.utf8,
        "close": ends.close,
        "limits": ends.limits,
        "compression": compressed.compression,
    }
    return {name: list(cases()) for name, cases in categories.items()}


def becomes(case: Case) -> str:
    """Return in a few words what becomes of the connection."""
    if case.refused:
        return f"refused: {case.refused}"
    if case.closed:
        return f"closed: {case.closed[0]}"
    return "lost: 1006" if case.lost else "accepted"


def lines() -> Iterator[str]:
    """Yield the table as text: a line for each case, with its section and what must become of it."""
    for category, cases in table().items():
        yield f"{category}: {len(cases)}"
        for case in cases:
            yield f"  {becomes(case):15}{case.rule:19}{case.says}"
