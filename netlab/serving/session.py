"""One conversation, without its socket: what a protocol is to every server of the book.

A session is handed bytes and the time, and hands back bytes. It never opens a socket, reads a clock or waits, so a
test drives it with literals, a simulator with virtual time, and every shell with real clients.

>>> class Clock(Session):
...     "Tell the time once, then hang up; nobody has to ask."
...     deadline = 0.0  # the past: wake me at once
...
...     def tick(self, now: float) -> bytes:
...         self.closed = True
...         return f"{now:.0f} s\\n".encode()
>>> clock = Clock()
>>> clock.tick(now=7.0), clock.closed
(b'7 s\\n', True)
"""

from collections.abc import Callable
from typing import Protocol


class Session(Protocol):
    """One conversation: bytes in, bytes out. Inherit from it for the defaults, or only look like it.

    What ``receive`` or ``tick`` raises ends this conversation with a reset, and no other.
    """

    closed: bool = False
    """True: send what is owed, then hang up. Nothing is received or ticked after that."""

    deadline: float | None = None
    """Wake me by then: seconds, on the same clock as ``now``. None: only bytes can wake me."""

    def receive(self, data: bytes) -> bytes:
        """Take what came and return what is owed for it.

        ``data`` is a piece of a stream, cut anywhere. ``b""``, which comes once, means that the peer closed its
        side: it will send no more, but still reads. Whoever owes nothing then and has no deadline is hung up on. It
        also comes when the peer is gone, by a reset or because it takes nothing: then nobody reads what is returned.
        Nothing comes while earlier bytes are still owed, so a peer that does not read is not read from.
        """
        return b""

    def tick(self, now: float) -> bytes:
        """Take note that it is ``now``, which is ``deadline`` or later, and return what is owed because of it.

        A session has no clock: one that needs to know the time starts with ``deadline = 0.0`` and is woken at
        once. Each tick must move ``deadline`` into the future, set it to None, or set ``closed``.
        """
        self.deadline = None
        return b""


NewSession = Callable[[], Session]
"""Makes the session of one new client: a class, or any other function without arguments."""


class Echo(Session):
    """What comes in goes out (RFC 862), and when the peer has closed its side there is no more to say."""

    def receive(self, data: bytes) -> bytes:
        """Return ``data``."""
        return data
