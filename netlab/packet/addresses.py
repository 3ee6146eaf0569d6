"""Addresses: bytes on the wire and in every value of this room, text for whoever reads. RFC 5952, RFC 791.

>>> text(bytes([192, 0, 2, 1])), text(bytes.fromhex("020000000001"))
('192.0.2.1', '02:00:00:00:00:01')
>>> text(address("2001:db8:0:0:1:0:0:1"))
'2001:db8::1:0:0:1'

A packet is read far more often than it is looked at, so nothing is made of its addresses until somebody asks.
"""

from __future__ import annotations

import re

ZEROS = re.compile(r"(?:^|:)0(?::0)+(?::|$)")  # two groups at least: RFC 5952 §4.2.2


def text(octets: bytes) -> str:
    """Return how an address is written: 4 bytes as IPv4's, 16 as IPv6's, any other number as Ethernet's, in hex."""
    if len(octets) == 4:
        return ".".join(map(str, octets))
    if len(octets) == 16:
        return _text6(octets)
    return octets.hex(":")


def _text6(octets: bytes) -> str:
    """Return an IPv6 address as RFC 5952 §4 wants it: small letters, no leading zeros, ``::`` for the longest run."""
    groups = ":".join(f"{octets[n] << 8 | octets[n + 1]:x}" for n in range(0, 16, 2))
    longest = max(ZEROS.finditer(groups), key=lambda run: run[0].count("0"), default=None)  # of equals the first
    if longest is None:
        return groups
    return f"{groups[: longest.start()]}::{groups[longest.end() :]}"


def address(written: str) -> bytes:
    """Return the bytes of an address, of whichever kind it is. Raises ``ValueError`` where it is none."""
    if re.fullmatch(r"[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}", written):
        return bytes.fromhex(written.replace(":", "").replace("-", ""))
    from ipaddress import ip_address  # noqa: PLC0415 - who only reads packets need not pay for it

    return ip_address(written).packed
