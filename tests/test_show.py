"""Pictures as they are drawn: every word legible and apart from the others, every mark where its record says."""

import re
from itertools import pairwise
from math import isclose
from typing import NamedTuple

import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from netlab.picture import (
    KERNEL,
    LOST,
    Area,
    Axis,
    Bar,
    Bars,
    Conversation,
    Curve,
    Level,
    Lines,
    Message,
    Panel,
    Panels,
    Phase,
    Picture,
    Remark,
)
from netlab.show.axes import tick_labels
from netlab.show.paint import figure
from netlab.show.style import INKS, NARROW, WIDE
from tests.drawn import Word, collisions, words_of
from tests.gallery import pictures

GALLERY = pictures()
WIDTHS = [WIDE, NARROW]


def picture(drawing: object, **more: object) -> Picture:
    return Picture("It is drawn", drawing, "A small example.", "Look.", **more)  # type: ignore[arg-type]


def curve(points: list[tuple[float, float]], **more: object) -> Lines:
    return Lines([Curve("it", points)], Axis("time", "s"), Axis("window", "packets"), **more)  # type: ignore[arg-type]


def axes(drawing: object, width: float = WIDE) -> Axes:
    return figure(picture(drawing), width).axes[0]


# --------------------------------------------------------------------------------------------------------------- words


class Drawn(NamedTuple):
    """A picture's words, and the px of its canvas."""

    words: list[Word]
    size: tuple[float, float]


@pytest.fixture(scope="module", params=[(n, w) for n in GALLERY for w in WIDTHS], ids=lambda p: f"{p[0]}-{p[1]}")
def drawn(request: pytest.FixtureRequest) -> Drawn:
    """Draw each picture of the gallery, for a page and for a phone."""
    name, width = request.param
    made = figure(GALLERY[name], width)
    return Drawn(words_of(made), (width, made.get_figheight() * 72))


def test_every_word_is_large_enough_to_read(drawn: Drawn) -> None:
    assert min(word.size for word in drawn.words) >= 11.5  # 344 px of picture on 328 px of phone leave 10.9


def test_no_word_leaves_the_picture(drawn: Drawn) -> None:
    assert [word.text for word in drawn.words if word.outside(*drawn.size)] == []


def test_no_two_words_overlap(drawn: Drawn) -> None:
    assert collisions(drawn.words) == []


@pytest.mark.parametrize("name", GALLERY)
def test_the_titled_picture_of_the_notebook_keeps_its_words_apart_too(name: str) -> None:
    made = figure(GALLERY[name], titled=True)
    words = words_of(made)
    assert GALLERY[name].title in " ".join(word.text for word in words)
    assert collisions(words) == []


def test_the_words_are_those_of_the_records() -> None:
    said = {name: " ".join(word.text for word in words_of(figure(GALLERY[name], NARROW))) for name in GALLERY}
    for name, texts in {
        "lines": ["congestion window, packets", "pipe full", "half", "6 s"],
        "frame": ["masking key", "37fa213d", "7f 9f", "opcode"],
        "syn": ["sequence number", "761989708"],
        "letters": ["48 H 54 T 54 T 50 P", "0d · 0a ·"],
        "lost": ["SYN again", "lost", "1 s of silence", "SYN-RECEIVED"],
        "lease": ["REBINDING", "send DISCOVER"],
        "grid": ["Internet", "CRC-32"],
        "timeline": ["T1", "expiry", "asks all"],
        "home": ["private: 10.0.0.0/24", "203.0.113.1"],
        "spreads": ["median 6.26", "1 in 100 is slower"],
        "bars": ["1 byte", "20"],
    }.items():
        for text in texts:
            assert text in said[name], f"{text!r} is not in {name}: {said[name]}"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("count", [2, 5, 9])
def test_names_at_the_right_end_make_room_for_each_other(count: int, width: int) -> None:
    curves = [Curve(f"name {n}", [(0, 0), (1, 1 + n / 100)]) for n in range(count)]
    levels = [Level(1.02, "a level between them")]
    words = words_of(figure(picture(Lines(curves, Axis("time", "s"), Axis("share"), levels)), width))
    assert {f"name {n}" for n in range(count)} <= {word.text for word in words}
    assert collisions(words) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_a_remark_that_would_leave_the_axes_or_hide_another_moves(width: int) -> None:
    points = [(float(n), float(n % 7)) for n in range(50)]
    remarks = [Remark(49, 6, "far at the right", (20, 20)), Remark(48, 6, "nearly there", (20, 20)),
               Remark(0, 0, "left", (-20, -20))]  # fmt: skip
    made = figure(picture(curve(points, remarks=remarks)), width)
    words = words_of(made)
    assert collisions(words) == []
    assert [word.text for word in words if word.outside(*(made.get_size_inches() * 72))] == []


# ---------------------------------------------------------------------------------------------------------------- data


def lines_of(ax: Axes, name: str) -> list[tuple[float, float]]:
    (line,) = (line for line in ax.get_lines() if line.get_label() == name)
    return [(float(x), float(y)) for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)]


@pytest.mark.parametrize("mark", ["line", "dashed", "steps", "dots", "rings"])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_curve_is_drawn_where_its_points_are(mark: str, width: int) -> None:
    points = [(n / 100, (n * 37 % 50) / 3) for n in range(1000)]
    drawing = Lines([Curve("it", points, KERNEL, mark)], Axis("time", "s"), Axis("y"))  # type: ignore[arg-type]
    ax = axes(drawing, width)
    assert lines_of(ax, "it") == points
    (line,) = (line for line in ax.get_lines() if line.get_label() == "it")
    assert line.get_color() == INKS[KERNEL].line
    assert (line.get_marker() == "o") == (mark in ("dots", "rings"))
    assert (line.get_drawstyle() == "steps-post") == (mark == "steps")


def test_each_loss_is_one_cross() -> None:
    ax = axes(GALLERY["lines"].drawing)
    crosses = [line for line in ax.get_lines() if line.get_marker() == "x"]
    drawing = GALLERY["lines"].drawing
    assert isinstance(drawing, Lines)
    assert [len(line.get_xdata()) for line in crosses] == [len(drawing.crosses)]
    assert lines_of(ax, "lost") == list(drawing.crosses)


def test_levels_and_areas_stand_at_their_values() -> None:
    drawing = curve([(0, 0), (10, 10)], levels=[Level(5, "y"), Level(3, "x", "x")],
                    areas=[Area(2, 4, "both"), Area(8, float("inf"), "open", LOST, "y")])  # fmt: skip
    ax = axes(drawing)
    dashed = [line for line in ax.get_lines() if line.is_dashed()]
    assert [line.get_ydata()[0] for line in dashed if line.get_ydata()[0] == line.get_ydata()[1]] == [5]
    assert [line.get_xdata()[0] for line in dashed if line.get_xdata()[0] == line.get_xdata()[1]] == [3]
    spans = [patch.get_path().get_extents(patch.get_patch_transform()) for patch in ax.patches]
    assert (spans[0].x0, spans[0].x1) == (2, 4)
    assert spans[1].y0 == 8
    assert isclose(spans[1].y1, ax.get_ylim()[1])  # as far as the axis goes, not to infinity


def test_an_axis_goes_where_it_says_and_else_as_far_as_the_data() -> None:
    ax = axes(Lines([Curve("", [(3, 50), (9, 60)])], Axis("time", "s", low=0, high=12), Axis("y")))
    assert ax.get_xlim() == (0, 12)
    assert 45 < ax.get_ylim()[0] < 50
    assert 60 < ax.get_ylim()[1] < 62
    assert axes(curve([(3, 1), (9, 60)])).get_ylim()[0] == 0  # what comes near to zero shows zero
    flat = axes(curve([(0, 5)]))
    assert flat.get_xlim()[0] < flat.get_xlim()[1]
    assert flat.get_ylim()[0] < 5 < flat.get_ylim()[1]


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [
        (0, 8, "0 2 4 6 8_s"),
        (0, 0.3, "0 0.1 0.2 0.3_s"),
        (0, 84, "0 20 40 60 80_s"),
        (-5, 5, "−4 −2 0 2 4_s"),
        (0, 1e12, "0 500_000_000_000 1_000_000_000_000_s"),
        (1e-12, 1e14, "0 100_000_000_000_000_s"),  # powers of ten, were it not for zero
        (1e6, 3e6, "1_000_000 2_000_000 3_000_000_s"),  # as many as fit beside each other
    ],
)
def test_ticks_are_round_few_and_say_the_unit_once(low: float, high: float, says: str) -> None:
    made = figure(picture(Lines([Curve("", [(low, 1), (high, 2)])], Axis("time", "s"), Axis("y"))), NARROW)
    labels = [re.sub("[ \u202f]", "_", label) for label in tick_labels(made.axes[0].xaxis)]
    assert " ".join(labels) == says
    assert collisions(words_of(made)) == []


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [
        (1e-4, 1e-2, ["10⁻⁴", "10⁻³", "10⁻²"]),
        (1, 1000, ["1", "10", "100", "1\u202f000"]),
        (10, 90, ["10", "20", "50", "100"]),
        (2, 6, ["2", "3", "4", "6"]),
        (1e-9, 1e9, ["10⁻⁸", "10⁻⁴", "1", "10⁴", "10⁸"]),
    ],
)
def test_log_axes_have_round_ticks_too(low: float, high: float, says: list[str]) -> None:
    ax = axes(Lines([Curve("", [(1, low), (2, high)])], Axis("x"), Axis("y", log=True)))
    assert [label.replace("10⁰", "1") for label in tick_labels(ax.yaxis)] == says


def test_bars_are_as_long_as_their_numbers_and_begin_at_zero() -> None:
    for width in WIDTHS:
        ax = axes(GALLERY["bars"].drawing, width)
        assert [patch.get_width() for patch in ax.patches] == [1, 20, 20, 18]
        assert {patch.get_x() for patch in ax.patches} == {0}
        assert [patch.get_y() for patch in ax.patches] == sorted((p.get_y() for p in ax.patches), reverse=True)
    names = [text.text for text in words_of(figure(picture(Bars([Bar("a", 2.5)], Axis("", "s")))))]
    assert "2.5" in names


def test_spreads_have_their_dot_at_the_median() -> None:
    ax = axes(GALLERY["spreads"].drawing)
    dots = [float(line.get_xdata()[0]) for line in ax.get_lines() if line.get_marker() == "o"]
    assert dots == [row.p50 for row in GALLERY["spreads"].drawing.rows]  # type: ignore[union-attr]
    assert ax.get_xscale() == "log"


def test_a_phase_plot_moves_from_its_ring_to_its_dot_on_equal_axes() -> None:
    drawing = GALLERY["phase"].drawing
    assert isinstance(drawing, Phase)
    for width in WIDTHS:
        ax = axes(drawing, width)
        assert lines_of(ax, "path") == list(drawing.points)
        box = ax.get_window_extent()
        assert isclose(box.width, box.height, abs_tol=0.5)
        assert ax.get_xlim() == ax.get_ylim()


def test_a_timeline_has_its_bars_from_start_to_stop() -> None:
    drawing = GALLERY["timeline"].drawing
    ax = axes(drawing)
    bars = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in ax.patches]
    assert bars == [(s.start, s.stop) for s in drawing.stretches]  # type: ignore[union-attr]


def test_stacked_panels_share_their_clock_and_their_edges() -> None:
    for width in WIDTHS:
        top, low = figure(GALLERY["stacked"], width).axes
        assert top.get_xlim() == low.get_xlim()
        assert (top.get_position().x0, top.get_position().x1) == (low.get_position().x0, low.get_position().x1)
        assert top.get_position().y0 > low.get_position().y1
        assert isclose(top.get_position().height / low.get_position().height, 2.6, rel_tol=0.01)


def test_panels_side_by_side_share_their_axes_and_stand_one_above_the_other_on_a_phone() -> None:
    left, right = figure(GALLERY["beside"], WIDE).axes
    assert left.get_ylim() == right.get_ylim()
    assert left.get_position().x1 < right.get_position().x0
    assert isclose(left.get_position().width, right.get_position().width, abs_tol=1e-6)
    first, second = figure(GALLERY["beside"], NARROW).axes
    assert first.get_position().x0 == second.get_position().x0
    assert first.get_position().y0 > second.get_position().y1
    assert first.get_ylim() == second.get_ylim()


def test_panels_of_different_things_keep_their_own_axes_and_diagrams_their_heights() -> None:
    other = Lines([Curve("", [(0, 900.0), (1, 1000)])], Axis("time", "s"), Axis("wait", "ms"))
    panels = Panels([Panel("window", curve([(0, 1), (1, 2)])), Panel("wait", other)])
    left, right = figure(picture(panels)).axes
    assert left.get_ylim() != right.get_ylim()
    diagram = GALLERY["lease"].drawing
    both = figure(picture(Panels([Panel("a", diagram), Panel("b", diagram)])), NARROW)  # type: ignore[arg-type]
    assert collisions(words_of(both)) == []


def test_messages_slant_downwards_in_the_order_of_their_times() -> None:
    drawing = GALLERY["proxy"].drawing
    ax = axes(drawing)
    arrows = [patch for patch in ax.patches if type(patch).__name__ == "FancyArrowPatch"]
    heights = [patch._posA_posB for patch in arrows]
    assert len(heights) == len(drawing.messages)  # type: ignore[union-attr]
    assert all(start[1] < end[1] for start, end in heights)
    assert all(before[0][1] <= after[0][1] for before, after in pairwise(heights))


def test_a_lost_message_has_a_cross_and_no_arrow() -> None:
    ax = axes(GALLERY["lost"].drawing)
    assert len([line for line in ax.get_lines() if line.get_marker() == "x"]) == 1
    assert len([patch for patch in ax.patches if type(patch).__name__ == "FancyArrowPatch"]) == 3


def test_a_burst_fans_out_and_a_message_on_its_way_is_no_silence() -> None:
    burst = [Message(0, "a", "b", f"{n}", delay=0.01) for n in range(5)] + [Message(9, "b", "a", "slow", delay=4)]
    words = [word.text for word in words_of(figure(picture(Conversation(burst))))]
    assert "8.99 s of silence" in words
    assert "4 s on the way" in words
    assert [word for word in words if word in set("01234")] == list("01234")


def test_a_note_stands_where_an_arrow_arrives_rather_than_where_one_leaves() -> None:
    for width in WIDTHS:
        made = figure(GALLERY["proxy"], width)
        (stored,) = (word for word in words_of(made) if word.text == "stored")
        (cache,) = (word for word in words_of(made) if word.text == "cache")
        assert min(x for x, _ in stored.corners) > sum(x for x, _ in cache.corners) / 4


def test_only_wrong_cells_are_filled() -> None:
    ax = axes(GALLERY["grid"].drawing)
    filled = [patch for patch in ax.patches if to_hex(patch.get_facecolor()) == INKS[LOST].text]
    assert len(filled) == len(GALLERY["grid"].drawing.wrong) == 1  # type: ignore[union-attr]
