"""Two flows on one link: which laws of growing and shrinking end fair?

Neither knows of the other. Both grow by the same law until together they ask for more than the link has; then both
see a loss and shrink by the same law. Four pairs of laws are simple, and only one of them ends fair (Chiu and Jain,
1989: it has the shape of TCP's congestion avoidance, RFC 5681 §3.1).

>>> run = list(share(LAWS["add, halve"], (56, 8), capacity=64, losses=5))
>>> [(s.a - s.b, round(jain((s.a, s.b)), 3)) for s in run if s.lost]
[(48.0, 0.64), (24.0, 0.877), (12.0, 0.966), (6.0, 0.991), (3.0, 0.998)]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import inf
from typing import NamedTuple

MOST = 10_000  # round trips: laws that never fill the link end here


class Law(NamedTuple):
    """How a window grows in one round trip, and what a loss leaves of it."""

    grow: Callable[[float], float]
    shrink: Callable[[float], float]


def _less(window: float) -> float:
    return max(0.0, window - 8)


LAWS = {
    "add, halve": Law(lambda w: w + 1, lambda w: w / 2),
    "add, subtract": Law(lambda w: w + 1, _less),
    "multiply, halve": Law(lambda w: w * 1.05, lambda w: w / 2),
    "multiply, subtract": Law(lambda w: w * 1.05, _less),
}


class Share(NamedTuple):
    """Both windows in one round trip, in packets; ``lost`` where together they are more than the link has."""

    a: float
    b: float
    lost: bool


def share(law: Law, start: tuple[float, float], capacity: float, losses: int) -> Iterator[Share]:
    """Yield both windows, round trip by round trip, up to the loss number ``losses``, or for 10,000 round trips.

    Raises ``ValueError`` for a negative window, a capacity that is not above 0, or a number of losses below 1.
    """
    a, b = map(float, start)
    if not (0 <= a < inf and 0 <= b < inf and 0 < capacity < inf) or losses < 1:
        raise ValueError(f"two windows of {start} packets and {losses} losses on a link for {capacity}: none fits")
    for _ in range(MOST):
        lost = a + b >= capacity - 1e-9  # multiplied windows meet the brim a rounding error early
        yield Share(a, b, lost)
        losses -= lost
        if not losses:
            return
        step = law.shrink if lost else law.grow
        a, b = step(a), step(b)


def jain(shares: Sequence[float]) -> float:
    """Return Jain's fairness index: 1 where all have the same, 1/n where one has everything.

    Raises ``ValueError`` where nobody has anything, or somebody has no end of it.

    >>> jain([1, 1, 1, 1]), jain([1, 0, 0, 0])
    (1.0, 0.25)
    """
    if not 0 < (most := max(shares, default=0)) < inf:
        raise ValueError("nobody has a share that counts, so none is fair or unfair")
    parts = [one / most for one in shares]
    return sum(parts) ** 2 / (len(parts) * sum(part * part for part in parts))
