"""Clients as they come: polite, rude and slow; and a machine that is short of something."""

import os
import select
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Semaphore
from time import monotonic

import pytest

SOON = 10.0  # seconds after which a test that waits for something gives up; nothing here takes a tenth of it


def connect(address: tuple[str, int]) -> socket.socket:
    """Return a client that raises ``TimeoutError`` rather than wait for ever."""
    return socket.create_connection(address, SOON)


def exactly(sock: socket.socket, size: int) -> bytes:
    """Return the next ``size`` bytes, or fewer if the stream ends."""
    data = bytearray()
    while len(data) < size and (piece := sock.recv(min(size - len(data), 1 << 20))):
        data += piece
    return bytes(data)


def rest(sock: socket.socket) -> bytes:
    """Return everything up to the end of the stream."""
    return exactly(sock, sys.maxsize)


def reset(sock: socket.socket) -> None:
    """Vanish rudely: close with an RST."""
    layout = "HH" if sys.platform == "win32" else "ii"
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(layout, 1, 0))
    sock.close()


def is_reset(sock: socket.socket) -> bool:
    """Return whether the stream ends with a reset, not with an end."""
    try:
        rest(sock)
    except ConnectionError:
        return True
    return False


def is_turned_away(address: tuple[str, int]) -> bool:
    """Return whether who connects is reset at once. It may happen so fast that connecting itself fails."""
    try:
        with connect(address) as sock:
            return is_reset(sock)
    except ConnectionError:
        return True


def push(sock: socket.socket, data: bytes) -> None:
    """Send for as long as anybody takes it: until the peer resets the connection."""
    try:
        while True:
            sock.sendall(data)
    except ConnectionError:
        pass


def fill(sock: socket.socket, most: int = 64 << 20) -> int:
    """Send without reading, until for 0.2 s nobody has taken anything, or until ``most``; return the bytes sent."""
    sent = 0
    while sent < most and select.select([], [sock], [], 0.2)[1]:
        with suppress(BlockingIOError):
            sent += sock.send(bytes(1 << 16))
    return sent


@contextmanager
def narrow() -> Iterator[socket.socket]:
    """Listen with small buffers, which accepted sockets inherit: what nobody reads soon stays with its sender."""
    with socket.socket() as listener:
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            listener.setsockopt(socket.SOL_SOCKET, option, 16_384)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener


@contextmanager
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Make two ends of one TCP connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = connect(listener.getsockname())
        far, _ = listener.accept()
    far.settimeout(SOON)
    with near, far:
        yield near, far


class Watched(socket.socket):
    """A listener that tells when a server waits for it, and notes when accept fails for want of something."""

    def __init__(self) -> None:
        super().__init__()
        self.bind(("127.0.0.1", 0))
        self.listen()
        self.times: list[float] = []
        self.failed = Semaphore(0)
        self.awaited = Event()

    def fileno(self) -> int:
        self.awaited.set()
        return super().fileno()

    def accept(self) -> tuple[socket.socket, object]:
        try:
            return super().accept()
        except BlockingIOError:
            raise
        except OSError:
            self.times.append(monotonic())
            self.failed.release()
            raise


def descriptors() -> int:
    """Return how many descriptors this process has open; 0 where nobody can tell, which is on Windows."""
    folder = Path("/proc/self/fd" if sys.platform == "linux" else "/dev/fd")
    return sum(1 for _ in folder.iterdir()) if folder.exists() else 0


@contextmanager
def no_descriptor_left() -> Iterator[None]:
    """Hold every descriptor that this process may still have."""
    resource = pytest.importorskip("resource", reason="Windows has no limit on descriptors")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    held = [os.open(os.devnull, os.O_RDONLY)]
    resource.setrlimit(resource.RLIMIT_NOFILE, (held[0] + 50, limits[1]))
    try:
        with suppress(OSError):
            while True:
                held.append(os.dup(held[0]))
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        for descriptor in held:
            os.close(descriptor)
