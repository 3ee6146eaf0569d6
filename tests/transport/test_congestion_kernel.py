"""The kernel's own senders, beside ours: as they were recorded, and here and now."""

from itertools import pairwise
from pathlib import Path as File
from typing import Any

import pytest

from netlab.lab import Lab, TcpSample, recorded
from netlab.transport.congestion import Path, Reno, packets
from netlab.transport.congestion.kernel import PATH, Cut, changes, cuts, loss_law, sawtooth
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


def agrees(path: Path, saw: dict[str, Any], seconds: float) -> None:
    """Compare peak, cut, period and goodput with the packets', from the second tooth on."""
    flow = packets(Reno(ssthresh=path.pipe), path, seconds=seconds)
    times, peaks, afters = zip(*saw["cuts"][1:], strict=True)
    assert len(times) >= 4
    highest, period = max(s.cwnd for s in flow.samples), flow.cuts[2].time - flow.cuts[1].time
    assert peaks == pytest.approx([highest] * len(peaks), rel=0.10)
    assert afters == pytest.approx([flow.cuts[0].ssthresh] * len(afters), rel=0.10)
    assert (times[-1] - times[1]) / (len(times) - 2) == pytest.approx(period, rel=0.15)
    assert saw["goodput"] == pytest.approx(flow.goodput * path.rate * 1448 / 1500, rel=0.05)


def test_the_recorded_kernel_and_the_simulated_sender_climb_the_same_teeth() -> None:
    saw = recorded("congestion-sawtooth", RECORDINGS).data
    agrees(PATH, saw, 12)
    assert saw["cuts"][0][1] == pytest.approx(packets(Reno(), PATH, seconds=0.5).cuts[0].flight, rel=0.15)
    assert saw["first"] == Reno().cwnd
    assert all(one < other for (one, _), (other, _) in pairwise(saw["windows"][:-1]))


@pytest.mark.parametrize("rate", LAW, ids=lambda rate: f"1-in-{rate['one_in']}")
def test_the_recorded_kernel_lies_between_no_repair_and_a_round_trip_of_repair(rate: dict[str, float]) -> None:
    between_the_models(rate)
    assert rate["losses"] >= 20


def between_the_models(rate: dict[str, float]) -> None:
    """Compare a mean window with that of a sender who repairs in no time, and of one who takes a round trip."""
    p = 1 / rate["one_in"]
    assert 0.98 * mean(p, repair=1) <= rate["mean_cwnd"] <= 1.02 * mean(p)


@pytest.mark.serial
def test_this_kernel_climbs_the_same_teeth(lab: Lab) -> None:
    near = Path(rate=12e6, delay=0.010, queue=20)
    agrees(near, sawtooth(lab, near, seconds=4), 4)


@pytest.mark.serial
def test_this_kernel_keeps_the_law(lab: Lab) -> None:
    need("nft")
    (seen,) = loss_law(lab, one_in=[50])
    between_the_models(seen)
