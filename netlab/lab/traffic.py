"""Traffic, to try a network with: TCP connections that send as much as they may."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from netlab.lab.tcpinfo import TcpSample, tcp_samples

if TYPE_CHECKING:
    from netlab.lab.host import Host

NOTSENT_LOWAT = 25  # TCP_NOTSENT_LOWAT: at most so many bytes wait in the sender's own kernel, unsent
SOON = 10.0  # s


class Poured(NamedTuple):
    """What one connection did: the sender's samples, and the bytes that the receiver's program had read at the end."""

    samples: list[TcpSample]
    received: int  # bytes
    seconds: float

    @property
    def goodput(self) -> float:
        """Bytes that arrived, in bit/s over the whole time."""
        return self.received * 8 / self.seconds


def pour(
    client: Host,
    server: Host,
    seconds: float,
    *,
    congestion: str = "",
    every: float = 0.010,
    port: int = 5001,
    at: str = "",
) -> Poured:
    """Send from ``client`` to ``server`` for so many seconds, and watch the sender.

    ``congestion`` names the controller ("reno", "cubic", "bbr"), by default the client's own; ``at`` the server's
    address, by default its first. Raises ``OSError`` where nobody can be reached or the controller is not there.
    """
    with _connection(client, server, congestion, port, at) as (sock, conn):
        return _send(sock, conn, seconds, every)


def pour_all(
    client: Host, servers: Sequence[Host], seconds: float, congestion: Sequence[str], *, port: int = 5001
) -> list[Poured]:
    """Pour on several connections at once, one for each name in ``congestion``, to the ``servers`` in turn.

    All are connected before the first one sends. Their ports count up from ``port``; samples are taken every 100 ms.
    Raises what ``pour`` does.
    """
    if not servers or not congestion:
        raise ValueError("at least one connection pours, to at least one server")
    with ExitStack() as stack:
        pairs = [
            stack.enter_context(_connection(client, servers[n % len(servers)], name, port + n, ""))
            for n, name in enumerate(congestion)
        ]
        with ThreadPoolExecutor(len(pairs), "netlab.lab pour") as pool:
            return list(pool.map(lambda pair: _send(pair[0], pair[1], seconds, 0.1), pairs))


@contextmanager
def _connection(
    client: Host, server: Host, congestion: str, port: int, at: str
) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Yield both ends of a connection; afterwards nothing of it is left."""
    address = at or server.address
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with server.socket(family) as listener, client.socket(family) as sock:
        listener.bind((address, port))
        listener.listen()
        listener.settimeout(SOON)  # somebody else may have answered
        if congestion:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, congestion.encode())
        sock.setsockopt(socket.IPPROTO_TCP, NOTSENT_LOWAT, 128 << 10)
        sock.settimeout(SOON)
        sock.connect((address, port))
        with listener.accept()[0] as conn:
            for end in (sock, conn):  # what is unsent when it ends stays unsent, and nobody waits for an answer
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("=ii", 1, 0))
            yield sock, conn


def _send(sock: socket.socket, conn: socket.socket, seconds: float, every: float) -> Poured:
    """Send for so many seconds, while somebody reads at the other end."""
    drain = _Drain(conn)
    start = time.monotonic()
    try:
        with tcp_samples(sock, every) as samples:
            data = bytes(64 << 10)
            with suppress(TimeoutError):  # who may send nothing at all stops on time, too
                while (left := start + seconds - time.monotonic()) > 0:
                    sock.settimeout(left)
                    sock.send(data)
        return Poured(samples, drain.count, time.monotonic() - start)
    finally:
        sock.close()
        with suppress(OSError):  # what says that the sender has stopped may be lost on the way
            conn.shutdown(socket.SHUT_RDWR)
        drain.join()


class _Drain(threading.Thread):
    """Reads what comes, and counts it."""

    def __init__(self, conn: socket.socket) -> None:
        super().__init__(name="netlab.lab drain", daemon=True)
        self.conn, self.count = conn, 0
        self.start()

    def run(self) -> None:
        buffer = bytearray(256 << 10)
        try:
            while size := self.conn.recv_into(buffer):
                self.count += size
        except OSError:
            return  # reset, which is how the sender stops; or the lab has ended
