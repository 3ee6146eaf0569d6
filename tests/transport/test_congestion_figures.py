"""The chapter's pictures show what the simulators returned, and their sentences say the same numbers."""

from collections.abc import Callable

import pytest

from netlab.picture import Lines, Panels, Phase, Picture, States
from netlab.transport.congestion import LAWS, FixedWindow, Reno, Tahoe, losses, packets, rounds, share
from netlab.transport.congestion.figures import arrivals, loss_law, machine, one_loss, phases, sawtooth, two_flows
from netlab.transport.congestion.flow import MOVES
from tests.transport.test_congestion import PATH

RUN = list(rounds(Reno(), PATH, seconds=10))


def lines(picture: Picture) -> Lines:
    assert isinstance(picture.drawing, Lines)
    return picture.drawing


def panels(picture: Picture) -> Panels:
    assert isinstance(picture.drawing, Panels)
    return picture.drawing


def test_the_sawtooth_is_the_run_and_its_crosses_are_the_losses() -> None:
    picture = sawtooth(RUN, PATH)
    assert list(lines(picture).curves[0].points) == [(s.time, s.cwnd) for s in RUN]
    assert list(lines(picture).crosses) == [(loss.time, loss.flight) for loss in losses(RUN)]
    assert [level.value for level in lines(picture).levels] == [PATH.pipe, PATH.full]
    assert "65" in picture.title
    assert "1.75 s" in picture.title
    assert "80 packets, is cut to 40" in picture.sentence


@pytest.mark.parametrize(
    ("draw", "says"),
    [
        (lambda: sawtooth(list(rounds(Reno(), PATH, seconds=3)), PATH), "three losses, not 2: let it run longer"),
        (lambda: sawtooth(list(rounds(Tahoe(), PATH, seconds=10)), PATH), "a window that is halved"),
        (lambda: phases(list(rounds(Reno(), PATH, seconds=0.1)), PATH), "0 losses in 3 round trips: one is needed"),
        (lambda: phases(RUN, PATH), "6 losses in 2"),
        (lambda: one_loss(packets(Reno(ssthresh=40), PATH, seconds=1)), "this flow lost 0 packets"),
        (lambda: one_loss(packets(Reno(), PATH, seconds=3)), "this flow lost 77 packets"),
        (lambda: two_flows({"it": list(share(LAWS["add, halve"], (9, 1), 64, losses=1))}, 64), "'it' has 1, and two"),
    ],
)
def test_what_a_picture_cannot_tell_is_refused_with_a_sentence(draw: Callable[[], object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        draw()


def test_the_phases_tile_the_run_in_order() -> None:
    run = list(rounds(Reno(), PATH, seconds=1))
    areas = lines(phases(run, PATH)).areas
    assert [area.name for area in areas] == ["slow start", "", "congestion avoidance"]
    assert [area.stop for area in areas[:-1]] == [area.start for area in areas[1:]]
    assert (areas[0].start, areas[-1].stop) == (run[0].time, run[-1].time)


def test_what_arrives_twice_is_drawn_as_sent_again() -> None:
    old = packets(FixedWindow(40), PATH, seconds=2, timer=0.2, fast=False)
    new = packets(Reno(ssthresh=40), PATH, seconds=2)
    picture = arrivals({"old": old, "new": new}, seconds=2)
    first, again = panels(picture).panels[0].drawing.curves  # type: ignore[union-attr]
    sent = [e for e in old.trace if e.src == "sender" and not e.lost and e.time < 2]
    assert len(first.points) + len(again.points) == len(sent)
    assert len(again.points) == sum(e.label.endswith("again") for e in sent)
    assert f"old gets {100 * old.goodput:.0f} %" in picture.sentence


def test_the_machine_is_the_table() -> None:
    drawing = machine().drawing
    assert isinstance(drawing, States)
    assert [((step.state, step.event), step.next) for step in drawing.table] == list(MOVES.items())
    for (state, event), after in MOVES.items():
        assert f"In {state}, {event} leads to {after}." in machine().sentence


def test_one_loss_is_told_by_its_own_events() -> None:
    flow = packets(Reno(ssthresh=40), PATH, seconds=3)
    picture = one_loss(flow)
    told = {(m.time, m.src) for m in picture.drawing.messages}  # type: ignore[union-attr]
    assert told <= {(event.time, event.src) for event in flow.trace}
    assert len(told) == 8
    assert "67 ms late, and mended 64 ms" in picture.title
    assert [m.lost for m in picture.drawing.messages].count(True) == 1  # type: ignore[union-attr]


def test_the_law_says_how_far_below_it_the_model_is() -> None:
    picture = loss_law({1e-4: 122.0, 1e-2: 11.4}, {1e-4: 121.0, 1e-2: 10.6}, {1e-2: 11.1}, "recorded")
    assert [curve.name for curve in lines(picture).curves] == ["√(3/2p)", "no repair", "repair", "Linux"]
    assert lines(picture).curves[0].points[1][1] == pytest.approx(12.247, abs=0.001)
    assert "1 in 100: 11.1" in picture.sentence
    assert "-7 % from it" in picture.sentence


def test_each_law_has_its_own_panel() -> None:
    runs = {name: list(share(law, (56, 8), 64, losses=6)) for name, law in LAWS.items()}
    picture = two_flows(runs, 64)
    assert [panel.title for panel in panels(picture).panels] == list(LAWS)
    drawing = panels(picture).panels[0].drawing
    assert isinstance(drawing, Phase)
    assert list(drawing.points) == [(s.a, s.b) for s in runs["add, halve"]]
    assert "the gap goes from 48 to 1.5 packets" in picture.sentence
