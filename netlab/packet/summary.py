"""A packet in one line, much as tcpdump tells it: who, to whom, what.

>>> from netlab.packet.frame import build
>>> syn = TCP(49152, 80, seq=7, flags=SYN, options=bytes.fromhex("020405b4"))
>>> summary(build(Ethernet(), IPv4(src=bytes([192, 0, 2, 1]), dst=bytes([192, 0, 2, 2])), syn))
'IP 192.0.2.1.49152 > 192.0.2.2.80: Flags [S], seq 7, win 65535, options [mss 1460], length 0'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlab.packet import arp, icmp
from netlab.packet.addresses import text
from netlab.packet.arp import ARP
from netlab.packet.ethernet import VLAN, Ethernet
from netlab.packet.extensions import Fragment
from netlab.packet.icmp import ICMP, ICMPv6
from netlab.packet.ipv4 import IPv4
from netlab.packet.ipv6 import IPv6
from netlab.packet.tcp import ACK, FIN, RST, SYN, TCP, URG, option_text
from netlab.packet.udp import UDP
from netlab.wire import WireError

if TYPE_CHECKING:
    from netlab.packet.frame import Packet

LETTERS = "FSRP.UEW"  # tcpdump's, of the control bits from FIN on
MESSAGES = {
    (ICMP, icmp.ECHO): "echo request", (ICMP, icmp.ECHO_REPLY): "echo reply",
    (ICMP, icmp.UNREACHABLE): "destination unreachable", (ICMP, icmp.TIME_EXCEEDED): "time exceeded",
    (ICMPv6, icmp.ECHO6): "echo request", (ICMPv6, icmp.ECHO_REPLY6): "echo reply",
    (ICMPv6, icmp.UNREACHABLE6): "destination unreachable", (ICMPv6, icmp.TOO_BIG6): "packet too big",
    (ICMPv6, icmp.TIME_EXCEEDED6): "time exceeded", (ICMPv6, 133): "router solicitation",
    (ICMPv6, 134): "router advertisement", (ICMPv6, 135): "neighbor solicitation",
    (ICMPv6, 136): "neighbor advertisement", (ICMPv6, 143): "multicast listener report v2",
}  # fmt: skip
ECHOES = {(ICMP, icmp.ECHO), (ICMP, icmp.ECHO_REPLY), (ICMPv6, icmp.ECHO6), (ICMPv6, icmp.ECHO_REPLY6)}


def summary(packet: Packet) -> str:
    """Return the packet in one line; what could not be decoded of it, and why, stands in brackets at the end."""
    words = [f"vlan {tag.vid}, p {tag.pcp}, " for tag in packet.layers if isinstance(tag, VLAN)]
    words.append(_inside(packet))
    if packet.failure:
        words.append(f" [{packet.failure}]")
    return "".join(words)


def _inside(packet: Packet) -> str:
    """Return what the innermost header says, behind the addresses."""
    size = len(packet.payload) + packet.missing
    last = packet.layers[-1] if packet.layers else None
    match last:
        case ARP():
            return f"ARP, {_arp(last)}, length {len(last.encode())}"
        case Ethernet() | VLAN():
            return f"ethertype 0x{last.type:04x}, length {size}"
    ip = packet.ip
    if ip is None:
        return f"{'nothing known' if last is None else type(last).__name__}, length {size}"
    src, dst = ip.src_text, ip.dst_text
    if isinstance(last, TCP | UDP):
        src, dst = f"{src}.{last.src_port}", f"{dst}.{last.dst_port}"
    return f"IP{'6' if isinstance(ip, IPv6) else ''} {src} > {dst}: {_segment(packet, last, size)}"


def _segment(packet: Packet, last: object, size: int) -> str:
    """Return what travels in IP: a segment, a datagram, a message, or a piece of one."""
    match last:
        case TCP():
            return f"{_tcp(last, size)}, length {size}"
        case UDP():
            return f"UDP, length {last.length - 8}"
        case ICMP():
            return f"{_icmp(last, packet.payload)}, length {size + 4}"
        case IPv4() | Fragment() if last.is_fragment:
            return f"fragment of {last.identification:#x} at {last.fragment_offset * 8}, length {size}"
    number = last.protocol if isinstance(last, IPv4) else getattr(last, "next_header", 0)
    return f"protocol {number}, length {size}"


def _arp(asked: ARP) -> str:
    if asked.op == arp.REQUEST:
        return f"Request who-has {asked.tpa_text} tell {asked.spa_text}"
    if asked.op == arp.REPLY:
        return f"Reply {asked.spa_text} is-at {text(asked.sha)}"
    return f"opcode {asked.op}"


def _tcp(segment: TCP, size: int) -> str:
    letters = "".join(letter for n, letter in enumerate(LETTERS) if segment.flags >> n & 1)
    words = [f"Flags [{letters or 'none'}]"]
    if size:
        words.append(f"seq {segment.seq}:{(segment.seq + size) % 2**32}")
    elif segment.flags & (SYN | FIN | RST):
        words.append(f"seq {segment.seq}")
    if segment.flags & ACK:
        words.append(f"ack {segment.ack}")
    words.append(f"win {segment.window}")
    if segment.flags & URG:
        words.append(f"urg {segment.urgent_pointer}")
    if segment.options:
        words.append(f"options [{_options(segment)}]")
    return ", ".join(words)


def _options(segment: TCP) -> str:
    try:
        return ",".join(map(option_text, segment.option_list()))
    except WireError as error:
        return f"bad: {error}"


def _icmp(message: ICMP, body: bytes) -> str:
    name = "ICMP6" if isinstance(message, ICMPv6) else "ICMP"
    kind = (type(message), message.type)
    what = MESSAGES.get(kind, f"type {message.type}")
    if kind in ECHOES and len(body) >= 4:
        return f"{name} {what}, id {int.from_bytes(body[:2])}, seq {int.from_bytes(body[2:4])}"
    return f"{name} {what}" + (f", code {message.code}" if message.code else "")
