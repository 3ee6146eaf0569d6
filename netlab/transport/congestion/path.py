"""What every run of this room shares: a path, what controls a window on it, and what is seen of it.

A path is one slow link with a queue before it, and the way there and back. All else in a real network is faster,
so it never queues, and adds nothing but delay::

    sender ──▶ queue (24 packets) ──▶ link (12 Mbit/s) ──▶ 20 ms ──▶ receiver
       ▲                                                               │
       └──────────────────────────── 20 ms ◀── ACKs ───────────────────┘
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import ClassVar, NamedTuple, Protocol

MSS = 1460  # bytes of data in a packet of 1500: 20 are IPv4's header, 20 are TCP's (RFC 9293 §3.7.1)


@dataclass(frozen=True, slots=True)
class Path:
    """A link of ``rate`` bit/s, ``delay`` s from the receiver each way, behind a queue of ``queue`` packets.

    A packet has ``packet`` bytes, headers included. Raises ``ValueError`` where the rate, the delay or the packet is
    not above 0, the queue is no whole number from 0 on, or the pipe holds more than a million million packets.

    >>> Path(rate=12e6, delay=0.020, queue=24).pipe
    40.0
    >>> Path(rate=0, delay=0.020, queue=24)
    Traceback (most recent call last):
        ...
    ValueError: a path needs a rate above 0 bit/s, not 0
    """

    rate: float
    delay: float
    queue: int
    packet: int = 1500

    def __post_init__(self) -> None:
        for name, unit in (("rate", "bit/s"), ("delay", "s"), ("packet", "bytes")):
            if not 0 < (value := getattr(self, name)) < inf:
                raise ValueError(f"a path needs a {name} above 0 {unit}, not {value}")
        if not 0 <= self.queue < inf or self.queue != int(self.queue):
            raise ValueError(f"a queue holds 0 packets or more, and only whole ones, not {self.queue}")
        if not self.packet_time < inf:
            raise ValueError(f"no packet leaves at {self.rate} bit/s in any time")
        if not self.rate * self.rtt < 8e12 * self.packet:
            raise ValueError(f"no path holds what {self.rate} bit/s send in {self.rtt} s")

    @property
    def rtt(self) -> float:
        """A round trip, in s, while nothing waits."""
        return 2 * self.delay

    @property
    def packet_time(self) -> float:
        """How long the link takes for one packet, in s. It is also what a packet in the queue adds to every wait."""
        return 8 * self.packet / self.rate

    @property
    def pipe(self) -> float:
        """How many packets are under way when the link is always busy and the queue always empty: rate × rtt."""
        return round(self.rtt / self.packet_time, 9)

    @property
    def full(self) -> float:
        """How many packets the path holds, pipe and queue together: with one more, one is lost."""
        return self.pipe + self.queue


class Controller(Protocol):
    """What decides how much may be in flight. Windows are in packets, ``now`` and ``rtt`` in s.

    ``on_ack``: ``acked`` packets have arrived, as an ACK tells that took ``rtt`` to come. ``on_loss``: three
    duplicate ACKs told of a loss while ``flight`` packets were out. ``on_timeout``: nobody told anything for so long.
    ``on_delivery`` tells what each arrival says of the path; ``pacing`` is how many packets a second may leave.
    """

    cwnd: float
    ssthresh: float

    @property
    def pacing(self) -> float: ...
    def on_ack(self, now: float, acked: int, rtt: float) -> None: ...
    def on_loss(self, now: float, flight: int) -> None: ...
    def on_timeout(self, now: float, flight: int) -> None: ...
    def on_delivery(self, seen: Delivery) -> None: ...


class Unpaced:
    """A controller that knows only its window: packets leave as soon as that allows."""

    __slots__ = ()
    pacing: ClassVar[float] = 0.0

    def on_delivery(self, seen: Delivery) -> None:
        """Not asked."""


class Delivery(NamedTuple):
    """What the arrival of a packet tells of the path, to a controller that asks how fast packets arrive."""

    now: float  # s
    rate: float  # packets/s, while this packet was under way
    before: int  # packets that had arrived when this one was sent
    delivered: int  # packets that have arrived now
    flight: int  # packets under way
    rtt: float  # s


class Sample(NamedTuple):
    """One look at a sender. Over a round trip it is how the round began, and what became of it."""

    time: float  # s
    cwnd: float  # packets that may be in flight
    ssthresh: float  # packets; below it the window doubles in a round trip
    flight: int  # packets that were sent and are not acknowledged: FlightSize, RFC 5681 §2
    rtt: float  # s; of a timeout, how long the sender had waited
    queue: float  # packets that wait
    lost: int  # packets lost in this round
    state: str  # "slow start", "congestion avoidance" or "fast recovery"
