"""What can be done to a network, said once: the model does it, the kernel does it, a script writes it down.

A step of the chapter is a function of a ``World``. There are three of them::

    Script    the commands by which a person would do it                  here
    Model     a few dictionaries, and rules that fit on a page            model.py
    Kernel    Linux, in a lab                                             kernel.py

Hosts are network namespaces and go by their names; "host" is the machine that the others are made on. An interface is
a ``device`` of a host, an address is written with the length of its network's prefix: "10.0.0.2/24".
"""

from __future__ import annotations

from typing import Protocol

MACHINE = "host"  # whose namespace was there before all others


class World(Protocol):
    """A network that can be changed. What cannot be done there and then is a ``ValueError`` or an ``OSError``."""

    def namespace(self, name: str) -> None:
        """Make a network namespace: a network stack with nothing in it but ``lo``, and that is down."""

    def up(self, host: str, device: str) -> None:
        """Switch an interface on."""

    def down(self, host: str, device: str) -> None:
        """Switch an interface off."""

    def cable(self, host: str, device: str, far: str, far_device: str) -> None:
        """Make a pair of interfaces, a veth: one on ``host``, the other on ``far``. Both are down."""

    def address(self, host: str, device: str, given: str) -> None:
        """Give an interface an address."""

    def bridge(self, host: str, device: str) -> None:
        """Make a bridge and switch it on: a switch, and an interface of the host at the same time."""

    def plug(self, host: str, device: str, bridge: str) -> None:
        """Make an interface a port of a bridge; of none, where ``bridge`` is ""."""

    def route(self, host: str, to: str, via: str) -> None:
        """Add a route to a network ("default" for all others) via a neighbour's address."""

    def unroute(self, host: str, to: str) -> None:
        """Remove that route."""

    def forward(self, host: str, on: bool = True) -> None:
        """Have a host pass on packets that are for others, or stop it."""

    def masquerade(self, host: str, device: str, on: bool = True) -> None:
        """Have what leaves by ``device`` carry that interface's own address, or stop it."""


class Script:
    """The world of a person at a terminal: ``lines`` are what to type, as root of the machine.

    >>> script = Script()
    >>> script.up("red", "lo")
    >>> script.forward("host")
    >>> script.lines
    ['ip -n red link set lo up', 'sysctl -w net.ipv4.ip_forward=1']
    """

    def __init__(self) -> None:
        self.lines: list[str] = []

    def _ip(self, host: str, words: str) -> None:
        self.lines.append(f"ip {'' if host == MACHINE else f'-n {host} '}{words}")

    def _on(self, host: str, words: str) -> None:
        self.lines.append(f"{'' if host == MACHINE else f'ip netns exec {host} '}{words}")

    def namespace(self, name: str) -> None:
        """``ip netns add``."""
        self.lines.append(f"ip netns add {name}")

    def up(self, host: str, device: str) -> None:
        """``ip link set … up``."""
        self._ip(host, f"link set {device} up")

    def down(self, host: str, device: str) -> None:
        """``ip link set … down``."""
        self._ip(host, f"link set {device} down")

    def cable(self, host: str, device: str, far: str, far_device: str) -> None:
        """``ip link add … type veth peer name …``."""
        self._ip(host, f"link add {device} type veth peer name {far_device} netns {far}")

    def address(self, host: str, device: str, given: str) -> None:
        """``ip address add``."""
        self._ip(host, f"address add {given} dev {device}")

    def bridge(self, host: str, device: str) -> None:
        """``ip link add … type bridge``."""
        self._ip(host, f"link add {device} type bridge")
        self.up(host, device)

    def plug(self, host: str, device: str, bridge: str) -> None:
        """``ip link set … master``, or ``nomaster``."""
        self._ip(host, f"link set {device} {f'master {bridge}' if bridge else 'nomaster'}")

    def route(self, host: str, to: str, via: str) -> None:
        """``ip route add``."""
        self._ip(host, f"route add {to} via {via}")

    def unroute(self, host: str, to: str) -> None:
        """``ip route del``."""
        self._ip(host, f"route del {to}")

    def forward(self, host: str, on: bool = True) -> None:
        """``sysctl -w net.ipv4.ip_forward=…``."""
        self._on(host, f"sysctl -w net.ipv4.ip_forward={int(on)}")

    def masquerade(self, host: str, device: str, on: bool = True) -> None:
        """``nft``, which wants a table, a chain in it, and the rule."""
        for line in masked(device) if on else ("delete table ip nat",):
            self._on(host, f"nft '{line}'")


def masked(device: str) -> tuple[str, ...]:
    """Return the lines of nft that masquerade what leaves by ``device``."""
    return (
        "add table ip nat",
        "add chain ip nat out { type nat hook postrouting priority srcnat; }",
        f"add rule ip nat out oifname {device} masquerade",
    )
