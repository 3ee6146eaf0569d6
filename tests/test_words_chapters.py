"""The map of the book: its data is whole, and every chapter that is ready stands in all three trees."""

import re
from typing import Any

import pytest
import yaml

from tests.words import BOOK, ROOT, chapters

PARTS, CHAPTERS, PATHS = chapters.load()
OUTLINE = range(30, 57)
OWN_NEEDS = {"page", "loopback", "namespaces"}  # what else a chapter needs is a program, by its name
READY = [chapter for chapter in CHAPTERS if chapter.state == "ready"]


def listed() -> dict[str, str]:
    """Return the pages that _toc.yml names, and the caption of the part that each is in."""
    contents: dict[str, Any] = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    return {page["file"]: part.get("caption", "") for part in contents["parts"] for page in part["chapters"]}


def test_every_number_of_the_outline_is_one_chapter() -> None:
    assert sorted(chapter.number for chapter in CHAPTERS) == list(OUTLINE)
    for names in ([c.module for c in CHAPTERS], [c.title for c in CHAPTERS], [c.asks for c in CHAPTERS]):
        assert len(set(names)) == len(OUTLINE)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.module)
def test_a_chapter_says_all_that_the_table_shows(chapter: Any) -> None:
    assert re.fullmatch(r"[a-z]+/[a-z0-9]+", chapter.module)
    assert chapter.asks.endswith("?")
    assert chapter.title
    assert chapter.peer
    assert chapter.needs[0] in OWN_NEEDS
    assert all(re.fullmatch(r"[a-z0-9]+", need) for need in chapter.needs)
    assert chapter.state in {"ready", "planned"}


def test_parts_and_chapters_belong_together() -> None:
    names = [part["name"] for part in PARTS]
    assert len(set(names)) == len(names)
    assert list(dict.fromkeys(chapter.part for chapter in CHAPTERS)) == names, "the same parts, in the same order"
    assert all(part["title"] and part["says"].endswith(".") for part in PARTS)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path["title"])
def test_a_reading_path_leads_through_chapters_that_there_are(path: dict[str, Any]) -> None:
    assert set(path["chapters"]) <= set(OUTLINE)
    assert len(set(path["chapters"])) == len(path["chapters"]) >= 5
    assert path["says"].endswith(".")


def test_one_path_is_the_outline() -> None:
    assert [path["title"] for path in PATHS if path["chapters"] == list(OUTLINE)] == ["In the outline's own order"]


@pytest.mark.parametrize("chapter", READY, ids=lambda chapter: chapter.module)
def test_a_ready_chapter_has_one_address_in_three_trees(chapter: Any) -> None:
    part, _, topic = chapter.module.partition("/")
    assert (BOOK / f"{chapter.module}.ipynb").exists()
    code = ROOT / "netlab" / chapter.module
    assert code.with_suffix(".py").exists() or (code / "__init__.py").exists()
    assert [*(ROOT / "tests" / part).glob(f"test_{topic}*.py")] or (ROOT / "tests" / part / topic).is_dir()


def test_the_contents_list_what_is_ready_under_its_part() -> None:
    titles = {part["name"]: part["title"] for part in PARTS}
    known = {chapter.document: titles[chapter.part] for chapter in READY}
    assert {page: caption for page, caption in listed().items() if "/" in page.removeprefix("book/")} == known


@pytest.mark.parametrize("page", listed())
def test_the_contents_list_pages_that_there_are(page: str) -> None:
    assert any((ROOT / f"{page}{kind}").exists() for kind in (".md", ".ipynb"))
