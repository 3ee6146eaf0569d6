"""Who accepts what."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes

from netlab.picture import LOST, OK, Grid
from netlab.show.marks import canvas, cell, label, rule, small
from netlab.show.plan import ALONE, Box, Plan, Shared
from netlab.show.style import BODY, INK, INKS, LEAD, MUTED, PAPER, SMALL, WASH, fits, text_width, wrapped

HIGH, CLOSE = 36, 23  # px of a row; of one among many, where a glance along it need not be led
MANY = 16  # rows


def grid(ax: Axes, drawing: Grid, width: float, shared: Shared = ALONE) -> Plan:
    """Draw who accepts what: tick, cross or a word. Only the ``wrong`` cells are filled: they are the message.

    Shape and fill carry it; colour only helps.
    """
    left = min(width * 0.42, max(text_width(row) for row in drawing.rows) + 18)
    wide = (width - left - 2) / len(drawing.columns)
    y = heads(ax, drawing, left, wide)
    for r, (name, line) in enumerate(zip(drawing.rows, drawing.verdicts, strict=True)):
        size = BODY if text_width(name) < left - 12 else SMALL
        lines = wrapped(name, left - 12, size)
        high = HIGH if len(drawing.rows) <= MANY else CLOSE + 15 * (len(lines) - 1)
        for n, text in enumerate(lines):
            middle = y + high / 2 + (n - (len(lines) - 1) / 2) * 15
            small(ax, left - 10, middle, text, ha="right", color=INK, fontsize=size)
        for c, verdict in enumerate(line):
            answer(ax, Box(left + c * wide, y, wide, high), verdict, bad=(r, c) in drawing.wrong)
        y += high
    return canvas(ax, width, y + 4)


def heads(ax: Axes, drawing: Grid, left: float, wide: float) -> float:
    """Write the columns' names, in lines, or leaning where a word is too long. Return how many px they take."""
    names = [wrapped(name, wide - 6) for name in drawing.columns]
    longest = max(text_width(line) for lines in names for line in lines)
    if longest <= wide - 4:
        top = 12 + LEAD * max(len(lines) for lines in names)
        for c, lines in enumerate(names):
            for n, line in enumerate(reversed(lines)):
                label(ax, left + (c + 0.5) * wide, top - 14 - n * LEAD, line, ha="center", color=INK)
        return top
    longest = max(text_width(name) for name in drawing.columns)
    lean: dict[str, Any] = {"ha": "left", "rotation": 38, "rotation_mode": "anchor", "color": INK}
    for c, name in enumerate(drawing.columns):
        label(ax, left + (c + 0.5) * wide - 4, 12 + longest * 0.62, fits(name, 140), **lean)
    return 24 + longest * 0.62


def answer(ax: Axes, at: Box, verdict: bool | str | None, *, bad: bool) -> None:
    """Draw one cell: a tick, a cross, a word or nothing."""
    x, y, ok = at.x + at.wide / 2, at.y + at.high / 2, INKS[OK]
    cell(ax, at, INKS[LOST].text if bad else ok.tint if verdict is True else WASH, gap=2.5)
    ink = PAPER if bad else ok.text if verdict is True else MUTED
    if verdict is True:
        ax.plot([x - 5, x - 1.5, x + 6], [y, y + 4, y - 5], color=ink, solid_joinstyle="miter")
    elif verdict is False:
        for up in (4.5, -4.5):
            rule(ax, (x - 4.5, y - up), (x + 4.5, y + up), ink, 1.8)
    elif verdict:
        small(ax, x, y, fits(verdict, at.wide - 6, SMALL), color=ink)
