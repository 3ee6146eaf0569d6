"""UDP: a port at each end, a length, a checksum, and nothing more. RFC 768.

     0                              15 16                             31
    +---------------------------------+---------------------------------+
    |           source port           |        destination port         |
    +---------------------------------+---------------------------------+
    |             length              |            checksum             |     length: header and data, in bytes
    +---------------------------------+---------------------------------+

>>> from netlab.wire import Reader
>>> r = Reader(bytes.fromhex("14e9 0035 000a ffff 6869 0000"))
>>> decode(r), r.rest("data")
(UDP(src_port=5353, dst_port=53, length=10, checksum=65535), b'hi')

The checksum covers the addresses too (the pseudo-header), so that what was led astray does not pass. It may be left out
over IPv4, and is 0 then; one that comes out as 0 is sent as 0xFFFF, which is the same number in one's complement.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from netlab.packet.layout import Layout, ends, new
from netlab.wire import Reader, WireError, checksum

PROTOCOL = 17
HEADER = Layout(
    "UDP", "H source port", "H destination port", "H length", "H checksum", says={"checksum": "0x{:04x}".format}
)


class Internet(Protocol):
    """What a segment needs to know of the header that carries it."""

    def pseudo_header(self, protocol: int, length: int) -> bytes:
        """Return the bytes that are summed and not sent."""
        ...


class UDP(NamedTuple):
    """A header. ``length`` counts it and the data, in bytes."""

    src_port: int = 0
    dst_port: int = 0
    length: int = 8
    checksum: int = 0

    def encode(self) -> bytes:
        """Return the header's bytes. Raises ``ValueError`` for a value that its field does not fit."""
        return HEADER.pack(*self)

    def filled(self, body: bytes, carries: int | None, ip: Internet | None) -> UDP:
        """Return the header that fits its data: length, checksum. Raises ``ValueError`` without addresses."""
        if ip is None:
            raise ValueError("the checksum of UDP covers the addresses: put it into IPv4 or IPv6")
        header = self._replace(length=HEADER.size + len(body), checksum=0)
        total = checksum(ip.pseudo_header(PROTOCOL, header.length) + header.encode() + body)
        return header._replace(checksum=total or 0xFFFF)


def decode(r: Reader) -> UDP:
    """Read a header; the reader then ends where the data does. Raises ``WireError`` for a length below 8."""
    header = new(UDP, HEADER.read(r))
    if header.length < HEADER.size:
        raise WireError(f"a length of {header.length} has no room for the header's 8 bytes", "RFC 768")
    ends(r, r.at + header.length - HEADER.size, "UDP datagram", "RFC 768")
    return header
