"""Hosts, links and addresses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes

from netlab.picture import GREY as CONTEXT
from netlab.picture import Link, Topology
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
    turned, zones = width < PHONE, drawing.zones or {}
    grid = {h.name: h.at[::-1] if turned else h.at for h in drawing.hosts}
    columns = max(column for column, _ in grid.values()) + 1
    half = {h.name: max(52, text_width(h.name, bold=True) + 22) / 2 for h in drawing.hosts}
    places = {n: Place((c + 0.5) * width / columns, (r + 0.5) * ROW, half[n]) for n, (c, r) in grid.items()}
    lowest = max(place.y for place in places.values())
    highest = min(place.y for place in places.values())
    says = any(host.says for host in drawing.hosts)
    plan = canvas(ax, width, lowest + (46 if zones else 40 if says else 30), highest - (58 if zones else 46))
    for name, inside in zones.items():
        zone(ax, name, [places[host] for host in inside])
    for link in drawing.links:
        wire(ax, link, places[link.a], places[link.b])
    for host in drawing.hosts:
        at, ink = places[host.name], INKS[host.hue]
        radius, line = (17, 1.6) if host.kind == "router" else (4, 1.2)
        box(ax, Box(at.x - at.half, at.y - 17, 2 * at.half, 34), ink, radius=radius, linewidth=line, zorder=3)
        colour = INK if host.hue is CONTEXT else ink.text
        label(ax, at.x, at.y + 0.5, host.name, ha="center", fontweight=600, color=colour)
        small(ax, at.x, at.y + 29, host.says, bbox=PLAIN)
    return plan


def zone(ax: Axes, name: str, places: Sequence[Place]) -> None:
    """Shade the area round some hosts and name it in its corner."""
    west, north = max(1, min(p.x - p.half for p in places) - 26), min(p.y for p in places) - 48
    east = max(max(p.x + p.half for p in places) + 26, west + text_width(name, SMALL) + 24)
    south = max(p.y for p in places) + 42
    at = Box(west, north, east - west, south - north)
    box(ax, at, radius=10, facecolor=WASH, edgecolor=FAINT, zorder=0)
    small(ax, west + 12, north + 15, name, ha="left")


def wire(ax: Axes, link: Link, a: Place, b: Place) -> None:
    """Draw a link, what it says above its middle (or on it, if it is upright), and the addresses at its ends."""
    upright, lines, ink = abs(b.x - a.x) < abs(b.y - a.y), link.says.split("\n"), INKS[link.hue]
    rule(ax, (a.x, a.y), (b.x, b.y), ink.line, 2, zorder=1)
    for n, line in enumerate(lines):
        up = (len(lines) / 2 - 0.5 - n) * 15 if upright else (len(lines) - n) * 15 - 3
        small(ax, (a.x + b.x) / 2, (a.y + b.y) / 2 - up, line, ink, bbox=PLAIN)
    room = abs(b.x - a.x) - a.half - b.half - 24
    tight = room < sum(text_width(end, SMALL, mono=True) for end in link.ends)
    address(ax, a, b, link.ends[0], 13)
    address(ax, b, a, link.ends[1], 28 if tight else 13)


def address(ax: Axes, here: Place, there: Place, text: str, off: float) -> None:
    """Write an interface's address beside its link, on the side that the link leans away from."""
    dx, dy = there.x - here.x, there.y - here.y
    if abs(dx) < abs(dy):  # upright
        down = 31 if dy > 0 else -31
        return mono(ax, here.x + 8 + dx / dy * down, here.y + down, text, ha="left", color=MUTED)
    along = (here.half + 9) * (1 if dx > 0 else -1)
    y = here.y + dy / dx * along + (-off if dy > 4 else off)
    return mono(ax, here.x + along, y, text, ha="left" if dx > 0 else "right", color=MUTED)
