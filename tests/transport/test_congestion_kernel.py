"""The kernel's own senders, beside ours: as they were recorded, and here and now."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path as File
from typing import Any

import pytest

from netlab.lab import Lab, TcpSample, recorded
from netlab.transport.congestion import Controller, Cubic, Flow, Path, Reno, Rto, packets
from netlab.transport.congestion.kernel import LONG, PATH, SETTLED, Cut, changes, cuts, gaps, loss_law, sawtooth, teeth
from tests.programs import need
from tests.transport.test_congestion import mean

RECORDINGS = File(__file__).parents[2] / "book/_data/recordings"
LAW = recorded("congestion-loss-law", RECORDINGS).data


def samples(*seen: tuple[str, int, float]) -> list[TcpSample]:
    """Return samples, one a second, of which only this is known: state of recovery, cwnd, ssthresh."""
    plain = dict.fromkeys(TcpSample._fields, 0)
    return [
        TcpSample(**{**plain, "time": float(n), "control": control, "cwnd": cwnd, "ssthresh": ssthresh})  # type: ignore[arg-type]
        for n, (control, cwnd, ssthresh) in enumerate(seen)
    ]


def test_a_cut_is_where_recovery_begins() -> None:
    seen = samples(("Open", 20, 99), ("Disorder", 21, 99), ("Recovery", 18, 10), ("Recovery", 10, 10), ("Open", 10, 10),
                   ("Loss", 1, 5), ("Recovery", 1, 5), ("Open", 2, 5))  # fmt: skip
    assert list(cuts(seen)) == [Cut(2, 21, 10), Cut(5, 10, 5)]
    assert changes(seen) == [[0, 20], [1, 21], [2, 18], [3, 10], [5, 1], [7, 2]]


WITHIN = {"peak": 0.10, "cut": 0.10, "period": 0.15, "goodput": 0.05}
Make = Callable[..., Controller]


def simulated(make: Make, path: Path, seconds: float) -> Flow:
    """Return a sender whose timer is Linux's, and that leaves slow start before it overshoots, as HyStart lets it."""
    return packets(make(ssthresh=path.pipe), path, seconds, sack=True, timer=Rto(0.2, 0.2), trace=False)


def apart(flow: Flow, saw: dict[str, Any]) -> dict[str, float]:
    """Return the gaps between the simulated and the real sender, from the second tooth on, that are too wide."""
    found = gaps(flow, saw)
    assert set(found) == set(WITHIN), "too few teeth"
    return {name: gap for name, gap in found.items() if abs(gap) > WITHIN[name]}


def test_the_recorded_kernel_and_the_simulated_sender_climb_the_same_teeth() -> None:
    saw = recorded("congestion-sawtooth", RECORDINGS).data
    assert apart(simulated(Reno, PATH, 12), saw) == {}
    assert saw["cuts"][0][1] == pytest.approx(packets(Reno(), PATH, seconds=0.5).cuts[0].flight, rel=0.15)
    assert saw["first"] == Reno().cwnd
    assert all(one < other for (one, _), (other, _) in pairwise(saw["windows"][:-1]))


@pytest.mark.parametrize(("name", "make"), [("reno", Reno), ("cubic", Cubic)])
def test_each_recorded_rival_climbs_its_simulated_teeth(name: str, make: Make) -> None:
    assert apart(simulated(make, PATH, 25), recorded("rivals-windows", RECORDINGS).data[name]) == {}


def test_on_a_long_way_cubics_teeth_come_in_the_same_pairs() -> None:
    """After 4.8, 11.8, 5.2 and 11.6 s the recorded kernel lost; fast convergence makes short and long ones of them."""
    saw = recorded("rivals-long", RECORDINGS).data["cubic"]
    flow = packets(Cubic(), LONG, 60, sack=True, timer=Rto(0.2, 0.2), trace=False)
    assert apart(flow, saw) == {}
    ours, theirs = ([cut[0] for cut in cuts[1:5]] for cuts in (teeth(flow), saw["cuts"]))
    assert ours == pytest.approx(theirs, rel=0.10)


@pytest.mark.parametrize("rate", LAW, ids=lambda rate: f"1-in-{rate['one_in']}")
def test_the_recorded_kernels_mean_window_is_the_packets(rate: dict[str, float]) -> None:
    """Every so-many-th packet is lost: over whole teeth the windows are the same in 6 %, from 1 in 100 on in 3 %."""
    p = 1 / rate["one_in"]
    wide = Path(rate=12e9, delay=PATH.delay, queue=100_000)
    seconds = (SETTLED + rate["losses"]) * wide.rtt * (2 / 3 / p) ** 0.5
    flow = packets(Reno(), wide, seconds, sack=True, timer=Rto(0.2, 0.2), loss=p, trace=False)
    cuts = [cut.time for cut in flow.cuts][SETTLED:]
    part = [s for s in flow.samples if cuts[0] <= s.time <= cuts[-1]]
    found = sum(a.cwnd * (b.time - a.time) for a, b in pairwise(part)) / (cuts[-1] - cuts[0])
    assert found == pytest.approx(rate["mean_cwnd"], rel=0.03 if p <= 1e-2 else 0.06)


@pytest.mark.parametrize("rate", LAW, ids=lambda rate: f"1-in-{rate['one_in']}")
def test_the_recorded_kernel_lies_between_no_repair_and_a_round_trip_of_repair(rate: dict[str, float]) -> None:
    between_the_models(rate)
    assert rate["losses"] >= 20


def between_the_models(rate: dict[str, float]) -> None:
    """Compare a mean window with that of a sender who repairs in no time, and of one who takes a round trip."""
    p = 1 / rate["one_in"]
    assert 0.98 * mean(p, repair=1) <= rate["mean_cwnd"] <= 1.02 * mean(p)


@pytest.mark.serial
@pytest.mark.parametrize(("name", "make"), [("reno", Reno), ("cubic", Cubic)])
@pytest.mark.parametrize(
    ("path", "seconds"),
    [(Path(rate=12e6, delay=0.010, queue=20), 5), (Path(rate=20e6, delay=0.020, queue=50), 16)],
    ids=["near", "20 Mbit/s"],
)
def test_this_kernel_climbs_the_same_teeth(lab: Lab, path: Path, seconds: float, name: str, make: Make) -> None:
    assert apart(simulated(make, path, seconds), sawtooth(lab, path, seconds, name)) == {}


@pytest.mark.serial
def test_this_kernel_keeps_the_law(lab: Lab) -> None:
    need("nft")
    (seen,) = loss_law(lab, one_in=[50])
    between_the_models(seen)
