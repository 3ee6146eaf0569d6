"""The glossary, the key to colours and needs, the API reference: complete, and in order."""

import re
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

import netlab
from netlab.picture import GREY, Hue
from tests.words import BOOK, ROOT, chapters, docstrings, rfcs

GLOSSARY = (BOOK / "glossary.md").read_text(encoding="utf-8")
PAGES = {
    path.stem: rfcs.text_of(path) for path in [*BOOK.glob("*.md"), *BOOK.glob("*.ipynb"), *BOOK.glob("[a-z]*/*.ipynb")]
}


def entries() -> list[tuple[str, str]]:
    """Return the glossary's terms, and what it says of each."""
    (listed,) = re.findall(r"^```\{glossary\}\n(.*?)^```$", GLOSSARY, flags=re.S | re.M)
    return [(term, says) for term, _, says in (entry.partition("\n") for entry in listed.strip().split("\n\n"))]


# --------------------------------------------------------------------------------------------------------- the glossary


def test_the_glossary_is_in_order_and_explains_nothing_twice() -> None:
    terms = [term for term, _ in entries()]
    assert len(terms) > 60
    assert [(a, b) for a, b in pairwise(terms) if a.casefold() >= b.casefold()] == []


@pytest.mark.parametrize(("term", "says"), entries(), ids=[term for term, _ in entries()])
def test_a_term_has_an_explanation(term: str, says: str) -> None:
    assert term == term.strip()
    assert all(line.startswith("  ") and len(line) <= 120 for line in says.splitlines())
    assert len(says.split()) >= 5
    assert says.endswith(".")


@pytest.mark.parametrize("page", PAGES)
def test_terms_that_a_page_links_are_explained(page: str) -> None:
    for said, target in re.findall(r"\{term\}`(?:([^`<]*) <)?([^`>]+)>?`", PAGES[page]):
        assert target in dict(entries()), f"{page} links {said or target}"


# ------------------------------------------------------------------------------------------------------------- the keys


def test_the_key_shows_every_colour_in_its_own() -> None:
    keys = re.findall(r'<span class="nl-key" style="--hue: var\(--nl-(\w+)\)">(\w+)</span>', PAGES["start"])
    assert all(variable == name for variable, name in keys)
    assert sorted(name for _, name in keys) == sorted(Hue)
    assert keys[-1][1] == GREY, "what is not the message comes last"
    defined = set(re.findall(r"--nl-(\w+):", (BOOK / "_static" / "custom.css").read_text(encoding="utf-8")))
    assert set(Hue) <= defined


@pytest.mark.parametrize("page", ["index", "start"])
def test_what_a_chapter_needs_is_explained(page: str) -> None:
    generic = {chapter.needs[0] for chapter in chapters.load()[1]}
    assert {need for need in generic if f"**{need}**" not in PAGES[page]} == set()


def test_the_names_of_quizzes_are_used_once() -> None:
    for page, text in PAGES.items():
        quizzes = [
            set(re.findall(r'name="([^"]+)"', quiz)) for quiz in re.findall(r"<fieldset.*?</fieldset>", text, re.S)
        ]
        assert all(len(names) == 1 for names in quizzes), f"{page}: two questions share their answers"
        assert len(set.union(set(), *quizzes)) == len(quizzes), page


# ---------------------------------------------------------------------------------------------------- the API reference


def test_the_reference_describes_every_room_in_the_order_of_the_map() -> None:
    rooms = re.findall(r"^    (\w+)  ", netlab.__doc__ or "", flags=re.M)
    assert len(rooms) >= 8
    described = [name.split(".")[1] for name in rfcs.described_rooms() if "." in name]
    assert list(dict.fromkeys(described)) == rooms


def test_the_reference_describes_every_topic() -> None:
    ready = [chapter.module.replace("/", ".") for chapter in chapters.load()[1] if chapter.state == "ready"]
    assert {f"netlab.{module}" for module in ready} <= set(rfcs.described_rooms())
    assert (ROOT / "book" / "api.md") == rfcs.API


def columns(*lines: str) -> list[str]:
    """Return a docstring as the reference gets it."""
    kept = list(lines)
    docstrings.keep_columns(None, "module", "netlab", None, None, kept)
    return kept


def test_a_table_in_a_docstring_keeps_its_columns() -> None:
    assert columns("A room:", "", "    ``a``    one", "    b    two", "", "With ``c``.") == [
        *("A room:", "", "::", "", "    a    one", "    b    two", "", "With ``c``.")
    ]


def test_a_block_that_is_one_already_stays() -> None:
    for lines in [("As in::", "", "    ``a``"), ("An item:", "    goes on ``here``"), (">>> f(", "...     1)", "2")]:
        assert columns(*lines) == list(lines)


def test_a_block_begins_once() -> None:
    assert columns("A:", "", "    a", "", "    b", "", "B:", "", "    c").count("::") == 2


@pytest.mark.parametrize(
    ("doc", "skipped"), [("Alias for field number 3", True), ("The time, in s.", None), (None, None)]
)
def test_fields_that_say_nothing_are_left_out(doc: str | None, skipped: bool | None) -> None:
    member: Any = SimpleNamespace()
    member.__doc__ = doc
    assert docstrings.skip_numbers(None, "class", "time", member, False, None) is skipped
