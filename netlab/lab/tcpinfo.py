"""What the kernel knows about one of its TCP connections: its window, its round-trip time, what it sent again.

``ss -ti`` shows the same. It comes from getsockopt(TCP_INFO), whose struct tcp_info grows at its end with new
kernels (<linux/tcp.h>); this reads its first 232 bytes. What an older kernel does not tell is 0.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOPROTOOPT, EOPNOTSUPP
from math import inf
from typing import NamedTuple

LAYOUT = struct.Struct("=8B24I4Q6I4Q2I2Q4I")
STATES = [  # by Linux's numbers, from 1
    *("", "ESTABLISHED", "SYN-SENT", "SYN-RECEIVED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "CLOSED"),
    *("CLOSE-WAIT", "LAST-ACK", "LISTEN", "CLOSING", "SYN-RECEIVED"),
]
# Open: all is well. Disorder: duplicates came. CWR: a mark of congestion. Recovery: a loss. Loss: the timer went off.
CONTROL = ("Open", "Disorder", "CWR", "Recovery", "Loss")
ENDLESS = 0x7FFF_FFFF  # an ssthresh that no loss has set yet


class TcpSample(NamedTuple):
    """A connection at one moment, as its sender's kernel sees it. Windows are in segments of ``mss`` bytes."""

    time: float  # s since the first sample
    state: str  # RFC 9293 §3.3.2, or CLOSED
    control: str  # Linux's own: Open, Disorder, CWR, Recovery, Loss
    cwnd: int  # segments
    ssthresh: float  # segments; inf before the first loss
    flight: int  # segments that were sent and are not acknowledged
    lost: int  # segments that are taken for lost and not yet sent again
    retransmits: int  # segments sent again, from the beginning
    rtt: float  # s, smoothed
    rttvar: float  # s
    rtt_min: float  # s
    rto: float  # s
    acked: int  # bytes
    delivery_rate: float  # bit/s, as the last acknowledgements had it
    pacing_rate: float  # bit/s; inf where nothing is paced
    snd_wnd: int  # bytes that the receiver still takes
    mss: int  # bytes


def tcp_info(sock: socket.socket, since: float = 0.0) -> TcpSample:
    """Return what the kernel knows about a connection now; ``since`` is subtracted from the monotonic clock.

    Raises ``OSError`` where the socket is no TCP connection, or is closed.
    """
    now = time.monotonic()
    try:
        octets = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
    except OSError as error:
        if error.errno in (ENOPROTOOPT, EOPNOTSUPP):
            raise OSError(error.errno, "only a TCP socket has TCP_INFO") from error
        raise
    info = LAYOUT.unpack_from(octets.ljust(LAYOUT.size, b"\0"))
    return TcpSample(
        time=now - since,
        state=STATES[info[0]] if info[0] < len(STATES) else str(info[0]),
        control=CONTROL[info[1]],
        cwnd=info[26],
        ssthresh=inf if info[25] >= ENDLESS else info[25],
        flight=info[12],
        lost=info[14],
        retransmits=info[31],
        rtt=info[23] / 1e6,
        rttvar=info[24] / 1e6,
        rtt_min=info[39] / 1e6,
        rto=info[8] / 1e6,
        acked=info[34],
        delivery_rate=info[42] * 8,
        pacing_rate=inf if info[32] == 0xFFFF_FFFF_FFFF_FFFF else info[32] * 8,
        snd_wnd=info[53],
        mss=info[10],
    )


@contextmanager
def tcp_samples(sock: socket.socket, every: float = 0.010) -> Iterator[list[TcpSample]]:
    """Sample a connection ``every`` so many seconds while the ``with`` lasts, from a thread; yield the growing list.

    It ends by itself when the socket is closed. The last sample is taken on leaving.
    """
    if not 0 < every <= threading.TIMEOUT_MAX:
        raise ValueError(f"samples are taken every so many seconds, more than 0: not {every}")
    start = time.monotonic()
    samples = [tcp_info(sock, start)]
    enough = threading.Event()

    def watch() -> None:
        due = start
        while not enough.is_set():
            due += every
            enough.wait(max(0.0, due - time.monotonic()))
            try:
                samples.append(tcp_info(sock, start))
            except OSError:
                return  # closed

    thread = threading.Thread(target=watch, name="netlab.lab samples", daemon=True)
    thread.start()
    try:
        yield samples
    finally:
        enough.set()
        thread.join()
