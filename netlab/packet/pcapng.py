"""pcapng: the file that Wireshark writes, a row of blocks. draft-ietf-opsawg-pcapng.

    +-------------+-----------------+-------------- - - -+-----------------+
    |   type 4    | total length 4  |  body, padded to 4 | total length 4  |
    +-------------+-----------------+-------------- - - -+-----------------+

    type       block                  its body
    0A0D0D0A   section header         byte-order magic 1A2B3C4D 4 | version 2 + 2 | section length 8 | options
    1          interface description  type of link 2 | reserved 2 | snapshot length 4 | options
    3          simple packet          length 4 | octets
    6          enhanced packet        interface 4 | time 4 + 4 | captured length 4 | length 4 | octets | options

A section's first block tells the order of its bytes. Frames name the interface that saw them, counted within their
section, and the interface's options tell what a tick of its clock is: 10^-6 s, or what ``if_tsresol`` says.

>>> blocks = decode(write_pcapng([Captured(1_000_000_001, b"hello", 60)])).blocks
>>> [block.type for block in blocks]
[168627466, 1, 6]
>>> list(captured(blocks))
[Captured(time=1000000001, octets=b'hello', length=60, linktype=1)]

A block that is not understood is kept, and skipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from netlab.packet.layout import Layout, Order
from netlab.packet.pcap import SNAPLEN, Captured
from netlab.wire import Incomplete, Reader, WireError, uint

DRAFT = "draft-ietf-opsawg-pcapng"
SECTION, INTERFACE, SIMPLE, ENHANCED = 0x0A0D0D0A, 1, 3, 6
MAGIC: dict[bytes, Order] = {b"\x1a\x2b\x3c\x4d": "big", b"\x4d\x3c\x2b\x1a": "little"}
MOST = 1 << 24  # bytes of a block: more is a length that was broken on the way
TSRESOL, TSOFFSET = 9, 14  # options of an interface
ORDERS: tuple[Order, Order] = ("big", "little")
ENHANCED_BODY: dict[Order, Layout] = {
    order: Layout("enhanced packet", "I interface", "I time, upper half", "I time, lower half", "I captured length",
                  "I length", order=order)
    for order in ORDERS
}  # fmt: skip
INTERFACE_BODY: dict[Order, Layout] = {
    order: Layout("interface", "H type of link", "H reserved", "I snapshot length", order=order) for order in ORDERS
}


class Block(NamedTuple):
    """One block. ``order`` is that of its section; ``body`` is between the two lengths, padding and all."""

    type: int
    body: bytes
    order: Order = "big"

    def encode(self) -> bytes:
        """Return its bytes. Raises ``ValueError`` for a body that is not padded."""
        if len(self.body) % 4:
            raise ValueError(f"a body is a multiple of 4 bytes, not {len(self.body)}")
        length = uint(len(self.body) + 12, 4, "total length", self.order)
        return uint(self.type, 4, "type", self.order) + length + self.body + length


class File(NamedTuple):
    """A whole file; ``rest`` is a last block that is not whole."""

    blocks: list[Block]
    rest: bytes = b""

    def encode(self) -> bytes:
        """Return the file's bytes."""
        return b"".join([block.encode() for block in self.blocks]) + self.rest


class Interface(NamedTuple):
    """What saw a frame: its type of link, how much it kept (0: all), its ticks in a second, and seconds to add."""

    linktype: int
    snaplen: int
    ticks: int = 1_000_000
    offset: int = 0

    def time(self, ticks: int) -> int:
        """Return a time in nanoseconds since 1970."""
        return self.offset * 1_000_000_000 + ticks * 1_000_000_000 // self.ticks


# ------------------------------------------------------------------------------------------------------------- decode


def decode(octets: bytes) -> File:
    """Return a file's blocks. Raises ``Incomplete`` where the first is not whole, ``WireError`` for a broken one."""
    r, order, blocks = Reader(octets), ORDERS[0], list[Block]()
    if not octets.startswith(uint(SECTION, 4)[: len(octets)]):
        raise WireError(f"no file begins with {octets[:4].hex()}", f"{DRAFT}, 4.1")
    while r.left or not blocks:
        at = r.at
        try:
            blocks.append(decode_block(r, order))
        except Incomplete:
            if not blocks:
                raise
            return File(blocks, octets[at:])
        order = blocks[-1].order
    return File(blocks)


def decode_block(r: Reader, order: Order) -> Block:
    """Read a block of a section with that ``order``, or the first of another, which has its own."""
    kind = r.uint(4, "type", "{:08x}".format, order)
    if kind == SECTION:
        magic = r.peek(8, "byte-order magic")[4:]
        if magic not in MAGIC:
            raise WireError(f"{magic.hex()} tells no order of bytes", f"{DRAFT}, 4.1")
        order = MAGIC[magic]
    length = r.uint(4, "total length", None, order)
    if length < 12 or length % 4 or length > MOST:
        raise WireError(f"a total length of {length:,}", f"{DRAFT}, 3.1")
    body = r.take(length - 12, "body")
    if (again := r.uint(4, "total length", None, order)) != length:
        raise WireError(f"a total length of {length:,} before the body and of {again:,} behind it", f"{DRAFT}, 3.1")
    return Block(kind, body, order)


def captured(blocks: Iterable[Block]) -> Iterator[Captured]:
    """Yield each frame of ``blocks``. Raises ``WireError`` where one was seen by an interface that nobody described."""
    interfaces: list[Interface] = []
    for block in blocks:
        r = Reader(block.body, f"{DRAFT}, 3.1", "body")
        if block.type == SECTION:
            interfaces = []
        elif block.type == INTERFACE:
            interfaces.append(decode_interface(r, block.order))
        elif block.type == ENHANCED:
            n, upper, lower, size, length = ENHANCED_BODY[block.order].read(r)
            seen = _seen(interfaces, n)
            yield Captured(seen.time(upper << 32 | lower), r.take(size, "octets"), length, seen.linktype)
        elif block.type == SIMPLE:
            seen = _seen(interfaces, 0)
            length = r.uint(4, "length", None, block.order)
            octets = r.take(min(length, seen.snaplen or length), "octets")
            yield Captured(0, octets, length, seen.linktype)


def _seen(interfaces: list[Interface], n: int) -> Interface:
    if n >= len(interfaces):
        raise WireError(f"there is no interface {n}, only {len(interfaces)}", f"{DRAFT}, 4.3")
    return interfaces[n]


def decode_interface(r: Reader, order: Order) -> Interface:
    """Read the body of an interface description."""
    linktype, _, snaplen = INTERFACE_BODY[order].read(r)
    ticks, offset = 1_000_000, 0
    while r.left and (kind := r.uint(2, "option", None, order)):
        size = r.uint(2, "length", None, order)
        data = r.take(size, "option")
        r.take(-size % 4, "padding")
        if kind == TSRESOL and size == 1:
            ticks = 2 ** (data[0] & 0x7F) if data[0] & 0x80 else 10 ** data[0]
        elif kind == TSOFFSET and size == 8:
            offset = int.from_bytes(data, order, signed=True)
    return Interface(linktype, snaplen, ticks, offset)


# ------------------------------------------------------------------------------------------------------------- encode


def write_pcapng(frames: Iterable[Captured]) -> bytes:
    """Return a file of one section, with an interface for each type of link among ``frames``, that ticks in ns."""
    blocks = [Block(SECTION, uint(0x1A2B3C4D, 4) + uint(1, 2) + uint(0, 2) + b"\xff" * 8)]  # length: not told
    interfaces: dict[int, int] = {}
    for time, octets, length, linktype in frames:
        if linktype not in interfaces:
            interfaces[linktype] = len(interfaces)
            options = uint(TSRESOL, 2) + uint(1, 2) + b"\x09\0\0\0" + bytes(4)  # 10^-9 s; then the options' end
            blocks.append(Block(INTERFACE, INTERFACE_BODY["big"].pack(linktype, 0, SNAPLEN) + options))
        head = (interfaces[linktype], time >> 32, time & 0xFFFFFFFF, len(octets), length)
        blocks.append(Block(ENHANCED, ENHANCED_BODY["big"].pack(*head) + octets + bytes(-len(octets) % 4)))
    return File(blocks).encode()
