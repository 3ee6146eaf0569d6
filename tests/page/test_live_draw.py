"""What the page draws itself (book/_live/draw): the same words in the same places as matplotlib, and every mark where
its record says, in a real browser, at both widths, by day and by night, whatever it is handed."""

import subprocess
from collections.abc import Iterator
from itertools import product
from math import hypot, inf, nan
from typing import Any, NamedTuple

import pytest
from hypothesis import Phase as Stage
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from netlab.picture import (
    GREY,
    KERNEL,
    Area,
    Axis,
    Bar,
    Bars,
    Bytes,
    Conversation,
    Curve,
    Drawing,
    Field,
    Grid,
    Header,
    Host,
    Level,
    Lines,
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
from netlab.show.paint import figure
from netlab.show.style import NARROW, WIDE
from netlab.wire import Span
from tests.drawn import Word, collisions, words_of
from tests.gallery import pictures
from tests.page.conftest import ROOT
from tests.page.draw_gallery import D3, PLOT, opened, plain, workbench
from tests.programs import missing
from tests.test_show_any import KINDS

GALLERY = pictures()
WIDTHS = [WIDE, NARROW]
THEMES = ["light", "dark"]
CASES = list(product(GALLERY, WIDTHS))

READ = """([data, width]) => {
  const made = book.draw(data, { width, Plot, d3 });
  document.body.replaceChildren(made);
  const svg = made.matches('svg') ? made : made.querySelector('svg');
  const home = svg.getScreenCTM().inverse();
  const words = [...svg.querySelectorAll('text')].filter(text => text.textContent.trim()).map(text => {
    const way = home.multiply(text.getScreenCTM()), size = parseFloat(getComputedStyle(text).fontSize);
    const { x, y } = text.getStartPositionOfChar(0), wide = text.getComputedTextLength();
    const corners = [[x, y + .15 * size], [x + wide, y + .15 * size], [x + wide, y - .74 * size], [x, y - .74 * size]];
    const put = ([x, y]) => { const at = new DOMPoint(x, y).matrixTransform(way); return [at.x, at.y] };
    return [text.textContent, size, corners.map(put)];
  });
  const view = svg.viewBox.baseVal, box = svg.getBBox();
  return {
    words, size: [view.width, view.height], box: [box.x, box.y, box.x + box.width, box.y + box.height],
    role: svg.getAttribute('role'), name: svg.getAttribute('aria-label'), html: made.outerHTML,
    odd: [...svg.querySelectorAll('*')].flatMap(part => ['d', 'x', 'y', 'width', 'height', 'transform']
      .map(name => part.getAttribute(name) ?? '').filter(value => /NaN|Infinity|undefined/.test(value))),
  };
}"""


class Drawn(NamedTuple):
    """What the page drew: its lines of words, the px of its canvas, what all marks cover, and how it is written."""

    words: list[Word]
    size: tuple[float, float]
    box: tuple[float, float, float, float]
    role: str
    name: str
    html: str

    def said(self) -> list[str]:
        return [word.text.replace("  ", " ") for word in self.words]


@pytest.fixture(scope="module")
def bench(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """Open the bench; return it with all that it says in its console."""
    for path in (PLOT, D3):
        if not (ROOT / "book" / path).exists():
            missing(f"book/{path} (npm ci in book/_live)")
    with workbench() as address:
        context = browser.new_context(viewport={"width": 1000, "height": 1200})
        page, said = opened(context, address), list[str]()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(f"{error}"))
        yield page, said
        context.close()


@pytest.fixture
def page(bench: tuple[Page, list[str]]) -> Iterator[Page]:
    """Return the bench by day; whatever a test does there, nothing may be thrown or said."""
    bench[0].evaluate("document.documentElement.dataset.theme = 'light'")
    yield bench[0]
    said = bench[1].copy()
    bench[1].clear()
    assert said == []


def drawn(page: Page, picture: Picture | dict[str, Any], width: float = WIDE) -> Drawn:
    """Draw a picture in the page and read back what stands there."""
    data = picture if isinstance(picture, dict) else plain(picture)
    seen = page.evaluate(READ, [data, width])
    assert seen["odd"] == []
    words = [Word(text, size, tuple(map(tuple, corners))) for text, size, corners in seen["words"]]
    return Drawn(words, tuple(seen["size"]), tuple(seen["box"]), seen["role"], seen["name"], seen["html"])


def picture(drawing: Drawing, **more: Any) -> Picture:
    return Picture("It is drawn", drawing, "A small example.", "Look.", **more)


def curve(points: list[tuple[float, float]], **more: Any) -> Lines:
    return Lines([Curve("it", points)], Axis("time", "s"), Axis("window", "packets"), **more)


def every(page: Page, css: str, *names: str) -> list[list[str | None]]:
    """Return attributes of all that ``css`` finds in the page."""
    js = "([css, names]) => [...document.querySelectorAll(css)].map(one => names.map(name => one.getAttribute(name)))"
    found: list[list[str | None]] = page.evaluate(js, [css, list(names)])
    return found


def path(d: str) -> list[tuple[float, float]]:
    """Return the points of a path of straight lines."""
    numbers = [float(number) for number in d.replace("M", " ").replace("L", " ").replace(",", " ").split()]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


# --------------------------------------------------------------------------------------------------- the two are twins


@pytest.mark.parametrize(("name", "width"), CASES)
def test_the_page_says_what_the_notebook_says_where_it_says_it(page: Page, name: str, width: int) -> None:
    made = figure(GALLERY[name], width)
    here = drawn(page, GALLERY[name], width)
    left = list(here.words)
    for word in words_of(made):
        x, y = middle(word)
        same = [one for one in left if one.text.split() == word.text.split()]
        assert same, f"{word.text!r} is not in {here.said()}"
        found = min(same, key=lambda one: hypot(middle(one)[0] - x, middle(one)[1] - y))
        assert hypot(middle(found)[0] - x, middle(found)[1] - y) < 5, word.text
        assert found.size == pytest.approx(word.size)
        left.remove(found)
    assert [word.text for word in left] == []
    assert here.size == pytest.approx((width, made.get_figheight() * 72), abs=1.5)


def middle(word: Word) -> tuple[float, float]:
    """Return where a line of words has its middle."""
    return sum(x for x, _ in word.corners) / 4, sum(y for _, y in word.corners) / 4


@pytest.mark.parametrize(("name", "width"), CASES)
def test_words_are_large_enough_apart_and_within_the_picture(page: Page, name: str, width: int) -> None:
    here = drawn(page, GALLERY[name], width)
    assert min(word.size for word in here.words) >= 11.5
    assert collisions(here.words, 1) == []
    assert [word.text for word in here.words if word.outside(*here.size)] == []
    left, top, right, bottom = here.box
    assert min(left, top) >= -3, here.box  # an axis' own words stand a little out, as fonts are higher than capitals
    assert right <= here.size[0] + 3, here.box
    assert bottom <= here.size[1] + 3, here.box


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", GALLERY)
def test_every_colour_is_one_of_the_pages(page: Page, name: str, theme: str) -> None:
    page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    drawn(page, GALLERY[name])
    strangers = page.evaluate("""() => {
      const styles = getComputedStyle(document.documentElement), probe = document.createElement('i');
      document.body.append(probe);
      const known = new Set(['none']);
      for (const hue of ['ink', 'muted', 'faint', 'wash', 'paper',
        ...['grey', 'blue', 'orange', 'teal', 'purple', 'brown'].flatMap(hue => [hue, `${hue}-text`, `${hue}-tint`])]) {
        probe.style.color = styles.getPropertyValue(`--nl-${hue}`);
        known.add(getComputedStyle(probe).color);
      }
      return [...document.querySelectorAll('svg *')].flatMap(part => {
        const { fill, stroke } = getComputedStyle(part);
        return [fill, stroke].filter(colour => !known.has(colour));
      });
    }""")
    assert strangers == []


def test_a_drawing_is_an_image_whose_name_is_its_sentence(page: Page) -> None:
    here = drawn(page, GALLERY["lines"])
    assert (here.role, here.name) == ("img", "A small example of lines.")


@pytest.mark.parametrize(("name", "width"), CASES)
def test_the_same_picture_is_the_same_drawing(page: Page, name: str, width: int) -> None:
    assert drawn(page, GALLERY[name], width).html == drawn(page, GALLERY[name], width).html


def test_a_picture_is_drawn_again_within_the_time_of_a_frame(page: Page) -> None:
    js = """data => Math.min(...Array.from({ length: 20 }, () => {
      const start = performance.now();
      document.body.replaceChildren(book.draw(data, { width: 680, Plot, d3 }));
      return performance.now() - start;
    }))"""
    slow = {name: took for name, one in GALLERY.items() if (took := page.evaluate(js, plain(one))) > 15}
    assert slow == {}


def test_the_code_has_the_types_it_says() -> None:
    folder = ROOT / "book" / "_live"
    checker = folder / "node_modules" / ".bin" / "tsc"
    if not checker.exists():
        missing(f"{checker.relative_to(ROOT)} (npm ci in book/_live)")
    done = subprocess.run([checker, "-p", "tsconfig.json"], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


# -------------------------------------------------------------------------------------------------------------- places


@pytest.mark.parametrize("width", WIDTHS)
def test_a_curve_goes_through_its_points(page: Page, width: int) -> None:
    points = [(0.0, 10.0), (1.0, 40.0), (4.0, 20.0)]
    drawn(page, picture(curve(points, levels=[Level(40, "top"), Level(20, "end")])), width)
    [d] = next(found for found in every(page, "g[aria-label=line] path", "d"))
    spots = path(d or "")
    levels = sorted(float(y or 0) for [y] in every(page, "g[aria-label=rule] line", "y1"))
    assert spots[1][1] == pytest.approx(levels[0], abs=0.1)
    assert spots[2][1] == pytest.approx(levels[1], abs=0.1)
    assert (spots[1][0] - spots[0][0]) / (spots[2][0] - spots[0][0]) == pytest.approx(1 / 4, abs=1e-3)
    assert (spots[0][1] - spots[2][1]) / (spots[2][1] - spots[1][1]) == pytest.approx(10 / 20, abs=1e-2)


def test_a_log_axis_has_equal_steps_for_equal_factors(page: Page) -> None:
    axes = Axis("loss", log=True), Axis("window", log=True)
    drawn(page, picture(Lines([Curve("it", [(0.001, 100), (0.01, 10), (0.1, 1)])], *axes)))
    a, b, c = path(every(page, "g[aria-label=line] path", "d")[0][0] or "")
    assert b[0] - a[0] == pytest.approx(c[0] - b[0], abs=0.1)
    assert b[1] - a[1] == pytest.approx(c[1] - b[1], abs=0.1)


def test_bars_are_as_long_as_their_numbers(page: Page) -> None:
    drawn(page, picture(Bars([Bar("a", 10), Bar("b", 20, hue=KERNEL)], Axis("bytes"))))
    one, two = [float(wide or 0) for [wide] in every(page, "g[aria-label=rect] rect", "width")]
    assert two == pytest.approx(2 * one)


def test_what_lies_beyond_an_axis_is_cut_off(page: Page) -> None:
    lines = Lines(
        [Curve("it", [(0, 0), (1, 90)])], Axis("x", low=0, high=1), Axis("y", low=0, high=1),
        [Level(50, "far level")], [Area(50, 60, "far area")], [(90, 90)], [Remark(-1e9, 1e9, "far remark")],
    )  # fmt: skip
    here = drawn(page, picture(lines))
    assert every(page, "[clip-path]", "clip-path")[0][0] == f"url(#{every(page, 'clipPath', 'id')[0][0]})"
    assert [said for said in here.said() if said.startswith("far")] == ["far remark"]
    assert [word.text for word in here.words if word.outside(*here.size)] == []


def test_many_points_are_drawn_as_few_and_their_extremes_stay(page: Page) -> None:
    many = [(n / 1000, 50 + 40 * (n % 7 - 3) / 3) for n in range(8_000)]
    many[4_321] = (4.321, 97.0)
    drawing = Lines(
        [Curve("line", many), Curve("dots", many, GREY, "dots")], Axis("time", "s"), Axis("y", low=0, high=100)
    )
    drawn(page, picture(drawing))
    spots = path(every(page, "g[aria-label=line] path", "d")[0][0] or "")
    assert len(spots) < 4 * WIDE
    assert min(y for _, y in spots) < sorted({y for _, y in spots})[1] - 5  # the one that stands out
    assert len(every(page, "g[aria-label=dot] circle", "r")) < WIDE / 3


def test_a_message_has_its_marks_in_groups_numbered_by_time(page: Page) -> None:
    messages = [Message(1, "a", "b", "second"), Message(0, "b", "a", "first"), Message(2, "a", "b", "third", lost=True)]
    drawn(page, picture(Conversation(messages, notes=[Note(1, "a", "noted")])))
    for n, word in enumerate(["first", "second", "third"]):
        assert word in page.locator(f"g[data-m='{n}']").all_text_contents(), n
    assert {n for [n] in every(page, "[data-m]", "data-m")} == {"0", "1", "2"}
    afters = page.locator("g[data-after]").evaluate_all("all => all.map(one => [one.dataset.after, one.textContent])")
    assert sorted(map(tuple, afters)) == [("0", "0 ms"), ("1", "1 s"), ("1", "noted"), ("2", "2 s")]


def test_of_several_byte_pictures_only_the_listed_one_has_numbers(page: Page) -> None:
    ruled = Bytes(b"\1\2", [Span(0, 2, "field", 258)], rules={"field": "RFC 1035 §4.1.1"})
    drawn(page, picture(Panels([Panel("raw", Bytes(b"\1\2\3", [])), Panel("read", ruled)], stacked=True)))
    assert len(every(page, "g[data-f]", "data-f")) == 2
    assert len(every(page, "li", "data-f")) == 1


# ------------------------------------------------------------------------------------------------------- whatever comes


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_valid_can_be_drawn(page: Page, kind: str) -> None:
    @settings(max_examples=25, phases=[Stage.generate], deadline=None)
    @given(KINDS[kind], st.sampled_from([*WIDTHS, 280.0, 479.5, 912.0]))
    def tried(drawing: Any, width: float) -> None:
        here = drawn(page, Picture("A title", drawing, "A sentence.", "A caption."), width)
        assert here.size[0] == pytest.approx(width)

    tried()


HOSTILE = "<img src=x onerror=\"console.log('run')\">&amp;\0\ud800"
SAFE = HOSTILE.replace("\0", r"\x00").replace("\ud800", r"\ud800")
LURES: dict[str, Drawing] = {
    "lines": Lines([Curve(HOSTILE, [(0, 1)])], Axis(HOSTILE, HOSTILE), Axis(HOSTILE, HOSTILE), [Level(1, HOSTILE)],
                   [Area(0, 1, HOSTILE)], (), [Remark(0, 1, HOSTILE)]),
    "bars": Bars([Bar(HOSTILE, 1, HOSTILE)], Axis(HOSTILE)),
    "spreads": Spreads([Spread(HOSTILE, 1, 2, 3)], Axis(HOSTILE, HOSTILE)),
    "phase": Phase([(0, 1)], 2, HOSTILE, (HOSTILE, HOSTILE), [Remark(0, 1, HOSTILE)]),
    "bytes": Bytes(bytes(3), [Span(0, 2, HOSTILE, HOSTILE)], rules={HOSTILE: HOSTILE}),
    "header": Header([Field(HOSTILE, 32, HOSTILE)]),
    "conversation": Conversation([Message(0, HOSTILE, "b", HOSTILE)], notes=[Note(0, "b", HOSTILE)]),
    "states": States([Step(HOSTILE, HOSTILE, "b")]),
    "grid": Grid([HOSTILE], [HOSTILE, "b"], [[HOSTILE, True]]),
    "timeline": Timeline([Stretch(HOSTILE, 0, 1, HOSTILE)], marks=[(0, HOSTILE)]),
    "topology": Topology([Host(HOSTILE, (0, 0), says=HOSTILE)], [], {HOSTILE: [HOSTILE]}),
    "panels": Panels([Panel(HOSTILE, Bars([Bar("a", 1)], Axis("b")))]),
}  # fmt: skip


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", LURES)
def test_words_that_look_like_markup_stay_words(page: Page, kind: str, width: int) -> None:
    one = Picture("A title", LURES[kind], HOSTILE, "A caption.")
    here = drawn(page, one, width)
    assert every(page, "body img, body script, body [onerror]", "src") == []
    assert here.name == SAFE
    assert "<img" in " ".join(here.said())
    assert "\0" not in here.html


def broken(value: Any, number: Any) -> Any:
    """Return JSON with ``number`` for every number in it that is no count."""
    if isinstance(value, dict):
        kept = {"height", "elide", "offset", "bits", "start", "stop", "share", "at"}
        return {name: part if name in kept else broken(part, number) for name, part in value.items()}
    if isinstance(value, list):
        return [broken(part, number) for part in value]
    return number if isinstance(value, (int, float)) and not isinstance(value, bool) else value


@pytest.mark.parametrize("number", [None, nan, inf, -inf, 0, -1, 1e308])
def test_numbers_that_are_none_are_left_out(page: Page, number: float | None) -> None:
    for name, width in CASES:
        drawn(page, broken(plain(GALLERY[name]), number), width)


@pytest.mark.parametrize("name", GALLERY)
def test_where_there_is_nothing_to_draw_a_sentence_says_so(page: Page, name: str) -> None:
    data = plain(GALLERY[name])
    one = data["drawing"]["panels"][0]["drawing"] if "panels" in data["drawing"] else data["drawing"]
    for key, value in one.items():
        if isinstance(value, list) or key == "octets":
            one[key] = value[:0]
    assert "There is nothing to draw here." in drawn(page, data).said()


def test_an_unknown_kind_is_named(page: Page) -> None:
    data = plain(GALLERY["bars"])
    data["drawing"]["kind"] = "constructor"
    assert drawn(page, data).said() == ["There is no drawing of the kind “constructor”."]


def test_a_field_may_have_any_name(page: Page) -> None:
    one = Bytes(bytes(2), [Span(0, 2, "constructor", 7)], rules={"a": "b"}, hues={"c": GREY})
    drawn(page, picture(one))
    assert page.locator("li").text_content() == "0–1constructor7"


def test_bytes_that_a_field_means_are_counted_and_listed_as_they_travel(page: Page) -> None:
    here = drawn(page, picture(Bytes(b"\x7f\x9f", [Span(0, 2, "payload", b"Hi")])))
    assert "payload 2 bytes" in here.said()
    assert page.locator("li code").text_content() == "7f 9f"


@pytest.mark.parametrize("width", [*WIDTHS, 280])
def test_a_long_name_of_an_axis_goes_on_in_the_next_line(page: Page, width: int) -> None:
    long = "places in the queue, for each packet that the whole of the pipe holds, and then some"
    here = drawn(page, picture(Lines([Curve("it", [(0, 1), (1, 2)])], Axis(long), Axis(long, "ms"))), width)
    assert [word.text for word in here.words if word.outside(*here.size)] == []
    assert collisions(here.words, 1) == []


def test_ticks_say_what_matplotlib_says(page: Page) -> None:
    for low, high, log in [(0, 0.0004, False), (-3, 7, False), (1e-7, 1e-3, True), (2, 9, True), (0, 3e7, False)]:
        axis = Axis("x", "s", low, high, log)
        one = picture(Lines([Curve("", [(high, 1)])], axis, Axis("y", low=0, high=1)))
        assert sorted(drawn(page, one).said()) == sorted(word.text for word in words_of(figure(one))), axis
