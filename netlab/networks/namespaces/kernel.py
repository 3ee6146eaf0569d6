"""The same steps, taken by Linux: a ``World`` in a lab, and what the kernel says after each.

Experiments are functions of a lab that return what JSON can hold, for ``netlab.lab.observe``::

    seen = observe("namespaces-stairs", kernel.stairs, needs=["nft"])
    seen.data["rows"][3]["pings"]["own"]                               # "ok"

Interfaces, addresses and routes are asked of the kernel by netlink, as ``ip`` does; the one rule is nft's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from netlab.networks.namespaces.steps import FAULTS, STEPS, TARGETS, build, outside
from netlab.networks.namespaces.worlds import masked

if TYPE_CHECKING:
    from netlab.lab import Host, Lab

NEIGHBOURS = 50  # ms between two questions of ARP: Linux takes a second, and there are three of them
PATIENCE = 0.5  # s, until no answer is called silence: three questions, and more than that
KINDS = {"net": "route", "host": "ARP"}  # an error, and what is missing


class Kernel:
    """A ``World`` of network namespaces. Those of several worlds in one lab are told apart by ``mark``."""

    def __init__(self, lab: Lab, mark: str = "") -> None:
        self.lab, self.mark = lab, mark

    def __getitem__(self, name: str) -> Host:
        """Return the host of this name."""
        return self.lab[name + self.mark]

    def namespace(self, name: str) -> None:
        """Make a namespace, and leave it as the kernel made it."""
        self.lab.commands.append(f"ip netns add {name}")
        (made,) = self.lab.make([name + self.mark])
        self.lab.named[made.name] = made

    def up(self, host: str, device: str) -> None:
        """Switch an interface on."""
        self[host].up(device)

    def down(self, host: str, device: str) -> None:
        """Switch an interface off."""
        self[host].down(device)

    def cable(self, host: str, device: str, far: str, far_device: str) -> None:
        """Make a veth. Both ends send whole packets with their checksums, as a cable carries them."""
        from netlab.lab.link import End, Line, Link  # noqa: PLC0415 - who only reads recordings needs no lab
        from netlab.lab.rtnetlink import veth, whole_packets  # noqa: PLC0415

        a = End(self[host], device, self.lab.mac())
        b = End(self[far], far_device, self.lab.mac())
        a.host.say(f"ip link add {device} type veth peer name {far_device} netns {far}")
        veth(a.host.netlink, a.place(), b.place(), 1500)
        for end in (a, b):
            end.index = end.host.index(end.device)
            end.host.ends.append(end)
            with end.host.socket() as sock:
                whole_packets(sock, end.device)
            end.host.write(f"/proc/sys/net/ipv4/neigh/{end.device}/retrans_time_ms", str(NEIGHBOURS))
        self.lab.links.append(Link(a, b, (Line(), Line()), 1500))

    def address(self, host: str, device: str, given: str) -> None:
        """Give an interface an address."""
        self[host].add_address(device, given)

    def bridge(self, host: str, device: str) -> None:
        """Make a bridge, which is up."""
        self[host].add_bridge(device)
        self[host].write(f"/proc/sys/net/ipv4/neigh/{device}/retrans_time_ms", str(NEIGHBOURS))

    def plug(self, host: str, device: str, bridge: str) -> None:
        """Make an interface a port of a bridge, or of none."""
        from netlab.lab.rtnetlink import interface  # noqa: PLC0415

        there = self[host]
        there.say(f"ip link set {device} {f'master {bridge}' if bridge else 'nomaster'}")
        interface(there.netlink, there.index(device), master=there.index(bridge) if bridge else 0)

    def route(self, host: str, to: str, via: str) -> None:
        """Add a route."""
        self[host].add_route(to, via)

    def unroute(self, host: str, to: str) -> None:
        """Remove a route that was added."""
        from netlab.lab.rtnetlink import route  # noqa: PLC0415

        wanted = "0.0.0.0/0" if to == "default" else to
        (found,) = [(network, via) for network, via in self[host].routes if str(network) == wanted]
        self[host].say(f"ip route del {to}")
        route(self[host].netlink, *found, None, add=False)

    def forward(self, host: str, on: bool = True) -> None:
        """Have a host pass packets on, or stop it."""
        self[host].sysctl("net.ipv4.ip_forward", int(on))

    def masquerade(self, host: str, device: str, on: bool = True) -> None:
        """Have nft put the interface's own address on what leaves by it, or forget the rule."""
        self[host].run(["nft", "; ".join(masked(device)) if on else "delete table ip nat"])

    # ------------------------------------------------------------------------------------------------ what it says

    def pings(self) -> dict[str, str]:
        """Ping all five from red, at the same time."""
        return five([self])[0]

    def counts(self) -> dict[str, int]:
        """Return how many packets the host passed on, and how many echo requests the server got and answered."""
        host, server = (snmp(self[name]) for name in ("host", "server"))
        return {"forwarded": host["Ip.ForwDatagrams"], "asked": server["Icmp.InEchos"],
                "answered": server["Icmp.OutEchoReps"]}  # fmt: skip


def five(worlds: Sequence[Kernel]) -> list[dict[str, str]]:
    """Send the five pings from red in each of the worlds, all at once; return what became of them, by their names."""
    from netlab.lab import pings  # noqa: PLC0415

    asks = [(net["red"], address) for net in worlds for address in TARGETS.values()]
    own = ("", TARGETS["own"])  # red tells itself that nobody answered ARP, in the same kind of message
    kinds = [KINDS.get(echo.kind, echo.kind) if echo.by in own else "told" for echo in pings(asks, patience=PATIENCE)]
    each = len(TARGETS)
    return [dict(zip(TARGETS, kinds[at : at + each], strict=True)) for at in range(0, len(kinds), each)]


def snmp(host: Host) -> dict[str, int]:
    """Return the kernel's counters of one network: "Ip.ForwDatagrams", "Icmp.InEchos", …"""
    lines = [line.split() for line in host.read("/proc/net/snmp").splitlines()]
    return {
        f"{names[0][:-1]}.{name}": int(value)
        for names, values in zip(lines[::2], lines[1::2], strict=True)
        for name, value in zip(names[1:], values[1:], strict=True)
    }


# ------------------------------------------------------------------------------------------------------- experiments


def stairs(lab: Lab) -> dict[str, Any]:
    """Take the ten steps.

    Returns ``shots``, snapshots of the whole lab before the first step and after each, and the ``rows``: after each,
    the five ``pings`` and the ``counts`` so far.
    """
    net = Kernel(lab)
    outside(net)
    shots, rows = [lab.snapshot()._asdict()], []
    for step in STEPS:
        step.take(net)
        shots.append(lab.snapshot()._asdict())
        rows.append({"pings": net.pings(), "counts": net.counts()})
    return {"shots": shots, "rows": rows}


def faults(lab: Lab) -> list[dict[str, str]]:
    """Make the finished network once for each of the twelve faults, break it, and return the five pings."""
    worlds = [Kernel(lab, f"-{number}") for number in range(len(FAULTS))]
    for net, fault in zip(worlds, FAULTS, strict=True):
        build(net)
        fault.take(net)
    return five(worlds)
