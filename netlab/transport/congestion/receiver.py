"""The other end: it keeps what arrives, hands on what is in order, and says how far that is.

An ACK says which packet is expected next. It also says which one has just arrived: that is the first block of a
selective acknowledgment (RFC 2018 §4), and as no ACK is lost here, the sender needs no other. And it echoes when that
packet was sent, as a timestamp would (RFC 7323 §3), so every ACK tells a round trip.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from netlab.clock import Clock

if TYPE_CHECKING:
    from netlab.trace import Trace

PATIENCE = 0.040  # s that an ACK may wait for a second packet: Linux's least; RFC 5681 §4.2 allows up to 0.5

Answer = Callable[[int, int, float, bool], object]  # expected, number, sent, marked


class Receiver:
    """What has arrived of a flow. ``answer`` is called with each ACK, ``delay`` s after it was sent."""

    __slots__ = ("_held", "answer", "arrived", "clock", "delay", "delayed", "early", "expected", "trace")

    def __init__(self, clock: Clock, delay: float, answer: Answer, delayed: bool, trace: Trace | None) -> None:
        self.clock, self.delay, self.answer, self.delayed, self.trace = clock, delay, answer, delayed, trace
        self.arrived = 0  # packets, each counted once
        self.expected = 0  # the first that is missing
        self.early: set[int] = set()  # what came before it
        self._held: tuple[int, int, float] | None = None  # an ACK that waits: its alarm, number and sent

    def arrive(self, number: int, sent: float, marked: bool) -> None:
        """Keep a packet, and acknowledge it: at once if there is a gap before or after it (RFC 5681 §4.2)."""
        early = self.early
        gap = bool(early) or number != self.expected
        if number == self.expected:
            self.arrived += 1
            self.expected += 1
            while early and self.expected in early:
                early.remove(self.expected)
                self.expected += 1
        elif number > self.expected and number not in early:
            self.arrived += 1
            early.add(number)
        if not self.delayed:
            self.acknowledge(number, sent, marked)
        elif self._held:  # the second one
            alarm, _, first = self._held
            self.clock.cancel(alarm)
            self._held = None
            self.acknowledge(number, first if not gap else sent, marked)
        elif gap or marked:
            self.acknowledge(number, sent, marked)
        else:
            self._held = self.clock.after(PATIENCE, self.release), number, sent

    def release(self) -> None:
        """Acknowledge what waited for a second packet in vain."""
        assert self._held
        _, number, sent = self._held
        self._held = None
        self.acknowledge(number, sent, False)

    def acknowledge(self, number: int, sent: float, marked: bool) -> None:
        """Send an ACK."""
        if self.trace is not None:
            self.trace.sent(self.clock.now, "receiver", "sender", f"ACK {self.expected}", delay=self.delay)
        self.clock.after(self.delay, self.answer, self.expected, number, sent, marked)
