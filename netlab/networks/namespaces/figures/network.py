"""The network as the kernel has it, interface by interface, and one ping's way through it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from netlab.lab.snapshot import Address, Interface, Route, Wire
from netlab.networks.namespaces.changes import Snapshot, facts, news
from netlab.networks.namespaces.model import ANY, Model
from netlab.networks.namespaces.steps import STEPS, TARGETS, build
from netlab.packet import Ethernet, IPv4, decode
from netlab.picture import GREY, LOST, OURS, Grid, Host, Hue, Link, Picture, Topology

PLACES = {  # where a namespace, or an interface of the host's, stands: column, row
    "red": (0.0, 0.0),
    "blue": (0.0, 0.7),
    "vred": (1.0, 0.0),
    "vblue": (1.0, 0.7),
    "br0": (2.0, 0.35),
    "wan": (3.0, 0.35),
    "server": (4.0, 0.35),
}


def label(host: str, device: str) -> str:
    """Return the box for an interface: the host has one for each, the others are one box."""
    return device if host == "host" else host


def change(before: Snapshot, after: Snapshot, title: str, *, badge: str = "", caption: str = "") -> Picture:
    """Return the network after a change. What is new is blue, in the drawing and first in the sentence."""
    old, new = facts(before), facts(after)
    fresh = {key for key, text in new.items() if old.get(key) != text}
    blue = {label(host, what.partition(" ")[0]) for host, what in fresh}
    addresses = {
        label(a.host, a.device): a.address for a in after.addresses if ":" not in a.address and a.device != "lo"
    }
    inside = [one.name for one in after.interfaces if one.host == "host" and one.name in PLACES]
    boxes = [
        Host(name, PLACES[name], "host", addresses.get(name, "").partition("/")[0], OURS if name in blue else GREY)
        for name in [*inside, *(host for host in after.hosts if host in PLACES)]
    ]
    told = "; ".join(line for line in news(before, after) if "lo" not in line.split())
    return Picture(
        title,
        Topology(boxes, wires(after, fresh), {"host": inside}),
        f"New is: {told or 'nothing that a snapshot shows'}. "
        f"In all there are the namespaces {', '.join(after.hosts)}; the host's interfaces are {', '.join(inside)}.",
        caption
        or "The area is the host's namespace, with a box for each interface; the other boxes are namespaces. "
        "**Blue** is what was not there before.",
        badge=badge,
    )


def built(step: int) -> Picture:
    """Return the network as the model has it after a step; blue is what is new since the chapter's last drawing.

    The note says what becomes of red's five pings, and of those that fail, why.
    """
    model, last = Model(), Model()
    build(model, step + 1)
    build(last, max(n + 1 for n in (-1, *DRAWN) if n < step))
    name, idea, _ = STEPS[step]
    title = DRAWN.get(step, f"{name[0].upper()}{name[1:]}: {idea}")
    drawn = change(modelled(last), modelled(model), title)
    return replace(drawn, note=f"step {step}, {name}: {outcome(model)}")


DRAWN = {  # the steps after which the chapter draws the network, and under which title
    2: "A cable to nowhere, and both ends are down",
    6: "A switch, and the host is plugged in, too",
    9: "The host forwards",
}


def outcome(model: Model) -> str:
    """Return what becomes of red's five pings in a few words; what fails in the same way stands together."""
    found: dict[str, list[tuple[str, str]]] = {}
    for target, answer in zip(TARGETS, model.pings(), strict=True):
        found.setdefault(answer.kind, []).append((target, answer.reason))
    well = [name for name, _ in found.pop("ok", [])]
    told = [f"{', '.join(well)} answer{'s' if len(well) == 1 else ''}" if well else "nobody answers"]
    told += [f"{', '.join(name for name, _ in lost)}: {kind}, as {lost[-1][1]}" for kind, lost in found.items()]
    return "; ".join(told)


def modelled(model: Model) -> Snapshot:
    """Return the model's network as the kernel's snapshot would have it, as far as the model knows: IPv4, no ports."""
    rows = [(host, name, device) for host, space in model.spaces.items() for name, device in space.devices.items()]
    up = {(host, name): device.up for host, name, device in rows}
    cables = [(host, name, *device.peer) for host, name, device in rows if device.peer]
    ways = [
        Route(host, "default" if way.to == ANY else str(way.to), str(way.via or ""), way.device)
        for host, space in model.spaces.items()
        for way in sorted(space.routes(), key=lambda way: way.to)  # in the kernel's order
        if way.device != "lo"
    ]
    return Snapshot(
        hosts=list(model.spaces),
        routers=[host for host, space in model.spaces.items() if space.forwards],
        bridges=[name for _, name, device in rows if device.switches],
        interfaces=[
            Interface(
                host, name, device.up, up.get(device.peer, True) if device.peer else True, 1500, "", device.bridge
            )
            for host, name, device in rows
        ],
        addresses=[Address(host, name, str(given)) for host, name, device in rows for given in device.addresses],
        routes=ways,
        neighbours=[],
        sockets=[],
        wires=[Wire(*ends, "") for n, ends in enumerate(cables) if (*ends[2:], *ends[:2]) not in cables[:n]],
    )


def wires(shot: Snapshot, fresh: set[tuple[str, str]]) -> list[Link]:
    """Return the lines between boxes: cables, ports of a bridge, and that the host forwards.

    A cable that carries nothing is drawn as lost.
    """
    up = {(i.host, i.name): i.up and i.carrier for i in shot.interfaces}
    pairs = [((w.a, w.a_device), (w.b, w.b_device)) for w in shot.wires]
    pairs += [((i.host, i.name), (i.host, i.master)) for i in shot.interfaces if i.master]
    lines = [
        Link(label(*a), label(*b), "" if up[a] and up[b] else "down", hue=hue(up[a] and up[b], {a, b} <= fresh))
        for a, b in pairs
        if {label(*a), label(*b)} <= PLACES.keys()
    ]
    if "host" in shot.routers:
        lines.append(Link("br0", "wan", "forwards", hue=hue(True, ("host", "forwards") in fresh)))
    return lines


def hue(works: bool, new: bool) -> Hue:
    """Return a line's colour."""
    return LOST if not works else OURS if new else GREY


class Passing(NamedTuple):
    """One frame of a ping at one place: when (ns), and what stood in its headers."""

    host: str
    device: str
    time: int
    src: str
    dst: str
    ttl: int
    mac: str  # for whom the frame was


def passings(frames: Sequence[Sequence[Any]]) -> list[Passing]:
    """Return what ``trials.journey`` captured, decoded."""
    found = []
    for host, device, time, octets in frames:
        packet = decode(bytes.fromhex(octets))
        ip, ethernet = packet.get(IPv4), packet.get(Ethernet)
        if ip and ethernet:
            found.append(Passing(host, device, time, ip.src_text, ip.dst_text, ip.ttl, ethernet.dst_text))
    return found


def journey(frames: Sequence[Sequence[Any]], *, badge: str = "") -> Picture:
    """Return one ping as it passed five places, there and back; what the host wrote is filled."""
    seen = passings(frames)
    lines = [[one.src, one.dst, str(one.ttl)] for one in seen]
    wrote = [
        (n, c) for n in range(1, len(seen)) for c in range(3) if lines[n][c] != lines[n - 1][c] and turned(seen, n)
    ]
    told = "; ".join(f"{lines[r][c]} at {seen[r].host}'s {seen[r].device}" for r, c in wrote)
    return Picture(
        "The server never hears of red",
        Grid([f"{n} {one.host}'s {one.device}" for n, one in enumerate(seen, 1)], ["from", "to", "TTL"], lines, wrote),
        f"One ping passes {len(seen)} places. It leaves {seen[0].host} as {' to '.join(lines[0][:2])} and reaches "
        f"{seen[len(seen) // 2 - 1].host} as {' to '.join(lines[len(seen) // 2 - 1][:2])}. The host wrote: {told}.",
        "Down the table is along the way: to the server, and back. **Filled** is what the host wrote.",
        note=f"{(seen[-1].time - seen[0].time) / 1e3:.0f} µs from leaving to being back",
        badge=badge,
    )


def turned(seen: Sequence[Passing], n: int) -> bool:
    """Whether frame ``n`` is the one before it, passed on: the server's answer is a new one."""
    return seen[n].host != "server" or seen[n - 1].host != "server"
