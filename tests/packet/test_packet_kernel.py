"""What the kernel itself sends, captured in the lab: tshark, scapy and dpkt agree with us on each field of it."""

import socket
from contextlib import ExitStack
from pathlib import Path

import pytest

from netlab.lab import Host, Lab, capture
from netlab.packet import ARP, ICMP, TCP, UDP, VLAN, Ethernet, Fragment, ICMPv6, IPv4, IPv6, build, ethernet
from tests.packet.peers import by_dpkt, by_scapy, by_tshark, ours
from tests.programs import need

pytestmark = pytest.mark.serial


def talk(client: Host, server: Host, family: socket.AddressFamily, address: str) -> None:
    """Let two hosts speak TCP, 200 kB of it, and UDP, a datagram that fits no frame."""
    with ExitStack() as stack:
        listener, sock = (stack.enter_context(host.socket(family)) for host in (server, client))
        for one in (listener, sock):
            one.settimeout(20)
        listener.bind((address, 4000))
        listener.listen()
        sock.connect((address, 4000))
        conn, _ = listener.accept()
        stack.enter_context(conn)
        conn.settimeout(20)
        sock.sendall(bytes(200_000))
        left = 200_000
        while left:
            left -= len(conn.recv(left))
    with server.socket(family, socket.SOCK_DGRAM) as listener, client.socket(family, socket.SOCK_DGRAM) as sock:
        listener.settimeout(10)
        listener.bind((address, 4001))
        while True:  # on a line that loses packets, a datagram of three pieces needs luck
            sock.sendto(bytes(range(250)) * 15, (address, 4001))
            try:
                assert len(listener.recv(5_000)) == 3_750
            except TimeoutError:
                continue
            return


def tagged(host: Host, frame: bytes) -> None:
    """Send a frame as it is."""
    with host.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
        sock.bind(("eth0", 0))
        sock.send(frame)


def test_what_the_kernel_sends_reads_the_same_to_everybody(lab: Lab, tmp_path: Path) -> None:
    client, server = lab.hosts("client server")
    lab.link(client, server, delay=0.001, loss=0.03)
    with capture(client) as taken:
        ping = f"{need('ping')} -c 3 -i 0.01 -W 2"
        for address, family in ((server.address, socket.AF_INET), (server.address6, socket.AF_INET6)):
            client.run(f"{ping} {address}", check=False)
            talk(client, server, family, address)
        client.run(f"{ping} -s 4000 {server.address}", check=False)
        udp = build(IPv4(src=b"\n\0\0\1", dst=b"\n\0\0\2"), UDP(1, 2), payload=b"tagged")
        tagged(client, bytes(12) + b"\x81\0\x60\x05\x08\0" + udp.encode())
    frames = [frame.octets for frame in taken.frames]
    packets = [packet for _, packet in taken.packets()]
    assert [packet.encode() for packet in packets] == frames
    assert [packet.failure for packet in packets if packet.failure] == []
    for kind in (ARP, VLAN, IPv4, IPv6, Fragment, UDP, TCP, ICMP, ICMPv6):
        assert any(packet.get(kind) for packet in packets), f"the kernel sent no {kind.__name__}"
    segments = [tcp for packet in packets if (tcp := packet.get(TCP))]
    assert any(tcp.sack for tcp in segments), "nothing was lost"
    assert {(tcp.mss, tcp.sack_permitted) for tcp in segments if tcp.flags & 2} == {(1460, True), (1440, True)}
    for packet, theirs in zip(packets, by_tshark(frames, tmp_path), strict=True):
        assert ours(packet) == theirs
        for peer in (by_scapy, by_dpkt):
            read = peer(packet.encode())
            assert {name: ours(packet).get(name) for name in read} == read
    assert all(tcp.timestamps for tcp in segments)
    assert ethernet.BROADCAST in {frame[:6] for frame in frames}


def test_a_tag_that_the_kernel_takes_out_of_a_frame_is_in_its_receivers_capture(lab: Lab) -> None:
    client, server = lab.hosts("client server")
    lab.link(client, server)
    twice = build(Ethernet(), VLAN(1, 0, 7), VLAN(3, 1, 5), IPv4(), UDP(1, 2), payload=b"tagged").encode()
    once = twice[:12] + twice[16:]
    with capture(client) as sent, capture(server) as received:
        tagged(client, once)
        tagged(client, twice)
        client.run(f"{need('ping')} -c 1 {server.address}")
    for taken in (sent, received):
        assert [frame.octets for frame in taken.frames if frame.octets[12] == 0x81] == [once, twice]
    tags = [tag for _, packet in received.packets() if (tag := packet.get(VLAN))]
    assert tags == [VLAN(3, 1, 5, 0x0800), VLAN(1, 0, 7, 0x8100)]
