"""The network as a few dictionaries, and a packet's way through it as a loop: what the kernel ought to do, and why.

A packet is somewhere, and each host asks three questions of it::

    is the address mine?            then it has arrived; what was sent to oneself goes through lo
    may I pass it on, and where?    the longest prefix among the routes says by which interface, to which neighbour
    who has the neighbour's address on that wire?      ARP: a cable's other end, or whoever is plugged into the bridge

A ping asks them twice, there and back. What is missing decides how it fails: ``route``, there is none; ``ARP``, nobody
on the wire answered; ``told``, a router said so; ``silence``, it left and nothing came back.

>>> from netlab.networks.namespaces.steps import build
>>> model = Model()
>>> build(model)
>>> model.ping("red", "203.0.113.10")
Answer(kind='ok', reason='red → host → server, and back')
>>> model.forward("host", on=False)
>>> model.ping("red", "203.0.113.10")
Answer(kind='silence', reason='host does not forward')
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import NamedTuple

from netlab.networks.namespaces.steps import TARGETS

LOOPBACK = IPv4Interface("127.0.0.1/8")
ANY = IPv4Network("0.0.0.0/0")


class Answer(NamedTuple):
    """What became of a ping, and why."""

    kind: str  # ok, route, ARP, told or silence
    reason: str


class Route(NamedTuple):
    """To all of ``to`` by ``device``: via a neighbour, or to each address itself, where ``via`` is None."""

    to: IPv4Network
    via: IPv4Address | None
    device: str


class Walk(NamedTuple):
    """A packet's way: the ``hosts`` that had it; how it was ``lost``, "" if not; the ``source`` that it then bore."""

    hosts: tuple[str, ...]
    lost: str = ""
    why: str = ""
    source: IPv4Address = LOOPBACK.ip

    def ended(self, lost: str, why: str) -> Walk:
        """Return the walk, ended so."""
        return self._replace(lost=lost, why=why)


@dataclass(slots=True)
class Device:
    """An interface. ``peer`` is the other end of its cable, as host and device; ``bridge`` whose port it is."""

    up: bool = False
    addresses: list[IPv4Interface] = field(default_factory=list)
    peer: tuple[str, str] | None = None
    bridge: str = ""
    switches: bool = False  # it is a bridge itself


@dataclass(slots=True)
class Space:
    """A network namespace: its interfaces by name, the routes that somebody added, and what it does for others."""

    devices: dict[str, Device] = field(default_factory=lambda: {"lo": Device()})
    added: list[Route] = field(default_factory=list)
    forwards: bool = False
    masked: str = ""  # the interface whose address is put on what leaves by it

    def routes(self) -> list[Route]:
        """Return all routes: an interface that is up brings its own subnet's."""
        up = {name: device for name, device in self.devices.items() if device.up}
        return [Route(given.network, None, name) for name in up for given in up[name].addresses] + self.added

    def owns(self, address: IPv4Address) -> bool:
        """Whether an address is this host's, on whatever interface, up or down."""
        return any(given.ip == address for device in self.devices.values() for given in device.addresses)


def lookup(routes: list[Route], to: IPv4Address) -> Route | None:
    """Return the route with the longest prefix that ``to`` is in; None where there is none."""
    return max((route for route in routes if to in route.to), key=lambda route: route.to.prefixlen, default=None)


class Model:
    """A ``World`` of dictionaries. A method that needs what is not there raises ``ValueError``, as ``ip`` would."""

    def __init__(self) -> None:
        self.spaces: dict[str, Space] = {}

    def _space(self, host: str) -> Space:
        if host not in self.spaces:
            raise ValueError(f"there is no namespace {host}")
        return self.spaces[host]

    def _device(self, host: str, device: str) -> Device:
        if device not in self._space(host).devices:
            raise ValueError(f"{host} has no interface {device}")
        return self.spaces[host].devices[device]

    def _new(self, host: str, name: str, device: Device) -> None:
        if self._space(host).devices.setdefault(name, device) is not device:
            raise ValueError(f"{host} has an interface {name} already")

    def namespace(self, name: str) -> None:
        """Make a namespace. ``lo`` is in it, and down."""
        if name in self.spaces:
            raise ValueError(f"there is a namespace {name} already")
        self.spaces[name] = Space()

    def up(self, host: str, device: str) -> None:
        """Switch an interface on; ``lo`` gets its address when that happens for the first time."""
        self._device(host, device).up = True
        if device == "lo" and not self.spaces[host].owns(LOOPBACK.ip):
            self.spaces[host].devices["lo"].addresses.append(LOOPBACK)

    def down(self, host: str, device: str) -> None:
        """Switch an interface off: its routes are gone, those that were added for good. Its addresses stay."""
        self._device(host, device).up = False
        self.spaces[host].added = [route for route in self.spaces[host].added if route.device != device]

    def cable(self, host: str, device: str, far: str, far_device: str) -> None:
        """Make two interfaces, each the other's peer."""
        self._space(far)
        self._new(host, device, Device(peer=(far, far_device)))
        self._new(far, far_device, Device(peer=(host, device)))

    def address(self, host: str, device: str, given: str) -> None:
        """Give an interface an address."""
        self._device(host, device).addresses.append(IPv4Interface(given))

    def bridge(self, host: str, device: str) -> None:
        """Make a bridge, which is up."""
        self._new(host, device, Device(up=True, switches=True))

    def plug(self, host: str, device: str, bridge: str) -> None:
        """Make an interface a port of a bridge, or of none."""
        if bridge and not self._device(host, bridge).switches:
            raise ValueError(f"{bridge} is no bridge")
        self._device(host, device).bridge = bridge

    def route(self, host: str, to: str, via: str) -> None:
        """Add a route. The neighbour must be on a network that the host is on, or nobody could ask for it."""
        network, gateway = ANY if to == "default" else IPv4Network(to), IPv4Address(via)
        near = lookup(self._space(host).routes(), gateway)
        if near is None or near.via:
            raise ValueError(f"{host} is on no network with {via}")
        self.spaces[host].added.append(Route(network, gateway, near.device))

    def unroute(self, host: str, to: str) -> None:
        """Remove a route that was added."""
        network, added = ANY if to == "default" else IPv4Network(to), self._space(host).added
        self.spaces[host].added = [route for route in added if route.to != network]
        if self.spaces[host].added == added:
            raise ValueError(f"{host} has no route to {to}")

    def forward(self, host: str, on: bool = True) -> None:
        """Have a host pass packets on, or not."""
        self._space(host).forwards = on

    def masquerade(self, host: str, device: str, on: bool = True) -> None:
        """Have a host put its own address on what leaves by ``device``, or not any more."""
        if not on and not self._space(host).masked:
            raise ValueError(f"{host} puts its address on nothing")
        self._space(host).masked = device if on else ""

    def ping(self, start: str, to: str) -> Answer:
        """Return what becomes of an echo request from ``start`` to an address, and why."""
        there = self.walk(start, IPv4Address(to))
        ended = there.hosts[-1]
        if there.lost in ("route", "ARP"):
            if ended == start:  # that ARP has failed comes as a message to oneself, by lo
                heard = there.lost == "route" or self._device(start, "lo").up
                return Answer(there.lost if heard else "silence", there.why)
            report = self.walk(ended, there.source)  # of an ICMP message from the router to whoever asked
            return Answer("silence" if report.lost else "told", there.why)
        if there.lost:
            return Answer("silence", there.why)
        back = self.walk(ended, there.source)
        if not back.lost and back.hosts[-1] != start:  # the translator puts the first address back, and goes on
            back = self.walk(back.hosts[-1], self.walk(start, IPv4Address(to), masking=False).source)
        if back.lost:
            return Answer("silence", f"it arrived; no answer came back, because {back.why}")
        return Answer("ok", f"{' → '.join(there.hosts)}, and back")

    def pings(self) -> list[Answer]:
        """Return what becomes of red's five pings."""
        return [self.ping("red", address) for address in TARGETS.values()]

    def walk(self, start: str, to: IPv4Address, masking: bool = True) -> Walk:
        """Return how far a packet gets, from host to host."""
        here, walk = start, Walk((start,), source=to)
        while True:
            space = self._space(here)
            if space.owns(to):
                if here == start and not space.devices["lo"].up:
                    return walk.ended("dark", f"{here}'s lo is down")
                return walk
            if here != start and not space.forwards:
                return walk.ended("kept", f"{here} does not forward")
            route = lookup(space.routes(), to)
            if route is None:
                return walk.ended("route", f"{here} has no route to {to}")
            if here == start or (masking and space.masked == route.device):
                walk = walk._replace(source=space.devices[route.device].addresses[0].ip)
            hop = route.via or to
            there = self.who_has(hop, here, route.device)
            if not there:
                return walk.ended("ARP", f"nobody on {here}'s {route.device} has {hop}")
            if there in walk.hosts:
                return walk.ended("loop", f"{there} had it before")
            here, walk = there, walk._replace(hosts=(*walk.hosts, there))

    def who_has(self, address: IPv4Address, host: str, device: str) -> str:
        """Return who answers ARP on the wire of a device, "" for nobody. What a port hears is the bridge's."""
        seen, waiting = {(host, device)}, [(host, device)]
        while waiting:
            for there in self.beside(*waiting.pop()):
                if there not in seen and self._device(*there).up:
                    seen.add(there)
                    waiting.append(there)
                    if not self._device(*there).bridge and self.spaces[there[0]].owns(address):
                        return there[0]
        return ""

    def beside(self, host: str, device: str) -> Iterator[tuple[str, str]]:
        """Yield the interfaces that one frame reaches directly: the cable's other end, and a bridge's ports."""
        found = self._device(host, device)
        if found.up and found.peer:
            yield found.peer
        if found.up and found.bridge:
            yield host, found.bridge
        if found.up:
            yield from ((host, name) for name, port in self.spaces[host].devices.items() if port.bridge == device)
