"""BBR: a sender that asks how fast packets arrive and how long the way is, and does not take a loss for an order.

Two numbers make its model of the path: ``bandwidth``, the highest rate of delivery in the last ten round trips, and
``min_rtt``, the shortest round trip of the last ten seconds. Their product is what the pipe holds, the BDP. It sends at
the pace of the first, and lets twice the BDP be under way at the most. To keep the model up to date it must do what a
queue would hide, one after the other:

    Startup     2.885 times as fast in each round, until three rounds bring less than 25 % more
    Drain       as much slower, until no more is under way than the BDP
    ProbeBW     rounds at 1.25, 0.75 and six times 1: is there more by now? was there a queue?
    ProbeRTT    every 10 s for 0.2 s next to nothing under way, so that the queue is empty: how long is the way?

What Linux runs is version 1 (``BBR_V1``). The Internet-Draft, which is no standard, describes version 3: other numbers
(``BBR_V3``), and besides them bounds that losses set, of which only the simplest is here. So compare only the first
with a kernel.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from math import inf

from netlab.transport.congestion.path import Delivery
from netlab.transport.congestion.reno import initial_window

STARTUP, DRAIN, PROBE_BW, PROBE_RTT = "Startup", "Drain", "ProbeBW", "ProbeRTT"
ROUNDS = 10  # round trips for which a rate of delivery counts
FULL, STILL = 1.25, 3  # a pipe is full when so many rounds bring less than this more
FEWEST = 4.0  # packets that are always allowed
MARGIN = 0.99  # of the bandwidth: a pace that never builds a queue by its own errors
NOISE = 1e-9  # s: what the clock of a simulation is wrong by
SLACK = 6.0  # packets more than twice the BDP: what a sender that hands over packets in twos needs


@dataclass(frozen=True, slots=True)
class Constants:
    """What the versions of BBR differ in."""

    startup: float  # gain
    drain: float
    cycle: tuple[float, ...]  # gains of the pace, each for a shortest round trip
    probe_every: float  # s between two looks at the shortest round trip
    probe_gain: float  # of the BDP under way meanwhile; at least 4 packets
    beta: float  # what is left of the most that may be under way after a round with losses; 1: all


BBR_V1 = Constants(2.885, 1 / 2.885, (1.25, 0.75, *6 * (1.0,)), 10.0, 0.0, 1.0)
BBR_V3 = Constants(2.77, 0.5, (1.25, 0.9, *60 * (1.0,)), 5.0, 0.5, 0.7)


@dataclass(slots=True)
class Bbr:
    """A pace and a window, from a model of the path. Rates are in packets/s."""

    constants: Constants = BBR_V1
    cwnd: float = initial_window()
    ssthresh: float = inf
    pacing: float = 0.0
    phase: str = STARTUP
    min_rtt: float = inf  # s
    rounds: int = 0

    _rates: deque[tuple[int, float]] = field(default_factory=deque)  # falling: the first is the highest
    _round_ends: int = 0  # packets: when the first that was sent from now on arrives
    _full: float = 0.0  # the bandwidth that three rounds did not raise by a quarter
    _still: int = 0
    _filled: bool = False
    _seen_at: float = 0.0  # s: when min_rtt was seen
    _turn: int = 0
    _turned_at: float = 0.0
    _until: float = inf  # s: when ProbeRTT is over
    _prior: float = 0.0  # packets: the window before ProbeRTT
    _most: float = inf  # packets: what losses left (version 3)

    @property
    def bandwidth(self) -> float:
        """The highest rate of delivery that still counts."""
        return self._rates[0][1] if self._rates else 0.0

    @property
    def bdp(self) -> float:
        """What the pipe holds, in packets."""
        return self.bandwidth * self.min_rtt if self._rates else self.cwnd

    @property
    def gain(self) -> float:
        """How much faster than the bandwidth it sends."""
        if self.phase == PROBE_BW:
            return self.constants.cycle[self._turn]
        return {STARTUP: self.constants.startup, DRAIN: self.constants.drain, PROBE_RTT: 1.0}[self.phase]

    def on_delivery(self, seen: Delivery) -> None:
        """Learn from a packet that arrived, and go on to the next phase when it is time."""
        begins = seen.before >= self._round_ends
        if begins:
            self._round_ends = seen.delivered
            self.rounds += 1
        self.measure(seen.rate)
        stale = seen.now > self._seen_at + self.constants.probe_every
        if seen.rtt < self.min_rtt - NOISE or stale:
            self.min_rtt, self._seen_at = seen.rtt, seen.now
        if self.phase == STARTUP and begins:
            self.look_whether_full()
        if self.phase == DRAIN and seen.flight <= self.bdp:
            self.turn(seen.now, 2)
        elif self.phase == PROBE_BW:
            self.cruise(seen)
        if stale and self.phase != PROBE_RTT:
            self.phase, self._prior, self._until = PROBE_RTT, self.cwnd, inf
        elif self.phase == PROBE_RTT:
            self.wait(seen)
        if self._filled or self.pacing < self.gain * self.bandwidth:
            self.pacing = self.gain * self.bandwidth * MARGIN

    def measure(self, rate: float) -> None:
        """Keep the highest rates, each as long as it counts."""
        rates = self._rates
        while rates and rates[-1][1] <= rate:
            rates.pop()
        rates.append((self.rounds, rate))
        while rates[0][0] < self.rounds - ROUNDS:
            rates.popleft()

    def look_whether_full(self) -> None:
        """End Startup when rounds bring no more."""
        if self.bandwidth >= self._full * FULL:
            self._full, self._still = self.bandwidth, 0
        else:
            self._still += 1
        if self._still >= STILL:
            self._filled, self.phase = True, DRAIN

    def cruise(self, seen: Delivery) -> None:
        """Go on to the next gain: after a shortest round trip, once it has had its effect."""
        over, gain = seen.now - self._turned_at > self.min_rtt, self.gain
        if gain > 1:
            over = over and seen.flight >= gain * self.bdp
        elif gain < 1:
            over = over or seen.flight <= self.bdp
        if over:
            self.turn(seen.now, (self._turn + 1) % len(self.constants.cycle))

    def turn(self, now: float, turn: int) -> None:
        """Probe for bandwidth, with this gain of the cycle."""
        self.phase, self._turn, self._turned_at = PROBE_BW, turn, now

    def wait(self, seen: Delivery) -> None:
        """Once the queue is empty, leave it so for 0.2 s; then take up the window where it was."""
        if self._until == inf and seen.flight <= self.low:
            self._until = seen.now + 0.2
        if seen.now >= self._until:
            self._seen_at, self.cwnd = seen.now, max(self.cwnd, self._prior)
            self.turn(seen.now, 2)
            if not self._filled:
                self.phase = STARTUP

    @property
    def low(self) -> float:
        """How many packets may be under way while the shortest round trip is measured."""
        return max(FEWEST, self.constants.probe_gain * self.bdp)

    def on_ack(self, now: float, acked: int, rtt: float) -> None:
        """Let the window follow: to twice the BDP, a little more, and in Startup without a bound."""
        target = 2 * self.bdp + SLACK
        if self._filled:
            self.cwnd = min(self.cwnd + acked, target, max(self._most, FEWEST))
        elif self.cwnd < self.constants.startup * self.bdp + SLACK:
            self.cwnd += acked
        if self.phase == PROBE_RTT:
            self.cwnd = min(self.cwnd, self.low)

    def on_loss(self, now: float, flight: int) -> None:
        """Go on from what is under way: as many as arrive may leave, and the window grows back at once."""
        if self.constants.beta < 1:
            self._most = max(flight, self.bdp) * self.constants.beta if self._filled else inf
        self.cwnd = max(float(flight), FEWEST)

    def on_timeout(self, now: float, flight: int) -> None:
        """Begin carefully; the model is still good."""
        self.cwnd = FEWEST
