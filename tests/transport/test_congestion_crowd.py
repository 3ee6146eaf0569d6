"""Flows that share a link: who gets how much of it, and what a simulation without dice would have us believe."""

from collections.abc import Callable, Sequence
from math import inf, nan
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlab.transport.congestion import Bbr, Controller, Cubic, FixedWindow, Flow, Path, Reno, Rto, crowd, jain
from netlab.transport.congestion.link import Link
from netlab.transport.congestion.sack import Sack
from tests.transport.test_congestion import PATH

makers = st.sampled_from([Reno, Cubic, Bbr, lambda: FixedWindow(30)])
SEEDS = (1, 2, 3)


def goodputs(flows: Sequence[Flow]) -> list[float]:
    return [one.goodput for one in flows]


def without_dice(delays: Sequence[float], seconds: float) -> list[float]:
    """Return what senders get that all begin at once and take no time for anything."""
    link = Link(PATH)
    flows = [Sack(Reno(), link, Rto(0.2, 0.2), delay=delay, quiet=True) for delay in delays]
    for one in flows:
        one.fill()
    link.clock.run(until=seconds)
    return goodputs(flows)


# -------------------------------------------------------------------------------------------------------- who gets what


@pytest.mark.parametrize("seed", SEEDS)
def test_two_alike_share_evenly(seed: int) -> None:
    shares = goodputs(crowd([Reno(), Reno()], PATH, 30, dice=Random(seed)))
    assert jain(shares) > 0.99
    assert sum(shares) > 0.96


@pytest.mark.parametrize("seed", SEEDS)
def test_beside_bbr_reno_starves(seed: int) -> None:
    """24 places are less than the pipe: BBR does not heed what the queue drops, Reno does (on Linux 15 %)."""
    reno, bbr = goodputs(crowd([Reno(), Bbr()], PATH, 30, dice=Random(seed)))
    assert 0.05 < reno / (reno + bbr) < 0.16
    assert reno + bbr > 0.96


@pytest.mark.parametrize("seed", SEEDS)
def test_twice_the_way_is_a_third_of_the_rate(seed: int) -> None:
    """40 and 80 ms: a window grows half as fast, and is of packets that take twice as long (on Linux 2.9 : 1)."""
    near, far = crowd([Reno(), Reno()], PATH, 60, dice=Random(seed), delays=[0.020, 0.040])
    assert 2.2 < near.goodput / far.goodput < 3.6
    assert min(s.rtt for s in far.samples) >= 0.080


def test_thirty_two_on_sixty_four_places_fill_the_link_and_somebody_starves() -> None:
    """Two places for each: three duplicates need more, so a loss waits for the timer, and then for a longer one."""
    shares = goodputs(crowd([Reno() for _ in range(32)], PATH, 10, dice=Random(1)))
    assert sum(shares) > 0.97
    assert min(shares) < 0.2 * sum(shares) / 32
    assert max(shares) > 1.3 * sum(shares) / 32


# --------------------------------------------------------------------------------------------------------- without dice


def test_without_dice_a_full_queue_always_meets_the_same_flow() -> None:
    """42 instead of 40 ms decide nothing, and do decide everything where each packet comes in the same place again."""
    exact = without_dice([0.020, 0.021], 60)
    real = goodputs(crowd([Reno(), Reno()], PATH, 60, dice=Random(1), delays=[0.020, 0.021]))
    assert exact[0] / exact[1] < 0.3
    assert jain(exact) < 0.8
    assert 0.6 < real[0] / real[1] < 1.5
    assert jain(real) > 0.95


def test_without_dice_a_crowd_in_step_is_unfair_for_ever() -> None:
    exact = without_dice([0.020] * 32, 30)
    real = goodputs(crowd([Reno() for _ in range(32)], PATH, 30, dice=Random(1)))
    assert jain(exact) < 0.65
    assert jain(real) > 0.9


# ---------------------------------------------------------------------------------------------------------- how it runs


def test_a_later_start() -> None:
    first, second = crowd([Reno(), Reno()], PATH, 3, dice=Random(1), starts=[0, 2])
    assert first.samples[0].time < 0.1
    assert second.samples[0].time > 2


@settings(max_examples=20)
@given(st.lists(makers, min_size=1, max_size=6), st.integers(0, 30), st.integers(0, 9))
def test_a_crowd_takes_the_same_course_with_the_same_dice(
    makes: list[Callable[[], Controller]], queue: int, seed: int
) -> None:
    path = Path(12e6, 0.005, queue)
    once, again = (crowd([make() for make in makes], path, 0.5, dice=Random(seed)) for _ in range(2))
    assert [one.samples for one in once] == [one.samples for one in again]
    assert sum(one.goodput for one in once) <= 1 + 1e-9


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"seconds": 0}, "more than 0 s"),
        ({"delays": [0.02]}, "2 flows, but 1 delays and 0 starts"),
        ({"starts": [0, 0, 0]}, "2 flows, but 0 delays and 3 starts"),
        ({"delays": [0.02, 0]}, "above 0 s: not"),
        ({"delays": [0.02, inf]}, "not inf s"),
        ({"starts": [-1, 0]}, "from now on"),
        ({"starts": [0, nan]}, "from now on"),
        ({"least": -1}, "at least 0 s"),
        ({"mark": -1}, "a queue of 0 on or more, not -1"),
    ],
)
def test_what_cannot_be_shared_is_refused(how: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        crowd([Reno(), Reno()], PATH, **{"seconds": 1, **how}, dice=Random(1))


def test_a_controller_is_one_flows_own() -> None:
    cc = Reno()
    with pytest.raises(ValueError, match="one flow's own"):
        crowd([cc, cc], PATH, 1, dice=Random(1))
    with pytest.raises(ValueError, match="in windows of up to 100,000"):
        crowd([FixedWindow(1e9)], PATH, 1, dice=Random(1))
