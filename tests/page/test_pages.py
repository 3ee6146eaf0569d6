"""Every page of the built book: alone with its own site, silent, of one piece, for every screen and every reader."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.page.conftest import CONTENTS, OTHERS, PAGES, ROOT, SITE, Visit, until, visit

ALL = [*PAGES, *OTHERS]
WIDTHS = [1280, 768, 390, 320]  # px: a laptop, a tablet, a phone, a small phone (or a laptop zoomed to 400 %)

# Scripts for the page: each returns what is wrong, or what a test then looks at.
PICTURES = """() => [...document.querySelectorAll('img, svg[role=img]')].map(picture => {
  const figure = picture.closest('figure');
  return {says: picture.getAttribute('alt') ?? picture.getAttribute('aria-label') ?? '', figure: Boolean(figure),
          caption: figure?.querySelector('figcaption')?.innerText.trim() ?? '', html: picture.outerHTML.slice(0, 120)};
})"""
NAMELESS = """() => [...document.querySelectorAll('svg:not([role=img]):not([aria-hidden=true])')]
  .map(drawing => drawing.outerHTML.slice(0, 120))"""
UNHEARD = """() => [...document.querySelectorAll('button, a[href], input:not([type=hidden]), summary')]
  .filter(e => ![e.innerText, e.textContent, e.ariaLabel, e.title, e.labels?.[0]?.innerText].some(name => name?.trim()))
  .map(e => e.outerHTML.slice(0, 120))"""
WIDE = """() => document.documentElement.scrollWidth <= window.innerWidth ? [] :
  [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > window.innerWidth + 1)
    .map(e => `${e.tagName}.${e.className}`).slice(0, 5)"""
ICONS = """() => [...document.querySelectorAll('i[class*=fa-], span[class*=fa-]')]
  .filter(i => !getComputedStyle(i).getPropertyValue('--icon')).map(i => i.className)"""
FOCUS = """() => {
  const e = document.activeElement, style = getComputedStyle(e);
  return [e.outerHTML.slice(0, 80), style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1];
}"""
PAPER = "getComputedStyle(document.body).backgroundColor"


@pytest.mark.parametrize("name", ALL)
def test_no_request_leaves_the_site_and_none_fails(visits: dict[str, Visit], name: str) -> None:
    assert visits[name].strangers == []
    assert visits[name].failed == []


@pytest.mark.parametrize("name", ALL)
def test_the_console_is_empty(visits: dict[str, Visit], name: str) -> None:
    assert visits[name].said == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_one_header_one_title_and_a_language(visits: dict[str, Visit], name: str) -> None:
    page = visits[name].page
    assert page.locator("header").count() == 1
    assert page.locator("h1").count() == 1
    assert page.locator("main").count() == 1
    assert page.locator("h1").inner_text().strip("# \n")
    assert page.locator("html").get_attribute("lang") == "en"


@pytest.mark.parametrize("name", PAGES)
def test_every_picture_says_what_it_shows_and_has_a_caption(visits: dict[str, Visit], name: str) -> None:
    for picture in visits[name].page.evaluate(PICTURES):
        words = re.findall(r"\w{2,}", picture["says"])
        assert len(words) >= 4, f"no sentence, but {picture['says']!r}: {picture['html']}"
        assert not re.search(r"\.(png|svg|jpe?g)\b", picture["says"]), f"a file's name: {picture['says']}"
        assert picture["figure"], f"not in a figure: {picture['html']}"
        assert len(picture["caption"].split()) >= 3, f"no caption: {picture['html']}"
    assert visits[name].page.evaluate(NAMELESS) == [], "a drawing without a name that is not hidden from a reader's ear"
    assert visits[name].page.evaluate(UNHEARD) == [], "something to press that has no name"


@pytest.mark.parametrize("name", ALL)
def test_a_page_fits_every_screen(visits: dict[str, Visit], name: str) -> None:
    page = visits[name].front()
    try:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(WIDE) == [], f"at {width} px"
    finally:
        page.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.parametrize("name", PAGES)
def test_formulas_need_no_script(visits: dict[str, Visit], name: str) -> None:
    page = visits[name].page
    assert not [asked for asked in visits[name].asked if "mathjax" in asked.lower()]
    assert not page.evaluate("Boolean(window.MathJax)")
    assert not re.search(r"\\\(|\\\[", page.locator("article").inner_text()), "a formula that was not translated"


@pytest.mark.parametrize("name", ALL)
def test_every_icon_is_drawn(visits: dict[str, Visit], name: str) -> None:
    assert visits[name].page.evaluate(ICONS) == [], "add it to book/_static/icons.css"


@pytest.mark.parametrize("name", PAGES)
def test_the_first_load_is_light(visits: dict[str, Visit], name: str) -> None:
    assert visits[name].weight() <= 1_000_000
    assert "searchindex.js" not in visits[name].asked, "all of the book's words, for one page"


@pytest.mark.parametrize("name", PAGES)
def test_dark_and_light_follow_the_reader_and_paper_is_white(visits: dict[str, Visit], name: str) -> None:
    page = visits[name].front()
    try:
        assert page.evaluate(PAPER) == "rgb(255, 255, 255)"
        page.emulate_media(color_scheme="dark")
        until(page, "document.documentElement.dataset.theme === 'dark'")
        assert page.evaluate(PAPER) == "rgb(18, 22, 27)"
        page.emulate_media(color_scheme="dark", media="print")
        assert page.evaluate("getComputedStyle(document.body).getPropertyValue('--nl-paper')") == "#fff"
        assert page.evaluate(PAPER) == "rgb(255, 255, 255)"
    finally:
        page.emulate_media(color_scheme="light", media="screen")
        until(page, "document.documentElement.dataset.theme === 'light'")


def test_the_reader_can_choose_and_the_choice_stays(browser: Browser, origin: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    try:
        page = visit(context, origin, PAGES[0]).page
        for _ in range(3):  # auto, light, dark
            if page.locator("html").get_attribute("data-mode") != "dark":
                page.locator(".theme-switch-button").first.click()
        assert page.locator("html").get_attribute("data-theme") == "dark"
        page.reload(wait_until="networkidle")
        assert page.locator("html").get_attribute("data-theme") == "dark"
    finally:
        context.close()


@pytest.mark.parametrize("name", PAGES)
def test_the_keyboard_reaches_everything_and_shows_where_it_is(visits: dict[str, Visit], name: str) -> None:
    page = visits[name].front()
    page.evaluate("document.activeElement.blur()")
    seen = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        where, shown = page.evaluate(FOCUS)
        seen.add(where)
        assert shown, f"nothing shows that the keyboard is at {where}"
    assert len(seen) >= 5


@pytest.mark.parametrize("name", PAGES)
def test_a_quiz_answers(visits: dict[str, Visit], name: str) -> None:
    quizzes = visits[name].front().locator("fieldset.nl-quiz")
    for number in range(quizzes.count()):
        quiz = quizzes.nth(number)
        assert quiz.locator("legend").inner_text().strip()
        assert quiz.locator("label.yes").count() == 1
        assert not quiz.locator("small").first.is_visible()
        for label in quiz.locator("label").all():
            label.locator("input").check()
            assert label.locator("small").is_visible(), f"no reason for {label.inner_text()}"
            assert quiz.locator("small:visible").count() == 1, "two answers of one question are chosen"


def test_search_finds(context: BrowserContext, origin: str, visits: dict[str, Visit]) -> None:
    for base in (origin, f"{SITE.as_uri()}/"):
        title = visits[PAGES[-1]].page.locator("h1").inner_text().strip("# \n")
        word = max(re.findall(r"[A-Za-z]+", title), key=len)
        found = visit(context, base, f"search.html?q={word}")
        found.page.wait_for_selector("#search-results li a")
        hrefs = [link.get_attribute("href") for link in found.page.locator("#search-results li a").all()]
        assert any(CONTENTS[-1] in str(href) for href in hrefs), f"{word!r} finds only {hrefs}"
        assert (found.strangers, found.said, found.failed) == ([], [], [])
        found.page.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_reads_from_the_disk(context: BrowserContext, name: str) -> None:
    seen = visit(context, f"{SITE.as_uri()}/", name)
    assert (seen.strangers, seen.said, seen.failed) == ([], [], [])
    assert seen.page.locator("h1").count() == 1
    seen.page.close()


def test_the_front_page_leads_into_the_book(context: BrowserContext, origin: str) -> None:
    seen = visit(context, origin, "index.html")
    seen.page.wait_for_url(f"{origin}{PAGES[0]}")
    assert seen.page.locator("nav.bd-docs-nav a").count() >= len(PAGES)
    seen.page.close()


def test_the_site_is_what_the_contents_say() -> None:
    built = {path.relative_to(SITE).as_posix() for path in (SITE / "book").rglob("*.html")}
    assert built == set(PAGES), "a page too many or too few: is the site older than _toc.yml?"
    assert (ROOT / "_toc.yml").exists()
