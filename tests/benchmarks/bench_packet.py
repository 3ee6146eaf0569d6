"""A packet of IPv4 and TCP into its headers: beside scapy and dpkt, in one run, each fed the same octets.

scapy is a workbench and builds what a workbench needs; dpkt is what fast programs use. Both are Python all through.
"""

import warnings
from collections.abc import Callable
from typing import Any

import dpkt
import pytest

from netlab.packet import ETHERNET, RAW, TCP, Ethernet, IPv4, build, decode, tcp
from tests.benchmarks.turns import beside, times

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from scapy.layers import inet, l2

pytestmark = pytest.mark.serial

V4 = IPv4(src=bytes([192, 0, 2, 1]), dst=bytes([192, 0, 2, 2]))
PLAIN = TCP(49152, 33435, seq=1, ack=1)
STAMPED = PLAIN._replace(options=b"\1\1" + tcp.encode_options(timestamps=(1, 2))[:10])
PACKETS = {
    "20 + 20 B of header": build(V4, PLAIN, payload=bytes(100)).encode(),
    "with timestamps": build(V4, STAMPED, payload=bytes(100)).encode(),
    "full": build(V4, STAMPED, payload=bytes(1448)).encode(),
}
FRAME = build(Ethernet(), V4, STAMPED, payload=bytes(100)).encode()
NUMBER = 100  # calls in a turn: few enough that most turns end before Python looks for garbage, which scapy makes


def ours(octets: bytes) -> object:
    return decode(octets, RAW)


def test_the_sides_do_the_same() -> None:
    for octets in PACKETS.values():
        packet, theirs, scapys = decode(octets, RAW), dpkt.ip.IP(octets), inet.IP(octets)
        segment = packet.get(TCP)
        assert segment is not None
        assert segment.src_port == theirs.data.sport == scapys.sport == 49152
        assert packet.payload == theirs.data.data == bytes(scapys.payload.payload)


@pytest.mark.parametrize("side", [ours, dpkt.ip.IP, inet.IP], ids=["netlab", "dpkt", "scapy"])
@pytest.mark.parametrize("name", PACKETS)
def test_parsing(benchmark: Any, name: str, side: Callable[[bytes], object]) -> None:
    benchmark.group = f"parse IPv4 + TCP, {name}"
    benchmark(side, PACKETS[name])


@pytest.mark.parametrize("name", PACKETS)
@pytest.mark.parametrize(
    ("peer", "theirs", "asked"), [("scapy", inet.IP, 20), ("dpkt", dpkt.ip.IP, 1)], ids=["scapy", "dpkt"]
)
def test_parsing_is_faster(
    name: str, peer: str, theirs: Callable[[bytes], object], asked: float, say: Callable[[str], None]
) -> None:
    octets = PACKETS[name]
    mine, other = beside(times(ours, octets, NUMBER), times(theirs, octets, NUMBER), asked, turns=10)
    took = f"netlab {mine / NUMBER * 1e6:.2f} µs, {peer} {other / NUMBER * 1e6:.2f} µs"
    say(f"IPv4 + TCP, {name}: {took}: {other / mine:.1f} x as fast (asked: {asked})")
    assert other >= asked * mine


@pytest.mark.parametrize(
    ("peer", "theirs", "asked"), [("scapy", l2.Ether, 20), ("dpkt", dpkt.ethernet.Ethernet, 1)], ids=["scapy", "dpkt"]
)
def test_parsing_a_frame_is_faster(
    peer: str, theirs: Callable[[bytes], object], asked: float, say: Callable[[str], None]
) -> None:
    mine, other = beside(times(decode, FRAME, NUMBER), times(theirs, FRAME, NUMBER), asked, turns=10)
    took = f"netlab {mine / NUMBER * 1e6:.2f} µs, {peer} {other / NUMBER * 1e6:.2f} µs"
    say(f"a frame of Ethernet ({ETHERNET}): {took}: {other / mine:.1f} x as fast (asked: {asked})")
    assert other >= asked * mine
