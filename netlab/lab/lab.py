"""A lab: networks of the real kernel that one makes, tries and throws away."""

from __future__ import annotations

import re
from collections.abc import Sequence
from socket import SOCK_DGRAM as DGRAM
from types import TracebackType
from typing import TYPE_CHECKING, Self
from weakref import finalize

from netlab.lab import addressing, rtnetlink
from netlab.lab.addressing import Segment, Way
from netlab.lab.carrier import WIRES, Wires
from netlab.lab.control import Control
from netlab.lab.host import Host
from netlab.lab.link import End, Line, Link
from netlab.lab.netlink import Netlink
from netlab.lab.waiting import uninterrupted

if TYPE_CHECKING:
    from netlab.lab.snapshot import Snapshot

NAME = re.compile(r"[a-z][a-z0-9_-]{0,14}", re.IGNORECASE)
MTU = 68, 65_535  # bytes: what IPv4 must be able to carry (RFC 791 §3.2), and what veth takes


class Lab:
    """Throw-away networks. ``seed`` is what the dice of lossy links are thrown with.

    >>> with Lab() as lab:                                              # doctest: +SKIP
    ...     client, server = lab.hosts("client server")
    ...     lab.link(client, server, delay=0.020)
    ...     client.run(f"ping -c 1 {server.address}").stdout

    Raises ``UnavailableError`` where the machine gives no lab; ``netlab.lab.available()`` asks without raising.
    """

    def __init__(self, seed: int = 1) -> None:
        self.seed = seed
        self.commands: list[str] = []  # what would have done the same, by hand
        self.named: dict[str, Host] = {}
        self.bridges: dict[str, Segment] = {}  # by the name of the host that is a bridge
        self.segments: list[Segment] = []
        self.links: list[Link] = []
        self.ways: list[Way] = []  # the routes that ``route`` added
        self.macs = 0
        self._wires: Wires | None = None
        with uninterrupted():
            self.control = Control()
            self._forgotten = finalize(self, self.control.close)  # whoever drops the lab without closing it

    # ------------------------------------------------------------------------------------------------------- hosts

    def hosts(self, names: str | Sequence[str]) -> list[Host]:
        """Return new hosts with these names, which spaces separate: ``client, server = lab.hosts("client server")``."""
        wanted = names.split() if isinstance(names, str) else list(names)
        for name in wanted:
            if not NAME.fullmatch(name) or name == WIRES:
                raise ValueError(f"a host's name is a letter and up to 14 letters, digits, - or _: not {name!r}")
            if name in self.named or wanted.count(name) > 1:
                raise ValueError(f"there is a host {name!r} in this lab already")
        with uninterrupted():
            made = self.make(wanted)
            for host in made:
                self.commands.append(f"ip netns add {host}")
                host.up("lo")
            self.named |= {host.name: host for host in made}
        return made

    def host(self, name: str) -> Host:
        """Return one new host."""
        return self.hosts([name])[0]

    def bridge(self, name: str, network: str | None = None) -> Host:
        """Return a new switch: whatever is linked to it is on one network, ``network`` or the next one that is free."""
        with uninterrupted(), self.control.lock:
            if network:
                networks = [given.network for given in addressing.claimed([network], self.segments)]
            else:
                networks = addressing.unused(self.segments, addressing.versions())
            switch = self.host(name)
            try:
                switch.add_bridge("br0")
            except OSError:
                del self.named[name]
                raise
            self.bridges[name] = Segment(networks)
            self.segments.append(self.bridges[name])
        return switch

    def __getitem__(self, name: str) -> Host:
        """Return the host of this name."""
        if name not in self.named:
            raise ValueError(f"there is no host {name!r} in this lab, only {', '.join(self.named) or 'none yet'}")
        return self.named[name]

    def make(self, names: Sequence[str]) -> list[Host]:
        """Return new hosts that nobody sees: what the lab makes for itself."""
        made = []
        for at in range(0, len(names), 100):  # a message carries 253 descriptors, and a host needs two
            some = names[at : at + 100]
            with uninterrupted():
                _, fds = self.control.ask("hosts", some)
                kept = [
                    (self.control.keep(fd), self.control.own(netlink))
                    for fd, netlink in zip(fds[::2], fds[1::2], strict=True)
                ]
            for name, (fd, netlink) in zip(some, kept, strict=True):
                made.append(Host(self, name, fd, Netlink(netlink)))
        return made

    # ------------------------------------------------------------------------------------------------------- links

    def link(
        self,
        a: Host | str,
        b: Host | str,
        *,
        rate: float | None = None,
        queue: int | None = None,
        delay: float | None = None,
        jitter: float = 0.0,
        loss: float = 0.0,
        reorder: float = 0.0,
        mtu: int = 1500,
        addresses: Sequence[str] | None = None,
    ) -> Link:
        """Lay a cable between two hosts, or a host and a bridge, and return it.

        ``rate`` in bit/s, counted on Ethernet frames, holds for each direction, at the interface that sends;
        ``queue`` is how many packets wait there. ``delay`` and ``jitter`` in s, ``loss`` and ``reorder``
        probabilities, each one way. ``mtu`` in bytes of IP. The hosts get the next free addresses, of IPv4 and IPv6
        (which takes an MTU of 1,280), or the ``addresses`` given ("10.1.0.1/24", "10.1.0.2/24"); none of an empty list.

        Put a narrow link *behind a router*: a host whose own interface is slow hears from its own kernel to send
        less, and nothing is ever dropped.

        Raises ``ValueError``, and has changed nothing, for what cannot be: a link to itself, an unknown host, a rate
        of 0, addresses that overlap others.
        """
        first, second = self._here(a), self._here(b)
        if first is second:
            raise ValueError(f"a link from {first} to itself goes nowhere")
        if not (isinstance(mtu, int) and MTU[0] <= mtu <= MTU[1]):
            raise ValueError(f"an MTU is from {MTU[0]} to {MTU[1]:,} bytes: not {mtu}")
        line = Line(rate, queue, delay, jitter, loss, reorder)
        with uninterrupted(), self.control.lock:  # two threads must not take the same name or network
            segment, given = addressing.plan((first.name, second.name), self.bridges, self.segments, addresses, mtu)
            ends = [End(host, f"eth{len(host.ends)}", self.mac()) for host in (first, second)]
            link = Link(ends[0], ends[1], (line, line), mtu)
            try:
                self._lay(link)
                for end, some in zip(ends, given, strict=True):
                    self._settle(end, some)
                    end.shape(line, mtu)
            except BaseException:
                for end in ends:
                    end.remove()
                raise
            for end in ends:
                end.host.ends.append(end)
            segment.ends += ends
            if segment not in self.segments:
                self.segments.append(segment)
            self.links.append(link)
        return link

    def _here(self, host: Host | str) -> Host:
        if isinstance(host, str):
            return self[host]
        if self.named.get(host.name) is not host:
            raise ValueError(f"{host} is a host of another lab")
        return host

    def mac(self) -> bytes:
        """Return the next Ethernet address. Its first byte says that nobody registered it (locally administered)."""
        self.macs += 1
        return bytes([2, 0, 0, 0, *self.macs.to_bytes(2)])

    def _lay(self, link: Link) -> None:
        """Make the interfaces of a link, and switch them on: one cable, or two with a carrier between them."""
        a, b = link.ends
        late = f" ({link.lines[0]})" if link.lines[0].emulated else ""
        self.commands.append(
            f"ip -n {a.host} link add {a.device} mtu {link.mtu} type veth "
            f"peer name {b.device} netns {b.host} mtu {link.mtu}{late}"
        )
        if link.lines[0].emulated:
            self._wires = self._wires or Wires(self)
            link.carrier = self._wires.carry(link, self.seed + len(self.links))
        else:
            rtnetlink.veth(a.host.netlink, a.place(), b.place(), link.mtu)
            a.find()
            b.find()
        for end in link.ends:
            with end.host.socket(kind=DGRAM) as sock:
                rtnetlink.whole_packets(sock, end.device)
            end.host.up(end.device)

    def _settle(self, end: End, given: Sequence[rtnetlink.Interface]) -> None:
        """Give an end its addresses, or make it a port of the bridge that its host is."""
        host = end.host
        if host.name in self.bridges:
            host.say(f"ip link set {end.device} master br0")
            rtnetlink.interface(host.netlink, end.index, master=host.index("br0"))
        for one in given:
            host.add_address(end.device, str(one))
            end.addresses.append(one)

    # -------------------------------------------------------------------------------------------------- all of them

    def route(self) -> None:
        """Make every host that is on two networks a router, and give each the shortest way to every network.

        Call it once all is linked, and again when there are more links: what it added before and is no longer the
        shortest way is removed. ``Host.add_route`` adds what it does not know.
        """
        hosts = [host for name, host in self.named.items() if name not in self.bridges]
        for host in hosts:
            if sum(any(end.host is host for end in segment.ends) for segment in self.segments) > 1:
                host.forward()
        ways = list(addressing.shortest(hosts, self.segments))
        for way in self.ways:
            if way not in ways:
                way.host.unroute(way.network, way.hop)
        for way in ways:
            if way not in self.ways:
                way.host.route(way.network, way.hop)
        self.ways = ways

    def snapshot(self) -> Snapshot:
        """Return what the kernel says of all hosts now: interfaces, addresses, routes, neighbours, sockets."""
        from netlab.lab.snapshot import snapshot  # noqa: PLC0415 - few labs are looked at

        return snapshot(self)

    def close(self) -> None:
        """End the lab: programs, emulators, interfaces and the sockets that it handed out are gone."""
        self.control.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
