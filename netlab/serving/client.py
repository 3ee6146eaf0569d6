"""One client of a server: its socket, its session, and the bytes that it is owed.

Every shell does the same with a client. So a client never waits: ``step`` does whatever can be done at once, then
``wants`` and ``deadline`` say what to wait for before the next one. Time is an argument here; shells have the clock.

    TALKING ---------> FLUSHING ---------> DRAINING ---------> GONE
       session closed,      nothing is           the peer closed,
       or it has no more    owed any more:       or PATIENCE is over
       to say after EOF     send our FIN

Any phase ends in GONE when the peer resets the connection, and FLUSHING also when the peer has taken nothing for
PATIENCE seconds. Three things deserve care:

*   A peer that does not read must not make us buffer without end. While bytes are owed, nothing is received; so the
    kernel's buffers fill, TCP's window closes, and the peer that does not read cannot write either.
*   Closing a socket with unread input makes TCP send a reset (RFC 9293 §3.6.1, SHLD-3), which may destroy at the peer
    the answer that we have just sent. So we close in stages (RFC 9112 §9.6): our FIN, their FIN, close.
*   A stream that ends with a FIN says "that was all". Where it was not all, it has to end with a reset.

One step of an echo, without a server: a socketpair, and the time as we want it.

>>> from netlab.serving import Echo
>>> ours, theirs = socket.socketpair()
>>> client = Client(ours, Echo())
>>> theirs.send(b"hello")
5
>>> client.step(now=0.0), theirs.recv(5)
(True, b'hello')
>>> client.wants == EVENT_READ, client.deadline
(True, None)
>>> ours.close(), theirs.close()
(None, None)
"""

import socket
import struct
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from math import isnan
from selectors import EVENT_READ, EVENT_WRITE

from netlab.serving.session import Session

CHUNK = 65_536  # bytes per recv: a ceiling, so that no client can starve the others
PATIENCE = 2.0  # seconds for a client that we have finished with: to take some of what it is owed, then to hang up
PILE = 1 << 20  # bytes that ticks may add to what a client does not take: more, and nobody is reading

_LINGER_ZERO = struct.pack("HH" if sys.platform == "win32" else "ii", 1, 0)  # on, for 0 seconds


class Phase(Enum):
    """How far a conversation has come: see the picture at the top of this file."""

    TALKING = "talking"  # the session hears, says, and is woken
    FLUSHING = "flushing"  # it has said its last, and not all of that is sent
    DRAINING = "draining"  # all is sent, our FIN too; what still comes is thrown away
    GONE = "gone"  # there is nothing left to wait for: hang up


@dataclass(eq=False)
class Client:
    """A connected socket and its session. Whoever waits for several needs only ``fileno``, ``wants``, ``deadline``."""

    sock: socket.socket
    session: Session
    peer: object = None
    """Whose address that is, as accept returned it."""
    phase: Phase = Phase.TALKING
    owed: bytearray = field(default_factory=bytearray)
    """Bytes that the session has said and the kernel has not taken yet."""
    eof: bool = False
    """The peer closed its side."""
    wants: int = 0
    """What to wait for: EVENT_READ, EVENT_WRITE, or 0 for nothing but the deadline."""
    deadline: float | None = 0.0
    """Step again by then, in seconds, whatever the socket does. (0.0: nobody has stepped yet.)"""
    piled: int = 0
    """Bytes that ticks have added since the client last took all it was owed."""

    def __post_init__(self) -> None:
        self.sock.setblocking(False)  # on Linux an accepted socket blocks even if its listener does not

    def fileno(self) -> int:
        """Return the socket's descriptor, so that a selector takes a client as it takes a socket."""
        return self.sock.fileno()

    def step(self, now: float) -> bool:
        """Do all that can be done without waiting, at most one recv and one send; return whether to go on.

        Raises what the session raises, ``TypeError`` if it returns what is not bytes or has a deadline that is no
        time, and ``ValueError`` if its tick asks to be woken in the past. A peer that misbehaves raises nothing: it is
        gone, and the session is told so, as of any end.
        """
        if self.phase is Phase.TALKING:
            self._talk(now)
        # Nearly always the kernel takes an answer at once, so trying is cheaper than asking whether it would.
        if self.owed and self.phase is not Phase.GONE:
            self._send(now)
        if self.phase is Phase.FLUSHING and not self.owed:
            self._say_goodbye(now)
        elif self.phase is Phase.DRAINING and self._receive() == b"":
            self.phase = Phase.GONE
        if self.phase is not Phase.TALKING and self.deadline is not None and now >= self.deadline:
            self.phase = Phase.GONE
        if self.phase is Phase.GONE:
            self._lost()
        # A socket is almost always writable, and after its end always readable: to wait for either would not be to
        # wait. So it is the one thing that is needed next, or none.
        self.wants = EVENT_WRITE if self.owed else 0 if self.eof else EVENT_READ
        return self.phase is not Phase.GONE

    def _lost(self) -> None:
        """Tell a session that had not heard of any end that there is one; what it says to that reaches nobody."""
        if not (self.eof or self.session.closed):
            self.eof = True
            self.session.receive(b"")

    def hang_up(self) -> None:
        """Close the socket; if bytes are still owed, with a reset: half an answer must not look like a whole one."""
        if self.owed:
            reset(self.sock)
        else:
            self.sock.close()

    def _talk(self, now: float) -> None:
        """Give the session its tick if that is due, then one piece of what came if nothing is owed.

        The tick comes first: a session that needs to know the time before it hears anything starts with a deadline
        in the past.
        """
        session = self.session
        if session.deadline is not None and now >= session.deadline and not session.closed:
            self._tick(now)
        if not (self.owed or self.eof or session.closed) and (data := self._receive()) is not None:
            self.eof = not data
            self._owe(session.receive(data))
        self.deadline = _deadline(session)
        over = session.closed or (self.eof and session.deadline is None)
        if over and self.phase is Phase.TALKING:
            self.phase, self.deadline = Phase.FLUSHING, now + PATIENCE

    def _tick(self, now: float) -> None:
        """Wake the session.

        Ticks go on while bytes are owed, or no deadline could end a client that does not read. Therefore what they
        add to bytes that nobody takes is bounded. What one ``receive`` owes is the session's own affair.
        """
        before = len(self.owed)
        self._owe(self.session.tick(now))
        deadline = self.session.deadline
        if not self.session.closed and deadline is not None and deadline <= now:
            raise ValueError(f"at {now} s a tick asked to be woken by {deadline} s, and so for ever")
        if before:
            self.piled += len(self.owed) - before
        if self.piled > PILE:
            self.phase = Phase.GONE

    def _owe(self, data: bytes) -> None:
        """Add to what is owed. A session that returns None or text is told so by name, not by some later line."""
        if not isinstance(data, bytes | bytearray | memoryview):
            raise TypeError(f"{type(self.session).__name__} returned {data!r:.60}, where it must return bytes")
        self.owed += data

    def _send(self, now: float) -> None:
        """Send as much as the kernel takes. A client that we have finished with gains time by taking some."""
        try:
            del self.owed[: self.sock.send(self.owed)]
        except BlockingIOError:
            return
        except OSError:  # reset, broken pipe, unreachable: whatever it was, nobody is there
            self.phase = Phase.GONE
        if not self.owed:
            self.piled = 0
        if self.phase is Phase.FLUSHING:
            self.deadline = now + PATIENCE

    def _receive(self) -> bytes | None:
        """Return what came, ``b""`` if the peer closed its side, or None if nothing came."""
        try:
            return self.sock.recv(CHUNK)
        except BlockingIOError:  # readiness is a hint: the bytes may be gone when we look
            return None
        except OSError:
            self.phase = Phase.GONE
            return None

    def _say_goodbye(self, now: float) -> None:
        """Send our FIN. Unless the peer has closed too, keep reading for a while: see the top of this file."""
        self.phase, self.deadline = Phase.GONE if self.eof else Phase.DRAINING, now + PATIENCE
        with suppress(OSError):  # reset in the meantime: the next step will find out
            self.sock.shutdown(socket.SHUT_WR)


def _deadline(session: Session) -> float | None:
    """Return when to wake ``session``. Shells compute with it, so what is no time must end here, and not with them."""
    deadline = session.deadline
    if deadline is None:
        return None
    if isinstance(deadline, int | float) and not isnan(deadline):
        return float(deadline)
    raise TypeError(f"{type(session).__name__} has the deadline {deadline!r:.60}, where it must have seconds or None")


def reset(sock: socket.socket) -> None:
    """Close ``sock`` with a reset (RST), which nobody can mistake for an end; unsent bytes are thrown away."""
    with suppress(OSError):  # a socket that is not connected any more may refuse the option: then just close it
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
    sock.close()
