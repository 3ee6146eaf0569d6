"""Print the built site into one file: ``python book/_ext/paper.py`` writes _build/netlab-book.pdf.

The pages are taken as `make book` built them, in the order of _toc.yml, and put one after the other into a single page,
_build/paper.html. There every id gets its page's name in front, so that none stands twice, and a link from page to page
becomes one from sheet to sheet. Chromium prints that page by book/_static/print.css, twice: the first print tells on
which sheet each chapter begins, and the second has it in the contents. It needs the Chromium that is installed.
"""

from __future__ import annotations

import html
import os
import re
import shutil
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any, NamedTuple

import yaml
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser, Error, Playwright, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "_build"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
CHANNELS = ("chrome", "msedge")  # where the system keeps a browser of that family under no such name
FLAGS = ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
NO_BROWSER = "make pdf prints with Chromium, which is not installed (Debian: apt install chromium)"
POINTS = ("href", "xlink:href", "for", "aria-labelledby", "aria-describedby", "aria-controls")  # at an id
SHEET = """\
<!DOCTYPE html>
<html lang="en" data-theme="light" data-mode="light"><head><meta charset="utf-8"><title>{title}</title>
{styles}</head><body><main class="bd-main"><div class="bd-content"><div class="bd-article-container">
<article class="bd-article">
<section class="nl-cover"><h1>{title}</h1>{says}</section>
<nav class="nl-contents"><h2>Contents</h2>{contents}</nav>
{chapters}</article></div></div></main></body></html>
"""


class Chapter(NamedTuple):
    """A page of the book: the part that it is in, its name, its title as text, and its article."""

    part: str
    name: str
    title: str
    article: Tag


# --------------------------------------------------------------------------------------------------- one page of all


def pages(contents: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the parts and the names of the pages, in the order of _toc.yml."""
    yield "", contents["root"]
    for part in contents.get("parts", [contents]):
        yield from ((part.get("caption", ""), page["file"]) for page in part["chapters"])


def chapters(site: Path, contents: Mapping[str, Any]) -> list[Chapter]:
    """Return the pages as they were built; raise FileNotFoundError for one that was not."""
    listed = list(pages(contents))
    known = {name: name.replace("/", "-") for _, name in listed}
    found = list[Chapter]()
    for part, name in listed:
        page = site / f"{name}.html"
        if not page.is_file():
            raise FileNotFoundError(f"{page.name} is not in {site}: run `make book` first")
        article = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select_one("article.bd-article")
        if article is None:
            raise ValueError(f"{page} has no article: it is no page of this book's theme")
        title = article.select_one("h1") or article
        for screen_only in article.select(".headerlink, script, svg.nl-narrow"):
            screen_only.decompose()
        found.append(Chapter(part, known[name], title.get_text().strip(), own(article, name, known)))
    return found


def own(article: Tag, name: str, known: Mapping[str, str]) -> Tag:
    """Return the article with names that no other has, and with links that lead where they did."""
    for tag in article.find_all(True):
        for key in ("id", "name"):
            if key in tag.attrs:
                tag[key] = f"{known[name]}--{tag[key]}"
        for key in POINTS:
            if key in tag.attrs:
                tag[key] = led(str(tag[key]), name, known, bare="href" not in key)
        if "src" in tag.attrs:
            tag["src"] = outside(str(tag["src"]), name)
        for key, value in tag.attrs.items():
            if isinstance(value, str) and "url(#" in value:
                tag[key] = value.replace("url(#", f"url(#{known[name]}--")
    return article


def led(target: str, name: str, known: Mapping[str, str], bare: bool) -> str:
    """Return where a reference on the page ``name`` leads in the one document. A ``bare`` one is a list of ids."""
    if bare:
        return " ".join(f"{known[name]}--{one}" for one in target.split())
    if re.match(r"[a-z]+:", target):
        return target
    path, _, spot = target.partition("#")
    there = normpath(join(dirname(name), path)).removesuffix(".html") if path else name
    if there in known:
        return f"#{known[there]}--{spot}" if spot else f"#{known[there]}"
    return outside(target, name)


def outside(target: str, name: str) -> str:
    """Return the address of a file of the site, as the document names it, which lies beside the site."""
    return target if re.match(r"[a-z]+:", target) else normpath(join("html", dirname(name), target))


def document(site: Path, book: Mapping[str, str], found: list[Chapter], sheets: Mapping[str, int]) -> str:
    """Return the one page. ``book`` has its title, author, copyright and version; ``sheets`` where a chapter begins."""
    lines, part = list[str](), ""
    for chapter in found:
        if chapter.part != part:
            part = chapter.part
            lines.append(f'<p class="part">{html.escape(part)}</p>')
        number = sheets.get(chapter.name, "")
        title = html.escape(chapter.title)
        lines.append(f'<ul><li><a href="#{chapter.name}">{title}</a><i></i><b>{number}</b></li></ul>')
    said = (f"{book['author']}, {book['copyright']}", f"with netlab {book['version']}", "Text CC BY 4.0, code MIT")
    return SHEET.format(
        title=html.escape(book["title"]),
        styles=styles(site),
        says="".join(f"<p>{html.escape(line)}</p>" for line in said),
        contents="".join(lines),
        chapters="\n".join(
            f'<section class="nl-chapter" id="{chapter.name}">{chapter.article.decode_contents()}</section>'
            for chapter in found
        ),
    )


def styles(site: Path) -> str:
    """Return the styles that the site's search page asks for, as every page does, for a document beside the site."""
    soup = BeautifulSoup((site / "search.html").read_text(encoding="utf-8"), "html.parser")
    sheets = soup.select("link[rel~=stylesheet]")
    for sheet in sheets:
        sheet["href"] = normpath(join("html", str(sheet["href"])))
    return "".join(map(str, sheets))


# ------------------------------------------------------------------------------------------------------------- printing


def launch(playwright: Playwright) -> Browser:
    """Start the browser that is installed; raise FileNotFoundError where there is none. Nothing is ever downloaded."""
    flags = [*FLAGS, "--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else FLAGS  # root has no sandbox
    if program := next(filter(None, map(shutil.which, CHROMIUM)), None):
        return playwright.chromium.launch(executable_path=program, args=flags)
    for channel in CHANNELS:
        try:
            return playwright.chromium.launch(channel=channel, args=flags)
        except Error:
            continue
    raise FileNotFoundError(NO_BROWSER)


def printed(browser: Browser, page: Path) -> bytes:
    """Return a page of the disk as PDF, on A4, with its headings as bookmarks; it may ask the network for nothing."""
    context = browser.new_context(offline=True)
    try:
        tab = context.new_page()
        tab.goto(page.as_uri())
        tab.evaluate("document.fonts.ready.then(() => 0)")
        return tab.pdf(format="A4", print_background=True, outline=True, tagged=True)
    finally:
        context.close()


def numbers(pdf: bytes) -> dict[str, int]:
    """Return on which sheet each place is that a link leads to. Chromium writes these tables uncompressed."""
    found = re.findall(rb"\n(\d+) 0 obj\n<</Type /Pages\b[^>]*?/Kids \[([^\]]*)\]", pdf)
    kids = {int(number): [int(kid) for kid in re.findall(rb"(\d+) 0 R", inside)] for number, inside in found}
    below = {kid for inside in kids.values() for kid in inside}
    waiting, sheets = [node for node in kids if node not in below], list[int]()
    while waiting:  # the tree of sheets, from left to right
        node = waiting.pop(0)
        waiting = kids[node] + waiting if node in kids else waiting
        sheets += [] if node in kids else [node]
    places = re.findall(rb"/([^\s/\[\]()<>]+) \[(\d+) 0 R /XYZ", pdf)
    return {name.decode("latin-1"): sheets.index(int(on)) + 1 for name, on in places if int(on) in sheets}


def make(build: Path, contents: Mapping[str, Any], book: Mapping[str, str]) -> bytes:
    """Return the book as PDF, from the site in ``build``; raise FileNotFoundError for what is missing."""
    found = chapters(build / "html", contents)
    page = build / "paper.html"
    with sync_playwright() as playwright:
        browser = launch(playwright)
        try:
            page.write_text(document(build / "html", book, found, {}), encoding="utf-8")
            page.write_text(document(build / "html", book, found, numbers(printed(browser, page))), encoding="utf-8")
            return printed(browser, page)
        finally:
            browser.close()
            page.unlink(missing_ok=True)


def main() -> int:
    """Print, and say where it is; or what is missing."""
    contents, config = (
        yaml.safe_load((ROOT / name).read_text(encoding="utf-8")) for name in ("_toc.yml", "_config.yml")
    )
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    target = BUILD / "netlab-book.pdf"
    try:
        pdf = make(BUILD, contents, {**config, "version": version})
    except (FileNotFoundError, Error) as error:
        print(error, file=sys.stderr)
        return 1
    target.write_bytes(pdf)
    print(f"{target.relative_to(ROOT)}: {pdf.count(b'/Type /Page' + bytes([10]))} sheets, {len(pdf) / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
