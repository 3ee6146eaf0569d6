"""One row for each name: bars from zero, spreads of measurements, and what lasts from when to when."""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import Any

from matplotlib.axes import Axes

from netlab.picture import GREY as CONTEXT
from netlab.picture import Bars, Spreads, Stretch, Timeline
from netlab.show.axes import dress, ground, headline, limits, scale, spoken, width_of
from netlab.show.labels import Name, name_above, rows_above
from netlab.show.plan import ALONE, Margins, Plan, Shared, px
from netlab.show.style import BODY, GREY, INK, INKS, LEAD, PAPER, PHONE, SMALL, legible, text_width


def bars(ax: Axes, drawing: Bars, width: float, shared: Shared = ALONE) -> Plan:
    """Draw a bar from zero for each name, its number at its end. There is no need for ticks then."""
    dress(ax, grid=False)
    high = drawing.value.high or max(bar.value for bar in drawing.bars) or 1.0
    names, left, row = named(ax, [bar.name for bar in drawing.bars], width)
    says = [bar.text or spoken(bar.value) for bar in drawing.bars]
    for y, bar, text in zip(names, drawing.bars, says, strict=True):
        ink, weight = INKS[bar.hue], 400 if bar.hue is CONTEXT else 600
        ax.barh(y, bar.value, height=18 / row, color=ink.line, linewidth=0, zorder=2)
        end = min(bar.value, high)
        ax.annotate(text, (end, y), (6, 0), textcoords="offset points", va="center", color=ink.text, fontweight=weight)
    right = overhang([bar.value / high for bar in drawing.bars], says, width - left, bold=True)
    top = headline(ax, drawing.value, width)
    ax.set(xlim=(0, high), ylim=(-0.5, len(names) - 0.5), xticks=[])
    ax.spines["bottom"].set_visible(False)
    if left > 2:
        ax.axvline(0, color=GREY.line, linewidth=1, zorder=3)
    return Plan(Margins(left, right, top + (0 if left > 2 else 8), 4), height=row * len(names))


def named(ax: Axes, names: Sequence[str], width: float) -> tuple[list[float], float, float]:
    """Name rows, at their left or, where that takes too much room, above them.

    Return the rows' heights on the y axis, the first on top, the px taken at the left, and the px of a row.
    """
    heights = [float(y) for y in reversed(range(len(names)))]
    widest = max(text_width(name) for name in names)
    if widest <= width * 0.34:
        ax.set_yticks(heights, [legible(name) for name in names])
        ax.tick_params(axis="y", labelcolor=INK, labelsize=BODY, pad=8)
        return heights, widest + 12, 34
    ax.set_yticks([])
    for y, name in zip(heights, names, strict=True):
        ax.annotate(name, (0, y), (0, 19), xycoords=("axes fraction", "data"), textcoords="offset points", color=INK,
                    va="center")  # fmt: skip
    return heights, 2, 50


def overhang(shares: Sequence[float], says: Sequence[str], room: float, *, bold: bool = False) -> float:
    """Return how many px to leave at the right of axes for words that begin at such shares of their width."""
    needs = [text_width(text, bold=bold) + 10 for text in says]
    widths = [(room - need) / share for share, need in zip(shares, needs, strict=True) if share > 1e-9]
    return max(2.0, room - min(widths)) if widths else 2.0


def spreads(ax: Axes, drawing: Spreads, width: float, shared: Shared = ALONE) -> Plan:
    """Draw medians (a dot) on the way from fastest to 99th percentile (a bar) on a log axis.

    The row with the widest spread carries the words that explain the marks.
    """
    dress(ax, grid=False)
    axis = drawing.value._replace(log=True)
    between = limits(axis, [value for row in drawing.rows for value in (row.best, row.p99)], pad=0.02)
    scale(ax.xaxis, axis, between, 6, axis.unit)
    widest = max(drawing.rows, key=lambda row: row.p99 / row.p50)
    says = [digits(row.p99) + (", 1 in 100 is slower" if row is widest else "") for row in drawing.rows]
    for y, row, text in zip(reversed(range(len(says))), drawing.rows, says, strict=True):
        ink, weight = INKS[row.hue], 400 if row.hue is CONTEXT else 600
        ax.plot([row.best, row.p99], [y, y], color=ink.tint, linewidth=12, zorder=1, solid_capstyle="butt")
        ax.plot([row.p50], [y], "o", color=ink.line, ms=11, mec=PAPER, mew=1.5, zorder=3)
        said: dict[str, Any] = {"textcoords": "offset points", "va": "center", "zorder": 6}
        ax.annotate(row.name, (0, y), (0, 19), xycoords=("axes fraction", "data"), color=INK, fontweight=weight, **said)
        median = f"median {digits(row.p50)}" if row is widest else digits(row.p50)
        where = "left" if share(row.p50, between) < 0.1 else "center"
        style = said | {"color": ink.text, "fontsize": SMALL}
        ax.annotate(median, (row.p50, y), (-5 if where == "left" else 0, -16), ha=where, fontweight=weight, **style)
        ax.annotate(text, (row.p99, y), (7, 0), **style)
    ax.set(yticks=[], ylim=(-0.55, len(says) - 0.45))
    right = max(overhang([share(row.p99, between) for row in drawing.rows], says, width - 6), width_of(ax.xaxis) / 2)
    return Plan(Margins(6, right, 6, ground(ax, axis)), height=58 * len(says))


def digits(value: float) -> str:
    """Return a measurement with three digits, as no more of them mean anything."""
    return spoken(float(f"{value:.3g}"))


def share(value: float, between: tuple[float, float]) -> float:
    """Return how far along a log axis a value stands."""
    return (log(value) - log(between[0])) / (log(between[1]) - log(between[0]))


def span(drawing: Timeline) -> tuple[float, float]:
    """Return from when to when a timeline goes."""
    times = [time for s in drawing.stretches for time in (s.start, s.stop)] + [time for time, _ in drawing.marks]
    return limits(drawing.time, times, pad=0)


def timeline(ax: Axes, drawing: Timeline, width: float, shared: Shared = ALONE) -> Plan:
    """Draw what lasts from when to when, a row each, and the instants that matter to all rows."""
    dress(ax, grid=False)
    between, rows = shared.x or span(drawing), list(dict.fromkeys(s.row for s in drawing.stretches))
    scale(ax.xaxis, drawing.time, between, 5 if width < PHONE else 8, drawing.time.unit)
    heights, left, row = named(ax, rows, width)
    at = dict(zip(rows, heights, strict=True))
    for time, _ in drawing.marks:
        ax.axvline(time, color=GREY.line, linewidth=1, dashes=(4, 3), zorder=1)
    for s in drawing.stretches:
        style: dict[str, Any] = {"color": INKS[s.hue].tint, "edgecolor": INKS[s.hue].line, "linewidth": 1.2}
        beyond = s.start < between[0] or s.stop > between[1]
        ax.barh(at[s.row], s.stop - s.start, left=s.start, height=22 / row, zorder=2, clip_on=beyond, **style)
    ax.set_ylim(-0.6, len(rows) - 0.4)
    shares = [((time - between[0]) / (between[1] - between[0]), text) for time, text in drawing.marks]
    marks = [Name(at, text) for at, text in shares if text and 0 <= at <= 1]
    right = width_of(ax.xaxis) / 2 if "x" in shared.numbers else 2
    above = max((n for _, _, n in rows_above(marks, width - left - right)), default=-1) + 1

    def finish() -> None:
        name_above(ax, marks)
        for s in drawing.stretches:
            if s.stop >= between[0] and s.start <= between[1]:
                inscribe(ax, s, at[s.row], drawing.stretches)

    bottom = ground(ax, drawing.time, numbers="x" in shared.numbers)
    return Plan(Margins(left, right, 6 + LEAD * above, bottom), height=row * (len(rows) + 0.2), finish=finish)


def inscribe(ax: Axes, s: Stretch, y: float, others: Sequence[Stretch]) -> None:
    """Write a stretch's text into it, or else after or before it, where there is room; or leave it out."""
    (low, high), needed = ax.get_xlim(), text_width(s.text, SMALL) + 9
    neighbours = [o for o in others if o.row == s.row and o is not s]
    in_px, s = px(ax)[0] / (high - low), s._replace(start=max(s.start, low), stop=min(s.stop, high))
    before = max([low, *(o.stop for o in neighbours if o.stop <= s.start)])
    after = min([high, *(o.start for o in neighbours if o.start >= s.stop)])
    style: dict[str, Any] = {"color": INKS[s.hue].text, "fontsize": SMALL, "zorder": 3, "va": "center"}
    if s.text and needed <= max(s.stop - s.start, after - s.stop) * in_px:
        at = s.start if needed <= (s.stop - s.start) * in_px else s.stop
        ax.annotate(s.text, (at, y), (5, 0), textcoords="offset points", **style)
    elif s.text and needed <= (s.start - before) * in_px:
        ax.annotate(s.text, (s.start, y), (-5, 0), textcoords="offset points", ha="right", **style)
