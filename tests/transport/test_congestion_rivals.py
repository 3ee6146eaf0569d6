"""The pictures of rivals show what was simulated and what was recorded, and their sentences say the same numbers."""

from pathlib import Path as File
from random import Random
from typing import Any

import pytest

from netlab.lab import recorded
from netlab.picture import KERNEL, Bars, Lines, Panels, Picture
from netlab.transport.congestion import Bbr, Cubic, Flow, Path, Reno, Rto, crowd, kernel, packets
from netlab.transport.congestion.figures import bufferbloat, crowds, long_way, overlay, pairs

RECORDINGS = File(__file__).parents[2] / "book/_data/recordings"
CC = {"Reno": Reno, "CUBIC": Cubic, "BBR": Bbr}


@pytest.fixture(scope="module")
def flows() -> dict[str, Flow]:
    timer = Rto(0.2, 0.2)
    return {
        name: packets(cc(), kernel.PATH, 25, sack=True, timer=Rto(timer.least, timer.tick), trace=False)
        for name, cc in CC.items()
    }


@pytest.fixture(scope="module")
def seen() -> dict[str, Any]:
    data = recorded("rivals-windows", RECORDINGS).data
    return {name: data[name.lower()] for name in CC}


def panels(picture: Picture) -> list[Any]:
    assert isinstance(picture.drawing, Panels)
    return list(picture.drawing.panels)


def test_the_gaps_are_in_the_picture_and_small(flows: dict[str, Flow], seen: dict[str, Any]) -> None:
    for name in ("Reno", "CUBIC"):
        found = kernel.gaps(flows[name], seen[name])
        assert abs(found["peak"]) < 0.10
        assert abs(found["cut"]) < 0.10
        assert abs(found["period"]) < 0.15
        assert abs(found["goodput"]) < 0.05
    plateau = kernel.gaps(flows["BBR"], seen["BBR"])
    assert set(plateau) == {"peak", "goodput"}
    assert all(abs(gap) < 0.10 for gap in plateau.values())
    picture = overlay(flows, seen, "recorded", "title", 25)
    assert "Reno: peak +1 %" in picture.sentence
    for name, panel in zip(CC, panels(picture), strict=True):
        assert panel.title.startswith(f"{name}: peak ")
        ours, theirs = panel.drawing.curves
        assert theirs.points[0][1] == 10
        assert ours.points[0][1] in (10, 11), "the first sample may come after the first ACK"
        assert theirs.hue == KERNEL


def test_both_probe_the_round_trip_every_ten_seconds(flows: dict[str, Flow], seen: dict[str, Any]) -> None:
    ours = [s.time for s in flows["BBR"].samples if s.cwnd <= 4]
    theirs = [time for time, cwnd in seen["BBR"]["windows"] if cwnd <= 4 and time > 5]
    for times in (ours, theirs):
        assert [when for when in (10, 20) if any(when <= time < when + 2 for time in times)] == [10, 20]
    drawn = panels(overlay(flows, seen, "", "title", 25))[2].drawing.curves[1].points
    assert min(window for time, window in drawn if time > 5) <= 4, "a notch that no ring shows"


def test_one_alone_has_no_panels(flows: dict[str, Flow], seen: dict[str, Any]) -> None:
    picture = overlay({"Reno": flows["Reno"]}, seen, "recorded", "title", 8)
    assert isinstance(picture.drawing, Lines)
    assert "gaps from the second tooth on: peak" in picture.note


def test_the_long_way_tells_when_each_loses() -> None:
    path = Path(rate=12e6, delay=0.050, queue=25)
    flow = packets(Cubic(), path, 12, sack=True, trace=False)
    seen = {"CUBIC": {"windows": [[0, 10], [4, 125]], "cuts": [[4.5, 125, 87]]}}
    picture = long_way({"CUBIC": flow}, seen, "", 12)
    times = ", ".join(f"{cut.time:.1f}" for cut in kernel.teeth(flow))
    assert f"CUBIC loses at {times} s, on Linux at 4.5 s" in picture.sentence


def test_pairs_are_bars_of_who_gets_less() -> None:
    picture = pairs({("reno", "bbr"): [1.0, 9.0]}, [[8.0, 2.0]], "recorded")
    assert isinstance(picture.drawing, Bars)
    assert [(bar.name, bar.value) for bar in picture.drawing.bars] == [("Reno beside BBR", 10), ("on Linux", 20)]
    assert "Reno beside BBR: 10 %, on Linux 20 %" in picture.sentence


def test_what_a_queue_buys_and_costs() -> None:
    picture = bufferbloat([(4, 0.8, 0.044), (40, 1.0, 0.080)], kernel.PATH)
    buys, costs = (panel.drawing for panel in panels(picture))
    assert buys.curves[0].points == [(0.1, 80), (1, 100)]
    assert costs.curves[0].points == [(0.1, 44), (1, 80)]
    assert "from 80 to 100 %" in picture.sentence


def test_a_crowd_is_ranked_and_counted_in_equal_shares() -> None:
    picture = crowds([[3.0, 1.0]], [[0.0, 4.0]], "recorded")
    (panel,) = panels(picture)
    assert [curve.points for curve in panel.drawing.curves] == [[(50, 0.5), (100, 1.5)], [(50, 0), (100, 2)]]
    assert "2 flows get 4.0 Mbit/s together, the poorest 1.00 (on Linux 4.0 and 0.00)" in picture.sentence


def test_the_recorded_kernel_shares_as_the_flows_do() -> None:
    """Who is starved and who is not; measured shares vary from run to run by a few percent."""
    for pair, linux in zip(kernel.PAIRS, recorded("rivals-pairs", RECORDINGS).data, strict=True):
        ccs = [{"reno": Reno, "cubic": Cubic, "bbr": Bbr}[name]() for name in pair]
        ours = [flow.goodput for flow in crowd(ccs, kernel.PATH, 20, dice=Random(48))]
        mine, theirs = (min(both) / sum(both) for both in (ours, linux))
        assert mine == pytest.approx(theirs, abs=0.10), pair
    for linux in recorded("rivals-crowds", RECORDINGS).data:
        assert 11e6 < sum(linux) < 11.6e6, "the link is full, however many share it"
    near, far = recorded("rivals-ways", RECORDINGS).data
    assert 2 < near / far < 5
