"""Curves over two axes."""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import Any

from matplotlib.axes import Axes

from netlab.picture import GREY as CONTEXT
from netlab.picture import LOST, Area, Axis, Curve, Lines
from netlab.show.axes import dress, finite, ground, headline, limits, scale, width_of
from netlab.show.labels import Name, name_above, name_right, remark_all, room_right, rows_above
from netlab.show.plan import ALONE, Margins, Plan, Shared
from netlab.show.style import GREY, INKS, LEAD, PAPER, PHONE

Limits = tuple[float, float]


def x_limits(drawing: Lines) -> Limits:
    """Return from where to where the curves go."""
    values = [x for curve in drawing.curves for x, _ in curve.points] + [x for x, _ in drawing.crosses]
    values += [level.value for level in drawing.levels if level.across == "x"]
    only_marks = all(curve.mark in ("dots", "rings") for curve in drawing.curves)
    return limits(drawing.x, values, pad=0.03 if only_marks or drawing.x.log else 0)


def y_limits(drawing: Lines) -> Limits:
    """Return what the y axis must hold: the curves, what was lost, and what both are measured by."""
    values = [y for curve in drawing.curves for _, y in curve.points] + [y for _, y in drawing.crosses]
    values += [level.value for level in drawing.levels if level.across == "y"]
    values += [edge for area in drawing.areas if area.across == "y" for edge in finite((area.start, area.stop))]
    return limits(drawing.y, [value for value in values if value > 0 or not drawing.y.log])


def lines(ax: Axes, drawing: Lines, width: float, shared: Shared = ALONE) -> Plan:
    """Draw curves on two axes, what measures them, what was lost, and what there is to say about it."""
    dress(ax)
    x, y = shared.x or x_limits(drawing), shared.y or y_limits(drawing)
    scale(ax.xaxis, drawing.x, x, 5 if width < PHONE else 6, drawing.x.unit)
    scale(ax.yaxis, drawing.y, y, 5)
    ax.tick_params(axis="y", labelleft="y" in shared.numbers)
    for area in drawing.areas:
        tint(ax, area, x, y)
    for level in drawing.levels:
        mark = ax.axvline if level.across == "x" else ax.axhline
        mark(level.value, color=GREY.line, linewidth=1, dashes=(4, 3), zorder=1)
    for curve in drawing.curves:
        plot(ax, curve, width, x, y)
    for name, xs, ys in [("lost", *zip(*drawing.crosses, strict=True))] if drawing.crosses else []:
        beyond = not within(xs, x) or not within(ys, y)
        ax.plot(xs, ys, "x", ms=7, mew=2.2, color=INKS[LOST].text, zorder=8, clip_on=beyond, label=name)
    return framed(ax, drawing, width, shared)


def framed(ax: Axes, drawing: Lines, width: float, shared: Shared) -> Plan:
    """Return the room that the words round the axes need, and how to write those that wait for the axes."""
    x, y = ax.get_xlim(), ax.get_ylim()
    right = ends(drawing, x, y) + (measures(drawing, "y", y) if shared.names else [])
    above = measures(drawing, "x", x)
    left = width_of(ax.yaxis) + 8 if "y" in shared.numbers else 2
    beyond = max(room_right(right, width), width_of(ax.xaxis) / 2 if "x" in shared.numbers else 2)
    rows = max((row for _, _, row in rows_above(above, width - left - beyond)), default=-1) + 1
    top = headline(ax, drawing.y, width, rows * LEAD) if "y" in shared.numbers else rows * LEAD + 8
    bottom = ground(ax, drawing.x, numbers="x" in shared.numbers)

    def finish() -> None:
        name_right(ax, right, width)
        name_above(ax, above)
        paths = [curve.points for curve in drawing.curves]
        remark_all(ax, drawing.remarks, paths, drawing.crosses)

    return Plan(Margins(left, beyond, top, bottom), finish=finish)


def tint(ax: Axes, area: Area, x: Limits, y: Limits) -> None:
    """Tint everything between two values of one axis, as far as the axis goes."""
    low, high = x if area.across == "x" else y
    start, stop = max(low, min(area.start, area.stop)), min(high, max(area.start, area.stop))
    if start < stop:
        span = ax.axvspan if area.across == "x" else ax.axhspan
        span(start, stop, color=INKS[area.hue].tint, linewidth=0, zorder=0)


def plot(ax: Axes, curve: Curve, width: float, x: Limits, y: Limits) -> None:
    """Draw one curve. Of many dots only as many are drawn as there are pixels for; the data stays whole."""
    xs, ys = [point[0] for point in curve.points], [point[1] for point in curve.points]
    if not xs:
        return
    many = max(1, round(len(xs) / (width / 3.5) + 0.5))
    inside = within(xs, x) and within(ys, y)
    dot: dict[str, Any] = {"marker": "o", "linestyle": "", "markevery": many}
    styles: dict[str, dict[str, Any]] = {
        "line": {"linewidth": 1.6, "zorder": 3},
        "steps": {"linewidth": 1.6, "zorder": 3, "drawstyle": "steps-post"},
        "dashed": {"linewidth": 1.4, "zorder": 2.5, "dashes": (4, 3)},
        "dots": dot | {"markersize": 3.2 if len(xs) > 60 else 5.5, "markeredgewidth": 0, "zorder": 2},
        "rings": dot | {"markersize": 6.5, "markerfacecolor": PAPER, "markeredgewidth": 1.6, "zorder": 3.5},
    }
    ax.plot(xs, ys, color=INKS[curve.hue].line, label=curve.name, clip_on=not inside, **styles[curve.mark])


def within(values: Sequence[float], limits: Limits) -> bool:
    """Whether an axis shows all these."""
    return limits[0] <= min(values) and max(values) <= limits[1]


def ends(drawing: Lines, x: Limits, y: Limits) -> list[Name]:
    """Return the curves' names, each at the height at which its curve leaves the picture."""
    names = []
    for curve in drawing.curves:
        seen = [point for point in curve.points if x[0] <= point[0] <= x[1]]
        if curve.name and seen:
            at = min(1.0, max(0.0, fraction(max(seen)[1], y, drawing.y)))
            names.append(Name(at, curve.name, INKS[curve.hue], bold=curve.hue is not CONTEXT))
    return names


def measures(drawing: Lines, across: str, limits: Limits) -> list[Name]:
    """Return the names of the levels and areas of one axis, each where it stands on it; none that is beyond."""
    axis = drawing.x if across == "x" else drawing.y
    levels = [level for level in drawing.levels if level.across == across and within([level.value], limits)]
    names = [Name(fraction(level.value, limits, axis), level.name) for level in levels if level.name]
    for area in drawing.areas:
        if area.across == across and area.name:
            start, stop = (min(1.0, max(0.0, fraction(edge, limits, axis))) for edge in (area.start, area.stop))
            if start != stop:
                names.append(Name((start + stop) / 2, area.name, INKS[area.hue]))
    return names


def fraction(value: float, limits: Limits, axis: Axis) -> float:
    """Return how far along its axis a value stands, from 0 to 1."""
    low, high = limits
    if axis.log:
        return (log(value) - log(low)) / (log(high) - log(low)) if value > 0 else 0.0
    return (value - low) / (high - low)
