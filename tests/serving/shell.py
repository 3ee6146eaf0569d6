"""What all stories need: the shell that lives through them."""

import socket
from contextlib import AbstractContextManager
from typing import ClassVar

from netlab.serving import Address, Echo, Serve, running
from tests.serving.clients import connect, exactly


class Shell:
    """A subclass says which shell lives through them, and how many clients it serves at a time."""

    shell: ClassVar[Serve]
    limit: ClassVar[int] = 1

    def running(self, new_session=Echo, **options) -> AbstractContextManager[Address]:
        return running(self.shell, new_session, **options)


def answers(sock: socket.socket) -> bool:
    """Return whether an echo comes back on ``sock``."""
    sock.sendall(b"in?")
    return exactly(sock, 3) == b"in?"


def asks(address: tuple[str, int], question: bytes = b"still there?") -> bytes:
    """Return what the server answers to one more client."""
    with connect(address) as sock:
        sock.sendall(question)
        return exactly(sock, len(question))
