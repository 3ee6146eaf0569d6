"""Pictures as values: what they say, what becomes of them as data, and a sentence for each that cannot be seen."""

import json
import re
from collections.abc import Callable
from ipaddress import IPv4Address
from math import inf, nan
from typing import Any

import pytest

from netlab.picture import (
    Area,
    Axis,
    Bar,
    Bars,
    Bits,
    Bracket,
    Bytes,
    Conversation,
    Curve,
    Field,
    Grid,
    Header,
    Host,
    Level,
    Lines,
    Link,
    Message,
    Note,
    Panel,
    Panels,
    Phase,
    Picture,
    Remark,
    Spread,
    Spreads,
    States,
    Step,
    Stretch,
    Timeline,
    Topology,
)
from netlab.wire import Span
from tests.gallery import pictures

CURVES = [Curve("it", [(1, 1), (2, 2)])]
X, Y = Axis("x"), Axis("y")
HELLO = [Message(0, "a", "b", "hello")]
TWO = [Host("a", (0, 0)), Host("b", (1, 0))]
TABLE = [Step("off", "press", "on")]


def a_picture(**changed: Any) -> Picture:
    """Return a picture that is in order but for what is ``changed``."""
    words = {"title": "It", "drawing": Lines(CURVES, X, Y), "sentence": "It rises.", "caption": "Look."}
    return Picture(**(words | changed))


REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: a_picture(title=" "), "a picture needs a title"),
    (lambda: a_picture(sentence=""), "a picture needs a sentence"),
    (lambda: a_picture(caption=""), "a picture needs a caption"),
    (lambda: a_picture(height=0), "a picture cannot be 0 px high"),
    (lambda: Panels([]), "panels need at least one panel"),
    (lambda: Panels([Panel("it", Lines(CURVES, X, Y), 0)]), "the panel 'it' needs a share of the height above 0"),
    (lambda: Lines([], X, Y), "needs at least one point"),
    (lambda: Lines([Curve("it", [])], X, Y), "needs at least one point"),
    (lambda: Lines(CURVES, Axis("x", "", 2, 1), Y), "the axis 'x' cannot go from 2 to 1"),
    (lambda: Lines(CURVES, Axis("x", "", 0, 1, log=True), Y), "the axis 'x' cannot go from 0 to 1"),
    (lambda: Lines(CURVES, Axis("x", low=2, high=2), Y), "the axis 'x' cannot go from 2 to 2"),
    (lambda: Lines(CURVES, X, Axis("y", high=inf)), "the axis 'y' cannot go from None to inf"),
    (lambda: Lines(CURVES, X, Axis("y", low=0, log=True)), "the axis 'y' cannot go from 0 to None"),
    (lambda: Bars([Bar("it", 1)], Axis("x", high=-1)), "the axis 'x' cannot go from 0 to -1"),
    (lambda: Spreads([Spread("it", 1, 2, 3)], Axis("x", low=0)), "the axis 'x' cannot go from 0 to None"),
    (lambda: Timeline([Stretch("it", 0, 1)], Axis("time", low=1, high=0)), "cannot go from 1 to 0"),
    (lambda: Timeline([Stretch("it", 0, inf)]), "or never"),
    (lambda: Phase([(1, 1)], inf, "packets"), "not without end"),
    (lambda: Conversation([Message(0, "a", "b", "", delay=inf)]), "a delay above 0"),
    (lambda: Conversation(HELLO, notes=[Note(inf, "a", "")]), "at some time"),
    (lambda: Topology([TWO[0], Host("b", (0, 0))], []), "stand in one place"),
    (lambda: Lines([Curve("it", [(1, 1)], mark="stars")], X, Y), "'stars' is no mark for a curve"),  # type: ignore[arg-type]
    (lambda: Lines([Curve("it", [(nan, 1)])], X, Y), "(nan, 1) of 'it' has no place"),
    (lambda: Lines([Curve("it", [(0, 1)])], Axis("x", log=True), Y), "(0, 1) of 'it' has no place"),
    (lambda: Lines(CURVES, X, Y, crosses=[(inf, 1)]), "(inf, 1) of 'what was lost' has no place"),
    (lambda: Lines(CURVES, X, Y, remarks=[Remark(nan, 1, "here")]), "(nan, 1) of 'here' has no place"),
    (lambda: Lines(CURVES, X, Axis("y", log=True), [Level(0, "floor")]), "the level 'floor' at 0 has no place"),
    (lambda: Lines(CURVES, X, Y, [Level(inf, "wall", "x")]), "the level 'wall' at inf has no place"),
    (lambda: Lines(CURVES, X, Y, areas=[Area(nan, 1)]), "its edges are numbers"),
    (lambda: Bars([], X), "bars start at zero and need at least one number"),
    (lambda: Bars([Bar("it", -1)], X), "none of them negative"),
    (lambda: Bars([Bar("it", 1)], Axis("x", log=True)), "take Spreads, or dots"),
    (lambda: Spreads([], X), "0 < fastest <= median"),
    (lambda: Spreads([Spread("it", 2, 1, 3)], X), "0 < fastest <= median"),
    (lambda: Phase([], 64, "packets"), "at least one point and a capacity above 0"),
    (lambda: Phase([(1, 1)], 0, "packets"), "a capacity above 0"),
    (lambda: Phase([(-1, 1)], 64, "packets"), "no flow's share is negative"),
    (lambda: Phase([(1, 1)], 64, "packets", remarks=[Remark(nan, 1, "x")]), "each remark is somewhere"),
    (lambda: Conversation([]), "a sequence needs a message"),
    (lambda: Conversation([Message(0, "a", "a", "to myself")]), "each one two hosts"),
    (lambda: Conversation([Message(0, "a", "b", "at once", delay=0)]), "a delay above 0"),
    (lambda: Conversation([Message(nan, "a", "b", "when?")]), "everything happens at some time"),
    (lambda: Conversation(HELLO, [Bracket(0, inf, "for ever")]), "everything happens at some time"),
    (lambda: Conversation(HELLO, notes=[Note(0, "c", "who?")]), "'c' neither sends nor receives"),
    (
        lambda: Conversation([Message(0, "a", "b", "x", 2, data=b"abc")]),
        "of the 2 bytes of 'x' a picture keeps 2, not 3",
    ),
    (lambda: Conversation([Message(0, "a", "b", "x", 99, data=bytes(65))]), "a picture keeps 64, not 65"),
    (lambda: Conversation(HELLO, capture=bytes(30_001)), "capture has at most 30,000 bytes, not 30,001"),
    (lambda: States([]), "at least one step"),
    (lambda: States(TABLE, {"off": (0, 0)}), "the state 'on' has no place in ``at``"),
    (lambda: States(TABLE, {"off": (0, 0), "on": (0, 0)}), "two of the same diagram stand in one place"),
    (lambda: States(TABLE, {"off": (-1, 0), "on": (0, 0)}), "'off' at (-1, 0) is not on the grid"),
    (lambda: States(TABLE, hot=[("on", "off")]), "no step leads from 'on' to 'off'"),
    (lambda: Grid(["row"], ["column"], []), "1 rows of 1 columns need as many verdicts"),
    (lambda: Grid(["row"], [], [[]]), "1 rows of 0 columns"),
    (lambda: Grid(["row"], ["column"], [[True]], [(1, 0)]), "there is no cell (1, 0) to fill"),
    (lambda: Timeline([]), "at least one stretch"),
    (lambda: Timeline([Stretch("row", 2, 1)]), "none may end before it starts"),
    (lambda: Timeline([Stretch("row", 1, 2)], marks=[(nan, "T1")]), "a mark of a timeline is at some time"),
    (lambda: Topology([], []), "at least one host"),
    (lambda: Topology([*TWO, Host("a", (2, 0))], []), "each host has a name of its own"),
    (lambda: Topology(TWO, [Link("a", "a")]), "from 'a' to itself goes nowhere"),
    (lambda: Topology(TWO, [Link("a", "c")]), "there is no host 'c' in this topology"),
    (lambda: Topology(TWO, [], {"zone": ["d"]}), "there is no host 'd' in this topology"),
    (lambda: Bytes(b"", []), "at least one byte"),
    (lambda: Bytes(b"ab", [Span(1, 3, "field", 0)]), "'field' is not within the 2 bytes"),
    (lambda: Bytes(b"ab", [], [Bits(2, [("all", 8)])]), "the bits at byte 2"),
    (lambda: Bytes(b"ab", [], [Bits(0, [("some", 7)])]), "are not the 8 of one of the 2 bytes"),
    (lambda: Header([]), "at least one field"),
    (lambda: Header([Field("none", 0)]), "each field at least one bit"),
]


@pytest.mark.parametrize(("make", "says"), REFUSED, ids=[f"{n}: {says}" for n, (_, says) in enumerate(REFUSED)])
def test_what_cannot_be_seen_is_refused_with_a_sentence(make: Callable[[], object], says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        make()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: a_picture(title=7), "a picture's title is text, not a int"),
        (lambda: a_picture(badge=None), "a picture's badge is text, not a NoneType"),
        (lambda: a_picture(drawing="a cat"), "a picture's drawing is one of Lines, Bars"),
        (lambda: Panels([Panel("it", "a cat")]), "a panel holds one of Lines, Bars"),  # type: ignore[arg-type]
    ],
)
def test_what_is_of_another_kind_is_a_type_error(make: Callable[[], object], says: str) -> None:
    with pytest.raises(TypeError, match=re.escape(says)):
        make()


def test_a_picture_is_what_it_says_and_equals_its_like() -> None:
    assert repr(a_picture()) == "It. It rises."
    assert a_picture() == a_picture()
    assert a_picture() != a_picture(drawing=Lines(CURVES, X, Y, crosses=[(1, 1)]))
    with pytest.raises(AttributeError):
        a_picture().title = "Another"  # type: ignore[misc]


@pytest.mark.parametrize("name", pictures())
def test_a_picture_is_data_that_json_takes_and_that_says_all(name: str) -> None:
    picture = pictures()[name]
    data = json.loads(json.dumps(picture.data()))
    assert data["kind"] == "picture"
    assert data["drawing"]["kind"] == type(picture.drawing).__name__.lower()
    assert {field for field in data if field != "kind"} == {
        "title", "drawing", "sentence", "caption", "note", "badge", "height"
    }  # fmt: skip


def test_bytes_are_hex_and_points_stay_lists() -> None:
    data = a_picture(drawing=Bytes(b"\x01\xff", [])).data()
    assert data["drawing"]["octets"] == "01ff"
    assert a_picture().data()["drawing"]["curves"][0]["points"] == [[1, 1], [2, 2]]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (b"\x01", {"hex": "01"}), (bytearray(b"\x01"), {"hex": "01"}), (b"", {"hex": ""}), ("01", "01"), ("", ""),
        (1, "1"), (2**64 - 1, "18446744073709551615"), (True, "True"), (None, ""),
        (IPv4Address("192.0.2.1"), "192.0.2.1"),
    ],
)  # fmt: skip
def test_what_a_span_read_is_bytes_or_text(value: object, said: object) -> None:
    drawing = Bytes(b"\x01\xff", [Span(0, 2, "field", value)])
    data = json.loads(json.dumps(a_picture(drawing=drawing).data()))
    assert data["drawing"]["spans"] == [{"start": 0, "stop": 2, "name": "field", "value": said}]


def test_what_is_always_bytes_is_hex() -> None:
    message = Message(0, "a", "b", "hello", 3, data=b"\x0a\xff")
    data = a_picture(drawing=Conversation([message], capture=b"\xa1")).data()["drawing"]
    assert (data["messages"][0]["data"], data["capture"]) == ("0aff", "a1")
