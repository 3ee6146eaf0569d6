"""Guesses: which protocol some bytes are of, and what speaks for it. Each looks at a few bytes and decodes nothing.

A guess is a number from 0 (no) to 100 (what else?) and the reason. Checksums, and lengths that fit to the byte, say
much. Small numbers in the right places say little: any bytes may have them.

>>> websocket_server(bytes.fromhex("81 05 48 65 6c 6c 6f"))
Guess(score=80, why='a text frame without a mask, whose length fits to the byte')
>>> websocket_client(bytes.fromhex("81 05 48 65 6c 6c 6f")).score
0
"""

from __future__ import annotations

import re
from typing import NamedTuple

from netlab.explain.fields import ETHERTYPES, ICMP6, OPCODES
from netlab.explain.fields import ICMP as ICMP_TYPES
from netlab.wire import checksum


class Guess(NamedTuple):
    """How sure one may be, 0 to 100, and why."""

    score: int
    why: str


NO = Guess(0, "")
REQUEST = re.compile(rb"[A-Z]{3,10} [\x21-\x7e]{1,8000} HTTP/1\.[01]\r?\n")
STATUS = re.compile(rb"HTTP/1\.[01] [1-5][0-9]{2}[ \r]")
MOST = 1 << 16  # bytes that a guess looks at


def _number(data: bytes, at: int, size: int = 2) -> int:
    return int.from_bytes(data[at : at + size])


# -------------------------------------------------------------------------------------------------------------- packets


def frame(data: bytes) -> Guess:
    """Guess a frame of Ethernet: a type that is known, and behind it what the type says."""
    kind = _number(data, 12)
    if len(data) < 14 or kind not in ETHERTYPES:
        return NO
    begins = {0x0800: b"\x45", 0x0806: b"\0\x01\x08\0", 0x86DD: b"\x60"}.get(kind, b"")
    fits = len(data) > 14 and data[14:].startswith(begins)
    named = f"bytes 12 and 13 are the type of {ETHERTYPES[kind]}"
    return Guess(96, f"{named}, and what follows begins like it") if fits else Guess(60, named)


def ethernet(data: bytes) -> Guess:
    """Guess the header of a frame alone: less likely than the whole frame."""
    found = frame(data)
    return Guess(found.score - 20, found.why) if found.score and len(data) > 14 else found


def ip(data: bytes) -> Guess:
    """Guess an IP packet of either version, with all that it carries."""
    found = max(ipv4(data), ipv6(data))
    return Guess(found.score + 1, found.why) if found.score else NO


def ipv4(data: bytes) -> Guess:
    """Guess a header of IPv4 by its version, lengths and checksum."""
    if not data or data[0] >> 4 != 4 or data[0] & 15 < 5:
        return NO
    size = (data[0] & 15) * 4
    if len(data) < size:
        return Guess(40 if data[0] == 0x45 else 15, "the first four bits are 4, IPv4's version")
    if checksum(data[:size]) == 0:
        return Guess(95, "version 4, and the checksum of the header is right")
    if _number(data, 2) == len(data):
        return Guess(85, "version 4, and the total length fits to the byte")
    return Guess(45 if data[0] == 0x45 else 15, "the first four bits are 4, IPv4's version")


def ipv6(data: bytes) -> Guess:
    """Guess a header of IPv6 by its version and length."""
    if not data or data[0] >> 4 != 6:
        return NO
    if len(data) >= 40 and _number(data, 4) == len(data) - 40:
        return Guess(92, "version 6, and the payload length fits to the byte")
    return Guess(40 if data[0] == 0x60 else 12, "the first four bits are 6, IPv6's version")


def arp(data: bytes) -> Guess:
    """Guess a packet of ARP by its types and sizes."""
    if data[:6] == b"\0\x01\x08\0\x06\x04":
        return Guess(97, "it begins as a question or an answer about IPv4 on Ethernet does")
    return NO


def udp(data: bytes) -> Guess:
    """Guess a datagram by its length."""
    if len(data) >= 8 and _number(data, 4) == len(data):
        return Guess(75, "bytes 4 and 5 are the length to the byte")
    return NO


def tcp(data: bytes) -> Guess:
    """Guess a segment: a data offset with room for the header, no reserved bits, flags that go together."""
    if len(data) < 20 or not 20 <= (data[12] >> 4) * 4 <= len(data) or data[12] & 15:
        return NO
    if data[13] & 0x3F not in (0x02, 0x12, 0x10, 0x18, 0x11, 0x19, 0x04, 0x14):
        return NO
    return Guess(42, "a data offset with room for the header, and control bits that go together")


def icmp(data: bytes) -> Guess:
    """Guess a message by its type and its checksum."""
    if len(data) < 8 or data[0] not in ICMP_TYPES or len(data) > MOST or checksum(data):
        return NO
    return Guess(88, f"its type is that of ICMP's {ICMP_TYPES[data[0]]}, and the checksum is right")


def icmp6(data: bytes) -> Guess:
    """Guess a message by its type and code: its checksum covers addresses that are not here."""
    if len(data) >= 8 and data[0] in ICMP6 and data[1] <= (8 if data[0] < 128 else 0):
        return Guess(22, f"its type is that of ICMPv6's {ICMP6[data[0]]}")
    return NO


# ---------------------------------------------------------------------------------------------------- HTTP, WebSocket


def request(data: bytes) -> Guess:
    """Guess a request by its first line."""
    found = REQUEST.match(data[:MOST])
    return Guess(90, "it begins with a request line of HTTP/1") if found else NO


def response(data: bytes) -> Guess:
    """Guess a response by its first line."""
    found = STATUS.match(data[:MOST])
    return Guess(90, "it begins with a status line of HTTP/1") if found else NO


def handshake(data: bytes) -> Guess:
    """Guess a request that wants to speak WebSocket."""
    if request(data).score and re.search(rb"\nupgrade:[ \t]*websocket", data[:MOST].lower()):
        return Guess(95, "a request of HTTP/1 with Upgrade: websocket")
    return NO


def websocket_server(data: bytes) -> Guess:
    """Guess frames from a server, which never masks."""
    return _frames(data, masked=False)


def websocket_client(data: bytes) -> Guess:
    """Guess frames from a client, which always masks."""
    return _frames(data, masked=True)


def _frames(data: bytes, *, masked: bool) -> Guess:
    """Guess frames: legal bits, and lengths that lead from frame to frame, and at last to the end."""
    at, count = 0, 0
    while at + 1 < len(data) and count < 100 and (size := _frame(data, at, masked)):
        at, count = at + size, count + 1
    if not count:
        return _almost(data, masked)
    first = f"{OPCODES[data[0] & 15]} frame {'with' if masked else 'without'} a mask"
    if at == len(data):
        why = (
            f"a {first}, whose length fits" if count == 1 else f"{count} frames, the first a {first}, whose lengths fit"
        )
        return Guess(min(79 + 4 * masked + count, 89), f"{why} to the byte")
    return Guess((38 if at > len(data) else 24) + 10 * masked, f"it begins like a {first}")


def _frame(data: bytes, at: int, masked: bool) -> int:
    """Return how many bytes the frame at ``at`` takes, as far as it can be read; 0 for what is no frame."""
    first, second = data[at], data[at + 1]
    control = first & 8
    if first & 0x30 or first & 15 not in OPCODES or second >> 7 != masked:
        return 0
    return 0 if control and (second & 0x7F > 125 or not first & 0x80) else _size(data, at)


def _size(data: bytes, at: int) -> int:
    """Return how many bytes a frame at ``at`` takes, whatever else it says."""
    second = data[at + 1]
    width = {126: 2, 127: 8}.get(second & 0x7F, 0)
    return 2 + width + 4 * (second >> 7) + (_number(data, at + 2, width) if width else second & 0x7F)


def _almost(data: bytes, masked: bool) -> Guess:
    """Guess a frame of which only the length is right: who broke it wants to know how."""
    if len(data) > 2 and data[1] >> 7 == masked and _size(data, 0) == len(data):
        return Guess(14, "byte 1 would be the length of a frame to the byte, though byte 0 is not legal")
    return NO
