"""Two flows' shares of one link as a moving point."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes

from netlab.picture import DELIVERED, LOST, OURS, Axis, Phase
from netlab.show.axes import TITLES, dress, scale, width_of
from netlab.show.labels import remark_all
from netlab.show.plan import ALONE, Margins, Plan, Shared
from netlab.show.style import INKS, PAPER, SMALL, fits


def phase(ax: Axes, drawing: Phase, width: float, shared: Shared = ALONE) -> Plan:
    """Draw the way of the moving point from its ring to its dot: past the edge is loss, on the diagonal is fairness."""
    dress(ax, grid=False)
    most = shared.x[1] if shared.x else reach(drawing)
    ours, loss, fair = INKS[OURS], INKS[LOST], INKS[DELIVERED]
    xs, ys = [a for a, _ in drawing.points], [b for _, b in drawing.points]
    edge = drawing.capacity
    ax.fill([0, edge, most, most, 0], [edge, 0, 0, most, most], color=loss.tint, linewidth=0, zorder=0)
    ax.plot([0, most], [0, most], color=fair.line, linewidth=1.4, dashes=(4, 3), zorder=1)
    ax.plot(xs, ys, color=ours.line, linewidth=1.2, zorder=2, label="path")
    ax.plot(xs[:1], ys[:1], "o", color=PAPER, mec=ours.line, mew=1.8, ms=7, zorder=4, clip_on=False)
    ax.plot(xs[-1:], ys[-1:], "o", color=ours.line, ms=8, zorder=4, clip_on=False)
    said: dict[str, Any] = {"fontsize": SMALL, "ha": "right", "zorder": 1.5}
    ax.text(most * 0.95, most * 0.93, "fair", color=fair.text, rotation=45, va="top", rotation_mode="anchor", **said)
    ax.text(most * 0.97, most * 0.56, "too much", color=loss.text, **said)
    scale(ax.xaxis, Axis(""), (0, most), 4, drawing.unit)
    scale(ax.yaxis, Axis(""), (0, most), 4)
    ax.set_xlabel(f"{drawing.names[0]} sends →", loc="left", labelpad=2, **TITLES)
    ax.tick_params(axis="y", labelleft="y" in shared.numbers)
    top = 10.0
    if "y" in shared.numbers:
        name = fits(f"{drawing.names[1]} sends ↑, {drawing.unit}".rstrip(", "), width)
        ax.set_title(name, loc="left", pad=10, **TITLES)
        top = 28
    margins = Margins(width_of(ax.yaxis) + 8 if "y" in shared.numbers else 2, max(2, width_of(ax.xaxis) / 2), top, 43)
    return Plan(margins, square=True, finish=lambda: remark_all(ax, drawing.remarks, [drawing.points]))


def reach(drawing: Phase) -> float:
    """Return how far both axes go: a little past the edge, and as far as the point goes."""
    return max(drawing.capacity * 1.12, *(max(point) * 1.04 for point in drawing.points))
