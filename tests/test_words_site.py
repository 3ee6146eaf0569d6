"""What the map, the RFC index and the links of citations look like on a page, and what they warn of."""

import re
from pathlib import Path

import pytest

from tests.words import Site, chapters, rfcs

R = "RFC"  # written apart from its number, a made-up citation is none of this file's
MAP = """\
part = [
  {name = "transport", title = "Transport", says = "How much."},
  {name = "web", title = "The web", says = "To whom."},
]
path = [{title = "A way", says = "Backwards.", chapters = [53, 49, 48]}]
"""
ROW = """
[[chapter]]
number = %s
title = "%s"
asks = "Why?"
module = "%s"
peer = "the kernel"
needs = ["page", "nginx"]
state = "%s"
"""
TABLE = """\
[rfc.768]
title = "User Datagram Protocol"
status = "Internet Standard"

[rfc.791]
title = "What only tests cite"
status = "Internet Standard"

[rfc.2581]
title = "Congestion Control"
status = "Proposed Standard"
obsoleted_by = [5681]
cite_anyway = "it came first"
[rfc.2581.sections]
"3" = "Algorithms"
"10" = "Ten"
"9" = "Nine"
"9.1" = "Nine, rule (9.1)"
"4" = "Nobody's"
"""


def mapped(**states: str) -> str:
    """Return a map of three chapters; those that are named are in another state than planned."""
    rows = [(48, "Congestion", "transport/congestion"), (49, "Flow", "transport/flow"), (53, "Caching", "web/caching")]
    return MAP + "".join(ROW % (*row, states.get(row[1].lower(), "planned")) for row in rows)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Return a site with one ready chapter; the extensions read this site's data and library."""
    made = Site(tmp_path)
    made.write("data/chapters.toml", mapped(congestion="ready"))
    made.write("data/rfcs.toml", TABLE)
    made.write("book/transport/congestion.md", "---\norphan: true\n---\n# How congestion is met\n")
    monkeypatch.setattr(chapters, "DATA", tmp_path / "data" / "chapters.toml")
    for name, value in {"ROOT": ".", "DATA": "data/rfcs.toml", "API": "book/api.md"}.items():
        monkeypatch.setattr(rfcs, name, tmp_path / value)
    return made


def rows(html: str) -> list[str]:
    """Return the rows of a page's tables, without their tags."""
    found = re.findall(r"<tr.*?</tr>", html, flags=re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in found]


# -------------------------------------------------------------------------------------------------------- the chapters


def test_a_ready_chapter_is_a_link_and_a_planned_one_is_not(site: Site) -> None:
    site.write("book/index.md", "# Map\n\n```{chapters}\n```\n")
    assert site.build() == []
    assert rows(site.html()) == [
        "No. Chapter Address, needs Proved by",
        "Transport How much.",
        "48 Congestion Why? transport/congestion page · nginx the kernel",
        "49 Flow planned Why? transport/flow page · nginx the kernel",
        "The web To whom.",
        "53 Caching planned Why? web/caching page · nginx the kernel",
    ]
    table = re.search(r"<table.*</table>", site.html(), flags=re.S)
    assert table
    assert re.findall(r'href="([^"]+)"', table[0]) == ["transport/congestion.html"]


def test_a_path_leads_in_its_own_order_and_links_what_is_ready(site: Site) -> None:
    site.write("book/index.md", "# Map\n\n```{paths}\n```\n")
    assert site.build() == []
    (path,) = re.findall(r'<dl class="[^"]*nl-paths.*?</dl>', site.html(), flags=re.S)
    assert " ".join(re.sub(r"<[^>]+>", " ", path).split()) == "A way Backwards. Caching Flow Congestion"
    assert re.findall(r'href="([^"]+)"', path) == ["transport/congestion.html"]


def test_a_sentence_names_a_chapter(site: Site) -> None:
    site.write("book/index.md", "# Map\n\nFirst {chapter}`48`, then {chapter}`49`.\n")
    assert site.build() == []
    said = re.sub(r"<[^>]+>", "", site.html())
    assert "First Congestion (48), then Flow planned (49)." in said


def test_a_chapter_that_is_not_there_is_a_warning(site: Site) -> None:
    site.write("book/index.md", "# Map\n\nRead {chapter}`99`.\n")
    (said,) = site.build()
    assert "there is no chapter '99'" in said


@pytest.mark.parametrize(
    ("states", "warning"),
    [
        ({}, "chapter 48 is planned in chapters.toml, but book/transport/congestion exists"),
        (
            {"congestion": "ready", "caching": "ready"},
            "chapter 53 is ready in chapters.toml, but book/web/caching does not exist",
        ),
    ],
)
def test_data_that_does_not_agree_with_the_pages_is_a_warning(site: Site, states: dict[str, str], warning: str) -> None:
    site.write("data/chapters.toml", mapped(**states))
    site.write("book/index.md", "# Map\n\n```{chapters}\n```\n")
    (said,) = site.build()
    assert warning in said


def test_a_page_more_has_the_map_read_again(site: Site) -> None:
    site.write("book/index.md", "# Map\n\n```{chapters}\n```\n")
    assert site.build() == []
    site.write("book/web/caching.md", "---\norphan: true\n---\n# Caching\n")
    (said,) = site.build()
    assert "chapter 53 is planned in chapters.toml, but book/web/caching exists" in said
    assert 'href="web/caching.html"' in site.html()


# ------------------------------------------------------------------------------------------------------------ the RFCs


def indexed(site: Site, library: str = f'"""{R} 2581 §3, §10 and §9.1."""\n', page: str = "Words.") -> list[str]:
    """Build a site whose library says this and whose pages say that; return the warnings."""
    site.write("netlab/wire/sums.py", library)
    site.write("book/index.md", "# Start\n\n```{toctree}\nother\nindexed\n```\n")
    site.write("book/other.md", f"# Other\n\n{page}\n")
    site.write("book/indexed.md", "# Indexed\n\n```{rfcs}\n```\n")
    return site.build()


def test_the_index_says_which_file_and_which_page(site: Site) -> None:
    assert indexed(site, page=f"See {R} 768, and {R} 2581 §9.") == []
    assert rows(site.html("indexed")) == [
        "RFC and section In the code In the book",
        "RFC 768 User Datagram Protocol Internet Standard Other",
        f"{R} 2581 Congestion Control Proposed Standard · replaced by RFC 5681 · it came first",
        "§3 Algorithms wire/sums.py",
        "§9 Nine Other",
        "§9.1 Nine, rule (9.1) wire/sums.py",
        "§10 Ten wire/sums.py",
    ]
    assert 'href="https://www.rfc-editor.org/rfc/rfc2581#section-10"' in site.html("indexed")
    assert 'href="other.html"' in site.html("indexed")


@pytest.mark.parametrize("said", ["9999", "768 §1", "2581 §9.9"])
def test_an_unknown_citation_is_a_warning_that_says_where(site: Site, said: str) -> None:
    (warning,) = indexed(site, library=f"# {R} {said}\n", page=f"See {R} 768.")
    assert f"RFC {said} is cited in netlab/wire/sums.py and not in rfcs.toml" in warning
    (warning,) = indexed(site, library="", page=f"See {R} {said}.")
    assert f"RFC {said} is cited in book/other.md and not in rfcs.toml" in warning


def test_a_change_of_the_library_has_the_index_read_again(site: Site) -> None:
    assert indexed(site, library=f"# {R} 768\n") == []
    assert "wire/sums.py" in site.html("indexed")
    site.write("netlab/wire/sums.py", "# nothing\n")
    assert site.build() == []
    assert "wire/sums.py" not in site.html("indexed")


def test_a_file_leads_to_the_room_that_describes_it(site: Site) -> None:
    site.write("book/api.md", "---\norphan: true\n---\n# A\n\n```{eval-rst}\n.. automodule:: netlab.wire\n```\n")
    assert indexed(site, library=f"# {R} 768\n") == []
    assert 'href="api.html#module-netlab.wire"' in site.html("indexed")


def test_citations_in_a_text_are_links_and_those_in_code_are_not(site: Site) -> None:
    words = f"# {R} 768 in a heading\n\nSee {R} 2581 §9.1. `{R} 768`\n\n    {R} 768\n\n[{R} 768](https://example.com)\n"
    site.write("book/index.md", words)
    assert site.build() == []
    links = re.findall(r'href="(https://www.rfc[^"]*)">([^<]*)<', site.html())
    assert links == [("https://www.rfc-editor.org/rfc/rfc2581#section-9", f"{R}\xa02581\xa0§9.1")]
