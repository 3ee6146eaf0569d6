"""The small marks that every picture is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from netlab.picture import LOST, Hue
from netlab.show.plan import Box, Plan
from netlab.show.style import BODY, GREY, INK, INKS, LEAD, MONO, MUTED, PAPER, SMALL, Ink

Point = tuple[float, float]

PLAIN = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.5}


def canvas(ax: Axes, width: float, bottom: float, top: float = 0) -> Plan:
    """Turn ``ax`` into a drawing board measured in px, from its ``top`` down, as a diagram wants it."""
    ax.set(xlim=(0, width), ylim=(bottom, top))
    ax.set_axis_off()
    return Plan(height=bottom - top)


def label(ax: Axes, x: float, y: float, text: str, ink: Ink | None = None, **more: Any) -> None:
    """Say it beside the thing itself. Bold means: this is a name."""
    style: dict[str, Any] = {"color": ink.text if ink else MUTED, "va": "center", "fontsize": BODY, "zorder": 6} | more
    if text:
        ax.text(x, y, text, **style)


def small(ax: Axes, x: float, y: float, text: str, ink: Ink | None = None, **more: Any) -> None:
    """Write a label of the smallest size, centred unless told."""
    label(ax, x, y, text, ink, **({"fontsize": SMALL, "ha": "center"} | more))


def mono(ax: Axes, x: float, y: float, text: str, **more: Any) -> None:
    """Write a byte, a number, an address: what a machine would print."""
    small(ax, x, y, text, **({"family": MONO, "color": INK} | more))


def beside(ax: Axes, at: tuple[float, float], by: tuple[float, float], text: str, **more: Any) -> None:
    """Write ``text`` at a fraction ``at`` of the axes, moved ``by`` px to the right and up."""
    style: dict[str, Any] = {"color": MUTED, "fontsize": SMALL, "va": "center", "zorder": 6} | more
    if text:
        ax.annotate(text, at, by, xycoords="axes fraction", textcoords="offset points", **style)


def rule(ax: Axes, start: Point, end: Point, colour: str, width: float = 1.4, **more: Any) -> None:
    """Draw a straight line on a canvas."""
    (x0, y0), (x1, y1) = start, end
    ax.plot([x0, x1], [y0, y1], color=colour, linewidth=width, **({"solid_capstyle": "butt"} | more))


def dots(ax: Axes, xs: Sequence[float], ys: Sequence[float], colour: str, size: float = 3, **more: Any) -> None:
    """Draw what was measured: round dots."""
    ax.plot(xs, ys, "o", color=colour, markersize=size, markeredgewidth=0, **more)


def cross(ax: Axes, x: float, y: float, hue: Hue = LOST, size: float = 7, **more: Any) -> None:
    """Mark what is lost, refused, over: the one mark that is never only a colour."""
    style: dict[str, Any] = {"markeredgewidth": 2.2, "color": INKS[hue].text, "zorder": 8, "clip_on": False} | more
    ax.plot([x], [y], "x", markersize=size, **style)


def arrow(ax: Axes, start: Point, end: Point, colour: str, *, width: float = 1.6, bend: float = 0, **more: Any) -> None:
    """Draw an arrow from ``start`` to ``end``; the arc's height is half of ``bend`` times its length."""
    style = {"color": colour, "linewidth": width, "shrinkA": 0, "shrinkB": 0, "joinstyle": "miter", "clip_on": False}
    style |= {"arrowstyle": "-|>,head_length=5,head_width=2.6", "connectionstyle": f"arc3,rad={bend}"} | more
    ax.add_patch(FancyArrowPatch(start, end, **cast(dict[str, Any], style)))


def box(ax: Axes, at: Box, ink: Ink = GREY, *, radius: float = 5, **more: Any) -> None:
    """Draw a box with round corners, on a canvas."""
    style: dict[str, Any] = {"facecolor": ink.tint, "edgecolor": ink.line, "linewidth": 1.2, "clip_on": False} | more
    inner = (at.x + radius, at.y + radius), at.wide - 2 * radius, at.high - 2 * radius
    ax.add_patch(FancyBboxPatch(*inner, f"round,pad={radius}", **style))


def cell(ax: Axes, at: Box, fill: str, *, gap: float = 1.5, **more: Any) -> None:
    """Fill a cell, ``gap`` px of paper around it, on a canvas."""
    style: dict[str, Any] = {"facecolor": fill, "edgecolor": PAPER, "linewidth": gap, "clip_on": False} | more
    ax.add_patch(Rectangle((at.x, at.y), at.wide, at.high, **style))


def bracket(ax: Axes, x: float, top: float, bottom: float, text: str, *, gid: str | None = None) -> None:
    """Draw a vertical bracket that opens to the right up to ``x``, its text on its left, on a canvas."""
    style: dict[str, Any] = {"color": GREY.line, "linewidth": 1.2, "solid_joinstyle": "miter", "gid": gid}
    ax.plot([x, x - 5, x - 5, x], [top, top, bottom, bottom], **style)
    for n, line in enumerate(lines := text.split("\n")):
        small(ax, x - 11, (top + bottom) / 2 + (n - (len(lines) - 1) / 2) * LEAD, line, ha="right", gid=gid)
