"""Words beside curves: names at their right ends, names over the axes, remarks where something happens.

All of them are placed once the axes stand: nothing here may cover anything else here.

>>> apart([50, 52, 10], [16, 16, 16])
[43.0, 59.0, 10.0]
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import hypot
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from netlab.picture import Remark
from netlab.show.marks import PLAIN, Point, beside
from netlab.show.plan import Box, px
from netlab.show.style import BODY, GREY, INK, INKS, LEAD, MUTED, PAPER, SMALL, Ink, text_width, wrapped


class Name(NamedTuple):
    """What to write beside ``at``, a fraction of an axis. Bold names are curves, the others measure them."""

    at: float
    text: str
    ink: Ink | None = None
    bold: bool = False

    @property
    def style(self) -> dict[str, Any]:
        """Its colour and its weight, as matplotlib takes them."""
        return {"color": self.ink.text if self.ink else MUTED, "fontweight": 600 if self.bold else 400}


def apart(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Return the places nearest to those ``wanted`` at which things so high do not overlap, in the same order.

    Neighbours that would touch become one block, which stands where its members on average want it. Of equals the
    first stands on top.
    """
    blocks: list[tuple[list[int], float]] = []  # members from the bottom up, and the block's lower edge
    for n in sorted(range(len(wanted)), key=lambda n: (wanted[n], -n)):
        members, low = [n], wanted[n] - heights[n] / 2
        while blocks and blocks[-1][1] + sum(heights[m] for m in blocks[-1][0]) > low:
            members = blocks.pop()[0] + members
            below = [sum(heights[m] for m in members[:k]) + heights[i] / 2 for k, i in enumerate(members)]
            low = sum(wanted[i] - under for i, under in zip(members, below, strict=True)) / len(members)
        blocks.append((members, low))
    places = [0.0] * len(wanted)
    for members, low in blocks:
        for k, n in enumerate(members):
            places[n] = low + sum(heights[m] for m in members[:k]) + heights[n] / 2
    return places


def room_right(names: Sequence[Name], width: float) -> float:
    """Return how many px the names at the right need, broken into lines where they would take over a phone."""
    widths = [text_width(line, SMALL, bold=n.bold) for n in names for line in broken(n, width)]
    return max(widths) + 10 if widths else 0


def broken(name: Name, width: float) -> list[str]:
    """Return a name in lines of at most a quarter of the whole ``width``."""
    return wrapped(name.text, max(width / 4, 80), SMALL, bold=name.bold)


def name_right(ax: Axes, names: Sequence[Name], width: float) -> None:
    """Write names in the right margin, each as near as may be to its height, tied to it where it had to move."""
    high = px(ax)[1]
    lines = [broken(name, width) for name in names]
    heights = [LEAD * len(text) - 1 for text in lines]
    for name, text, at in zip(names, lines, apart([n.at * high for n in names], heights), strict=True):
        moved = at - name.at * high
        if abs(moved) > 9:
            tie = {"arrowstyle": "-", "color": GREY.line, "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0}
            ax.annotate("", (1, name.at), (6, moved), xycoords="axes fraction", textcoords="offset points",
                        arrowprops=tie)  # fmt: skip
        beside(ax, (1, name.at), (7, moved), "\n".join(text), linespacing=1.25, **name.style)


def rows_above(names: Sequence[Name], wide: float) -> list[tuple[Name, float, int]]:
    """Return each name with its left edge in px and its row over axes ``wide`` px wide: 0 is the lowest."""
    ends: list[float] = []  # where each row is taken up to
    placed = []
    for name in sorted(names):
        long = text_width(name.text, SMALL)
        x = max(0.0, min(name.at * wide - long / 2, wide - long))
        row = next((n for n, end in enumerate(ends) if end <= x), len(ends))
        ends[row:] = [x + long + 10, *ends[row + 1 :]]
        placed.append((name, x, row))
    return placed


def name_above(ax: Axes, names: Sequence[Name]) -> None:
    """Write names over the axes, each over its place, in as many rows as they need."""
    wide = px(ax)[0]
    for name, x, row in rows_above(names, wide):
        beside(ax, (0, 1), (x, 9 + row * LEAD), name.text, color=name.ink.text if name.ink else INK)


def outside(area: Box, wide: float, high: float) -> float:
    """Return by how many px it leaves axes of this size; above and below them there are other words."""
    return max(0, -area.x, area.x + area.wide - wide) + 50 * max(0, -area.y, area.y + area.high - high - 2)


def remark_all(ax: Axes, remarks: Sequence[Remark], paths: Sequence[Sequence[tuple[float, float]]],
               crosses: Sequence[tuple[float, float]] = ()) -> None:  # fmt: skip
    """Write remarks where their authors want them, or near by, where that would leave the axes or hide something.

    ``paths`` are the curves and ``crosses`` the marks that should stay visible, in data coordinates.
    """
    wide, high = px(ax)
    taken = [Box(x - 6, y - 6, 12, 12) for x, y in on_axes(ax, crosses)]
    seen = [point for path in paths for point in walked(on_axes(ax, path))] if remarks else []
    for remark in (remark for remark in remarks if remark.text.strip()):
        lines, (x, y) = wrapped(remark.text, max(wide * 0.55, 90)), on_axes(ax, [remark[:2]])[0]
        at = min(max(x, 0), wide), min(max(y, 0), high)  # what happens beyond the axes is remarked at their edge
        places = [spot(at, by, lines, bold=remark.hue is not None) for by in around(remark.by)]
        costs = [
            1000 * sum(area.meets(other) for other in taken) + 20 * outside(area, wide, high)
            + 6 * sum(area.covers(*point) for point in seen) + 3 * n
            for n, area in enumerate(places)
        ]  # fmt: skip
        area = places[costs.index(min(costs))]
        area = area._replace(x=max(0.0, min(area.x, wide - area.wide)))
        taken.append(area)
        by = area.x - at[0], area.y - at[1] + 1
        write(ax, remark, lines, (at[0] / wide, at[1] / high), by, facecolor=under(ax, area))


def on_axes(ax: Axes, points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return where data stands on the axes, in px from their lower left corner."""
    wide, high = px(ax)
    if not points:
        return []
    shares = (ax.transData + ax.transAxes.inverted()).transform([tuple(point) for point in points])
    return [(x * wide, y * high) for x, y in shares]


def walked(points: Sequence[tuple[float, float]], step: float = 6) -> list[tuple[float, float]]:
    """Return the points and others between them, at most ``step`` px apart: where a line would be hidden."""
    way = list(points)
    for (x0, y0), (x1, y1) in pairwise(points):
        parts = int(min(hypot(x1 - x0, y1 - y0), 2000) / step)
        way += [(x0 + (x1 - x0) * n / (parts + 1), y0 + (y1 - y0) * n / (parts + 1)) for n in range(1, parts + 1)]
    return way


def around(by: tuple[float, float]) -> list[tuple[float, float]]:
    """Return where a remark may stand: where it was asked for, mirrored, and then further up or down."""
    dx, dy = by
    mirrored = [(dx, dy), (-dx, dy), (dx, -dy), (-dx, -dy)]
    level = [(far, 0.0) for far in (max(10, abs(dx)), -max(10, abs(dx)))]
    return mirrored + level + [(x, y + far * (1 if y >= 0 else -1)) for far in (20, 40, 60) for x, y in mirrored]


def under(ax: Axes, area: Box) -> str:
    """Return the colour to clear a remark's ground with: the one it stands on, or none where it stands on two."""
    (wide, high), ground = px(ax), PAPER
    corners = [((area.x + area.wide * i) / wide, (area.y + area.high * j) / high) for i in (0, 1) for j in (0, 1)]
    for patch in ax.patches:
        within = patch.get_path().transformed(patch.get_transform()).contains_points(ax.transAxes.transform(corners))
        if within.all():
            ground = to_hex(patch.get_facecolor())
        elif within.any():
            return "none"
    return ground


def spot(at: tuple[float, float], by: tuple[float, float], lines: Sequence[str], *, bold: bool) -> Box:
    """Return what a remark covers if it stands ``by`` px from the px ``at``."""
    (x, y), (dx, dy) = (at[0] + by[0], at[1] + by[1]), by
    wide, high = max(text_width(line, BODY, bold=bold) for line in lines) + 3, LEAD * len(lines) + 2
    left = x if dx > 4 else x - wide if dx < -4 else x - wide / 2
    return Box(left, y if dy > 4 else y - high if dy < -4 else y - high / 2, wide, high)


def write(ax: Axes, remark: Remark, lines: Sequence[str], at: Point, by: Point, **ground: Any) -> None:
    """Draw a remark ``by`` px from a fraction ``at`` of the axes, tied to it by a hairline."""
    ink, tie = INKS[remark.hue] if remark.hue else None, {"arrowstyle": "-", "shrinkA": 1, "shrinkB": 5}
    ax.annotate(
        "\n".join(lines), at, by, xycoords="axes fraction", textcoords="offset points", bbox=PLAIN | ground, zorder=7,
        fontsize=BODY, color=ink.text if ink else INK, fontweight=600 if ink else 400, linespacing=1.25,
        ha="left", va="bottom", annotation_clip=False, arrowprops=tie | {"color": GREY.line, "linewidth": 0.8},
    )  # fmt: skip
