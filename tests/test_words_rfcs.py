"""The RFCs: each citation is in the table, and each row of the table is cited."""

import re
from pathlib import Path

import pytest
from docutils import nodes

from tests.words import BOOK, ROOT, rfcs

KNOWN = rfcs.load()
STATUSES = {
    "Internet Standard",
    "Draft Standard",
    "Proposed Standard",
    "Best Current Practice",
    "Informational",
    "Experimental",
    "Historic",
}
PAGES = [
    path
    for kind in ("*.md", "*.ipynb")
    for path in sorted(BOOK.rglob(kind))
    if not any(part[0] in "._" for part in path.relative_to(BOOK).parts)  # neither a checkpoint nor a package is a page
]
PAGES += [BOOK / "_data" / "chapters.toml"]  # which becomes a table of the first page
SOURCES = rfcs.sources()
TESTS = [path for kind in ("*.py", "*.json") for path in sorted((ROOT / "tests").rglob(kind))]
R = "RFC"  # written apart from its number, a made-up citation below is none


Found = dict[rfcs.Citation, list[str]]


def cited(paths: list[Path]) -> Found:
    """Return what ``paths`` cite and where. In a test a section alone, such as "Example §2", may be made up."""
    found: Found = {}
    for path in paths:
        text = rfcs.text_of(path)
        if path in TESTS:
            text = " ".join(match[0] for match in rfcs.CITATION.finditer(text))
        for citation in rfcs.citations(text):
            found.setdefault(citation, []).append(path.relative_to(ROOT).as_posix())
    return found


def unknown(found: Found) -> list[str]:
    """Return the citations that are not in the table."""
    return [
        f"RFC {number} §{section} in {', '.join(where)}"
        for (number, section), where in found.items()
        if number not in KNOWN or (section and section not in KNOWN[number].sections)
    ]


def idle(found: Found) -> list[str]:
    """Return the rows, and the sections in them, that nobody cites."""
    rows = [f"RFC {number}" for number in KNOWN if not any(citation.rfc == number for citation in found)]
    asked = [rfcs.Citation(number, section) for number, rfc in KNOWN.items() for section in rfc.sections]
    return rows + [f"RFC {number} §{section}" for number, section in asked if (number, section) not in found]


@pytest.mark.parametrize("paths", [SOURCES, PAGES, TESTS], ids=["netlab", "book", "tests"])
def test_every_citation_is_in_the_table(paths: list[Path]) -> None:
    found = cited(paths)
    assert len(found) >= 10, "is anything read at all?"
    assert unknown(found) == []


def test_every_row_and_every_section_is_cited() -> None:
    assert idle(cited([*SOURCES, *PAGES, *TESTS])) == []


def test_what_is_not_cited_or_not_known_is_found() -> None:
    assert unknown({rfcs.Citation(5681, "99"): ["a.py", "b.md"]}) == [f"{R} 5681 §99 in a.py, b.md"]
    assert unknown({rfcs.Citation(2, ""): ["a.py"]}) == [f"{R} 2 § in a.py"]
    everything = {
        rfcs.Citation(number, section): ["a"] for number, rfc in KNOWN.items() for section in ["", *rfc.sections]
    }
    assert idle(everything) == []
    del everything[5681, "3.1"], everything[768, ""]
    assert idle(everything) == [f"{R} 768", f"{R} 5681 §3.1"]


@pytest.mark.parametrize("paths", [SOURCES, PAGES, TESTS], ids=["netlab", "book", "tests"])
def test_each_rfc_is_named_in_full(paths: list[Path]) -> None:
    short = re.compile(
        r"\bRFCs \d{3,4}|\bRFC \d{3,4}(?: §[\d.]+)?(?:,| and| or|, and) \d{3,4}\b(?! ?(?:bytes|packets|ms|s|\())"
    )
    assert {path.name: found[0] for path in paths if (found := short.search(rfcs.text_of(path)))} == {}


@pytest.mark.parametrize("number", KNOWN)
def test_a_row_is_complete(number: int) -> None:
    rfc = KNOWN[number]
    assert rfc.title.strip() == rfc.title != ""
    assert rfc.status in STATUSES
    assert all(newer > number for newer in rfc.obsoleted_by)
    assert bool(rfc.obsoleted_by) == bool(rfc.cite_anyway), "an RFC that was replaced is cited for a reason, or not"
    for section, heading in rfc.sections.items():
        assert re.fullmatch(rfcs.SECTION, f"§{section}")
        assert heading.strip() == heading != ""
        if rfcs.RULE in heading:
            place = section.rpartition(".")[0]
            assert heading == f"{rfc.sections[place]}{rfcs.RULE}{section})"


def test_the_table_is_in_order() -> None:
    assert list(KNOWN) == sorted(KNOWN)
    for rfc in KNOWN.values():
        assert list(rfc.sections) == sorted(rfc.sections, key=rfcs.in_order)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_link_leads_to_what_it_cites(path: Path) -> None:
    for name, target in re.findall(r"\[([^\]\[]*RFC \d+[^\]\[]*)\]\((\S+?)\)", rfcs.text_of(path)):
        (citation,) = rfcs.citations(name)
        assert target == rfcs.address(*citation, KNOWN[citation.rfc])


# --------------------------------------------------------------------------------------------------- what is a citation


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"see {R} 768.", [(768, "")]),
        (f"({R} 5681 §3.1)", [(5681, "3.1")]),
        (f"{R} 5681 §3.1, §3.2 and §4", [(5681, "3.1"), (5681, "3.2"), (5681, "4")]),
        (f"# as {R}\n    # 9293 §3.8.6 says", [(9293, "3.8.6")]),
        (f"# as {R} 9293\n    # §3.8.6 says", [(9293, "3.8.6")]),
        (f"{R} 5681 §A, {R} 768", [(5681, "A"), (768, "")]),
        (f"{R} 5681 §A.2", [(5681, "A.2")]),
        (f"{R} 5681 §3.1. Then, in §4.2,\nno more", [(5681, "3.1"), (5681, "4.2")]),
        ("§3.1 of what?", [(0, "3.1")]),
        ("rfc5681#section-3.1 and RFCs", []),
    ],
)
def test_citations_are_found(text: str, found: list[tuple[int, str]]) -> None:
    assert list(rfcs.citations(text)) == found


def test_a_section_without_an_rfc_is_unknown() -> None:
    assert 0 not in KNOWN


def test_a_notebook_says_what_its_cells_say_and_not_what_they_answered(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text('{"cells": [{"source": ["RFC", " 768"], "outputs": [{"text": "RFC 791"}]}, {"source": "b"}]}')
    assert rfcs.text_of(path) == f"{R} 768\nb"


def test_sections_stand_in_order() -> None:
    sections = ["A", "10.1", "2", "10", "9.2", "A.1", "9", ""]
    assert sorted(sections, key=rfcs.in_order) == ["", "2", "9", "9.2", "10", "10.1", "A", "A.1"]


def test_a_text_gets_a_link_for_each_section_and_keeps_its_words() -> None:
    text = f"So says {R} 5681 §3.1, §3.2, and {R} 768."
    pieces = rfcs.linked(text, KNOWN)
    assert "".join(piece.astext() for piece in pieces).replace("\xa0", " ") == text
    links = [(piece.astext(), piece["refuri"]) for piece in pieces if isinstance(piece, nodes.reference)]
    assert links == [
        (f"{R}\xa05681\xa0§3.1", "https://www.rfc-editor.org/rfc/rfc5681#section-3.1"),
        ("§3.2", "https://www.rfc-editor.org/rfc/rfc5681#section-3.2"),
        (f"{R}\xa0768", "https://www.rfc-editor.org/rfc/rfc768"),
    ]
    assert [piece.astext() for piece in rfcs.linked("none here", KNOWN)] == ["none here"]


def test_addresses_of_rules_and_appendices() -> None:
    rfc = rfcs.Rfc("T", "Historic", sections={"5": "Timer", "5.3": "Timer, rule (5.3)", "A": "More"})
    assert rfcs.address(1, "5.3", rfc) == "https://www.rfc-editor.org/rfc/rfc1#section-5"
    assert rfcs.address(1, "A", rfc) == "https://www.rfc-editor.org/rfc/rfc1#appendix-A"
    assert rfcs.address(1, "5.4", None) == "https://www.rfc-editor.org/rfc/rfc1#section-5.4"
