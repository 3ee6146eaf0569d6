"""One capture of everything: packets of each protocol, plain and odd, built by scapy."""

import random
import warnings
from collections.abc import Iterator
from functools import cache
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from scapy.layers import inet, inet6, l2

MACS = {"src": "02:00:00:00:00:01", "dst": "02:00:00:00:00:02"}
V4 = {"src": "192.0.2.1", "dst": "198.51.100.7"}
V6 = {"src": "2001:db8::1", "dst": "2001:db8:0:1::7"}
DATA = bytes(range(200))
SYN_OPTIONS = [("MSS", 1460), ("SAckOK", b""), ("Timestamp", (123456, 0)), ("NOP", None), ("WScale", 7)]
SACK = [("NOP", None), ("NOP", None), ("SAck", (1000, 2000, 3000, 4000))]
UNKNOWN = [("NOP", None), (253, b"\x12\x34ab"), ("EOL", None)]


def _over_ip() -> Iterator[Any]:
    """Yield what travels in either version, with its address family's header before it."""
    for ip in (inet.IP(**V4, id=7, tos=0xB9), inet6.IPv6(**V6, tc=0xB9, fl=0x12345)):
        yield ip / inet.UDP(sport=40000, dport=33434) / DATA
        yield ip / inet.UDP(sport=40000, dport=33434)
        yield ip / inet.UDP(sport=40000, dport=33434, chksum=0x1234) / b"a wrong checksum"
        yield ip / inet.TCP(sport=49152, dport=33435, flags="S", seq=5, options=SYN_OPTIONS)
        yield ip / inet.TCP(sport=49152, dport=33435, flags="A", seq=6, ack=9, options=SACK)
        yield ip / inet.TCP(sport=49152, dport=33435, flags="PA", seq=6, ack=9, options=UNKNOWN) / DATA
        yield ip / inet.TCP(sport=49152, dport=33435, flags="FSRPAUEC", reserved=5, urgptr=3, window=0) / b"all bits"
        yield ip / inet.TCP(sport=49152, dport=33435, flags=0, chksum=1) / b"odd"


def _layers() -> Iterator[Any]:
    """Yield packets as scapy's layers."""
    ethernet = l2.Ether(**MACS)
    yield ethernet / l2.ARP(op=1, psrc="192.0.2.1", pdst="192.0.2.2", hwsrc=MACS["src"])
    yield ethernet / l2.ARP(op=2, psrc="192.0.2.1", pdst="192.0.2.2", hwsrc=MACS["src"], hwdst=MACS["dst"])
    for packet in _over_ip():
        yield ethernet / packet
        yield ethernet / l2.Dot1Q(prio=3, vlan=100) / packet
    yield ethernet / l2.Dot1AD(prio=1, dei=1, vlan=7) / l2.Dot1Q(vlan=4095) / inet.IP(**V4) / inet.UDP() / b"twice"
    yield ethernet / inet.IP(**V4) / inet.ICMP(type=8, id=1, seq=2) / DATA
    yield ethernet / inet.IP(**V4) / inet.ICMP(type=0, id=1, seq=2) / DATA
    quoted = inet.IP(**V4, flags="DF") / inet.UDP(sport=40000, dport=33434) / DATA[:8]
    yield ethernet / inet.IP(**V4) / inet.ICMP(type=3, code=4, nexthopmtu=1400) / quoted
    yield ethernet / inet.IP(**V4) / inet.ICMP(type=11, chksum=0xFFFF) / quoted
    yield ethernet / inet.IP(**V4, flags="evil+DF", options=[inet.IPOption_RR(routers=["0.0.0.0"] * 3)]) / inet.ICMP()
    yield ethernet / inet.IP(**V4, ttl=1, proto=253) / b"a protocol for experiments"
    yield ethernet / inet.IP(**V4, chksum=0xBEEF) / inet.UDP(sport=1, dport=2) / b"a wrong header checksum"
    yield ethernet / inet.IP(**V4) / inet.UDP(sport=1, dport=2, chksum=0) / b"no checksum"
    yield from (ethernet / piece for piece in inet.fragment(inet.IP(**V4, id=99) / inet.UDP() / (DATA * 15), 1480))
    yield ethernet / inet6.IPv6(**V6) / inet6.ICMPv6EchoRequest(id=1, seq=2, data=DATA)
    yield ethernet / inet6.IPv6(**V6) / inet6.ICMPv6PacketTooBig(mtu=1280) / inet6.IPv6(**V6) / inet.UDP()
    solicited = inet6.ICMPv6ND_NS(tgt=V6["dst"]) / inet6.ICMPv6NDOptSrcLLAddr(lladdr=MACS["src"])
    yield ethernet / inet6.IPv6(**V6, hlim=255) / solicited
    yield ethernet / inet6.IPv6(**V6, nh=59)
    hops = inet6.IPv6ExtHdrHopByHop(options=[inet6.RouterAlert(), inet6.PadN(optdata=b"")])
    yield ethernet / inet6.IPv6(**V6) / hops / inet.UDP(sport=1, dport=2) / b"hop by hop"
    route = inet6.IPv6ExtHdrRouting(type=0, segleft=0, addresses=["2001:db8::9"])
    yield ethernet / inet6.IPv6(**V6) / hops / route / inet6.IPv6ExtHdrDestOpt() / inet.TCP(dport=33435) / b"all"
    whole = inet6.IPv6(**V6) / inet6.IPv6ExtHdrFragment(id=0xABCD) / inet.UDP(sport=1, dport=2) / (DATA * 15)
    yield from (ethernet / piece for piece in inet6.fragment6(whole, 1280))
    yield l2.Dot3(**MACS) / l2.LLC(dsap=0xF0, ssap=0xF0, ctrl=3) / b"behind a length, not a type"
    yield l2.Ether(**MACS, type=0x88B5) / b"a type for experiments"


@cache
def frames() -> tuple[bytes, ...]:
    """Return the frames; the short ones are filled up to the 60 bytes that a wire wants."""
    made = [bytes(packet) for packet in _layers()]
    made += [frame.ljust(60, b"\0") for frame in made if len(frame) < 60]
    return (*made, made[4] + random.Random(1).randbytes(5))  # a trailer that is not zeros
