"""A connection of which we hold both ends, and no thread: what stories about one client are told with."""

import socket

from netlab.serving import Client, Session


class Talk:
    """A peer, and the client that the server sees."""

    def __init__(self, peer: socket.socket, ours: socket.socket) -> None:
        self.peer, self.ours = peer, ours

    def with_(self, session: Session) -> Client:
        return Client(self.ours, session)

    def arrived(self, size: int) -> None:
        """Wait until the peer's last ``size`` bytes are there to be received, or its FIN if that is 0."""
        self.ours.setblocking(True)
        self.ours.recv(max(size, 1), socket.MSG_PEEK | socket.MSG_WAITALL)
        self.ours.setblocking(False)
