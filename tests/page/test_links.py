"""Every link of the built book leads somewhere: to a file of the site and to a place in it, or to a known address."""

import os
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.page.conftest import OTHERS, PAGES, SITE


class Places(HTMLParser):
    """What a page links to, and the places in it that a link may name."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.names: set[str] = {""}
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for key, value in attrs:
            if key in {"href", "src"} and value:
                self.links.append(value)
            elif key in {"id", "name"} and value:
                self.names.add(value)


@cache
def places(path: Path) -> Places:
    """Return what stands in a page; each is read once."""
    return Places(path)


@pytest.mark.parametrize("name", [*PAGES, *OTHERS])
def test_every_link_leads_somewhere(name: str) -> None:
    page = SITE / name
    assert page.exists(), f"there is no {page}: run `make book` first"
    for link in places(page).links:
        scheme, host, path, _, fragment = urlsplit(link)
        if scheme or host:
            assert scheme in {"https", "http", "mailto", "data"}, link
            assert not host.startswith(("localhost", "127.")), link
            continue
        target = Path(os.path.normpath(page.parent / unquote(path))) if path else page
        assert target.is_relative_to(SITE), f"{link} leaves the site"
        assert target.is_file(), f"{link}: no such file"
        if fragment and target.suffix == ".html":
            assert unquote(fragment) in places(target).names, f"{link}: no such place"
