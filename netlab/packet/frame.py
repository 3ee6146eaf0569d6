"""A frame, all of it: its headers from the outside in, what the innermost carries, and what fills the rest.

    | Ethernet | IPv4 | TCP | payload | trailer |
      \\_______ layers _____/

``decode`` goes on for as long as a header says what follows and this room knows it. It never fails: what a host sent,
or what a capture kept of it, is seen as it was, and where a header broke a rule or was cut off, ``failure`` says so and
the rest is payload. In every case the pieces put together again are the frame, byte for byte.

>>> packet = build(Ethernet(), IPv4(src=b"\\n\\0\\0\\1", dst=b"\\n\\0\\0\\2"), UDP(5353, 53), payload=b"hi")
>>> octets = packet.encode()
>>> octets.hex(" ", 4)
'ffffffff ffff0000 00000000 08004500 001e0000 00004011 66cd0a00 00010a00 000214e9 0035000a 6e506869'
>>> decode(octets) == packet
True
>>> [type(layer).__name__ for layer in decode(octets + bytes(14)).layers], decode(octets[:36]).failure
(['Ethernet', 'IPv4', 'UDP'], 'UDP: at least 6 more bytes are needed')
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

from netlab.packet import arp, ethernet, extensions, icmp, ipv4, ipv6, tcp, udp
from netlab.packet.arp import ARP
from netlab.packet.ethernet import VLAN, Ethernet
from netlab.packet.extensions import DestinationOptions, Fragment, HopByHop, Routing
from netlab.packet.icmp import ICMP, ICMPv6
from netlab.packet.ipv4 import IPv4
from netlab.packet.ipv6 import IPv6
from netlab.packet.layout import new
from netlab.packet.tcp import TCP
from netlab.packet.udp import UDP
from netlab.wire import Incomplete, Reader, Recorder, WireError, checksum

ETHERNET, RAW = 1, 101  # types of link: frames of Ethernet; IP packets with nothing before them

Layer = Ethernet | VLAN | ARP | IPv4 | IPv6 | HopByHop | Routing | Fragment | DestinationOptions | UDP | TCP | ICMP
Kind = TypeVar("Kind", bound=Layer)

ETHERTYPES = {0x0800: IPv4, 0x0806: ARP, 0x8100: VLAN, 0x86DD: IPv6, 0x88A8: VLAN}
PROTOCOLS = {icmp.PROTOCOL: ICMP, tcp.PROTOCOL: TCP, udp.PROTOCOL: UDP}
NEXT_HEADERS = {
    tcp.PROTOCOL: TCP, udp.PROTOCOL: UDP, icmp.PROTOCOL6: ICMPv6, extensions.ROUTING: Routing,
    extensions.FRAGMENT: Fragment, extensions.DESTINATION: DestinationOptions,
}  # fmt: skip
INSIDE: dict[type, Mapping[int, type]] = {
    Ethernet: ETHERTYPES,
    VLAN: ETHERTYPES,
    IPv4: PROTOCOLS,
    IPv6: NEXT_HEADERS | {extensions.HOP_BY_HOP: HopByHop},  # here and nowhere else: RFC 8200 §4.3
    **dict.fromkeys((HopByHop, Routing, Fragment, DestinationOptions), NEXT_HEADERS),
}
DECODERS: dict[type, Callable[[Reader], Layer]] = {
    Ethernet: ethernet.decode, VLAN: ethernet.decode_vlan, ARP: arp.decode, IPv4: ipv4.decode, IPv6: ipv6.decode,
    HopByHop: extensions.decode_hop_by_hop, Routing: extensions.decode_routing, Fragment: extensions.decode_fragment,
    DestinationOptions: extensions.decode_destination_options, UDP: udp.decode, TCP: tcp.decode,
    ICMP: icmp.decode, ICMPv6: icmp.decode6,
}  # fmt: skip
# The two tables above in one, for reading; and the first the other way round, for building: of two numbers the lower.
FOLLOWS = {kind: {number: DECODERS[inner] for number, inner in inside.items()} for kind, inside in INSIDE.items()}
NUMBERS = {(kind, inside[number]): number for kind, inside in INSIDE.items() for number in sorted(inside, reverse=True)}


def _ip(r: Reader) -> IPv4 | IPv6:
    """Read the header of whichever version it is: its first four bits tell."""
    return ipv6.decode(r) if r.at < r.stop and r.data[r.at] >> 4 == ipv6.VERSION else ipv4.decode(r)


LINKS: dict[int, Callable[[Reader], Layer]] = {ETHERNET: ethernet.decode, RAW: _ip}


class Packet(NamedTuple):
    """What a frame holds: the headers in their order, ``payload`` behind them, ``trailer`` behind what they count.

    ``failure`` is empty, or says why what follows the last header was not decoded: cut off, or a rule that was broken.
    """

    layers: tuple[Layer, ...]
    payload: bytes = b""
    trailer: bytes = b""
    failure: str = ""

    def encode(self) -> bytes:
        """Return the frame's bytes: those that were decoded, wrong checksums and all."""
        return b"".join([layer.encode() for layer in self.layers]) + self.payload + self.trailer

    def get(self, kind: type[Kind]) -> Kind | None:
        """Return the header of that kind, the outermost of several; ``None`` where there is none."""
        return next((layer for layer in self.layers if type(layer) is kind), None)

    @property
    def ip(self) -> IPv4 | IPv6 | None:
        """The header with the addresses, of either version."""
        return self.get(IPv4) or self.get(IPv6)

    @property
    def missing(self) -> int:
        """How many bytes its headers count and it has not: they were cut off, or other fragments have them."""
        at = most = 0
        for layer in self.layers:
            if isinstance(layer, IPv4) and layer.total_length:
                most = max(most, at + layer.total_length)
            at += len(layer.encode())
            if isinstance(layer, IPv6) and layer.payload_length:
                most = max(most, at + layer.payload_length)
            elif isinstance(layer, UDP):
                most = max(most, at + layer.length - 8)
        return max(0, most - at - len(self.payload))

    def checksum_ok(self, kind: type[Layer]) -> bool | None:
        """Return whether the checksum of the header of that kind is right; ``None`` where nobody can tell.

        Nobody can where it has none, and for UDP, TCP and ICMP where not all that it covers is here, or where a router
        on the way is still to write another address into the packet.
        """
        layer, ip = self.get(kind), self.ip
        if isinstance(layer, IPv4):
            return layer.checksum_ok
        if not isinstance(layer, UDP | TCP | ICMP) or ip is None or self.missing or self._unsettled():
            return None
        at = [type(one) for one in self.layers].index(kind)
        covered = b"".join(one.encode() for one in self.layers[at:]) + self.payload
        if isinstance(layer, UDP) and not layer.checksum:
            return None if isinstance(ip, IPv4) else False  # over IPv6 there is no leaving it out: RFC 8200 §8.1
        if type(layer) is ICMP:
            return checksum(covered) == 0
        number = {UDP: udp.PROTOCOL, TCP: tcp.PROTOCOL, ICMPv6: icmp.PROTOCOL6}[type(layer)]
        return checksum(ip.pseudo_header(number, len(covered)) + covered) == 0

    def _unsettled(self) -> bool:
        """Return whether this is a fragment, or the address that it bears is not its last."""
        pieces = any(isinstance(layer, IPv4 | Fragment) and layer.is_fragment for layer in self.layers)
        return pieces or any(isinstance(layer, Routing) and layer.segments_left > 0 for layer in self.layers)

    @property
    def summary(self) -> str:
        """The packet in one line, much as tcpdump has it."""
        from netlab.packet.summary import summary  # noqa: PLC0415 - it knows what a packet is

        return summary(self)


# ------------------------------------------------------------------------------------------------------------- decode


def decode(octets: bytes, linktype: int = ETHERNET) -> Packet:
    """Return what ``octets`` hold, a frame as ``linktype`` has them; of a link that is not known, all is payload."""
    return read(Reader(octets), linktype)


def read(r: Reader, linktype: int = ETHERNET) -> Packet:
    """Read a frame: all that the reader has. A recorder then has the span of each field, for ``annotate``."""
    layers: list[Layer] = []
    failure, whole = "", (r.stop, r.name, r.rule)
    decoder = LINKS.get(linktype)
    try:
        while decoder:
            at = r.at
            layer = decoder(r)
            layers.append(layer)
            follows = FOLLOWS.get(layer.__class__)
            decoder = follows.get(layer.carries) if follows else None  # type: ignore[union-attr,arg-type]
    except (Incomplete, WireError) as error:
        failure = f"{_name(decoder)}: {error}"
        _back(r, at)
    payload = r.take(r.stop - r.at, "payload")
    r.stop, r.name, r.rule = whole
    trailer = r.take(r.stop - r.at, "trailer") if r.at < r.stop else b""
    return new(Packet, (tuple(layers), payload, trailer, failure))


def _name(decoder: Callable[[Reader], Layer] | None) -> str:
    """Return what a decoder reads."""
    return next((kind.__name__ for kind, reads in DECODERS.items() if reads is decoder), "IP")


def _back(r: Reader, at: int) -> None:
    """Stand at ``at`` again; a recorder forgets what it read from there on, for that is payload now."""
    r.at = at
    while isinstance(r, Recorder) and r.spans and r.spans[-1].start >= at:
        del r.spans[-1]


# -------------------------------------------------------------------------------------------------------------- build


def build(*layers: Layer, payload: bytes = b"", trailer: bytes = b"") -> Packet:
    """Return a packet in which each header fits what follows it: lengths, types, protocols, checksums.

    What else they say is theirs. Raises ``ValueError`` for a header that cannot follow the one before it, and for more
    bytes than a length can count. Who wants a wrong field replaces it afterwards.
    """
    body, done = payload, list(layers)
    for n in reversed(range(len(layers))):
        carries = _number(layers[n], layers[n + 1]) if n + 1 < len(layers) else None
        ip = next((layer for layer in layers[:n] if isinstance(layer, (IPv4, IPv6))), None)
        done[n] = layers[n].filled(body, carries, ip)
        body = done[n].encode() + body
    return Packet(tuple(done), payload, trailer)


def _number(outer: Layer, inner: Layer) -> int:
    """Return the number by which ``outer`` knows ``inner``."""
    number = NUMBERS.get((type(outer), type(inner)))
    if number is None:
        raise ValueError(f"{type(inner).__name__} does not travel in {type(outer).__name__}")
    return number
