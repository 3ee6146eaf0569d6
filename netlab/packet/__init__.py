"""Packets: what a capture holds, read and built byte for byte. Each protocol has a module, which tells its header.

    decode, read       a frame into its headers: Ethernet, VLAN, ARP, IPv4, IPv6 and its extensions, UDP, TCP, ICMP
    build              headers into a frame: lengths, types and checksums are computed
    Packet             what came of it: layers, payload, trailer; its checksums; itself in one line
    text, address      addresses: bytes into text, and text into bytes
    read_capture       a file of tcpdump's or Wireshark's, pcap or pcapng, into records
    write_pcap, write_pcapng    records into such a file

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

>>> from netlab.wire import Recorder, annotate
>>> recorder = Recorder(ping[34:])
>>> message = icmp.decode(recorder)
>>> print(annotate(recorder.data, recorder.spans))
0000  08                       ICMP.type      8
0001  00                       ICMP.code      0
0002  f7 fd                    ICMP.checksum  0xf7fd
0004  00 01 00 01              ?
"""

from netlab.packet import arp, ethernet, extensions, icmp, ipv4, ipv6, options, pcap, pcapng, tcp, udp
from netlab.packet.addresses import address, text
from netlab.packet.arp import ARP
from netlab.packet.ethernet import VLAN, Ethernet
from netlab.packet.extensions import DestinationOptions, Fragment, HopByHop, Routing
from netlab.packet.files import read_capture, write_pcap, write_pcapng
from netlab.packet.frame import ETHERNET, RAW, Packet, build, decode, read
from netlab.packet.icmp import ICMP, ICMPv6
from netlab.packet.ipv4 import IPv4
from netlab.packet.ipv6 import IPv6
from netlab.packet.options import Option
from netlab.packet.pcapng import Captured
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
    "arp",
    "build",
    "decode",
    "ethernet",
    "extensions",
    "icmp",
    "ipv4",
    "ipv6",
    "options",
    "pcap",
    "pcapng",
    "read",
    "read_capture",
    "tcp",
    "text",
    "udp",
    "write_pcap",
    "write_pcapng",
]
