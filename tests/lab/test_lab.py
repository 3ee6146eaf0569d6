"""A lab on this machine's kernel: hosts, links, routes, programs, files, and what is refused."""

import asyncio
import json
import pathlib
import signal
import socket
import subprocess
from ipaddress import ip_interface

import pytest

from netlab.lab import Host, Lab, ProgramError
from tests.programs import need

pytestmark = pytest.mark.serial
Path = tuple[Host, Host, Host]


def reached(sock: socket.socket, server: Host, address: tuple[str, int]) -> bytes:
    """Return what a server on ``server`` hears from ``sock``."""
    with server.socket(sock.family) as listener:
        listener.settimeout(5)
        listener.bind(address)
        listener.listen()
        sock.settimeout(5)
        sock.connect(address)
        conn, _ = listener.accept()
        with conn:
            conn.settimeout(5)
            sock.sendall(b"hello")
            return conn.recv(5, socket.MSG_WAITALL)


# ------------------------------------------------------------------------------------------------------------ networks


def test_sockets_reach_across_a_router_in_both_families(path: Path) -> None:
    client, _, server = path
    with client.socket() as sock:
        assert reached(sock, server, (server.address, 80)) == b"hello"
    with client.socket(socket.AF_INET6) as sock:
        assert reached(sock, server, (server.address6, 80)) == b"hello"


def test_asyncio_runs_on_a_labs_sockets(path: Path) -> None:
    client, _, server = path

    async def talk() -> bytes:
        listener = server.socket()
        listener.bind((server.address, 7))
        listener.listen()
        listener.setblocking(False)

        async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(await reader.readexactly(5))
            await writer.drain()
            writer.close()
            await writer.wait_closed()

        sock = client.socket()
        sock.setblocking(False)
        async with await asyncio.start_server(echo, sock=listener):
            await asyncio.get_running_loop().sock_connect(sock, (server.address, 7))
            reader, writer = await asyncio.open_connection(sock=sock)
            writer.write(b"hello")
            heard = await reader.readexactly(5)
            writer.close()
            await writer.wait_closed()
            return heard

    assert asyncio.run(asyncio.wait_for(talk(), 10)) == b"hello"


def test_a_bridge_is_one_network(lab: Lab) -> None:
    lab.bridge("switch", "192.168.7.0/24")
    hosts = lab.hosts("a b c")
    for host in hosts:
        lab.link(host, "switch")
    assert [host.address for host in hosts] == ["192.168.7.1", "192.168.7.2", "192.168.7.3"]
    with hosts[0].socket() as sock:
        assert reached(sock, hosts[2], ("192.168.7.3", 80)) == b"hello"
    lab.link(lab.host("d"), "switch", addresses=["192.168.7.99/24"])
    with lab["d"].socket() as sock:
        assert reached(sock, hosts[1], ("192.168.7.2", 80)) == b"hello"
    with pytest.raises(ValueError, match=r"192\.168\.7\.99/24 is d's already"):
        lab.link(lab.host("e"), "switch", addresses=["192.168.7.99/24"])
    with pytest.raises(ValueError, match=r"is not on 192\.168\.7\.0/24"):
        lab.link("e", "switch", addresses=["10.9.9.9/24"])


def test_routes_take_the_fewest_hops(lab: Lab) -> None:
    a, b, c, d = lab.hosts("a b c d")
    for one, other in ((a, b), (b, c), (c, d), (a, d)):  # a ring: from a to c it is as far either way
        lab.link(one, other)
    lab.route()
    routes = {(r.host, r.to): r.via for r in lab.snapshot().routes if ":" not in r.to}
    assert routes["a", "10.0.2.0/24"] == "10.0.1.2"  # b–c, by b
    assert routes["a", "10.0.3.0/24"] == "10.0.4.2"  # c–d, by d
    with a.socket() as sock:
        assert reached(sock, c, (c.address, 80)) == b"hello"


def test_a_host_behind_one_router_has_a_default_route(path: Path) -> None:
    client, router, _ = path
    shot = client.lab.snapshot()
    mine = [(r.to, r.via) for r in shot.routes if r.host == "client" and r.via]
    assert mine == [("default", "10.0.1.2"), ("default", "fd00:0:0:1::2")]
    assert shot.routers == [router.name]


def test_routes_and_addresses_by_hand(lab: Lab) -> None:
    a, b = lab.hosts("a b")
    lab.link(a, b, addresses=[])
    assert a.address == a.address6 == ""
    a.add_address("eth0", "172.16.0.1/30")
    b.add_address("eth0", "172.16.0.2/30")
    b.add_address("lo", "198.51.100.1/32")
    a.add_route("198.51.100.0/24", via=b)
    with a.socket() as sock:
        assert reached(sock, b, ("198.51.100.1", 80)) == b"hello"
    assert a.address == "172.16.0.1"
    with pytest.raises(OSError, match=r"a: the kernel refused a route to 203\.0\.113\.0/24 via 9\.9\.9\.9"):
        a.add_route("203.0.113.0/24", via="9.9.9.9")
    with pytest.raises(FileExistsError, match=r"a: the kernel refused 172\.16\.0\.1/30 on eth0"):
        a.add_address("eth0", "172.16.0.1/30")
    with pytest.raises(ValueError, match="a has no interface 'eth7'"):
        a.down("eth7")


def test_a_cable_is_pulled_and_plugged_in_again(path: Path) -> None:
    client, _, server = path
    link = client.lab.links[1]
    ping = f"{need('ping')} -c 1 -W 1"
    link.down()
    assert client.run(f"{ping} {server.address}", check=False).returncode == 1
    assert "down" in client.lab.snapshot().picture().sentence
    link.up()
    for address in (server.address, server.address6):
        assert client.run(f"{ping} {address}").returncode == 0


def test_a_link_that_is_too_narrow_for_ipv6_carries_ipv4(lab: Lab) -> None:
    a, b = lab.hosts("a b")
    lab.link(a, b, mtu=1279)  # RFC 8200 §5 wants 1,280
    assert (a.address, a.address6) == ("10.0.1.1", "")
    with a.socket() as sock:
        assert reached(sock, b, (b.address, 80)) == b"hello"
    lab.bridge("switch")
    lab.link(a, "switch")
    lab.link(b, "switch", mtu=576)
    assert [str(given.ip) for given in b.ends[1].addresses] == ["10.0.2.2"]
    assert len(a.ends[1].addresses) == 2


# ------------------------------------------------------------------------------------------------- programs and files


def test_programs_run_on_their_host(path: Path) -> None:
    client, _, server = path
    shown = json.loads(client.run([need("ip"), "-j", "address"]).stdout)
    assert [interface["ifname"] for interface in shown] == ["lo", "eth0"]
    assert client.run("cat", told="said to it").stdout == "said to it"
    assert client.run("sh -c 'echo $WORD'", env={"WORD": "given"}).stdout == "given\n"
    made = client.run("mktemp").stdout.strip()  # in a folder of the lab's own
    assert server.run(["cat", made]).returncode == 0
    assert not pathlib.Path(made).exists()
    assert server.run("sh -c 'readlink /proc/self/ns/net'").stdout != client.run("readlink /proc/self/ns/net").stdout


def test_a_program_that_fails_says_so(path: Path) -> None:
    client, _, _ = path
    with pytest.raises(ProgramError, match=r"sh -c .* on client ended with 3: no luck"):
        client.run("sh -c 'echo no luck >&2; exit 3'")
    assert client.run("sh -c 'exit 3'", check=False).returncode == 3
    with pytest.raises(FileNotFoundError, match="there is no program 'nosuch' on this machine"):
        client.run("nosuch -v")
    with pytest.raises(FileNotFoundError, match="there is no program ''"):
        client.run("")
    with pytest.raises(subprocess.TimeoutExpired):
        client.run("sleep 60", timeout=0.05)


def test_a_program_that_runs_on_is_spoken_with_and_ended(path: Path) -> None:
    client, _, _ = path
    with client.popen("sh -c 'echo here; exec sleep 60'") as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "here\n"
        assert program.poll() is None
        program.terminate()
        assert program.wait(5) == -signal.SIGTERM
        program.kill()  # nobody is there any more
    with client.popen("sleep 60") as program:
        pass
    assert program.returncode == -signal.SIGKILL


def test_a_program_that_cannot_be_executed_is_told(path: Path, tmp_path: pathlib.Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("\x7fELF but not really")
    broken.chmod(0o755)
    with pytest.raises(OSError, match="Exec format error"):
        path[0].popen([str(broken)])


def test_files_and_settings_are_the_hosts_own(path: Path) -> None:
    client, router, _ = path
    assert "eth1" in router.read("/proc/net/dev")
    assert "eth1" not in client.read("/proc/net/dev")
    assert client.sysctl("net.ipv4.ip_default_ttl", 42) == "42"
    assert router.sysctl("net.ipv4.ip_default_ttl") != "42"
    client.write("/run/notes", "the lab's own")
    assert router.read("/run/notes") == "the lab's own"
    with pytest.raises(ValueError, match=r"'kernel\.hostname' is the whole machine's"):
        client.sysctl("kernel.hostname", "mine")
    with pytest.raises(FileNotFoundError, match="No such file or directory: /no/such/file"):
        client.read("/no/such/file")


def test_the_commands_are_those_of_ip_and_tc(path: Path) -> None:
    commands = path[0].lab.commands
    assert commands[0] == "ip netns add client"
    assert "ip -n router link add eth1 mtu 1500 type veth peer name eth0 netns server mtu 1500" in commands
    assert "ip -n client route add 0.0.0.0/0 via 10.0.1.2" in commands
    assert "ip netns exec router sysctl -w net.ipv4.ip_forward=1" in commands


# ------------------------------------------------------------------------------------------------------- what is seen


def test_a_snapshot_is_what_ip_says(path: Path) -> None:
    client, router, server = path
    client.run(f"{need('ping')} -c 1 {server.address}")
    with client.socket() as sock, server.socket() as listener:
        listener.bind((server.address, 80))
        listener.listen()
        sock.connect((server.address, 80))
        shot = client.lab.snapshot()
    for host in path:
        links = json.loads(host.run([need("ip"), "-j", "link"]).stdout)
        assert {(i.name, i.mtu, i.mac) for i in shot.interfaces if i.host == host.name} == {
            (i["ifname"], i["mtu"], i["address"]) for i in links
        }
        shown = json.loads(host.run("ip -j address").stdout)
        assert {(a.device, a.address) for a in shot.addresses if a.host == host.name} == {
            (i["ifname"], str(ip_interface(f"{a['local']}/{a['prefixlen']}"))) for i in shown for a in i["addr_info"]
        }
        routes = json.loads(host.run("ip -j route").stdout) + json.loads(host.run("ip -j -6 route").stdout)
        assert sorted((r.to, r.via) for r in shot.routes if r.host == host.name) == sorted(
            (r["dst"], r.get("gateway", "")) for r in routes if not r["dst"].startswith(("ff", "multicast"))
        )
    assert ("router", "10.0.2.2") in {(n.host, n.address) for n in shot.neighbours}
    states = {(s.host, s.local, s.state) for s in shot.sockets}
    assert ("server", "10.0.2.2:80", "LISTEN") in states
    assert [s.state for s in shot.sockets if s.host == "client"] == ["ESTABLISHED"]
    assert type(shot).load(json.loads(json.dumps(shot._asdict()))) == shot
    picture = shot.picture()
    assert "client 10.0.1.1/24 – router 10.0.1.2/24" in picture.sentence
    assert router.name in str(picture.data())


# --------------------------------------------------------------------------------------------------- what is refused


def untouched(lab: Lab) -> tuple[object, ...]:
    """Return what a refusal must not change."""
    return [str(i) for i in lab.snapshot().interfaces], len(lab.links), len(lab.segments)


@pytest.mark.parametrize(
    ("says", "a", "b", "how"),
    [
        ("there is no host 'nobody' in this lab, only client, router, server", "client", "nobody", {}),
        ("a link from client to itself goes nowhere", "client", "client", {}),
        ("a link's rate is in bit/s and at least 8", "client", "server", {"rate": 0}),
        ("an MTU is from 68 to 65,535 bytes: not 20", "client", "server", {"mtu": 20}),
        (r"10\.0\.1\.7/16 overlaps 10\.0\.1\.0/24, the network of client and router", "client", "server",
         {"addresses": ["10.0.1.7/16", "10.0.1.8/16"]}),
        ("one address cannot be at both ends", "client", "server", {"addresses": ["10.9.0.1/24", "10.9.0.1/24"]}),
        ("this link has 2 ends with an address", "client", "server", {"addresses": ["10.9.0.1/24"]}),
        ("'10.9.0.300/24' does not appear to be an IPv4 or IPv6 interface", "client", "server",
         {"addresses": ["10.9.0.300/24", "10.9.0.1/24"]}),
    ],
)  # fmt: skip
def test_a_link_that_cannot_be_changes_nothing(path: Path, says: str, a: str, b: str, how: dict[str, object]) -> None:
    lab = path[0].lab
    before = untouched(lab)
    with pytest.raises(ValueError, match=says):
        lab.link(a, b, **how)  # type: ignore[arg-type]
    assert untouched(lab) == before


def test_a_link_that_the_kernel_refuses_leaves_nothing_half_built(path: Path) -> None:
    lab = path[0].lab
    before = untouched(lab)
    lab["server"].add_bridge("eth1")  # the name that the next link of the server's would take
    with pytest.raises(OSError, match="exists"):
        lab.link("client", "server", delay=0.01)
    assert [line for line in untouched(lab)[0] if "'eth1'" not in line] == [  # type: ignore[attr-defined]
        line
        for line in before[0]
        if "'eth1'" not in line  # type: ignore[attr-defined]
    ]


def test_hosts_have_names_of_their_own(path: Path) -> None:
    lab = path[0].lab
    for name in ("client", "1st", "", "wires", "a" * 16, "a b\n"):
        with pytest.raises(ValueError, match="host"):
            lab.hosts([name])
    with pytest.raises(ValueError, match="'x' in this lab already"):
        lab.hosts("x x")
    with Lab() as other, pytest.raises(ValueError, match="client is a host of another lab"):
        other.link(path[0], other.host("a"))


def test_two_bridges_are_not_linked(lab: Lab) -> None:
    lab.bridge("one")
    lab.bridge("two")
    with pytest.raises(ValueError, match="both bridges"):
        lab.link("one", "two")
