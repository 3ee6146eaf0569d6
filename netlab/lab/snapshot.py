"""A snapshot: what the kernel says of every host at one moment, as data and as a diagram.

Interfaces, addresses, routes and neighbours come by netlink, as for ``ip link``, ``ip address``, ``ip route`` and
``ip neighbour``; sockets from /proc/net, as for ``ss -tuna``. How hosts are wired is what the lab itself did.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, NamedTuple

from netlab.lab import rtnetlink
from netlab.lab.netlink import attributes
from netlab.lab.tcpinfo import STATES

if TYPE_CHECKING:
    from netlab.lab.host import Host
    from netlab.lab.lab import Lab
    from netlab.lab.link import End, Line
    from netlab.picture import Picture

# as RFC 4861 names them, but for FAILED, NOARP and PERMANENT, which are Linux's own
NUD = {1: "INCOMPLETE", 2: "REACHABLE", 4: "STALE", 8: "DELAY", 16: "PROBE", 32: "FAILED", 64: "NOARP"}
NUD |= {128: "PERMANENT"}
IFF_UP, IFF_LOWER_UP = 0x1, 0x1_0000


class Interface(NamedTuple):
    """``master`` is the bridge whose port it is, "" for none; ``carrier``: somebody is at the other end."""

    host: str
    name: str
    up: bool
    carrier: bool
    mtu: int  # bytes
    mac: str
    master: str = ""


class Address(NamedTuple):
    """An address of an interface, with the length of its network's prefix: "10.0.1.1/24"."""

    host: str
    device: str
    address: str


class Route(NamedTuple):
    """To the network ``to`` ("default" for all others) by a router, or without one where ``via`` is ""."""

    host: str
    to: str
    via: str
    device: str


class Neighbour(NamedTuple):
    """Who has ``address``, as ARP or neighbour discovery found out; ``mac`` is "" while nobody answers."""

    host: str
    address: str
    mac: str
    device: str
    state: str


class Socket(NamedTuple):
    """A socket of TCP or UDP: its two ends as "10.0.1.1:80"; a UDP socket has no states but "open" and "connected"."""

    host: str
    protocol: str
    local: str
    remote: str
    state: str


class Wire(NamedTuple):
    """A link of the lab: its ends' hosts and interfaces, and what it is like ("20 Mbit/s, 20 ms")."""

    a: str
    a_device: str
    b: str
    b_device: str
    says: str


class Snapshot(NamedTuple):
    """All of it. ``hosts`` are named in the order in which they were made; ``routers`` forward; ``bridges`` switch."""

    hosts: list[str]
    routers: list[str]
    bridges: list[str]
    interfaces: list[Interface]
    addresses: list[Address]
    routes: list[Route]
    neighbours: list[Neighbour]
    sockets: list[Socket]
    wires: list[Wire]

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> Snapshot:
        """Return the snapshot that ``_asdict`` and JSON made ``data`` of."""
        kinds = (Interface, Address, Route, Neighbour, Socket, Wire)
        rows = ([kind(*row) for row in data[name]] for name, kind in zip(cls._fields[3:], kinds, strict=True))
        return cls(data["hosts"], data["routers"], data["bridges"], *rows)

    def picture(self, title: str = "", caption: str = "") -> Picture:
        """Return the network as a diagram: hosts, links, and the addresses at their ends."""
        from netlab.lab.diagram import diagram  # noqa: PLC0415 - data is often enough

        return diagram(self, title, caption)


def snapshot(lab: Lab) -> Snapshot:
    """Ask the kernel about every host of a lab."""
    hosts = list(lab.named.values())
    names = {host.name: dict(_names(host)) for host in hosts}
    return Snapshot(
        [host.name for host in hosts],
        [host.name for host in hosts if host.sysctl("net.ipv4.ip_forward") == "1"],
        list(lab.bridges),
        [found for host in hosts for found in _interfaces(host, names[host.name])],
        [found for host in hosts for found in _addresses(host, names[host.name])],
        [found for host in hosts for found in _routes(host, names[host.name])],
        [found for host in hosts for found in _neighbours(host, names[host.name])],
        [found for host in hosts for found in _sockets(host)],
        [Wire(a.host.name, a.device, b.host.name, b.device, str(lines[0])) for a, b, lines in _wires(lab)],
    )


def _wires(lab: Lab) -> Iterator[tuple[End, End, tuple[Line, Line]]]:
    for link in lab.links:
        yield link.a, link.b, link.lines


def _text(octets: bytes) -> str:
    return octets.rstrip(b"\0").decode()


def _ip(octets: bytes | None) -> str:
    return str(ip_address(octets)) if octets else ""


def _mac(octets: bytes | None) -> str:
    return octets.hex(":") if octets else ""


def _number(octets: bytes | None) -> int:
    return int.from_bytes(octets or b"", sys.byteorder)


def _names(host: Host) -> Iterator[tuple[int, str]]:
    """Yield the interfaces' numbers and names."""
    for message in rtnetlink.dump(host.netlink, rtnetlink.GETLINK):
        yield struct.unpack_from("=i", message.body, 4)[0], _text(attributes(message.body[16:])[rtnetlink.NAME])


def _interfaces(host: Host, names: Mapping[int, str]) -> Iterator[Interface]:
    for message in rtnetlink.dump(host.netlink, rtnetlink.GETLINK):
        (flags,) = struct.unpack_from("=I", message.body, 8)
        told = attributes(message.body[16:])
        name, mtu = _text(told[rtnetlink.NAME]), _number(told[rtnetlink.MTU])
        master = names.get(_number(told.get(rtnetlink.MASTER)), "")
        up, carrier = bool(flags & IFF_UP), bool(flags & IFF_LOWER_UP)
        yield Interface(host.name, name, up, carrier, mtu, _mac(told.get(rtnetlink.MAC)), master)


def _addresses(host: Host, names: Mapping[int, str]) -> Iterator[Address]:
    for message in rtnetlink.dump(host.netlink, rtnetlink.GETADDR):
        length, number = message.body[1], struct.unpack_from("=i", message.body, 4)[0]
        told = attributes(message.body[8:])
        yield Address(
            host.name, names.get(number, ""), f"{_ip(told.get(2) or told[1])}/{length}"
        )  # IFA_LOCAL, IFA_ADDRESS


def _routes(host: Host, names: Mapping[int, str]) -> Iterator[Route]:
    """Yield the routes that ``ip route`` shows: those of the main table."""
    for message in rtnetlink.dump(host.netlink, rtnetlink.GETROUTE):
        length, table, kind = message.body[1], message.body[4], message.body[7]
        told = attributes(message.body[12:])
        if table == rtnetlink.MAIN and kind == rtnetlink.UNICAST:
            to = f"{_ip(told[1])}/{length}" if 1 in told else "default"  # RTA_DST
            yield Route(host.name, to, _ip(told.get(5)), names.get(_number(told.get(4)), ""))


def _neighbours(host: Host, names: Mapping[int, str]) -> Iterator[Neighbour]:
    for message in rtnetlink.dump(host.netlink, rtnetlink.GETNEIGH):
        number, state = struct.unpack_from("=iH", message.body, 4)
        told = attributes(message.body[12:])
        if 1 in told and not state & 64:  # what needs no asking, multicast and loopback, is not asked for either
            state_name = NUD.get(state, str(state))
            yield Neighbour(host.name, _ip(told[1]), _mac(told.get(2)), names.get(number, ""), state_name)


def _sockets(host: Host) -> Iterator[Socket]:
    for protocol in ("tcp", "tcp6", "udp", "udp6"):
        for line in _lines(host, f"/proc/net/{protocol}"):
            local, remote, code = line.split()[1:4]
            state = STATES[int(code, 16)] if protocol.startswith("tcp") else {"07": "open", "01": "connected"}[code]
            yield Socket(host.name, protocol, _end(local), _end(remote), state)


def _lines(host: Host, path: str) -> Sequence[str]:
    try:
        return host.read(path).splitlines()[1:]
    except FileNotFoundError:  # a kernel without IPv6
        return []


def _end(text: str) -> str:
    """Return "10.0.1.1:80" for /proc/net's 0101000A:0050: words of the machine's own byte order, in hex."""
    words, port = text.split(":")
    octets = b"".join(struct.pack("=I", int(words[n : n + 8], 16)) for n in range(0, len(words), 8))
    address = ip_address(octets)
    return f"{address if address.version == 4 else f'[{address}]'}:{int(port, 16)}"
