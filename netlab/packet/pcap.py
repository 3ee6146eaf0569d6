"""pcap: the file that tcpdump writes, and that everybody reads. pcap-savefile(5).

    magic number 4 | version 2 + 2 | zone 4 | accuracy 4 | snapshot length 4 | type of link 4         once
    seconds 4 | fraction 4 | captured length 4 | length 4 | octets                                    for each frame

The magic number is a1b2c3d4, or a1b23c4d where the fractions of seconds are nanoseconds and not microseconds. It also
tells the order of all bytes: whoever wrote the file wrote its own. A capture keeps at most the snapshot length of each
frame, so it has two lengths: what is here, and what was on the wire.

>>> from netlab.wire import Reader
>>> file = decode(Header(nanoseconds=False).encode() + bytes.fromhex("00000001 00000005 00000002 0000003c 6869 0000"))
>>> file.header.nanoseconds, file.records, file.rest
(False, [Record(seconds=1, fraction=5, octets=b'hi', length=60)], b'\\x00\\x00')
>>> file.records[0].time(file.header)
1000005000

``rest`` is a last record that is not whole: whoever wrote the file was stopped.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from netlab.packet.layout import Layout, Order
from netlab.wire import Incomplete, Reader, WireError, uint

RULE = "pcap-savefile(5)"
MICROSECONDS, NANOSECONDS = 0xA1B2C3D4, 0xA1B23C4D
SNAPLEN = 262_144  # bytes that are kept of a frame, at most: no link has frames that are longer
FILE: dict[Order, Layout] = {
    order: Layout(
        "pcap", "I magic number", "H major version", "H minor version", "I zone", "I accuracy", "I snapshot length",
        "I type of link", order=order, says={"magic number": "{:08x}".format},
    )
    for order in ("big", "little")
}  # fmt: skip
FRAME: dict[Order, Layout] = {
    order: Layout("record", "I time in seconds since 1970", "I fraction", "I captured length", "I length", order=order)
    for order in ("big", "little")
}
MAGIC: dict[bytes, tuple[Order, bool]] = {
    uint(number, 4, "magic number", order): (order, number == NANOSECONDS)
    for number in (MICROSECONDS, NANOSECONDS)
    for order in ("big", "little")
}


class Captured(NamedTuple):
    """A frame of a file: its time in ns since 1970, what was kept of it, its length on the wire, its type of link.

    ``time`` is 0 where the file does not tell it.
    """

    time: int
    octets: bytes
    length: int
    linktype: int = 1


class Header(NamedTuple):
    """What the file says once. ``network`` is the type of link, and in its upper bits what nobody uses."""

    network: int = 1
    snaplen: int = SNAPLEN
    nanoseconds: bool = True
    order: Order = "big"
    zone: int = 0
    accuracy: int = 0

    @property
    def linktype(self) -> int:
        """The type of link: 1 for Ethernet, 101 for IP packets with nothing before them."""
        return self.network & 0xFFFF

    def encode(self) -> bytes:
        """Return the 24 bytes. Raises ``ValueError`` for a value that its field does not fit."""
        magic = NANOSECONDS if self.nanoseconds else MICROSECONDS
        return FILE[self.order].pack(magic, 2, 4, self.zone, self.accuracy, self.snaplen, self.network)


class Record(NamedTuple):
    """One frame: when it passed, in seconds since 1970 and a fraction; what was kept of it; its whole ``length``."""

    seconds: int
    fraction: int
    octets: bytes
    length: int

    def time(self, header: Header) -> int:
        """Return when it passed, in nanoseconds since 1970."""
        return self.seconds * 1_000_000_000 + self.fraction * (1 if header.nanoseconds else 1_000)

    def encode(self, header: Header) -> bytes:
        """Return its bytes in that file. Raises ``ValueError`` for a value that its field does not fit."""
        return FRAME[header.order].pack(self.seconds, self.fraction, len(self.octets), self.length) + self.octets


class File(NamedTuple):
    """A whole file."""

    header: Header
    records: list[Record]
    rest: bytes = b""

    def encode(self) -> bytes:
        """Return the file's bytes."""
        return self.header.encode() + b"".join([one.encode(self.header) for one in self.records]) + self.rest


def decode_header(r: Reader) -> Header:
    """Read what the file says once. Raises ``WireError`` for a file of another kind or version."""
    magic = r.peek(4, "magic number")
    if magic not in MAGIC:
        raise WireError(f"no file begins with {magic.hex()}", RULE)
    order, nanoseconds = MAGIC[magic]
    _, major, minor, zone, accuracy, snaplen, network = FILE[order].read(r)
    if (major, minor) != (2, 4):
        raise WireError(f"this is version {major}.{minor}, not 2.4", RULE)
    return Header(network, snaplen, nanoseconds, order, zone, accuracy)


def decode_record(r: Reader, header: Header) -> Record:
    """Read one frame. Raises ``WireError`` where it is longer than any can be: the file is broken."""
    seconds, fraction, captured, length = FRAME[header.order].read(r)
    if captured > SNAPLEN:
        raise WireError(f"{captured:,} bytes of one frame, where {SNAPLEN:,} are the most", RULE)
    return Record(seconds, fraction, r.take(captured, "octets"), length)


def decode(octets: bytes) -> File:
    """Return what a file holds. Raises ``Incomplete`` where its header is not whole; as above where it is broken."""
    r = Reader(octets)
    header, records = decode_header(r), []
    while r.left:
        at = r.at
        try:
            records.append(decode_record(r, header))
        except Incomplete:
            return File(header, records, octets[at:])
    return File(header, records)


def write_pcap(frames: Iterable[Captured], linktype: int = 1) -> bytes:
    """Return a pcap of frames, all of that type of link, with times in nanoseconds.

    Raises ``ValueError`` for another type among them, and for times that 32 bits of seconds do not tell.
    """
    header, records = Header(linktype), []
    for time, octets, length, kind in frames:
        if kind != linktype:
            raise ValueError(f"a pcap has one type of link, here {linktype} and not {kind}: write a pcapng")
        records.append(Record(*divmod(time, 1_000_000_000), octets, length))
    return File(header, records).encode()
