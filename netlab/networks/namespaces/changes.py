"""What changed: two snapshots of the kernel's, and the facts that only one of them has.

>>> empty = Snapshot(["red"], [], [], [Interface("red", "lo", False, False, 65536, "")], [], [], [], [], [])
>>> facts(empty)
{('red', 'lo'): 'lo: down'}
>>> news(empty, empty._replace(interfaces=[Interface("red", "lo", True, True, 65536, "")]))
['red: lo: up']
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netlab.lab.snapshot import Interface, Snapshot

__all__ = ["Interface", "Snapshot", "facts", "news", "shots"]

Facts = dict[tuple[str, str], str]


def shots(seen: Mapping[str, Any]) -> list[Snapshot]:
    """Return the snapshots that ``kernel.stairs`` took: one before the first step, one after each."""
    return [Snapshot.load(shot) for shot in seen["shots"]]


def facts(shot: Snapshot) -> Facts:
    """Return what a snapshot says, by host and thing: interfaces, addresses of IPv4, routes, who forwards."""
    cables = {end for w in shot.wires for end in ((w.a, w.a_device), (w.b, w.b_device))}
    found: Facts = {}
    for one in shot.interfaces:
        alone = one.up and not one.carrier and (one.host, one.name) in cables
        state = f"{'up' if one.up else 'down'}{', its other end is down' if alone else ''}"
        found[one.host, one.name] = f"{one.name}: {state}{f', port of {one.master}' if one.master else ''}"
    for given in shot.addresses:
        if ":" not in given.address:
            found[given.host, given.address] = f"{given.address} on {given.device}"
    for route in shot.routes:
        if ":" not in route.to:
            way = f"via {route.via}" if route.via else f"by {route.device}"
            found[route.host, f"to {route.to}"] = f"route to {route.to} {way}"
    return found | {(host, "forwards"): "forwards" for host in shot.routers}


def news(before: Snapshot, after: Snapshot) -> list[str]:
    """Return what the second snapshot has that the first has not, or has otherwise, a line each; then what is gone."""
    old, new = facts(before), facts(after)
    told = [f"{host}: {text}" for (host, what), text in new.items() if old.get((host, what)) != text]
    return told + [f"{host}: no more {text}" for (host, what), text in old.items() if (host, what) not in new]
