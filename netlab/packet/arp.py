"""ARP: who has this address? The question is broadcast, and who has it answers. RFC 826.

    +-------+-------+-----+-----+-------+-----------+-----------+-----------+-----------+
    | hrd 2 | pro 2 | hln | pln | op 2  | sha (hln) | spa (pln) | tha (hln) | tpa (pln) |
    +-------+-------+-----+-----+-------+-----------+-----------+-----------+-----------+

The sender's two addresses come first, then the target's, of which the question lacks one. Their sizes are told: for
IPv4 on Ethernet 6 and 4.

>>> from netlab.wire import Reader
>>> asked = ARP(sha=bytes.fromhex("020000000001"), spa=bytes([192, 0, 2, 1]), tpa=bytes([192, 0, 2, 2]))
>>> asked.encode().hex(" ", 2)
'0001 0800 0604 0001 0200 0000 0001 c000 0201 0000 0000 0000 c000 0202'
>>> decode(Reader(asked.encode())) == asked
True
"""

from __future__ import annotations

from typing import NamedTuple

from netlab.packet.addresses import text
from netlab.packet.layout import Layout, ends
from netlab.wire import Reader

REQUEST, REPLY = 1, 2
HEADER = Layout("ARP", "H hardware type", "H protocol type", "B hardware size", "B protocol size", "H opcode")


class ARP(NamedTuple):
    """A question (``op`` 1) or an answer (2). Its names: hardware and protocol address of sender and target."""

    hrd: int = 1
    pro: int = 0x0800
    op: int = REQUEST
    sha: bytes = bytes(6)
    spa: bytes = bytes(4)
    tha: bytes = bytes(6)
    tpa: bytes = bytes(4)

    @property
    def spa_text(self) -> str:
        """The sender's protocol address as it is written."""
        return text(self.spa)

    @property
    def tpa_text(self) -> str:
        """The target's protocol address as it is written."""
        return text(self.tpa)

    def encode(self) -> bytes:
        """Return the packet's bytes. Raises ``ValueError`` where the two hosts' addresses differ in size."""
        hln, pln = len(self.sha), len(self.spa)
        if (len(self.tha), len(self.tpa)) != (hln, pln):
            raise ValueError(f"the target's addresses are of {hln} and {pln} bytes, as the sender's are")
        return HEADER.pack(self.hrd, self.pro, hln, pln, self.op) + self.sha + self.spa + self.tha + self.tpa

    def filled(self, body: bytes, carries: int | None, _: object = None) -> ARP:
        """Return the packet as it is: it counts nothing and carries nothing."""
        return self


def decode(r: Reader) -> ARP:
    """Read a packet, after which the reader ends: nothing follows but what fills the frame."""
    hrd, pro, hln, pln, op = HEADER.read(r)
    sha, spa = r.take(hln, "ARP.sender hardware address", text), r.take(pln, "ARP.sender protocol address", text)
    tha, tpa = r.take(hln, "ARP.target hardware address", text), r.take(pln, "ARP.target protocol address", text)
    ends(r, r.at, "ARP packet", "RFC 826")
    return ARP(hrd, pro, op, sha, spa, tha, tpa)
