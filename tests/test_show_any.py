"""Whatever is valid can be drawn: at both widths, into somebody's axes, and as XML. Odd values are looked for."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import Phase as Stage
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from netlab import show
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
    Hue,
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
from netlab.show.hexview import fields
from netlab.show.page import figure as page_figure
from netlab.show.paint import bundle, figure, svg
from netlab.show.style import NARROW, WIDE
from netlab.wire import Span
from tests.drawn import words_of

# what fails is told as it was found: to shrink or explain it, a picture would be drawn for many minutes
FEW: Any = {"max_examples": 15, "phases": [Stage.generate]}
letters = st.text("aBc é<&>'\"$\\_%{}\n\t\x00\x1b\x7f\ud800", max_size=24)
names = st.text("abcdefgh ijk", min_size=1, max_size=18).map(str.strip).filter(bool)
numbers = st.floats(-1e12, 1e12) | st.integers(-5, 5) | st.sampled_from([0.0, 1e-12, 1e9])
above = st.floats(1e-9, 1e12)
hues = st.sampled_from(Hue)
points = st.lists(st.tuples(numbers, numbers), max_size=12)
spot = st.tuples(st.floats(-60, 60), st.floats(-60, 60))
sides = st.sampled_from(["x", "y"])
marks = st.sampled_from(["line", "dashed", "steps", "dots", "rings"])
at = st.tuples(st.integers(0, 3), st.integers(0, 2))


def axes(values: st.SearchStrategy[float], log: bool = False) -> st.SearchStrategy[Axis]:
    """Axes that end where they say, or don't say; what is drawn may lie beyond."""
    ends = st.tuples(st.none() | values, st.none() | values).filter(lambda e: None in e or e[0] < e[1])  # type: ignore[operator]
    return st.builds(lambda label, unit, ends: Axis(label, unit, *ends, log), letters, letters, ends)


axis = axes(numbers)
lines = st.builds(
    lambda curves, *rest: Lines([Curve("one", [(0, 1)]), *curves], *rest),
    st.lists(st.builds(Curve, letters, points, hues, marks), max_size=4),
    axis, axis,
    st.lists(st.builds(Level, numbers, letters, sides), max_size=3),
    st.lists(st.builds(Area, numbers, numbers | st.just(float("inf")), letters, hues, sides), max_size=3),
    points,
    st.lists(st.builds(Remark, numbers, numbers, letters, spot, st.none() | hues), max_size=3),
)  # fmt: skip
logged = st.builds(
    lambda xs, *axes: Lines([Curve("it", xs)], *axes),
    st.lists(st.tuples(above, above), min_size=1, max_size=6), axes(above, log=True), axes(above, log=True),
)  # fmt: skip
bars = st.builds(
    Bars, st.lists(st.builds(Bar, letters, st.floats(0, 1e12), letters, hues), min_size=1, max_size=6), axes(above)
)
spread = st.builds(lambda name, xs, hue: Spread(name, *sorted(xs), hue), letters, st.tuples(above, above, above), hues)
spreads = st.builds(Spreads, st.lists(spread, min_size=1, max_size=4), axes(above))
shares = st.tuples(st.floats(0, 1e6), st.floats(0, 1e6))
phase = st.builds(Phase, st.lists(shares, min_size=1, max_size=9), above, letters, st.tuples(letters, letters))


@st.composite
def octets(draw: st.DrawFn) -> Bytes:
    """Bytes whose spans may overlap, be empty, leave gaps, and repeat."""
    data = draw(st.binary(min_size=1, max_size=70))
    edges = st.integers(0, len(data))
    values = letters | st.integers() | st.binary(max_size=4)
    span = st.builds(lambda a, b, *rest: Span(min(a, b), max(a, b), *rest), edges, edges, letters, values)
    opened = [Bits(draw(st.integers(0, len(data) - 1)), [("a", 1), ("b", 7)])] if draw(st.booleans()) else []
    return Bytes(data, draw(st.lists(span, max_size=9)), opened, elide=draw(st.integers(0, 30)),
                 letters=draw(st.booleans()))  # fmt: skip


header = st.builds(
    Header, st.lists(st.builds(Field, letters, st.integers(1, 70), letters, hues), min_size=1, max_size=8)
)
hosts = st.sampled_from(["client", "cache", "a server with a long name"])
message = st.builds(Message, st.floats(0, 9), hosts, hosts, letters, st.integers(0, 9999), st.booleans(),
                    st.floats(1e-6, 5), st.none() | hues, st.binary(max_size=64),
).map(lambda m: m._replace(data=m.data[: m.size])).filter(lambda m: m.src != m.dst)  # fmt: skip
conversation = st.builds(
    lambda ms, brackets, notes: Conversation(ms, brackets, [n for n in notes if n.host in {m.src for m in ms}]),
    st.lists(message, min_size=1, max_size=9),
    st.lists(st.builds(Bracket, st.floats(0, 9), st.floats(0, 9), letters), max_size=2),
    st.lists(st.builds(Note, st.floats(0, 9), hosts, letters), max_size=4),
)
states = st.builds(States, st.lists(st.builds(Step, names, letters, names), min_size=1, max_size=8), hue=hues)
verdict = st.none() | st.booleans() | letters
grid = st.builds(lambda row, n: Grid([f"row {k}" for k in range(n)], ["column"] * len(row), [row] * n, [(0, 0)]),
                 st.lists(verdict, min_size=1, max_size=7), st.integers(1, 5) | st.just(20))  # fmt: skip
stretch = st.builds(
    lambda row, a, b, *rest: Stretch(row, min(a, b), max(a, b), *rest), letters, numbers, numbers, letters, hues
)
timeline = st.builds(Timeline, st.lists(stretch, min_size=1, max_size=6),
                     marks=st.lists(st.tuples(numbers, letters), max_size=3))  # fmt: skip


@st.composite
def topology(draw: st.DrawFn) -> Topology:
    """Hosts on a grid, in any order, and links between them, over others even."""
    places, kinds = draw(st.lists(at, min_size=1, max_size=5, unique=True)), st.sampled_from(["host", "router"])
    boxes = [Host(f"host {n}", place, draw(kinds), draw(letters), draw(hues)) for n, place in enumerate(places)]  # type: ignore[arg-type]
    some = st.sampled_from([host.name for host in boxes])
    links = st.builds(Link, some, some, letters, st.tuples(letters, letters), hues).filter(
        lambda link: link.a != link.b
    )
    return Topology(boxes, draw(st.lists(links, max_size=5)) if len(boxes) > 1 else [], {"a zone": [draw(some)]})


single = {
    "lines": lines, "logged": logged, "bars": bars, "spreads": spreads, "phase": phase, "octets": octets(),
    "header": header, "conversation": conversation, "states": states, "grid": grid, "timeline": timeline,
    "topology": topology(),
}  # fmt: skip
panel = st.builds(Panel, letters, st.one_of(*single.values()), st.floats(0.1, 5))
KINDS: dict[str, st.SearchStrategy[Any]] = single | {
    "panels": st.builds(Panels, st.lists(panel, min_size=1, max_size=3), st.booleans())
}


def drawn_wide(picture: Picture) -> None:
    assert ET.fromstring(svg(picture, WIDE)).get("viewBox", "").split()[2] == str(WIDE)


def drawn_for_a_phone(picture: Picture) -> None:
    assert ET.fromstring(svg(picture, NARROW)).get("viewBox", "").split()[2] == str(NARROW)


def drawn_with_its_title(picture: Picture) -> None:
    words_of(figure(picture, titled=True))


def drawn_into_other_axes(picture: Picture) -> None:
    foreign = Figure(figsize=(5, 4))
    show.draw(picture, foreign.add_subplot())
    words_of(foreign)


def stored_in_a_notebook(picture: Picture) -> None:
    _, metadata = bundle(picture)
    ET.fromstring(page_figure(metadata["netlab"], "fig-1") + "</figure>")


WAYS = [drawn_wide, drawn_for_a_phone, drawn_with_its_title, drawn_into_other_axes, stored_in_a_notebook]


@pytest.mark.filterwarnings("error")  # a warning would fail the book's build
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_valid_can_be_drawn(kind: str) -> None:
    @settings(**FEW)
    @given(KINDS[kind], st.sampled_from(WAYS))
    def drawn(drawing: Any, way: Callable[[Picture], None]) -> None:
        way(Picture("A title", drawing, "A sentence.", "A caption."))

    drawn()


# ------------------------------------------------------------------------------------------------------------ odd words


def test_characters_that_no_font_has_are_written_as_python_writes_them() -> None:
    odd, said = "GET\r\x00\ud800\uffff", r"GET\r\x00\ud800\uffff"
    drawings = [
        Bytes(bytes(40), [Span(0, 40, "line", odd)]),
        Lines([Curve("it", [(1, 1)])], Axis("x", odd), Axis("y")),
        Bars([Bar(odd, 1)], Axis("x")),
    ]
    for drawing in drawings:
        picture = Picture("A title", drawing, f"A sentence, {odd}.", "A caption.")
        made = [figure(picture), show.draw(picture, Figure(figsize=(9, 4)).add_subplot()).figure]
        assert [said in " ".join(word.text for word in words_of(one)) for one in made] == [True, True]
        drawn = ET.fromstring(svg(picture, WIDE))
        assert drawn.get("aria-label") == f"A sentence, {said}."
        assert said in " ".join(drawn.itertext())
    assert said in fields(Bytes(bytes(2), [Span(0, 1, "line", odd)]))


def test_what_lies_beyond_an_axis_is_cut_off_or_stands_at_its_edge() -> None:
    far = [(0.5, 0.5), (90, 90)]
    drawing = Lines(
        [Curve("it", [(0, 0), (1, 1)])], Axis("x", low=0, high=1), Axis("y", low=0, high=1),
        [Level(50, "far level")], [Area(50, 60, "far area")], far, [Remark(-1e9, 1e9, "far remark")],
    )  # fmt: skip
    timeline = Timeline([Stretch("row", -900, 900, "long")], Axis("time", low=0, high=1), [(50, "far mark")])
    for one, kept in ((drawing, {"it", "far remark"}), (timeline, {"row", "long"})):
        for width in (WIDE, NARROW):
            made = figure(Picture("A title", one, "A sentence.", "A caption."), width)
            words = words_of(made)
            assert {word.text for word in words if word.text[0].isalpha()} >= kept
            assert not [word for word in words if "far" in word.text and word.text not in kept]
            assert [word.text for word in words if word.outside(width, made.get_figheight() * 72)] == []
            drawn = [*made.axes[0].patches, *(line for line in made.axes[0].lines if line.get_marker() == "x")]
            assert all(mark.get_clip_on() for mark in drawn)
