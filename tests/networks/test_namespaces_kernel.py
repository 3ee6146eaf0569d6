"""The kernel does what the model says: step by step, fault by fault, and in orders that nobody has thought of.

iproute2 builds the same network from the commands that stand beside the steps; tshark reads what was captured.
"""

import json
import shlex
import subprocess
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from netlab.lab import Echo, Lab, pings, recorded
from netlab.lab.rtnetlink import delete
from netlab.networks.namespaces import (
    FAULTS,
    STEPS,
    TARGETS,
    Kernel,
    Model,
    Step,
    build,
    kernel,
    news,
    outside,
    shots,
    trials,
)
from netlab.networks.namespaces import isolation as worlds
from netlab.networks.namespaces.figures.network import passings
from netlab.networks.namespaces.names import read
from netlab.packet import UDP, Captured, Ethernet, IPv4, write_pcap
from netlab.packet import build as build_frame
from tests.programs import need

pytestmark = pytest.mark.serial

RECORDINGS = Path(__file__).parents[2] / "book/_data/recordings"


@pytest.fixture(autouse=True)
def _nft() -> None:
    need("nft")


def plain(found: object) -> Any:
    """Return what a recording would give back."""
    return json.loads(json.dumps(found))


def recording(name: str) -> Any:
    return recorded(f"namespaces-{name}", RECORDINGS).data


def kinds(model: Model) -> list[str]:
    return [said.kind for said in model.pings()]


# ----------------------------------------------------------------------------------------------- the model and Linux


def agrees(seen: dict[str, Any]) -> None:
    for n, row in enumerate(seen["rows"]):
        model = Model()
        build(model, n + 1)
        assert list(row["pings"].values()) == kinds(model), STEPS[n].name


def test_the_staircase_is_the_models(lab: Lab) -> None:
    seen = plain(kernel.stairs(lab))
    for one in (seen, recording("stairs")):
        agrees(one)
        counts = [row["counts"] for row in one["rows"]][6:]
        asked = [[after[key] - before[key] for key in after] for before, after in pairwise(counts)]
        assert asked == [[0, 0, 0], [1, 1, 0], [2, 1, 1]], "after 7, 8, 9: forwarded, asked, answered"
    told = [[news(before, after) for before, after in pairwise(shots(one))] for one in (seen, recording("stairs"))]
    assert told[0] == told[1]


def test_each_fault_is_the_models(lab: Lab) -> None:
    seen = plain(kernel.faults(lab))
    assert seen == recording("faults")
    for fault, row in zip(FAULTS, seen, strict=True):
        model = Model()
        build(model)
        fault.take(model)
        assert list(row.values()) == kinds(model), fault.name


def test_in_any_order_the_kernel_does_what_the_model_says(lab: Lab) -> None:
    """Thirty networks, made and broken by steps in an order of dice's; what one refuses, so does the other."""
    dice = Random(56)
    made, models = [], []
    for number in range(30):
        net, model = Kernel(lab, f"-{number}"), Model()
        todo = [*STEPS[1:], *dice.sample(FAULTS, 3)]
        dice.shuffle(todo)
        for world in (net, model):
            outside(world)
            world.namespace("red")
        for step in todo:
            assert took(step, net) == took(step, model), step.name
        made.append(net)
        models.append(model)
    found = [list(row.values()) for row in kernel.five(made)]
    assert found == [kinds(model) for model in models]
    assert len({tuple(row) for row in found}) > 5, "the dice found different networks"


def took(step: Step, world: Kernel | Model) -> bool:
    """Whether a step could be taken; one that could not be is taken no further."""
    try:
        step.take(world)
    except (ValueError, OSError):
        return False
    return True


# ----------------------------------------------------------------------------------------------------------- iproute2


def test_the_commands_beside_the_steps_build_the_same_network(lab: Lab) -> None:
    """What a person would type is run by ``ip``, ``sysctl`` and ``nft`` themselves; the pings are the same."""
    need("ip")
    net = Kernel(lab)
    outside(net)
    for n, step in enumerate(STEPS):
        for command in step.commands:
            typed(net, command)
        quick(net)
        model = Model()
        build(model, n + 1)
        assert list(net.pings().values()) == kinds(model), step.name


def typed(net: Kernel, command: str) -> None:
    """Run a command where it belongs. Only root can name namespaces: the lab makes them, and ``ip`` gets a pid."""
    words = shlex.split(command)
    if words[:3] == ["ip", "netns", "add"]:
        net.namespace(words[3])
        return
    where = "host"
    if words[:2] == ["ip", "-n"]:
        where, words = words[2], ["ip", *words[3:]]
    if words[0] == "sysctl":
        net[where].sysctl(*words[2].split("="))
        return
    if "netns" in words:
        (at,) = [n for n, word in enumerate(words) if word == "netns"]
        with net[words[at + 1]].popen("sleep 60") as holder:
            net[where].run([*words[: at + 1], str(holder.pid), *words[at + 2 :]])
        return
    net[where].run(words)


def quick(net: Kernel) -> None:
    """Let ARP ask fast, as the lab's own interfaces do."""
    for name in ("red", "host"):
        if name in net.lab.named:
            for line in net[name].read("/proc/net/dev").splitlines()[2:]:
                device = line.split(":")[0].strip()
                net[name].write(f"/proc/sys/net/ipv4/neigh/{device}/retrans_time_ms", "50")


def test_ip_says_what_the_snapshots_say(lab: Lab) -> None:
    need("ip")
    net = Kernel(lab)
    build(net)
    shot = lab.snapshot()
    for name in ("red", "blue", "host", "server"):
        links = json.loads(net[name].run("ip -j address").stdout)
        given = {f"{a['local']}/{a['prefixlen']}" for link in links for a in link["addr_info"] if a["family"] == "inet"}
        assert given == {a.address for a in shot.addresses if a.host == name and ":" not in a.address}
        routes = json.loads(net[name].run("ip -j route").stdout)
        assert [r["dst"] for r in routes] == [r.to for r in shot.routes if r.host == name and ":" not in r.to]
        assert {link["ifname"] for link in links} == {i.name for i in shot.interfaces if i.host == name}


def test_who_removes_one_end_of_a_cable_removes_both(lab: Lab) -> None:
    net = Kernel(lab)
    build(net)
    delete(net["red"].netlink, net["red"].index("eth0"))
    left = {(i.host, i.name) for i in lab.snapshot().interfaces}
    assert ("host", "br0") in left
    assert not {("red", "eth0"), ("host", "vred")} & left
    assert list(net.pings().values()) == ["ok", "route", "route", "route", "route"]


# ------------------------------------------------------------------------------------------------- on the wire: tshark

WAY = [
    *[("10.0.0.2", "203.0.113.10", 64)] * 3,
    *[("203.0.113.5", "203.0.113.10", 63)] * 2,
    *[("203.0.113.10", "203.0.113.5", 64)] * 2,
    *[("203.0.113.10", "10.0.0.2", 63)] * 3,
]


def test_one_ping_at_five_places(lab: Lab, tmp_path: Path) -> None:
    for seen in (plain(trials.journey(lab)), recording("journey")):
        rows = passings(seen)
        assert [(row.host, row.device) for row in rows] == [*trials.PLACES, *trials.PLACES[::-1]]
        assert [(row.src, row.dst, row.ttl) for row in rows] == WAY
        assert len({row.mac for row in rows}) == 4, "one for each leg"
        told = shark(tmp_path, [octets for *_, octets in seen], "ip.src", "ip.dst", "ip.ttl")
        assert [(src, dst, int(ttl)) for src, dst, ttl in told] == WAY


def shark(folder: Path, frames: list[str], *names: str) -> list[tuple[str, ...]]:
    """Return what tshark reads in each frame."""
    need("tshark")
    path = folder / "frames.pcap"
    path.write_bytes(write_pcap(Captured(n, bytes.fromhex(f), len(f) // 2) for n, f in enumerate(frames)))
    asked = [word for name in names for word in ("-e", name)]
    said = subprocess.run(["tshark", "-r", path, "-T", "fields", *asked], capture_output=True, text=True, check=True)
    return [tuple(line.split("\t")) for line in said.stdout.splitlines()]


def test_a_published_port_is_translated_and_the_host_itself_is_refused(lab: Lab, tmp_path: Path) -> None:
    visits = {
        "server to 203.0.113.5:8080": "203.0.113.10",
        "blue to 10.0.0.2:80": "10.0.0.3",
        "host to 10.0.0.2:80": "10.0.0.1",
        "host to 203.0.113.5:8080": "ECONNREFUSED",
    }
    for seen in (plain(trials.published(lab)), recording("published")):
        assert seen["visits"] == visits
        told = shark(tmp_path, seen["syns"], "ip.src", "ip.dst", "tcp.dstport")
        assert told == [("203.0.113.10", "203.0.113.5", "8080"), ("203.0.113.10", "10.0.0.2", "80")]


def test_names_are_asked_and_answered(lab: Lab, tmp_path: Path) -> None:
    ends = IPv4(src=bytes([10, 0, 0, 1]), dst=bytes([10, 0, 0, 2]))
    for seen in (plain(trials.named(lab)), recording("named")):
        frames = [build_frame(Ethernet(), ends, UDP(53, 4000), payload=bytes.fromhex(octets)) for _, octets in seen]
        told = shark(tmp_path, [f.encode().hex() for f in frames], "dns.qry.name", "dns.a", "dns.flags.rcode")
        assert told == [("blue", "10.0.0.3", "0"), ("red", "10.0.0.2", "0"), ("green", "", "3")]
        replies = [read(bytes.fromhex(octets)) for _, octets in seen]
        assert [(reply.name, reply.addresses, reply.failure) for reply in replies] == [
            ("blue", ("10.0.0.3",), ""),
            ("red", ("10.0.0.2",), ""),
            ("green", (), "no such name"),
        ]


# ---------------------------------------------------------------------------------------------- sizes, and two worlds


def test_the_end_negotiates_the_router_tells_the_switch_cannot(lab: Lab) -> None:
    small, silent = ["ok", "", 0], ["silence", "", 0]
    wanted = {
        "port": {"small": small, "big": silent, "hello": 5, "down": 0, "up": 0},
        "blue's eth0": {"small": small, "big": silent, "hello": 5, "down": 100_000, "up": 100_000},
        "wan": {"small": small, "big": ["size", "10.0.0.1", 1400], "hello": 5, "down": 0, "up": 100_000},
    }
    assert plain(trials.sizes(lab)) == wanted
    assert recording("sizes") == wanted


def test_what_is_isolated_and_what_is_not(lab: Lab) -> None:
    seen = plain(worlds.isolation(lab))
    assert seen == recording("isolation")
    assert all(red for _, red, _ in seen), "whoever did it notices it"
    assert [what for what, _, blue in seen if blue] == [
        "Unix sockets with a path", "files", "the machine's name", "processes", "users", "the clock",
    ]  # fmt: skip


# --------------------------------------------------------------------------------------------------------------- echo


def test_an_echo_says_who_told_and_what_would_do(lab: Lab) -> None:
    a, router, b = lab.hosts("a router b")
    lab.link(a, router)
    lab.link(router, b, mtu=1300)
    lab.route()
    b.sysctl("net.ipv4.icmp_echo_ignore_all", 1)
    asks = [(a, "127.0.0.1"), (a, router.address), (a, b.address), (a, "10.0.99.1")]
    assert pings(asks, patience=0.2)[:3] == [Echo("ok"), Echo("ok"), Echo("silence")]
    assert pings(asks[2:3], size=1400, whole=True, patience=0.2) == [Echo("size", router.address, 1300)]
    assert pings([(b, "203.0.113.1"), (a, "255.255.255.255")])[1].kind == "EACCES"
    assert Echo("ok").ok
    assert not Echo("silence").ok


def test_targets_are_five() -> None:
    assert list(TARGETS) == ["lo", "own", "host", "blue", "server"]
