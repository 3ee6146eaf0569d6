"""Several drawings in one picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from matplotlib.axes import Axes

from netlab.picture import Lines, Panels, Phase, Timeline
from netlab.show.lines import x_limits, y_limits
from netlab.show.marks import beside as write
from netlab.show.phase import reach
from netlab.show.plan import ALONE, Box, Placed, Plan, Shared, beside, stacked
from netlab.show.rows import span
from netlab.show.style import BODY, INK, LEAD, PHONE, wrapped

Draw = Callable[[Axes, Any, float, Shared], Plan]  # how one drawing is drawn
GAP = 22  # px between panels side by side


def arrange(panels: Panels, axes: Sequence[Axes], draw: Draw, at: Box) -> list[Placed]:
    """Draw each panel into its axes. Return where they all go, within the width of the box ``at`` and its height.

    On a phone, panels that would stand side by side stand one above the other, each as high as the box.
    """
    count, narrow = len(axes), at.wide < PHONE
    columns = 1 if panels.stacked or narrow else count
    width = (at.wide - GAP * (columns - 1)) / columns
    shares = [share_of(panels, n, columns) for n in range(count)]
    plans = [
        draw(ax, panel.drawing, width, shared) for ax, panel, shared in zip(axes, panels.panels, shares, strict=True)
    ]
    tops = [max(plan.margins.top for plan in plans)] * count if columns > 1 else [plan.margins.top for plan in plans]
    plans = [
        titled(ax, panel.title, width, top, plan)
        for ax, panel, top, plan in zip(axes, panels.panels, tops, plans, strict=True)
    ]
    if columns > 1:
        return beside(axes, plans, at, GAP)
    heights = [panel.share if panels.stacked else 1 for panel in panels.panels]
    high = at.high if panels.stacked else at.high * count
    return stacked(axes, plans, heights, at._replace(high=high))


def share_of(panels: Panels, n: int, columns: int) -> Shared:
    """Return what the ``n``-th panel has in common with the others: their x where stacked, all axes otherwise."""
    drawings, last = [panel.drawing for panel in panels.panels], len(panels.panels) - 1
    if all(isinstance(one, Phase) for one in drawings):
        most = max(reach(one) for one in drawings if isinstance(one, Phase))
        return Shared((0, most), (0, most), "xy" if n == 0 or columns == 1 else "x")
    across = [(one.x, x_limits(one)) if isinstance(one, Lines) else (one.time, span(one)) for one in drawings
              if isinstance(one, (Lines, Timeline))]  # fmt: skip
    if len(across) <= last:
        return ALONE
    x = union([limits for _, limits in across]) if len({axis[:2] for axis, _ in across}) == 1 else None
    if panels.stacked:
        return Shared(x, None, "xy" if n == last or not x else "y")
    curves = [one for one in drawings if isinstance(one, Lines)]
    if len(curves) <= last:
        return ALONE
    y = union([y_limits(one) for one in curves]) if len({(one.y[:2], one.y.log) for one in curves}) == 1 else None
    alone = n == 0 or columns == 1 or not y
    measures, lasts = ((*one.levels, *one.areas) for one in (curves[n], curves[last]))
    named = columns == 1 or n == last or measures != lasts  # the same names stand at the last panel only
    return Shared(x, y, "xy" if alone else "x", named)


def union(limits: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return limits that hold all these."""
    return min(low for low, _ in limits), max(high for _, high in limits)


def titled(ax: Axes, title: str, width: float, top: float, plan: Plan) -> Plan:
    """Return the plan with room for a title above the ``top`` px of words that stand above the axes."""
    lines = wrapped(title, width - plan.margins.left, bold=True)
    if not lines:
        return plan

    def finish() -> None:
        plan.finish()
        for n, line in enumerate(reversed(lines)):
            write(ax, (0, 1), (0, top + 9 + n * LEAD), line, color=INK, fontweight=600, fontsize=BODY)

    return plan._replace(margins=plan.margins._replace(top=top + 3 + LEAD * len(lines)), finish=finish)
