"""The bottleneck, one packet at a time: a link that takes its time for each, and a queue with room for a few.

    arrives ──▶ is there room? ──▶ waits ──▶ is sent ──▶ is on its way ──▶ delivered
                    │ no                                     │ the dice
                    ▼                                        ▼
                 dropped from the tail                     lost

It keeps books: at every moment what was ``sent`` into it is delivered, lost, or in it and on its way.

A queue that is told to ``mark`` from some length on sets a bit in packets instead of dropping them, as a router does
for those who speak ECN (RFC 3168 §5): congestion is heard of without a loss.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from math import ceil, inf
from typing import TYPE_CHECKING, Any

from netlab.clock import Clock
from netlab.transport.congestion.path import Path

if TYPE_CHECKING:
    from random import Random

Arrive = Callable[[int, Any, bool], object]  # number, stamp, marked


class Link:
    """A link of ``path.rate`` behind ``path.queue`` places, which any number of flows may share.

    ``loss`` is the share of packets that ``dice`` take on the way; without dice it is every 1/``loss``-th. A queue of
    more than ``mark`` packets marks them. Raises ``ValueError`` for a share that is not from 0 to below 1, and where
    marks would begin below an empty queue.
    """

    __slots__ = (
        "_each",
        "_room",
        "clock",
        "delivered",
        "dice",
        "free",
        "loss",
        "lost",
        "mark",
        "marked",
        "path",
        "sent",
    )

    def __init__(self, path: Path, *, loss: float = 0.0, dice: Random | None = None, mark: float = inf) -> None:
        if not 0 <= loss < 1:
            raise ValueError(f"a share of packets is lost, from 0 to below 1, not {loss}")
        if not mark >= 0:
            raise ValueError(f"packets are marked from a queue of 0 on or more, not {mark}")
        self.path, self.clock = path, Clock()
        self.loss, self.dice, self.mark = loss, dice, mark
        self.sent = self.delivered = self.lost = self.marked = 0
        self.free = 0.0  # when the link has sent all that is in the queue
        self._each = path.packet_time
        self._room = (path.queue + 1e-6) * path.packet_time  # s that the last place in the queue has to wait

    @property
    def waiting(self) -> int:
        """How many packets wait in the queue; the one that is being sent does not."""
        return max(0, ceil((self.free - self.clock.now) / self._each - 1e-6) - 1)

    @property
    def flying(self) -> int:
        """How many packets wait, are being sent or are on their way."""
        return self.sent - self.delivered - self.lost

    def send(
        self, number: int, stamp: Any, delay: float, arrive: Arrive, lose: Collection[int] = ()
    ) -> tuple[float, bool]:
        """Take a packet; call ``arrive`` when it comes out, ``delay`` s after it was sent.

        Packets whose numbers are in ``lose`` do not come out. Return when it leaves the link, in s, and whether it is
        lost; of what is dropped from the queue it is the time at which that happens.
        """
        now = self.clock.now
        self.sent += 1
        leaves = self.free if self.free > now else now
        if leaves > now and leaves - now > self._room:
            self.lost += 1
            return now, True
        self.free = leaves + self._each
        marked = self.mark < inf and self.waiting > self.mark
        if number in lose or (self.loss and self._unlucky()):
            self.lost += 1
            return leaves, True
        self.marked += marked
        self.clock.at(leaves + delay, self._deliver, number, stamp, marked, arrive)
        return leaves, False

    def _unlucky(self) -> bool:
        if self.dice:
            return self.dice.random() < self.loss
        return int(self.sent * self.loss + 1e-9) > int((self.sent - 1) * self.loss + 1e-9)

    def _deliver(self, number: int, stamp: Any, marked: bool, arrive: Arrive) -> None:
        self.delivered += 1
        arrive(number, stamp, marked)
