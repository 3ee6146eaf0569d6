"""The chapter's pictures show what the experiments found, and their sentences say the same numbers."""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from netlab.picture import LOST, Bytes, Conversation, Grid, Lines, Panels, Picture, States
from netlab.show.paint import bundle, figure, png
from netlab.show.style import NARROW, WIDE
from netlab.web.websocket import lies, trials
from netlab.web.websocket.events import CLOSED, MOVES
from netlab.web.websocket.exchange import ASKS, label, opening
from netlab.web.websocket.figures import conversation, cuts, masks, octets, overhead, polled, polling, recorded, states
from netlab.web.websocket.figures import lies as lies_told
from netlab.web.websocket.frames import BINARY, PING, TEXT, Frame, encode
from netlab.web.websocket.masking import mask
from netlab.wire import Incomplete, WireError
from tests.drawn import collisions, words_of

HELLO = bytes.fromhex("818537fa213d7f9f4d5158")  # RFC 6455 §5.7
KEY = HELLO[2:6]
RECORDING = Path(__file__).parents[2] / "book/_data/recordings/websocket.json"
SIZES = [1, 10, 100, 125, 126, 1_000, 10_000, 65_535, 65_536, 300_000]


def runs() -> dict[str, trials.Attack]:
    key = Random(6455).randbytes(4)
    return {
        "no mask": trials.attack(None),
        "00000000": trials.attack(bytes(4)),
        "a fresh one": trials.attack(key),
        "guessed": trials.attack(key, guessed=True),
    }


def one_in(lie: lies.Lie) -> lies.Judge:
    """Return a server that takes everything but one lie."""
    return lambda wire: 1002 if wire == lie.wire else None


PICTURES: dict[str, Callable[[], Picture]] = {
    "polling": lambda: polling(polled(seconds=60, news=(17, 41))),
    "octets": lambda: octets(HELLO),
    "conversation": lambda: conversation(recorded()),
    "cuts": lambda: cuts(trials.cut_everywhere(HELLO)),
    "masks": lambda: masks(runs()),
    "overhead": lambda: overhead(trials.heads(SIZES)),
    "lies": lambda: lies_told({"naive": lies.naive, "websockets": lies.ours, "wsproto": lies.ours, "ours": lies.ours}),
    "states": states,
}

# ---------------------------------------------------------------------------------------------------------- as drawn


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("name", PICTURES)
def test_every_word_has_its_place_on_a_page_and_on_a_phone(name: str, width: int) -> None:
    made = figure(PICTURES[name](), width)
    words = words_of(made)
    size = (width, made.get_figheight() * 72)
    assert [word.text for word in words if word.outside(*size)] == []
    assert collisions(words) == []
    assert min(word.size for word in words) >= 11.5


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_light_and_the_same_in_each_run(name: str) -> None:
    picture = PICTURES[name]()
    assert len(png(picture)) < 60_000
    assert picture == PICTURES[name]()
    assert picture.data() == PICTURES[name]().data()


# ------------------------------------------------------------------------------------------------------------ polling


def test_polling_adds_up_what_its_messages_weigh() -> None:
    polls = polled(seconds=60, news=(17, 41))
    up, down = polls.polled_up // 60, polls.polled_down // 60
    assert (polls.polled_up, polls.polled_down) == (60 * up, 60 * down)
    assert 400 < up < 600  # as a browser's are
    assert polls.news_bytes == 2 + 12
    drawing = polling(polls).drawing
    assert isinstance(drawing, Lines)
    asked, told = (dict(curve.points) for curve in drawing.curves)
    assert asked[0] == up + down
    assert asked[59] == polls.polled_up + polls.polled_down
    steps = [int(time) for time in range(1, 60) if told[time] != told[time - 1]]
    assert steps == [17, 41] == [level.value for level in drawing.levels]
    assert told[17] - told[16] == told[41] - told[40] == 14
    assert told[59] == polls.socket_up + polls.socket_down


def test_what_is_counted_is_what_a_browser_sends() -> None:
    """The recording has a browser's own requests, by the names of their fields and by their size."""
    sent = json.loads(RECORDING.read_text(encoding="utf-8"))["requests"]
    assert [name for name, _ in ASKS.headers] == sent["fetch"]["fields"]
    assert sorted(name for name, _ in opening().headers) == sorted(sent["websocket"]["fields"])
    assert len(ASKS.encode()) == pytest.approx(sent["fetch"]["bytes"], rel=0.05)
    assert polled().socket_up == len(opening().encode()) == pytest.approx(sent["websocket"]["bytes"], rel=0.05)


def test_polling_says_its_sums() -> None:
    polls = polled(seconds=60, news=(17, 41))
    picture = polling(polls)
    assert picture.title == "Sixty questions for two answers"
    for number in (polls.polled_up, polls.polled_down, polls.socket_up, polls.socket_down):
        assert f"{number:,}" in picture.sentence
    assert isinstance(picture.drawing, Lines)
    asked, told = picture.drawing.curves
    assert [remark.text for remark in picture.drawing.remarks] == [f"{c.points[-1][1]:,} bytes" for c in (asked, told)]
    times = (polls.polled_up + polls.polled_down) / (polls.socket_up + polls.socket_down)
    assert f"{times:.0f} times less" in picture.sentence
    assert polling(polled(seconds=30, news=(3,))).title == "30 questions for one answer"


# ------------------------------------------------------------------------------------------------------------- octets


def test_a_frame_is_drawn_as_its_bytes_and_its_text_as_they_are_xored() -> None:
    picture = octets(HELLO)
    assert isinstance(picture.drawing, Panels)
    strip, travels, key, said = (panel.drawing for panel in picture.drawing.panels)
    assert isinstance(strip, Bytes)
    assert strip.octets == HELLO
    assert [(span.stop - span.start) for span in strip.spans] == [1, 1, 4, 5]
    assert [span.value for span in strip.spans][:2] == ["text", "a key, 5"]
    assert [bits.offset for bits in strip.bits] == [0, 1]
    assert isinstance(travels, Bytes)
    assert isinstance(key, Bytes)
    assert isinstance(said, Bytes)
    assert said.octets == b"Hello" == bytes(a ^ b for a, b in zip(travels.octets, key.octets, strict=True))
    assert said.letters
    assert picture.title == "Five letters, eleven bytes"
    for part in ("81", "85", "37 fa 21 3d", "7f 9f 4d 51 58", "48 65 6c 6c 6f", "'Hello'"):
        assert part in picture.sentence


def test_the_fields_of_a_frame_are_listed_with_their_rules() -> None:
    page = bundle(octets(HELLO))[1]["netlab"]
    assert page["fields"].count("<li ") == 4
    assert page["fields"].count("RFC 6455 §5.2") == 2
    for drawing in (page["wide"], page["narrow"]):  # the bytes that a field's row lights up are the frame's alone
        assert [drawing.count(f"data-f='{n}'") for n in range(5)] == [1, 1, 4, 5, 0]


def test_other_frames_are_drawn_as_they_are() -> None:
    server = octets(encode(Frame(PING)), masked=False)
    assert isinstance(server.drawing, Bytes)
    assert (server.title, [span.value for span in server.drawing.spans]) == ("No letters, two bytes", ["ping", "0"])
    long = octets(encode(Frame(BINARY, bytes([200]) * 300), KEY))
    assert long.title == "300 bytes, 308 bytes"
    assert isinstance(long.drawing, Panels)
    strip = long.drawing.panels[0].drawing
    assert isinstance(strip, Bytes)
    assert [span.stop - span.start for span in strip.spans] == [1, 1, 2, 4, 300]
    with pytest.raises(Incomplete):
        octets(HELLO[:-1])
    with pytest.raises(WireError, match="not masked"):
        octets(encode(Frame(TEXT, b"Hello")))


# ------------------------------------------------------------------------------------------------------- conversation


def test_a_conversation_is_labelled_by_its_bytes() -> None:
    trace = recorded()
    picture = conversation(trace)
    drawing = picture.drawing
    assert isinstance(drawing, Conversation)
    told = [(event.src, event.label) for event in trace]
    assert told == [
        ("client", "GET /room, Upgrade"),
        ("server", "101 Switching Protocols"),
        ("client", "text “Hello”"),
        ("server", "text “world”"),
        ("server", "ping “?”"),
        ("client", "pong “?”"),
        ("client", "close 1000 “bye”"),
        ("server", "close 1000"),
        ("server", "FIN: TCP ends"),
        ("client", "FIN"),
    ]
    assert [(m.src, m.label, m.size) for m in drawing.messages] == [(e.src, e.label, len(e.data)) for e in trace]
    assert {m.delay for m in drawing.messages} == {0.02}
    assert all(f"{src} sends {said}" in picture.sentence for src, said in told)
    text = next(event for event in trace if event.label == "text “Hello”")
    assert mask(text.data[6:], text.data[2:6]) == b"Hello"


def test_what_is_said_before_101_leaves_no_note() -> None:
    trace = recorded()
    trace.events = [event for event in trace if not event.label.startswith("101")]
    drawing = conversation(trace).drawing
    assert isinstance(drawing, Conversation)
    assert drawing.notes == []


def test_several_frames_in_one_piece_are_named_one_by_one() -> None:
    both = encode(Frame(PING, b"a")) + encode(Frame(TEXT, "€".encode()))
    assert label(both, masked=False) == "ping “a”, text “€”"


# --------------------------------------------------------------------------------------------------------------- cuts


def test_a_cut_is_drawn_as_both_parsers_met_it() -> None:
    found = trials.cut_everywhere(HELLO)
    picture = cuts(found)
    assert isinstance(picture.drawing, Grid)
    assert picture.title == "Nine of ten cuts are silent"
    assert len(picture.drawing.rows) == 10
    answers = [row[0] for row in picture.drawing.verdicts]
    assert answers == ["crashes", *["“”, used 11"] * 5, *(f"“{'Hello'[:n]}”, used 11" for n in range(1, 5))]
    assert {row[1] for row in picture.drawing.verdicts} == {"waits"}
    assert sorted(picture.drawing.wrong) == [(row, 0) for row in range(1, 10)]
    assert "crashes at 1 of them and gives a wrong answer at 9; ours waits for the rest at 10" in picture.sentence
    assert all(cut.frames == (Frame(TEXT, b"Hello"),) for cut in found)


def test_an_early_answer_of_ours_would_be_seen() -> None:
    found = trials.cut_everywhere(HELLO)
    found[4] = found[4]._replace(early=True)
    drawing = cuts(found).drawing
    assert isinstance(drawing, Grid)
    assert (4, 1) in drawing.wrong
    assert drawing.verdicts[4][1] == "answers early"
    with pytest.raises(ValueError, match="cut nowhere"):
        cuts([])


@given(st.binary(max_size=300), st.booleans())
def test_any_frame_can_be_cut_and_ours_always_waits(payload: bytes, masked: bool) -> None:
    wire = encode(Frame(BINARY, payload), KEY if masked else b"")
    found = trials.cut_everywhere(wire, masked=masked)
    assert [cut.at for cut in found] == list(range(1, len(wire)))
    assert not any(cut.early for cut in found)
    assert {cut.frames for cut in found} == {(Frame(BINARY, payload),)}
    assert [cut.at for cut in found if cut.naive is None] == [1]


@pytest.mark.parametrize("wire", [b"", HELLO[:-1], HELLO + HELLO, HELLO + b"\x81"])
def test_only_one_whole_frame_can_be_cut(wire: bytes) -> None:
    with pytest.raises(ValueError, match="must be one frame"):
        trials.cut_everywhere(wire)


# -------------------------------------------------------------------------------------------------------------- masks


def test_the_cache_is_poisoned_where_the_question_can_be_read() -> None:
    found = runs()
    assert [run.readable for run in found.values()] == [True, True, False, True]
    poison = {"bank.example/app.js": b"alert('!')"}
    assert [run.kept for run in found.values()] == [poison, poison, {}, poison]
    assert all(run.wire.endswith(run.payload) for run in found.values())
    picture = masks(found)
    assert isinstance(picture.drawing, Panels)
    for panel, (name, run) in zip(picture.drawing.panels, found.items(), strict=True):
        assert isinstance(panel.drawing, Bytes)
        assert panel.title == f"{name}: the cache keeps {'bank.example/app.js' if run.kept else 'nothing'}"
        assert panel.drawing.octets == run.payload[:16]
        assert (panel.drawing.hues == {"": LOST}) == bool(run.kept)
        assert panel.drawing.letters
    assert picture.title == "The same question, four masks"
    assert "poisons a cache, with no mask, 00000000 and guessed;" in picture.sentence
    assert "keeps nothing, with a fresh one." in picture.sentence


def test_a_picture_without_a_safe_mask_says_so() -> None:
    assert masks({"no mask": trials.attack(None)}).sentence.endswith("with none of them.")


@given(st.binary(min_size=4, max_size=4))
def test_a_mask_helps_exactly_where_the_page_does_not_know_it(key: bytes) -> None:
    run = trials.attack(key)
    assert run.readable == bool(run.kept) == (key == bytes(4))
    assert run.payload == bytes(octet ^ key[n % 4] for n, octet in enumerate(trials.ASKS))
    guessed = trials.attack(key, guessed=True)
    assert guessed.payload == trials.ASKS
    assert guessed.kept


def test_there_is_nothing_to_guess_without_a_mask() -> None:
    with pytest.raises(ValueError, match="only where there is one"):
        trials.attack(None, guessed=True)


# ----------------------------------------------------------------------------------------------------------- overhead


def test_a_head_grows_where_the_rfc_says() -> None:
    heads = trials.heads(SIZES)
    for size, server, client in heads:
        assert server == (2 if size <= 125 else 4 if size <= 65_535 else 10)
        assert client == server + 4
    picture = overhead(heads)
    assert isinstance(picture.drawing, Lines)
    assert picture.title == "The header grows at 126 and at 65,536"
    assert [level.value for level in picture.drawing.levels] == [126, 65_536]
    client, server = picture.drawing.curves
    assert list(client.points) == [(size, client) for size, _, client in heads]
    assert list(server.points) == [(size, server) for size, server, _ in heads]
    assert sorted(int(remark.text) for remark in picture.drawing.remarks) == [2, 4, 6, 8, 10, 14]
    assert "from 125 to 126 bytes of payload, from 2 and 6 to 4 and 8" in picture.sentence
    assert "with 1 byte of payload the header is 86 %" in picture.sentence
    assert "with 100 bytes 5.7 %" in picture.sentence  # 6 of 106


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_number_stands_over_the_step_that_it_counts(width: int) -> None:
    words = {word.text: word for word in words_of(figure(overhead(trials.heads(SIZES)), width))}
    for upper, lower in (("6", "2"), ("8", "4"), ("14", "10")):  # the client's, the server's
        left, low = (min(corner[axis] for corner in words[upper].corners) for axis in (0, 1))
        assert left == pytest.approx(min(x for x, _ in words[lower].corners), abs=2)
        assert low < min(y for _, y in words[lower].corners)


@pytest.mark.parametrize("sizes", [[], [5], [0, 5]])
def test_a_curve_of_heads_needs_two_payloads(sizes: list[int]) -> None:
    with pytest.raises(ValueError, match="take two sizes or more"):
        overhead(trials.heads(sizes))


# --------------------------------------------------------------------------------------------------------------- lies


def test_the_totals_of_the_lies_are_those_of_their_verdicts() -> None:
    picture = lies_told({"naive": lies.naive, "ours": lies.ours})
    assert isinstance(picture.drawing, Grid)
    assert picture.title == "Thirty lies: who notices?"
    assert "naive refuses 0 at once; ours refuses 30 at once" in picture.sentence
    assert "Of 7 that break none, each is taken by everybody" in picture.sentence
    broken = [lie for lie in lies.LIES if lie.code in (1002, 1007)]
    assert len({lie.kind or lie.says for lie in broken}) == len([row for row, column in picture.drawing.wrong])
    assert {column for _, column in picture.drawing.wrong} == {0}
    ours = dict(zip(picture.drawing.rows, (row[1] for row in picture.drawing.verdicts), strict=True))
    assert ours["RSV bits (3)"] == "1002"
    assert ours["texts that are not UTF-8 (4)"] == "1007"
    assert ours["a € cut in two"] is True
    counted = sum(int(row.rpartition("(")[2][:-1]) if row.endswith(")") else 1 for row in picture.drawing.rows)
    assert counted == len(lies.LIES) == 38


def test_who_is_late_or_refuses_a_truth_is_seen() -> None:
    late = next(lie for lie in lies.LIES if lie.rest)
    truth = next(lie for lie in lies.LIES if lie.code is None and not lie.kind)
    kind = [lie for lie in lies.LIES if lie.kind == "RSV bits"]
    picture = lies_told(
        {
            "late": lambda wire: 1007 if wire == late.wire + late.rest else None,
            "strict": lambda _: 1002,
            "one": one_in(kind[0]),
        },
        [late, truth, *kind],
    )
    assert isinstance(picture.drawing, Grid)
    assert picture.title == "4 lies: who notices?"
    assert picture.drawing.rows == ["ff in a text that goes on", truth.says, "RSV bits (3)"]
    assert list(map(list, picture.drawing.verdicts)) == [
        ["late", "1002", "taken"],
        [True, "1002", True],
        ["taken", "1002", "2 of 3 taken"],
    ]
    assert sorted(picture.drawing.wrong) == [(0, 0), (0, 2), (1, 1), (2, 0), (2, 2)]
    assert "late refuses 0 at once and 1 late; strict refuses 4 at once; one refuses 1 at once" in picture.sentence
    assert "each is taken by some only" in picture.sentence


# ------------------------------------------------------------------------------------------------------------- states


def test_the_states_are_the_table() -> None:
    picture = states()
    assert isinstance(picture.drawing, States)
    drawn = {(step.state, event, step.next) for step in picture.drawing.table for event in step.event.split(" or ")}
    assert drawn <= {(state, event, after) for (state, event), after in MOVES.items()}
    left_out = {(state, event) for (state, event) in MOVES} - {(state, event) for state, event, _ in drawn}
    assert {MOVES[move] for move in left_out} == {CLOSED}
    assert {event for _, event in left_out} == {"TCP ended", "time over"}
    said: dict[tuple[str, str], list[str]] = {(state, after): [] for (state, _), after in MOVES.items()}
    for (state, event), after in MOVES.items():
        said[state, after].append(event)
    for (state, after), events in said.items():
        assert f"In {state}, {' or '.join(events)} leads to {after}." in picture.sentence
    for pair in picture.drawing.hot:
        assert pair in said


# -------------------------------------------------------------------------------------------------- what it is drawn by


def drawn(drawing: Bytes | Grid, width: int = WIDE) -> Figure:
    return figure(Picture("t", drawing, "s", "c"), width)


def test_bytes_have_the_letters_that_can_be_seen_below_them() -> None:
    said = [word.text for word in words_of(drawn(Bytes(b"A ~\x7f\x1f\xe9", [], letters=True)))]
    assert said == ["0000", "41", "A", "20", "7e", "~", "7f", "·", "1f", "·", "e9", "·"]
    plain = [word.text for word in words_of(drawn(Bytes(b"A ~\x7f", [])))]
    assert plain == ["0000", "41", "20", "7e", "7f"]
    low, high = (drawn(Bytes(bytes(20), [], letters=letters)).get_figheight() * 72 for letters in (False, True))
    assert high - low == pytest.approx(2 * 16)  # a row's cells grow by what stands in them
    left_out = [word.text for word in words_of(drawn(Bytes(bytes(40), [], letters=True)))]
    assert "···" in left_out


def test_the_rows_of_a_long_grid_stand_closer() -> None:
    def high(rows: int, name: str = "row", width: int = WIDE) -> float:
        grid = Grid([f"{name} {n}" for n in range(rows)], ["column"], [[True]] * rows)
        return drawn(grid, width).get_figheight() * 72

    assert high(16) - high(15) == pytest.approx(36)
    assert high(18) - high(17) == pytest.approx(23)
    long = "a row with a long name"
    assert high(18, long, NARROW) - high(17, long, NARROW) > 30  # a name of two lines takes two
