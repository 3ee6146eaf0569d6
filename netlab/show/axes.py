"""Axes: their limits, their ticks, and how they look.

>>> limits(Axis("window", "packets"), [10, 40])
(0, 41.5)
>>> raised(0.0001), spoken(-2.5)
('10⁻⁴', '−2.5')
>>> Round(5).tick_values(0, 84)
[0.0, 20.0, 40.0, 60.0, 80.0]
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, floor, isfinite, log10
from typing import Any, cast

import matplotlib.axis
from matplotlib.axes import Axes
from matplotlib.ticker import Formatter, Locator, NullLocator

from netlab.picture import Axis
from netlab.show.plan import px
from netlab.show.style import BODY, FAINT, GREY, INK, LEAD, MUTED, SANS, legible, text_width, wrapped

RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

TITLES: dict[str, Any] = {  # all of it said, because these words exist before we are asked
    "fontsize": BODY, "color": MUTED, "fontweight": 400, "family": SANS, "parse_math": False,
}  # fmt: skip


def limits(axis: Axis, values: Sequence[float], pad: float = 0.05) -> tuple[float, float]:
    """Return where ``axis`` begins and ends: where it says, or as far as ``values`` go and a ``pad`` more.

    Values that come near to zero bring zero with them: a curve is read by its height over the axis.
    """
    low, high = min(values), max(values)
    if axis.log:
        by = max((high / low) ** pad, 1.1)
        low, high = low / by, high * by
    else:
        by = (high - low) * pad or abs(high) * 0.1 or 1
        low, high = (0 if 0 <= low <= high / 3 else low - by, high + by) if pad else (low, high)
    low, high = (low if axis.low is None else axis.low), (high if axis.high is None else axis.high)
    if low < high:
        return low, high
    if axis.high is None:
        return low, low * 10 if axis.log else low + max(1, abs(low) * 0.1)
    return high / 10 if axis.log else high - max(1, abs(high) * 0.1), high


def spoken(value: float) -> str:
    """Return a number as a reader wants it at a tick: thousands apart, and a true minus."""
    digits = f"{value:,.{10 if abs(value) < 1e10 else 15}g}"  # 10 Gbit/s has eleven
    return digits.replace(",", "\N{NARROW NO-BREAK SPACE}").replace("-", "\N{MINUS SIGN}")


def raised(value: float) -> str:
    """Return a power of ten as 10⁻⁴."""
    return "10" + str(round(log10(value))).translate(RAISED)


class Unit(Formatter):
    """Tick labels that say the unit once, at the last tick: 0, 5, 10, 15 s."""

    def __init__(self, unit: str) -> None:
        self.unit = legible(unit)

    def __call__(self, value: float, pos: int | None = None) -> str:
        return spoken(value)

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        low, high = sorted(cast(matplotlib.axis.Axis, self.axis).get_view_interval())
        seen = [v for v in values if low <= v <= high * 1.0001]
        powers = all(v > 0 and abs(v / 10 ** round(log10(v)) - 1) < 1e-9 for v in values)
        far = powers and any(v < 9e-4 or v > 9e4 for v in seen)
        says = raised if far else spoken
        return [says(v) + (f" {self.unit}" if self.unit and seen and v == seen[-1] else "") for v in values]


class Ticks(Locator):
    """At most ``most`` ticks within the axis, and no more than there is room for where the axes stand."""

    def __init__(self, most: int) -> None:
        self.most = most

    def tick_values(self, vmin: float, vmax: float) -> list[float]:
        """Return round values between two others."""
        raise NotImplementedError

    def __call__(self) -> list[float]:
        axis, ticks = cast(matplotlib.axis.Axis, self.axis), list[float]()
        for most in range(self.most, 0, -1):
            ticks = type(self)(most).tick_values(*axis.get_view_interval())
            if not crowded(axis, ticks):
                break
        return ticks


def crowded(axis: matplotlib.axis.Axis, ticks: Sequence[float]) -> bool:
    """Whether the labels of an axis would touch at these ticks."""
    wide, high = px(axis.axes)
    edges = axis.get_view_interval()
    low, *between, top = axis.get_transform().transform([edges[0], *ticks, edges[1]])
    places = [(value - low) / (top - low) * (high if axis is axis.axes.yaxis else wide) for value in between]
    if axis is axis.axes.yaxis:
        return any(after - before < 20 for before, after in pairwise(places))
    half = [text_width(label) / 2 for label in axis.get_major_formatter().format_ticks(list(ticks))]
    ends = [(place - by, place + by) for place, by in zip(places, half, strict=True)]
    return any(after[0] - before[1] < 8 for before, after in pairwise(ends))


class Round(Ticks):
    """Ticks at round steps."""

    def tick_values(self, vmin: float, vmax: float) -> list[float]:
        low, high = min(vmin, vmax), max(vmin, vmax)
        power = floor(log10((high - low) / self.most))
        for step in (digit * 10.0 ** (power + up) for up in (0, 1, 2) for digit in (1, 2, 5)):
            first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
            if last - first < self.most:
                return [round(n * step, 12 - power) for n in range(first, last + 1)]
        return [low]


class Decades(Ticks):
    """Ticks of a log axis: powers of ten over two decades, with their 2 and 5 under that, most digits under 8."""

    def tick_values(self, vmin: float, vmax: float) -> list[float]:
        low, high = min(vmin, vmax), max(vmin, vmax)
        tight = log10(high / low) * 3 > self.most  # three labels to each decade are too many
        digits = (1, 2, 3, 4, 6, 8) if high / low < 8 else (1, 2, 5) if high / low < 100 and not tight else (1,)
        every = ceil(log10(high / low) / self.most) if len(digits) == 1 else 1
        powers = range(floor(log10(low)), ceil(log10(high)) + 1)
        ticks = [float(f"{digit}e{power}") for power in powers if power % every == 0 for digit in digits]
        return [tick for tick in ticks if low <= tick * 1.000001 and tick <= high * 1.000001]


def scale(axis: matplotlib.axis.Axis, of: Axis, between: tuple[float, float], most: int, unit: str = "") -> None:
    """Put ``axis`` on a scale with at most ``most`` round steps, ``unit`` at the last."""
    axes = axis.axes
    if of.log:
        (axes.set_xscale if axis is axes.xaxis else axes.set_yscale)("log")
    (axes.set_xlim if axis is axes.xaxis else axes.set_ylim)(between)
    locator = Decades(most) if of.log else Round(most)
    axis.set_major_locator(locator)
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(Unit(unit))


def headline(ax: Axes, axis: Axis, width: float, up: float = 0) -> float:
    """Write what stands over the y axis, "window, packets", ``up`` px above it. Return how many px that takes."""
    words = f"{axis.label}, {axis.unit}" if axis.label and axis.unit else axis.label or axis.unit
    lines = wrapped(words, width - 60)
    if not lines:
        return up + 8
    ax.set_title("\n".join(lines), loc="left", pad=up + 10, linespacing=1.25, **TITLES)
    return up + 12 + LEAD * len(lines)


def ground(ax: Axes, axis: Axis, *, numbers: bool = True) -> float:
    """Write what the x axis is, unless it is the time, which its unit says. Return how many px its words take."""
    if not numbers:
        ax.tick_params(axis="x", length=0, labelbottom=False)
        return 6
    if axis.label in ("", "time"):
        return 25
    ax.set_xlabel(axis.label, loc="left", labelpad=2, **TITLES)
    return 43


def width_of(axis: matplotlib.axis.Axis) -> float:
    """Return how wide the widest of an axis' tick labels is, in px."""
    return max((text_width(label) for label in tick_labels(axis)), default=0)


def tick_labels(axis: matplotlib.axis.Axis) -> list[str]:
    """Return what stands at the ticks."""
    return axis.get_major_formatter().format_ticks(list(axis.get_major_locator()()))


def dress(ax: Axes, grid: bool = True) -> None:
    """Give ``ax`` the book's look, whoever made it: no frame but the ground line, quiet ticks, grey grid lines."""
    for side, spine in ax.spines.items():
        spine.set(visible=side == "bottom", color=GREY.line, linewidth=1)
    ax.set(facecolor="none", axisbelow=True)
    ax.grid(False)
    if grid:
        ax.grid(True, axis="y", color=FAINT, linewidth=0.8)
    words = {"labelcolor": MUTED, "labelsize": BODY, "labelfontfamily": SANS[0], "color": GREY.line, "width": 1}
    ax.tick_params(axis="x", which="both", length=4, **words)
    ax.tick_params(axis="y", which="both", length=0, **words)


def name_rows(ax: Axes) -> None:
    """Have the y axis name rows instead of numbers."""
    ax.tick_params(axis="y", labelcolor=INK, pad=8)


def finite(values: Sequence[float]) -> list[float]:
    """Return those of ``values`` that a scale can hold: an area may be open towards infinity."""
    return [value for value in values if isfinite(value)]
