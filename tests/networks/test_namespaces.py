"""The container network as a model: each step and each fault, in any order; the commands; the name server."""

from collections.abc import Callable
from contextlib import suppress
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.networks.namespaces import FAULTS, STEPS, TARGETS, Answer, Model, Script, Step, build, lookup, outside
from netlab.networks.namespaces.model import IPv4Address, IPv4Network, Route
from netlab.networks.namespaces.names import Reply, answer, ask, read
from netlab.wire import Incomplete, WireError

OK, ROUTE, ARP, TOLD, SILENCE = "ok", "route", "ARP", "told", "silence"
LADDER = [  # after each step: lo, own, host, blue, server
    [ROUTE, ROUTE, ROUTE, ROUTE, ROUTE],
    [OK, ROUTE, ROUTE, ROUTE, ROUTE],
    [OK, ROUTE, ROUTE, ROUTE, ROUTE],
    [OK, OK, ROUTE, ROUTE, ROUTE],
    [OK, OK, ARP, ARP, ROUTE],
    [OK, OK, OK, ARP, ROUTE],
    [OK, OK, OK, OK, ROUTE],
    [OK, OK, OK, OK, SILENCE],
    [OK, OK, OK, OK, SILENCE],
    [OK, OK, OK, OK, OK],
]
BROKEN = {
    "red's lo down": [SILENCE, SILENCE, OK, OK, OK],
    "blue's lo down": [OK, OK, OK, OK, OK],
    "host's lo down": [OK, OK, OK, OK, OK],
    "red's eth0 down": [OK, OK, ROUTE, ROUTE, ROUTE],
    "blue's eth0 down": [OK, OK, OK, ARP, OK],
    "host's end down": [OK, OK, ARP, ARP, ARP],
    "bridge down": [OK, OK, ARP, ARP, ARP],
    "port unplugged": [OK, OK, SILENCE, ARP, SILENCE],
    "no default route": [OK, OK, OK, OK, ROUTE],
    "no forwarding": [OK, OK, OK, OK, SILENCE],
    "no way back": [OK, OK, OK, OK, SILENCE],
    "uplink down": [OK, OK, OK, OK, TOLD],
}


def built(steps: int = len(STEPS)) -> Model:
    model = Model()
    build(model, steps)
    return model


def kinds(model: Model) -> list[str]:
    return [said.kind for said in model.pings()]


# ----------------------------------------------------------------------------------------------------------- the model


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_each_step_of_the_staircase(step: int) -> None:
    assert kinds(built(step + 1)) == LADDER[step]


def test_the_faults_are_these() -> None:
    assert [fault.name for fault in FAULTS] == list(BROKEN)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_fault(fault: Step) -> None:
    model = built()
    fault.take(model)
    assert kinds(model) == BROKEN[fault.name]


@pytest.mark.parametrize(
    ("steps", "target", "reason"),
    [
        (1, "lo", "red has no route to 127.0.0.1"),
        (5, "blue", "nobody on red's eth0 has 10.0.0.3"),
        (8, "server", "host does not forward"),
        (9, "server", "it arrived; no answer came back, because server has no route to 10.0.0.2"),
        (10, "server", "red → host → server, and back"),
        (10, "lo", "red, and back"),
    ],
)
def test_an_answer_comes_with_its_reason(steps: int, target: str, reason: str) -> None:
    assert built(steps).ping("red", TARGETS[target]).reason == reason


def test_a_router_tells_of_a_neighbour_that_is_not_there() -> None:
    model = built()
    assert model.ping("red", "203.0.113.99") == Answer(TOLD, "nobody on host's wan has 203.0.113.99")
    assert model.ping("red", "198.51.100.1") == Answer(TOLD, "host has no route to 198.51.100.1")


def test_a_router_that_cannot_reach_whoever_asked_tells_nobody() -> None:
    model = built()
    model.route("server", "198.51.100.0/24", "203.0.113.5")
    model.plug("host", "vred", "")
    assert model.ping("red", "198.51.100.1").kind == SILENCE


def test_lo_down_from_the_start_and_down_again_are_two_things() -> None:
    model = built(5)
    model.down("red", "lo")
    assert kinds(model)[:2] == [SILENCE, SILENCE]
    model.up("red", "lo")
    assert kinds(model)[:2] == [OK, OK]


def test_without_lo_nobody_hears_that_arp_failed() -> None:
    """The kernel reports it in a message of ICMP to oneself."""
    model = built(5)
    model.down("red", "lo")
    assert kinds(model) == [SILENCE, SILENCE, SILENCE, SILENCE, ROUTE]


def test_two_routers_that_send_to_each_other_do_not_send_for_ever() -> None:
    model = built()
    model.route("host", "default", "203.0.113.10")
    model.route("server", "default", "203.0.113.5")
    model.forward("server")
    assert model.ping("red", "198.51.100.1") == Answer(SILENCE, "host had it before")


def test_a_route_on_the_server_does_what_masquerade_does() -> None:
    model = built(9)
    model.route("server", "10.0.0.0/24", "203.0.113.5")
    assert kinds(model)[-1] == OK


def test_an_interface_that_was_down_has_lost_the_routes_that_were_added() -> None:
    model = built()
    model.down("red", "eth0")
    model.up("red", "eth0")
    assert kinds(model) == LADDER[6]


@pytest.mark.parametrize(
    ("do", "says"),
    [
        (lambda net: net.up("green", "lo"), "no namespace green"),
        (lambda net: net.up("red", "eth7"), "red has no interface eth7"),
        (lambda net: net.namespace("red"), "a namespace red already"),
        (lambda net: net.bridge("host", "br0"), "an interface br0 already"),
        (lambda net: net.cable("host", "x", "green", "y"), "no namespace green"),
        (lambda net: net.plug("host", "wan", "vred"), "vred is no bridge"),
        (lambda net: net.route("red", "default", "192.0.2.1"), "red is on no network with 192.0.2.1"),
        (lambda net: net.route("server", "default", "10.0.0.1"), "server is on no network"),
        (lambda net: net.unroute("blue", "default"), "blue has no route to default"),
        (lambda net: net.masquerade("blue", "eth0", on=False), "blue puts its address on nothing"),
    ],
)
def test_what_needs_something_that_is_not_there_is_refused(do: Callable[[Model], None], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        do(built())


def test_the_order_of_the_steps_is_free_where_nothing_is_used_before_it_is_there() -> None:
    """The last three steps, in each order; forwarding and masquerade alone change nothing that a ping shows."""
    for order in permutations(STEPS[7:]):
        model = built(7)
        for step in order:
            step.take(model)
        assert kinds(model) == LADDER[9]


@given(st.lists(st.sampled_from([*STEPS, *FAULTS]), max_size=25))
def test_whatever_is_done_five_pings_get_five_answers_with_reasons(todo: list[Step]) -> None:
    model = Model()
    outside(model)
    model.namespace("red")
    for step in todo:
        with suppress(ValueError):
            step.take(model)
    said = model.pings()
    assert {one.kind for one in said} <= {OK, ROUTE, ARP, TOLD, SILENCE}
    assert all(one.reason for one in said)


# ---------------------------------------------------------------------------------------------------------- the lookup

networks = st.builds(lambda bits, size: IPv4Network((bits, size), strict=False), st.integers(0, 2**32 - 1),
                     st.integers(0, 32))  # fmt: skip


@given(st.lists(networks, max_size=12), st.integers(0, 2**32 - 1))
def test_the_longest_prefix_wins_in_whatever_order(given_: list[IPv4Network], number: int) -> None:
    address = IPv4Address(number)
    routes = [Route(network, None, f"eth{n}") for n, network in enumerate(given_)]
    found, again = lookup(routes, address), lookup(routes[::-1], address)
    fits = [size for size in range(33) for route in routes if IPv4Network((number, size), strict=False) == route.to]
    assert (found and found.to.prefixlen) == (again and again.to.prefixlen) == (max(fits) if fits else None)


# -------------------------------------------------------------------------------------------------------- the commands


def test_the_commands_of_the_staircase() -> None:
    assert [step.commands[0] for step in STEPS] == [
        "ip netns add red",
        "ip -n red link set lo up",
        "ip link add vred type veth peer name eth0 netns red",
        "ip -n red address add 10.0.0.2/24 dev eth0",
        "ip -n red link set eth0 up",
        "ip link add br0 type bridge",
        "ip netns add blue",
        "ip -n red route add default via 10.0.0.1",
        "sysctl -w net.ipv4.ip_forward=1",
        "nft 'add table ip nat'",
    ]


def test_the_commands_that_undo() -> None:
    assert [FAULTS[n].commands for n in (0, 7, 8, 9, 10)] == [
        ["ip -n red link set lo down"],
        ["ip link set vred nomaster"],
        ["ip -n red route del default"],
        ["sysctl -w net.ipv4.ip_forward=0"],
        ["nft 'delete table ip nat'"],
    ]
    script = Script()
    script.forward("red")
    assert script.lines == ["ip netns exec red sysctl -w net.ipv4.ip_forward=1"]


# ----------------------------------------------------------------------------------------------------- the name server

label = st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True)
name = st.lists(label, min_size=1, max_size=4).map(".".join)


@given(name, st.integers(0, 65_535), st.ip_addresses(v=4))
def test_a_name_that_is_there_gets_its_address(asked: str, number: int, address: IPv4Address) -> None:
    reply = read(answer(ask(asked, number), {asked: str(address), f"not-{asked}": "192.0.2.1"}))
    assert reply == Reply(number, asked, "", (str(address),))
    assert read(answer(ask(asked.upper(), number), {asked: str(address)})).addresses == (str(address),)


@given(st.binary(max_size=60))
def test_garbage_is_refused_or_read(octets: bytes) -> None:
    try:
        read(octets)
        said = read(answer(octets, {})).failure
    except WireError as error:
        said = str(error)
    assert "RFC 1035" in said or said == "no such name"


@given(name, st.data())
def test_every_cut_is_refused(asked: str, data: st.DataObject) -> None:
    whole = answer(ask(asked, 7), {asked: "10.0.0.3"})
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises((WireError, Incomplete)):
        read(whole[:cut])


@pytest.mark.parametrize(
    ("octets", "says"),
    [
        (ask("blue", 1)[:4] + b"\0\2" + ask("blue", 1)[6:], "2 questions, and not one"),
        (answer(ask("blue", 1), {"blue": "10.0.0.3"}).replace(b"\xc0\x0c", b"\xc0\x0d"), "about another name"),
        (ask("blue", 1) + b"\0", "1 bytes behind the last record"),
        (ask("blue", 1).replace(b"\4blue", b"\x40" + b"b" * 64), "a label of 64 bytes"),
        (b"", "takes 2 bytes"),
    ],
)
def test_what_is_no_message_of_this_kind(octets: bytes, says: str) -> None:
    with pytest.raises(WireError, match=says):
        read(octets)


def test_another_failure_is_told_by_its_number() -> None:
    refused = bytearray(answer(ask("blue", 1), {}))
    refused[3] = 5
    assert read(bytes(refused)).failure == "RCODE 5"
