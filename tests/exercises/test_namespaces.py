"""The exercises on network namespaces: right answers of several kinds are taken, wrong ones get their reason."""

from collections.abc import Callable
from ipaddress import ip_address, ip_network
from itertools import permutations
from typing import Any

import pytest

from netlab.exercises import Checker, Verdict
from netlab.exercises.namespaces import EXERCISES, lookup, order, ping, suspects
from netlab.networks.namespaces import STEPS

RIGHT_PING = {"gateway": "10.0.0.1", "frame_for": "br0", "source": "203.0.113.5", "ttl": 63}
STAIRS = [step.name for step in STEPS]


def said(name: str, answer: Any) -> Verdict:
    return Checker().check(f"namespaces.{name}", answer)


def by_bits(routes: list[tuple[str, str]], to: str) -> str | None:
    best, found = -1, None
    for network, way in routes:
        base, size = network.split("/")
        mask = (1 << 32) - (1 << (32 - int(size)))
        if int(ip_address(base)) & mask == int(ip_address(to)) & mask and int(size) > best:
            best, found = int(size), way
    return found


def by_sorting(routes: list[tuple[str, str]], to: str) -> str | None:
    for network, way in sorted(routes, key=lambda route: -ip_network(route[0]).prefixlen):
        if ip_address(to) in ip_network(network):
            return way
    return None


RIGHT: list[tuple[str, Any]] = [
    ("ping", RIGHT_PING),
    ("order", STAIRS),
    ("order", ", ".join(STAIRS)),
    ("order", ["masquerade", "forwarding", *STAIRS[:8]]),
    ("lookup", by_bits),
    ("lookup", by_sorting),
    ("suspects", suspects.explained),
    ("suspects", lambda row, table: [n for n in table if suspects.explained(row, {n: table[n]})]),
]


@pytest.mark.parametrize(("name", "answer"), RIGHT)
def test_a_right_answer_is_right_and_tells_the_idea(name: str, answer: Any) -> None:
    verdict = said(name, answer)
    assert verdict.right is True, verdict
    assert verdict.reason == EXERCISES[f"namespaces.{name}"].idea


def test_every_exercise_has_a_right_answer_here() -> None:
    assert {f"namespaces.{name}" for name, _ in RIGHT} == set(EXERCISES)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        pytest.param(one.name, wrong, id=f"{one.name}-{n}")
        for one in EXERCISES.values()
        for n, wrong in enumerate(one.wrong)
    ],
)
def test_a_wrong_answer_gets_its_reason(name: str, wrong: Any) -> None:
    verdict = Checker().check(name, wrong.answer)
    assert verdict.right is False
    assert wrong.shows in verdict.reason


# ---------------------------------------------------------------------------------------------------------------- ping


@pytest.mark.parametrize(("name", "slip"), [(name, slip) for name, slips in ping.SLIPS.items() for slip in slips])
def test_each_slip_gets_its_reason(name: str, slip: ping.Slip) -> None:
    verdict = said("ping", RIGHT_PING | {name: slip.value})
    assert verdict.right is False
    assert slip.shows in verdict.reason


@pytest.mark.parametrize("name", RIGHT_PING)
def test_any_other_value_is_refused_with_a_way_to_find_it(name: str) -> None:
    for value in ("somebody", 7, True):
        assert ping.ELSE[name] in said("ping", RIGHT_PING | {name: value}).reason


def test_what_is_no_answer_by_name() -> None:
    assert "by name, in a dict" in said("ping", 63).reason
    assert "no number for ttl" in said("ping", {k: v for k, v in RIGHT_PING.items() if k != "ttl"}).reason


# --------------------------------------------------------------------------------------------------------------- order


def test_an_order_is_right_where_nothing_is_used_before_it_is_there() -> None:
    """Of the last five steps in each order, those are taken in which the bridge is there before what needs it."""
    mine = Checker()
    found = [tail for tail in permutations(STAIRS[5:]) if mine.check("namespaces.order", [*STAIRS[:5], *tail])]
    assert found == [tail for tail in permutations(STAIRS[5:]) if tail.index("a bridge") < tail.index("blue as well")]


def test_the_names_are_listed_in_an_order_that_gives_nothing_away() -> None:
    assert list(order.NAMES) == sorted(STAIRS)
    assert said("order", list(order.NAMES)).right is False
    assert "Still missing" in said("order", STAIRS[:9]).reason


# --------------------------------------------------------------------------------------------------- lookup, suspects


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda routes, to: by_bits(routes[:0], to), "Red's neighbours"),
        (lambda routes, to: "eth0", "the default route"),
        (lambda routes, to: by_bits(routes, to) or "none", "that is None"),
        (lambda routes, to: by_bits(routes, to) if len(routes) < 5 else "by /0", "the longest prefix wins"),
    ],
)
def test_a_lookup_that_fails_somewhere(wrong: Callable[..., Any], says: str) -> None:
    assert says in said("lookup", wrong).reason


def test_wrong_functions_are_such_as_somebody_might_write() -> None:
    assert lookup.first_that_fits(lookup.RED, "10.0.0.3") == "eth0"
    assert lookup.always_finds(lookup.RED, "203.0.113.10") == "gateway"
    assert lookup.by_numbers(lookup.RED, "10.0.0.3") == "eth0"
    assert suspects.whole_rows(suspects.table()["red's lo down"], suspects.table()) == {"red's lo down"}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda row, table: table.get("nobody"), "does every way"),
        (lambda row, table: "no forwarding", "not a set of names"),
        (lambda row, table: 7, "not a set of names"),
        (lambda row, table: set(table), "too."),
        (lambda row, table: set(), "lacks"),
    ],
)
def test_a_diagnosis_that_is_none(wrong: Callable[..., Any], says: str) -> None:
    assert says in said("suspects", wrong).reason
