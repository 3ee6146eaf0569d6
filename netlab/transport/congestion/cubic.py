"""CUBIC: a window that asks the clock how long ago the last loss was, not how many round trips (RFC 9438).

    after a loss     W_max is where it happened; the window falls to 0.7 of what was in flight          §4.6
    from then on     W(t) = C (t - K)³ + W_max: fast, flat around W_max after K seconds, fast again     §4.2
    never below      W_est, what Reno would have: so that on short paths it gets as much as Reno        §4.3
    below W_max      a loss there says that somebody else came: W_max is lowered further                §4.7

K is how long the cube takes back to W_max, so the shape has no round trip in it: on a long path CUBIC is back much
sooner than Reno, which gains one packet in each.

>>> W_max, cwnd = 100.0, 70.0
>>> K = time_back(W_max, cwnd)
>>> f"{K:.2f} s", [round(cube(t, K, W_max)) for t in (0, K, 2 * K)]
('4.22 s', [70, 100, 130])
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cbrt, inf

from netlab.transport.congestion.path import Unpaced
from netlab.transport.congestion.reno import initial_window, sendable

C, BETA = 0.4, 0.7  # packets/s³, and what is left of a window (§4.1, §4.6)
ALPHA = 3 * (1 - BETA) / (1 + BETA)  # by which Reno with this BETA must grow to share as Reno does (§4.3)


def time_back(w_max: float, cwnd: float) -> float:
    """Return K, in s: how long a window of ``cwnd`` packets takes back to ``w_max`` (§4.2, figure 2)."""
    return cbrt((w_max - cwnd) / C)


def cube(t: float, k: float, w_max: float) -> float:
    """Return W_cubic: the window ``t`` s after the loss, in packets (§4.2, figure 1)."""
    return C * (t - k) ** 3 + w_max


@dataclass(slots=True)
class Cubic(Unpaced):
    """A window that grows by a cube of the time since the last loss. ``convergence``: fast convergence, §4.7.

    Raises ``ValueError`` for a window that no sender could send.
    """

    cwnd: float = initial_window()
    ssthresh: float = inf
    convergence: bool = True
    w_max: float = 0.0  # packets: the window before the last loss
    prior: float = 0.0  # packets: cwnd_prior
    k: float = 0.0  # s
    w_est: float = 0.0  # packets: what Reno would have
    epoch: float | None = None  # s: when congestion avoidance began; None until the first ACK in it

    def __post_init__(self) -> None:
        sendable(self.cwnd, self.ssthresh)

    def on_ack(self, now: float, acked: int, rtt: float) -> None:
        """Grow: as Reno up to ssthresh; above it towards where the cube will be in a round trip (§4.4, §4.5)."""
        slow = min(acked, max(0.0, self.ssthresh - self.cwnd))
        self.cwnd += slow
        acked_above = acked - slow
        if not acked_above:
            return
        if self.epoch is None:
            self.begin(now)
        t = now - (self.epoch or 0.0)
        self.w_est += (ALPHA if self.w_est < self.prior else 1.0) * acked_above / self.cwnd
        if cube(t, self.k, self.w_max) < self.w_est:
            self.cwnd = max(self.cwnd, self.w_est)
            return
        target = min(max(cube(t + rtt, self.k, self.w_max), self.cwnd), 1.5 * self.cwnd)
        self.cwnd += (target - self.cwnd) * min(1.0, acked_above / self.cwnd)

    def begin(self, now: float) -> None:
        """Begin an epoch: from here on the cube is counted."""
        self.epoch = now
        self.w_max = max(self.w_max, self.cwnd)  # without a loss before, and after a timeout: flat from here on, K is 0
        self.k = time_back(self.w_max, self.cwnd)
        self.w_est = self.cwnd

    def on_loss(self, now: float, flight: int) -> None:
        """Keep 0.7 of what was in flight, and remember where it was."""
        self.prior = self.cwnd
        lower = self.convergence and self.cwnd < self.w_max
        self.w_max = self.cwnd * (1 + BETA) / 2 if lower else self.cwnd
        self.ssthresh = max(flight * BETA, 2)
        self.cwnd = self.ssthresh
        self.epoch = None

    def on_timeout(self, now: float, flight: int) -> None:
        """Begin again from one packet, and slow start up to 0.7 of what was in flight; forget W_max (§4.8)."""
        self.on_loss(now, flight)
        self.cwnd, self.w_max = 1.0, 0.0
