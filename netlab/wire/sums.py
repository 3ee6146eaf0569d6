"""The Internet checksum of IP, ICMP, UDP and TCP: RFC 1071, and its update in place: RFC 1624.

The bytes are taken as 16-bit words and added in one's complement: what is carried out at the top comes back in at
the bottom. The checksum is the complement of that sum (RFC 1071 §1). Whoever receives it adds everything again,
checksum included: all ones, so a checksum of 0, means that nothing was found wrong.

>>> data = bytes.fromhex("0001 f203 f4f5 f6f7")                  # the sum of RFC 1071 §3 is ddf2
>>> f"{checksum(data):04x}"
'220d'
>>> checksum(data + bytes.fromhex("220d"))
0

Why the code is shorter than any in the RFC: bringing the carry back in makes 0x10000 count as 1, which is counting
modulo 0xFFFF. A string of words read as one long number is w₀·0x10000ⁿ + w₁·0x10000ⁿ⁻¹ + …, in which each factor
counts as 1: its remainder *is* the sum of the words. For the same reason the upper half of a long number may be
added to the lower, which is faster than dividing it. One question stays, for 0 and 0xFFFF are the same remainder:
only zeros sum up to 0, everything else to 0xFFFF.
"""

from __future__ import annotations

_number = int.from_bytes  # looked up once: it is a fifth of the time that an IP header takes


def checksum(data: bytes | bytearray | memoryview) -> int:
    """Return the Internet checksum of ``data``, 0 to 0xFFFF; an odd last byte counts as if a zero followed it.

    In UDP a checksum that comes out as 0 is sent as 0xFFFF, because there 0 says that nobody computed one (RFC 768).
    """
    total, size = _number(data), len(data)
    if size % 2:
        total, size = total << 8, size + 1
    while size > 256:
        size = (size // 2 + 1) // 2 * 2  # whole words
        total = (total >> 8 * size) + (total & (1 << 8 * size) - 1)
    return 0xFFFF ^ (total % 0xFFFF or (total and 0xFFFF))


def checksum_update(checksum: int, old: int, new: int) -> int:
    """Return what ``checksum`` becomes when a field changes from ``old`` to ``new``: RFC 1624 §3, equation 3.

    A router that takes 1 from the TTL, or a NAT that writes another address, need not add up the rest again. The
    field starts at an even offset and is one word or several: 16 bits of TTL and protocol, 32 of an address.

    >>> f"{checksum_update(0xDD2F, 0x5555, 0x3285):04x}"          # RFC 1624 §4; RFC 1141's way gives ffff
    '0000'

    Equation 3 is HC' = ~(~HC + ~m + m'). Modulo 0xFFFF a complement is a minus, which leaves HC + m - m', and the
    remainder 0 can only be the checksum 0: 0xFFFF would need a sum of 0, and so a packet of zeros. Raises
    ``ValueError`` where the checksum is not 0 to 0xFFFF or a field is negative.
    """
    if not 0 <= checksum <= 0xFFFF or old < 0 or new < 0:
        raise ValueError(
            f"a checksum is 0 to 0xffff and fields are not negative, unlike {checksum:#x}, {old:#x}, {new:#x}"
        )
    return (checksum + old - new) % 0xFFFF
