"""Which function draws which kind of drawing."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes

from netlab.picture import Bars, Bytes, Conversation, Grid, Header, Lines, Phase, Spreads, States, Timeline, Topology
from netlab.show.conversation import conversation
from netlab.show.grid import grid
from netlab.show.header import header
from netlab.show.lines import lines
from netlab.show.octets import octets
from netlab.show.phase import phase
from netlab.show.plan import ALONE, Plan, Shared
from netlab.show.rows import bars, spreads, timeline
from netlab.show.states import states
from netlab.show.topology import topology

KINDS: dict[type, Any] = {
    Lines: lines,
    Bars: bars,
    Spreads: spreads,
    Phase: phase,
    Bytes: octets,
    Header: header,
    Conversation: conversation,
    States: states,
    Grid: grid,
    Timeline: timeline,
    Topology: topology,
}


def draw_one(ax: Axes, drawing: Any, width: float, shared: Shared = ALONE) -> Plan:
    """Draw into ``ax``, for a width of so many px, whatever ``drawing`` is. Return the room that it needs.

    Raises ``TypeError`` for what is not a drawing.
    """
    draw = KINDS.get(type(drawing))
    if draw is None:
        kinds = ", ".join(kind.__name__ for kind in KINDS)
        raise TypeError(f"a {type(drawing).__name__} is no drawing; these are: {kinds}, and Panels of them")
    plan: Plan = draw(ax, drawing, width, shared)
    return plan
