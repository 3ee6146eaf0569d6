"""What goes wrong: a parser and a cache that believe what they are told. They are here to be broken.

The parser is what everybody writes first. It works, on the RFC's own example:

>>> parse(bytes.fromhex("818537fa213d7f9f4d5158"))
(1, b'Hello', 11)

and on eight bytes of it, which it should not, for three are missing; and it says that it has used eleven of them:

>>> parse(bytes.fromhex("818537fa213d7f9f"))
(1, b'He', 11)
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from itertools import cycle


def parse(data: bytes) -> tuple[int, bytes, int]:
    """Return a frame's opcode, its payload, and how many bytes it took. It checks nothing."""
    opcode, size, at = data[0] & 0x0F, data[1] & 0x7F, 2
    if size == 126:
        size, at = int.from_bytes(data[2:4]), 4
    elif size == 127:
        size, at = int.from_bytes(data[2:10]), 10
    if not data[1] & 0x80:
        return opcode, data[at : at + size], at + size
    key, at = data[at : at + 4], at + 4
    payload = bytes(p ^ k for p, k in zip(data[at : at + size], cycle(key)))
    return opcode, payload, at + size


def inflate(payload: bytes) -> bytes:
    """Return a compressed message, however large it becomes."""
    return zlib.decompressobj(-15).decompress(payload + b"\x00\x00\xff\xff")


@dataclass(slots=True)
class GullibleCache:
    """A cache on the way that takes whatever looks like HTTP for HTTP, though the connection was upgraded.

    There were such (RFC 6455 §10.3). It reads both directions and keeps what seems to answer what.
    """

    kept: dict[str, bytes] = field(default_factory=dict)
    _asked: str = ""

    def upstream(self, octets: bytes) -> None:
        """See what a client sends: is there a request for something in it?"""
        head = octets[max(octets.find(b"GET "), 0) :].decode("latin-1")
        lines = head.split("\r\n")
        host = next((line[6:] for line in lines if line.startswith("Host: ")), "")
        if head.startswith("GET ") and host:
            self._asked = host + lines[0].split(" ")[1]

    def downstream(self, octets: bytes) -> None:
        """See what a server sends: is there an answer in it?"""
        start = octets.find(b"HTTP/1.1 200")
        if self._asked and start >= 0:
            self.kept[self._asked] = octets[start:].partition(b"\r\n\r\n")[2]
            self._asked = ""
