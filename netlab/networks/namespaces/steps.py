"""The staircase: ten steps from an empty namespace to a container's network, and twelve ways to miss one.

    red  10.0.0.2 ──┐
                   br0 10.0.0.1 [host] 203.0.113.5 wan ───── 203.0.113.10 server
    blue 10.0.0.3 ──┘

``host`` is the machine, ``server`` somebody far away who knows nothing of 10.0.0.0/24. A step is a function of a
``World``, so that the model, the kernel and a script take the same step. The addresses outside are of 203.0.113.0/24,
which is kept for documentation (RFC 5737 §3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from netlab.networks.namespaces.worlds import Script, World

TARGETS: Mapping[str, str] = {  # what red pings, in this order
    "lo": "127.0.0.1",
    "own": "10.0.0.2",
    "host": "10.0.0.1",
    "blue": "10.0.0.3",
    "server": "203.0.113.10",
}


class Step(NamedTuple):
    """A ``name``, the one ``idea`` in it, and what it does to a world."""

    name: str
    idea: str
    take: Callable[[World], None]

    @property
    def commands(self) -> list[str]:
        """What a person would type."""
        script = Script()
        self.take(script)
        return script.lines


def outside(net: World) -> None:
    """Make what is there before step 0: the machine, the server, and the cable between them."""
    for name in ("host", "server"):
        net.namespace(name)
        net.up(name, "lo")
    net.cable("host", "wan", "server", "eth0")
    net.address("host", "wan", "203.0.113.5/24")
    net.address("server", "eth0", "203.0.113.10/24")
    net.up("host", "wan")
    net.up("server", "eth0")


def _up(net: World) -> None:
    net.up("red", "eth0")
    net.up("host", "vred")


def _bridge(net: World) -> None:
    net.bridge("host", "br0")
    net.address("host", "br0", "10.0.0.1/24")
    net.plug("host", "vred", "br0")


def _blue(net: World) -> None:
    net.namespace("blue")
    net.cable("host", "vblue", "blue", "eth0")
    net.address("blue", "eth0", "10.0.0.3/24")
    net.up("blue", "lo")
    net.up("blue", "eth0")
    net.up("host", "vblue")
    net.plug("host", "vblue", "br0")


STEPS = (
    Step("a namespace", "a network stack of its own, and empty", lambda net: net.namespace("red")),
    Step("lo up", "up brings 127.0.0.1 along", lambda net: net.up("red", "lo")),
    Step("a cable", "two ends, no address, no route", lambda net: net.cable("host", "vred", "red", "eth0")),
    Step("an address", "it belongs to the host", lambda net: net.address("red", "eth0", "10.0.0.2/24")),
    Step("both ends up", "up brings the subnet's route along", _up),
    Step("a bridge", "a switch, and the host on it", _bridge),
    Step("blue as well", "neighbours need no router", _blue),
    Step("a default route", "from no idea to silence", lambda net: net.route("red", "default", "10.0.0.1")),
    Step("forwarding", "it goes out, and nothing comes back", lambda net: net.forward("host")),
    Step("masquerade", "the server knows whom to answer", lambda net: net.masquerade("host", "wan")),
)

FAULTS = (  # each undoes one thing of the finished network
    Step("red's lo down", "to oneself, all goes through lo", lambda net: net.down("red", "lo")),
    Step("blue's lo down", "nobody else needs it", lambda net: net.down("blue", "lo")),
    Step("host's lo down", "nobody else needs it", lambda net: net.down("host", "lo")),
    Step("red's eth0 down", "its routes go, its address stays", lambda net: net.down("red", "eth0")),
    Step("blue's eth0 down", "nobody answers ARP", lambda net: net.down("blue", "eth0")),
    Step("host's end down", "the other end keeps its routes", lambda net: net.down("host", "vred")),
    Step("bridge down", "the same, for all of its ports", lambda net: net.down("host", "br0")),
    Step("port unplugged", "ARP is answered, nothing else", lambda net: net.plug("host", "vred", "")),
    Step("no default route", "red does not know where", lambda net: net.unroute("red", "default")),
    Step("no forwarding", "the host keeps it", lambda net: net.forward("host", on=False)),
    Step("no way back", "the server does not know where", lambda net: net.masquerade("host", "wan", on=False)),
    Step("uplink down", "the host does not know where, and says so", lambda net: net.down("host", "wan")),
)


def build(net: World, steps: int = len(STEPS)) -> None:
    """Make the network up to step ``steps``, which is not taken any more; all of it by default."""
    outside(net)
    for step in STEPS[:steps]:
        step.take(net)
