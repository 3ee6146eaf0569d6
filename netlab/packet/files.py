"""Capture files of either kind, into frames and back.

>>> frames = [Captured(1_500_000_000, b"one", 3), Captured(2_000_000_007, b"two", 60)]
>>> read_capture(write_pcap(frames)) == read_capture(write_pcapng(frames)) == frames
True
"""

from __future__ import annotations

from collections.abc import Iterable

from netlab.packet import pcap, pcapng
from netlab.packet.pcapng import Captured
from netlab.wire import uint


def read_capture(octets: bytes) -> list[Captured]:
    """Return the frames of a file, pcap or pcapng; one that is not whole at its end is left out.

    Raises ``Incomplete`` and ``WireError`` as the two formats do.
    """
    if octets[:4] == uint(pcapng.SECTION, 4):
        return list(pcapng.captured(pcapng.decode(octets).blocks))
    header, records, _ = pcap.decode(octets)
    return [Captured(one.time(header), one.octets, one.length, header.linktype) for one in records]


def write_pcap(frames: Iterable[Captured], linktype: int = 1) -> bytes:
    """Return a pcap of frames, all of that type of link, with times in nanoseconds.

    Raises ``ValueError`` for another type among them, and for times that 32 bits of seconds do not tell.
    """
    header, records = pcap.Header(linktype), []
    for time, octets, length, kind in frames:
        if kind != linktype:
            raise ValueError(f"a pcap has one type of link, here {linktype} and not {kind}: write a pcapng")
        records.append(pcap.Record(*divmod(time, 1_000_000_000), octets, length))
    return pcap.File(header, records).encode()


def write_pcapng(frames: Iterable[Captured]) -> bytes:
    """Return a pcapng of frames, of whatever types of link, with times in nanoseconds."""
    return pcapng.encode(frames)
