"""IPv4: from one host to another, across networks. RFC 791 §3.1.

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    +-------+-------+---------------+-------------------------------+
    |version|  IHL  |      TOS      |         total length          |     IHL: the header's length, in words of 4 bytes
    +-------+-------+---------------+-----+-------------------------+
    |        identification         |flags|     fragment offset     |     flags: reserved, DF, MF
    +---------------+---------------+-----+-------------------------+     offset: in units of 8 bytes
    |      TTL      |   protocol    |        header checksum        |
    +---------------+---------------+-------------------------------+
    |                        source address                         |
    +---------------------------------------------------------------+
    |                      destination address                      |
    +---------------------------------------------------------------+
    |                       options, padding                        |     IHL - 5 words
    +---------------------------------------------------------------+

>>> from netlab.wire import Reader
>>> ip = decode(Reader(bytes.fromhex("4500 0015 006f 0000 7b 01 0000 0a000001 0a000002 00")))  # RFC 791, appendix A
>>> ip.src_text, ip.ttl, ip.protocol, ip.total_length
('10.0.0.1', 123, 1, 21)
>>> ip.checksum_ok, ip.filled(b"\\0", None).checksum_ok
(False, True)

A fragment is a piece of a datagram: all pieces have its identification, all but the last have MF, and each says where
in the datagram it belongs. Only the first carries the header of what is inside.
"""

from __future__ import annotations

from enum import IntFlag
from typing import NamedTuple

from netlab.packet.addresses import text
from netlab.packet.layout import Layout, bits, ends, new
from netlab.packet.options import IPV4, Option, split, take
from netlab.wire import Reader, WireError, checksum, uint

VERSION = 4
RULE = "RFC 791 §3.1"


class Flag(IntFlag):
    """The three bits before the fragment offset: RFC 791 §3.1."""

    MF = 1
    DF = 2
    RESERVED = 4


MF, DF, RESERVED = Flag


def _fragment(word: int) -> str:
    flags = ", ".join([flag.name or "" for flag in (DF, MF) if word >> 13 & flag])
    return f"{flags or 'none'}, {(word & 0x1FFF) * 8}"


HEADER = Layout(
    "IPv4", "B version, IHL", "B TOS", "H total length", "H identification", "H flags, fragment offset", "B TTL",
    "B protocol", "H header checksum", "4s source address", "4s destination address",
    says={
        "version, IHL": lambda first: f"{first >> 4}, {(first & 15) * 4} bytes",
        "identification": "0x{:04x}".format,
        "flags, fragment offset": _fragment,
        "header checksum": "0x{:04x}".format,
        "source address": text,
        "destination address": text,
    },
)  # fmt: skip


class IPv4(NamedTuple):
    """A header. Lengths count bytes; ``fragment_offset`` counts units of 8; addresses are 4 bytes each."""

    tos: int = 0
    total_length: int = 0
    identification: int = 0
    flags: int = 0
    fragment_offset: int = 0
    ttl: int = 64
    protocol: int = 0
    checksum: int = 0
    src: bytes = bytes(4)
    dst: bytes = bytes(4)
    options: bytes = b""

    @property
    def src_text(self) -> str:
        """The source address in dots."""
        return text(self.src)

    @property
    def dst_text(self) -> str:
        """The destination address in dots."""
        return text(self.dst)

    @property
    def dscp(self) -> int:
        """The upper 6 bits of the TOS: which service is asked for, today (RFC 2474 §3)."""
        return self.tos >> 2

    @property
    def ecn(self) -> int:
        """The lower 2 bits of the TOS: what a router said about its queue (RFC 3168 §5)."""
        return self.tos & 3

    @property
    def size(self) -> int:
        """How many bytes the header takes."""
        return HEADER.size + len(self.options)

    @property
    def carries(self) -> int | None:
        """What follows: a protocol's header; ``None`` in the later fragments of a datagram, where none does."""
        return None if self.fragment_offset else self.protocol

    @property
    def is_fragment(self) -> bool:
        """Whether the datagram came in pieces, of which this is one."""
        return bool(self.fragment_offset or self.flags & MF)

    @property
    def checksum_ok(self) -> bool:
        """Whether the header's checksum is right."""
        return checksum(self.encode()) == 0

    def option_list(self) -> list[Option]:
        """Return the options. Raises ``WireError`` where one breaks a rule."""
        return list(split(self.options, IPV4))

    def pseudo_header(self, protocol: int, length: int) -> bytes:
        """Return what UDP and TCP sum and do not send: RFC 768, RFC 9293 §3.1."""
        return self.src + self.dst + uint(protocol, 2) + uint(length, 2, "length")

    def encode(self) -> bytes:
        """Return the header's bytes. Raises ``ValueError`` for a value that its field does not fit."""
        words, over = divmod(self.size, 4)
        if over or words > 15:
            raise ValueError(f"options are whole words, 10 at most, and not {len(self.options)} bytes")
        fragment = bits(self.flags, 3, "flags") << 13 | bits(self.fragment_offset, 13, "fragment offset")
        return HEADER.pack(
            VERSION << 4 | words, self.tos, self.total_length, self.identification, fragment, self.ttl,
            self.protocol, self.checksum, self.src, self.dst,
        ) + self.options  # fmt: skip

    def filled(self, body: bytes, carries: int | None, _: object = None) -> IPv4:
        """Return the header that fits what it carries: total length, protocol, checksum."""
        protocol = self.protocol if carries is None else carries
        header = self._replace(total_length=self.size + len(body), protocol=protocol, checksum=0)
        return header._replace(checksum=checksum(header.encode()))


def decode(r: Reader) -> IPv4:
    """Read a header; the reader then ends where the datagram does.

    Raises ``WireError`` for another version, and for lengths in which the header itself has no room.
    """
    start = r.at
    first, tos, total_length, identification, fragment, ttl, protocol, check, src, dst = HEADER.read(r)
    options = b""
    if first != 0x45:
        if first >> 4 != VERSION:
            raise WireError(f"this is version {first >> 4}, not {VERSION}", RULE)
        if first < 0x45:
            raise WireError(f"a header of {first & 15} words has no room for its 5", RULE)
        options = take(r, (first & 15) * 4 - 20, "IPv4", IPV4)
    if total_length:  # 0: the interface is to cut it into packets and to write their lengths; captured before it did
        if start + total_length < r.at:
            raise WireError(f"a total length of {total_length} has no room for {r.at - start} bytes of header", RULE)
        ends(r, start + total_length, "IPv4 datagram", RULE)
    offset = fragment & 0x1FFF
    return new(
        IPv4, (tos, total_length, identification, fragment >> 13, offset, ttl, protocol, check, src, dst, options)
    )
