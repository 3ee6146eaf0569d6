"""Where drawings go: how much room each asks for, and how several share one figure.

A drawing function draws into ``ax`` all that its axes hold, and returns a ``Plan``: the px that its words need on
the four sides, the height of the axes where the drawing knows it, and a call for what can be placed only once
the axes stand where they will. So nothing is laid out twice, and a test can ask for a drawing of any width.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import NamedTuple

from matplotlib.axes import Axes

from netlab.show.style import PHONE


class Margins(NamedTuple):
    """px for words on the four sides of axes."""

    left: float = 0
    right: float = 0
    top: float = 0
    bottom: float = 0


def nothing() -> None:
    """Finish a drawing that is finished."""


class Plan(NamedTuple):
    """What a drawing asks for. ``height`` is in px, None where any will do; ``square`` axes are as high as wide."""

    margins: Margins = Margins()
    height: float | None = None
    square: bool = False
    finish: Callable[[], None] = nothing


class Shared(NamedTuple):
    """What a drawing has in common with its neighbours: the limits of its axes, and who writes numbers and names."""

    x: tuple[float, float] | None = None
    y: tuple[float, float] | None = None
    numbers: str = "xy"  # the axes that have tick labels
    names: bool = True  # of levels and areas, at the right


ALONE = Shared()


class Box(NamedTuple):
    """A rectangle: px from the left and from the top (or the bottom), and px wide and high."""

    x: float
    y: float
    wide: float
    high: float

    def covers(self, x: float, y: float) -> bool:
        """Whether the point is within."""
        return self.x < x < self.x + self.wide and self.y < y < self.y + self.high

    def around(self, across: float, along: float | None = None) -> Box:
        """Return a larger rectangle: px more to the left and right, and above and below (None: as many)."""
        up = across if along is None else along
        return Box(self.x - across, self.y - up, self.wide + 2 * across, self.high + 2 * up)

    def gap(self, point: tuple[float, float]) -> tuple[float, float]:
        """Return how far outside a point is, across and along; nothing where it is not."""
        x, y = point
        return max(self.x - x, 0, x - self.x - self.wide), max(self.y - y, 0, y - self.y - self.high)

    def meets(self, other: Box) -> bool:
        """Whether they overlap."""
        across = self.x < other.x + other.wide and other.x < self.x + self.wide
        return across and self.y < other.y + other.high and other.y < self.y + self.high


Placed = tuple[Axes, Plan, Box]


def alone(ax: Axes, plan: Plan, at: Box) -> list[Placed]:
    """Return one drawing's axes within the box ``at``, its words around them inside the box too."""
    m = plan.margins
    wide, high = at.wide - m.left - m.right, at.high - m.top - m.bottom
    if plan.square:
        wide = high = wide if at.wide < PHONE else min(wide, high)
    return [(ax, plan, Box(at.x + m.left, at.y + m.top, wide, high if plan.height is None else plan.height))]


def stacked(axes: Sequence[Axes], plans: Sequence[Plan], shares: Sequence[float], at: Box) -> list[Placed]:
    """Return drawings one above the other, their axes on the same two edges, their heights in ``shares``."""
    left, right = (max(getattr(plan.margins, side) for plan in plans) for side in ("left", "right"))
    wide, y, placed = at.wide - left - right, at.y, list[Placed]()
    words = sum(plan.margins.top + plan.margins.bottom for plan in plans)
    flexible = at.high - words - sum(plan.height or 0 for plan in plans)
    whole = sum(share for share, plan in zip(shares, plans, strict=True) if plan.height is None) or 1
    for ax, plan, share in zip(axes, plans, shares, strict=True):
        high = max(24.0, flexible * share / whole) if plan.height is None else plan.height
        side = (wide if at.wide < PHONE else min(wide, high)) if plan.square else wide
        y += plan.margins.top
        placed.append((ax, plan, Box(at.x + left, y, side, side if plan.square else high)))
        y = placed[-1][2].y + placed[-1][2].high + plan.margins.bottom
    return placed


def beside(axes: Sequence[Axes], plans: Sequence[Plan], at: Box, gap: float) -> list[Placed]:
    """Return drawings side by side, equally wide, ``gap`` px apart, their axes on the same two heights."""
    top, bottom = (max(getattr(plan.margins, side) for plan in plans) for side in ("top", "bottom"))
    words = sum(plan.margins.left + plan.margins.right for plan in plans) + gap * (len(plans) - 1)
    wide, high, x, placed = (at.wide - words) / len(plans), at.high - top - bottom, at.x, list[Placed]()
    for ax, plan in zip(axes, plans, strict=True):
        side = min(wide, high) if plan.square else wide
        x += plan.margins.left
        tall = plan.height if plan.height is not None else side if plan.square else high
        placed.append((ax, plan, Box(x, at.y + top, side, tall)))
        x += side + plan.margins.right + gap
    return placed


def extent(placed: Sequence[Placed]) -> float:
    """Return how many px from the top the lowest word stands."""
    return max(box.y + box.high + plan.margins.bottom for _, plan, box in placed)


def size(ax: Axes) -> tuple[float, float]:
    """Return how wide and how high the whole figure of ``ax`` is, in px (times the zoom)."""
    box, dots = ax.figure.bbox, ax.figure.dpi / 72 * ZOOM.get()
    return box.width / dots, box.height / dots


def settle(placed: Sequence[Placed], height: float) -> None:
    """Move all axes to their places in a figure ``height`` px high, then let each drawing finish."""
    for ax, _, box in placed:
        wide = size(ax)[0]
        ax.set_position((box.x / wide, 1 - (box.y + box.high) / height, box.wide / wide, box.high / height))
    for _, plan, _ in placed:
        plan.finish()


ZOOM = ContextVar("ZOOM", default=1.0)  # how large a px is drawn: less than 1 only in axes that are too small


def px(ax: Axes) -> tuple[float, float]:
    """Return how wide and how high ``ax`` is, in px of 1/72 inch (times the zoom), whatever its figure's dots are."""
    box, dots = ax.get_window_extent(), ax.figure.dpi / 72 * ZOOM.get()
    return box.width / dots, box.height / dots
