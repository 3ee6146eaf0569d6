"""What others read in a frame: tshark, scapy and dpkt, each as field names of tshark's and plain values."""

import subprocess
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dpkt

from netlab.packet import (
    ARP,
    ICMP,
    TCP,
    UDP,
    VLAN,
    Captured,
    DestinationOptions,
    Ethernet,
    Fragment,
    HopByHop,
    ICMPv6,
    IPv4,
    IPv6,
    Packet,
    Routing,
    text,
    write_pcapng,
)
from tests.programs import need

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from scapy.layers import inet, inet6, l2

View = dict[str, Any]


# ---------------------------------------------------------------------------------------------------------------- ours


def ours(packet: Packet) -> View:
    """Return what we read, under tshark's names: of several headers of a kind the outermost, but the inner tag."""
    seen: View = {}
    for layer in packet.layers:
        seen = OURS[type(layer)](layer, packet) | seen
        if isinstance(layer, VLAN):
            seen |= OURS[VLAN](layer, packet)
    return {name: value for name, value in seen.items() if value is not None}


def _status(packet: Packet, layer: Any) -> int:
    """Return a checksum's state as tshark numbers it: bad, good, not verified."""
    verdict = packet.checksum_ok(type(layer))
    return 2 if verdict is None else int(verdict)


def _tcp(tcp: TCP, packet: Packet) -> View:
    return {
        "tcp.srcport": tcp.src_port, "tcp.dstport": tcp.dst_port, "tcp.seq_raw": tcp.seq, "tcp.ack_raw": tcp.ack,
        "tcp.hdr_len": tcp.data_offset * 4, "tcp.flags": tcp.rsrvd << 8 | tcp.flags,
        "tcp.window_size_value": tcp.window,
        "tcp.checksum": tcp.checksum, "tcp.checksum.status": _status(packet, tcp),
        "tcp.urgent_pointer": tcp.urgent_pointer, "tcp.options.mss_val": tcp.mss,
        "tcp.options.wscale.shift": tcp.window_scale, "tcp.options.timestamp.tsval": (tcp.timestamps or [None])[0],
        "tcp.options.timestamp.tsecr": (tcp.timestamps or [None, None])[1],
        "tcp.options.sack_le": tcp.sack[0][0] if tcp.sack else None,
        "tcp.options.sack_re": tcp.sack[0][1] if tcp.sack else None,
        "tcp.options.sack.count": len(tcp.sack) or None, "tcp.len": len(packet.payload) + packet.missing,
    }  # fmt: skip


OURS: dict[type, Any] = {
    Ethernet: lambda e, _: {
        "eth.dst": e.dst_text, "eth.src": e.src_text, "eth.type" if e.type >= 0x600 else "eth.len": e.type,
    },
    VLAN: lambda v, _: {"vlan.priority": v.pcp, "vlan.dei": v.dei, "vlan.id": v.vid, "vlan.etype": v.type},
    ARP: lambda a, _: {
        "arp.hw.type": a.hrd, "arp.proto.type": a.pro, "arp.hw.size": len(a.sha), "arp.proto.size": len(a.spa),
        "arp.opcode": a.op, "arp.src.hw_mac": text(a.sha), "arp.src.proto_ipv4": a.spa_text,
        "arp.dst.hw_mac": text(a.tha), "arp.dst.proto_ipv4": a.tpa_text,
    },
    IPv4: lambda i, packet: {
        "ip.hdr_len": i.size, "ip.dsfield.dscp": i.dscp, "ip.dsfield.ecn": i.ecn, "ip.len": i.total_length,
        "ip.id": i.identification, "ip.flags.rb": i.flags >> 2, "ip.flags.df": i.flags >> 1 & 1,
        "ip.flags.mf": i.flags & 1, "ip.frag_offset": i.fragment_offset, "ip.ttl": i.ttl, "ip.proto": i.protocol,
        "ip.checksum": i.checksum, "ip.checksum.status": _status(packet, i), "ip.src": i.src_text,
        "ip.dst": i.dst_text,
    },
    IPv6: lambda i, _: {
        "ipv6.tclass.dscp": i.dscp, "ipv6.tclass.ecn": i.ecn, "ipv6.flow": i.flow_label,
        "ipv6.plen": i.payload_length, "ipv6.nxt": i.next_header, "ipv6.hlim": i.hop_limit, "ipv6.src": i.src_text,
        "ipv6.dst": i.dst_text,
    },
    HopByHop: lambda h, _: {"ipv6.hopopts.nxt": h.next_header},
    DestinationOptions: lambda h, _: {"ipv6.dstopts.nxt": h.next_header},
    Routing: lambda h, _: {
        "ipv6.routing.nxt": h.next_header, "ipv6.routing.type": h.routing_type, "ipv6.routing.segleft": h.segments_left,
    },
    Fragment: lambda f, _: {
        "ipv6.fraghdr.nxt": f.next_header, "ipv6.fraghdr.offset": f.fragment_offset, "ipv6.fraghdr.more": f.m,
        "ipv6.fraghdr.ident": f.identification,
    },
    UDP: lambda u, packet: {
        "udp.srcport": u.src_port, "udp.dstport": u.dst_port, "udp.length": u.length, "udp.checksum": u.checksum,
        "udp.checksum.status": 3 if not u.checksum else _status(packet, u),
    },
    TCP: _tcp,
    ICMP: lambda i, packet: {
        "icmp.type": i.type, "icmp.code": i.code, "icmp.checksum": i.checksum,
        "icmp.checksum.status": _status(packet, i),
    },
    ICMPv6: lambda i, packet: {
        "icmpv6.type": i.type, "icmpv6.code": i.code, "icmpv6.checksum": i.checksum,
        "icmpv6.checksum.status": _status(packet, i),
    },
}  # fmt: skip

# -------------------------------------------------------------------------------------------------------------- tshark

TEXTS = ("eth.dst", "eth.src", "arp.src.hw_mac", "arp.dst.hw_mac", "arp.src.proto_ipv4", "arp.dst.proto_ipv4",
         "ip.src", "ip.dst", "ipv6.src", "ipv6.dst")  # fmt: skip
NUMBERS = [
    "eth.type", "eth.len", "vlan.priority", "vlan.dei", "vlan.id", "vlan.etype", "arp.hw.type", "arp.proto.type",
    "arp.hw.size", "arp.proto.size", "arp.opcode", "ip.hdr_len", "ip.dsfield.dscp", "ip.dsfield.ecn", "ip.len",
    "ip.id", "ip.flags.rb", "ip.flags.df", "ip.flags.mf", "ip.frag_offset", "ip.ttl", "ip.proto", "ip.checksum",
    "ip.checksum.status", "ipv6.tclass.dscp", "ipv6.tclass.ecn", "ipv6.flow", "ipv6.plen", "ipv6.nxt", "ipv6.hlim",
    "ipv6.hopopts.nxt", "ipv6.dstopts.nxt", "ipv6.routing.nxt", "ipv6.routing.type", "ipv6.routing.segleft",
    "ipv6.fraghdr.nxt", "ipv6.fraghdr.offset", "ipv6.fraghdr.more", "ipv6.fraghdr.ident", "udp.srcport",
    "udp.dstport", "udp.length", "udp.checksum", "udp.checksum.status", "tcp.srcport", "tcp.dstport", "tcp.seq_raw",
    "tcp.ack_raw", "tcp.hdr_len", "tcp.flags", "tcp.window_size_value", "tcp.checksum", "tcp.checksum.status",
    "tcp.urgent_pointer", "tcp.options.mss_val", "tcp.options.wscale.shift", "tcp.options.timestamp.tsval",
    "tcp.options.timestamp.tsecr", "tcp.options.sack_le", "tcp.options.sack_re", "tcp.options.sack.count", "tcp.len",
    "icmp.type", "icmp.code", "icmp.checksum", "icmp.checksum.status", "icmpv6.type", "icmpv6.code",
    "icmpv6.checksum", "icmpv6.checksum.status",
]  # fmt: skip
FIELDS = [*TEXTS, *NUMBERS]
OPTIONS = ["ip.defragment:FALSE", "ipv6.defragment:FALSE", "ip.check_checksum:TRUE", "tcp.check_checksum:TRUE",
           "udp.check_checksum:TRUE", "tcp.relative_sequence_numbers:FALSE"]  # fmt: skip


def by_tshark(frames: Sequence[bytes], folder: Path) -> list[View]:
    """Return what tshark reads in each frame: of several headers of a kind the outermost."""
    path = folder / "mixed.pcapng"
    path.write_bytes(write_pcapng([Captured(n, frame, len(frame)) for n, frame in enumerate(frames)]))
    command = [need("tshark"), "-n", "-r", str(path), "-T", "fields", "-E", "occurrence=f"]
    command += [word for option in OPTIONS for word in ("-o", option)]
    command += [word for field in FIELDS for word in ("-e", field)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    rows = [dict(zip(FIELDS, line.split("\t"), strict=True)) for line in done.stdout.splitlines()]
    return [
        {name: _number(name, value) for name, value in row.items() if value and not _quoted(name, row)} for row in rows
    ]


def _quoted(name: str, row: View) -> bool:
    """Return whether a header that tshark tells is not this frame's, but one that an ICMP error quotes."""
    return bool(row["icmp.type"] or row["icmpv6.type"]) and name.startswith(("udp.", "tcp."))


def _number(name: str, value: str) -> Any:
    if name in TEXTS:
        return value
    return {"True": 1, "False": 0}.get(value) if value.isalpha() else int(value, 0)


# --------------------------------------------------------------------------------------------------------------- scapy


def by_scapy(frame: bytes) -> View:
    """Return what scapy reads, as far as it is of the kinds that we know."""
    packet, seen = l2.Ether(frame), View()
    if isinstance(packet, l2.Dot3):
        return {"eth.dst": packet.dst, "eth.src": packet.src, "eth.len": packet.len}
    while packet and type(packet) in SCAPY:
        seen = SCAPY[type(packet)](packet) | seen
        if isinstance(packet, l2.Dot1Q):
            seen |= SCAPY[l2.Dot1Q](packet)
        if isinstance(packet, inet.ICMP) or "icmpv6.type" in seen:
            break  # what it quotes is no header of this frame's
        packet = packet.payload
    if packet and packet.name.startswith("ICMPv6") and "icmpv6.type" not in seen:
        seen |= {"icmpv6.type": packet.type, "icmpv6.code": packet.code, "icmpv6.checksum": packet.cksum}
    return {name: value for name, value in seen.items() if value is not None}


def _option(tcp: Any, name: str) -> Any:
    return dict(tcp.options).get(name)


SCAPY: dict[type, Any] = {
    l2.Ether: lambda e: {"eth.dst": e.dst, "eth.src": e.src, "eth.type": e.type},
    l2.Dot1Q: lambda v: {"vlan.priority": v.prio, "vlan.dei": v.dei, "vlan.id": v.vlan, "vlan.etype": v.type},
    l2.Dot1AD: lambda v: {"vlan.priority": v.prio, "vlan.dei": v.dei, "vlan.id": v.vlan, "vlan.etype": v.type},
    l2.ARP: lambda a: {
        "arp.hw.type": a.hwtype, "arp.proto.type": a.ptype, "arp.hw.size": a.hwlen, "arp.proto.size": a.plen,
        "arp.opcode": a.op, "arp.src.hw_mac": a.hwsrc, "arp.src.proto_ipv4": a.psrc, "arp.dst.hw_mac": a.hwdst,
        "arp.dst.proto_ipv4": a.pdst,
    },
    inet.IP: lambda i: {
        "ip.hdr_len": i.ihl * 4, "ip.dsfield.dscp": i.tos >> 2, "ip.dsfield.ecn": i.tos & 3, "ip.len": i.len,
        "ip.id": i.id, "ip.flags.rb": int(i.flags.evil), "ip.flags.df": int(i.flags.DF),
        "ip.flags.mf": int(i.flags.MF), "ip.frag_offset": i.frag, "ip.ttl": i.ttl, "ip.proto": i.proto,
        "ip.checksum": i.chksum, "ip.src": i.src, "ip.dst": i.dst,
    },
    inet6.IPv6: lambda i: {
        "ipv6.tclass.dscp": i.tc >> 2, "ipv6.tclass.ecn": i.tc & 3, "ipv6.flow": i.fl, "ipv6.plen": i.plen,
        "ipv6.nxt": i.nh, "ipv6.hlim": i.hlim, "ipv6.src": i.src, "ipv6.dst": i.dst,
    },
    inet6.IPv6ExtHdrHopByHop: lambda h: {"ipv6.hopopts.nxt": h.nh},
    inet6.IPv6ExtHdrDestOpt: lambda h: {"ipv6.dstopts.nxt": h.nh},
    inet6.IPv6ExtHdrRouting: lambda h: {
        "ipv6.routing.nxt": h.nh, "ipv6.routing.type": h.type, "ipv6.routing.segleft": h.segleft,
    },
    inet6.IPv6ExtHdrFragment: lambda f: {
        "ipv6.fraghdr.nxt": f.nh, "ipv6.fraghdr.offset": f.offset, "ipv6.fraghdr.more": f.m,
        "ipv6.fraghdr.ident": f.id,
    },
    inet.UDP: lambda u: {
        "udp.srcport": u.sport, "udp.dstport": u.dport, "udp.length": u.len, "udp.checksum": u.chksum,
    },
    inet.TCP: lambda t: {
        "tcp.srcport": t.sport, "tcp.dstport": t.dport, "tcp.seq_raw": t.seq, "tcp.ack_raw": t.ack,
        "tcp.hdr_len": t.dataofs * 4, "tcp.flags": t.reserved << 9 | int(t.flags), "tcp.window_size_value": t.window,
        "tcp.checksum": t.chksum, "tcp.urgent_pointer": t.urgptr, "tcp.options.mss_val": _option(t, "MSS"),
        "tcp.options.wscale.shift": _option(t, "WScale"),
        "tcp.options.timestamp.tsval": (_option(t, "Timestamp") or [None])[0],
        "tcp.options.timestamp.tsecr": (_option(t, "Timestamp") or [None, None])[1],
        "tcp.options.sack_le": (_option(t, "SAck") or [None])[0],
    },
    inet.ICMP: lambda i: {"icmp.type": i.type, "icmp.code": i.code, "icmp.checksum": i.chksum},
}  # fmt: skip

# ---------------------------------------------------------------------------------------------------------------- dpkt


def by_dpkt(frame: bytes) -> View:
    """Return what dpkt reads, as far as it is of the kinds that we know."""
    ethernet = dpkt.ethernet.Ethernet(frame)
    seen: View = {"eth.dst": text(ethernet.dst), "eth.src": text(ethernet.src)}
    packet = ethernet.data
    while type(packet) in DPKT:
        seen = DPKT[type(packet)](packet) | seen
        if isinstance(packet, dpkt.icmp.ICMP | dpkt.icmp6.ICMP6):
            break
        packet = packet.data
    return {name: value for name, value in seen.items() if value is not None}


DPKT: dict[type, Any] = {
    dpkt.arp.ARP: lambda a: {
        "arp.hw.type": a.hrd, "arp.proto.type": a.pro, "arp.hw.size": a.hln, "arp.proto.size": a.pln,
        "arp.opcode": a.op, "arp.src.hw_mac": text(a.sha), "arp.src.proto_ipv4": text(a.spa),
        "arp.dst.hw_mac": text(a.tha), "arp.dst.proto_ipv4": text(a.tpa),
    },
    dpkt.ip.IP: lambda i: {
        "ip.hdr_len": i.hl * 4, "ip.dsfield.dscp": i.tos >> 2, "ip.dsfield.ecn": i.tos & 3, "ip.len": i.len,
        "ip.id": i.id, "ip.flags.rb": i.rf, "ip.flags.df": i.df, "ip.flags.mf": i.mf, "ip.frag_offset": i.offset,
        "ip.ttl": i.ttl, "ip.proto": i.p, "ip.checksum": i.sum, "ip.src": text(i.src), "ip.dst": text(i.dst),
    },
    dpkt.ip6.IP6: lambda i: {
        "ipv6.tclass.dscp": i.fc >> 2, "ipv6.tclass.ecn": i.fc & 3, "ipv6.flow": i.flow, "ipv6.plen": i.plen,
        "ipv6.nxt": i.nxt, "ipv6.hlim": i.hlim, "ipv6.src": text(i.src), "ipv6.dst": text(i.dst),
    },
    dpkt.udp.UDP: lambda u: {
        "udp.srcport": u.sport, "udp.dstport": u.dport, "udp.length": u.ulen, "udp.checksum": u.sum,
    },
    dpkt.tcp.TCP: lambda t: {
        "tcp.srcport": t.sport, "tcp.dstport": t.dport, "tcp.seq_raw": t.seq, "tcp.ack_raw": t.ack,
        "tcp.hdr_len": t.off * 4, "tcp.window_size_value": t.win, "tcp.checksum": t.sum,
        "tcp.urgent_pointer": t.urp,
    },
    dpkt.icmp.ICMP: lambda i: {"icmp.type": i.type, "icmp.code": i.code, "icmp.checksum": i.sum},
    dpkt.icmp6.ICMP6: lambda i: {"icmpv6.type": i.type, "icmpv6.code": i.code, "icmpv6.checksum": i.sum},
}  # fmt: skip
