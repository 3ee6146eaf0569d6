"""The book's map: a table of all chapters, and the ways through them, made from ``book/_data/chapters.toml``.

A chapter is ready when its page exists, whatever the data says: a title becomes a link then, and stays plain text,
marked as planned, before. So there is never an empty page and never a dead link. Where the data says otherwise, the
build warns, and a warning fails it::

    ```{chapters}         the table: number, chapter, module and needs, the real peer that proves it
    ```
    ```{paths}            the reading paths
    ```
    {chapter}`49`         one chapter in a sentence: its title and number
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from grouped_table import cell, group, table
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

log = logging.getLogger(__name__)
DATA = Path(__file__).parents[1] / "_data" / "chapters.toml"
COLUMNS = {"No.": 6, "Chapter": 40, "Address, needs": 26, "Proved by": 28}  # and their widths, in percent


@dataclass(frozen=True, slots=True)
class Chapter:
    """One row of the data: what a chapter asks, where it stands, what proves it, what the reader's machine needs."""

    number: int
    title: str
    asks: str
    module: str
    peer: str
    needs: Sequence[str]
    state: str

    @property
    def part(self) -> str:
        """The part it belongs to, the first half of its address."""
        return self.module.partition("/")[0]

    @property
    def document(self) -> str:
        """Its page: a topic has one address in all three trees."""
        return f"book/{self.module}"


def load(path: Path | None = None) -> tuple[list[dict[str, str]], list[Chapter], list[dict[str, Any]]]:
    """Return the parts, the chapters in the book's order, and the reading paths."""
    data = tomllib.loads((path or DATA).read_text(encoding="utf-8"))
    return data["part"], [Chapter(**row) for row in data["chapter"]], data["path"]


def link(chapter: Chapter, env: BuildEnvironment) -> nodes.Node:
    """Return the chapter's title: a link where its page exists, marked as planned where it does not."""
    title = nodes.inline("", chapter.title)
    if chapter.document in env.found_docs:
        options = {"refdoc": env.docname, "refdomain": "std", "reftype": "doc", "refexplicit": True, "refwarn": True}
        return pending_xref("", title, reftarget=f"/{chapter.document}", **options)
    return nodes.inline("", "", title, nodes.Text(" "), nodes.inline("", "planned", classes=["nl-planned"]))


def warn_of_mismatch(chapters: Iterable[Chapter], env: BuildEnvironment) -> None:
    """Say where the data and the pages do not agree on what is ready."""
    for chapter in chapters:
        exists = chapter.document in env.found_docs
        if exists != (chapter.state == "ready"):
            says = "exists" if exists else "does not exist"
            log.warning(
                "chapter %d is %s in %s, but %s %s",
                chapter.number,
                chapter.state,
                DATA.name,
                chapter.document,
                says,
                location=env.docname,
            )


def small(text: str) -> list[nodes.Node]:
    """Return a cell's second line."""
    return [nodes.inline("", text, classes=["nl-small"])]


def rows(parts: Sequence[dict[str, str]], chapters: Sequence[Chapter], env: BuildEnvironment) -> Iterator[nodes.row]:
    """Yield the table's rows: one for each part, and under it one for each of its chapters."""
    for part in parts:
        yield group(len(COLUMNS), [nodes.Text(part["title"])], part["says"])
        for chapter in chapters:
            if chapter.part == part["name"]:
                yield nodes.row(
                    "",
                    cell([nodes.Text(str(chapter.number))]),
                    cell([link(chapter, env)], small(chapter.asks)),
                    cell([nodes.literal("", chapter.module)], small(" · ".join(chapter.needs))),
                    cell([nodes.Text(chapter.peer)]),
                )


class Chapters(SphinxDirective):
    """The table of all chapters, part by part."""

    option_spec: ClassVar[dict[str, Any]] = {}

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        parts, chapters, _ = load()
        note_page(self.env)
        warn_of_mismatch(chapters, self.env)
        return [table("nl-chapters", COLUMNS, rows(parts, chapters, self.env))]


class Paths(SphinxDirective):
    """The reading paths, each with what it is for and the chapters it leads through."""

    option_spec: ClassVar[dict[str, Any]] = {}

    def run(self) -> list[nodes.Node]:
        """Return a list of definitions: the path's name, then its chapters in their order."""
        _, chapters, paths = load()
        note_page(self.env)
        known = {chapter.number: chapter for chapter in chapters}
        return [nodes.definition_list("", *(self.path(path, known) for path in paths), classes=["nl-paths"])]

    def path(self, path: dict[str, Any], known: dict[int, Chapter]) -> nodes.definition_list_item:
        """Return one path. Its chapters that are planned are plain text: a word at each would drown them."""
        steps = nodes.paragraph("", "", classes=["nl-steps"])
        for number in path["chapters"]:
            title = link(known[number], self.env)
            steps += nodes.inline("", "", title if isinstance(title, pending_xref) else title[0], classes=["nl-step"])
            steps += nodes.Text(" ")
        says = nodes.paragraph("", path["says"])
        return nodes.definition_list_item("", nodes.term("", path["title"]), nodes.definition("", says, steps))


class Mention(SphinxRole):
    """A chapter's title and number within a sentence: a link where its page exists."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the title, or a warning where there is no chapter of that number."""
        chapter = next((c for c in load()[1] if str(c.number) == self.text), None)
        if chapter is None:
            log.warning("there is no chapter %r", self.text, location=self.get_location())
            return [nodes.Text(self.text)], []
        note_page(self.env)
        return [link(chapter, self.env), nodes.Text(f" ({chapter.number})")], []


def note_page(env: BuildEnvironment) -> None:
    """Remember that this page shows a part of the map: when the data or the set of pages changes, read it again."""
    env.note_dependency(str(DATA))
    maps: set[str] = getattr(env, "chapters_maps", set())
    env.chapters_maps = maps | {env.docname}  # type: ignore[attr-defined]  # kept between builds


def read_maps_again(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> set[str]:
    """Return the pages with a map, if there is a page more or less than there was."""
    maps: set[str] = getattr(env, "chapters_maps", set())
    return maps & env.found_docs if added or removed else set()


def setup(app: Sphinx) -> dict[str, bool]:
    """Give MyST the directives and the role."""
    app.add_directive("chapters", Chapters)
    app.add_directive("paths", Paths)
    app.add_role("chapter", Mention())
    app.add_css_file("words.css")
    app.connect("env-get-outdated", read_maps_again)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
