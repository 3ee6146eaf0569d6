"""The library ``websockets`` as a peer: its server in a thread, and how conversations ended for it and for ours."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from netlab.web.websocket.connection import Connection
from netlab.web.websocket.events import OPEN, Closed, Event, Message
from tests.serving.clients import SOON

BOMB = bytes(16 << 20)
Ends = SimpleQueue[tuple[int, str]]
"""How conversations ended, as their server saw it: code and reason."""


@contextmanager
def library(handler: Callable[[ServerConnection], None], **options: Any) -> Iterator[tuple[str, int]]:
    """Run the server of ``websockets`` on a free port, and yield its address."""
    with serve(handler, "127.0.0.1", 0, **options) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            host, port = server.socket.getsockname()
            yield host, port
        finally:
            server.shutdown()
            thread.join(SOON)


def order(data: str | bytes) -> tuple[int, str] | None:
    """Return the code and the reason with which a client asks the server to close: "close 4001 bye"."""
    if isinstance(data, str) and data.startswith("close "):
        _, code, reason = data.split(" ", 2)
        return int(code), reason
    return None


def their_echo(ends: Ends) -> Callable[[ServerConnection], None]:
    """Return a handler that echoes, and closes when it is asked to."""

    def handler(connection: ServerConnection) -> None:
        with suppress(ConnectionClosed):  # any code but 1000 and 1001
            for data in connection:
                if asked := order(data):
                    connection.close(*asked)
                else:
                    connection.send(BOMB if data == "bomb" else data)
        ends.put((connection.close_code or 0, connection.close_reason or ""))

    return handler


def our_echo(ends: Ends) -> Callable[[Connection, Event], None]:
    """Return an application that does the same."""

    def app(connection: Connection, event: Event) -> None:
        if isinstance(event, Message) and connection.state == OPEN:
            if asked := order(event.data):
                connection.close(*asked)
            else:
                connection.send(BOMB if event.data == "bomb" else event.data)
        elif isinstance(event, Closed):
            ends.put((event.code, event.reason))

    return app


def head(sock: socket.socket) -> bytes:
    """Return a request or a response up to its empty line, and nothing of what follows it."""
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        piece = sock.recv(1)
        assert piece, f"the stream ended within {data!r}"
        data += piece
    return data
