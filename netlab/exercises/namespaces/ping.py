"""Read the finished network: what does red's ping to the server say, where, and to whom is its frame sent?

The right answers are the model's.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address
from typing import Any, NamedTuple

from netlab.exercises.asking import shown
from netlab.exercises.exercise import Exercise, Wrong
from netlab.exercises.naming import by_name
from netlab.networks.namespaces.model import Model, lookup
from netlab.networks.namespaces.steps import TARGETS, build

FIRST_TTL = 64  # what Linux sends a packet with


class Slip(NamedTuple):
    """Who gives this ``value`` has overlooked something; ``shows`` says what."""

    value: Any
    shows: str


def right() -> dict[str, Any]:
    """Return the four answers, worked out by the model."""
    model = Model()
    build(model)
    server = IPv4Address(TARGETS["server"])
    route = lookup(model.spaces["red"].routes(), server)
    assert route is not None
    walk = model.walk("red", server)
    owners = [
        name for name, device in model.spaces["host"].devices.items() for given in device.addresses
        if given.ip == route.via
    ]  # fmt: skip
    return {
        "gateway": str(route.via),
        "frame_for": owners[0],
        "source": str(walk.source),
        "ttl": FIRST_TTL - (len(walk.hosts) - 2),
    }


SLIPS = {
    "gateway": (
        Slip("203.0.113.5", "That is the host, too, but on the far side. A gateway is a neighbour: red must reach it."),
        Slip("10.0.0.3", "That is blue. What is for the server is handed to whoever passes packets on."),
    ),
    "frame_for": (
        Slip("server", "A hardware address is good for one wire. The server is on another one."),
        Slip("vred", "A port of a bridge is a socket of a switch: frames pass it, and none is for it."),
        Slip("wan", "That interface is on the other wire. Red asked ARP for its gateway's address: whose is that?"),
        Slip("blue", "Blue hears the bridge, too, but red asked for its gateway."),
    ),
    "source": (
        Slip("10.0.0.2", "So it leaves red. One line of nft writes over it on the way."),
        Slip("10.0.0.1", "The host has two addresses. It writes the one of the interface by which the packet leaves."),
    ),
    "ttl": (
        Slip(64, "So it leaves red. A router takes one off."),
        Slip(62, "There is one router, not two: a bridge is a switch, and leaves packets as they are."),
        Slip(61, "Only routers take one off, and there is one. Cables and bridges do not count."),
    ),
}
ELSE = {
    "gateway": "It is the address behind `via` in red's default route.",
    "frame_for": "One of: blue, br0, server, vblue, vred, wan.",
    "source": "Which of the host's addresses is on the interface named by masquerade?",
    "ttl": "Linux begins with 64. How many routers are there on the way?",
}


def judge(answer: Any) -> Iterator[str]:
    """Yield what is wrong with the four answers, the first wrong one."""
    faults = by_name(answer, SLIPS)
    yield from faults
    if faults:
        return
    for name, value in right().items():
        given = answer[name]
        if given != value or isinstance(given, bool):
            why = (slip.shows for slip in SLIPS[name] if given == slip.value)
            yield f"{name} is not {shown(given)}. {next(why, ELSE[name])}"


EXERCISE = Exercise(
    name="namespaces.ping",
    question="Red pings the server: the gateway, the frame's receiver, and source and TTL at the server.",
    judge=judge,
    hint="Who rewrites the frame, and who the packet? A switch does neither.",
    idea="A frame is for the next neighbour, a packet for the far end. A router changes both, a switch nothing.",
    wrong=(
        Wrong(right() | {"frame_for": "server"}, "good for one wire"),
        Wrong(right() | {"source": "10.0.0.2"}, "One line of nft"),
        Wrong(right() | {"ttl": 62}, "a bridge is a switch"),
    ),
)
