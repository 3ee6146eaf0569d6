"""A snapshot as a diagram: who is wired to whom, with which addresses.

Nobody places a box. The first host stands at the left, whoever is one link away in the next column, and so on; within
a column they stand in the order in which they were made. So a path reads from left to right as it was written down.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from netlab.picture import GREY, LOST, Picture, Topology
from netlab.picture import Host as Box
from netlab.picture import Link as Line

if TYPE_CHECKING:
    from netlab.lab.snapshot import Snapshot


def diagram(shot: Snapshot, title: str, caption: str) -> Picture:
    """Return what ``Snapshot.picture`` promises. A link whose ends are not both up is drawn as lost."""
    places = layout(shot)
    addresses = {
        (a.host, a.device): a.address for a in reversed(shot.addresses) if ":" not in a.address
    }  # the first one counts
    alive = {(i.host, i.name): i.up and i.carrier for i in shot.interfaces}
    boxes = [
        Box(name, places[name], "router" if name in shot.routers else "host", "switch" if name in shot.bridges else "")
        for name in shot.hosts
    ]
    lines, told = [], []
    for wire in shot.wires:
        ends = ((wire.a, wire.a_device), (wire.b, wire.b_device))
        up = all(alive.get(end, False) for end in ends)
        says = ", ".join(filter(None, [wire.says, "" if up else "down"]))
        one, other = (addresses.get(end, "") for end in ends)
        lines.append(Line(wire.a, wire.b, says, (one, other), GREY if up else LOST))
        told.append(f"{wire.a} {one} – {wire.b} {other}".replace("  ", " ").strip() + (f" ({says})" if says else ""))
    sentence = f"{len(shot.hosts)} hosts: {', '.join(shot.hosts)}. Links: {'; '.join(told) or 'none'}."
    return Picture(
        title or f"A network of {len(shot.hosts)} hosts, as the kernel has it",
        Topology(boxes, lines),
        sentence,
        caption or "Boxes are hosts, round ones routers. At the ends of a line stand the interfaces' addresses.",
    )


def layout(shot: Snapshot) -> dict[str, tuple[float, float]]:
    """Return a place for each host: columns by the number of links from the first, rows in order."""
    near: dict[str, list[str]] = {name: [] for name in shot.hosts}
    for wire in shot.wires:
        near[wire.a].append(wire.b)
        near[wire.b].append(wire.a)
    column: dict[str, int] = {}
    for first in shot.hosts:  # whoever is wired to nobody so far begins a row of his own
        if first in column:
            continue
        column[first] = 0
        queue = deque([first])
        while queue:
            here = queue.popleft()
            for there in near[here]:
                if there not in column:
                    column[there] = column[here] + 1
                    queue.append(there)
    rows: dict[int, int] = {}
    places = {}
    for name in shot.hosts:
        row = rows[column[name]] = rows.get(column[name], -1) + 1
        places[name] = (float(column[name]), float(row))
    return places
