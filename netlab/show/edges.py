"""The ways between the boxes of a diagram: straight, beside the way back, or round what stands in between."""

from __future__ import annotations

from collections.abc import Mapping
from math import hypot
from typing import NamedTuple

from netlab.show.plan import Box

HALF = 17  # px: half the height of a state with a name of one line
Point = tuple[float, float]


class State(NamedTuple):
    """A state's box, by its centre, and its name."""

    x: float
    y: float
    wide: float
    high: float
    lines: tuple[str, ...]

    @property
    def frame(self) -> Box:
        """The box from its top left corner."""
        return Box(self.x - self.wide / 2, self.y - self.high / 2, self.wide, self.high)


class Edge(NamedTuple):
    """A way between the two states at its ``ends``, an arc whose height is half of ``bend`` times its length."""

    ends: tuple[str, str]
    text: str
    back: bool  # there is a way back beside it
    start: Point = (0, 0)
    stop: Point = (0, 0)
    bend: float = 0

    @property
    def across(self) -> Point:
        """The direction to the right of the way, as y runs down."""
        return normal(self.start, self.stop)

    def at(self, share: float) -> Point:
        """Return the point after a share of the way."""
        (x0, y0), (x1, y1), (nx, ny) = self.start, self.stop, self.across
        sag = 2 * share * (1 - share) * self.bend * hypot(x1 - x0, y1 - y0)
        return x0 + (x1 - x0) * share + nx * sag, y0 + (y1 - y0) * share + ny * sag

    def way(self, steps: int = 16) -> list[Point]:
        """Return points all along the way."""
        return [self.at(n / steps) for n in range(steps + 1)]


def normal(start: Point, stop: Point) -> Point:
    """Return the direction to the right of the way between two points, as y runs down."""
    dx, dy = stop[0] - start[0], stop[1] - start[1]
    long = hypot(dx, dy) or 1
    return -dy / long, dx / long


def route(boxes: Mapping[str, State], edge: Edge, width: float) -> Edge:
    """Return the edge with its way on a canvas of this ``width``."""
    a, b = (boxes[end] for end in edge.ends)
    if a is b:
        return loop(boxes, edge)
    (nx, ny), blocked, bend = normal(a[:2], b[:2]), between(boxes, *edge.ends), 0.0
    dx, dy, long = b.x - a.x, b.y - a.y, hypot(b.x - a.x, b.y - a.y)
    aside = (nx * 7, ny * 7) if edge.back and not blocked else (0.0, 0.0)
    if blocked:
        inner = sum((o.x - a.x) * nx + (o.y - a.y) * ny for o in boxes.values()) > 0
        bend = 2 * bulge(boxes, edge, abs(nx) > abs(ny), width) / long * (-1 if inner else 1)
    rx, ry = nx * bend * 2 * long, ny * bend * 2 * long
    return edge._replace(
        start=border(a, (dx + rx, dy + ry), 2, aside), stop=border(b, (rx - dx, ry - dy), 3, aside), bend=bend
    )


def loop(boxes: Mapping[str, State], edge: Edge) -> Edge:
    """Return the way from a state to itself: over its box, or under it in the lowest row."""
    o, heights = boxes[edge.ends[0]], [box.y for box in boxes.values()]
    up = -1 if o.y == max(heights) > min(heights) else 1
    y = o.y - up * o.high / 2
    return edge._replace(start=(o.x - 14 * up, y), stop=(o.x + 14 * up, y), bend=-1.6)


def bulge(boxes: Mapping[str, State], edge: Edge, upright: bool, width: float) -> float:
    """Return how many px an arc must leave the straight way to pass by the widest box, within the canvas."""
    if not upright:
        return 42
    xs = [boxes[end].x for end in edge.ends]
    return max(24.0, min(max(o.wide for o in boxes.values()) / 2 + 20, min(xs) - 22, width - max(xs) - 22))


def between(boxes: Mapping[str, State], a: str, b: str) -> bool:
    """Whether another box stands on the straight way from ``a`` to ``b``."""
    x, y = boxes[a][:2]
    dx, dy = boxes[b].x - x, boxes[b].y - y
    long = max(1.0, hypot(dx, dy))
    return any(
        abs((o.y - y) * dx - (o.x - x) * dy) / long < 40 and 0 < ((o.x - x) * dx + (o.y - y) * dy) / long < long
        for state, o in boxes.items()
        if state not in (a, b)
    )


def border(o: State, towards: Point, gap: float, aside: Point) -> Point:
    """Return where the ray from a box's centre, moved ``aside``, leaves it, and ``gap`` px further."""
    (dx, dy), (sx, sy) = towards, aside
    t = min(
        (o.wide / 2 + gap - sx * (1 if dx > 0 else -1)) / abs(dx) if dx else 9e9,
        (o.high / 2 + gap - sy * (1 if dy > 0 else -1)) / abs(dy) if dy else 9e9,
    )
    return o.x + sx + dx * t, o.y + sy + dy * t
