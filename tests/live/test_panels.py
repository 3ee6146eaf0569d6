"""Every panel of the house, with whatever a reader may set: it runs, says what it found, and is soon done.

And the chapters' notebooks: what they show is what their panels begin with.
"""

import ast
import inspect
import json
import sys
import time
import tomllib
from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path
from random import Random
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlab.lab import recorded
from netlab.live import Panel, find, panels, rivals, websocket
from netlab.live import congestion as reno
from netlab.live import namespaces as spaces
from netlab.live.controls import Control, Value
from netlab.networks.namespaces import FAULTS, STEPS, TARGETS, shots
from netlab.networks.namespaces import figures as networks
from netlab.picture import Bytes, Grid, Lines, Panels, Phase, Picture
from netlab.transport.congestion import Path as Way
from netlab.transport.congestion import Reno, figures, link_use, rounds
from netlab.web.websocket import figures as frames
from netlab.web.websocket.trials import KEY
from tests.house import ROOT

ALL = list(panels())
BOOK, RECORDINGS = ROOT / "book", ROOT / "book" / "_data" / "recordings"
LIMIT = 0.1  # s of this machine's processor; a page takes three to five times as long
MOST_BYTES, MOST_LINES, MOST_CONTROLS, SANDBOX = 300_000, 15, 3, 5


def value_of(one: Control) -> st.SearchStrategy[Any]:
    """Return whatever a reader may set."""
    if not one.range:
        return st.sampled_from(one.choices or (False, True))
    low, high = one.range.low, one.range.high
    return st.integers(int(low), int(high)) if one.whole else st.floats(low, high)


def some(one: Control) -> list[Value]:
    """Return the values between which a control does different things: the ends of a range, and its middle."""
    if not one.range:
        return list(one.choices or (False, True))
    low, high = one.range.low, one.range.high
    return [one.read(value) for value in dict.fromkeys((low, one.default, (low + high) // 2, high))]


def ends(one: Panel, most: int) -> list[dict[str, Any]]:
    """Return combinations of such values, of very many some."""
    every = [dict(zip(one.controls, values, strict=True)) for values in product(*map(some, one.controls.values()))]
    return every if len(every) <= most else Random(48).sample(every, most)


def checked(one: Panel, values: dict[str, Any]) -> Picture:
    """Return a picture that a page could show: whole, of numbers and words, and not too large."""
    picture = one(**values)
    said = one.said(values)
    assert isinstance(picture, Picture), said
    assert picture.sentence.strip(), said
    told = f"{picture.sentence} {picture.note}"
    assert any(letter.isdigit() for letter in told), f"{said}: numbers, not {told}"
    size = len(json.dumps(picture.data(), allow_nan=False))
    assert size < MOST_BYTES, f"{said}: {size:,} bytes"
    assert len(picture.title) < 75, f"{said}: the title {picture.title!r}"
    assert len(picture.sentence) < 1500, said
    return picture


# ------------------------------------------------------------------------------------------------------------ the law


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_combinations_of_ends_run(one: Panel) -> None:
    for values in ends(one, most=90):
        checked(one, values)


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
@settings(max_examples=40)
@given(st.data())
def test_whatever_a_reader_sets_makes_a_picture_and_the_same_each_time(one: Panel, data: st.DataObject) -> None:
    values = {name: data.draw(value_of(control), label=name) for name, control in one.controls.items()}
    assert checked(one, values) == one(**values)


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_a_control_changes_the_picture(one: Panel) -> None:
    for name, control in one.controls.items():
        made = [one(**{name: value}) for value in some(control)]
        assert any(picture != one() for picture in made), f"{name} changes nothing"


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_what_is_out_of_range_is_refused_in_a_sentence(one: Panel) -> None:
    for name, control in one.controls.items():
        for value in ("far too much", None, 10**9, -1, 0.123):
            with pytest.raises(ValueError, match=f"{control.label} is (from )?"):
                one(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_a_panel_is_short_and_asks_something(one: Panel) -> None:
    source = inspect.getsource(one.call)
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    steps = function.body[1:]  # without the question
    head = function.body[0].lineno - function.lineno
    length = head + (steps[-1].end_lineno or 0) - steps[0].lineno + 1
    assert length <= MOST_LINES, f"{one.name} has {length} lines"
    assert len(one.controls) <= (SANDBOX if one.name.endswith(".sandbox") else MOST_CONTROLS)
    assert "?" in one.asks or "Before" in one.asks, f"{one.name} asks nothing"
    assert len(one.asks) <= 260


@pytest.mark.serial
@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_a_panel_is_soon_done(one: Panel) -> None:
    slow = 6 if sys.gettrace() else 1  # coverage watches each line
    for values in [{}, *ends(one, most=12)]:
        taken = min(islice(times(one, values), 3))
        assert taken < LIMIT * slow, f"{one.said(values)}: {1000 * taken:.0f} ms"


def times(one: Panel, values: dict[str, Any]) -> Iterator[float]:
    while True:
        start = time.thread_time()
        one(**values)
        yield time.thread_time() - start


# ----------------------------------------------------------------------------------------------------------- notebooks


def shown(notebook: Path) -> dict[str, str]:
    """Return which panels a notebook ends its cells with, by their names, and what is stored of each."""
    found, topics = {}, {}
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        tree = ast.parse(cell.source)
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "netlab.live":
                topics |= {name.asname or name.name: name.name for name in node.names}
        last = tree.body[-1]
        if isinstance(last, ast.Expr) and isinstance(last.value, ast.Attribute):
            owner = ast.unparse(last.value.value)
            if owner in topics:
                texts = [out.data["text/plain"] for out in cell.outputs if "text/plain" in out.get("data", {})]
                found[f"{topics[owner]}.{last.value.attr}"] = texts[-1]
    return found


CHAPTERS = tomllib.loads((BOOK / "_data" / "chapters.toml").read_text(encoding="utf-8"))["chapter"]
READY = [chapter["module"] for chapter in CHAPTERS if chapter["state"] == "ready"]
SHOWN = {path.relative_to(BOOK).as_posix(): shown(path) for path in sorted(BOOK.rglob("*.ipynb"))
         if not any(part.startswith(("_", ".")) for part in path.relative_to(BOOK).parts)}  # fmt: skip


@pytest.mark.parametrize("module", READY)
def test_a_chapter_has_two_panels_of_its_own(module: str) -> None:
    found = SHOWN[f"{module}.ipynb"]
    assert len(found) >= 2, f"a reader can change {sorted(found)} in {module}, and two are the least"
    assert {name.partition(".")[0] for name in found} == {module.rpartition("/")[2]}


def test_every_panel_stands_in_one_notebook() -> None:
    assert sorted(name for found in SHOWN.values() for name in found) == sorted(one.name for one in ALL)


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_a_notebook_shows_what_its_panel_begins_with(one: Panel) -> None:
    (text,) = (found[one.name] for found in SHOWN.values() if one.name in found)
    assert find(one.name)
    assert text == repr(one)


# ------------------------------------------------------------------------------------------------- congestion, rivals


def drawn(picture: Picture, kind: type[Any]) -> Any:
    assert isinstance(picture.drawing, kind)
    return picture.drawing


def test_the_sawtooth_begins_as_the_chapters_run_does() -> None:
    path = Way(12e6, 0.020, 24)
    run = list(rounds(Reno(), path, seconds=10))
    chapter = figures.sawtooth(run, path)
    assert (reno.sawtooth().title, reno.sawtooth().sentence) == (chapter.title, chapter.sentence)
    assert drawn(reno.sawtooth(), Lines).curves == drawn(chapter, Lines).curves


@pytest.mark.parametrize(("queue", "law"), [(4, "Reno"), (60, "Reno"), (60, "Tahoe"), (120, "Tahoe")])
def test_a_sawtooth_says_what_its_run_did(queue: int, law: Any) -> None:
    picture = reno.sawtooth(queue=queue, law=law)
    assert f"{law} climbs to {40 + queue + 1}, " in picture.title
    assert {level.value for level in drawn(picture, Lines).levels} == {40, 40 + queue}
    assert f"round trips up to {40 + queue} ms" in picture.note
    assert max(time for time, _ in drawn(picture, Lines).curves[0].points) <= 10
    crosses = [flight for time, flight in drawn(picture, Lines).crosses]
    assert crosses[1:] == [40 + queue + 1] * (len(crosses) - 1)


def test_a_longer_queue_buys_use_and_costs_time() -> None:
    busy = [int(reno.sawtooth(queue=queue).note.split("; ")[1].split()[0]) for queue in (4, 24, 60, 120)]
    assert busy == sorted(busy)
    assert busy[0] < 85
    assert busy[-1] > 98
    assert reno.sawtooth().note.endswith("; 96 % busy, round trips up to 64 ms")
    assert reno.sawtooth(law="Tahoe").note.endswith("; 86 % busy, round trips up to 64 ms")


@pytest.mark.parametrize("queue", [12, 24, 48])
def test_news_of_a_loss_takes_a_round_trip_through_the_full_queue(queue: int) -> None:
    news, repair = 40 + queue + 3, 40 + queue
    assert reno.one_loss(queue=queue).title == f"A loss is heard {news} ms late, and mended {repair} ms after that"


def test_two_flows_end_fair_under_the_first_law_alone() -> None:
    for first in (0, 8, 56, 64):
        fair, *others = drawn(reno.two_flows(first_flow=first), Panels).panels
        assert isinstance(fair.drawing, Phase)
        ends = [abs(panel.drawing.points[-1][0] - panel.drawing.points[-1][1]) for panel in (fair, *others)]
        assert ends[0] < 3 < min(ends[1:])
    assert reno.two_flows(first_flow=32).title == "Who begins equal stays equal, whatever the law"
    assert [panel.title for panel in drawn(reno.two_flows(cut_to=70), Panels).panels] == [
        "add, keep 70 %",
        "add, subtract",
        "multiply, keep 70 %",
    ]
    assert "Keeping 70 % keeps 70 % of the gap" in reno.two_flows(cut_to=70).title


def test_cubic_is_sooner_back_on_a_long_way_and_not_on_a_short_one() -> None:
    long, short = rivals.back(), rivals.back(round_trip=40)
    assert long.title == "Full again: CUBIC after 7.5 s, Reno after 26.6 s"
    assert short.title == "Full again: CUBIC after 5.4 s, Reno after 4.3 s"
    assert "Reno not within 30 s" in rivals.back(round_trip=300).title
    path = Way(12e6, 0.020, 24)
    lossless = {"Reno": list(rounds(Reno(), path, seconds=0.05))}
    with pytest.raises(ValueError, match="nothing to come back from"):
        figures.back(lossless, path, 30)


def test_a_queue_is_judged_as_the_page_does_it() -> None:
    rows = []
    for queue in rivals.QUEUES:
        longer = Way(12e6, 0.020, queue)
        run = list(rounds(Reno(ssthresh=40), longer, seconds=200))
        rows.append((queue, link_use(run, longer), max(sample.rtt for sample in run)))
    assert figures.bufferbloat(rows, Way(12e6, 0.020, 24)).sentence == rivals.bufferbloat().sentence
    use = {
        law: drawn(rivals.bufferbloat(law=law), Panels).panels[0].drawing.curves[0].points for law in ("Reno", "CUBIC")
    }
    assert all(cubic[1] >= halved[1] for cubic, halved in zip(use["CUBIC"][:6], use["Reno"][:6], strict=True))
    assert rivals.bufferbloat(law="CUBIC", round_trip=80).note == "CUBIC, alone; 12 Mbit/s, 80 ms there and back"


def test_a_sandbox_tells_who_bears_a_loss_and_who_fills_a_queue() -> None:
    use = {law: int(rivals.sandbox(law=law, loss=0.05).title.split()[1]) for law in rivals.LAW}
    assert use["BBR"] > 90
    assert max(use["Reno"], use["CUBIC"]) < 50
    wait = {law: int(rivals.sandbox(law=law, queue=200).title.split(" trips of ")[1].split()[0]) for law in rivals.LAW}
    assert wait["BBR"] < 60
    assert min(wait["Reno"], wait["CUBIC"]) > 200
    assert rivals.sandbox().note == "6 Mbit/s, 40 ms there and back, room for 24 packets"


def test_a_tooth_that_is_not_within_the_picture_is_told_all_the_same() -> None:
    path = Way(12e6, 0.020, 120)
    run = list(rounds(Reno(), path, seconds=40))
    assert "Not within 0.5 s, but later, it is cut at 161" in figures.sawtooth(run, path, until=0.5).sentence
    assert "Once in 10 s it is cut at 161" in figures.sawtooth(run, path, until=10).sentence
    with pytest.raises(ValueError, match="a window that is cut to one packet"):
        figures.sawtooth(run, path, "Tahoe")


# ---------------------------------------------------------------------------------------------------------- WebSocket


def test_asking_seldom_is_cheap_and_late() -> None:
    polls = frames.polled(seconds=60, news=(17, 41))
    assert websocket.polling() == frames.polling(polls)
    assert frames.seldom(polls, 1) == polls
    assert websocket.polling(ask_every=10).title == "6 questions for two pieces of news"
    assert (
        "News waits 6.0 s for a question, on average, and the answers tell of 2 of 2"
        in websocket.polling(ask_every=10).sentence
    )
    once = websocket.polling(news=4, ask_every=60)
    assert once.title == "One question for four pieces of news"
    assert "tell of 0 of 4" in once.sentence
    assert "times as much" in once.sentence
    assert "News waits" not in websocket.polling(news=0, ask_every=10).sentence
    with pytest.raises(ValueError, match="not 0"):
        frames.seldom(polls, 0)


def test_no_two_pieces_of_news_come_in_one_second() -> None:
    for news in (1, 5, 20):
        levels = drawn(websocket.polling(news=news), Lines).levels
        assert len({level.value for level in levels}) == news


def test_a_frame_is_the_rfcs_until_somebody_changes_it() -> None:
    assert websocket.octets() == frames.octets(bytes.fromhex("818537fa213d7f9f4d5158"))  # RFC 6455 §5.7
    one = drawn(websocket.octets(kind="first piece of a text", sender="server"), Bytes)
    assert one.octets == bytes.fromhex("010548656c6c6f")
    assert one.spans[0].value == "text"


@pytest.mark.parametrize(("payload", "head"), [(0, 2), (5, 2), (125, 2), (126, 4), (65_536, 10)])
def test_a_head_grows_with_its_length(payload: int, head: int) -> None:
    for sender, key in (("client", 4), ("server", 0)):
        picture = websocket.octets(payload=payload, sender=sender)
        assert f"A frame of {payload + head + key:,} bytes, {head + key} of them before the payload" in picture.sentence


def test_a_long_ping_is_refused_at_its_second_byte() -> None:
    picture = websocket.octets(payload=126, kind="ping")
    assert picture.title == "Refused after two bytes"
    assert "a PING carries at most 125 bytes (RFC 6455 §5.5)" in picture.sentence
    assert [span.value for span in drawn(picture, Bytes).spans] == ["ping", "a key, 126"]
    unmasked = frames.refused(bytes.fromhex("c10548656c6c6f"), masked=False)
    assert unmasked.title == "Refused after one byte"
    assert [span.value for span in drawn(frames.refused(b"\x83\x00"), Bytes).spans] == ["reserved"]
    for whole in (bytes.fromhex("810548656c6c6f"), bytes.fromhex("8105")):
        with pytest.raises(ValueError, match="breaks no rule"):
            frames.refused(whole, masked=False)


def test_a_long_payload_is_told_by_its_beginning() -> None:
    long = websocket.octets(payload=65_536)
    panels_of = drawn(long, Panels).panels
    assert [len(panel.drawing.octets) for panel in panels_of] == [65_550, 16, 16, 16]
    assert panels_of[2].drawing.octets == KEY * 4
    assert panels_of[0].drawing.spans[-1].value == "65,536 bytes"
    assert "'HelloHelloHelloH'" in long.sentence


def test_three_bytes_of_a_key_do_not_help_a_page() -> None:
    for guessed in range(5):
        for throw in (1, 10, 99):
            sentence = websocket.masks(guessed=guessed, throw=throw).sentence
            assert ("and a guessed key; it is noise" in sentence) == (guessed == 4)
    assert "3 of 4 bytes guessed" in websocket.masks(guessed=3).sentence


# ----------------------------------------------------------------------------------------------------------- namespaces


def seen(name: str) -> Any:
    return recorded(f"namespaces-{name}", RECORDINGS).data


def test_the_model_draws_the_network_as_the_kernel_has_it() -> None:
    """Step by step, all that a snapshot shows: interfaces, cables, addresses, routes, who forwards."""
    shot = shots(seen("stairs"))
    since = {0: 0, 1: 0, 2: 0, 3: 3, 4: 3, 5: 3, 6: 3, 7: 7, 8: 7, 9: 7}
    for step, before in since.items():
        ours = spaces.network(step=step)
        kernel = networks.change(shot[before], shot[step + 1], ours.title)
        assert (ours.drawing, ours.sentence) == (kernel.drawing, kernel.sentence)


def test_a_step_says_which_pings_it_leaves_unanswered() -> None:
    rows = [row["pings"] for row in seen("stairs")["rows"]]
    for step, pings in enumerate(rows):
        note = spaces.network(step=step).note
        assert STEPS[step].name in note
        answered = [name for name in TARGETS if pings[name] == "ok"]
        assert ", ".join(answered) in note
        assert all(kind in note for kind in {*pings.values()} - {"ok"})
    assert spaces.network(step=0).note.startswith("step 0, a namespace: nobody answers; ")
    assert "because server has no route to 10.0.0.2" in spaces.network(step=8).note


def test_a_fault_in_company_is_what_the_kernel_says_of_it_alone() -> None:
    for number, kernel in enumerate(seen("faults")):
        name = FAULTS[number].name
        picture = spaces.faults(first_fault=name, second_fault=name)
        words = [networks.grids.WORDS.get(kind, kind) for kind in kernel.values()]
        assert drawn(picture, Grid).verdicts == [words] * 3
        assert picture.title == "The same fault twice is one"


@pytest.mark.parametrize(
    ("first", "second", "title"),
    [
        ("no forwarding", "no way back", "Mend either of the two, and red notices nothing"),
        ("red's eth0 down", "no default route", "Behind “red's eth0 down”, nobody sees “no default route”"),
        ("no way back", "red's eth0 down", "Behind “red's eth0 down”, nobody sees “no way back”"),
        ("red's lo down", "blue's eth0 down", "Two faults, and the pings show both"),
        ("blue's lo down", "uplink down", "No ping tells of “blue's lo down”"),
        ("blue's lo down", "host's lo down", "No ping tells of either"),
    ],
)
def test_two_faults_hide_each_other_or_not(first: str, second: str, title: str) -> None:
    assert spaces.faults(first_fault=first, second_fault=second).title == title


def test_three_rules_tell_what_the_kernel_does_with_three_sizes() -> None:
    measured = seen("sizes")
    kernel = networks.sizes(measured)
    assert (spaces.sizes().drawing, spaces.sizes().sentence) == (kernel.drawing, kernel.sentence)
    assert spaces.sizes().note.endswith("the kernel says the same")
    assert spaces.sizes(mtu=1300).note.endswith("the kernel was not asked about these sizes")
    fits = drawn(spaces.sizes(mtu=1400, big_ping=1372), Grid)
    assert [row[1] for row in fits.verdicts] == [True, True, True]
    assert [row[3:] for row in fits.verdicts] == [["…", "…"], [True, True], [True, "…"]]
    whole = drawn(spaces.sizes(mtu=1500), Grid)
    assert all(cell is True for row in whole.verdicts for cell in row)
