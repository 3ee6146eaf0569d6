"""Drawing into axes that somebody else made: ``fig, ax = plt.subplots(); show.draw(picture, ax)``.

Their figure keeps its size. What needs more room than the axes have is drawn smaller, words and all; panels
stand within the axes' frame; names at the right of curves get their room from the axes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Patch
from matplotlib.text import Annotation, Text

from netlab.picture import Drawing, Panels
from netlab.show.kinds import draw_one
from netlab.show.panels import arrange
from netlab.show.plan import ZOOM, Box, Placed, Plan, extent, px, settle, size
from netlab.show.style import BODY, look, spell


def draw_onto(ax: Axes, drawing: Drawing) -> Axes:
    """Draw into somebody's axes. Return the axes drawn into: these, or the first of the panels within them."""
    with look(), zoomed(shrinkage(drawing, *px(ax))):
        if isinstance(drawing, Panels):
            return panels_within(ax, drawing)
        wide, high = px(ax)
        plan = draw_one(ax, drawing, wide)
        if ax.axison:
            make_room(ax, plan)
        else:  # a diagram, which is measured in px from its top
            top = ax.get_ylim()[1]
            ax.set(xlim=(0, wide), ylim=(top + high, top))
        plan.finish()
        shrink(ax)
        spell(ax)
        return ax


@contextmanager
def zoomed(factor: float) -> Iterator[None]:
    """Draw each px ``factor`` times as large."""
    token = ZOOM.set(factor)
    try:
        yield
    finally:
        ZOOM.reset(token)


def shrinkage(drawing: Drawing, wide: float, high: float) -> float:
    """Return by how much a drawing must shrink to fit into axes of this size: 1 is not at all."""
    for tenths in range(10, 3, -1):  # what is drawn smaller has more px to its width, and so may need less height
        if needed(drawing, wide * 10 / tenths, high * 10 / tenths) * tenths / 10 <= high + 1:
            return tenths / 10
    return 0.3


def needed(drawing: Drawing, wide: float, high: float) -> float:
    """Return the height that a drawing takes, given ``wide`` px and wishing for ``high``."""
    scratch = Figure(dpi=72)
    if isinstance(drawing, Panels):
        axes = [scratch.add_axes((0, 0, 1, 1), label=str(n)) for n in range(len(drawing.panels))]
        return extent(arrange(drawing, axes, draw_one, Box(0, 0, wide, high)))
    return draw_one(scratch.add_axes((0, 0, 1, 1)), drawing, wide).height or high


def shrink(ax: Axes) -> None:
    """Make all that is drawn in px as small as the zoom: words, lines, marks and what stands px from its place."""
    if (factor := ZOOM.get()) == 1:
        return
    ticks = {label for axis in (ax.xaxis, ax.yaxis) for label in axis.get_ticklabels()}
    ax.tick_params(labelsize=BODY * factor)
    for thing in ax.findobj():
        if isinstance(thing, Text) and thing not in ticks:
            thing.set_fontsize(float(thing.get_fontsize()) * factor)
        if isinstance(thing, Annotation) and isinstance(thing.xyann, tuple):
            thing.xyann = cast(Any, tuple(part * factor for part in thing.xyann))
        if isinstance(thing, (Line2D, Patch)):
            thing.set_linewidth(float(thing.get_linewidth()) * factor)
        if isinstance(thing, Line2D):
            thing.set_markersize(float(thing.get_markersize()) * factor)
            thing.set_markeredgewidth(float(thing.get_markeredgewidth()) * factor)
        if isinstance(thing, FancyArrowPatch):
            thing.set_mutation_scale(thing.get_mutation_scale() * factor)


def make_room(ax: Axes, plan: Plan) -> None:
    """Move the axes' edges in, so that the words around them stay in the figure; a layout engine does it itself."""
    if cast(Figure, ax.get_figure(root=True)).get_layout_engine() is None:
        at, m, (wide, high) = ax.get_position(), plan.margins, size(ax)
        x0, x1 = max(at.x0, (m.left + 4) / wide), min(at.x1, 1 - (m.right + 4) / wide)
        y0, y1 = max(at.y0, (m.bottom + 4) / high), min(at.y1, 1 - (m.top + 4) / high)
        ax.set_position((x0, y0, max(x1 - x0, at.width / 3), max(y1 - y0, at.height / 3)))
    if plan.square:
        ax.set_aspect("equal")


def panels_within(ax: Axes, drawing: Panels) -> Axes:
    """Put axes of their own for each panel where ``ax`` is, which itself disappears."""
    ax.set_axis_off()
    axes = [ax.figure.add_axes((0, 0, 1, 1), label=f"panel {n}") for n in range(len(drawing.panels))]
    at, (wide, high) = ax.get_position(), size(ax)
    frame = Box(at.x0 * wide, (1 - at.y1) * high, at.width * wide, at.height * high)
    placed: list[Placed] = arrange(drawing, axes, draw_one, frame)
    settle(placed, high)
    for one in axes:
        shrink(one)
        spell(one)
    return axes[0]
