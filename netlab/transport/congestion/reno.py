"""Reno: probe until something is lost, halve, probe again (RFC 5681). And Tahoe, which starts again from one.

    slow start              +1 for each packet that is acknowledged: doubled in a round trip        §3.1
    congestion avoidance    +1 for each window that is acknowledged: one more in a round trip       §3.1
    a loss                  ssthresh = max(FlightSize / 2, 2), and the window falls to it           §3.1, equation 4
    a timeout               the same ssthresh, but the window falls to 1                            §3.1

Growth counts what an ACK covers, not the ACKs: a receiver that acknowledges every second packet costs nothing.
The RFC's equation 2 allows less, at most one segment for each ACK; counting bytes is RFC 3465's idea and Linux's way.

>>> reno = Reno()
>>> reno.cwnd, reno.ssthresh
(10.0, inf)
>>> reno.on_ack(now=0.04, acked=10, rtt=0.04)                  # a whole window in slow start: doubled
>>> reno.on_loss(now=0.08, flight=20)
>>> reno.cwnd, reno.ssthresh
(10.0, 10.0)
>>> reno.on_ack(now=0.12, acked=10, rtt=0.04)                  # a whole window in avoidance: one more
>>> reno.cwnd
11.0
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from netlab.transport.congestion.path import MSS, Unpaced


def initial_window(mss: int = MSS) -> float:
    """Return how many segments of ``mss`` bytes may leave before the first ACK (RFC 6928 §2, equation 1).

    Raises ``ValueError`` where there is nothing in a segment.

    >>> [initial_window(mss) for mss in (1460, 536, 8960)]
    [10.0, 10.0, 2.0]
    """
    if mss < 1:
        raise ValueError(f"a segment carries at least 1 byte, not {mss}")
    return min(10 * mss, max(2 * mss, 14_600)) / mss


def sendable(cwnd: float, ssthresh: float) -> None:
    """Raise ``ValueError`` for a window with which no sender could send."""
    if not 1 <= cwnd < inf or not ssthresh >= 2:
        raise ValueError(f"a window of {cwnd} under an ssthresh of {ssthresh}: at least 1 and 2 are needed")


@dataclass(slots=True)
class Reno(Unpaced):
    """A window that grows by one packet in a round trip and is halved by a loss.

    ``ssthresh`` begins as high as can be, so that the path and not the sender decides (RFC 5681 §3.1). Raises
    ``ValueError`` for a window that no sender could send.
    """

    cwnd: float = initial_window()
    ssthresh: float = inf

    def __post_init__(self) -> None:
        sendable(self.cwnd, self.ssthresh)

    def on_ack(self, now: float, acked: int, rtt: float) -> None:
        """Grow: up to ssthresh by each packet, above it by one for each window, of as many packets as it lets out."""
        slow = min(acked, max(0.0, self.ssthresh - self.cwnd))
        self.cwnd += slow
        self.cwnd += (acked - slow) / int(self.cwnd)

    def on_loss(self, now: float, flight: int) -> None:
        """Halve what was in flight: equation 4 says FlightSize, not cwnd."""
        self.ssthresh = max(flight / 2, 2)
        self.cwnd = self.ssthresh  # where fast recovery ends: §3.2, step 6

    def on_timeout(self, now: float, flight: int) -> None:
        """Begin again: nothing is known about the path any more."""
        self.ssthresh = max(flight / 2, 2)
        self.cwnd = 1.0


class Tahoe(Reno):
    """Reno's older brother of 1988: every loss is as bad as a timeout."""

    __slots__ = ()

    def on_loss(self, now: float, flight: int) -> None:
        """Begin again from one packet."""
        self.on_timeout(now, flight)


@dataclass(slots=True)
class FixedWindow(Unpaced):
    """TCP before 1988: a window that somebody chose, whatever the network says."""

    cwnd: float
    ssthresh: float = 2.0

    def __post_init__(self) -> None:
        if not 1 <= self.cwnd < inf:
            raise ValueError(f"a window of {self.cwnd} packets sends nothing: at least 1 is needed")

    def on_ack(self, now: float, acked: int, rtt: float) -> None:
        """Stay."""

    def on_loss(self, now: float, flight: int) -> None:
        """Stay."""

    def on_timeout(self, now: float, flight: int) -> None:
        """Stay."""
