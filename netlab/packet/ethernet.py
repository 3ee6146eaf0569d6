"""Ethernet: from one interface to the next on the same wire, RFC 894; and its VLAN tags, IEEE 802.1Q.

    +-------------+-------------+------+-------------------- - - -+
    | destination |   source    | type |  payload                 |        a frame: 6 + 6 + 2 bytes
    +-------------+-------------+------+-------------------- - - -+

    +-------------+-------------+------+------+------+------ - - -+
    | destination |   source    | 8100 | TCI  | type |  payload   |        the same with a tag of 4 bytes
    +-------------+-------------+------+------+------+------ - - -+
                          TCI: PCP (3 bits), DEI (1 bit), VID (12 bits)

A type below 0x0600 is a length (IEEE 802.3). A frame has 60 bytes at least: what a short packet lacks is filled up,
and the filling is no part of the packet. The checksum at a frame's end is the interface's business, and few captures
have it.

>>> from netlab.wire import Reader
>>> frame = decode(Reader(bytes.fromhex("ffffffffffff 020000000001 8100 6064 0806")))
>>> frame.src_text, f"{frame.type:04x}"
('02:00:00:00:00:01', '8100')
>>> decode_vlan(Reader(bytes.fromhex("6064 0806")))
VLAN(pcp=3, dei=0, vid=100, type=2054)
"""

from __future__ import annotations

from typing import NamedTuple

from netlab.packet.addresses import text
from netlab.packet.layout import Layout, bits, ends, new
from netlab.wire import Reader

BROADCAST = b"\xff" * 6
LEAST_TYPE = 0x0600  # below it, the two bytes are the length of what follows: IEEE 802.3, 3.2.6


def hexadecimal(number: int) -> str:
    """Return a type as everybody writes it."""
    return f"0x{number:04x}"


FRAME = Layout(
    "Ethernet", "6s destination", "6s source", "H type",
    says={"destination": text, "source": text, "type": hexadecimal},
)  # fmt: skip
TAG = Layout("VLAN", "H PCP, DEI, VID", "H type", says={"PCP, DEI, VID": hexadecimal, "type": hexadecimal})


class Ethernet(NamedTuple):
    """A frame's header: ``dst`` and ``src`` are 6 bytes each; ``type`` tells what follows, or how long it is."""

    dst: bytes = BROADCAST
    src: bytes = bytes(6)
    type: int = 0

    @property
    def dst_text(self) -> str:
        """The destination as it is written: "ff:ff:ff:ff:ff:ff"."""
        return text(self.dst)

    @property
    def src_text(self) -> str:
        """The source as it is written."""
        return text(self.src)

    @property
    def carries(self) -> int:
        """What follows: its EtherType."""
        return self.type

    def encode(self) -> bytes:
        """Return the header's bytes."""
        return FRAME.pack(*self)

    def filled(self, body: bytes, carries: int | None, _: object = None) -> Ethernet:
        """Return the header that fits what it carries."""
        return self if carries is None else self._replace(type=carries)


class VLAN(NamedTuple):
    """A tag: priority (``pcp``, 0 to 7), whether the frame may be dropped first (``dei``), and which VLAN (``vid``)."""

    pcp: int = 0
    dei: int = 0
    vid: int = 0
    type: int = 0

    @property
    def carries(self) -> int:
        """What follows: its EtherType."""
        return self.type

    def encode(self) -> bytes:
        """Return the tag's bytes, which stand behind a type of 0x8100 and end with the next one."""
        tci = bits(self.pcp, 3, "PCP") << 13 | bits(self.dei, 1, "DEI") << 12 | bits(self.vid, 12, "VID")
        return TAG.pack(tci, self.type)

    def filled(self, body: bytes, carries: int | None, _: object = None) -> VLAN:
        """Return the tag that fits what it carries."""
        return self if carries is None else self._replace(type=carries)


def decode(r: Reader) -> Ethernet:
    """Read a frame's header. Where its type is a length, the reader then ends where that says."""
    frame = new(Ethernet, FRAME.read(r))
    if frame.type < LEAST_TYPE:
        ends(r, r.at + frame.type, "Ethernet frame", "IEEE 802.3, 3.2.6")
    return frame


def decode_vlan(r: Reader) -> VLAN:
    """Read a tag; the type before it has been read."""
    tci, kind = TAG.read(r)
    if kind < LEAST_TYPE:
        ends(r, r.at + kind, "Ethernet frame", "IEEE 802.3, 3.2.6")
    return VLAN(tci >> 13, tci >> 12 & 1, tci & 0x0FFF, kind)
