"""A server's conversation: what any shell of ``netlab.serving`` can run.

>>> from random import Random
>>> from netlab.web.websocket.ends import ClientEnd
>>> session, client = WebSocket(echo), ClientEnd("chat.example", dice=Random(6455))
>>> opened = client.receive(session.receive(client.outgoing()))
>>> client.send("Hello")
>>> client.receive(session.receive(client.outgoing()))
[Message(data='Hello')]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from netlab.web.websocket.connection import LIMITS, Connection
from netlab.web.websocket.deflate import Deflate
from netlab.web.websocket.ends import ServerEnd
from netlab.web.websocket.events import OPEN, Event
from netlab.web.websocket.handshake import anyone
from netlab.web.websocket.limits import Limits
from netlab.web.websocket.messages import Message

App = Callable[[Connection, Event], None]
"""What an application does about an event: it may ``send``, ``ping`` or ``close``."""


def echo(connection: Connection, event: Event) -> None:
    """Say again what was said."""
    if isinstance(event, Message) and connection.state == OPEN:
        connection.send(event.data)


class WebSocket:
    """One client's WebSocket, for a server: ``running(serve, lambda: WebSocket(echo))``.

    The application hears ``Closed`` once, however the client goes. (Where the server itself is stopped, it hears none.)
    It looks like a ``netlab.serving.Session`` and does not inherit from it: a page that only speaks the protocol need
    not load what serves.

    ``end`` is the connection, with the client's ``request``. The other arguments are those of ``ServerEnd``.
    """

    def __init__(
        self,
        app: App,
        *,
        allowed: Callable[[str | None], bool] = anyone,
        subprotocols: Sequence[str] = (),
        deflate: Deflate | None = None,
        limits: Limits = LIMITS,
    ) -> None:
        self.app, self.closed = app, False
        self.end = ServerEnd(allowed=allowed, subprotocols=subprotocols, deflate=deflate, limits=limits)
        self.deadline = self.end.deadline

    def receive(self, data: bytes) -> bytes:
        """Take what came and return what is owed for it. What the application raises ends this client alone."""
        return self._tell(self.end.events(data))

    def tick(self, now: float) -> bytes:
        """Ping, or give up, a client that is late."""
        return self._tell(self.end.tick(now))

    def _tell(self, events: Iterable[Event]) -> bytes:
        for event in events:
            self.app(self.end, event)
        self.closed, self.deadline = self.end.hang_up, self.end.deadline
        return self.end.outgoing()
