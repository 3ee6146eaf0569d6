"""What is known of each field beside its bytes: the rule that made it, its bits, a number's name, whose fault it is.

Fields are called as the parsers call them: "IPv4.TTL", "masking key". Whoever adds a protocol adds rows to these
tables, and need not: a field without a row has its protocol's own RFC as its rule, and its value as the parser said it.

>>> rule("IPv4.TOS"), rule("IPv4.TTL"), rule("2. masking key"), rule("no such field", "RFC 768")
('RFC 2474 §3', 'RFC 791 §3.1', 'RFC 6455 §5.3', 'RFC 768')
>>> said("Ethernet.type", "0x0800"), said("FIN, RSV, opcode", 0x81), said("IPv4.TTL", 64)
('0x0800, IPv4', 'FIN, text', 64)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from netlab.wire import WireError

Value = int | bytes | str
Parts = Sequence[tuple[str, int]]

RULES: Mapping[str, str] = {  # of a field, or of all fields of a header
    "Ethernet": "RFC 894",
    "VLAN": "IEEE 802.1Q",
    "ARP": "RFC 826",
    "IPv4": "RFC 791 §3.1",
    "IPv4.TOS": "RFC 2474 §3",
    "IPv6": "RFC 8200 §3",
    "HopByHop": "RFC 8200 §4.3",
    "HopByHop.option": "RFC 8200 §4.2",
    "Routing": "RFC 8200 §4.4",
    "Fragment": "RFC 8200 §4.5",
    "DestinationOptions": "RFC 8200 §4.6",
    "DestinationOptions.option": "RFC 8200 §4.2",
    "UDP": "RFC 768",
    "TCP": "RFC 9293 §3.1",
    "TCP.option": "RFC 9293 §3.2",
    "ICMP": "RFC 792",
    "ICMPv6": "RFC 4443 §2.1",
    "FIN, RSV, opcode": "RFC 6455 §5.2",
    "MASK, length": "RFC 6455 §5.2",
    "extended length": "RFC 6455 §5.2",
    "masking key": "RFC 6455 §5.3",
    "request line": "RFC 9112 §3",
    "status line": "RFC 9112 §4",
    "empty line": "RFC 9112 §2.1",
    "HTTP": "RFC 9112 §5.1",  # each other line of a head
    "Handshake": "RFC 9112 §5.1",
    "WebSocket": "RFC 6455 §5.2",
    "host": "RFC 9112 §3.2",
    "upgrade": "RFC 9110 §7.8",
    "sec-websocket-key": "RFC 6455 §4.1",
    "sec-websocket-version": "RFC 6455 §4.1",
    "sec-websocket-protocol": "RFC 6455 §4.1",
    "sec-websocket-extensions": "RFC 6455 §9.1",
    "sec-websocket-accept": "RFC 6455 §4.2.2",
    "origin": "RFC 6455 §10.2",
}

BITS: Mapping[str, tuple[int, Parts]] = {  # which byte of a field opens into which bits
    "IPv4.version, IHL": (0, (("version", 4), ("IHL", 4))),
    "IPv4.flags, fragment offset": (0, (("0", 1), ("DF", 1), ("MF", 1), ("offset", 5))),
    "IPv6.version, traffic class, flow label": (0, (("version", 4), ("class", 4))),
    "TCP.data offset, rsrvd": (0, (("data offset", 4), ("rsrvd", 4))),
    "FIN, RSV, opcode": (0, (("FIN", 1), ("RSV", 3), ("opcode", 4))),
    "MASK, length": (0, (("MASK", 1), ("length", 7))),
}

ETHERTYPES = {0x0800: "IPv4", 0x0806: "ARP", 0x8100: "VLAN", 0x86DD: "IPv6", 0x88A8: "VLAN"}
NUMBERS = {0: "HopByHop", 1: "ICMP", 6: "TCP", 17: "UDP", 43: "Routing", 44: "Fragment", 58: "ICMPv6",
           59: "nothing", 60: "DestinationOptions"}  # fmt: skip
OPCODES = {0: "continuation", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong"}
ICMP = {0: "echo reply", 3: "destination unreachable", 5: "redirect", 8: "echo", 11: "time exceeded"}
ICMP6 = {1: "destination unreachable", 2: "packet too big", 3: "time exceeded", 128: "echo request", 129: "echo reply",
         133: "router solicitation", 134: "router advertisement", 135: "neighbor solicitation",
         136: "neighbor advertisement"}  # fmt: skip


def _named(names: Mapping[int, str]) -> Callable[[Value], Value]:
    """Return what adds to a number the name that it has."""

    def say(value: Value) -> Value:
        if isinstance(value, bytes):
            return value
        name = names.get(int(value, 0) if isinstance(value, str) else value)
        return f"{value}, {name}" if name else value

    return say


def _first(value: Value) -> Value:
    """Return what the first byte of a frame says."""
    if not isinstance(value, int):
        return value
    bits = [name for name, bit in (("FIN", 0x80), ("RSV1", 0x40), ("RSV2", 0x20), ("RSV3", 0x10)) if value & bit]
    return ", ".join([*bits, OPCODES.get(value & 15, f"opcode {value & 15:#x}")])


def _second(value: Value) -> Value:
    """Return what the second byte of a frame says."""
    return f"{'masked, ' if value >> 7 else ''}{value & 0x7F}" if isinstance(value, int) else value


SAYS: Mapping[str, Callable[[Value], Value]] = {
    "Ethernet.type": _named(ETHERTYPES),
    "VLAN.type": _named(ETHERTYPES),
    "ARP.protocol type": _named(ETHERTYPES),
    "ARP.opcode": _named({1: "request", 2: "reply"}),
    "IPv4.protocol": _named({n: name for n, name in NUMBERS.items() if n in (1, 6, 17)}),
    "IPv6.next header": _named(NUMBERS),
    "HopByHop.next header": _named(NUMBERS),
    "Routing.next header": _named(NUMBERS),
    "Fragment.next header": _named(NUMBERS),
    "DestinationOptions.next header": _named(NUMBERS),
    "ICMP.type": _named(ICMP),
    "ICMPv6.type": _named(ICMP6),
    "FIN, RSV, opcode": _first,
    "MASK, length": _second,
}

# A header is read whole before it is judged. So of these rules the words tell which of its fields is to blame; of the
# others it is what the parser looked at last.
GUILTY: Sequence[tuple[str, str, str]] = (  # a rule, a word of what it says, the field
    ("RFC 791 §3.1", "this is version", "IPv4.version, IHL"),
    ("RFC 791 §3.1", "words", "IPv4.version, IHL"),
    ("RFC 791 §3.1", "total length", "IPv4.total length"),
    ("RFC 8200 §3", "this is version", "IPv6.version, traffic class, flow label"),
    ("RFC 9293 §3.1", "words", "TCP.data offset, rsrvd"),
    ("RFC 768", "a length of", "UDP.length"),
    ("RFC 9112 §3.2", "host", "host"),
    ("RFC 6455 §4.2.1", "HTTP/1.1", "request line"),
    ("RFC 6455 §4.2.1", "method", "request line"),
    ("RFC 6455 §4.2.1", "resource", "request line"),
    ("RFC 6455 §4.2.1", "Host", "host"),
    ("RFC 6455 §4.2.1", "Origin", "origin"),
    ("RFC 6455 §4.2.1", "Upgrade does", "upgrade"),
    ("RFC 6455 §4.2.1", "Connection does", "connection"),
    ("RFC 6455 §4.4", "version", "sec-websocket-version"),
    ("RFC 6455 §4.2.1", "Sec-WebSocket-Key", "sec-websocket-key"),
    ("RFC 6455 §4.2.1", "content", "content-length"),
)


def plain(name: str) -> str:
    """Return a field's name without what stands before it: the number of its message, the protocol it travels in."""
    return re.sub(r"^(?:\d+\. )?(?:HTTP\.)?", "", name)


def rule(name: str, otherwise: str = "") -> str:
    """Return the rule that made a field, ``otherwise`` where no table knows it. HTTP's names are in any case."""
    short = plain(name)
    known = (RULES.get(key) for key in (short, short.lower(), short.partition(".")[0]))
    return next(filter(None, known), RULES["HTTP"] if "HTTP." in name else otherwise)


def said(name: str, value: Value) -> Value:
    """Return a field's value with what it means, where a table knows it."""
    say = SAYS.get(plain(name))
    return say(value) if say else value


def guilty(error: WireError) -> str:
    """Return the field that broke the rule, in small letters; "" where no table knows it."""
    for broken, word, field in GUILTY:
        if error.rule == broken and word in error.message:
            return field.lower()
    return ""
