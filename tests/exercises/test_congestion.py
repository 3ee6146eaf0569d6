"""The exercises on congestion control: right answers of several kinds are taken, wrong ones get their reason."""

from collections.abc import Callable, Sequence
from itertools import permutations
from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.exercises import Checker
from netlab.exercises.congestion import EXERCISES
from netlab.exercises.congestion.order import EVENTS
from netlab.exercises.congestion.path import PATH, numbers, slips

RIGHT_NUMBERS = {"ms_per_packet": 0.5, "pipe": 100, "full": 150, "after_a_loss": 75, "rtt_at_the_brim_ms": 75}
STORY = ["drop", "later packets", "duplicates 1 and 2", "limited transmit", "duplicate 3"]
STORY += ["ssthresh", "retransmit", "ack of all", "avoidance"]


# ------------------------------------------------------------------------------------------ right answers, written here


def rto(samples: Sequence[float], *, least: float = 1.0, tick: float = 0.0) -> float:
    """RFC 6298 §2 as it stands there."""
    if any(sample < 0 for sample in samples):
        raise ValueError("a round trip takes at least no time")
    if not samples:
        return 1.0
    srtt, rttvar = samples[0], samples[0] / 2
    for sample in samples[1:]:
        rttvar = 3 / 4 * rttvar + 1 / 4 * abs(srtt - sample)
        srtt = 7 / 8 * srtt + 1 / 8 * sample
    return max(least, srtt + max(tick, 4 * rttvar))


def rto_by_steps(samples: Sequence[float], least: float = 1.0, tick: float = 0.0) -> float:
    """The same with differences, as Jacobson wrote it, and with positional arguments."""
    srtt = rttvar = None
    for sample in samples:
        if not sample >= 0:
            raise ValueError(sample)
        if srtt is None or rttvar is None:
            srtt, rttvar = sample, sample / 2
        else:
            error = sample - srtt
            rttvar += (abs(error) - rttvar) / 4
            srtt += error / 8
    return max(least, 1.0 if srtt is None or rttvar is None else srtt + max(4 * rttvar, tick))


def grow_split(cwnd: float, ssthresh: float, acked: int) -> float:
    """As Linux does: what is left of an ACK after slow start counts as avoidance."""
    slow = min(acked, max(0.0, ssthresh - cwnd))
    cwnd += slow
    return cwnd + (acked - slow) / cwnd


def grow_by_the_rfc(cwnd: float, ssthresh: float, acked: int) -> float:
    """RFC 5681 §3.1: equation 2 in slow start."""
    return cwnd + min(acked, 1) if cwnd < ssthresh else cwnd + acked / cwnd


def grow_by_two(cwnd: float, ssthresh: float, acked: int) -> float:
    """RFC 3465: at most two segments an ACK, and not past ssthresh."""
    return min(cwnd + min(acked, 2), ssthresh) if cwnd < ssthresh else cwnd + acked / cwnd


def grow_one_by_one(cwnd: float, ssthresh: float, acked: int) -> float:
    """A stretched ACK is as many ACKs of one."""
    for _ in range(acked):
        cwnd += 1 if cwnd < ssthresh else 1 / cwnd
    return cwnd


RIGHT: list[tuple[str, Any]] = [
    ("congestion.path", RIGHT_NUMBERS),
    ("congestion.path", {**RIGHT_NUMBERS, "after_a_loss": 75.5}),
    ("congestion.path", {**RIGHT_NUMBERS, "pipe": 100.0, "ms_per_packet": 1 / 2, "note": "mental arithmetic"}),
    ("congestion.order", STORY),
    ("congestion.order", tuple(STORY)),
    ("congestion.order", ", ".join(STORY)),
    ("congestion.rto", rto),
    ("congestion.rto", rto_by_steps),
    ("congestion.grow", grow_split),
    ("congestion.grow", grow_by_the_rfc),
    ("congestion.grow", grow_by_two),
    ("congestion.grow", grow_one_by_one),
]


@pytest.mark.parametrize(("name", "answer"), RIGHT)
def test_a_right_answer_is_right_and_tells_the_idea(name: str, answer: Any) -> None:
    said = Checker().check(name, answer)
    assert said.right is True, said
    assert said.reason == EXERCISES[name].idea
    assert repr(said).startswith(f"{name}: right. ")


def test_every_exercise_has_a_right_answer_here() -> None:
    assert {name for name, _ in RIGHT} == set(EXERCISES)


# -------------------------------------------------------------------------------------------------------- wrong answers


@pytest.mark.parametrize("wrong", [wrong.answer for wrong in EXERCISES["congestion.rto"].wrong])
def test_a_wrong_timer_is_one_that_somebody_might_write(wrong: Callable[..., float]) -> None:
    assert all(0 <= wrong(samples) < 10 for samples in ([], [0.1], [0.1, 0.3, 0.2]))


@pytest.mark.parametrize("wrong", [wrong.answer for wrong in EXERCISES["congestion.grow"].wrong])
def test_a_wrong_growth_is_one_that_somebody_might_write(wrong: Callable[..., float]) -> None:
    assert all(10 < wrong(10, ssthresh, 2) <= 20 for ssthresh in (5, inf))


# ---------------------------------------------------------------------------------------------------------------- path


def test_the_five_numbers_are_mental_arithmetic() -> None:
    assert numbers(PATH) == pytest.approx(RIGHT_NUMBERS)


SLIPS = [pytest.param(name, slip, id=f"{name}-{slip.value:g}") for name, known in slips(PATH).items() for slip in known]


@pytest.mark.parametrize(("name", "slip"), SLIPS)
def test_each_slip_of_each_field_gets_its_reason(name: str, slip: Any) -> None:
    said = Checker().check("congestion.path", RIGHT_NUMBERS | {name: slip.value})
    assert said.right is False
    assert slip.shows in said.reason
    assert said.reason.startswith(f"{name} is not ")


@pytest.mark.parametrize("name", RIGHT_NUMBERS)
@pytest.mark.parametrize("factor", [0.98, 1.01, -1, 0, 1e9, inf])
def test_any_other_number_is_refused_too(name: str, factor: float) -> None:
    assert Checker().check("congestion.path", RIGHT_NUMBERS | {name: RIGHT_NUMBERS[name] * factor}).right is False


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ([0.5, 100, 150, 75, 75], "by name, in a dict"),
        (150, "by name, in a dict"),
        ({}, "no number for ms_per_packet, pipe, full, after_a_loss, rtt_at_the_brim_ms"),
        ({"pipe": 100}, "no number for ms_per_packet, full"),
        (RIGHT_NUMBERS | {"pipe": "100"}, "pipe is '100', which is not a number"),
        (RIGHT_NUMBERS | {"pipe": True}, "pipe is True, which is not a number"),
        (RIGHT_NUMBERS | {"full": None}, "full is None, which is not a number"),
        (RIGHT_NUMBERS | {"full": float("nan")}, "full is not nan"),
    ],
)
def test_numbers_that_are_not_filled_in_as_asked(answer: Any, says: str) -> None:
    said = Checker().check("congestion.path", answer)
    assert said.right is False
    assert says in said.reason


# --------------------------------------------------------------------------------------------------------------- order


def test_what_commutes_is_accepted_and_nothing_else() -> None:
    """Of all orders of the nine, four are right: two pairs of neighbours need nothing from each other."""
    accepted = [order for order in permutations(STORY) if order[0] == "drop" and order[-1] == "avoidance"]
    mine = Checker()
    right = {order for order in accepted if mine.check("congestion.order", order)}
    swaps = [(), (3,), (5,), (3, 5)]
    assert right == {tuple(swapped(STORY, at)) for at in swaps}


def swapped(events: list[str], places: tuple[int, ...]) -> list[str]:
    """Return ``events`` with the two at each of ``places`` exchanged."""
    events = list(events)
    for at in places:
        events[at], events[at + 1] = events[at + 1], events[at]
    return events


@given(st.permutations(STORY))
def test_any_order_gets_a_yes_or_a_reason(order: list[str]) -> None:
    said = Checker().check("congestion.order", order)
    assert said.right or " comes after " in said.reason


def test_the_events_are_listed_in_an_order_that_gives_nothing_away() -> None:
    assert [name.replace("duplicates 1 and 2", "duplicate 1") for name in EVENTS] == sorted(
        name.replace("duplicates 1 and 2", "duplicate 1") for name in EVENTS
    )
    assert Checker().check("congestion.order", list(EVENTS)).right is False


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (7, "Give the 9 names in a list, and not 7"),
        ([1, 2], "Give the 9 names in a list"),
        ({"drop": 1}, "Give the 9 names in a list"),
        (["drop", "retransmitt"], "no event 'retransmitt': is it 'retransmit'?"),
        (["frisbee"], "no event 'frisbee'."),
        (["drop", "drop"], "'drop' is in the list 2 times"),
        ("drop, later packets", "Still missing: ack of all, avoidance"),
    ],
)
def test_lists_that_are_not_the_nine(answer: Any, says: str) -> None:
    said = Checker().check("congestion.order", answer)
    assert said.right is False
    assert says in said.reason


# ----------------------------------------------------------------------------------------------------------------- rto


def changed(**rule: Any) -> Callable[..., float]:
    """Return the right timer with one rule broken."""
    rules: dict[str, Any] = {"initial": 1.0, "first": 0.5, "alpha": 1 / 8, "beta": 1 / 4, "strict": True, "tick": max}
    rules |= rule

    def timer(samples: Sequence[float], *, least: float = 1.0, tick: float = 0.0) -> float:
        if rules["strict"] and any(sample < 0 for sample in samples):
            raise ValueError
        if not samples:
            return rules["initial"]
        srtt, rttvar = samples[0], samples[0] * rules["first"]
        for sample in samples[1:]:
            rttvar += rules["beta"] * (abs(srtt - sample) - rttvar)
            srtt += rules["alpha"] * (sample - srtt)
        return max(least, srtt + rules["tick"](tick, 4 * rttvar))

    return timer


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"initial": 3.0}, "gave 3. Before anything is measured"),
        ({"first": 0}, "RTTVAR is not 0"),
        ({"first": 1}, "gave 0.5. SRTT = 0.1"),
        ({"alpha": 1 / 4, "beta": 1 / 8}, "the gains are swapped"),
        ({"alpha": 1 / 8, "beta": 1 / 8}, "SRTT = 0.125 and RTTVAR = 0.0875"),
        ({"strict": False}, "should raise ValueError"),
        ({"tick": lambda tick, spread: spread}, "SRTT + tick"),
        ({"tick": lambda tick, spread: tick + spread}, "not both"),
    ],
)
def test_each_rule_of_the_timer_is_held(rule: dict[str, Any], says: str) -> None:
    said = Checker().check("congestion.rto", changed(**rule))
    assert said.right is False
    assert says in said.reason


def test_the_timer_that_the_rules_were_taken_from_is_right() -> None:
    assert Checker().check("congestion.rto", changed())


@pytest.mark.parametrize(
    ("timer", "says"),
    [
        (lambda s, *, least=1.0, tick=0.0: rto(s[-1:], least=least, tick=tick), "SRTT remembers"),
        (lambda s, *, least=1.0, tick=0.0: rto([r for r in s if r < 1], least=least, tick=tick), "seven times longer"),
        (lambda s, *, least=1.0, tick=0.0: rto(s[:3], least=least, tick=tick), "Fifty samples of 0.2 s"),
        (lambda s, *, least=1.0, tick=0.0: 0.35 if len(s) == 2 and s[1] == 0.2 else rto(s, least=least), "of 0.3625"),
    ],
)
def test_a_timer_that_forgets_is_found_out(timer: Callable[..., float], says: str) -> None:
    said = Checker().check("congestion.rto", timer)
    assert said.right is False
    assert says in said.reason


# ---------------------------------------------------------------------------------------------------------------- grow


@pytest.mark.parametrize(
    ("grow", "says"),
    [
        (lambda c, s, a: c, "Each should add 1"),
        (lambda c, s, a: c + a / c, "Each should add 1"),
        (lambda c, s, a: c + (1 if a == 1 else 0) if c < s else c + a / c, "It should grow"),
        (lambda c, s, a: c + min(a, 1) if c < s else c, "One whole window acknowledged"),
        (lambda c, s, a: c + a if c < s else c + 1, "That is more than one segment"),
        (lambda c, s, a: c + min(a, 1) if c < s else c + (a and 1 / c), "You count ACKs"),
        (lambda c, s, a: c + min(a, s - c) if c < s else c + a / c if a else c - 1, "never makes the window smaller"),
        (lambda c, s, a: c / 2 if c < s < c + a else grow_split(c, s, a), "so 32 is reached"),
        (lambda c, s, a: grow_split(c, s, a) if c + a <= s or c >= s else c + a, "what is left of the ACK"),
    ],
)
def test_each_rule_of_growth_is_held(grow: Callable[..., float], says: str) -> None:
    said = Checker().check("congestion.grow", grow)
    assert said.right is False
    assert says in said.reason
