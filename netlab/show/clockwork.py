"""When things happen in a conversation, and at which height of the canvas that is.

>>> moments = tick([Message(0, "a", "b", "ping", delay=0.02), Message(5, "b", "a", "pong", delay=0.02)])
>>> [round(h.leaves) for h in moments.heights], [gap.seconds for gap in moments.silences]
([46, 150], [4.98])
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from netlab.picture import Message

SLANT, STEP = 46.0, 22.0  # px: how much the fastest message slants; from one message of a burst to the next
SILENT, TRAVELLING = 96.0, 190.0  # px: the longest stretch in which nothing happens, but messages may travel


class Heights(NamedTuple):
    """Where on the canvas a message leaves and arrives."""

    leaves: float
    arrives: float


class Silence(NamedTuple):
    """A stretch of canvas that stands for more time than it shows; ``under_way``: while a message travels."""

    top: float
    bottom: float
    seconds: float
    under_way: bool

    @property
    def words(self) -> str:
        """What to say of it."""
        return f"{spoken(self.seconds)} {'on the way' if self.under_way else 'of silence'}"


class Moments(NamedTuple):
    """The heights of all messages, the silences that were cut, and the height of every instant that was asked for."""

    heights: list[Heights]
    silences: list[Silence]
    at: dict[float, float]


def tick(messages: Sequence[Message], others: Iterable[float] = ()) -> Moments:
    """Return where each message leaves and arrives, and where the ``others``, instants of their own, are.

    Time runs down at one scale. Messages that one host sends in one instant leave and arrive ``STEP`` px apart,
    and so do those whose instants are closer than that. What an arrival caused is drawn below it, and where nothing
    happens for long, time is cut.
    """
    leaving, arriving = grouped(m.time for m in messages), grouped(m.time + m.delay for m in messages)
    instants = sorted({*leaving, *arriving, *(key(time) for time in others)})
    scale, rank = speed([m.delay for m in messages]), ranks(messages, leaving)
    y, before, last = 46.0, instants[0], instants[0]
    leaves, arrives = [0.0] * len(messages), [0.0] * len(messages)
    silences, at = list[Silence](), dict[float, float]()
    for now in instants:
        under_way = any(key(m.time) <= before and now <= key(m.time + m.delay) and not m.lost for m in messages)
        gap = (now - before) * scale
        if gap > (TRAVELLING if under_way else SILENT):
            silences.append(Silence(y + 10, y + 46, round(now - (before if under_way else last), 9), under_way))
            gap = TRAVELLING / 2 if under_way else 58
        elif 0 < gap < STEP and (now in leaving or now in arriving):
            gap = STEP
        y, before = y + gap, now
        for n in arriving.get(now, ()):
            arrives[n] = y + rank[n] * STEP
        y += max((rank[n] for n in arriving.get(now, ())), default=0) * STEP
        at[now] = y
        for n in leaving.get(now, ()):
            leaves[n] = y + rank[n] * STEP
        if now not in arriving or now in leaving or not all(messages[n].lost for n in arriving[now]):
            last = now  # a lost message's arrival is no event
    return Moments([Heights(*pair) for pair in zip(leaves, arrives, strict=True)], silences, at)


def speed(delays: Sequence[float]) -> float:
    """Return px per second: the fastest message slants by ``SLANT`` px, or by less where the slowest is far slower."""
    return max(SLANT / 3 / min(delays), min(SLANT / min(delays), 2.4 * SLANT / max(delays)))


def ranks(messages: Sequence[Message], leaving: dict[float, list[int]]) -> list[int]:
    """Return how many messages each one's host has sent before it in the same instant."""
    ranks = [0] * len(messages)
    for burst in leaving.values():
        for n in burst:
            ranks[n] = sum(messages[other].src == messages[n].src for other in burst if other < n)
    return ranks


def order(messages: Sequence[Message]) -> list[int]:
    """Return each message's number in the order of time, from 0: the page steps through them by it.

    >>> order([Message(9, "a", "b", "late"), Message(0, "a", "b", "early")])
    [1, 0]
    """
    numbers = [0] * len(messages)
    for number, n in enumerate(sorted(range(len(messages)), key=lambda n: messages[n].time)):
        numbers[n] = number
    return numbers


def key(time: float) -> float:
    """Return the instant of ``time``: sums of seconds that differ by less than a nanosecond are one."""
    return round(time, 9)


def grouped(times: Iterable[float]) -> dict[float, list[int]]:
    """Return which of them are in which instant."""
    found: dict[float, list[int]] = {}
    for n, time in enumerate(times):
        found.setdefault(key(time), []).append(n)
    return found


def spoken(seconds: float) -> str:
    """Return a time as people say it.

    >>> spoken(0.98), spoken(1.02), spoken(0.0000125)
    ('980 ms', '1.02 s', '12.5 µs')
    """
    if 0 < abs(seconds) < 1e-3:
        return f"{seconds * 1e6:.3g} µs"
    return f"{seconds * 1e3:.4g} ms" if seconds < 1 else f"{seconds:.4g} s"
