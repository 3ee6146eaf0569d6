"""What an explanation says of a field is what scapy and dpkt read there."""

import warnings

import dpkt
import pytest

from netlab.explain import explain
from tests.packet.mixed import frames

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from scapy.layers import inet, inet6, l2


def said(octets: bytes) -> dict[str, str]:
    """Return each field's value as an explanation says it."""
    return {span.name: str(span.value) for span in explain(octets, "frame").spans}


def theirs(octets: bytes) -> dict[str, str]:
    """Return what scapy reads of a frame, under our names."""
    frame = l2.Ether(octets)
    found = {"Ethernet.destination": frame.dst, "Ethernet.source": frame.src}
    if ip := frame.getlayer(inet.IP):
        found |= {"IPv4.TTL": ip.ttl, "IPv4.TOS": ip.tos, "IPv4.total length": ip.len, "IPv4.source address": ip.src,
                  "IPv4.destination address": ip.dst, "IPv4.header checksum": f"0x{ip.chksum:04x}"}  # fmt: skip
    if ip := frame.getlayer(inet6.IPv6):
        found |= {"IPv6.hop limit": ip.hlim, "IPv6.payload length": ip.plen, "IPv6.source address": ip.src,
                  "IPv6.destination address": ip.dst}  # fmt: skip
    if tcp := frame.getlayer(inet.TCP):
        found |= {"TCP.source port": tcp.sport, "TCP.destination port": tcp.dport, "TCP.sequence number": tcp.seq,
                  "TCP.acknowledgment number": tcp.ack, "TCP.window": tcp.window,
                  "TCP.data offset, rsrvd": f"{tcp.dataofs * 4} bytes"}  # fmt: skip
    if arp := frame.getlayer(l2.ARP):
        found |= {"ARP.sender protocol address": arp.psrc, "ARP.target protocol address": arp.pdst,
                  "ARP.opcode": f"{arp.op}, {'request' if arp.op == 1 else 'reply'}"}  # fmt: skip
    return {name: str(value) for name, value in found.items()}


@pytest.mark.parametrize("n", [0, 1, 2, 3, 8, 10, 12, 16, 18, 24, 26])
def test_scapy_says_the_same(n: int) -> None:
    ours, scapys = said(frames()[n]), theirs(frames()[n])
    assert len(scapys) > 4
    assert {name: ours.get(name) for name in scapys} == scapys


def test_dpkt_says_the_same_of_datagrams() -> None:
    for octets in (frames()[2], frames()[4], frames()[6]):
        datagram = dpkt.ethernet.Ethernet(octets).data.data
        ours = said(octets)
        assert ours["UDP.source port"] == str(datagram.sport)
        assert ours["UDP.destination port"] == str(datagram.dport)
        assert ours["UDP.length"] == str(datagram.ulen)
        assert ours["UDP.checksum"] == f"0x{datagram.sum:04x}"
