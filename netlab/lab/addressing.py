"""Who gets which address, and which way leads there: what the lab does where the experiment does not say.

    networks     10.0.1.0/24 and fd00:0:0:1::/64 for the first cable or bridge, 10.0.2.0/24 … for the next one, and so
                 on: the next pair that overlaps nothing that somebody was given
    addresses    .1 and .2 at the two ends of a cable; at a bridge the next that is free
    routes       the fewest routers; a default route where everything lies behind one of them

What shares a network is a segment. Two addresses of one segment reach each other without a router; whoever is on two
segments may be one. So the way to a network is a walk over segments, breadth first.
"""

from __future__ import annotations

import os.path
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_interface, ip_network
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from netlab.lab.host import Host
    from netlab.lab.link import End
    from netlab.lab.rtnetlink import Address, Interface, Network

V4 = ip_network("10.0.0.0/16")  # where the lab's own networks are: 10.0.1.0/24, 10.0.2.0/24, …
ANY4, ANY6 = ip_network("0.0.0.0/0"), ip_network("::/0")
V6 = ip_network("fd00::/48")  # a prefix of unique local addresses (RFC 4193)
LEAST6 = 1280  # bytes of IP that a link must carry whole to carry IPv6 (RFC 8200 §5)


@dataclass(slots=True, eq=False)
class Segment:
    """What shares one network: the two ends of a cable, or all that is plugged into one bridge."""

    networks: list[Network] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)

    def next(self, versions: Sequence[int]) -> list[Interface]:
        """Return the next free address of each network of these versions: .1, .2, …"""
        taken = {given.ip for end in self.ends for given in end.addresses}
        return [_free(network, taken) for network in self.networks if network.version in versions]

    def fits(self, given: Interface) -> Interface:
        """Return an address that was asked for; raise ``ValueError`` where it is of another network, or taken."""
        if given.network not in self.networks:
            raise ValueError(f"{given} is not on {' or '.join(map(str, self.networks))}, this bridge's network")
        for end in self.ends:
            if given in end.addresses:
                raise ValueError(f"{given} is {end.host.name}'s already")
        return given


def _free(network: Network, taken: set[Address]) -> Interface:
    for host in network.hosts():
        if host not in taken:
            return ip_interface(f"{host}/{network.prefixlen}")
    raise ValueError(f"all addresses of {network} are taken: give this link others")


def first_two(network: Network) -> tuple[Interface, Interface]:
    """Return the addresses of the two ends of a cable: .1 and .2."""
    one, two = (ip_interface(f"{network.network_address + n}/{network.prefixlen}") for n in (1, 2))
    return one, two


def versions(mtu: int = LEAST6) -> tuple[int, ...]:
    """Return the versions of IP that a link of this MTU carries on this kernel, which may have been started without 6.

    IPv6's settings, unlike those of a network, are there for everybody or for nobody.
    """
    return (4, 6) if mtu >= LEAST6 and os.path.isdir("/proc/sys/net/ipv6") else (4,)


def unused(segments: Sequence[Segment], versions: Sequence[int]) -> list[Network]:
    """Return the next network of each version that overlaps none that is there."""
    there = [network for segment in segments for network in segment.networks]
    for number in range(1 + len(segments), 256):
        found: list[Network] = [
            IPv4Network((int(V4.network_address) + (number << 8), 24)),
            IPv6Network((int(V6.network_address) + (number << 64), 64)),
        ]
        if not any(overlap(one, other) for one in found for other in there):
            return [network for network in found if network.version in versions]
    raise ValueError(f"all networks of {V4} are taken: give this link addresses")


def overlap(one: Network, other: Network) -> bool:
    """Return whether two networks have an address in common."""
    return one.version == other.version and one.overlaps(other)


def claimed(addresses: Sequence[str], segments: Iterable[Segment]) -> list[Interface]:
    """Return the addresses as they were given; raise ``ValueError`` where somebody else has one of their networks."""
    given = [ip_interface(text) for text in addresses]
    for one in given:
        if one.ip.is_multicast or one.ip.is_loopback or one.ip.is_unspecified:
            raise ValueError(f"{one.ip} is no address of an interface on a network")
        for segment in segments:
            for other in segment.networks:
                if overlap(one.network, other):
                    names = " and ".join(sorted({end.host.name for end in segment.ends})) or "a bridge"
                    raise ValueError(f"{one} overlaps {other}, the network of {names}")
    if len({one.ip for one in given}) < len(given):
        raise ValueError(f"one address cannot be at both ends of a link: {', '.join(addresses)}")
    return given


def plan(
    hosts: tuple[str, str],
    bridges: Mapping[str, Segment],
    segments: Sequence[Segment],
    addresses: Sequence[str] | None,
    mtu: int,
) -> tuple[Segment, list[list[Interface]]]:
    """Return the segment that a link between two hosts belongs to, and the addresses of its ends.

    Those are ``addresses``, none of an empty list, or where that is None the next free ones that fit the MTU. Raises
    ``ValueError`` for what cannot be.
    """
    switches = [name in bridges for name in hosts]
    if all(switches):
        raise ValueError(f"{hosts[0]} and {hosts[1]} are both bridges: plug all hosts into one")
    if isinstance(addresses, str):
        addresses = addresses.split()
    most = 1 if any(switches) else 2
    if addresses and len(addresses) != most:
        raise ValueError(f"this link has {most} end{'s' * (most - 1)} with an address: not {', '.join(addresses)}")
    if mtu < LEAST6 and any(ip_interface(text).version == 6 for text in addresses or ()):
        raise ValueError(f"a link that carries IPv6 has an MTU of at least {LEAST6:,} bytes: not {mtu}")
    if any(switches):
        segment = bridges[hosts[switches.index(True)]]
        free = segment.next(versions(mtu)) if addresses is None else []
        some = free or [segment.fits(ip_interface(text)) for text in addresses or ()]
        return segment, [[] if switch else some for switch in switches]
    if addresses is None:
        segment = Segment(unused(segments, versions(mtu)))
        return segment, [list(pair) for pair in zip(*map(first_two, segment.networks), strict=True)]
    given = claimed(addresses, segments)
    segment = Segment(list(dict.fromkeys(one.network for one in given)))
    return segment, [[one] for one in given] or [[], []]


# -------------------------------------------------------------------------------------------------- the shortest path


class Way(NamedTuple):
    """A route: ``host`` reaches ``network`` by the router at ``hop``."""

    host: Host
    network: Network
    hop: Address


def shortest(hosts: Sequence[Host], segments: Sequence[Segment]) -> Iterator[Way]:
    """Yield the routes that each host needs: to which network, by which next hop, in as few hops as there can be.

    Where everything lies behind one router, a default route says so. Of ways that are as short, the one whose links
    were made first is taken, so that a lab is the same each time.
    """
    on: dict[str, list[Segment]] = {host.name: [] for host in hosts}
    for segment in segments:
        for end in segment.ends:
            on.get(end.host.name, []).append(segment)  # a bridge is on none: it has no address
    for host in hosts:
        found = _reach(host, on)
        for version, everything in ((4, ANY4), (6, ANY6)):
            routes = [(network, hop) for network, hop in found if network.version == version]
            hops = {hop for _, hop in routes}
            if len(hops) == 1:
                routes = [(everything, hops.pop())]
            yield from (Way(host, network, hop) for network, hop in routes)


def _reach(start: Host, on: Mapping[str, Sequence[Segment]]) -> list[tuple[Network, Address]]:
    """Return every network that ``start`` is not on, and the neighbour that is nearer to it: breadth first."""
    found: list[tuple[Network, Address]] = []
    seen, visited = {id(segment) for segment in on[start.name]}, {start.name}
    queue: deque[tuple[Segment, dict[int, Address] | None]] = deque((segment, None) for segment in on[start.name])
    while queue:
        segment, hops = queue.popleft()
        for router in segment.ends:
            if router.host.name in visited or router.host.name not in on:
                continue
            visited.add(router.host.name)
            near: dict[int, Address] = {given.version: given.ip for given in reversed(router.addresses)}
            first = near if hops is None else hops
            for other in on[router.host.name]:
                if id(other) not in seen:
                    seen.add(id(other))
                    found += [
                        (network, first[network.version]) for network in other.networks if network.version in first
                    ]
                    queue.append((other, first))
    return found
