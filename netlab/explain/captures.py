"""Captures that somebody brought: the first packets of a file, in a line each, whatever its size and its lies.

A file is read packet by packet and never as a whole: one of 100 MB may claim six million packets of no bytes at all.

>>> from netlab.packet import Captured, write_pcap
>>> file = write_pcap([Captured(0, bytes.fromhex("ffffffffffff 020000000001 0806"), 60)])
>>> is_capture(file), [str(line) for line in opened(file).lines]
(True, ['1  0.000000  ethertype 0x0806, length 0 [ARP: at least 8 more bytes are needed]'])
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from netlab.explain.explaining import Explanation, explain
from netlab.packet import pcap, pcapng
from netlab.packet.frame import ETHERNET, RAW, decode
from netlab.packet.pcap import Captured
from netlab.wire import Incomplete, Reader, WireError, uint

MOST_PACKETS = 1_000  # that are listed
MOST_DECODED = 2_000_000  # bytes of packets that are decoded for the list
MOST_BLOCKS = 20_000  # of a pcapng, packets or not, that are looked at
MOST_DESCRIBED = 1_000_000  # bytes of descriptions of interfaces
LONGEST_LINE = 300  # characters

LINKS = {ETHERNET: ETHERNET} | dict.fromkeys((RAW, 12, 14, 228, 229), RAW)  # IP alone has many numbers
READ_AS = {ETHERNET: "frame", RAW: "ip"}
NAMES = {0: "BSD loopback", 105: "802.11", 113: "Linux cooked", 127: "802.11 with radiotap", 276: "Linux cooked, 2"}
SECTION = uint(pcapng.SECTION, 4)


class Line(NamedTuple):
    """A packet in one line: its number, from 1; seconds since the first packet; bytes on the wire; a summary."""

    number: int
    seconds: float
    length: int
    summary: str

    def __str__(self) -> str:
        return f"{self.number}  {self.seconds:.6f}  {self.summary}"


@dataclass(frozen=True, slots=True)
class Capture:
    """The first packets of a file, a line for each, and ``note``: why there are no more, "" where these are all."""

    packets: list[Captured]
    lines: list[Line]
    note: str

    def explain(self, number: int = 1, protocol: str = "") -> Explanation:
        """Return what packet ``number`` is. Raises ``ValueError`` where it is not among these."""
        if not 1 <= number <= len(self.packets):
            there = f"this file has packets 1 to {len(self.packets):,}" if self.packets else "this file has no packet"
            raise ValueError(f"there is no packet {number}: {there}. {self.note}".strip())
        packet = self.packets[number - 1]
        if not packet.octets:
            raise ValueError(f"of packet {number} the file keeps not one byte")
        if not protocol and packet.linktype not in LINKS:
            return Explanation(packet.octets, None, f"its type of link is {packet.linktype}", size=len(packet.octets))
        link = READ_AS.get(LINKS.get(packet.linktype, -1), "")
        found = explain(packet.octets, protocol or link, "it was asked for" if protocol else "the file says so")
        if packet.length <= len(packet.octets):
            return found
        kept = f"The capture kept {len(packet.octets):,} of {packet.length:,} bytes."
        return replace(found, notes=[kept, *found.notes])


def is_capture(octets: bytes) -> bool:
    """Return whether a file begins as a pcap or a pcapng does."""
    return octets[:4] in pcap.MAGIC or octets[:4] == SECTION


def opened(octets: bytes) -> Capture:
    """Return the first packets of a file. Raises ``ValueError`` with a sentence where not even one can be read."""
    packets: list[Captured] = []
    lines: list[Line] = []
    note, decoded = "", 0
    try:
        for packet in _packets(octets):
            if len(packets) == MOST_PACKETS or decoded > MOST_DECODED:
                note = f"Of {len(octets):,} bytes the first {len(packets):,} packets are shown."
                break
            decoded += len(packet.octets)
            packets.append(packet)
            lines.append(_line(packet, len(packets), packets[0].time))
    except (Incomplete, WireError, ValueError) as error:
        if not packets:
            raise ValueError(f"this capture cannot be read: {error}") from None
        note = f"Behind packet {len(packets):,} the file cannot be read: {error}."
    if strange := {packet.linktype for packet in packets} - LINKS.keys():
        kinds = ", ".join(sorted(f"{kind} ({NAMES.get(kind, 'unknown')})" for kind in strange))
        note = (
            f"{note} Its type of link is {kinds}, which is not read here: capture on one interface of Ethernet.".strip()
        )
    return Capture(packets, lines, note)


def _line(packet: Captured, number: int, first: int) -> Line:
    """Return a packet's line."""
    summary = decode(packet.octets, LINKS.get(packet.linktype, packet.linktype)).summary
    short = summary if len(summary) <= LONGEST_LINE else f"{summary[: LONGEST_LINE - 1]}…"
    return Line(number, (packet.time - first) / 1e9, packet.length, short)


def _packets(octets: bytes) -> Iterator[Captured]:
    """Yield packet after packet; one that is not whole at the file's end is left out."""
    if octets[:4] == SECTION:
        yield from pcapng.captured(_blocks(octets))
        return
    r = Reader(octets)
    header = pcap.decode_header(r)
    while r.left:
        try:
            one = pcap.decode_record(r, header)
        except Incomplete:
            return
        yield Captured(one.time(header), one.octets, one.length, header.linktype)


def _blocks(octets: bytes) -> Iterator[pcapng.Block]:
    """Yield block after block of a pcapng. Raises ``ValueError`` where there are too many before the packets."""
    r, order, described = Reader(octets), pcapng.ORDERS[0], 0
    for _ in range(MOST_BLOCKS):
        if not r.left:
            return
        try:
            block = pcapng.decode_block(r, order)
        except Incomplete:
            return
        order = block.order
        described += len(block.body) if block.type == pcapng.INTERFACE else 0
        if described > MOST_DESCRIBED:
            raise ValueError(f"its interfaces are described in more than {MOST_DESCRIBED:,} bytes")
        yield block
    raise ValueError(f"{MOST_BLOCKS:,} blocks are looked at, and no more")
