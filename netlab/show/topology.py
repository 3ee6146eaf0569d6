"""Hosts, links and addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes

from netlab.picture import GREY as CONTEXT
from netlab.picture import Host, Link, Topology
from netlab.show.marks import PLAIN, box, canvas, label, mono, rule, small
from netlab.show.plan import ALONE, Box, Plan, Shared
from netlab.show.style import FAINT, INK, INKS, MUTED, PHONE, SMALL, WASH, text_width

ROW = 120  # px from one row of hosts to the next


class Place(NamedTuple):
    """A host's centre and half its width."""

    x: float
    y: float
    half: float


def topology(ax: Axes, drawing: Topology, width: float, shared: Shared = ALONE) -> Plan:
    """Draw hosts on a grid, the links between them and what is written on each; turned by 90° on a phone."""
    grid = {h.name: h.at[::-1] if width < PHONE else h.at for h in drawing.hosts}
    columns = max(column for column, _ in grid.values()) + 1
    half = {h.name: max(52, text_width(h.name, bold=True) + 22) / 2 for h in drawing.hosts}
    places = {n: Place((c + 0.5) * width / columns, (r + 0.5) * ROW, half[n]) for n, (c, r) in grid.items()}
    edges = [y for place in places.values() for y in (place.y - 20, place.y + 20)]  # how high and low it all goes
    ax.set_xlim(0, width)
    for link in drawing.links:
        edges += wire(ax, link, places[link.a], places[link.b])
    for host in drawing.hosts:
        edges += station(ax, host, places, drawing.links)
    for name, inside in (drawing.zones or {}).items():
        edges += zone(ax, name, [places[host] for host in inside], tag_room(drawing, inside, places))
    return canvas(ax, width, max(edges) + 4, min(edges) - 4)


def station(ax: Axes, host: Host, places: Mapping[str, Place], links: Sequence[Link]) -> list[float]:
    """Draw a host, and what it says under it, or beside it where a link goes down. Return the heights it needs."""
    at, ink = places[host.name], INKS[host.hue]
    radius, line = (17, 1.6) if host.kind == "router" else (4, 1.2)
    box(ax, Box(at.x - at.half, at.y - 17, 2 * at.half, 34), ink, radius=radius, linewidth=line, zorder=3)
    colour = INK if host.hue is CONTEXT else ink.text
    label(ax, at.x, at.y + 0.5, host.name, ha="center", fontweight=600, color=colour)
    others = [places[link.b if link.a == host.name else link.a] for link in links if host.name in (link.a, link.b)]
    if any(other.y - at.y > abs(other.x - at.x) for other in others):
        small(ax, at.x + at.half + 8, at.y, host.says, ha="left", bbox=PLAIN)
    else:
        small(ax, at.x, at.y + 29, host.says, bbox=PLAIN)
    return [at.y + 38] if host.says else []


def tag_room(drawing: Topology, inside: Sequence[str], places: Mapping[str, Place]) -> float:
    """Return how many px the addresses at the right of a zone's hosts need."""
    tags = [0.0]
    for link in drawing.links:
        for here, there, text in ((link.a, link.b, link.ends[0]), (link.b, link.a, link.ends[1])):
            a, b = places[here], places[there]
            if text and here in inside and there not in inside and b.x - a.x > abs(b.y - a.y):
                tags.append(text_width(text, SMALL, mono=True) + 19)
    return max(tags)


def zone(ax: Axes, name: str, places: Sequence[Place], tags: float) -> list[float]:
    """Shade the area round some hosts and name it in its corner. Return the heights it needs."""
    west, north = max(1, min(p.x - p.half for p in places) - 26), min(p.y for p in places) - 48
    east = max(max(p.x + p.half for p in places) + max(26, tags), west + text_width(name, SMALL) + 24)
    east = min(east, ax.get_xlim()[1] - 1)
    south = max(p.y for p in places) + 42
    at = Box(west, north, east - west, south - north)
    box(ax, at, radius=10, facecolor=WASH, edgecolor=FAINT, zorder=0)
    small(ax, west + 12, north + 15, name, ha="left")
    return [north, south]


def wire(ax: Axes, link: Link, a: Place, b: Place) -> list[float]:
    """Draw a link, what it says above its middle (or on it, if it is upright), and the addresses at its ends.

    Return the heights that its words need.
    """
    upright, lines, ink = abs(b.x - a.x) < abs(b.y - a.y), link.says.split("\n"), INKS[link.hue]
    rule(ax, (a.x, a.y), (b.x, b.y), ink.line, 2, zorder=1)
    heights = []
    for n, line in enumerate(lines):
        up = (len(lines) / 2 - 0.5 - n) * 15 if upright else (len(lines) - n) * 15 - 3
        small(ax, (a.x + b.x) / 2, (a.y + b.y) / 2 - up, line, ink, bbox=PLAIN)
        heights.append((a.y + b.y) / 2 - up - 10)
    room = abs(b.x - a.x) - a.half - b.half - 24
    tight = room < sum(text_width(end, SMALL, mono=True) for end in link.ends)
    return [*heights, address(ax, a, b, link.ends[0], 13), address(ax, b, a, link.ends[1], 28 if tight else 13)]


def address(ax: Axes, here: Place, there: Place, text: str, off: float) -> float:
    """Write an interface's address beside its link, on the side that it leans away from. Return its lower edge."""
    dx, dy = there.x - here.x, there.y - here.y
    if abs(dx) < abs(dy):  # upright
        x, y, side = here.x + 8 + dx / abs(dy) * 31, here.y + (31 if dy > 0 else -31), "left"
    else:
        along = (here.half + 9) * (1 if dx > 0 else -1)
        x, y, side = here.x + along, here.y + dy / dx * along + (-off if dy > 4 else off), "left" if dx > 0 else "right"
    mono(ax, x, y, text, ha=side, color=MUTED)
    return y + 9 if text else here.y
