"""One transfer over a link: what every sender has, however it repairs losses, and its receiver.

A ``Flow`` numbers its packets from 0. Whatever passes through the link is sent by ``send``; its window, its timer and
its samples are kept here. How a loss is noticed and mended is the matter of two kinds of flow:

    NewReno    knows how far everything has arrived, and counts duplicates       RFC 5681 §3.2, RFC 6582
    Sack       knows each packet that has arrived (RFC 2018)                     RFC 8985, RFC 9937

Both move from state to state by the table ``MOVES``, from which the chapter's diagram is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING

from netlab.trace import Trace
from netlab.transport.congestion.link import Link
from netlab.transport.congestion.path import MSS, Controller, Sample
from netlab.transport.congestion.receiver import Receiver
from netlab.transport.congestion.timer import Fixed, Timer

if TYPE_CHECKING:
    from random import Random

SLOW_START, AVOIDANCE, RECOVERY = "slow start", "congestion avoidance", "fast recovery"
REACHED, THIRD, WHOLE, TIMER = "cwnd ≥ ssthresh", "third duplicate ACK", "ACK of all", "timeout"

MOVES = {  # (state, what happens): the state after it
    (SLOW_START, REACHED): AVOIDANCE,
    (SLOW_START, THIRD): RECOVERY,
    (SLOW_START, TIMER): SLOW_START,
    (AVOIDANCE, THIRD): RECOVERY,
    (AVOIDANCE, TIMER): SLOW_START,
    (RECOVERY, WHOLE): AVOIDANCE,
    (RECOVERY, TIMER): SLOW_START,
}


@dataclass(eq=False, repr=False)
class Flow:
    """A sender and its receiver. ``cc`` says how much may be in flight; it is used up by a run.

    ``total`` packets are to arrive. Those whose numbers are in ``lose`` are lost once, on the way. ``delay`` is the
    flow's own, one way and in s, by default the path's. A ``delayed`` receiver acknowledges every second packet (RFC
    5681 §4.2). ``dice`` make the sender take up to one packet's time more or less, as a real one does. A ``quiet`` flow
    writes no trace.
    """

    cc: Controller
    link: Link
    timer: Timer = field(default_factory=lambda: Fixed(1.0))
    total: float = inf
    lose: set[int] = field(default_factory=set)
    delay: float = 0.0
    delayed: bool = False
    dice: Random | None = None
    quiet: bool = False
    trace: Trace = field(default_factory=Trace)
    samples: list[Sample] = field(default_factory=list)

    una: int = 0  # the first that is not acknowledged
    next: int = 0  # the next to send
    high: int = 0  # the first that was never sent
    recover: int = -1  # recovery lasts until everything below is acknowledged (RFC 6582 §3.2)
    state: str = SLOW_START
    dropped: int = 0
    repeated: int = 0
    marks: int = 0  # windows in which congestion was heard of by a mark (RFC 3168)
    done: float = inf  # when everything was acknowledged, in s

    _due: float = inf  # s: when the timer goes off
    _alarm: int = 0
    _rings: float = inf  # s: when the alarm rings, at the latest then
    _calm: int = -1  # what happens to packets before this one was answered by a cut
    _entered: float = 0.0  # when the last packet entered the link
    _resent: int = -1  # what the timer sent again last

    def __post_init__(self) -> None:
        self.path, self.clock = self.link.path, self.link.clock
        self.delay = self.delay or self.path.delay
        if not 0 < self.delay < inf or not self.total > 0:
            raise ValueError(f"a flow takes more than 0 s for more than 0 packets, not {self.delay} s for {self.total}")
        trace = None if self.quiet else self.trace
        self.receiver = Receiver(self.clock, self.delay, self.acknowledged, self.delayed, trace)

    # ------------------------------------------------------------------------------------------- what became of it

    @property
    def arrived(self) -> int:
        """How many packets the receiver holds, each counted once."""
        return self.receiver.arrived

    @property
    def goodput(self) -> float:
        """Which share of what the link could have carried by now has arrived, each packet counted once."""
        return self.arrived * self.path.packet_time / self.clock.now if self.clock.now else 0.0

    @property
    def cuts(self) -> list[Sample]:
        """The samples in which a loss became known, other than by the timer, and the window was cut."""
        return [here for before, here in pairwise(self.samples) if here.state == RECOVERY != before.state]

    @property
    def flight(self) -> int:
        """How many packets are under way, as far as the sender knows."""
        return self.next - self.una

    @property
    def window(self) -> float:
        """How many packets may be under way."""
        return self.cc.cwnd

    # -------------------------------------------------------------------------------------------------- what it does

    def fill(self) -> None:
        """Send what the window allows."""
        raise NotImplementedError

    def acknowledged(self, expected: int, number: int, sent: float, marked: bool) -> None:
        """React to an ACK: all before ``expected`` has arrived. ``number``, which was ``sent`` then, set it off."""
        raise NotImplementedError

    def give_up(self) -> None:
        """React to the timer."""
        raise NotImplementedError

    def send(self, number: int) -> None:
        """Put a packet into the link."""
        now = self.clock.now
        if self.dice:  # one packet does not overtake another
            self._entered = max(self._entered, now + self.dice.random() * self.path.packet_time)
            self.clock.at(self._entered, self.enter, number, now)
        else:
            self.enter(number, now)
        if self._due == inf:
            self.wind()

    def enter(self, number: int, sent: float) -> None:
        """Let a packet into the link's queue, or lose it there."""
        again = number < self.high
        if again:
            self.repeated += 1
        else:
            self.high = number + 1
        now = self.clock.now
        leaves, lost = self.link.send(number, sent, self.delay, self.receiver.arrive, self.lose)
        if lost:
            self.dropped += 1
            self.lose.discard(number)
        if not self.quiet:
            label, delay = f"{number} again" if again else f"{number}", self.delay + leaves - now
            self.trace.sent(now, "sender", "receiver", label, size=MSS, seq=number * MSS, delay=delay, lost=lost)

    def wind(self) -> None:
        """Start the timer again (RFC 6298 §5.3), unless everything has been acknowledged (§5.2)."""
        self._due = self.clock.now + self.timer.wait if self.una < self.next else inf
        if self._due < self._rings:
            self.clock.cancel(self._alarm)
            self._rings, self._alarm = self._due, self.clock.at(self._due, self.ring)

    def ring(self) -> None:
        """Give up, unless an ACK has put that off since the alarm was set: it is not set anew with each one."""
        self._rings = inf
        if self._due <= self.clock.now:
            self._due = inf
            self.give_up()
        elif self._due < inf:
            self._rings, self._alarm = self._due, self.clock.at(self._due, self.ring)

    def finish(self) -> None:
        """Note when everything was acknowledged: nothing is to be waited for."""
        if self.una >= self.total and self.done == inf:
            self.done = self.clock.now
            self.clock.cancel(self._alarm)

    def cut(self, flight: int) -> None:
        """Have the window cut, once for all losses and marks of one window (RFC 3168 §6.1.2)."""
        if self.una >= self._calm:
            self.cc.on_loss(self.clock.now, flight)
            self._calm = self.next

    def warned(self, flight: int) -> None:
        """React to a mark as to a loss, but there is nothing to mend."""
        if self.una > self._calm and self.state != RECOVERY:
            self.cut(flight)
            self.marks += 1
            if self.state == SLOW_START:
                self.move(REACHED)

    def expire(self, flight: int) -> float:
        """Begin again, as the timer has gone off; return how long it had waited, in s.

        If the packet was sent again by the timer before, ssthresh is held (RFC 5681 §3.1).
        """
        held, waited = self.cc.ssthresh, self.timer.wait
        self.cc.on_timeout(self.clock.now, flight)
        if self.una == self._resent:
            self.cc.ssthresh = held
        self.timer.expired()
        self.move(TIMER)
        self._resent, self.recover = self.una, max(self.next, self.high)
        return waited

    def grow(self, acked: int, rtt: float) -> None:
        """Let the window grow by what was acknowledged."""
        self.cc.on_ack(self.clock.now, acked, rtt)
        if self.state == SLOW_START and self.cc.cwnd >= self.cc.ssthresh:
            self.move(REACHED)

    def move(self, event: str) -> None:
        """Go to the next state, by the table."""
        self.state = MOVES[self.state, event]

    def look(self, rtt: float) -> None:
        """Keep a sample."""
        self.samples.append(
            Sample(
                self.clock.now, self.window, self.cc.ssthresh, self.flight, rtt,
                self.link.waiting, self.dropped, self.state,
            )
        )  # fmt: skip
