"""When to give up waiting: the retransmission timeout of RFC 6298.

    SRTT     the smoothed round trip: 7/8 of what it was, 1/8 of the sample                  §2.3, alpha
    RTTVAR   how far samples lie from it, on average: 3/4 and 1/4                            §2.3, beta
    RTO      SRTT + max(G, 4 RTTVAR), at least 1 s; doubled each time the timer goes off     §2.3, §2.4, §5.5

A sample is the round trip of a packet that was sent once: of one that was sent twice nobody could say which of the
two was acknowledged (Karn's algorithm, §3), were there no timestamp to tell it.

>>> timer = Rto(least=0)
>>> timer.wait                                                 # before the first sample: §2.1
1.0
>>> for rtt in (0.1, 0.2):
...     timer.sample(rtt)
...     print(f"{timer.wait:.4f}")
0.3000
0.3625
>>> timer.expired()
>>> f"{timer.wait:.4f}"
'0.7250'
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Protocol

MOST = 60.0  # s: a timer may have an upper bound, if it is not below this one (§2.5)


class Timer(Protocol):
    """How long a sender waits, in s, as it learns of round trips and of waits that were in vain."""

    wait: float

    def sample(self, rtt: float) -> None:
        """Learn from a round trip, in s."""

    def expired(self) -> None:
        """Learn that nothing came."""


@dataclass(slots=True)
class Rto:
    """The timer of RFC 6298. ``least`` is its lower bound and ``tick`` the clock's granularity G, in s.

    Linux is ``Rto(least=0.2, tick=0.2)``: it waits 200 ms beyond the round trip. Raises ``ValueError`` for a bound
    that is below 0 or has no end.
    """

    least: float = 1.0
    tick: float = 0.0
    wait: float = 1.0
    srtt: float = 0.0
    rttvar: float = 0.0

    def __post_init__(self) -> None:
        if not (0 <= self.least < inf and 0 <= self.tick < inf and 0 < self.wait < inf):
            bounds = f"{self.least}, {self.tick} and {self.wait} s"
            raise ValueError(f"a timer waits at least 0 s, first of all more, and not for ever: not {bounds}")

    def sample(self, rtt: float) -> None:
        """Learn from a round trip; RTTVAR comes first, with the SRTT as it was (§2.3)."""
        if self.srtt:
            self.rttvar += (abs(self.srtt - rtt) - self.rttvar) / 4
            self.srtt += (rtt - self.srtt) / 8
        else:
            self.srtt, self.rttvar = rtt, rtt / 2  # §2.2
        self.wait = min(max(self.least, self.srtt + max(self.tick, 4 * self.rttvar)), MOST)

    def expired(self) -> None:
        """Wait twice as long the next time."""
        self.wait = min(2 * self.wait, MOST)


@dataclass(slots=True)
class Fixed:
    """A timer that learns nothing: it waits ``seconds``, and after each wait in vain twice as long, until an ACK comes.

    Raises ``ValueError`` where it would not wait at all, or for ever.
    """

    seconds: float
    wait: float = 0.0

    def __post_init__(self) -> None:
        if not 0 < self.seconds < inf:
            raise ValueError(f"a timer waits more than 0 s, and not for ever: not {self.seconds} s")
        self.wait = self.seconds

    def sample(self, rtt: float) -> None:
        """Forget the waits in vain."""
        self.wait = self.seconds

    def expired(self) -> None:
        """Wait twice as long the next time."""
        self.wait *= 2
