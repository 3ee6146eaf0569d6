"""Extension headers of IPv6: between its header and what it carries, each naming the next. RFC 8200 §4.

    next  header                      what it says
    0     hop-by-hop options          options for every router; directly behind the IPv6 header, or nowhere    §4.3
    43    routing                     which hosts to pass on the way                                           §4.4
    44    fragment                    this is a piece: only the sender cuts, never a router                    §4.5
    60    destination options         options for whom it is sent to                                           §4.6

    +---------------+---------------+-------- - - -
    |  next header  | hdr ext len   |  data             hdr ext len: units of 8 bytes, the first not counted
    +---------------+---------------+-------- - - -

The fragment header has 8 bytes and needs no length:

    +---------------+---------------+-------------------------+---+-+
    |  next header  |   reserved    |     fragment offset     |res|M|     offset: in units of 8 bytes
    +---------------+---------------+-------------------------+---+-+     M: more fragments follow
    |                        identification                         |
    +---------------------------------------------------------------+

>>> from netlab.wire import Reader
>>> decode_fragment(Reader(bytes.fromhex("11 00 05a9 00000007")))
Fragment(next_header=17, reserved=0, fragment_offset=181, res=0, m=1, identification=7)
"""

from __future__ import annotations

from typing import NamedTuple

from netlab.packet.ipv6 import NO_NEXT_HEADER
from netlab.packet.layout import Layout, bits
from netlab.packet.options import IPV6, Option, split, take
from netlab.wire import Reader, uint

HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION = 0, 43, 44, 60


class HopByHop(NamedTuple):
    """Options that every router on the way may look at. ``options`` are the bytes behind the first two."""

    next_header: int = NO_NEXT_HEADER
    options: bytes = bytes.fromhex("01 04 00000000")  # PadN: RFC 8200 §4.2

    @property
    def carries(self) -> int:
        """What follows: its next header."""
        return self.next_header

    def option_list(self) -> list[Option]:
        """Return the options, padding too. Raises ``WireError`` where one breaks a rule."""
        return list(split(self.options, IPV6))

    def encode(self) -> bytes:
        """Return the header's bytes. Raises ``ValueError`` where they are not a multiple of 8."""
        return _extension(self.next_header, self.options)

    def filled(self, body: bytes, carries: int | None, _: object = None) -> HopByHop:
        """Return the header that fits what it carries."""
        return self if carries is None else self._replace(next_header=carries)


class DestinationOptions(HopByHop):
    """Options that only the destination looks at; otherwise as hop-by-hop options."""

    __slots__ = ()


class Routing(NamedTuple):
    """Which hosts to pass: ``segments_left`` of those that ``data`` lists, as the ``routing_type`` wants it."""

    next_header: int = NO_NEXT_HEADER
    routing_type: int = 0
    segments_left: int = 0
    data: bytes = bytes(4)

    @property
    def carries(self) -> int:
        """What follows: its next header."""
        return self.next_header

    def encode(self) -> bytes:
        """Return the header's bytes. Raises ``ValueError`` where they are not a multiple of 8."""
        kind, left = uint(self.routing_type, 1, "routing type"), uint(self.segments_left, 1, "segments left")
        return _extension(self.next_header, kind + left + self.data)

    def filled(self, body: bytes, carries: int | None, _: object = None) -> Routing:
        """Return the header that fits what it carries."""
        return self if carries is None else self._replace(next_header=carries)


PIECE = Layout(
    "Fragment", "B next header", "B reserved", "H fragment offset, M", "I identification",
    says={"fragment offset, M": lambda word: f"{(word >> 3) * 8}, {word & 1}", "identification": "0x{:08x}".format},
)  # fmt: skip


class Fragment(NamedTuple):
    """This is a piece of a packet, from ``fragment_offset`` × 8 on; ``m`` is 1 where more of it follow."""

    next_header: int = NO_NEXT_HEADER
    reserved: int = 0
    fragment_offset: int = 0
    res: int = 0
    m: int = 0
    identification: int = 0

    @property
    def carries(self) -> int | None:
        """What follows: its next header; ``None`` in the later pieces, where no header does."""
        return None if self.fragment_offset else self.next_header

    @property
    def is_fragment(self) -> bool:
        """Whether there is another piece. (Where there is none, it is a whole packet.)"""
        return bool(self.fragment_offset or self.m)

    def encode(self) -> bytes:
        """Return the header's bytes."""
        place = bits(self.fragment_offset, 13, "fragment offset") << 3 | bits(self.res, 2, "res") << 1
        return PIECE.pack(self.next_header, self.reserved, place | bits(self.m, 1, "M"), self.identification)

    def filled(self, body: bytes, carries: int | None, _: object = None) -> Fragment:
        """Return the header that fits what it carries."""
        return self if carries is None else self._replace(next_header=carries)


def _extension(next_header: int, data: bytes) -> bytes:
    """Return a header with its length before ``data``."""
    units, over = divmod(2 + len(data), 8)
    if over:
        raise ValueError(f"an extension header is a multiple of 8 bytes, not {2 + len(data)}")
    return uint(next_header, 1, "next header") + uint(units - 1, 1, "hdr ext len") + data


# ------------------------------------------------------------------------------------------------------------- decode


def decode_hop_by_hop(r: Reader) -> HopByHop:
    """Read the options for every router."""
    next_header, size = _start(r, "HopByHop")
    return HopByHop(next_header, take(r, size, "HopByHop", IPV6))


def decode_destination_options(r: Reader) -> DestinationOptions:
    """Read the options for the destination."""
    next_header, size = _start(r, "DestinationOptions")
    return DestinationOptions(next_header, take(r, size, "DestinationOptions", IPV6))


def decode_routing(r: Reader) -> Routing:
    """Read a routing header, of whatever type."""
    next_header, size = _start(r, "Routing")
    kind, left = r.uint(1, "Routing.routing type"), r.uint(1, "Routing.segments left")
    return Routing(next_header, kind, left, r.take(size - 2, "Routing.data"))


def decode_fragment(r: Reader) -> Fragment:
    """Read a fragment header."""
    next_header, reserved, word, identification = PIECE.read(r)
    return Fragment(next_header, reserved, word >> 3, word >> 1 & 3, word & 1, identification)


def _start(r: Reader, name: str) -> tuple[int, int]:
    """Read the first two bytes: return the next header, and how many bytes of this one are left."""
    next_header = r.uint(1, f"{name}.next header")
    return next_header, 8 * r.uint(1, f"{name}.hdr ext len") + 6
