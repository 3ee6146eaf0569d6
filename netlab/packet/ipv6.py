"""IPv6: from one host to another, with addresses enough. RFC 8200 §3.

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    +-------+---------------+---------------------------------------+
    |version| traffic class |              flow label               |
    +-------+---------------+-------+---------------+---------------+
    |        payload length         |  next header  |   hop limit   |
    +-------------------------------+---------------+---------------+
    |                                                               |
    +                       source address                          +     16 bytes
    |                                                               |
    +---------------------------------------------------------------+
    |                                                               |
    +                     destination address                       +     16 bytes
    |                                                               |
    +---------------------------------------------------------------+

Always 40 bytes, without a checksum: who is inside has one. What IPv4 has as options and for fragments comes as headers
of their own (``netlab.packet.extensions``), each of which names the next.

>>> from netlab.packet.addresses import address
>>> from netlab.wire import Reader
>>> ip = IPv6(src=address("2001:db8::1"), dst=address("2001:db8::2"), next_header=59)
>>> ip.encode().hex(" ", 4)
'60000000 00003b40 20010db8 00000000 00000000 00000001 20010db8 00000000 00000000 00000002'
>>> decode(Reader(ip.encode())).dst_text
'2001:db8::2'
"""

from __future__ import annotations

from typing import NamedTuple

from netlab.packet.addresses import text
from netlab.packet.layout import Layout, bits, ends
from netlab.wire import Reader, WireError, uint

VERSION, NO_NEXT_HEADER = 6, 59
RULE = "RFC 8200 §3"
HEADER = Layout(
    "IPv6", "I version, traffic class, flow label", "H payload length", "B next header", "B hop limit",
    "16s source address", "16s destination address",
    says={
        "version, traffic class, flow label": lambda word: f"{word >> 28}, {word >> 20 & 0xFF}, {word & 0xFFFFF:#x}",
        "source address": text,
        "destination address": text,
    },
)  # fmt: skip


class IPv6(NamedTuple):
    """A header. ``payload_length`` counts the bytes behind it, extension headers included; addresses are 16 bytes."""

    traffic_class: int = 0
    flow_label: int = 0
    payload_length: int = 0
    next_header: int = NO_NEXT_HEADER
    hop_limit: int = 64
    src: bytes = bytes(16)
    dst: bytes = bytes(16)

    @property
    def src_text(self) -> str:
        """The source address as RFC 5952 writes it."""
        return text(self.src)

    @property
    def dst_text(self) -> str:
        """The destination address as RFC 5952 writes it."""
        return text(self.dst)

    @property
    def dscp(self) -> int:
        """The upper 6 bits of the traffic class (RFC 2474 §3)."""
        return self.traffic_class >> 2

    @property
    def ecn(self) -> int:
        """The lower 2 bits of the traffic class (RFC 3168 §5)."""
        return self.traffic_class & 3

    @property
    def carries(self) -> int:
        """What follows: its next header."""
        return self.next_header

    def pseudo_header(self, protocol: int, length: int) -> bytes:
        """Return what UDP, TCP and ICMPv6 sum and do not send: RFC 8200 §8.1."""
        return self.src + self.dst + uint(length, 4, "length") + uint(protocol, 4)

    def encode(self) -> bytes:
        """Return the header's bytes. Raises ``ValueError`` for a value that its field does not fit."""
        traffic, flow = bits(self.traffic_class, 8, "traffic class"), bits(self.flow_label, 20, "flow label")
        word = VERSION << 28 | traffic << 20 | flow
        return HEADER.pack(word, self.payload_length, self.next_header, self.hop_limit, self.src, self.dst)

    def filled(self, body: bytes, carries: int | None, _: object = None) -> IPv6:
        """Return the header that fits what it carries: payload length, next header."""
        next_header = self.next_header if carries is None else carries
        return self._replace(payload_length=len(body), next_header=next_header)


def decode(r: Reader) -> IPv6:
    """Read a header; the reader then ends where the packet does. Raises ``WireError`` for another version."""
    word, payload_length, next_header, hop_limit, src, dst = HEADER.read(r)
    if word >> 28 != VERSION:
        raise WireError(f"this is version {word >> 28}, not {VERSION}", RULE)
    # 0, though something follows: more than 16 bits can count (RFC 2675), or the interface is still to cut it.
    if payload_length or next_header == NO_NEXT_HEADER:
        ends(r, r.at + payload_length, "IPv6 packet", RULE)
    return IPv6(word >> 20 & 0xFF, word & 0xFFFFF, payload_length, next_header, hop_limit, src, dst)
