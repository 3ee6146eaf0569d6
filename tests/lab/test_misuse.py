"""What a lab is asked that it cannot do, or by many at once: a sentence says why, and it goes on as before."""

import socket
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network
from itertools import pairwise
from pathlib import Path as File
from typing import Any

import pytest

from netlab.lab import Host, Lab, capture, pour, pour_all, tcp_samples
from tests.lab.test_lab import reached, untouched
from tests.programs import need

pytestmark = pytest.mark.serial
Path = tuple[Host, Host, Host]


# ---------------------------------------------------------------------------------------------- hosts and programs


def test_what_no_call_takes_is_refused_and_the_lab_goes_on(lab: Lab) -> None:
    host = lab.host("a")
    with pytest.raises(ValueError, match="null byte"):
        host.read("/a\0b")
    with pytest.raises(ValueError, match="too large"):
        host.socket(10**20)
    with pytest.raises(ValueError, match="invalid literal"):
        host.socket(protocol="tcp")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="null byte"):
        host.run(["echo", "a\0b"])
    with pytest.raises(ValueError, match="illegal environment variable"):
        host.run("true", env={"A=": "1"})
    with pytest.raises(ValueError, match="expected str"):
        host.run("true", env={"A": 1})  # type: ignore[dict-item]
    with pytest.raises(ValueError, match=r"files or descriptors: not subprocess\.PIPE"):
        host.popen("cat", stdin=subprocess.PIPE)
    with pytest.raises(OSError, match=r"Argument list too long: .*echo"):
        host.run(["echo", "x" * 150_000])
    with pytest.raises(OSError, match=r"a program's words and environment have 20.,... bytes together"):
        host.run(["echo", *(f"{n:09000}" for n in range(23))])
    assert host.read(File("/proc/net/dev")).startswith("Inter-")
    assert host.run("echo here").stdout == "here\n"


def test_a_duplicate_of_a_labs_socket_is_the_labs_too(lab: Lab) -> None:
    sock = lab.host("a").socket()
    again = sock.dup()
    sock.close()
    assert again.family == socket.AF_INET
    lab.close()
    assert again.fileno() == -1


def test_a_bridge_that_cannot_be_is_no_host_either(lab: Lab) -> None:
    with pytest.raises(ValueError, match="no address of an interface"):
        lab.bridge("switch", "224.0.0.0/24")
    assert not lab.named
    assert lab.bridge("switch").name == "switch"


# --------------------------------------------------------------------------------------------------------- networks


@pytest.mark.parametrize(
    ("says", "how"),
    [
        ("at most 1e.15", {"rate": 1e300}),
        ("from 1 to 1,000,000", {"rate": 1e6, "queue": 10**10}),
        (r"IPv6 has an MTU of at least 1,280 bytes: not 1000", {"addresses": "fd09::1/64 fd09::2/64", "mtu": 1000}),
        (r"224\.0\.0\.1 is no address of an interface", {"addresses": ["224.0.0.1/24", "224.0.0.2/24"]}),
        (r"127\.0\.0\.1 is no address of an interface", {"addresses": ["127.0.0.1/8", "127.0.0.2/8"]}),
        (r"ff02::1 is no address of an interface", {"addresses": ["ff02::1/64", "ff02::2/64"]}),
        (r"2 ends with an address: not 10\.9\.0\.1/24$", {"addresses": "10.9.0.1/24"}),
    ],
)
def test_a_link_that_cannot_be_is_refused_with_a_sentence(lab: Lab, says: str, how: dict[str, Any]) -> None:
    a, b = lab.hosts("a b")
    before = untouched(lab)
    with pytest.raises(ValueError, match=says):
        lab.link(a, b, **how)
    assert untouched(lab) == before


@pytest.mark.parametrize(
    "how",
    [
        {"rate": 1e15},
        {"rate": 1e6, "queue": 1_000_000, "mtu": 65_535},
        {"mtu": 68},
        {"mtu": 65_535, "delay": 0},
        {"delay": 0.001, "jitter": 0.001},
        {"addresses": "fd09::1/64 fd09::2/64"},
        {"addresses": ["10.9.0.0/31", "10.9.0.1/31"]},
        {"addresses": ["fd09::/127", "fd09::1/127"]},
    ],
    ids=str,
)
def test_a_link_at_the_edge_of_what_can_be_carries_data(lab: Lab, how: dict[str, Any]) -> None:
    a, b = lab.hosts("a b")
    lab.link(a, b, **how)
    with a.socket(socket.AF_INET if b.address else socket.AF_INET6) as sock:
        assert reached(sock, b, (b.address or b.address6, 80)) == b"hello"


def test_half_an_emulated_link_is_removed(lab: Lab) -> None:
    a, b = lab.hosts("a b")
    b.add_bridge("eth0")  # the name that the link's second half would take
    before = untouched(lab)
    with pytest.raises(OSError, match="exists"):
        lab.link(a, b, delay=0.01)
    assert untouched(lab) == before


def test_a_router_stands_for_its_address_on_a_network_of_ours(lab: Lab) -> None:
    client, router, server = lab.hosts("client router server")
    lab.link(client, router)
    lab.link(router, server)
    router.forward()
    server.add_route("default", via=router)
    server.add_route("::/0", via=router)
    client.add_route("10.0.2.0/24", via=router)
    routes = {(r.host, r.to): r.via for r in lab.snapshot().routes if r.via}
    assert routes["server", "default"] in ("10.0.2.1", "fd00:0:0:2::1")
    with client.socket() as sock:
        assert reached(sock, server, (server.address, 80)) == b"hello"
    with pytest.raises(ValueError, match="client is on no network with server: give the router's address"):
        client.add_route("10.8.0.0/16", via=server)


def test_routes_are_made_anew_when_there_are_more_links(lab: Lab) -> None:
    a, b, c, d = lab.hosts("a b c d")
    for one, other in pairwise((a, b, c, d)):
        lab.link(one, other)
    lab.route()
    count = len(lab.commands)
    lab.route()
    assert [command for command in lab.commands[count:] if "route" in command] == []
    lab.link(a, d)  # now the ring is closed
    lab.route()
    routes = {(r.host, r.to): r.via for r in lab.snapshot().routes if r.via and ":" not in r.to}
    assert routes["a", "10.0.3.0/24"] == "10.0.4.2"
    assert ("a", "default") not in routes
    with a.socket() as sock:
        assert reached(sock, c, (c.address, 80)) == b"hello"


def test_no_way_leads_past_a_router_without_addresses(lab: Lab) -> None:
    a, b, c, d = lab.hosts("a b c d")
    lab.link(a, b, addresses=[])
    lab.link(b, c)
    lab.link(c, d)
    lab.route()
    assert not [r for r in lab.snapshot().routes if r.host == "a" and r.via]


def test_one_cable_is_plugged_in_again_while_another_stays_out(lab: Lab) -> None:
    a, b, c = lab.hosts("a b c")
    one, other = lab.link(a, b), lab.link(b, c)
    b.add_route("10.9.0.0/16", via=a)
    b.add_route("10.8.0.0/16", via=c)
    b.add_route("fd08::/16", via=c)
    one.down()
    other.down()
    one.up()
    assert [r.via for r in lab.snapshot().routes if r.host == "b" and r.via] == ["10.0.1.1"]
    other.up()
    assert len([r for r in lab.snapshot().routes if r.host == "b" and r.via]) == 3


def test_a_rate_is_changed_while_packets_wait_and_none_is_lost(lab: Lab) -> None:
    a, b = lab.hosts("a b")
    link = lab.link(a, b, rate=64e3, queue=100)
    with a.socket(kind=socket.SOCK_DGRAM) as sock, b.socket(kind=socket.SOCK_DGRAM) as there:
        there.bind((b.address, 9))
        there.settimeout(10)
        for n in range(40):  # 40 kB: 5 s
            sock.sendto(bytes([n]) * 1000, (b.address, 9))
        link.change(rate=128e3)
        link.change(rate=100e6, queue=50)
        assert [there.recv(2000)[0] for _ in range(40)] == list(range(40))


# ----------------------------------------------------------------------------------------------------- many at once


def test_one_lab_is_used_by_many_threads_at_once(lab: Lab) -> None:
    one, other = lab.hosts("one other")
    late = lab.link(one, other, delay=0.001, rate=1e9)

    def use(n: int) -> None:
        mine = lab.host(f"h{n}")
        lab.link(mine, one)
        for _ in range(3):
            with mine.socket() as sock:
                sock.getsockname()
            assert mine.run(["echo", str(n)]).stdout == f"{n}\n"
            late.change(rate=1e9 + n)
            late.change(delay=0.001 * n)
            with capture(one):
                assert late.counts()
            shot = lab.snapshot()
            assert mine.name in shot.hosts
            assert "" not in {address.device for address in shot.addresses if address.host == mine.name}

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, range(8)))
    networks = [network for segment in lab.segments for network in segment.networks]
    assert len(networks) == len(set(networks)) == 2 * 9
    assert sorted(end.device for end in one.ends) == sorted(f"eth{n}" for n in range(9))
    assert len({end.mac for link in lab.links for end in link.ends}) == 18
    assert all(ip_network(network).num_addresses for network in networks)


# --------------------------------------------------------------------------------------------------------- traffic


def test_a_pour_ends_with_its_lab(path: Path) -> None:
    client, _, server = path
    failed: list[BaseException] = []

    def send() -> None:
        try:
            pour(client, server, 60)
        except OSError as error:
            failed.append(error)

    thread = threading.Thread(target=send)
    with capture(server) as taken:
        thread.start()
        while not taken.frames:
            threading.Event().wait(0.001)
    client.lab.close()
    thread.join(10)
    assert not thread.is_alive()
    assert failed


def test_pours_and_samples_say_what_they_lack(path: Path) -> None:
    client, _, server = path
    with pytest.raises(ValueError, match="at least one connection"):
        pour_all(client, [], 0.1, ["reno"])
    with pytest.raises(ValueError, match="at least one connection"):
        pour_all(client, [server], 0.1, [])
    with (
        client.socket(kind=socket.SOCK_DGRAM) as sock,
        pytest.raises(OSError, match="only a TCP socket"),
        tcp_samples(sock),
    ):
        pass
    with client.socket() as sock, pytest.raises(ValueError, match="every so many seconds"), tcp_samples(sock, 1e300):
        pass


def test_a_link_that_loses_all_lets_nobody_wait_for_ever(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netlab.lab.traffic.SOON", 0.2)
    a, b = lab.hosts("a b")
    lab.link(a, b, loss=1)
    with pytest.raises(TimeoutError):
        pour(a, b, 1)
    with pytest.raises(subprocess.TimeoutExpired):
        a.run(f"{need('ping')} -c 1 -W 60 {b.address}", timeout=0.1)
