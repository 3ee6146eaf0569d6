"""What the page draws itself is as usable as the figures it came with: its messages step, its bytes light up, its rules
are links, its capture can be saved. Each list is compared with the one that netlab.show writes, node by node."""

import base64
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from docutils import nodes
from docutils.utils import new_document
from hypothesis import Phase as Stage
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Locator, Page

from netlab.picture import ENCRYPTED, Bracket, Bytes, Conversation, Message, Note, Panel, Panels, Picture
from netlab.show import hexview, page, steps
from netlab.show.octets import parts
from netlab.show.paint import svg
from netlab.show.style import NARROW, WIDE
from netlab.show.svg import SVG
from netlab.wire import Span
from tests.gallery import pictures
from tests.page.conftest import ROOT
from tests.page.draw_gallery import D3, PLOT, opened, plain, workbench
from tests.page.test_steps import told
from tests.programs import missing
from tests.test_show_any import KINDS
from tests.words import rfcs

GALLERY = pictures()
TALKS = {name: one for name, one in GALLERY.items() if isinstance(one.drawing, Conversation)}
DUMPS = {name: one for name, one in GALLERY.items() if isinstance(one.drawing, Bytes)}
FEW: Any = {"max_examples": 40, "phases": [Stage.generate], "deadline": None}

SHOW = """([data, width]) => {
  const figure = document.createElement('figure');
  figure.className = 'nl-fig';
  figure.append(book.draw(data, { width, Plot, d3 }));
  document.body.replaceChildren(figure);
}"""
SAME = """([css, html]) => {
  const made = document.querySelector(css);
  const theirs = new DOMParser().parseFromString(html, 'text/html').body.firstChild;
  made.normalize(); // a text of no letters is none
  return [made.isEqualNode(theirs), made.outerHTML, theirs.outerHTML];
}"""


@pytest.fixture(scope="module")
def bench(browser: Browser) -> Iterator[Page]:
    """Open the bench with the scripts and styles that every page of the book has."""
    for path in (PLOT, D3):
        if not (ROOT / "book" / path).exists():
            missing(f"book/{path} (npm ci in book/_live)")
    with workbench() as address:
        context = browser.new_context(viewport={"width": 1000, "height": 900})
        made = opened(context, address)
        made.add_style_tag(url="_static/step.css")
        for name in ("step.js", "hex.js"):
            made.add_script_tag(url=f"_static/{name}")
        yield made
        context.close()


@pytest.fixture
def live(bench: Page) -> Iterator[Page]:
    """Return the bench; whatever is said in its console is a failure."""
    said = list[str]()
    bench.on("console", note := lambda message: said.append(message.text))
    bench.on("pageerror", fail := lambda error: said.append(f"{error}"))
    yield bench
    bench.remove_listener("console", note)
    bench.remove_listener("pageerror", fail)
    assert said == []


def show(live: Page, picture: Picture, width: int = WIDE) -> None:
    """Let the page draw a picture, in a figure."""
    live.evaluate(SHOW, [plain(picture), width])


def titled(drawing: Any, title: str = "A title") -> Picture:
    return Picture(title, drawing, "A sentence.", "A caption.")


def same(live: Page, css: str, html: str) -> None:
    """Fail unless what ``css`` finds is, node by node, what ``html`` says."""
    equal, made, theirs = live.evaluate(SAME, [css, html])
    assert equal, f"{made}\n{theirs}"


def a_talk() -> Conversation:
    """Return a conversation in which everything happens: three hosts, a burst, a loss, notes, brackets, bytes."""
    messages = [
        Message(0.5, "server", "cache", "late <b>", 1_234_567, data=bytes(range(64))),
        Message(0.0, "client", "cache", "first", 1, data=b"!"),
        Message(0.0, "client", "cache", "second", 1000, hue=ENCRYPTED),
        Message(0.012125, "cache", "server", "asked", 999, lost=True),
        Message(0.12325, "cache", "server", "asked again", delay=0.001),
    ]
    notes = [Note(0, "client", "starts"), Note(0.3, "cache", "waits"), Note(0.5, "server", "a longer note of words")]
    return Conversation(messages, [Bracket(0, 0.12325, "one\ntwo"), Bracket(0.2, 0.5, "end")], notes, bytes(3000))


# ----------------------------------------------------------------------------------------------------- conversations


@pytest.mark.parametrize(("name", "width"), list(product(TALKS, (WIDE, NARROW))))
def test_the_messages_of_the_gallery_are_listed_as_the_page_lists_them(live: Page, name: str, width: int) -> None:
    show(live, TALKS[name], width)
    same(live, ".nl-seq > details", steps.messages(TALKS[name].drawing))  # type: ignore[arg-type]


def test_the_messages_of_any_conversation_are_listed_alike(live: Page) -> None:
    sizes = st.sampled_from([0, 1, 12, 999, 1000, 1001, 65_535, 1_000_000, 2**40])

    @settings(**FEW)
    @given(KINDS["conversation"], st.lists(sizes, min_size=9, max_size=9))
    def tried(drawing: Conversation, sizes: list[int]) -> None:
        ours = [m._replace(size=max(len(m.data), size)) for m, size in zip(drawing.messages, sizes, strict=False)]
        one = Conversation(ours, capture=bytes(len(ours) * 97))
        show(live, titled(one))
        same(live, ".nl-seq > details", steps.messages(one))

    tried()


def test_times_are_said_as_python_says_them(live: Page) -> None:
    """Most are odd: exactly halfway between two that have as many digits as are said, and Python takes the even one."""
    halves = [n / 16 for n in range(1_900, 2_000)] + [n / 64 * 1e-3 for n in range(700, 800)]
    times = [0, 1e-9, 1.5e-7, 2.5e-6, 9.995e-4, 0.9999, 0.99996, 1, 9.9995, 12345.5, 1e8, -2.5, *halves]
    one = Conversation([Message(time, "a", "b", "it") for time in times])
    show(live, titled(one))
    same(live, ".nl-seq > details", steps.messages(one))


@pytest.mark.parametrize("size", [1, 24, 333, 334, 564, 566, 1_000, 8_997, 30_000])
@pytest.mark.parametrize("title", ["A title", "  <i>Été</i>: 3 × «hello»_x", "—", "\0\ud800 Ж"])
def test_the_capture_has_the_same_link_and_the_same_name(live: Page, title: str, size: int) -> None:
    octets = bytes(n % 251 for n in range(size))
    show(live, titled(Conversation([Message(0, "a", "b", "it")], capture=octets), title))
    name = page.anchor(new_document("it"), title)
    same(live, ".nl-pcap", page.capture({"capture": base64.b64encode(octets).decode()}, name))
    assert live.locator(".nl-seq > :last-child").get_attribute("class") == "nl-pcap"


def test_the_capture_is_saved(live: Page) -> None:
    octets = told().pcap("tcp", ports={"server": 80})
    show(live, told().picture("Told twice", "Look.", capture=octets))
    with live.expect_download() as waiting:
        live.locator(".nl-pcap a").press("Enter")
    assert waiting.value.suggested_filename == "told-twice.pcap"
    assert waiting.value.path().read_bytes() == octets


def test_there_is_no_link_without_a_capture(live: Page) -> None:
    show(live, TALKS["lost"])
    assert live.locator(".nl-pcap").count() == 0


def marked(root: ET.Element) -> Counter[tuple[str, str, str]]:
    """Return the words of a picture that belong to a message, with how they do; where lines break does not matter."""
    found = Counter[tuple[str, str, str]]()
    for group in root.iter(f"{SVG}g"):
        for kind in ("data-m", "data-after"):
            if number := group.get(kind):
                words = " ".join(text.text or "" for text in group.iter(f"{SVG}text")).split()
                found.update((kind, number, word) for word in words)
    return found


@pytest.mark.parametrize(("name", "width"), list(product([*TALKS, "own"], (WIDE, NARROW))))
def test_words_belong_to_the_messages_that_they_belong_to_in_the_page(live: Page, name: str, width: int) -> None:
    one = TALKS.get(name) or titled(a_talk())
    show(live, one, width)
    drawn = live.evaluate("new XMLSerializer().serializeToString(document.querySelector('.nl-seq > svg'))")
    assert marked(ET.fromstring(drawn)) == marked(ET.fromstring(svg(one, width)))
    brackets = one.drawing.brackets if isinstance(one.drawing, Conversation) else ()
    assert live.locator("[data-after] > path[fill='none']").count() == len(brackets)


def now(live: Page, name: str) -> set[int]:
    """Return the messages whose marks are "now" or "later"."""
    marks = live.locator(f"svg [data-m].{name}")
    return {int(n) for n in marks.evaluate_all("marks => marks.map(mark => mark.dataset.m)")}


def said(live: Page) -> str:
    return live.locator(".nl-said").inner_text()


def test_a_drawn_conversation_steps_by_keyboard(live: Page) -> None:
    show(live, told().picture("Told twice", "Look."))
    assert said(live).startswith("All 5.")
    live.get_by_role("button", name="First").press("Enter")
    assert said(live) == "1 of 5: client sends SYN at 0 ms, 40 bytes, lost on the way"
    assert (now(live, "now"), now(live, "later")) == ({0}, {1, 2, 3, 4})
    for _ in range(3):
        live.keyboard.press("ArrowRight")
    assert said(live) == "4 of 5: client sends GET <b> at 1.04 s, 96 bytes"
    dump = live.locator(".nl-octets").inner_text().splitlines()
    assert dump[0] == "0000  47 45 54 20 2f 3c 62 3e 20 48 54 54 50 2f 31 2e  GET /<b> HTTP/1."
    assert (len(dump), dump[3][-1]) == (4, "…")
    label = "svg [data-m='{}'] text"
    assert [live.locator(label.format(n)).first.is_visible() for n in (3, 4)] == [True, False]
    ground = live.locator("svg .now path[fill='var(--nl-paper)']")
    assert ground.evaluate("one => getComputedStyle(one).strokeWidth") == "1.5px"
    show(live, told().picture("Told twice", "Look."))  # as when a control was moved
    assert said(live).startswith("All 5.")
    assert live.locator(".nl-steps").count() == 1


def test_a_note_and_a_bracket_are_seen_with_their_message(live: Page) -> None:
    show(live, titled(a_talk()))
    parts = {word: live.locator("svg [data-after] text", has_text=word) for word in ("starts", "two", "waits", "end")}
    live.get_by_role("button", name="First").press("Enter")
    assert {word for word, part in parts.items() if part.first.is_visible()} == {"starts"}
    for _ in range(3):
        live.keyboard.press("ArrowRight")
    assert {word for word, part in parts.items() if part.first.is_visible()} == {"starts", "two", "waits"}
    live.keyboard.press("ArrowRight")
    assert {word for word, part in parts.items() if part.first.is_visible()} == set(parts)


def test_in_panels_nothing_steps(live: Page) -> None:
    talk = TALKS["lost"].drawing
    assert isinstance(talk, Conversation)
    show(live, titled(Panels([Panel("one", talk), Panel("two", talk)], stacked=True)))
    assert live.locator("[data-m], [data-after], .nl-seq").count() == 0


# --------------------------------------------------------------------------------------------------------------- bytes


@pytest.mark.parametrize("name", DUMPS)
def test_the_fields_of_the_gallery_are_listed_as_the_page_lists_them(live: Page, name: str) -> None:
    show(live, DUMPS[name])
    rules = live.locator(".nl-hex .rule")
    assert unlinked(live, rules) == [
        (DUMPS[name].drawing.rules or {}).get(part.name, "")  # type: ignore[union-attr]
        for part in parts(DUMPS[name].drawing)  # type: ignore[arg-type]
        if part.name
    ]
    bare(live, DUMPS[name].drawing)


def test_the_fields_of_any_bytes_are_listed_alike(live: Page) -> None:
    @settings(**FEW)
    @given(KINDS["octets"])
    def tried(drawing: Bytes) -> None:
        show(live, titled(drawing))
        if hexview.fields(drawing):
            bare(live, drawing)
        else:
            assert live.locator(".nl-hex").count() == 0

    tried()


def unlinked(live: Page, rules: Locator) -> list[str]:
    """Return what the rules say, with the spaces that were typed."""
    return [text.replace("\xa0", " ") for text in rules.all_text_contents()]


def bare(live: Page, drawing: Any) -> None:
    """Fail unless the list, links and what hex.js adds aside, is the one that netlab.show writes."""
    live.evaluate("""() => document.querySelectorAll('.nl-hex li').forEach(row => {
      row.removeAttribute('tabindex');
      row.removeAttribute('aria-current');
      const rule = row.querySelector('.rule'), text = rule.textContent.replaceAll('\\u00a0', ' ');
      text ? rule.replaceChildren(text) : rule.replaceChildren();
    })""")
    same(live, ".nl-hex > :last-child", hexview.fields(drawing))


R = "RFC"  # so that what is odd here is no citation of ours
ODD = [
    f"{R} 6455 §5.2 and §5.3", f"{R} 6455 §5.2, §5.5.1 or §7", f"see {R} 768.", f"{R} 9293 §3.1; {R} 791 §3.1, then",
    f"{R}#6455 § 5.2", f"X{R} 1", f"é{R} 1", f"{R} 6455 §", f"{R} 1035 §4.1.2 to", "IEEE 802.1Q", "",
    f"{R} 8446 §B.3.1 §Bx", f"{R}  6455\n§5.2", f"<a href=x>{R} 768</a>", f"{R} 6298 §2.1",
    f"{R} 6298 §5.5 and §6", f"{R} 6298 §2",
]  # fmt: skip
CITED = [
    f"RFC {number}{f' §{section}' if section else ''}"
    for number, rfc in rfcs.load().items()
    for section in ["", *rfc.sections]
]
LINKS = """rules => rules.map(rule => [...rule.childNodes].map(
  node => [node.textContent, node.href ?? '', node.className ?? '']
))"""


def test_every_citation_leads_where_the_page_leads(live: Page) -> None:
    """Among them all that the book's table knows; what stands between them stays text."""
    known = rfcs.load()
    for some in [ODD, *(CITED[n : n + 100] for n in range(0, len(CITED), 100))]:
        spans = [Span(n, n + 1, f"f{n}", n) for n in range(len(some))]
        show(live, titled(Bytes(bytes(len(some)), spans, rules={f"f{n}": text for n, text in enumerate(some)})))
        found = live.locator(".nl-hex .rule").evaluate_all(LINKS)
        for text, links in zip(some, found, strict=True):
            pieces = [(node.astext(), node.get("refuri", "") if isinstance(node, nodes.reference) else "")
                      for node in rfcs.linked(text, known)]  # fmt: skip
            wanted = [[said, url, "reference external" if url else ""] for said, url in pieces if said]
            assert links == wanted


def lit(live: Page) -> tuple[set[str], set[str]]:
    """Return which fields light up in the drawing and in the list."""
    both = (live.locator(f"{where}.on") for where in ("svg [data-f]", "li[data-f]"))
    drawing, listed = (set(some.evaluate_all("all => all.map(one => one.dataset.f)")) for some in both)
    return drawing, listed


def test_drawn_bytes_are_reached_and_pinned_by_keyboard(live: Page) -> None:
    show(live, DUMPS["query"])
    assert live.locator("svg[tabindex='0']").count() == 1
    assert live.locator("li[tabindex='0']").count() == 1
    live.locator(".nl-hex > svg").press("Home")
    for _ in range(6):
        live.keyboard.press("ArrowRight")
    assert lit(live) == ({"6"}, {"6"})
    assert said(live).replace("\xa0", " ").endswith("RFC 1035 §4.1.2")
    assert live.locator("svg .on").count() == 17  # www.example.com as it travels
    live.keyboard.press("Enter")
    assert "pinned" in said(live)
    live.locator("svg g[data-f='0']").first.hover()
    assert lit(live) == ({"6"}, {"6"})
    live.keyboard.press("Escape")
    assert lit(live) == (set(), set())
    live.evaluate("document.activeElement.blur()")
    live.mouse.move(990, 890)
    live.locator("svg g[data-f='0']").first.hover()
    assert lit(live) == ({"0"}, {"0"})
    live.mouse.move(990, 890)
    assert lit(live) == (set(), set())


def test_a_rule_is_followed_and_pins_nothing(live: Page) -> None:
    show(live, DUMPS["query"])
    live.evaluate("addEventListener('click', event => event.preventDefault(), { once: true })")
    link = live.locator("li a").first
    assert link.get_attribute("href") == "https://www.rfc-editor.org/rfc/rfc1035#section-4.1.1"
    link.click()
    assert live.locator(".nl-hex[data-pin]").count() == 0


# ------------------------------------------------------------------------------------------------------ text and bytes


@pytest.mark.parametrize(
    ("value", "drawn", "listed"),
    [
        ("37fa213d", "key 37fa213d", "37fa213d"),  # text that reads like the bytes it was read from
        (b"\x37\xfa\x21\x3d", "key 4 bytes", "37 fa 21 3d"),
        (b"Hi", "key 2 bytes", "37 fa 21 3d"),  # what it means is not what travels
        (b"", "key 0 bytes", "37 fa 21 3d"),
        (b"!", "key 1 byte", "37 fa 21 3d"),
        (bytearray(b"Hi"), "key 2 bytes", "37 fa 21 3d"),
        (2**64 - 1, "key 18446744073709551615", "18446744073709551615"),  # more than JavaScript's numbers hold
        (1.0, "key 1.0", "1.0"),
        (True, "key True", "True"),
        ("", "key", ""),
        (None, "key", ""),
    ],
)
def test_text_is_told_from_bytes(live: Page, value: object, drawn: str, listed: str) -> None:
    one = Bytes(bytes.fromhex("37fa213d"), [Span(0, 4, "key", value)])
    show(live, titled(one))
    assert " ".join(live.locator("svg text[fill='var(--nl-purple-text)']").all_text_contents()).split() == drawn.split()
    assert live.locator("li code").text_content() == listed
    bare(live, one)
