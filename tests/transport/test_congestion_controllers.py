"""CUBIC and BBR, and what each controller's window is on average: the RFCs' numbers."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path as File
from random import Random

import pytest

from netlab.lab import recorded
from netlab.transport.congestion import (
    BBR_V1,
    BBR_V3,
    Bbr,
    Controller,
    Cubic,
    Delivery,
    Flow,
    Path,
    Reno,
    Rto,
    losses,
    mean_cwnd,
    packets,
    rounds,
    sqrt_law,
)
from netlab.transport.congestion.bbr import FEWEST, PROBE_BW, PROBE_RTT, STARTUP, Constants
from netlab.transport.congestion.cubic import ALPHA, cube, time_back
from tests.transport.test_congestion import PATH, VECTORS

RECORDINGS = File(__file__).parents[2] / "book/_data/recordings"
LONG = Path(rate=48e6, delay=0.050, queue=100)
WIDE = Path(rate=12e9, delay=0.020, queue=100_000)  # so wide that losses alone limit it


def alone(cc: Controller, path: Path, seconds: float, **how: object) -> Flow:
    return packets(cc, path, seconds, sack=True, timer=Rto(0.2, 0.2), trace=False, **how)  # type: ignore[arg-type]


def mean(flow: Flow, skip: int) -> tuple[float, int]:
    """Return the mean window over time from the loss ``skip`` to the last, and over how many losses."""
    cuts = [cut.time for cut in flow.cuts][skip:]
    part = [s for s in flow.samples if cuts[0] <= s.time <= cuts[-1]]
    return sum(a.cwnd * (b.time - a.time) for a, b in pairwise(part)) / (part[-1].time - part[0].time), len(cuts)


# -------------------------------------------------------------------------------------------------------------- losses


@pytest.mark.parametrize(("p", "skip"), [(1e-3, 8), (5e-4, 10), (1e-4, 14)])
def test_the_mean_window_keeps_the_square_root_law(p: float, skip: int) -> None:
    """Every 1/p-th packet is lost, the timer never goes off and no ACK waits: √(3/2p) within 3 %."""
    teeth = 14 if p > 1e-4 else 4
    found, count = mean(alone(Reno(), WIDE, (skip + teeth) * WIDE.rtt * (2 / 3 / p) ** 0.5, loss=p), skip)
    assert count > teeth / 2
    assert found == pytest.approx(sqrt_law(p), rel=0.03)


def test_at_one_loss_in_a_hundred_the_window_is_as_the_kernels() -> None:
    """Linux's was 11.0; the law, which leaves the repair out, says 12.2."""
    (linux,) = (seen["mean_cwnd"] for seen in recorded("congestion-loss-law", RECORDINGS).data if seen["one_in"] == 100)
    found, _ = mean(alone(Reno(), WIDE, 20, loss=1e-2), 8)
    assert found == pytest.approx(linux, rel=0.04)
    assert found < 0.95 * sqrt_law(1e-2)


def test_over_loopback_every_200th_lost_leaves_what_the_kernel_had() -> None:
    near = Path(rate=120e9, delay=0.0001, queue=100_000)
    flow = alone(Reno(), near, 0.1, loss=1 / 200)
    windows = settled(flow, since=flow.cuts[8].time)
    seen = VECTORS["linux"]["loss_of_200"]
    assert windows[len(windows) // 2] == pytest.approx(seen["median_cwnd"], rel=0.10)
    assert windows[-1] == pytest.approx(seen["max_cwnd"], rel=0.05)


def test_losses_by_chance_leave_more_than_losses_in_turn() -> None:
    """1.31/√p, where it is 1.22/√p for every 1/p-th: the mean of random gaps has a longer tail."""
    p = 1e-2
    found, count = mean(alone(Reno(), WIDE, 2500 * WIDE.rtt / sqrt_law(p) / p, loss=p, dice=Random(1)), 8)
    assert count >= 2000
    assert found * p**0.5 == pytest.approx(1.31, rel=0.10)


# --------------------------------------------------------------------------------------------------------------- CUBIC

VECTOR = VECTORS["cubic"]


def test_the_cube_is_the_rfcs() -> None:
    """RFC 9438 §4.2, worked; α and the constants of §4.1 and §4.6."""
    for worked in VECTOR["worked"]:
        k = time_back(worked["W_max"], worked["cwnd_epoch"])
        assert k == pytest.approx(worked["K"])
    assert [cube(t, time_back(100, 70), 100) for t in (0, time_back(100, 70), 2 * time_back(100, 70))] == pytest.approx(
        [70, 100, 130]
    )
    assert pytest.approx(VECTOR["alpha_cubic"]) == ALPHA
    assert time_back(500, 350) == pytest.approx(7.21, abs=0.01)


@pytest.mark.parametrize(("rtt", "p", "window"), [tuple(row) for row in VECTOR["average_windows"]])
def test_the_average_window_is_the_rfcs(rtt: float, p: float, window: float) -> None:
    """The table of RFC 9438 §5.1, C = 0.4, within 10 %; its losses come in turn and are repaired in no time."""
    wide = Path(rate=1e12, delay=rtt / 2, queue=1000)
    run = list(rounds(Cubic(), wide, seconds=40 / p / window * rtt, loss=p, recovery=0))
    assert mean_cwnd(run, 8) == pytest.approx(window, rel=0.10)


@pytest.mark.parametrize(("rtt", "p", "window"), [(0.1, 1e-3, 38), (0.01, 1e-3, 38), (0.01, 1e-4, 120)])
def test_packet_by_packet_the_average_window_is_the_same(rtt: float, p: float, window: float) -> None:
    """Here it is Reno's: √(3/2p), though with α = 0.53 and 0.7 instead of 1 and a half (RFC 9438 §4.3)."""
    path = Path(rate=1.2e9, delay=rtt / 2, queue=20_000)
    found, count = mean(alone(Cubic(ssthresh=window), path, 18 / p / window * rtt, loss=p), 4)
    assert count > 5
    assert found == pytest.approx(window, rel=0.10)
    assert found == pytest.approx(sqrt_law(p), rel=0.05)


def test_in_the_cubic_region_it_depends_on_what_was_before() -> None:
    """The table's 187 is of teeth that all end at W_max. Losses below it are answered by fast convergence (§4.7)."""
    path = Path(rate=1.2e9, delay=0.050, queue=20_000)
    careful, plain = (
        mean(alone(Cubic(ssthresh=187, convergence=convergence), path, 45, loss=1e-4), 3)[0]
        for convergence in (True, False)
    )
    assert 0.85 * 187 < careful < 187 < plain < 1.15 * 187


def test_on_a_long_way_the_cube_and_the_pairs_of_teeth() -> None:
    """RFC 9438 §4.7: a loss below W_max lowers W_max further, so long and short teeth take turns."""
    gaps = [b.time - a.time for a, b in pairwise(losses(rounds(Cubic(), LONG, seconds=100))[2:])]
    short, long = sorted((gaps[0::2], gaps[1::2]), key=min)
    assert max(short) < 7.21 < 1.5 * 7.21 < min(long), "on both sides of K"
    even = [b.time - a.time for a, b in pairwise(losses(rounds(Cubic(convergence=False), LONG, seconds=100))[2:])]
    assert even == pytest.approx([time_back(500, 350)] * len(even), abs=0.8)


def test_a_loss_keeps_seven_tenths() -> None:
    flow = alone(Cubic(), PATH, 12)
    for cut in flow.cuts[2:]:
        assert cut.ssthresh == pytest.approx(0.7 * cut.flight, abs=0.71)  # what has just arrived was under way, too


def test_on_a_short_way_it_is_a_second_reno() -> None:
    """RFC 9438 §4.3: within the Reno-friendly region the window grows by α packets in a round trip."""
    cubic = Cubic(cwnd=10, ssthresh=10)
    cubic.on_loss(0, 10)
    before, now = cubic.cwnd, 0.0
    for _ in range(20):
        now += 0.001
        cubic.on_ack(now, int(cubic.cwnd), 0.001)
    back = (10 - before) / ALPHA  # round trips to the window before the loss; from there on one packet in each
    assert cubic.cwnd == pytest.approx(10 + (20 - back), rel=0.1)


def test_each_packet_brings_it_nearer_to_where_the_cube_will_be_in_a_round_trip() -> None:
    """RFC 9438 §4.4 and §4.5: (target - cwnd) / cwnd for each, and the target is W_cubic(t + RTT)."""
    cubic = Cubic(cwnd=1000, ssthresh=1000)
    cubic.on_loss(0.0, 1000)
    for now, half in ((1.0, "concave"), (12.0, "convex")):
        cubic.epoch, cubic.w_max, cubic.cwnd, cubic.w_est = 0.0, 1000, 1000 - 300 * (half == "concave"), 700
        cubic.k = time_back(1000, 700)
        before = cubic.cwnd
        cubic.on_ack(now, 1, 0.2)
        assert cubic.cwnd == pytest.approx(before + (cube(now + 0.2, cubic.k, 1000) - before) / before), half


def test_it_grows_by_half_in_a_round_trip_at_the_most() -> None:
    """RFC 9438 §4.2: the target lies between cwnd and 1.5 cwnd, however far the cube is by then."""
    cubic = Cubic(cwnd=10, ssthresh=10)
    cubic.on_ack(0.0, 1, 0.1)
    before = cubic.cwnd
    cubic.on_ack(60.0, 1, 0.1)
    assert cubic.cwnd == pytest.approx(before + 0.5)
    late = Cubic(cwnd=100, ssthresh=50)
    late.on_loss(0.0, 100)
    late.cwnd = 99
    late.on_ack(0.0, 1, 0.1)
    late.k, before = 40.0, late.cwnd  # the cube is far below the window
    late.on_ack(0.1, 1, 0.1)
    assert before <= late.cwnd < before + 0.1


def test_after_a_timeout_the_cube_begins_flat() -> None:
    """RFC 9438 §4.8: as Reno, but to 0.7; then the convex half of the cube, from the window that slow start reached."""
    cubic = Cubic(cwnd=100, ssthresh=50)
    cubic.on_timeout(1.0, 100)
    assert (cubic.cwnd, cubic.ssthresh) == (1, 70)
    cubic.on_ack(2.0, 69, 0.1)
    cubic.on_ack(2.1, 1, 0.1)
    assert (cubic.epoch, cubic.k, cubic.w_max, cubic.prior) == (2.1, 0, 70, 100), "K is 0, and W_max is where it begins"
    cubic.on_ack(5.1, 1, 0.1)
    assert cubic.cwnd == pytest.approx(70 + (cube(3.1, 0, 70) - 70) / 70, abs=0.1)


@pytest.mark.parametrize("wrong", [{"cwnd": 0.5}, {"ssthresh": 1}, {"cwnd": float("inf")}])
def test_a_window_that_sends_nothing_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="at least 1 and 2 are needed"):
        Cubic(**wrong)


# ----------------------------------------------------------------------------------------------------------------- BBR


def notches(flow: Flow, below: float) -> list[float]:
    """Return when the window fell below that many packets, once for each time."""
    return [b.time for a, b in pairwise(flow.samples) if b.cwnd <= below < a.cwnd and b.time > 1]


def settled(flow: Flow, since: float = 1.0) -> Sequence[float]:
    return sorted(s.cwnd for s in flow.samples if s.time > since)


def test_a_plateau_at_twice_the_pipe_and_a_notch_every_ten_seconds() -> None:
    cc = Bbr(BBR_V1)
    flow = alone(cc, PATH, 32)
    windows = settled(flow)
    assert windows[len(windows) // 2] == pytest.approx(2 * PATH.pipe + 6, rel=0.03)
    assert cc.bandwidth == pytest.approx(1000, rel=0.02)
    assert cc.min_rtt == pytest.approx(0.040, rel=0.01)
    assert cc.phase == PROBE_BW
    assert [round(time) for time in notches(flow, FEWEST)] == [10, 20, 31]
    low = [s.time for s in flow.samples if s.cwnd <= FEWEST and 9 < s.time < 15]
    assert 0.2 <= low[-1] - low[0] < 0.4
    assert flow.goodput > 0.96
    assert max(s.rtt for s in flow.samples if s.time > 2) < 0.055, "a short queue: 40 ms and a quarter of it"


def test_version_3_looks_every_five_seconds_and_only_halves() -> None:
    flow = alone(Bbr(BBR_V3), PATH, 22)
    times = notches(flow, 0.55 * PATH.pipe)
    assert [b - a for a, b in pairwise(times)] == pytest.approx([5.2] * (len(times) - 1), abs=0.4)
    assert min(settled(flow)) > 0.4 * PATH.pipe


def test_startup_ends_where_three_rounds_bring_no_more() -> None:
    cc = Bbr()
    assert (cc.phase, cc.bandwidth, cc.bdp) == (STARTUP, 0, 10)
    flow = alone(cc, PATH, 0.7)
    assert cc.phase == PROBE_BW
    assert max(s.cwnd for s in flow.samples) < 2.885 * PATH.pipe + 10


def test_losses_by_chance_do_not_move_it() -> None:
    """One packet in a hundred: Reno is left with a quarter of the link."""
    bbr, reno = (alone(cc, PATH, 20, loss=0.01, dice=Random(1)) for cc in (Bbr(), Reno()))
    assert bbr.goodput > 0.9
    assert reno.goodput < 0.35


def test_a_timeout_is_survived() -> None:
    flow = alone(Bbr(), Path(1e9, 0.010, 100), 3, lose=set(range(10)), total=500)
    assert flow.arrived == 500
    assert flow.done < 2


def cruising(constants: Constants = BBR_V1) -> Bbr:
    """Return a sender that knows its path, 1000 packets/s and 40 ms, and begins to probe for more."""
    cc = Bbr(constants)
    for n in range(12):
        cc.on_delivery(Delivery(0.040 * n, 1000, 40 * n, 40 * (n + 1), 40, 0.040))
    cc.turn(0.5, 0)
    assert (cc.phase, cc.gain, cc.bdp) == (PROBE_BW, 1.25, 40)
    return cc


def test_a_bandwidth_counts_for_ten_round_trips() -> None:
    cc = cruising()
    heard = []
    for n in range(12, 26):
        cc.on_delivery(Delivery(0.040 * n, 500, 40 * n, 40 * (n + 1), 40, 0.040))
        heard.append(cc.bandwidth)
    assert heard == [1000] * 10 + [500] * 4
    assert cc.pacing == pytest.approx(0.99 * cc.gain * 500)


def test_a_probe_for_more_lasts_until_more_is_under_way() -> None:
    """A round trip, and as much under way as it was to bring; then as long as it takes to drain what it queued."""
    cc = cruising()
    phases = []
    for now, flight in ((0.53, 60), (0.60, 45), (0.61, 50), (0.62, 45), (0.63, 40), (0.64, 40), (0.68, 40)):
        cc.on_delivery(Delivery(now, 1000, 500, 501, flight, 0.040))
        phases.append(cc.gain)
    assert phases == [1.25, 1.25, 0.75, 0.75, 1, 1, 1]
    assert cc._turn == 3, "the next gain after a shortest round trip"


def test_a_loss_is_no_order_but_packets_are_conserved() -> None:
    """The window falls to what is under way, and is back after as many ACKs; version 3 keeps 0.7 as its bound."""
    one, three = cruising(BBR_V1), cruising(BBR_V3)
    for cc, most in ((one, 86), (three, 0.7 * 50)):
        cc.on_ack(0.6, 100, 0.040)
        assert cc.cwnd == 86
        cc.on_loss(0.6, 50)
        assert cc.cwnd == 50
        cc.on_ack(0.7, 20, 0.040)
        assert cc.cwnd == min(70, most)
        cc.on_ack(0.8, 100, 0.040)
        assert cc.cwnd == most
    one.on_loss(0.9, 1)
    assert one.cwnd == FEWEST


def test_after_the_look_at_the_round_trip_the_window_is_back_at_once() -> None:
    cc = cruising()
    cc.on_ack(0.6, 100, 0.040)
    cc.on_delivery(Delivery(10.6, 1000, 900, 901, 40, 0.045))
    assert cc.phase == PROBE_RTT
    cc.on_ack(10.6, 1, 0.045)
    assert cc.cwnd == FEWEST
    for now in (10.7, 10.8, 10.95):
        cc.on_delivery(Delivery(now, 1000, 900, 901, 4, 0.040))
    assert (cc.phase, cc.cwnd, cc.min_rtt) == (PROBE_BW, 86, 0.040)
