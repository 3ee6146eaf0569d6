"""Sequence pictures that step, bytes that light up: in a page of their own, by keyboard, from disk and server."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shutil import copy, copytree

import pytest
from playwright.sync_api import Browser, Locator, Page

from netlab.picture import ENCRYPTED, Picture
from netlab.show.page import figure
from netlab.show.paint import bundle
from netlab.trace import Trace
from tests.gallery import frame, handshake, proxy, query
from tests.page.conftest import ROOT, Quiet, served

STATIC = ROOT / "book" / "_static"
POLICY = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"


def told() -> Trace:
    """Return a short conversation with a loss: of some messages the bytes are known, of one only how many."""
    trace = Trace()
    trace.sent(0.000, "client", "server", "SYN", size=40, lost=True)
    trace.sent(1.000, "client", "server", "SYN again", size=40)
    trace.sent(1.020, "server", "client", "SYN-ACK", size=40)
    trace.sent(1.040, "client", "server", "GET <b>", data=b"GET /<b> HTTP/1.1\r\nHost: example\r\n\r\n" + bytes(60))
    trace.sent(1.060, "server", "client", "200", data=b"HTTP/1.1 200 OK\r\n\r\n", hue=ENCRYPTED)
    return trace


def shown() -> list[Picture]:
    """Return what the page shows: three sequences and the fields of two pieces of bytes, one list of them folded."""
    trace = told()
    words = ("A small example.", "Look at it.")
    return [
        trace.picture("Told <i>twice</i>", "Look.", capture=trace.pcap("tcp", ports={"server": 80})),
        Picture("After ServerHello, nobody else can read", handshake(), *words),
        Picture("The second time, nobody asks the origin", proxy(), *words),
        Picture("Eleven bytes say Hello", replace(frame(), rules={"masking key": "RFC 6455 §5.3"}), *words),
        Picture("A query is 33 bytes", query(), *words),
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a page of the pictures, with the book's own scripts and styles."""
    made = tmp_path_factory.mktemp("steps")
    for name in ("custom.css", "step.css", "step.js", "hex.js"):
        copy(STATIC / name, made)
    copytree(STATIC / "fonts", made / "fonts")
    figures = [
        f"{figure(bundle(one)[1]['netlab'], f'fig-{n}')}<figcaption>{one.caption}</figcaption></figure>"
        for n, one in enumerate(shown())
    ]
    head = "".join(f'<link rel="stylesheet" href="{name}">' for name in ("custom.css", "step.css"))
    scripts = "".join(f'<script defer src="{name}"></script>' for name in ("step.js", "hex.js"))
    (made / "index.html").write_text(
        f'<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>Steps</title>{head}'
        f'<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">{scripts}</head>'
        '<body style="margin: 0; background: var(--nl-paper); color: var(--nl-ink); font-family: var(--nl-sans)">'
        '<main class="bd-main" style="padding: 8px"><div class="bd-article" style="max-width: 680px; margin: auto">'
        f"{''.join(figures)}</div></main></body></html>",
        encoding="utf-8",
    )
    return made


class Strict(Quiet):
    """A server that lets a page do little: no script but its own files, nothing from anywhere else."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[str]:
    with served(Strict, folder) as address:
        yield f"{address}index.html"


@pytest.fixture(params=["file", "http"])
def page(request: pytest.FixtureRequest, browser: Browser, folder: Path, server: str) -> Iterator[Page]:
    """Open the page, from the disk or from the server; whatever it says to the console is a failure."""
    said: list[str] = []
    context = browser.new_context(viewport={"width": 1000, "height": 800}, reduced_motion="reduce")
    made = context.new_page()
    made.on("console", lambda message: said.append(message.text))
    made.on("pageerror", lambda error: said.append(f"{error}"))
    made.goto((folder / "index.html").as_uri() if request.param == "file" else server)
    yield made
    context.close()
    assert said == []


def sequence(page: Page, n: int = 0) -> Locator:
    return page.locator(".nl-seq").nth(n)


def marked(view: Locator, name: str) -> set[int]:
    """Return the messages whose marks, in the drawing that is seen, are "later" or "now"."""
    marks = view.locator(f"svg.nl-wide [data-m].{name}")
    return {int(n) for n in marks.evaluate_all("marks => marks.map(mark => mark.dataset.m)")}


def said(view: Locator) -> str:
    return view.locator(".nl-said").inner_text()


# ----------------------------------------------------------------------------------------------------------- sequences


def test_the_picture_is_whole_until_the_reader_steps(page: Page) -> None:
    view = sequence(page)
    assert (marked(view, "later"), marked(view, "now")) == (set(), set())
    assert said(view).startswith("All 5.")
    assert not view.locator(".nl-octets").is_visible()
    assert [button.inner_text() for button in view.get_by_role("button").all()] == ["First", "Back", "Forward", "All"]
    assert not view.locator("li").first.is_visible()  # folded


def test_the_keyboard_steps_forward_and_back_and_the_words_follow(page: Page) -> None:
    view = sequence(page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "First"
    page.keyboard.press("Enter")
    assert said(view) == "1 of 5: client sends SYN at 0 ms, 40 bytes, lost on the way"
    assert (marked(view, "now"), marked(view, "later")) == ({0}, {1, 2, 3, 4})
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert said(view) == "3 of 5: server sends SYN-ACK at 1.02 s, 40 bytes"
    assert (marked(view, "now"), marked(view, "later")) == ({2}, {3, 4})
    page.keyboard.press("ArrowLeft")
    assert said(view).startswith("2 of 5: client sends SYN again")
    page.keyboard.press("Home")
    assert said(view).startswith("1 of 5")
    page.keyboard.press("ArrowLeft")  # there is none before the first
    assert said(view).startswith("1 of 5")
    assert view.get_by_role("button", name="Back").get_attribute("aria-disabled") == "true"
    page.keyboard.press("End")
    assert (marked(view, "later"), marked(view, "now")) == (set(), set())
    assert view.get_by_role("button", name="All").get_attribute("aria-disabled") == "true"
    page.keyboard.press("ArrowLeft")  # from the whole picture back to the last message
    assert said(view).startswith("5 of 5")
    page.keyboard.press("ArrowRight")
    assert said(view).startswith("5 of 5")
    assert page.locator(".nl-said").nth(1).inner_text().startswith("All 11.")  # the others stay as they are


def test_the_buttons_are_pressed_by_tabulator_and_space(page: Page) -> None:
    view = sequence(page, 1)
    view.get_by_role("button", name="All").focus()
    page.keyboard.press("Shift+Tab")
    for _ in range(4):
        page.keyboard.press("Space")
    assert said(view) == "4 of 11: server sends ServerHello at 60 ms, 127 bytes"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    assert said(view).startswith("3 of 11")


def test_the_bytes_of_a_message_stand_beside_it_and_words_stay_words(page: Page) -> None:
    view = sequence(page)
    view.get_by_role("button", name="Back").press("Enter")
    view.get_by_role("button", name="Back").press("Enter")
    assert said(view) == "4 of 5: client sends GET <b> at 1.04 s, 96 bytes"
    dump = view.locator(".nl-octets").inner_text().splitlines()
    assert dump[0] == "0000  47 45 54 20 2f 3c 62 3e 20 48 54 54 50 2f 31 2e  GET /<b> HTTP/1."
    assert len(dump) == 4  # 64 bytes are kept of 96
    assert dump[3].endswith("················ …")
    height = view.locator(".nl-steps").bounding_box()
    view.get_by_role("button", name="Forward").press("Enter")
    assert view.locator(".nl-octets").inner_text().splitlines()[1].startswith("0010  0a 0d 0a  ")
    after = view.locator(".nl-steps").bounding_box()
    assert height is not None
    assert after is not None
    assert after["height"] == height["height"]  # so that nothing below jumps
    assert not sequence(page, 1).locator(".nl-octets").is_visible()  # nobody knows the bytes of that one
    sequence(page, 1).get_by_role("button", name="First").press("Enter")
    assert not sequence(page, 1).locator(".nl-octets").is_visible()


def test_what_belongs_to_later_is_hidden_with_it(page: Page) -> None:
    view = sequence(page, 2)
    view.get_by_role("button", name="First").press("Enter")
    note = view.locator("svg.nl-wide text", has_text="stored")
    assert not note.is_visible()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert said(view) == "4 of 6: cache sends 200 OK to browser at 90 ms, 1,240 bytes"
    assert note.is_visible()


def test_on_a_phone_the_present_message_and_the_buttons_are_both_seen(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 600})
    view = sequence(page, 1)
    view.get_by_role("button", name="First").press("Enter")
    for key in ["ArrowRight"] * 10 + ["Home"]:
        page.keyboard.press(key)
        bar = view.locator(".nl-steps").bounding_box()
        mark = view.locator("svg.nl-narrow .now").first.bounding_box()
        assert bar is not None
        assert mark is not None
        assert 0 <= mark["y"] < mark["y"] + mark["height"] <= bar["y"]
        assert bar["y"] + bar["height"] <= 600
    assert view.locator("svg.nl-wide").is_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_nothing_moves(page: Page) -> None:
    view = sequence(page)
    view.get_by_role("button", name="First").press("Enter")
    assert page.evaluate("document.getAnimations().length") == 0
    page.emulate_media(reduced_motion="no-preference")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.getAnimations().length") == 0
    durations = "[...document.querySelectorAll('.nl-seq *')].map(e => getComputedStyle(e).transitionDuration)"
    assert set(page.evaluate(durations)) == {"0s"}


def test_paper_shows_the_whole_picture_and_no_buttons(page: Page) -> None:
    view = sequence(page)
    view.get_by_role("button", name="First").press("Enter")
    last = view.locator("svg.nl-wide [data-m='4']").first
    assert last.evaluate("mark => getComputedStyle(mark).opacity") == "0.13"
    page.emulate_media(media="print")
    assert last.evaluate("mark => getComputedStyle(mark).opacity") == "1"
    assert view.locator("svg.nl-wide text", has_text="200").is_visible()
    assert not view.locator(".nl-steps").is_visible()
    assert not view.locator(".nl-pcap").is_visible()


def test_the_list_tells_every_message(page: Page) -> None:
    view = sequence(page)
    view.locator("summary").press("Enter")
    rows = view.locator("li").all()
    assert len(rows) == 5
    cells = [rows[3].locator(f".{name}").inner_text() for name in ("at", "way", "name", "size")]
    assert cells == ["1.04 s", "client → server", "GET <b>", "96 bytes"]
    assert rows[4].locator("code").inner_text().startswith("48 54 54 50")
    assert [rows[n].locator("code").inner_text().endswith(" …") for n in (3, 4)] == [True, False]
    assert rows[0].locator("code").count() == 0
    assert page.locator("i, li b").count() == 0  # what looks like markup is text


def test_the_capture_can_be_saved(page: Page) -> None:
    link = sequence(page).get_by_role("link")
    with page.expect_download() as waiting:
        link.press("Enter")
    assert waiting.value.suggested_filename == "0.pcap"
    assert waiting.value.path().read_bytes() == told().pcap("tcp", ports={"server": 80})
    assert page.locator(".nl-pcap").count() == 1


def test_what_a_panel_draws_later_steps_too(page: Page) -> None:
    page.evaluate("""() => {
      const first = document.querySelector(".nl-seq"), copy = first.cloneNode(true);
      copy.querySelector(".nl-steps").remove();
      first.replaceWith(copy);
      window.netlabSteps.attach(copy);
      window.netlabSteps.attach();
    }""")
    view = sequence(page)
    assert view.locator(".nl-steps").count() == 1
    view.get_by_role("button", name="Forward").press("Enter")
    assert said(view).startswith("1 of 5")
    assert page.evaluate("Object.keys(window).filter(name => name.startsWith('netlab'))") == ["netlabSteps"]


def test_without_script_the_picture_is_whole_and_the_list_is_there(browser: Browser, folder: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((folder / "index.html").as_uri())
    assert page.get_by_role("button").count() == 0
    assert page.locator(".nl-seq summary").first.inner_text() == "All 5 messages"
    assert page.locator(".nl-seq svg.nl-wide").first.is_visible()
    link = page.locator(".nl-pcap a").get_attribute("href") or ""
    assert base64.b64decode(link.partition(",")[2])[:4].hex() == "a1b23c4d"
    context.close()


# --------------------------------------------------------------------------------------------------------------- bytes


def lit(view: Locator) -> tuple[set[str], set[str]]:
    """Return which fields light up in the drawing that is seen, and in the list."""
    both = (view.locator(f"{where}.on") for where in ("svg.nl-wide [data-f]", "li[data-f]"))
    drawing, listed = (set(parts.evaluate_all("parts => parts.map(part => part.dataset.f)")) for parts in both)
    return drawing, listed


def test_the_drawing_is_one_stop_and_arrows_go_from_field_to_field(page: Page) -> None:
    view = page.locator(".nl-hex").first
    view.locator("svg.nl-wide").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('svg.nl-wide')")
    assert lit(view) == ({"0"}, {"0"})
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert lit(view) == ({"2"}, {"2"})
    assert said(view) == "bytes 2–5: masking key 37fa213d, RFC 6455 §5.3"
    page.keyboard.press("End")
    assert lit(view) == ({"3"}, {"3"})
    page.keyboard.press("ArrowRight")  # there is none behind the last
    assert lit(view) == ({"3"}, {"3"})
    page.keyboard.press("Home")
    assert said(view).startswith("byte 0: ")
    page.keyboard.press("Tab")  # the list is the next stop, at the same field
    assert page.evaluate("document.activeElement.matches('li[data-f=\"0\"]')")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.f") == "1"
    assert lit(view) == ({"1"}, {"1"})
    assert view.locator("li[aria-current=true]").count() == 1


def test_enter_pins_and_escape_lets_go(page: Page) -> None:
    view = page.locator(".nl-hex").first
    view.locator("svg.nl-wide").press("ArrowRight")
    page.keyboard.press("Enter")
    assert "pinned" in said(view)
    page.locator(".nl-hex svg.nl-wide").nth(1).press("ArrowRight")  # somewhere else
    assert lit(view) == ({"1"}, {"1"})
    view.locator("li[data-f='3']").hover()
    assert lit(view) == ({"1"}, {"1"})  # it stays
    view.locator("svg.nl-wide").press("Escape")
    assert lit(view) == (set(), set())
    view.locator("svg.nl-wide").press("Space")
    assert lit(view) == ({"1"}, {"1"})
    page.keyboard.press("Space")
    assert "pinned" not in said(view)


def test_the_mouse_points_both_ways(page: Page) -> None:
    view = page.locator(".nl-hex").first
    digit = view.locator("svg.nl-wide text.nl-mono").nth(4)  # of the offset and the bytes, the fourth byte
    digit.scroll_into_view_if_needed()
    digits = digit.bounding_box()
    assert digits is not None
    page.mouse.move(digits["x"] + 5, digits["y"] + 5)
    assert lit(view) == ({"2"}, {"2"})
    view.locator("li[data-f='3']").hover()
    assert lit(view) == ({"3"}, {"3"})
    page.mouse.move(2, 2)
    assert lit(view) == (set(), set())
    page.mouse.click(digits["x"] + 5, digits["y"] + 5)
    page.mouse.move(2, 2)
    assert lit(view) == ({"2"}, {"2"})
    page.mouse.click(digits["x"] + 5, digits["y"] + 5)
    page.mouse.move(2, 2)
    assert lit(view) == (set(), set())


def test_a_finger_pins_what_it_taps(browser: Browser, folder: Path) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True)
    page = context.new_page()
    page.goto((folder / "index.html").as_uri())
    view = page.locator(".nl-hex").first
    view.locator("li[data-f='2']").tap()
    assert view.locator("svg.nl-narrow .on").count() == 4  # bytes
    view.locator("li[data-f='1']").tap()
    assert view.locator("svg.nl-narrow .on").count() == 1
    view.locator("li[data-f='1']").tap()
    assert not view.get_attribute("data-pin")
    context.close()


def test_a_drawing_that_a_panel_replaces_lights_up_too(page: Page) -> None:
    page.evaluate("""() => {
      const first = document.querySelector(".nl-hex"), copy = first.cloneNode(true);
      copy.querySelector(".nl-said").remove();
      copy.querySelectorAll("[tabindex]").forEach(part => part.removeAttribute("tabindex"));
      first.replaceWith(copy);
    }""")
    view = page.locator(".nl-hex").first
    view.locator("svg.nl-wide").press("End")
    assert lit(view) == ({"3"}, {"3"})
    assert said(view).startswith("bytes 6–10: payload")


def test_only_one_drawing_and_one_row_are_stops(page: Page) -> None:
    view = page.locator(".nl-hex").nth(1)
    assert view.locator("li[tabindex='0']").count() == 1
    assert view.locator("details").count() == 0 or not view.locator("li").first.is_visible()
    assert view.locator("svg [tabindex]").count() == 0
