"""What stories about one client start with: a connection of which we hold both ends, and no thread."""

import socket
from collections.abc import Iterator

import pytest

from tests.serving.clients import SOON, pair
from tests.serving.talk import Talk


@pytest.fixture
def talk() -> Iterator[Talk]:
    """Two ends of a pipe: fast, and soon full."""
    peer, ours = socket.socketpair()
    peer.settimeout(SOON)
    with peer, ours:
        yield Talk(peer, ours)


@pytest.fixture
def tcp() -> Iterator[Talk]:
    """Two ends of a TCP connection, where resets exist."""
    with pair() as (peer, ours):
        yield Talk(peer, ours)
