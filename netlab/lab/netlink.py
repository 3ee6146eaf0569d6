"""Netlink: how a program asks the kernel to change its network. ``ip`` and ``tc`` do nothing else.

A message has a header of 16 bytes; after it come the fixed fields of its type and then attributes, each with its
length, its kind and padding to 4 bytes. Numbers are in the machine's own byte order: nothing here is on any wire.

    length 4 | type 2 | flags 2 | sequence number 4 | port 4             netlink(7)
    fixed fields of the type
    length 2 | kind 2 | value, padded to a multiple of 4                 an attribute; its value may be attributes

The kernel answers a request with an error message, whose number 0 means that all went well; before it, to a dump,
with one message per thing that it knows.

>>> attribute(3, "eth0").hex(" ")
'09 00 03 00 65 74 68 30 00 00 00 00'
>>> attributes(attribute(3, "eth0") + attribute(4, 1500))
{3: b'eth0\\x00', 4: b'\\xdc\\x05\\x00\\x00'}
"""

from __future__ import annotations

import os
import struct
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from netlab.lab.waiting import uninterrupted

if TYPE_CHECKING:
    from netlab.lab.control import Handed

HEADER = struct.Struct("=IHHII")
ATTRIBUTE = struct.Struct("=HH")
REQUEST, ACK, DUMP, REPLACE, EXCLUSIVE, CREATE = 0x01, 0x04, 0x300, 0x100, 0x200, 0x400  # flags of a request
CAPPED, TLVS = 0x100, 0x200  # flags of an answer: the request is not repeated; attributes follow
ERROR, DONE = 2, 3  # types of message
SOL_NETLINK, EXT_ACK = 270, 11
LARGEST = 1 << 16  # bytes of one datagram: the kernel fills what it is given, up to 32 KiB


class Message(NamedTuple):
    """One thing that the kernel told: what ``kind``, and its fixed fields with their attributes."""

    kind: int
    body: bytes


def attribute(kind: int, value: bytes | str | int) -> bytes:
    """Return one attribute: bytes as they are, text with a final 0, a number in 4 bytes."""
    if isinstance(value, str):
        value = value.encode() + b"\0"
    elif isinstance(value, int):
        value = struct.pack("=I", value)
    return ATTRIBUTE.pack(4 + len(value), kind) + value + bytes(-len(value) % 4)


def attributes(octets: bytes) -> dict[int, bytes]:
    """Return the attributes in ``octets``, kind by kind. What is nested is left for another call."""
    found = {}
    while len(octets) >= 4:
        length, kind = ATTRIBUTE.unpack_from(octets)
        found[kind & 0x3FFF] = octets[4:length]  # the two highest bits are flags
        octets = octets[max(4, length + 3 & ~3) :]
    return found


class Netlink:
    """A conversation with the kernel about one network: the one in which ``sock`` was made."""

    def __init__(self, sock: Handed) -> None:
        self.sock = sock
        self.sequence = 0
        self.lock = threading.Lock()
        sock.setsockopt(SOL_NETLINK, EXT_ACK, 1)  # say why, in words, where the kernel can

    def ask(self, kind: int, body: bytes, flags: int = 0) -> list[Message]:
        """Send a request and return what came before its acknowledgement.

        Raises ``OSError`` with the kernel's own reason.
        """
        self.sock.control.check()
        with uninterrupted(), self.lock:
            self.sequence += 1
            flags |= REQUEST | ACK
            self.sock.send(HEADER.pack(HEADER.size + len(body), kind, flags, self.sequence, 0) + body)
            return list(self._answers(self.sequence))

    def _answers(self, sequence: int) -> Iterator[Message]:
        """Yield the messages that answer ``sequence``; what answers another is passed over."""
        while True:
            octets = self.sock.recv(LARGEST)
            while octets:
                length, kind, flags, number, _ = HEADER.unpack_from(octets)
                body, octets = octets[HEADER.size : length], octets[length + 3 & ~3 :]
                if number != sequence:
                    continue
                if kind == ERROR:
                    (code,) = struct.unpack_from("=i", body)
                    if code:
                        raise OSError(-code, reason(body, flags) or os.strerror(-code))
                    return
                if kind == DONE:
                    return
                yield Message(kind, body)


def reason(body: bytes, flags: int) -> str:
    """Return what the kernel says about an error, in its own words; "" if it says nothing."""
    if not flags & TLVS:
        return ""
    (repeated,) = struct.unpack_from("=I", body, 4)  # the request's header follows the code, and then the request
    said = attributes(body[4 + (HEADER.size if flags & CAPPED else repeated + 3 & ~3) :])
    return said.get(1, b"").rstrip(b"\0").decode()
