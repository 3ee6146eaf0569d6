"""Packets: what a capture holds, read and built byte for byte. Each protocol has a module, which tells its header.

    decode, read       a frame into its headers: Ethernet, VLAN, ARP, IPv4, IPv6 and its extensions, UDP, TCP, ICMP
    build              headers into a frame: lengths, types and checksums are computed
    Packet             what came of it: layers, payload, trailer; its checksums; itself in one line
    text, address      addresses: bytes into text, and text into bytes
    read_capture       a file of tcpdump's or Wireshark's, pcap or pcapng, into records
    write_pcap, write_pcapng    records into such a file

A name is fetched when it is first asked for, so that who needs one protocol does not pay for all.

>>> from netlab.packet import ICMP, IPv4, decode
>>> ping = bytes.fromhex('''ffffffffffff 020000000001 0800
...     4500001c 00010000 40010cd9 c0000201 c0000202                0800 f7fd 0001 0001''')
>>> packet = decode(ping)
>>> packet.get(IPv4).src_text, packet.get(ICMP).type, packet.payload.hex()
('192.0.2.1', 8, '00010001')
>>> packet.encode() == ping
True

Headers are values, and what is decoded is kept as it came: padding, reserved bits, options that nobody knows, wrong
checksums. So what is encoded again is the same bytes, and whether a checksum is right is a question of its own:

>>> packet.checksum_ok(IPv4), packet.checksum_ok(ICMP)
(False, True)

A decoder is a function from a ``Reader``; with a ``Recorder``, the same call tells what each byte was read as:

>>> from netlab.packet import icmp
>>> from netlab.wire import Recorder, annotate
>>> recorder = Recorder(ping[34:])
>>> message = icmp.decode(recorder)
>>> print(annotate(recorder.data, recorder.spans))
0000  08                       ICMP.type      8
0001  00                       ICMP.code      0
0002  f7 fd                    ICMP.checksum  0xf7fd
0004  00 01 00 01              ?
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netlab.packet.addresses import address, text
    from netlab.packet.arp import ARP
    from netlab.packet.ethernet import VLAN, Ethernet
    from netlab.packet.extensions import DestinationOptions, Fragment, HopByHop, Routing
    from netlab.packet.files import read_capture
    from netlab.packet.frame import ETHERNET, RAW, Packet, build, decode, read
    from netlab.packet.icmp import ICMP, ICMPv6
    from netlab.packet.ipv4 import IPv4
    from netlab.packet.ipv6 import IPv6
    from netlab.packet.options import Option
    from netlab.packet.pcap import Captured, write_pcap
    from netlab.packet.pcapng import write_pcapng
    from netlab.packet.tcp import TCP
    from netlab.packet.udp import UDP

__all__ = [
    "ARP",
    "ETHERNET",
    "ICMP",
    "RAW",
    "TCP",
    "UDP",
    "VLAN",
    "Captured",
    "DestinationOptions",
    "Ethernet",
    "Fragment",
    "HopByHop",
    "ICMPv6",
    "IPv4",
    "IPv6",
    "Option",
    "Packet",
    "Routing",
    "address",
    "build",
    "decode",
    "read",
    "read_capture",
    "text",
    "write_pcap",
    "write_pcapng",
]

HOMES = {
    "addresses": ("address", "text"),
    "arp": ("ARP",),
    "ethernet": ("Ethernet", "VLAN"),
    "extensions": ("DestinationOptions", "Fragment", "HopByHop", "Routing"),
    "files": ("read_capture",),
    "frame": ("ETHERNET", "RAW", "Packet", "build", "decode", "read"),
    "icmp": ("ICMP", "ICMPv6"),
    "ipv4": ("IPv4",),
    "ipv6": ("IPv6",),
    "options": ("Option",),
    "pcap": ("Captured", "write_pcap"),
    "pcapng": ("write_pcapng",),
    "tcp": ("TCP",),
    "udp": ("UDP",),
}


def __getattr__(name: str) -> object:
    """Fetch a name from its home when it is first asked for (PEP 562)."""
    for home, names in HOMES.items():
        if name in names:
            return getattr(import_module(f"netlab.packet.{home}"), name)
    raise AttributeError(f"module 'netlab.packet' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Tell of all names, fetched or not, so that the reference shows them."""
    return __all__
