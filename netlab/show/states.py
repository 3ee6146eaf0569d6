"""A state machine, drawn from the table that runs it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from math import hypot

from matplotlib.axes import Axes

from netlab.picture import States, Step
from netlab.show.edges import HALF, Edge, State, route
from netlab.show.marks import PLAIN, arrow, box, canvas, label, small
from netlab.show.plan import ALONE, Box, Plan, Shared
from netlab.show.style import GREY, INK, INKS, LEAD, PHONE, SMALL, text_width, wrapped

ROW = 104  # px from one row of states to the next


def states(ax: Axes, drawing: States, width: float, shared: Shared = ALONE) -> Plan:
    """Draw a transition table; on a phone it is turned by 90°. The ``hot`` path is in colour, the rest is grey."""
    boxes, warm = placed(drawing, width), {state for pair in drawing.hot for state in pair}
    edges = [route(boxes, edge, width) for edge in joined(drawing.table)]
    for edge in edges:
        hot = edge.ends in drawing.hot
        colour = INKS[drawing.hue].line if hot else GREY.line
        arrow(ax, edge.start, edge.stop, colour, bend=edge.bend, width=1.8 if hot else 1.4, zorder=2 + hot)
    for state, o in boxes.items():
        ink = INKS[drawing.hue] if state in warm else GREY
        box(ax, o.frame, ink, radius=8, zorder=4)
        for n, line in enumerate(o.lines):
            y = o.y + (n - (len(o.lines) - 1) / 2) * LEAD + 0.5
            label(ax, o.x, y, line, ha="center", fontweight=600, color=ink.text if state in warm else INK)
    words = say(ax, edges, drawing, [o.frame for o in boxes.values()], width)
    heights = [y for edge in edges for _, y in edge.way()] + [y for area in words for y in (area.y, area.y + area.high)]
    heights += [y for o in boxes.values() for y in (o.frame.y, o.frame.y + o.high)]
    return canvas(ax, width, max(heights) + 3, min(heights) - 3)


def joined(table: Sequence[Step]) -> Iterator[Edge]:
    """Return each pair of states once, with all its events, and whether there is a way back."""
    pairs = {(step.state, step.next) for step in table}
    for (a, b), steps in groupby(sorted(table, key=lambda s: (s.state, s.next)), lambda s: (s.state, s.next)):
        yield Edge((a, b), ", ".join(step.event for step in steps), (b, a) in pairs and a != b)


def placed(drawing: States, width: float) -> dict[str, State]:
    """Return where the states stand: on a grid as wide as the canvas."""
    at, row_high = dict(drawing.at or layers(drawing.table)), ROW
    if width < PHONE:
        at, row_high = {state: (row, column) for state, (column, row) in at.items()}, ROW + 16
    columns = max(column for column, _ in at.values()) + 1
    boxes = {}
    for state, (column, row) in at.items():
        lines = wrapped(state, width / columns - 60, bold=True)
        wide = max(text_width(line, bold=True) for line in lines) + 26
        x = min(max((column + 0.5) * width / columns, wide / 2 + 1), width - wide / 2 - 1)
        boxes[state] = State(x, row * row_high, wide, 2 * HALF + LEAD * (len(lines) - 1), tuple(lines))
    return boxes


def layers(table: Sequence[Step]) -> dict[str, tuple[float, float]]:
    """Return columns by distance from the first state; good enough for five states, place more by hand."""
    depth, front = {table[0].state: 0}, [table[0].state]
    for state in front:
        for step in table:
            if step.state == state and step.next not in depth:
                depth[step.next] = depth[state] + 1
                front.append(step.next)
    for step in table:  # what cannot be reached from the first state stands below it
        for state in (step.state, step.next):
            depth.setdefault(state, 0)
    column = list(depth.values())
    return {state: (d, column[:n].count(d)) for n, (state, d) in enumerate(depth.items())}


def say(ax: Axes, edges: Sequence[Edge], drawing: States, boxes: Sequence[Box], width: float) -> list[Box]:
    """Write on or beside each arrow what causes it, where it hides nothing. Return where."""
    taken = [box.around(5) for box in boxes]
    for edge in sorted(edges, key=lambda edge: -len(edge.text)):
        hot = edge.ends in drawing.hot
        others = [point for other in edges if other is not edge for point in other.way()]
        found = [(cost(spot, edge, taken, others, width), spot, lines) for spot, lines in places(edge, hot)]
        least, *_ = best = min(found)
        good = sorted(place for place in found if place[0] < least + 90)
        _, spot, lines = next((place for place in good if nearer(place[1], edge.way(), others)), best)
        taken.append(spot.around(4, 0))
        for n, line in enumerate(lines):
            small(ax, spot.x + spot.wide / 2, spot.y + (n + 0.5) * LEAD, line, INKS[drawing.hue] if hot else GREY,
                  bbox=PLAIN, fontweight=600 if hot else 400, zorder=3.5)  # fmt: skip
    return taken[len(boxes) :]


def places(edge: Edge, hot: bool) -> Iterator[tuple[Box, list[str]]]:
    """Return where an edge's words may stand: on its line or beside it, at or near its middle, in one line or more."""
    (nx, ny), whole = edge.across, text_width(edge.text, SMALL, bold=hot)
    for room in (whole + 1, max(60.0, whole * 0.6), max(60.0, whole * 0.4)):
        lines = wrapped(edge.text, room, SMALL, bold=hot)
        wide, high = max((text_width(line, SMALL, bold=hot) for line in lines), default=0), LEAD * len(lines)
        for share in (0.5, 0.38, 0.62, 0.28, 0.72):
            x, y = edge.at(share)
            away = abs(nx) * wide / 2 + abs(ny) * high / 2 + 4
            for side in (0, 1, -1):
                yield Box(x + nx * side * away - wide / 2, y + ny * side * away - high / 2, wide, high), lines


def cost(spot: Box, edge: Edge, taken: Sequence[Box], others: Sequence[tuple[float, float]], width: float) -> float:
    """Return how bad a place is: over other words, over other arrows, over its own ends, off the paper, far away."""
    over = sum(spot.meets(other) for other in taken)
    hidden = sum(spot.covers(*point) for point in others)
    own, middle = [spot.covers(*point) for point in edge.way()], edge.at(0.5)
    eaten = 400 * sum(own[:2] + own[-4:]) + 60 * max(0, sum(own) - 6) + 14 * (edge.back and any(own))
    far = abs(spot.x + spot.wide / 2 - middle[0]) + abs(spot.y + spot.high / 2 - middle[1])
    outside = max(0, 2 - spot.x, spot.x + spot.wide + 2 - width)
    return 2000 * over + 60 * hidden + eaten + 100 * outside + far + 12 * spot.high / LEAD


def nearer(spot: Box, own: Sequence[tuple[float, float]], others: Sequence[tuple[float, float]]) -> bool:
    """Whether words stand nearer to their own arrow than to any other, whose words a reader takes them for."""
    mine, theirs = (min((hypot(*spot.gap(point)) for point in way), default=99.0) for way in (own, others))
    return mine <= theirs
