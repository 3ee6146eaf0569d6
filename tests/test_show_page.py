"""Pictures in a notebook and in the book's pages: the same bytes every time, every word escaped, an image for all."""

import base64
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import pytest
from matplotlib.axes import Axes
from PIL import Image
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from netlab import show
from netlab.picture import Axis, Bundle, Bytes, Conversation, Curve, Hue, Lines, Message, Note, Panel, Panels, Picture
from netlab.show.hexview import fields
from netlab.show.page import Page, drawing, figure, pieces
from netlab.show.paint import bundle, svg
from netlab.show.steps import messages
from netlab.show.style import INK, INKS, MUTED, NAMES, NARROW, PAPER, WIDE
from netlab.wire import Span
from tests.drawn import collisions, words_of
from tests.gallery import pictures

GALLERY = pictures()
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert('1')</script> & \"quotes\" #ffffff"


def hostile() -> Picture:
    """Return a picture whose every word wants to be something else."""
    spans = [Span(0, 1, HOSTILE, HOSTILE)]
    return Picture(HOSTILE, Bytes(b"\0", spans, rules={HOSTILE: HOSTILE}), HOSTILE, "Look.", HOSTILE, HOSTILE)


@pytest.fixture(scope="module")
def bundles() -> dict[str, Bundle]:
    """Paint the whole gallery once."""
    return {name: bundle(picture) for name, picture in GALLERY.items()}


# ------------------------------------------------------------------------------------------------------------ notebook


def test_a_picture_in_a_notebook_is_an_image_and_its_sentence() -> None:
    picture = GALLERY["lines"]
    data, metadata = picture._repr_mimebundle_(include=None, exclude=None)
    assert set(data) == {"image/png", "text/plain"}
    assert data["text/plain"] == repr(picture) == f"{picture.title}. {picture.sentence}"
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert metadata["image/png"] == {"width": WIDE, "height": round(image.height / 1.5), "alt": picture.sentence}
    assert image.width == WIDE * 1.5
    words = {name: getattr(picture, name) for name in ("title", "note", "badge", "caption", "sentence")}
    assert metadata["netlab"] == {"mime": "image/png", **words} | {k: metadata["netlab"][k] for k in ("wide", "narrow")}
    json.dumps([data, metadata])


@pytest.mark.parametrize("name", GALLERY)
def test_the_image_is_small_in_its_own_colours_and_white(bundles: dict[str, Bundle], name: str) -> None:
    png = base64.b64decode(bundles[name][0]["image/png"])
    assert len(png) <= 60_000
    image = Image.open(io.BytesIO(png))
    colours = image.convert("RGB").getcolors()
    assert colours is not None
    assert len(colours) <= 64
    assert image.convert("RGB").getpixel((0, 0)) == (255, 255, 255)
    codes = {f"#{r:02x}{g:02x}{b:02x}" for _, (r, g, b) in colours}
    assert {INK, PAPER} <= codes  # flat colours are exact, not near


def test_the_same_picture_is_the_same_bytes_in_every_run() -> None:
    program = """
import hashlib, json
from tests.gallery import pictures
from netlab.show.paint import bundle
p = pictures()
print([hashlib.sha256(json.dumps(bundle(p[n])).encode()).hexdigest() for n in ("lines", "query")])
"""
    runs = [run(program, PYTHONHASHSEED=seed) for seed in ("1", "2")]
    here = [hashlib.sha256(json.dumps(bundle(GALLERY[n])).encode()).hexdigest() for n in ("lines", "query")]
    assert runs == [f"{here}\n"] * 2


def run(program: str, **environment: str) -> str:
    """Return what a fresh Python prints."""
    made = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True,
                          cwd=Path(__file__).parents[1], env=os.environ | environment)  # fmt: skip
    assert made.stderr == ""  # a warning would fail the book's build
    return made.stdout


def test_only_showing_paints_and_painting_needs_neither_pyplot_nor_a_builder() -> None:
    program = """
import sys, netlab.picture
from netlab.picture import *
p = Picture("Title", Lines([Curve("", [(0, 1), (1, 2)])], Axis("x"), Axis("y")), "Sentence.", "c")
assert p._repr_mimebundle_() == ({"text/plain": "Title. Sentence."}, {}) and "matplotlib" not in sys.modules
import netlab.show
assert set(p._repr_mimebundle_()[0]) == {"image/png", "text/plain"}
print([name for name in ("matplotlib.pyplot", "docutils", "myst_nb", "sphinx") if name in sys.modules])
"""
    assert run(program) == "[]\n"


# ----------------------------------------------------------------------------------------------------------------- SVG


@pytest.mark.parametrize("name", GALLERY)
def test_the_drawings_are_valid_in_the_colours_of_the_style(bundles: dict[str, Bundle], name: str) -> None:
    page = bundles[name][1]["netlab"]
    for text, width in ((page["wide"], WIDE), (page["narrow"], NARROW)):
        root = ET.fromstring(text)
        assert root.tag == f"{SVG}svg"
        assert root.get("role") == "img"
        assert root.get("aria-label") == GALLERY[name].sentence
        assert root.get("viewBox", "").split()[2] == str(width)
        used = {value for node in root.iter() for key, value in node.items() if key in ("fill", "stroke")}
        assert used <= {*NAMES.values(), "none"}
        assert len(text) < 16_000


def test_the_drawing_in_a_page_names_its_colours() -> None:
    text = drawing(svg(GALLERY["lines"]), "wide", "fig-1")
    assert not re.search(r"(fill|stroke)='#", text)
    assert "var(--nl-blue)" in text
    assert text.startswith("<svg class='nl-wide' ")


def test_many_dots_are_one_path_and_rings_and_crosses_stay_what_they_are() -> None:
    points = [(n, n % 7 + 1.0) for n in range(40)]
    for mark, paths in (("dots", True), ("rings", False)):
        drawn = svg(Picture("t", Lines([Curve("", points, Hue.ORANGE, mark)], Axis("x"), Axis("y")), "s", "c"))  # type: ignore[arg-type]
        assert ("stroke-linecap='round'" in drawn and drawn.count("h0M") > 30) == paths
        assert (drawn.count("<use") >= 40) != paths
    crossed = svg(Picture("t", Lines([Curve("", points)], Axis("x"), Axis("y"), crosses=points), "s", "c"))
    assert crossed.count("<use") >= 40


def test_curves_beyond_their_axes_are_clipped_and_others_need_no_clip() -> None:
    def drawn(high: float) -> str:
        lines = Lines([Curve("", [(0, 0), (10, 10)])], Axis("x", high=high), Axis("y"))
        return svg(Picture("t", lines, "s", "c"))

    assert "clip-path" in drawn(5)
    assert "clip" not in drawn(10)


# ------------------------------------------------------------------------------------------------------------- hostile


def test_hostile_words_stay_words() -> None:
    data, metadata = hostile()._repr_mimebundle_()
    assert data["text/plain"] == f"{HOSTILE}. {HOSTILE}"
    page = metadata["netlab"]
    html = figure(page, "fig-x") + "</figure>"
    assert "<script" not in html
    root = ET.fromstring(html)  # and it is well-formed: nothing broke out of an attribute
    assert root[0].text == HOSTILE
    images = root.findall(f".//{SVG}svg")
    assert [image.get("aria-label") for image in images] == [HOSTILE] * 2
    assert HOSTILE in "".join(root.itertext())
    assert HOSTILE in [code.text for code in root.iter("code")]
    assert any(HOSTILE in (text.text or "") for text in images[0].iter(f"{SVG}text"))


def test_words_that_look_like_colours_or_ids_stay_words() -> None:
    said = "The colour '#ffffff' is white, and id='x' is text"
    lines = Lines([Curve(said, [(0, 0), (1, 1)])], Axis("x"), Axis("y"))
    text = drawing(svg(Picture("t", lines, said, "c")), "wide", "fig-1")
    root = ET.fromstring(text)
    assert root.get("aria-label") == said
    assert said in " ".join("".join(root.itertext()).split()) or "'#ffffff'" in "".join(root.itertext())


# -------------------------------------------------------------------------------------------------------- foreign axes


@pytest.fixture
def subplots() -> Iterator[Axes]:
    """Return axes as a reader makes them."""
    made, ax = plt.subplots()
    yield ax
    plt.close(made)


@pytest.mark.parametrize("name", GALLERY)
def test_drawing_into_somebodys_axes_leaves_their_figure_as_it_is(subplots: Axes, name: str) -> None:
    made = subplots.figure
    size, settings = tuple(made.get_size_inches()), dict(plt.rcParams)
    ax = show.draw(GALLERY[name], subplots)
    assert tuple(made.get_size_inches()) == size
    assert dict(plt.rcParams) == settings
    assert ax.figure is made
    words = words_of(made)
    assert collisions(words, slack=2) == []  # tiny letters are as wide as their pixels allow
    assert len(words) >= 3
    assert [word for word in words if word.outside(*made.get_size_inches() * 72, slack=3)] == []


def test_drawing_twice_side_by_side() -> None:
    made, (left, right) = plt.subplots(1, 2, figsize=(12, 4), layout="constrained")
    assert show.draw(GALLERY["lines"], left) is left
    assert show.draw(GALLERY["lease"], right) is right
    assert collisions(words_of(made)) == []
    plt.close(made)


def test_without_axes_a_picture_has_a_figure_of_its_own_with_its_title() -> None:
    ax = show.draw(GALLERY["lines"])
    assert GALLERY["lines"].title in {word.text for word in words_of(ax.figure)}  # type: ignore[arg-type]
    assert ax.figure.get_size_inches()[0] * 72 == WIDE  # type: ignore[union-attr]


@pytest.mark.parametrize("wrong", ["a title", None, GALLERY["lines"].drawing])
def test_what_is_no_picture_is_refused_with_a_sentence(wrong: object) -> None:
    with pytest.raises(TypeError, match=r"^draw takes a Picture, not a "):
        show.draw(wrong)  # type: ignore[arg-type]


# -------------------------------------------------------------------------------------------------------------- colour


def luminance(code: str) -> float:
    """Return the relative luminance of a colour, as WCAG 2 defines it."""
    parts = (int(code[n : n + 2], 16) / 255 for n in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_words_stand_out_from_paper_and_tint_and_no_two_colours_share_a_code() -> None:
    for ink in INKS.values():
        assert contrast(ink.text, PAPER) >= 4.5
        assert contrast(ink.text, ink.tint) >= 4.5
        assert contrast(INK, ink.tint) >= 7
    assert contrast(MUTED, PAPER) >= 4.5
    assert len(set(NAMES.values())) == len(NAMES)
    assert set(INKS) == set(Hue)


# ---------------------------------------------------------------------------------------------------------------- page


def notebook(path: Path, *shown: Picture) -> None:
    """Write a notebook that showed these pictures."""
    made = nbformat.v4.new_notebook(metadata={"language_info": {"name": "python", "pygments_lexer": "python"}})
    made.cells = [nbformat.v4.new_markdown_cell("# A chapter")]
    for picture in shown:
        data, metadata = bundle(picture)
        output = nbformat.v4.new_output("display_data", data=data, metadata=metadata)
        made.cells.append(nbformat.v4.new_code_cell("picture", outputs=[output], execution_count=1))
    nbformat.write(made, path)


def build(folder: Path, builder: str) -> Path:
    """Build a book of one page and return its output's folder."""
    config = {"extensions": ["myst_nb"], "nb_execution_mode": "off", "html_theme": "basic"}
    out = folder / builder
    with patch_docutils(), docutils_namespace():
        app = Sphinx(
            str(folder / "src"), None, str(out), str(out / "trees"), builder, config, None, warningiserror=True
        )
        app.build()
    assert app.statuscode == 0
    return out


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a book that shows two pictures of one title, one of them with a rich caption, and bytes."""
    folder = tmp_path_factory.mktemp("book")
    rich = Picture(
        "It *repeats*", GALLERY["steps"].drawing, "A sentence.", "See `RTO` and *this*.", "a note", "live on Linux 6"
    )
    (folder / "src").mkdir()
    notebook(folder / "src" / "index.ipynb", rich, rich, GALLERY["frame"])
    return folder


def test_the_renderer_is_registered() -> None:
    (entry,) = entry_points(group="myst_nb.mime_renderers", name="netlab")
    assert entry.load() is Page


def test_a_page_has_figures_with_text_and_inline_drawings(book: Path) -> None:
    html = (build(book, "html") / "index.html").read_text(encoding="utf-8")
    figures = re.findall(r"<figure.*?</figure>", html, re.DOTALL)
    assert len(figures) == 3
    assert all(
        figure.count("<svg ") == 2 and figure.count('role="img"') + figure.count("role='img'") == 2
        for figure in figures
    )
    assert "It *repeats*" in figures[0]
    assert '<span class="nl-badge live">live on Linux 6</span>' in figures[0]
    caption = figures[0][figures[0].index("<figcaption>") :]
    assert "RTO</span></code>" in caption
    assert "<em>this</em>" in caption
    assert "<img" not in html
    ids = re.findall(r"\bid=['\"]([^'\"]+)", html)
    assert len(ids) == len(set(ids))
    used = re.findall(r"(?:url\(|href=')#([^')]+)", "".join(figures))
    assert set(used) <= set(ids)


def test_a_page_of_bytes_has_their_fields_which_light_up_together(book: Path) -> None:
    html = (build(book, "html") / "index.html").read_text(encoding="utf-8")
    (view,) = re.findall(r'<div class="nl-hex">.*?</div>', html, re.DOTALL)
    rows = re.findall(r'<li data-f="(\d+)" class="nl-(\w+)">', view)
    assert [n for n, _ in rows] == ["0", "1", "2", "3"]
    for n, _ in rows:
        assert view.count(f"data-f='{n}'") >= 2  # a cell in the wide drawing and one in the narrow
    assert view.count("data-f='3'") == 2 * 5  # five bytes of payload, in both
    assert "<code>Hello</code>" in view


def test_other_formats_get_the_image_its_sentence_and_its_caption(book: Path) -> None:
    latex = next(build(book, "latex").glob("*.tex")).read_text(encoding="utf-8")
    assert latex.count(r"\sphinxincludegraphics[width=1.000\linewidth]") == 3
    assert r"\caption{See \sphinxcode{\sphinxupquote{RTO}} and \sphinxstyleemphasis{this}.}" in latex
    assert "svg" not in latex
    text = (build(book, "text") / "index.txt").read_text(encoding="utf-8")
    assert "It *repeats*. A sentence." in text


def test_long_lists_of_fields_are_folded() -> None:
    spans = [Span(n, n + 1, f"field {n}", n) for n in range(20)]
    folded = fields(Bytes(bytes(20), spans))
    assert folded.startswith("<details><summary>All 20 fields</summary><ol")
    assert fields(Bytes(bytes(3), spans[:3])).startswith("<ol")
    assert fields(Bytes(b"abc", [])) == ""


def test_a_rule_is_text_of_the_page_so_that_it_becomes_a_link_like_any_other() -> None:
    html = '<ol><li><span class="rule">RFC 6455 §5.3 &amp; more</span></li><li><span class="rule"></span></li></ol>'
    before, rule, after = pieces(html)
    assert (rule.astext(), type(rule).__name__) == ("RFC 6455 §5.3 & more", "inline")
    assert before.astext() + "RFC 6455 §5.3 &amp; more" + after.astext() == html


# ----------------------------------------------------------------------------------------------------------- sequences


def marks(text: str, kind: str = "data-m") -> list[list[ET.Element]]:
    """Return the marks of each message, by its number, with all that is in them."""
    root, found = ET.fromstring(text), dict[int, list[ET.Element]]()
    for group in root.iter(f"{SVG}g"):
        if number := group.get(kind):
            found.setdefault(int(number), []).extend(group.iter())
    return [found[n] for n in sorted(found)]


def words(marks: list[ET.Element]) -> str:
    return " ".join(mark.text for mark in marks if mark.tag == f"{SVG}text" and mark.text)


@pytest.mark.parametrize("name", ["handshake", "lost", "proxy"])
def test_each_message_of_a_conversation_keeps_its_number(bundles: dict[str, Bundle], name: str) -> None:
    page, drawing = bundles[name][1]["netlab"], GALLERY[name].drawing
    assert isinstance(drawing, Conversation)
    for text in (page["wide"], page["narrow"]):
        found = marks(text)
        assert len(found) == len(drawing.messages)
        for message, marked in zip(drawing.messages, found, strict=True):
            assert words(marked).removeprefix("lost ").startswith(message.label)
            assert sum(mark.tag == f"{SVG}path" for mark in marked) >= 2  # an arrow, and paper behind the label
        outside = ET.tostring(ET.fromstring(text), encoding="unicode").count("data-m=")
        assert outside <= 3 * len(drawing.messages)  # of one message's marks, neighbours are one group


def test_numbers_are_in_the_order_of_time_whatever_the_order_of_the_records() -> None:
    drawing = Conversation([Message(1, "b", "a", "late"), Message(0, "a", "b", "early")], notes=[Note(1, "a", "noted")])
    page = bundle(Picture("t", drawing, "s", "c"))[1]["netlab"]
    assert [words(one) for one in marks(page["wide"])] == ["early", "late"]
    assert [words(one) for one in marks(page["wide"], "data-after")] == ["0 ms", "1 s noted"]
    assert re.findall(r'data-m="(\d)".*?class="name">(\w+)', page["messages"]) == [("0", "early"), ("1", "late")]


def test_the_messages_are_listed_in_words_that_stay_words() -> None:
    drawing = Conversation([Message(0, "a", "b", HOSTILE, 1, lost=True, data=b"\xff"), Message(1, "b", "c", "x", 70)])
    listed = ET.fromstring(messages(drawing))
    assert "".join(listed[0].itertext()) == "All 2 messages"
    one, other = listed.iter("li")
    assert one.get("data-says") == f"a sends {HOSTILE} to b at 0 ms, 1 byte, lost on the way"
    assert [part.text for part in one] == ["0 ms", "a → b", HOSTILE, "1 byte", "ff"]
    assert (one.get("class"), other.get("class")) == ("nl-brown", "nl-grey")
    assert [part.text for part in other] == ["1 s", "b → c", "x", "70 bytes"]
    assert "The one message" in messages(Conversation([Message(0, "a", "b", "x")]))


def test_a_capture_travels_with_the_picture_and_can_be_saved() -> None:
    picture = Picture("A & B", Conversation([Message(0, "a", "b", "x")], capture=bytes(300)), "s", "c")
    html = figure(bundle(picture)[1]["netlab"], "fig-a-b") + "</figure>"
    (link,) = (one for one in ET.fromstring(html).iter("a"))
    assert link.get("download") == "a-b.pcap"
    kind, _, octets = (link.get("href") or "").partition(";base64,")
    assert (kind, base64.b64decode(octets)) == ("data:application/vnd.tcpdump.pcap", bytes(300))
    assert "0.3 kB" in html
    assert "nl-pcap" not in figure(bundle(GALLERY["lost"])[1]["netlab"], "fig-b")


def test_messages_of_panels_have_no_numbers() -> None:
    panels = Panels([Panel("a", GALLERY["lost"].drawing), Panel("b", GALLERY["proxy"].drawing)])  # type: ignore[arg-type]
    page = bundle(Picture("t", panels, "s", "c"))[1]["netlab"]
    assert "messages" not in page
    assert "data-m" not in page["wide"]
    assert "data-after" not in page["narrow"]


def test_bytes_of_panels_are_drawn_without_a_list() -> None:
    panels = Panels([Panel("a", GALLERY["frame"].drawing), Panel("b", GALLERY["frame"].drawing)])  # type: ignore[arg-type]
    picture = Picture("t", panels, "s", "c")
    assert "fields" not in bundle(picture)[1]["netlab"]
