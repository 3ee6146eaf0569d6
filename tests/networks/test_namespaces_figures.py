"""The chapter's pictures show what the kernel said, their sentences say the same, and a disagreement would be seen."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from netlab.lab import recorded
from netlab.networks.namespaces import FAULTS, STEPS, news, shots
from netlab.networks.namespaces.changes import Snapshot, facts
from netlab.networks.namespaces.figures import change, faults, journey, sizes, stairs, worlds
from netlab.networks.namespaces.figures.grids import number
from netlab.picture import GREY, LOST, OURS, Grid, Picture, Topology
from netlab.show.paint import figure, png
from netlab.show.style import NARROW, WIDE
from tests.drawn import collisions, words_of

RECORDINGS = Path(__file__).parents[2] / "book/_data/recordings"


def seen(name: str) -> Any:
    return recorded(f"namespaces-{name}", RECORDINGS).data


SHOTS = shots(seen("stairs"))
CHANGES = {f"change {n}": (SHOTS[n], SHOTS[n + 1]) for n in range(len(STEPS))}
PICTURES: dict[str, Callable[[], Picture]] = {
    "stairs": lambda: stairs(seen("stairs")["rows"], badge="live on Linux 6.18"),
    "faults": lambda: faults(seen("faults")),
    "journey": lambda: journey(seen("journey")),
    "sizes": lambda: sizes(seen("sizes")),
    "worlds": lambda: worlds(seen("isolation")),
    **{name: lambda pair=pair: change(*pair, "What is new") for name, pair in CHANGES.items()},  # type: ignore[misc]
    "cable": lambda: change(SHOTS[0], SHOTS[3], "A cable"),
    "bridge": lambda: change(SHOTS[3], SHOTS[7], "A bridge"),
    "router": lambda: change(SHOTS[7], SHOTS[10], "A router"),
}


def grid(picture: Picture) -> Grid:
    assert isinstance(picture.drawing, Grid)
    return picture.drawing


def topology(picture: Picture) -> Topology:
    assert isinstance(picture.drawing, Topology)
    return picture.drawing


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("name", PICTURES)
def test_every_word_has_its_place_on_a_page_and_on_a_phone(name: str, width: int) -> None:
    made = figure(PICTURES[name](), width)
    words = words_of(made)
    assert [word.text for word in words if word.outside(width, made.get_figheight() * 72)] == []
    assert collisions(words) == []
    assert min(word.size for word in words) >= 11.5


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_light_and_the_same_in_each_run(name: str) -> None:
    picture = PICTURES[name]()
    assert len(png(picture)) < 60_000
    assert picture.data() == PICTURES[name]().data()


# ------------------------------------------------------------------------------------------------ what changed


def test_what_is_new_is_blue_and_what_carries_nothing_is_lost() -> None:
    first = topology(change(SHOTS[2], SHOTS[3], "A cable"))
    assert {host.name: host.hue for host in first.hosts} == {"wan": GREY, "vred": OURS, "server": GREY, "red": OURS}
    assert [(link.a, link.b, link.says, link.hue) for link in first.links] == [
        ("wan", "server", "", GREY),
        ("vred", "red", "down", LOST),
    ]
    last = topology(change(SHOTS[8], SHOTS[9], "Forwarding"))
    assert [(link.a, link.b, link.hue) for link in last.links if link.hue is OURS] == [("br0", "wan", OURS)]
    assert {host.name: host.says for host in last.hosts}["server"] == "203.0.113.10"


def test_a_sentence_tells_what_is_new() -> None:
    assert "New is: red: 10.0.0.2/24 on eth0. " in change(SHOTS[3], SHOTS[4], "An address").sentence
    assert "New is: nothing that a snapshot shows. " in change(SHOTS[9], SHOTS[10], "Masquerade").sentence


def test_news_are_told_forwards_and_backwards() -> None:
    assert news(SHOTS[7], SHOTS[8]) == ["red: route to default via 10.0.0.1"]
    assert news(SHOTS[8], SHOTS[7]) == ["red: no more route to default via 10.0.0.1"]
    assert news(SHOTS[4], SHOTS[4]) == []


def test_an_interface_whose_other_end_is_down_says_so() -> None:
    shot: Snapshot = SHOTS[5]
    dark = [i._replace(carrier=False) if (i.host, i.name) == ("red", "eth0") else i for i in shot.interfaces]
    assert facts(shot._replace(interfaces=dark))["red", "eth0"] == "eth0: up, its other end is down"


# ------------------------------------------------------------------------------------------------------------- grids


def test_a_cell_on_which_model_and_kernel_differ_is_filled_and_has_both() -> None:
    rows = seen("stairs")["rows"]
    assert grid(stairs(rows)).wrong == []
    rows[8]["pings"]["server"] = "told"
    picture = stairs(rows)
    assert grid(picture).wrong == [(8, 4)]
    assert grid(picture).verdicts[8][4] == "told, not silence"
    assert "On 49 of 50 cells model and kernel agree" in picture.sentence
    assert picture.note == "on 49 of 50 cells model and kernel agree"


def test_the_staircase_says_where_each_ping_is_answered_first() -> None:
    told = "lo from step 1 on, own from step 3 on, host from step 5 on, blue from step 6 on, server from step 9 on"
    assert told in stairs(seen("stairs")["rows"]).sentence
    assert "server never" in stairs(seen("stairs")["rows"][:9]).sentence
    assert list(grid(stairs(seen("stairs")["rows"])).rows) == [f"{n} {step.name}" for n, step in enumerate(STEPS)]


def test_the_faults_that_look_alike_are_named_and_counted() -> None:
    picture = faults(seen("faults"))
    assert picture.title == "Twelve faults, nine symptoms"
    pairs = "blue's lo down, host's lo down; host's end down, bridge down; no forwarding, no way back"
    assert picture.sentence.endswith(f"Five pings cannot tell apart: {pairs}.")
    assert list(grid(picture).rows) == [fault.name for fault in FAULTS]
    assert number(13) == "13"


def test_the_journey_fills_what_the_host_wrote() -> None:
    picture = journey(seen("journey"))
    assert grid(picture).wrong == [(3, 0), (3, 2), (7, 1), (7, 2)]
    assert "It leaves red as 10.0.0.2 to 203.0.113.10 and reaches server as 203.0.113.5" in picture.sentence


def test_sizes_and_worlds_say_what_their_cells_do() -> None:
    three = sizes(seen("sizes"))
    assert [list(row) for row in grid(three).verdicts] == [
        [True, "…", True, "…", "…"],
        [True, "…", True, True, True],
        [True, "1400!", True, True, "…"],
    ]
    assert "the router's wan: ping 56 arrives, ping 1472 error, 1400 would do" in three.sentence
    two = worlds(seen("isolation"))
    assert "It shares with blue: Unix sockets with a path, files" in two.sentence
    assert grid(two).verdicts[0] == [True, False]
