"""A sender that is told of each packet that has arrived (SACK, RFC 2018), and so knows what is missing and what is not.

    under way    ``order``: what was sent and not heard of, in the order in which it was sent: its length is the pipe
    arrived      ``sacked``: what came after a gap
    missing      what was sent before something that has arrived, and has not arrived itself

That is RACK (RFC 8985): a link keeps the order, so what was overtaken is lost, a packet that was sent again too. One
packet alone may be early by a detour: until three came past a gap, it must be late by a quarter of the shortest round
trip as well (§6.2, step 4). A packet that is lost twice in one recovery does not cut the window twice, as it should by
RFC 5681 §4.3: Linux does not cut it either.

How fast the holes are filled is proportional rate reduction (PRR, RFC 9937 §6.2): while more is under way than
ssthresh, a packet may leave for every 1/β-th that arrives; then for each that arrives one, and for each hole that is
closed one more. So the window glides to where it is to end, and every second ACK still sends something.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import ceil, inf
from typing import NamedTuple

from netlab.transport.congestion.flow import RECOVERY, THIRD, WHOLE, Flow
from netlab.transport.congestion.path import Delivery

DUPTHRESH = 3  # packets that came past a gap make it a loss (RFC 5681 §3.2)


class Sent(NamedTuple):
    """What is remembered of a packet under way: which sending it was, when, and how much had arrived by then."""

    serial: int
    time: float  # s
    delivered: int  # packets
    delivered_at: float  # s: when the last of those was heard of
    first_at: float  # s: when the first packet of this flight was sent
    again: bool


@dataclass(eq=False, repr=False)
class Sack(Flow):
    """A flow that repairs all its holes in about one round trip."""

    order: OrderedDict[int, Sent] = field(default_factory=OrderedDict)  # a dict looks long for its first
    sacked: set[int] = field(default_factory=set)
    missing: list[int] = field(default_factory=list)  # a heap
    delivered: int = 0  # packets of which the sender knows that they arrived

    _serial: int = 0
    _latest: Sent | None = None  # of those that arrived, the one that was sent last
    _rtt: float = 0.0  # and its round trip
    _least: float = inf  # the shortest round trip
    _suspicion: int = 0  # the alarm of a packet that is late
    _reduction: Reduction | None = None
    _delivered_at: float = 0.0
    _first_at: float = 0.0
    _pace: float = 0.0  # when the next packet may leave
    _paced: int = 0  # the alarm for that

    @property
    def repaired(self) -> bool:
        """Whether all has arrived that was out when a loss was heard of: the next loss is a new one."""
        return self.una >= self.recover

    @property
    def flight(self) -> int:
        """How many packets are under way: the pipe of RFC 6675 §2."""
        return len(self.order)

    @property
    def window(self) -> float:
        """How many packets may be under way: while holes are filled, as PRR says."""
        return self._reduction.window if self._reduction else self.cc.cwnd

    def fill(self) -> None:
        """Send what the window allows, and the pace: first what is missing, then what is new."""
        room = int(self.window) - len(self.order)
        pacing = self.cc.pacing
        while room > 0 and (self.missing or self.next < self.total):
            if pacing and self._pace > self.clock.now:
                if not self._paced:
                    self._paced = self.clock.at(self._pace, self.go_on)
                return
            number = heappop(self.missing) if self.missing else self.next
            if number < self.una or number in self.sacked:
                continue  # it arrived after all
            self.next = max(self.next, number + 1)
            self.launch(number)
            room -= 1
            if pacing:
                self._pace = max(self._pace, self.clock.now) + 1 / pacing

    def go_on(self) -> None:
        """Send what the pace did not allow before."""
        self._paced = 0
        self.fill()

    def launch(self, number: int) -> None:
        """Send a packet, and remember it."""
        now = self.clock.now
        if not self.order:
            self._first_at = self._delivered_at = now  # nothing is under way: a new beginning
        self._serial += 1
        again = number < self.high
        self.order[number] = Sent(self._serial, now, self.delivered, self._delivered_at, self._first_at, again)
        if self._reduction:
            self._reduction.out += 1
        self.send(number)

    def acknowledged(self, expected: int, number: int, sent: float, marked: bool) -> None:
        """React to an ACK: strike off what has arrived, see what is lost by it, and send."""
        rtt, before = self.clock.now - sent, self.una
        self._least = min(self._least, rtt)
        info = self.order.get(number)
        newly = self.strike(expected, number)
        if info and newly and not (info.again and sent < info.time):  # the first one of two was only late, not lost
            self.heard(info, rtt)
        if expected > before:
            if info is None or not info.again:
                self.timer.sample(rtt)
            self.wind()
            self.finish()
        lost = self.overtaken()
        if marked:
            self.warned(len(self.order) + newly + len(lost))
        if self.state == RECOVERY and self.repaired:
            self._reduction = None
            self.move(WHOLE)
        elif self._reduction:
            self._reduction.step(newly, len(self.order), self.cc.cwnd, expected > before and not lost)
        elif self.state != RECOVERY and lost and self.repaired:
            self.repair(newly, len(lost))
        elif newly and not marked:  # a mark lets nothing grow (RFC 3168 §6.1.2)
            self.grow(newly, rtt)
        self.fill()
        self.look(rtt)

    def strike(self, expected: int, number: int) -> int:
        """Strike off what has arrived; return how many packets that is."""
        order, sacked, newly = self.order, self.sacked, 0
        for n in range(self.una, expected):
            if n in sacked:
                sacked.remove(n)
            else:
                order.pop(n, None)
                newly += 1
        self.una = max(self.una, expected)
        if number > self.una and number not in sacked:
            sacked.add(number)
            order.pop(number, None)
            newly += 1
        self.delivered += newly
        return newly

    def heard(self, info: Sent, rtt: float) -> None:
        """Learn from a packet that arrived: which were sent before it, and at which rate packets arrive."""
        now = self.clock.now
        if self._latest is None or info.serial > self._latest.serial:
            self._latest, self._rtt = info, rtt
        self._delivered_at, self._first_at = now, info.time
        took = max(now - info.delivered_at, info.time - info.first_at)
        if took > 0:
            rate = (self.delivered - info.delivered) / took
            self.cc.on_delivery(Delivery(now, rate, info.delivered, self.delivered, len(self.order), rtt))

    def overtaken(self) -> list[int]:
        """Return the packets that were sent before one that has arrived, and so are lost; they are missing now."""
        if self._latest is None:
            return []
        lost, latest, sure = [], self._latest.serial, not self.repaired or len(self.sacked) >= DUPTHRESH
        for number, sent in self.order.items():
            if sent.serial >= latest:
                break
            due = sent.time + self._rtt + self._least / 4
            if not sure and self.clock.now < due:
                if not self._suspicion:
                    self._suspicion = self.clock.at(due, self.suspect)
                break
            lost.append(number)
        for number in lost:
            del self.order[number]
            heappush(self.missing, number)
        return lost

    def suspect(self) -> None:
        """Look again: a packet may be late by now."""
        self._suspicion = 0
        if lost := self.overtaken():
            if self.repaired:
                self.repair(0, len(lost))
            self.fill()
            self.look(self._rtt)

    def finish(self) -> None:
        """Note when everything was acknowledged: there is nothing to wait for, and nothing to send."""
        super().finish()
        if self.done < inf:
            self.missing.clear()
            self.clock.cancel(self._paced)

    def repair(self, newly: int, lost: int) -> None:
        """Begin to fill holes: what was under way when the loss was heard of is cut."""
        pipe = len(self.order)
        self.cut(pipe + lost + newly)
        self.recover = self.next
        self.move(THIRD)
        if not self.cc.pacing:
            self._reduction = Reduction(pipe + lost + newly, window=pipe + 1)
            self._reduction.step(newly, pipe, self.cc.cwnd, False)

    def give_up(self) -> None:
        """The timer has gone off: all that is under way is taken for lost (RFC 8985 §6.3)."""
        waited = self.expire(len(self.order))
        for number in self.order:
            heappush(self.missing, number)
        self.order.clear()
        self._reduction = None
        self.fill()
        self.look(waited)


@dataclass(slots=True)
class Reduction:
    """PRR: how the window glides from what was in ``flight`` to ssthresh (RFC 9937 §6.2)."""

    flight: int  # RecoverFS: less what had arrived out of order before
    delivered: int = 0
    out: int = 0
    window: float = 0.0

    def step(self, newly: int, pipe: int, ssthresh: float, safe: bool) -> None:
        """Say what may be under way after an ACK for ``newly`` packets; it is ``safe`` if it closed a hole."""
        if not newly:
            return
        self.delivered += newly
        count: float
        if pipe > ssthresh:
            count = ceil(self.delivered * ssthresh / self.flight) - self.out
        else:
            count = min(ssthresh - pipe, max(self.delivered - self.out, newly) + safe)
        if not self.out:
            count = max(count, 1)  # the first one leaves at once: a fast retransmit
        self.window = pipe + count
