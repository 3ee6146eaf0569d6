"""Time: a clock that jumps from event to event, so that a simulated hour takes a moment and always the same course.

A simulator asks the clock to call something ``at`` a time or ``after`` a delay. The clock keeps what is to come in
a heap of (time, serial), takes the earliest, sets ``now`` to its time and calls it; the call asks for more. The
serial number settles what a heap leaves open: of one instant's events, the one asked for first comes first. No
wall clock is read and no dice are thrown, so the same questions get the same answers, every time.

>>> clock, heard = Clock(), []
>>> def ping(n):
...     heard.append((clock.now, n))
...     if n < 3:
...         clock.after(0.5, ping, n + 1)
>>> clock.at(1.0, ping, 1)
1
>>> alarm = clock.at(1.25, print, "nobody answered")
>>> clock.cancel(alarm)                                # it would have rung between the first ping and the second
True
>>> clock.run()
>>> heard
[(1.0, 1), (1.5, 2), (2.0, 3)]

All times are in seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from math import inf
from typing import Any


class Clock:
    """Events to come, in order; ``now`` is the time of the one that is happening, or happened last.

    What is asked for gets a handle, a number above 0. A timer that is restarted again and again, as TCP's is with
    each ACK, costs little: ``cancel`` forgets its call at once, and its place in the heap once most places are dead.
    """

    __slots__ = ("_calls", "_heap", "_serial", "now")

    def __init__(self, now: float = 0.0) -> None:
        self.now = now
        self._heap: list[tuple[float, int]] = []
        self._calls: dict[int, tuple[Callable[..., object], tuple[Any, ...]]] = {}
        self._serial = 0

    def __len__(self) -> int:
        """How many events are still to come."""
        return len(self._calls)

    def at(self, time: float, call: Callable[..., object], *args: Any) -> int:
        """Have ``call(*args)`` called at ``time``; return the handle that ``cancel`` takes.

        Raises ``ValueError`` where the time is over, infinite or not a number.
        """
        if not self.now <= time < inf:  # this, unlike its reverse, refuses NaN as well
            raise ValueError(f"an event needs a time from now on, {self.now} s, not {time} s")
        self._serial = serial = self._serial + 1
        heappush(self._heap, (time, serial))
        self._calls[serial] = call, args
        return serial

    def after(self, delay: float, call: Callable[..., object], *args: Any) -> int:
        """Have ``call(*args)`` called ``delay`` from now, and after all that is already due then."""
        time = self.now + delay
        if delay < 0 or not time < inf:
            raise ValueError(f"an event needs a delay of 0 s or more, not {delay} s")
        self._serial = serial = self._serial + 1  # as ``at`` does: calling it would make an event a third slower
        heappush(self._heap, (time, serial))
        self._calls[serial] = call, args
        return serial

    def cancel(self, handle: int) -> bool:
        """Forget an event; return whether it was still to come. (Nothing has the handle 0: a timer not set yet.)"""
        known = self._calls.pop(handle, None) is not None
        if len(self._heap) > 2 * len(self._calls) + 64:
            self._heap[:] = [place for place in self._heap if place[1] in self._calls]
            heapify(self._heap)
        return known

    def due(self) -> float:
        """When the next event is due, in s: infinity where none is to come."""
        while self._heap and self._heap[0][1] not in self._calls:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else inf

    def step(self) -> bool:
        """Let the next event happen; return whether there was one."""
        if self.due() == inf:
            return False
        self.now, serial = heappop(self._heap)
        call, args = self._calls.pop(serial)
        call(*args)
        return True

    def run(self, until: float = inf, most: int = 10_000_000) -> None:
        """Let everything happen that is due by ``until``, and stand there; without it, until nothing is to come.

        Raises ``ValueError`` where ``until`` is over, and after ``most`` events, counting cancelled ones, if more are
        due: something goes on for ever. What an event raises comes through, and the clock can run on after it.
        """
        if not self.now <= until or most < 1:
            raise ValueError(f"it is {self.now} s: no clock can run until {until} s in {most:,} events")
        heap, take = self._heap, self._calls.pop
        for _ in range(most):
            if not heap or heap[0][0] > until:
                break
            time, serial = heappop(heap)
            if event := take(serial, None):
                self.now = time
                event[0](*event[1])
        if self._calls and self.due() <= until:
            raise ValueError(f"it is {self.now} s and there is no end: does something ask for itself for ever?")
        if until < inf:
            self.now = max(self.now, until)  # an event may itself have run the clock on
