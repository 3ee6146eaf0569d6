"""The book on paper: all that is folded is open, nothing is cut, and a link leads from sheet to sheet."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.books import module
from tests.page.conftest import PAGES, ROOT, visit

WIDTH = 665  # px: A4 less the margins of print.css, at 96 to the inch

# Scripts for the page, as it is printed. What only a screen has: things to press, what is drawn a second time for a
# phone, what can only be heard.
SCREEN = ".headerlink, .copybtn, button, input, select, textarea, form, script, style, noscript, template, dialog"
SCREEN += ", svg, math, .sr-only, .visually-hidden, p.expanded, p.collapsed, [hidden], .nl-bar, .nl-steps, .nl-pcap"
SCREEN += ", .nl-explain, .nl-hex .nl-said"
UNREAD = """screen => {
  const unread = [], words = document.createTreeWalker(document.querySelector('article'), NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const text = words.currentNode.textContent.trim(), parent = words.currentNode.parentElement;
    if (!text || parent.closest(screen)) continue;
    const seen = parent.checkVisibility({contentVisibilityAuto: true, opacityProperty: true, visibilityProperty: true});
    let folded = false;
    for (let box = parent; box && !box.matches('article'); box = box.parentElement)
      folded ||= getComputedStyle(box).overflow !== 'visible' && box.getBoundingClientRect().height < 4;
    if (!seen || folded) unread.push(`${parent.tagName}.${parent.className}: ${text.slice(0, 60)}`);
  }
  return unread;
}"""
CHROME = """() => [...document.querySelectorAll(
    '.bd-sidebar, .bd-header-article, .prev-next-footer, .bd-footer, .headerlink, .copybtn, nav, button')]
  .filter(e => !e.closest('.nl-contents') && e.checkVisibility()).map(e => `${e.tagName}.${e.className}`)"""
WIDE = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
CUT = """() => [...document.querySelectorAll('article *')].filter(e => !e.closest('svg, math') || e.matches('svg'))
  .filter(e => e.checkVisibility() && getComputedStyle(e).display !== 'inline')
  .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 ||
    (e.scrollWidth > e.clientWidth + 1 && ['auto', 'scroll', 'hidden'].includes(getComputedStyle(e).overflowX)))
  .map(e => `${e.tagName}.${e.className.baseVal ?? e.className}: ${e.textContent.trim().slice(0, 60)}`)"""
REASONS = "() => [...document.querySelectorAll('.nl-quiz small')].every(reason => reason.checkVisibility())"
PAPER = """() => [document.documentElement, document.body, document.querySelector('article')]
  .map(e => getComputedStyle(e).backgroundColor).filter(c => !['rgb(255, 255, 255)', 'rgba(0, 0, 0, 0)'].includes(c))"""
TITLE = "() => document.querySelector('h1').checkVisibility()"


paper = module("paper")


@pytest.fixture(scope="module")
def sheets(browser: Browser) -> Iterator[BrowserContext]:
    """Return a profile of somebody who likes it dark and prints on A4."""
    made = browser.new_context(viewport={"width": WIDTH, "height": 900}, color_scheme="dark")
    made.set_default_timeout(20_000)
    yield made
    made.close()


def shown(context: BrowserContext, origin: str, name: str) -> Page:
    """Return a page as it is printed."""
    page = visit(context, origin, name).page
    page.emulate_media(media="print", color_scheme="dark")
    return page


@pytest.mark.parametrize("name", PAGES)
def test_all_that_should_be_read_is_on_paper(sheets: BrowserContext, origin: str, name: str) -> None:
    page = shown(sheets, origin, name)
    assert page.evaluate(UNREAD, SCREEN) == []
    assert page.evaluate(REASONS), "a quiz without its reasons"
    assert page.evaluate(TITLE), "a page without its title"
    assert page.evaluate(CHROME) == [], "a thing to be pressed"
    assert page.evaluate(CUT) == [], "wider than the sheet, or cut"
    assert not page.evaluate(WIDE)
    assert page.evaluate(PAPER) == [], "a sheet that is not white"
    page.close()


def test_a_folded_thing_is_found(sheets: BrowserContext, origin: str) -> None:
    page = shown(sheets, origin, PAGES[0])
    page.evaluate("""() => {
      document.querySelector('article').innerHTML += `<details><summary>s</summary><p>open on paper</p></details>
        <p style="display: none">forgotten</p><p style="max-height: 0; overflow: hidden">squeezed</p>`;
    }""")
    assert [line.partition(": ")[2] for line in page.evaluate(UNREAD, SCREEN)] == ["forgotten", "squeezed"]
    page.close()


# ---------------------------------------------------------------------------------------------------- the whole book

TOC = {
    "root": "book/index",
    "parts": [{"chapters": [{"file": "book/start"}]}, {"caption": "A & B", "chapters": [{"file": "book/web/deep"}]}],
}
BOOK = {"title": "A <small> book", "author": "somebody", "copyright": "2026", "version": "1.2"}
ARTICLES = {
    "index": '<h1 id="t">Front<a class="headerlink" href="#t">#</a></h1><a href="web/deep.html#t">to a place</a> '
    '<a href="start.html">to a page</a> <a href="https://example.com/a#b">out</a> <a href="../NOTICE">a file</a>',
    "start": '<h1 id="t">Start</h1><p>Two</p><a href="#t">here</a><label for="t">l</label><input name="q" id="q">',
    "web/deep": '<h1 id="t">Deep</h1><img src="../../_images/x.png" alt="x"><a href="../index.html#t">back</a>'
    '<svg class="nl-wide" viewBox="0 0 9 9" aria-labelledby="a b"><clipPath id="c"/><g clip-path="url(#c)"/></svg>'
    '<svg class="nl-narrow"></svg><script>alert(1)</script>',
}


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """Return the folder of a small build: three pages of this theme's shape."""
    for name, article in ARTICLES.items():
        path = tmp_path / "html" / "book" / f"{name}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'<body><nav>no</nav><article class="bd-article">{article}</article></body>')
    link = '<link rel="stylesheet" href="_static/print.css" media="print">'
    (tmp_path / "html/search.html").write_text(f"<head>{link}</head>")
    (tmp_path / "html/_static").mkdir()
    shutil.copy(ROOT / "book/_static/print.css", tmp_path / "html/_static")
    return tmp_path


def test_the_pages_become_one_in_which_every_link_leads_where_it_did(build: Path) -> None:
    found = paper.chapters(build / "html", TOC)
    page = paper.document(build / "html", BOOK, found, {"book-web-deep": 7})
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    inner = set(re.findall(r'(?:href="|url\()#([^")]+)', page))
    assert inner <= set(ids), "a link that leads nowhere"
    hrefs = re.findall(r'<a href="([^"]+)"', page.partition("</nav>")[2])
    assert hrefs == [
        *("#book-web-deep--t", "#book-start", "https://example.com/a#b", "html/NOTICE"),
        "#book-start--t",
        "#book-index--t",
    ]
    assert re.findall(r"<h1[^>]*>([^<]+)", page) == ["A &lt;small&gt; book", "Front", "Start", "Deep"]
    assert 'src="html/_images/x.png"' in page
    assert 'aria-labelledby="book-web-deep--a book-web-deep--b"' in page
    assert 'for="book-start--t"' in page
    assert 'href="html/_static/print.css"' in page
    assert re.search(r'<p class="part">A &amp; B</p><ul><li><a href="#book-web-deep">Deep</a><i></i><b>7</b>', page)
    for gone in ("nl-narrow", "alert(1)", "headerlink", "<nav>no"):
        assert gone not in page


def test_the_book_is_printed_with_its_sheets_in_the_contents(build: Path, browser: Browser) -> None:
    page = build / "paper.html"
    found = paper.chapters(build / "html", TOC)
    page.write_text(paper.document(build / "html", BOOK, found, {}), encoding="utf-8")
    pdf = paper.printed(browser, page)
    assert pdf.startswith(b"%PDF-")
    sheets = paper.numbers(pdf)
    begins = [sheets[name] for name in ("book-index", "book-start", "book-web-deep")]
    assert begins == [3, 4, 5], "a title, the contents, then each chapter on a sheet of its own"
    assert b"/Outlines" in pdf
    assert b"(https://example.com/a#b)" in pdf


def test_sheets_are_counted_through_the_tree() -> None:
    tree = b"\n".join(
        [
            b"%PDF\n1 0 obj\n<</Type /Pages\n/Count 3\n/Kids [2 0 R 5 0 R]>>\nendobj",
            b"2 0 obj\n<</Type /Pages\n/Parent 1 0 R\n/Kids [9 0 R 3 0 R]>>\nendobj",
            b"<</a [5 0 R /XYZ 0 1 0]\n/b--c [9 0 R /XYZ 0 1 0]\n/gone [77 0 R /XYZ 0 1 0]>>",
        ]
    )
    assert paper.numbers(tree) == {"a": 3, "b--c": 1}
    assert paper.numbers(b"no PDF at all") == {}


# ------------------------------------------------------------------------------------------------- what may be missing


def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], build: Path) -> str:
    """Return what `make pdf` says where it cannot print."""
    monkeypatch.setattr(paper, "BUILD", build)
    assert paper.main() == 1
    assert not list(build.glob("*.pdf"))
    return capsys.readouterr().err


def test_without_a_site_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert "run `make book` first" in told(monkeypatch, capsys, tmp_path)


def test_without_a_browser_it_says_which(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(paper, "make", lambda *_: paper.launch(NoBrowser))
    monkeypatch.setattr(paper.shutil, "which", lambda _: None)
    assert "make pdf prints with Chromium, which is not installed" in told(monkeypatch, capsys, tmp_path)


class NoBrowser:
    """A playwright on a machine without any browser."""

    class chromium:  # noqa: N801 - as playwright calls it
        @staticmethod
        def launch(**_: object) -> None:
            raise paper.Error("not found")


def test_the_makefile_prints_what_is_built() -> None:
    said = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^pdf: book .*\n\t\$\(BIN\)/python book/_ext/paper\.py$", said, flags=re.M)
