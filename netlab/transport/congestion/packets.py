"""One packet at a time: a sender, a slow link with a queue, and a receiver, on a clock.

The sender knows the ACKs and its timer, and nothing else. So here can be seen what round trips hide: that a window
leaves as one burst, that a dropped packet is noticed only by those that come after it, and what each ACK sets off.

    a new ACK        the window slides; the controller may let it grow
    a duplicate      a packet arrived, but not the next one: it has left the network, so one more may enter
                     (two by limited transmit, RFC 3042; the others by RFC 5681 §3.2, step 4)
    the third        fast retransmit: the missing packet leaves again, the window is cut (steps 2 and 3)
    the ACK of all   fast recovery is over (step 6)
    a partial ACK    there is another hole: fill it too (RFC 6582 §3.2)
    the timer        all leave again, from the first unacknowledged one on; the next wait is doubled (RFC 6298 §5)

What moves the sender from state to state is the table ``MOVES``, from which the chapter's diagram is drawn.

>>> from netlab.transport.congestion import Path, Reno
>>> flow = packets(Reno(ssthresh=40), Path(rate=12e6, delay=0.020, queue=24), seconds=4)
>>> flow.dropped, flow.repeated, f"{flow.goodput:.2f}"                # of 4,000 that the link could carry
(2, 2, '0.96')
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, inf

from netlab.clock import Clock
from netlab.trace import Trace
from netlab.transport.congestion.path import MSS, Controller, Path, Sample
from netlab.transport.congestion.reno import Tahoe

MOST = 2_000_000  # packets in one run, 100,000 in one window: every one of them is an event and a line of the trace

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


def packets(
    cc: Controller,
    path: Path,
    seconds: float = 60,
    *,
    timer: float = 1.0,
    fast: bool = True,
    total: float = inf,
    lose: Collection[int] = (),
) -> Flow:
    """Return a flow that has sent for ``seconds``, or until ``total`` packets were acknowledged, as ``cc`` let it.

    ``cc`` is used up by a run: take a new one for the next. ``timer`` is the retransmission timer, in s: fixed here, at
    least 1 s by RFC 6298 §2 (Linux takes 0.2). Without ``fast`` retransmit only the timer repairs a loss, as before
    1988. Besides what the queue drops, the packets whose numbers are in ``lose`` are lost once, on the way.

    Raises ``ValueError`` for a time or total that is not above 0, for more packets than fit into memory, for a timer
    that is not above a round trip with a full queue (it would go off while the ACK is still coming), and for Tahoe.
    """
    if not 0 < seconds < inf or not total > 0:
        raise ValueError(f"a run takes more than 0 s and sends more than 0 packets, not {seconds} s and {total}")
    if min(total, seconds / path.packet_time) > MOST or cc.cwnd > MOST / 20:
        raise ValueError(f"one run is {MOST:,} packets at the most, in windows of up to {MOST // 20:,}: shorten it")
    if isinstance(cc, Tahoe):
        raise ValueError("Tahoe knows no fast recovery, which this sender is built round: let it run in rounds")
    flow = Flow(cc, path, timer, fast, total, set(lose))
    flow.fill()
    flow.clock.run(until=seconds)
    return flow


@dataclass(eq=False, repr=False)
class Flow:
    """One transfer. Packets are numbered from 0; an ACK says which number is expected next."""

    cc: Controller
    path: Path
    timer: float
    fast: bool = True
    total: float = inf
    lose: set[int] = field(default_factory=set)
    clock: Clock = field(default_factory=Clock)
    trace: Trace = field(default_factory=Trace)
    samples: list[Sample] = field(default_factory=list)

    una: int = 0  # the first that is not acknowledged
    next: int = 0  # the next to send
    high: int = 0  # the first that was never sent
    recover: int = -1  # recovery lasts until everything below is acknowledged (RFC 6582 §3.2)
    duplicates: int = 0
    partial: bool = False  # whether this recovery has seen a partial ACK
    state: str = SLOW_START
    arrived: int = 0  # packets that the receiver holds, each counted once
    dropped: int = 0
    repeated: int = 0
    done: float = inf  # when everything was acknowledged, in s

    _free: float = 0.0  # when the link can take another packet
    _expected: int = 0  # what the receiver waits for
    _early: set[int] = field(default_factory=set)  # what came before it
    _alarm: int = 0
    _waits: float = 0.0  # the timer as it stands, in s
    _resent: int = -1  # what the timer sent again last

    def __post_init__(self) -> None:
        brim = self.path.rtt + (self.path.queue + 1) * self.path.packet_time
        if not brim < self.timer < inf:
            raise ValueError(f"a timer of {self.timer} s goes off before an ACK that takes {brim:g} s")
        self._waits = self.timer

    @property
    def goodput(self) -> float:
        """Which share of what the link could have carried by now has arrived, each packet counted once."""
        return self.arrived * self.path.packet_time / self.clock.now if self.clock.now else 0.0

    @property
    def cuts(self) -> list[Sample]:
        """The samples in which a loss became known, by a third duplicate, and the window was cut."""
        return [here for before, here in pairwise(self.samples) if here.state == RECOVERY != before.state]

    # ------------------------------------------------------------------------------------------------- the sender

    def fill(self) -> None:
        """Send what the window allows. A duplicate ACK makes room for one more: a packet has left the network."""
        while self.next < min(self.una + int(self.cc.cwnd) + self.duplicates, self.total):
            self.send(self.next)
            self.next += 1

    def send(self, number: int) -> None:
        """Put a packet into the queue, or lose it there."""
        now, path = self.clock.now, self.path
        again, self.high = number < self.high, max(self.high, number + 1)
        self.repeated += again
        leaves = max(now, self._free)
        fits = leaves == now or self.waiting < path.queue
        lost = not fits or number in self.lose
        self.lose.discard(number)
        label, delay = f"{number} again" if again else f"{number}", path.delay + (leaves - now) * fits
        self.trace.sent(now, "sender", "receiver", label, size=MSS, seq=number * MSS, delay=delay, lost=lost)
        self.dropped += lost
        if fits:
            self._free = leaves + path.packet_time
        if not lost:
            self.clock.at(leaves + path.delay, self.arrive, number, now)
        if not self._alarm:
            self.wind()

    @property
    def waiting(self) -> int:
        """How many packets wait in the queue; the one that is being sent does not."""
        return max(0, ceil(round((self._free - self.clock.now) / self.path.packet_time, 6)) - 1)

    def wind(self) -> None:
        """Start the timer again (RFC 6298 §5.3), unless everything has been acknowledged (§5.2)."""
        self.clock.cancel(self._alarm)
        self._alarm = self.clock.after(self._waits, self.give_up) if self.una < self.high else 0

    def acknowledged(self, expected: int, rtt: float) -> None:
        """React to an ACK, which says that everything before ``expected`` has arrived."""
        if expected > self.una:
            self.advance(expected, rtt)
        elif (self.fast and self.una > self.recover) or self.state == RECOVERY:
            self.duplicates += 1
            if self.duplicates == 3 and self.state != RECOVERY:
                self.repair()
        self.fill()
        self.look(rtt)

    def advance(self, expected: int, rtt: float) -> None:
        """Slide the window; outside recovery let it grow, within it look whether another packet is missing."""
        acked, self.una, self._waits = expected - self.una, expected, self.timer
        self.next = max(self.next, expected)
        if self.state == RECOVERY and expected < self.recover:
            self.duplicates = max(0, self.duplicates - acked) + 1
            self.send(expected)
            if not self.partial:  # only the first one starts the timer again: so a long recovery ends by it
                self.partial = True
                self.wind()
            return
        self.wind()
        self.duplicates = 0
        if self.una >= self.total:
            self.done = self.clock.now
        if self.state == RECOVERY:
            self.move(WHOLE)
        else:
            late = expected <= self.recover  # after a timeout it may cover old arrivals: one counts, as in RFC 3465
            self.cc.on_ack(self.clock.now, 1 if late else acked, rtt)
            if self.state == SLOW_START and self.cc.cwnd >= self.cc.ssthresh:
                self.move(REACHED)

    def repair(self) -> None:
        """Fast retransmit: what limited transmit sent does not count as in flight (RFC 5681 §3.2, step 2)."""
        self.cc.on_loss(self.clock.now, self.next - self.una - 2)
        self.recover, self.partial = self.next, False
        self.move(THIRD)
        self.send(self.una)
        self.wind()

    def give_up(self) -> None:
        """The timer has gone off: begin again with the first packet that is not acknowledged.

        If it was sent again by the timer before, the window is 1 already, and ssthresh is held (RFC 5681 §3.1).
        """
        if self.una != self._resent:
            self.cc.on_timeout(self.clock.now, self.next - self.una - self.duplicates)
        self.move(TIMER)
        waited, self._waits, self._resent = self._waits, 2 * self._waits, self.una
        self.recover, self.next, self.duplicates, self._alarm = self.high, self.una, 0, 0
        self.fill()
        self.look(waited)

    def move(self, event: str) -> None:
        """Go to the next state, by the table."""
        self.state = MOVES[self.state, event]

    def look(self, rtt: float) -> None:
        """Keep a sample."""
        now, cc, flight = self.clock.now, self.cc, self.next - self.una
        self.samples.append(Sample(now, cc.cwnd, cc.ssthresh, flight, rtt, self.waiting, self.dropped, self.state))

    # ----------------------------------------------------------------------------------------------- the receiver

    def arrive(self, number: int, sent: float) -> None:
        """Keep a packet, and acknowledge at once what is there without a gap (RFC 5681 §4.2).

        The ACK echoes when the packet was ``sent``, as a timestamp would (RFC 7323): every ACK tells a round trip.
        """
        if number >= self._expected and number not in self._early:
            self._early.add(number)
            self.arrived += 1
        while self._expected in self._early:
            self._early.remove(self._expected)
            self._expected += 1
        now, expected = self.clock.now, self._expected
        self.trace.sent(now, "receiver", "sender", f"ACK {expected}", delay=self.path.delay)
        self.clock.after(self.path.delay, self.acknowledged, expected, now + self.path.delay - sent)
