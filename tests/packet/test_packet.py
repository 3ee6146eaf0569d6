"""Headers one by one: the RFCs' own packets and the kernel's, what is wrong with a packet, and what cannot be one."""

import random
import subprocess
import sys
from collections.abc import Callable
from ipaddress import IPv6Address
from typing import Any

import pytest

import netlab.packet as room
from netlab.packet import (
    ARP,
    ICMP,
    RAW,
    TCP,
    UDP,
    VLAN,
    DestinationOptions,
    Ethernet,
    Fragment,
    HopByHop,
    ICMPv6,
    IPv4,
    IPv6,
    Option,
    Packet,
    Routing,
    address,
    build,
    decode,
    ipv4,
    ipv6,
    options,
    read,
    tcp,
    text,
    udp,
)
from netlab.packet.layout import short
from netlab.wire import Reader, Recorder, WireError, annotate

A, B = bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])
A6, B6 = address("2001:db8::1"), address("2001:db8::2")
V4, V6 = IPv4(src=A, dst=B), IPv6(src=A6, dst=B6)

# What Linux 6.18 sent on its loopback: an echo request, and the report that joins 239.1.2.3.
PING = bytes.fromhex("4500002c499240004001f33c7f0000017f0000010800b5b3000100014142434445464748494a4b4c4d4e4f50")
JOIN = bytes.fromhex("46c0002800004000010203fa00000000e0000016940400002200e8f90000000104000000ef010203")
# An error as RFC 1191 §4 lays it out: fragmentation needed, the next MTU is 1400; it quotes a header and 8 bytes.
TOO_BIG = bytes.fromhex("030443f400000578450005dc006f40003d114b66c0000201c63364079c40829a05c88eec")


# ------------------------------------------------------------------------------------------------------------- vectors


def test_the_smallest_datagram_of_the_rfc() -> None:
    """RFC 791, appendix A, example 1: 21 bytes, of which one is data."""
    ip = IPv4(total_length=21, identification=111, ttl=123, protocol=1, src=A, dst=B)
    octets = ip.encode() + b"\7"
    assert octets[:10].hex(" ", 2) == "4500 0015 006f 0000 7b01"
    assert decode(octets, RAW).layers[0] == ip


def test_the_fragments_of_the_rfc() -> None:
    """RFC 791, appendix A, example 2: 452 bytes of data for a network that takes 280 at a time."""
    whole = V4._replace(identification=111, ttl=123, protocol=6)
    first = build(whole._replace(flags=ipv4.MF), payload=bytes(256))
    second = build(whole._replace(fragment_offset=32), payload=bytes(196))
    headers = [decode(piece.encode(), RAW).layers[0] for piece in (first, second)]
    assert [(ip.total_length, ip.flags, ip.fragment_offset) for ip in headers if isinstance(ip, IPv4)] == [
        (276, 1, 0),
        (216, 0, 32),
    ]
    assert decode(second.encode(), RAW).checksum_ok(TCP) is None


def test_an_echo_request_of_the_kernel() -> None:
    packet = decode(PING, RAW)
    assert packet.ip is not None
    assert (packet.ip.src_text, packet.get(ICMP)) == ("127.0.0.1", ICMP(8, 0, 0xB5B3))
    assert packet.payload[4:] == b"ABCDEFGHIJKLMNOP"
    assert packet.checksum_ok(IPv4)
    assert packet.checksum_ok(ICMP)
    assert packet.summary == "IP 127.0.0.1 > 127.0.0.1: ICMP echo request, id 1, seq 1, length 24"
    made = build(V4._replace(identification=0x4992, flags=ipv4.DF, src=packet.ip.src, dst=packet.ip.dst), ICMP(8))
    assert made.get(ICMP) == ICMP(8, 0, 0xF7FF)
    again = build(*packet.layers, payload=packet.payload)
    assert again.encode() == PING


def test_options_of_a_header_that_the_kernel_sent() -> None:
    packet = decode(JOIN, RAW)
    ip = packet.get(IPv4)
    assert ip is not None
    assert (ip.size, ip.dscp, ip.ecn, ip.ttl, ip.protocol, ip.checksum_ok) == (24, 48, 0, 1, 2, True)
    assert ip.option_list() == [Option(0x94, bytes(2))]  # router alert
    assert packet.encode() == JOIN
    assert packet.summary == "IP 0.0.0.0 > 224.0.0.22: protocol 2, length 16"


def test_an_error_quotes_the_beginning_of_a_packet() -> None:
    packet = decode(build(V4, ICMP(3, 4), payload=TOO_BIG[4:]).encode(), RAW)
    assert packet.get(ICMP) == ICMP(3, 4, 0x43F4)
    quoted = decode(packet.payload[4:], RAW)
    assert quoted.get(UDP) == UDP(40000, 33434, 1480, 0x8EEC)
    assert (quoted.missing, quoted.checksum_ok(UDP), quoted.failure) == (1472, None, "")
    assert packet.summary == "IP 192.0.2.1 > 192.0.2.2: ICMP destination unreachable, code 4, length 36"


# ---------------------------------------------------------------------------------------------------------- addresses


def test_addresses_are_written_as_python_writes_them() -> None:
    dice = random.Random(5952)
    for _ in range(2_000):
        octets = b"".join(dice.choice([b"\0\0", b"\0\0", b"\0\1", b"\xab\xcd"]) for _ in range(8))
        if octets[:12] != bytes(10) + b"\xff\xff":  # later Pythons write an IPv4 address there
            assert text(octets) == str(IPv6Address(octets))
        assert address(text(octets)) == octets
    assert [text(address(one)) for one in ("::", "::1", "1::", "10.0.0.255")] == ["::", "::1", "1::", "10.0.0.255"]
    assert address("02-00-00-00-00-FF") == address("02:00:00:00:00:ff") == b"\2\0\0\0\0\xff"
    with pytest.raises(ValueError, match="'here'"):
        address("here")


# ----------------------------------------------------------------------------------------------------- broken packets


@pytest.mark.parametrize(
    ("octets", "failure"),
    [
        ("", "IP: at least 20 more bytes are needed"),
        ("40" + "00" * 19, "IP: a header of 0 words has no room for its 5 (RFC 791 §3.1)"),
        ("75" + "00" * 19, "IP: this is version 7, not 4 (RFC 791 §3.1)"),
        ("450000130000000040060000" + "00" * 8, "IP: a total length of 19 has no room for 20 bytes of header"),
        ("460000180000000040060000" + "00" * 10, "IP: at least 2 more bytes are needed"),
        ("450000180000000040060000" + "00" * 12, "TCP: TCP takes 20 bytes, but IPv4 datagram has only 4 left"),
        ("450000280000000040060000" + "00" * 28, "TCP: a header of 0 words has no room for its 5 (RFC 9293 §3.1)"),
        ("450000280000000040060000" + "00" * 20 + "ff" + "00" * 7, "TCP: options takes 40 bytes, but IPv4 datagram"),
        ("4500001c0000000040110000" + "00" * 16, "UDP: a length of 0 has no room for the header's 8 bytes (RFC 768)"),
        ("600000000000" + "3b" + "00" * 33, ""),
        ("6000000000022c40" + "00" * 34, "Fragment: Fragment takes 8 bytes, but IPv6 packet has only 2 left"),
        ("6000000000080040" + "00" * 32 + "3b01" + "00" * 6, "HopByHop: options takes 14 bytes, but IPv6 packet has"),
    ],
)
def test_what_breaks_a_rule_is_kept_and_named(octets: str, failure: str) -> None:
    wire = bytes.fromhex(octets)
    packet = decode(wire, RAW)
    assert packet.failure.startswith(failure)
    assert bool(packet.failure) == bool(failure)
    assert packet.encode() == wire
    assert read_again(wire) == packet
    assert packet.failure in packet.summary


def read_again(wire: bytes) -> Packet:
    """Return what a recorder makes of it; what it read of a header that broke is forgotten."""
    recorder = Recorder(wire)
    packet = read(recorder, RAW)
    assert all(one.stop == other.start for one, other in zip(recorder.spans, recorder.spans[1:], strict=False))
    annotate(wire, recorder.spans)
    return packet


def test_of_an_unknown_link_all_is_payload() -> None:
    assert decode(b"abc", 113) == Packet((), b"abc")
    assert decode(b"abc", 113).summary == "nothing known, length 3"
    assert Packet((UDP(),)).summary == "UDP, length 0"


def test_a_length_of_zero_is_one_that_the_interface_is_to_fill_in() -> None:
    whole = build(V4, UDP(1, 2), payload=bytes(100))
    assert isinstance(whole.layers[0], IPv4)
    cut = whole.layers[0]._replace(total_length=0).encode() + whole.encode()[20:]
    assert decode(cut, RAW).layers[1:] == whole.layers[1:]
    jumbo = V6._replace(next_header=17).encode() + whole.encode()[20:]
    assert decode(jumbo, RAW).payload == bytes(100)


def test_what_stands_behind_the_length_is_the_trailer() -> None:
    udp_options = build(V4, UDP(1, 2), payload=b"data", trailer=b"pad").encode()
    packet = decode(udp_options, RAW)
    assert (packet.payload, packet.trailer) == (b"data", b"pad")
    longer = bytearray(udp_options)
    longer[3] += 3  # IP has room for more than UDP's length tells
    assert decode(bytes(longer), RAW).trailer == b"pad"
    assert decode(build(Ethernet(type=2), payload=b"abc").encode()).trailer == b"c"
    assert decode(build(Ethernet(), VLAN(type=2), payload=b"abc").encode()).payload == b"ab"


# ---------------------------------------------------------------------------------------------------------- checksums


def test_a_checksum_is_right_wrong_or_nobody_can_tell() -> None:
    for ip in (V4, V6):
        for segment in (UDP(1, 2), TCP(1, 2), *([ICMP()] if ip is V4 else [ICMPv6(128)])):
            packet = build(ip, segment, payload=b"odd")
            kind = type(segment)
            assert packet.checksum_ok(kind) is True
            assert packet._replace(payload=b"0dd").checksum_ok(kind) is False
            assert decode(packet.encode()[:-1], RAW).checksum_ok(kind) is None
            assert packet.checksum_ok(ARP) is packet.checksum_ok(Ethernet) is None
    assert build(V4, UDP(1, 2)).checksum_ok(IPv4) is True
    assert Packet((UDP(1, 2, 8),)).checksum_ok(UDP) is None
    assert Packet((V4, UDP(1, 2, 8))).checksum_ok(UDP) is None
    assert Packet((V6, UDP(1, 2, 8))).checksum_ok(UDP) is False
    for before in (Fragment(m=1), Routing(segments_left=1)):
        assert build(V6, before, UDP(1, 2)).checksum_ok(UDP) is None
    for before in (Fragment(), Routing(), HopByHop(), DestinationOptions()):
        assert build(V6, before, UDP(1, 2)).checksum_ok(UDP) is True


def test_a_checksum_of_udp_that_comes_out_as_zero_travels_as_ffff() -> None:
    for n in range(0x10000):
        packet = build(V4, UDP(1, 2), payload=n.to_bytes(2))
        if packet.layers[1] == UDP(1, 2, 10, 0xFFFF):
            assert packet.checksum_ok(UDP) is True
            return
    pytest.fail("one of all words must do it")


# -------------------------------------------------------------------------------------------------------- TCP options


def test_what_the_options_of_tcp_say() -> None:
    octets = tcp.encode_options(1460, 7, sack_permitted=True, timestamps=(1, 2), sack=[(3, 4), (5, 6)])
    segment = tcp.decode(Reader(TCP(options=octets).encode()))
    assert (segment.mss, segment.window_scale, segment.sack_permitted) == (1460, 7, True)
    assert (segment.timestamps, segment.sack) == ((1, 2), [(3, 4), (5, 6)])
    assert segment.data_offset == 5 + len(octets) // 4
    assert [option.kind for option in segment.option_list()] == [2, 4, 8, 3, 5, 0]
    assert TCP().mss is TCP().window_scale is TCP().timestamps is None
    assert (TCP().sack, TCP().sack_permitted) == ([], False)
    assert tcp.encode_options() == b""
    with pytest.raises(ValueError, match="MSS must be 0 to 65,535"):
        tcp.encode_options(65_536)


@pytest.mark.parametrize(
    ("octets", "ask", "message"),
    [
        ("0201", lambda t: t.mss, r"the option 2 says that it is 1 byte long \(RFC 9293 §3.2\)"),
        ("0200", lambda t: t.mss, "the option 2 says that it is 0 bytes long"),
        ("0204", lambda t: t.mss, "the option 2 takes 2 bytes, but options has only 0 left"),
        ("0102", lambda t: t.mss, "length takes 1 byte, but options has only 0 left"),
        ("020305", lambda t: t.mss, "the option 2 has data of 2 bytes, not 1"),
        ("0503ff", lambda t: t.sack, r"blocks of SACK take 8 bytes each, and here are 1 \(RFC 2018 §3\)"),
    ],
)
def test_an_option_that_breaks_a_rule_is_kept_until_somebody_asks(
    octets: str, ask: Callable[[TCP], object], message: str
) -> None:
    wire = TCP(options=bytes.fromhex(octets).rjust(4, b"\1")).encode()
    segment = tcp.decode(Reader(wire))
    assert segment.encode() == wire
    with pytest.raises(WireError, match=message):
        ask(segment)
    recorder = Recorder(wire)
    assert tcp.decode(recorder) == segment
    assert recorder.spans[-1].stop == len(wire)
    assert build(V4, segment).summary.count("options [") == 1


def test_each_option_has_its_span_and_its_words() -> None:
    octets = tcp.encode_options(1460, sack=[(1, 2)]) + b"\0\0\0\0"
    recorder = Recorder(TCP(options=octets[:14] + bytes(2)).encode())
    tcp.decode(recorder)
    said = [(span.name, span.value) for span in recorder.spans[-4:]]
    assert said == [
        ("TCP.option", "mss 1460"),
        ("TCP.option", "sack 1 {1:2}"),
        ("TCP.option", "eol"),
        ("TCP.padding", b"\0"),
    ]
    assert [tcp.option_text(Option(*one)) for one in ((1,), (4,), (3, b"\7"), (254, b"x"), (2, b"x"))] == [
        "nop", "sackOK", "wscale 7", "unknown-254 0x78", "unknown-2 0x78",
    ]  # fmt: skip


def test_options_of_ipv6_count_their_data_alone() -> None:
    alert = [Option(5, bytes(2)), Option(1)]
    header = HopByHop(options=options.padded(alert, options.IPV6, 2))
    assert header.encode().hex() == "3b000502" + "0000" + "0100"
    assert header.option_list() == alert
    assert options.padded([Option(0)], options.IPV6, 1) == b"\0"
    with pytest.raises(ValueError, match="the option 1 is a single byte"):
        Option(1, b"x").encode(options.TCP)


# ------------------------------------------------------------------------------------------------------------- summary


@pytest.mark.parametrize(
    ("layers", "payload", "said"),
    [
        ([ARP(spa=A, tpa=B)], b"", "ARP, Request who-has 192.0.2.2 tell 192.0.2.1, length 28"),
        ([ARP(op=2, spa=A)], b"", "ARP, Reply 192.0.2.1 is-at 00:00:00:00:00:00, length 28"),
        ([ARP(op=9)], b"", "ARP, opcode 9, length 28"),
        ([VLAN(3, 0, 100), V4, UDP(1, 2)], b"x", "vlan 100, p 3, IP 192.0.2.1.1 > 192.0.2.2.2: UDP, length 1"),
        ([V4, TCP(1, 2, 5, 6, window=9)], b"abc", "Flags [.], seq 5:8, ack 6, win 9, length 3"),
        ([V4, TCP(1, 2, 5, 6, window=9)], b"", "Flags [.], ack 6, win 9, length 0"),
        ([V4, TCP(1, 2, 5, flags=tcp.SYN)], b"", "Flags [S], seq 5, win 65535, length 0"),
        ([V4, TCP(1, 2, 5, flags=0x20, urgent_pointer=7)], b"", "Flags [U], win 65535, urg 7, length 0"),
        ([V4, TCP(1, 2, flags=0)], b"", "Flags [none], win 65535, length 0"),
        ([V4, ICMP(5, 1)], b"", "IP 192.0.2.1 > 192.0.2.2: ICMP type 5, code 1, length 4"),
        ([V6, ICMPv6(129)], bytes.fromhex("00010002"), "IP6 2001:db8::1 > 2001:db8::2: ICMP6 echo reply, id 1, seq 2"),
        ([V6, ICMPv6(135)], bytes(20), "ICMP6 neighbor solicitation, length 24"),
        ([V6, HopByHop()], b"", "IP6 2001:db8::1 > 2001:db8::2: protocol 59, length 0"),
        ([V6, Fragment(253, m=1, identification=7)], b"x", "fragment of 0x7 at 0, length 1"),
    ],
)  # fmt: skip
def test_a_packet_in_one_line(layers: list[Any], payload: bytes, said: str) -> None:
    packet = build(Ethernet(), *layers, payload=payload)
    assert said in packet.summary
    assert decode(packet.encode()).summary == packet.summary


# ------------------------------------------------------------------------------------------------------- what cannot be


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: build(ARP(), V4), "IPv4 does not travel in ARP"),
        (lambda: build(V4, ICMPv6()), "ICMPv6 does not travel in IPv4"),
        (lambda: build(V6, Fragment(), HopByHop()), "HopByHop does not travel in Fragment"),
        (lambda: build(UDP()), "the checksum of UDP covers the addresses"),
        (lambda: build(TCP()), "the checksum of TCP covers the addresses"),
        (lambda: build(ICMPv6()), "the checksum of ICMPv6 covers the addresses"),
        (lambda: build(V4, UDP(65_536)), "the source port must be 0 to 65,535 to fit 2 bytes, not 65,536"),
        (lambda: build(V4, UDP(), payload=bytes(65_508)), "length must be 0 to 65,535"),
        (lambda: IPv4(src=b"1").encode(), "the source address takes 4 bytes, not 1"),
        (lambda: IPv4(flags=8).encode(), "flags has 3 bits, which 8 does not fit"),
        (lambda: IPv4(fragment_offset=-1).encode(), "fragment offset has 13 bits, which -1 does not fit"),
        (lambda: IPv4(options=bytes(3)).encode(), "options are whole words, 10 at most, and not 3 bytes"),
        (lambda: TCP(options=bytes(44)).encode(), "options are whole words, 10 at most, and not 44 bytes"),
        (lambda: TCP(rsrvd=16).encode(), "rsrvd has 4 bits"),
        (lambda: IPv6(flow_label=1 << 20).encode(), "flow label has 20 bits"),
        (lambda: HopByHop(options=bytes(5)).encode(), "an extension header is a multiple of 8 bytes, not 7"),
        (lambda: VLAN(vid=4096).encode(), "VID has 12 bits"),
        (lambda: ARP(tha=b"").encode(), "the target's addresses are of 6 and 4 bytes"),
        (lambda: short(Reader(b"abc"), 3, "text"), "3 bytes of text are there"),
    ],
)
def test_what_does_not_fit_its_field(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("make", [lambda: UDP("80"), lambda: UDP(80.0), lambda: Ethernet("02:00:0"[:6])])  # type: ignore[arg-type]
def test_what_is_no_field_at_all(make: Callable[[], Any]) -> None:
    with pytest.raises(TypeError):
        make().encode()


def test_what_is_built_may_be_made_wrong_afterwards() -> None:
    packet = build(Ethernet(), V4, TCP(1, 2), payload=b"x")
    wrong = packet._replace(layers=(*packet.layers[:2], TCP(1, 2, checksum=1)))
    assert decode(wrong.encode()) == wrong
    assert wrong.checksum_ok(TCP) is False
    assert udp.HEADER.size + ipv6.HEADER.size == 48
    assert (V6.dscp, V6.ecn, IPv6(traffic_class=0xB9).dscp, IPv6(traffic_class=0xB9).ecn) == (0, 0, 46, 1)


def test_headers_of_the_same_numbers_are_not_taken_for_each_other() -> None:
    """A tag and a header of UDP have four fields each."""
    packet = build(Ethernet(), VLAN(0, 0, 8), V4, UDP(0, 0))
    assert isinstance(packet.layers[1], VLAN)
    assert isinstance(packet.layers[3], UDP)
    alike = packet._replace(layers=(packet.layers[0], VLAN(*packet.layers[3]), *packet.layers[2:]))
    assert alike.layers[1] == alike.layers[3]
    assert alike.checksum_ok(UDP) is True
    assert build(V6, ICMPv6(128)).get(ICMP) is build(V6, DestinationOptions()).get(HopByHop) is None


def test_a_name_is_fetched_when_it_is_first_asked_for() -> None:
    code = (
        "import sys, netlab.packet; netlab.packet.Ethernet; print(*sorted(n for n in sys.modules if '.packet.' in n))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout
    assert "netlab.packet.ethernet" in loaded
    assert "tcp" not in loaded
    assert dir(room) == sorted(room.__all__)
    assert all(getattr(room, name) for name in room.__all__)
    with pytest.raises(AttributeError, match=r"module 'netlab\.packet' has no attribute 'SCTP'"):
        _ = room.SCTP
