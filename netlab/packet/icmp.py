"""ICMP: what the network has to say about a packet, RFC 792; and ICMPv6, RFC 4443 §2.1. Here, their envelope.

    +---------------+---------------+-------------------------------+
    |     type      |     code      |           checksum            |
    +---------------+---------------+-------------------------------+
    |  message body: what it is, the type tells                     |
    +---------------------------------------------------------------+

An error quotes the packet that it is about, so its body ends with the beginning of another IP packet: behind 4 bytes,
``decode(body[4:], RAW)``. ICMPv6 sums a pseudo-header as well, ICMP does not.

>>> from netlab.wire import Reader
>>> r = Reader(bytes.fromhex("0800 f7fe 0000 0001"))
>>> decode(r), r.take(4, "identifier, sequence number").hex()
(ICMP(type=8, code=0, checksum=63486), '00000001')
"""

from __future__ import annotations

from typing import NamedTuple

from netlab.packet.layout import Layout, new
from netlab.packet.udp import Internet
from netlab.wire import Reader, checksum

PROTOCOL, PROTOCOL6 = 1, 58
ECHO_REPLY, UNREACHABLE, ECHO, TIME_EXCEEDED = 0, 3, 8, 11
UNREACHABLE6, TOO_BIG6, TIME_EXCEEDED6, ECHO6, ECHO_REPLY6 = 1, 2, 3, 128, 129
HEADER = Layout("ICMP", "B type", "B code", "H checksum", says={"checksum": "0x{:04x}".format})
HEADER6 = Layout("ICMPv6", "B type", "B code", "H checksum", says={"checksum": "0x{:04x}".format})


class ICMP(NamedTuple):
    """What every message begins with."""

    type: int = ECHO
    code: int = 0
    checksum: int = 0

    def encode(self) -> bytes:
        """Return the 4 bytes. Raises ``ValueError`` for a value that its field does not fit."""
        return HEADER.pack(*self)

    def filled(self, body: bytes, carries: int | None, ip: Internet | None = None) -> ICMP:
        """Return the envelope that fits ``body``: its checksum."""
        return self._replace(checksum=checksum(self._replace(checksum=0).encode() + body))


class ICMPv6(ICMP):
    """The same over IPv6, where the checksum covers the addresses as well."""

    __slots__ = ()

    def filled(self, body: bytes, carries: int | None, ip: Internet | None = None) -> ICMPv6:
        """Return the envelope that fits ``body``. Raises ``ValueError`` without addresses."""
        if ip is None:
            raise ValueError("the checksum of ICMPv6 covers the addresses: put it into IPv6")
        blank = self._replace(checksum=0).encode() + body
        return self._replace(checksum=checksum(ip.pseudo_header(PROTOCOL6, len(blank)) + blank))


def decode(r: Reader) -> ICMP:
    """Read the envelope of a message over IPv4."""
    return new(ICMP, HEADER.read(r))


def decode6(r: Reader) -> ICMPv6:
    """Read the envelope of a message over IPv6."""
    return new(ICMPv6, HEADER6.read(r))
