"""Capture files of either kind, into frames.

>>> frames = [Captured(1_500_000_000, b"one", 3), Captured(2_000_000_007, b"two", 60)]
>>> read_capture(write_pcap(frames)) == read_capture(write_pcapng(frames)) == frames
True
"""

from __future__ import annotations

from netlab.packet import pcap, pcapng
from netlab.packet.pcap import Captured, write_pcap
from netlab.packet.pcapng import write_pcapng
from netlab.wire import uint

__all__ = ["Captured", "read_capture", "write_pcap", "write_pcapng"]


def read_capture(octets: bytes) -> list[Captured]:
    """Return the frames of a file, pcap or pcapng; one that is not whole at its end is left out.

    Raises ``Incomplete`` and ``WireError`` as the two formats do.
    """
    if octets[:4] == uint(pcapng.SECTION, 4):
        return list(pcapng.captured(pcapng.decode(octets).blocks))
    header, records, _ = pcap.decode(octets)
    return [Captured(one.time(header), one.octets, one.length, header.linktype) for one in records]
