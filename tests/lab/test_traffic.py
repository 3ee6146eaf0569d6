"""Traffic through a lab, and what the kernel says of it: a connection's samples, captures, links that change."""

import socket
import subprocess
import threading
from itertools import pairwise
from math import inf
from pathlib import Path as File

import pytest

from netlab.lab import Host, Lab, capture, pour, pour_all, tcp_info, tcp_samples
from tests.programs import need

pytestmark = pytest.mark.serial
Path = tuple[Host, Host, Host]


def test_a_connection_fills_the_link_and_is_watched(lab: Lab) -> None:
    client, router, server = lab.hosts("client router server")
    lab.link(client, router)
    lab.link(router, server, rate=20e6, delay=0.005, queue=30)
    lab.route()
    poured = pour(client, server, 1.0, congestion="reno")
    samples = poured.samples
    assert 60 < len(samples) <= poured.seconds / 0.010 + 2  # one every 10 ms, where the machine has time
    assert samples[0].time == pytest.approx(0, abs=0.01)
    assert all(one.time <= other.time for one, other in pairwise(samples))
    assert {s.state for s in samples} == {"ESTABLISHED"}
    assert samples[0].cwnd == 10  # RFC 6928 §2
    assert samples[0].ssthresh == inf > samples[-1].ssthresh  # slow start overshot: 30 packets of queue are soon full
    assert samples[-1].retransmits > 0
    assert samples[-1].mss == 1448
    assert all(s.rtt_min >= 0.010 for s in samples)
    assert 0.010 < samples[-1].rtt < 0.010 + 31 * 1514 * 8 / 20e6 + 0.005  # with the queue at its longest
    assert samples[-1].acked <= poured.received
    assert 10e6 < poured.goodput < 20e6


def test_samples_end_with_their_connection(path: Path) -> None:
    client, _, server = path
    with client.socket() as sock, server.socket() as listener:
        with pytest.raises(ValueError, match="more than 0: not 0"), tcp_samples(sock, 0):
            pass
        assert tcp_info(sock).state == "CLOSED"
        listener.bind((server.address, 80))
        listener.listen()
        sock.connect((server.address, 80))
        with tcp_samples(sock, 0.001) as samples:
            while len(samples) < 3:
                threading.Event().wait(0.001)
            sock.close()
        assert samples[-1].state == "ESTABLISHED"
        with pytest.raises(OSError, match="Bad file"):
            tcp_info(sock)


def test_ipv6_is_poured_as_well_and_a_controller_that_is_not_there_is_refused(path: Path) -> None:
    client, _, server = path
    assert pour(client, server, 0.1, at=server.address6).received > 0
    with pytest.raises(FileNotFoundError):
        pour(client, server, 0.1, congestion="nosuch")
    with pytest.raises(ConnectionRefusedError), client.socket() as sock:
        sock.connect((server.address, 5001))


def test_a_crowd_pours_and_stops_on_time_though_the_queue_drops_what_says_so(lab: Lab) -> None:
    client, router, server = lab.hosts("client router server")
    lab.link(client, router)
    lab.link(router, server, rate=2e6, queue=4, delay=0.010)
    lab.route()
    pour_all(client, [server], 0.2, ["reno"] * 24)
    poured = pour_all(client, [server], 0.5, ["reno", "cubic"] * 12)  # on the same ports, at once
    assert len(poured) == 24
    assert all(0.5 <= one.seconds < 1 for one in poured)
    assert 0 < sum(one.received for one in poured) * 8 < 2e6 * 0.5


def round_trip(client: Host, server: Host) -> float:
    """Return how long one ping takes, in ms."""
    said = client.run(f"{need('ping')} -c 1 -W 5 {server.address}").stdout
    return float(said.partition("time=")[2].split()[0])


def test_a_link_changes_while_packets_flow(lab: Lab) -> None:
    client, router, server = lab.hosts("client router server")
    lab.link(client, router)
    link = lab.link(router, server, delay=0.001)
    lab.route()
    poured: list[float] = []
    thread = threading.Thread(target=lambda: poured.append(pour(client, server, 1.0).goodput))
    thread.start()
    assert 2 <= round_trip(client, server) < 20
    link.change(delay=0.050)
    assert 100 <= round_trip(client, server) < 120
    link.change(server, delay=0.001)
    assert 51 <= round_trip(client, server) < 70
    assert [line.delay for line in link.lines] == [0.001, 0.050]
    link.change(delay=0.0, rate=5e6, queue=10)
    thread.join(10)
    assert 0 < poured[0] < 1e9
    link.change(loss=1.0)
    assert client.run(f"{need('ping')} -c 1 -W 0.1 {server.address}", check=False).returncode == 1
    there, _ = link.counts() or ({}, {})
    assert there["lost"] > 0
    assert there["entered"] == sum(there[what] for what in ("lost", "left", "refused", "waiting"))
    with pytest.raises(ValueError, match="client is at neither end"):
        link.change(client, delay=0.1)
    with pytest.raises(ValueError, match="a link's loss is a probability"):
        link.change(loss=2)


def test_a_plain_cable_takes_a_rate_but_no_delay(path: Path) -> None:
    client, _, server = path
    link = client.lab.links[1]
    assert link.counts() is None
    link.change(rate=5e6, queue=20)
    assert pour(client, server, 0.5).goodput < 5e6
    with pytest.raises(ValueError, match="made as a plain cable"):
        link.change(delay=0.1)
    assert link.lines[0].delay is None


def test_a_capture_is_what_tshark_reads(path: Path, tmp_path: File) -> None:
    client, router, server = path
    with client.socket(kind=socket.SOCK_DGRAM) as sock, server.socket(kind=socket.SOCK_DGRAM) as there:
        there.bind((server.address, 9))
        with capture(router, "eth1") as taken:
            for n in range(10):
                sock.sendto(bytes([n]) * 100, (server.address, 9))
                there.recv(100)
    assert taken.dropped == 0
    (tmp_path / "taken.pcap").write_bytes(taken.pcap())
    fields = ("frame.time_epoch", "frame.len", "ip.src", "udp.payload")
    words = [need("tshark"), "-r", str(tmp_path / "taken.pcap"), "-Y", "udp", "-T", "fields", "-E", "separator=,"]
    said = subprocess.run(words + [f"-e{field}" for field in fields], capture_output=True, text=True, check=True).stdout
    mine = [frame for frame in taken.frames if frame.length == 142]
    assert said.splitlines() == [
        f"{frame.time // 10**9}.{frame.time % 10**9:09},142,{client.address},{frame.octets[42:].hex()}"
        for frame in mine
    ]
    assert [frame.octets[-1] for frame in mine] == list(range(10))
    assert all(one.time < other.time for one, other in pairwise(mine))


def test_a_capture_keeps_what_it_was_told_to(path: Path) -> None:
    client, _, server = path
    with capture(client, snaplen=20, limit=3) as taken:
        client.run(f"{need('ping')} -c 3 -i 0.01 {server.address}")
    assert len(taken.frames) == 3
    assert {len(frame.octets) for frame in taken.frames} == {20}
    assert all(frame.length > 40 for frame in taken.frames)
    with pytest.raises(ValueError, match="client has no interface 'eth9'"), capture(client, "eth9"):
        pass


@pytest.mark.usefixtures("crowded")
def test_a_capture_is_taken_though_a_thousand_files_are_open(path: Path) -> None:
    client, _, server = path
    with capture(client) as taken:
        client.run(f"{need('ping')} -c 1 {server.address}")
    assert sum(frame.length == 98 for frame in taken.frames) == 2


def test_a_capture_ends_with_its_lab(path: Path) -> None:
    before = threading.active_count()
    with capture(path[0]):
        path[0].lab.close()
    assert threading.active_count() < before, "somebody still waits for frames"


def test_a_capture_outlives_its_interface_going_down(path: Path) -> None:
    client, _, server = path
    link = client.lab.links[0]
    with capture(client) as taken:
        client.run(f"{need('ping')} -c 1 {server.address}")
        link.down()
        link.up()
        client.run(f"{need('ping')} -c 1 {server.address}")
    assert sum(frame.length == 98 for frame in taken.frames) == 4
