"""A client on a connected socket, for a program that has nothing else to do meanwhile.

>>> import socket, time
>>> from random import SystemRandom
>>> from netlab.serving import running
>>> from netlab.serving.blocking import serve
>>> from netlab.web.websocket import ClientEnd, WebSocket, echo
>>> with running(serve, lambda: WebSocket(echo)) as address, socket.create_connection(address) as sock:
...     with WebSocketClient(sock, ClientEnd("localhost", dice=SystemRandom()), time.monotonic) as client:
...         client.send("Hello")
...         client.recv()
'Hello'
>>> client.closed
Closed(code=1000, reason='', why='')
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Self

from netlab.web.websocket.codes import CloseCode
from netlab.web.websocket.ends import ClientEnd
from netlab.web.websocket.events import CLOSED, CONNECTING, OPEN, Closed, Event
from netlab.web.websocket.messages import Message

if TYPE_CHECKING:
    from socket import socket

CHUNK = 65_536  # bytes per recv


class WebSocketClient:
    """A WebSocket on ``sock``: the handshake is made at once, and the socket is closed at the end.

    ``clock`` tells the time in seconds (``time.monotonic``): no peer is waited for beyond the limits of ``end``.
    Raises ``WireError`` where the server does not agree, ``ConnectionError`` where it is silent or gone, and
    ``TimeoutError`` where it takes nothing of what is sent.
    """

    def __init__(self, sock: socket, end: ClientEnd, clock: Callable[[], float]) -> None:
        self.sock, self.end, self.clock = sock, end, clock
        self.closed: Closed | None = None
        """How it ended, once it has."""
        self._messages: deque[str | bytes] = deque()
        self._flush()
        while end.state == CONNECTING:
            self._wait(None)
        if end.state != OPEN:
            sock.close()
            raise end.error or ConnectionAbortedError(self.closed.why if self.closed else end.state)

    def send(self, data: str | bytes) -> None:
        """Send a message. Raises ``ValueError`` once the connection closes."""
        self.end.send(data)
        self._flush()

    def recv(self, timeout: float | None = None) -> str | bytes | None:
        """Return the next message, or None if there will be none: ``closed`` says why.

        Raises ``TimeoutError`` after ``timeout`` seconds without one.
        """
        until = None if timeout is None else self.clock() + timeout
        while not self._messages and not self.closed:
            self._wait(until)
        return self._messages.popleft() if self._messages else None

    def __iter__(self) -> Iterator[str | bytes]:
        """Yield the messages that come, until the connection closes."""
        while (message := self.recv()) is not None:
            yield message

    def close(self, code: int = CloseCode.NORMAL, reason: str = "") -> None:
        """Close in order: our close frame, theirs, the end of TCP; but wait no longer than the limits say.

        Later calls change nothing.
        """
        self.end.close(code, reason)
        self._flush()
        while self.end.state != CLOSED:  # though a rule was broken: unread bytes would make TCP send a reset,
            self._wait(None)  # and that may destroy our close frame before the server has read it
        self.sock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _wait(self, until: float | None) -> None:
        """Wait for bytes, or for a time: whichever comes first."""
        now, deadline = self.clock(), self.end.deadline
        if deadline is not None and deadline <= now:
            self._keep(self.end.tick(now))
            return
        if until is not None and until <= now:
            raise TimeoutError("no message came in time")
        times = [time - now for time in (deadline, until) if time is not None]
        self.sock.settimeout(min(times, default=None))
        try:
            data = self.sock.recv(CHUNK)
        except TimeoutError:
            return
        except ConnectionError:  # a reset is an end of TCP too
            data = b""
        self._keep(self.end.receive(data))

    def _keep(self, events: Iterable[Event]) -> None:
        """Keep the messages for ``recv``, and send what the events have made us owe."""
        for event in events:
            if isinstance(event, Message):
                self._messages.append(event.data)
            elif isinstance(event, Closed):
                self.closed = event
        self._flush()

    def _flush(self) -> None:
        """Send what is owed, at most so slowly as the limits say."""
        owed = self.end.outgoing()
        if not owed:  # as after the end, when there may be no socket any more
            return
        self.sock.settimeout(self.end.limits.patience)
        try:
            self.sock.sendall(owed)
        except ConnectionError:
            self._keep_end()

    def _keep_end(self) -> None:
        """TCP ended while we were sending; what came before that can still be read."""
        while self.end.state != CLOSED:
            self._wait(None)
