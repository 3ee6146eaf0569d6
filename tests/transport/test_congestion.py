"""Reno by round trips: the RFC's rules one by one, the laws that its sawtooth obeys, and two flows on one link."""

import json
from collections.abc import Callable
from itertools import pairwise
from math import inf, sqrt
from pathlib import Path as File
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.transport.congestion import (
    LAWS,
    Controller,
    FixedWindow,
    Path,
    Reno,
    Sample,
    Tahoe,
    initial_window,
    jain,
    link_use,
    losses,
    mean_cwnd,
    rounds,
    share,
    sqrt_law,
)

VECTORS = json.loads((File(__file__).parents[1] / "vectors" / "congestion.json").read_text(encoding="utf-8"))
PATH = Path(rate=12e6, delay=0.020, queue=24)
WIDE = Path(rate=12e9, delay=0.020, queue=1000)  # nothing but loss limits a window here

controllers = st.sampled_from([Reno, Tahoe])
paths = st.builds(Path, st.floats(1e6, 1e9), st.floats(1e-3, 0.2), st.integers(0, 300))

# ----------------------------------------------------------------------------------------------------------- the path


def test_the_chapters_path_is_mental_arithmetic() -> None:
    assert (PATH.packet_time, PATH.rtt, PATH.pipe, PATH.full) == (0.001, 0.040, 40, 64)


def test_a_larger_packet_makes_a_smaller_pipe() -> None:
    assert Path(12e6, 0.020, 24, packet=9000).pipe == pytest.approx(40 / 6)
    assert Path(100e6, 0.015, 24).pipe == 250, "not 250 and a rounding error, which would be 251 packets to fill"


@given(paths)
def test_a_pipe_is_rate_times_round_trip_in_packets(path: Path) -> None:
    assert path.pipe == pytest.approx(path.rate * 2 * path.delay / (8 * 1500))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Path(0, 0.02, 24), "a rate above 0 bit/s, not 0"),
        (lambda: Path(-1, 0.02, 24), "a rate above 0"),
        (lambda: Path(float("nan"), 0.02, 24), "a rate above 0"),
        (lambda: Path(inf, 0.02, 24), "a rate above 0"),
        (lambda: Path(12e6, 0, 24), "a delay above 0 s, not 0"),
        (lambda: Path(12e6, 0.02, -1), "only whole ones, not -1"),
        (lambda: Path(12e6, 0.02, 24.5), "only whole ones, not 24.5"),  # type: ignore[arg-type]
        (lambda: Path(12e6, 0.02, inf), "only whole ones, not inf"),  # type: ignore[arg-type]
        (lambda: Path(1e300, 1e300, 24), "no path holds"),
        (lambda: Path(5e-324, 0.02, 24), "no packet leaves"),
        (lambda: Path(12e6, 0.02, 24, packet=0), "a packet above 0 bytes"),
        (lambda: Reno(cwnd=0), "at least 1"),
        (lambda: Reno(cwnd=inf), "at least 1"),
        (lambda: Reno(ssthresh=1), "at least 1 and 2"),
        (lambda: FixedWindow(0.5), "at least 1"),
        (lambda: FixedWindow(inf), "at least 1"),
        (lambda: initial_window(0), "at least 1 byte"),
        (lambda: list(rounds(Reno(), PATH, 1, loss=1.2)), "from 0 to below 1, not 1.2"),
        (lambda: list(rounds(Reno(), PATH, 1, loss=-0.1)), "from 0 to below 1"),
        (lambda: list(rounds(Reno(), PATH, 1, loss=1)), "from 0 to below 1"),
        (lambda: list(rounds(Reno(), PATH, -1)), "a run takes 0 s"),
        (lambda: list(rounds(Reno(), PATH, 1, recovery=-1)), "0 to 9 round trips"),
        (lambda: rounds(Reno(), PATH, 1, recovery=10), "0 to 9 round trips"),
        (lambda: rounds(Reno(), PATH, inf), "a run takes 0 s or more"),
        (lambda: link_use([], PATH), "without a single round trip"),
        (lambda: mean_cwnd(rounds(Reno(), PATH, 10), skip=0), "more than 1 are needed"),
        (lambda: mean_cwnd(rounds(Reno(), PATH, 4)), "from 3 losses: more than 3"),
        (lambda: mean_cwnd(rounds(Reno(), PATH, 1)), "from 1 losses: more than 3"),
        (lambda: sqrt_law(0), "above 0 and at most 1, not 0"),
        (lambda: sqrt_law(1.2), "not 1.2"),
        (lambda: list(share(LAWS["add, halve"], (-1, 8), 64, 6)), "none fits"),
        (lambda: list(share(LAWS["add, halve"], (56, 8), 0, 6)), "none fits"),
        (lambda: list(share(LAWS["add, halve"], (56, 8), 64, 0)), "none fits"),
        (lambda: jain([0, 0]), "nobody has a share"),
        (lambda: jain([]), "nobody has a share"),
        (lambda: jain([inf, 1]), "nobody has a share"),
        (lambda: list(share(LAWS["add, halve"], (56, inf), 64, 6)), "none fits"),
        (lambda: list(share(LAWS["add, halve"], (56, 8), inf, 6)), "none fits"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(make: Callable[[], object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        make()


# ---------------------------------------------------------------------------------------------------- the RFC's rules


@pytest.mark.parametrize("case", VECTORS["initial_window"], ids=lambda case: f"mss-{case['mss']}")
def test_the_initial_window_is_rfc_6928s(case: dict[str, int]) -> None:
    assert initial_window(case["mss"]) == case["segments"]
    assert initial_window(case["mss"]) * case["mss"] == case["bytes"]


def test_reno_begins_with_ten_and_no_threshold() -> None:
    assert (Reno().cwnd, Reno().ssthresh) == (10, inf)


def test_slow_start_adds_what_was_acknowledged() -> None:
    reno = Reno()
    for _ in range(10):
        reno.on_ack(0, 1, 0.04)
    assert reno.cwnd == 20


@pytest.mark.parametrize("cut", [1, 2, 8, 32])
def test_avoidance_adds_one_for_each_window_however_it_is_acknowledged(cut: int) -> None:
    reno = Reno(cwnd=32, ssthresh=16)
    for _ in range(32 // cut):
        reno.on_ack(0, cut, 0.04)
    assert reno.cwnd == pytest.approx(33, abs=0.02)


def test_an_ack_that_crosses_the_threshold_is_split() -> None:
    reno = Reno(cwnd=31, ssthresh=32)
    reno.on_ack(0, 4, 0.04)
    assert reno.cwnd == 32 + 3 / 32


def test_a_loss_halves_flightsize_and_not_cwnd() -> None:
    reno = Reno(cwnd=100)
    reno.on_loss(0, flight=40)
    assert (reno.ssthresh, reno.cwnd) == (20, 20)
    reno.on_loss(0, flight=2)
    assert (reno.ssthresh, reno.cwnd) == (2, 2), "never below two segments"


@pytest.mark.parametrize("make", [Reno, Tahoe])
def test_a_timeout_starts_again_from_one_and_never_thresholds_below_two(make: type[Reno]) -> None:
    law = make(cwnd=3)
    law.on_timeout(0, flight=1)
    assert (law.ssthresh, law.cwnd) == (2, 1)


def test_tahoe_takes_each_loss_for_a_timeout() -> None:
    tahoe = Tahoe(cwnd=64)
    tahoe.on_loss(0, flight=64)
    assert (tahoe.ssthresh, tahoe.cwnd) == (32, 1)


@given(st.floats(1, 1e4), st.floats(2, 1e4) | st.just(inf), st.integers(0, 2000))
def test_an_ack_never_shrinks_a_window_and_at_most_adds_what_it_covers(cwnd: float, limit: float, acked: int) -> None:
    reno = Reno(cwnd, limit)
    reno.on_ack(0, acked, 0.04)
    assert cwnd <= reno.cwnd <= cwnd + acked


# ------------------------------------------------------------------------------------------------------- the sawtooth


@pytest.mark.parametrize(("rate", "delay", "queue"), [(12e6, 0.020, 24), (20e6, 0.020, 50), (24e6, 0.025, 50)])
def test_the_peak_is_pipe_and_queue_and_the_cut_is_half(rate: float, delay: float, queue: int) -> None:
    path = Path(rate, delay, queue)
    found = losses(rounds(Reno(), path, seconds=60))[1:]
    assert len(found) >= 3
    for loss in found:
        assert loss.flight == int(path.full) + 1
        assert loss.after / loss.flight == 0.5


def test_the_chapters_teeth() -> None:
    run = list(rounds(Reno(), PATH, seconds=10))
    found = losses(run)
    assert [(loss.flight, loss.after) for loss in found] == [(80, 40)] + 5 * [(65, 32.5)]
    assert mean_cwnd(run) == pytest.approx(49.967, abs=0.001), "over time and whole teeth"
    assert mean_cwnd(run, skip=1) == pytest.approx(50.474, abs=0.001), "the first tooth begins at 40"
    assert all(b.time - a.time == pytest.approx(1.748, abs=0.002) for a, b in pairwise(found[1:]))
    assert 0.95 < link_use(run[20:], PATH) < 0.97
    assert [sample.state for sample in run[:6]] == 4 * ["slow start"] + ["fast recovery", "congestion avoidance"]


def test_a_round_trip_is_the_empty_path_and_a_packet_time_for_each_that_waits() -> None:
    for sample in rounds(Reno(), PATH, seconds=10):
        assert sample.rtt == pytest.approx(0.040 + 0.001 * sample.queue)
        assert 0 <= sample.queue <= PATH.queue


@pytest.mark.parametrize(
    ("queue", "busy", "longest"), [(6, 0.84, 46), (24, 0.96, 64), (40, 0.985, 80), (250, 0.995, 290)]
)
def test_past_one_pipe_a_queue_buys_only_delay(queue: int, busy: float, longest: float) -> None:
    path = Path(12e6, 0.020, queue)
    run = list(rounds(Reno(ssthresh=40), path, seconds=300))
    assert link_use(run, path) == pytest.approx(busy, abs=0.007)
    assert max(sample.rtt for sample in run) == pytest.approx(longest / 1000)


@given(controllers, paths, st.floats(0, 0.3), st.integers(0, 9))
def test_the_same_dice_give_the_same_run_and_nothing_goes_wild(
    law: type[Reno], path: Path, loss: float, seed: int
) -> None:
    def run() -> list[Sample]:
        few = (s for n, s in enumerate(rounds(law(), path, 100, loss=loss, dice=Random(seed))) if n < 60)
        return [sample for _, sample in zip(range(60), few, strict=False)]

    first = run()
    assert first == run()
    for sample in first:
        assert 1 <= sample.cwnd < inf
        assert sample.flight <= sample.cwnd
        assert path.rtt <= sample.rtt
        assert 0 <= sample.lost <= sample.flight
    assert 0 < link_use(first, path) <= 1 + 1e-9


# ------------------------------------------------------------------------------------------------- the square root law


def mean(p: float, repair: int = 0, dice: Random | None = None, seconds: float = 400) -> float:
    return mean_cwnd(rounds(Reno(), WIDE, seconds, loss=p, dice=dice, recovery=repair))


@pytest.mark.parametrize("p", [1e-4, 2e-4, 5e-4, 1e-3])
def test_the_law_holds_to_three_percent_where_losses_are_rare(p: float) -> None:
    assert mean(p) == pytest.approx(sqrt(3 / (2 * p)), rel=0.03)


def test_where_losses_are_frequent_the_last_round_trips_count() -> None:
    """A tooth of W/2 + 1 rounds carries 3W²/8 + 3W/4 packets: for small W the second term is not small."""
    for p in (1e-2, 2e-2):
        tooth = next(w for w in range(2, 200) if 3 * w * w / 8 + 3 * w / 4 >= 1 / p)
        assert mean(p) == pytest.approx(0.75 * tooth, rel=0.07)
    assert mean(1e-2) / sqrt_law(1e-2) == pytest.approx(0.944, abs=0.01)
    assert mean(1e-2, repair=1) / sqrt_law(1e-2) == pytest.approx(0.87, abs=0.01)


@pytest.mark.parametrize("p", [1e-3, 1e-4])
def test_by_chance_the_constant_is_larger(p: float) -> None:
    """1.31 and not 1.22: what a random gap between losses adds to the mean."""
    seconds = 2200 / p / 1.31 * sqrt(p) * 0.040  # 2,200 losses
    assert mean(p, dice=Random(48), seconds=seconds) * sqrt(p) == pytest.approx(1.31, rel=0.10)


def test_the_link_carries_no_packet_that_was_lost() -> None:
    run = list(rounds(Reno(), PATH, 60, loss=0.05, dice=Random(48)))
    arrived = sum(sample.flight - sample.lost for sample in run)
    assert link_use(run, PATH) == pytest.approx(arrived * 0.001 / sum(sample.rtt for sample in run))
    flooded = list(rounds(FixedWindow(1000), PATH, 10, loss=0.5))
    assert all(sample.lost <= sample.flight for sample in flooded)
    assert link_use(flooded, PATH) <= 1


def test_a_window_is_never_wider_than_a_receiver_can_announce() -> None:
    """RFC 7323 §2.3: 2^30 bytes. So no loss of a simulation takes for ever, however wide its path is."""
    run = list(rounds(FixedWindow(1e9), Path(1e15, 0.02, 24), 0.1, loss=0.01, dice=Random(48)))
    assert max(sample.flight for sample in run) * 1460 <= 2**30


def test_a_periodic_loss_comes_every_nth_packet() -> None:
    run = list(rounds(Reno(), WIDE, 200, loss=1 / 500))
    sent = sum(sample.flight for sample in run)
    assert sum(sample.lost for sample in run) == pytest.approx(sent / 500, rel=0.03)


# ------------------------------------------------------------------------------------------------------- two flows


def test_adding_and_halving_halves_the_gap() -> None:
    at = [one for one in share(LAWS["add, halve"], (56, 8), 64, losses=5) if one.lost]
    assert [one.a - one.b for one in at] == [48, 24, 12, 6, 3]
    assert [round(jain(one[:2]), 3) for one in at] == [0.640, 0.877, 0.966, 0.991, 0.998]


@given(st.floats(1, 63))
def test_only_adding_and_halving_ends_fair_whatever_the_start(a: float) -> None:
    ends = {name: list(share(law, (a, 64 - a), 64, losses=12))[-1] for name, law in LAWS.items()}
    gap = abs(2 * a - 64)
    assert abs(ends["add, halve"].a - ends["add, halve"].b) == pytest.approx(gap / 2**11, abs=1e-9)
    if gap > 1:
        assert (
            abs(ends["add, subtract"].a - ends["add, subtract"].b) == pytest.approx(gap, abs=1e-6) or min(a, 64 - a) < 8
        )
        assert min(ends, key=lambda name: abs(ends[name].a - ends[name].b)) == "add, halve"
        ratio = ends["multiply, halve"].a / ends["multiply, halve"].b
        assert ratio == pytest.approx(a / (64 - a))


def test_the_four_laws_end_where_the_chapter_says() -> None:
    ends = {name: list(share(law, (56, 8), 64, losses=6))[-1] for name, law in LAWS.items()}
    said = {name: (round(end.a, 1), round(end.b, 1)) for name, end in ends.items()}
    assert said == {
        "add, halve": (32.8, 31.2),
        "add, subtract": (56, 8),
        "multiply, halve": (58.7, 8.4),
        "multiply, subtract": (65, 0),
    }


def test_a_law_that_never_fills_the_link_ends() -> None:
    standing = LAWS["add, halve"]._replace(grow=lambda window: window)
    assert not any(one.lost for one in share(standing, (1, 1), 64, losses=1))


def test_controllers_are_controllers() -> None:
    laws: list[Controller] = [Reno(), Tahoe(), FixedWindow(4)]
    assert all(law.cwnd >= 1 for law in laws)
