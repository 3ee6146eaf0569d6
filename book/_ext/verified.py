"""The page "Verified on this build": what the last test run found, made from ``_build/verified.json`` (record.py)::

    ```{verified}
    ```

First comes the verdict, then the runs it follows from, then each room and each peer. The verdict is never better than
the record: a run that is missing, was interrupted or failed is told as that, and so is a source that changed since.
What a test is called or why it was skipped is shown as text, whatever it contains.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import record
from docutils import nodes
from grouped_table import cell, group, table
from record import APART, RUNS, Count, Run
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parents[2]
RECORD = ROOT / "_build" / "verified.json"
HOW = "To test this build, run make test: at its end it builds this page with what it found."
PYTEST = {2: "was interrupted", 3: "broke down inside pytest", 4: "was called wrongly", 5: "found no test"}
PROJECT = {
    "page": "the built pages, in a browser",
    "benchmarks": "beside its peers, without the clock",
    "project": "the house and its laws, the build, the words",
}
RUN_COLUMNS = {"Run": 44, "What came of it": 40, "Took": 16}  # and their widths, in percent
ROOM_COLUMNS = {"Room": 36, "Passed": 16, "Skipped": 16, "Failed": 16, "Seconds": 16}
PEER_COLUMNS = {"What": 27, "Which, and its version": 73}


def outcome(run: Run | None, sources: str) -> str:
    """Return in a few words what became of a run, and whether what it ran on is still what the pages are made from."""
    if run is None:
        return "has not been run"
    if not run.ended:
        return "began, and has not ended"
    total = run.total
    if run.only and run.exit in (0, 1):
        said = f"ran in part ({run.only})"
    elif run.exit in PYTEST:
        said = PYTEST[run.exit]
    elif total.failed:
        said = f"failed: {total.failed} of {sum(total[:3])} tests"
    else:
        said = "passed" if run.passed else "failed, though no test did: a floor of coverage, or pytest itself"
    return f"{said}; {compared(run, sources)}"


def compared(run: Run, sources: str) -> str:
    """Return whether the sources are the tested ones."""
    if not run.sources:
        return "the sources changed while it ran"
    return "tested as it is" if run.sources == sources else "the sources changed since"


def verdict(runs: Mapping[str, Run], sources: str) -> tuple[str, str]:
    """Return the verdict on this build: a title, and a sentence or two."""
    ended = [run for run in runs.values() if run.ended]
    if not runs:
        return "This build has not been tested", HOW
    failed = [RUNS[name] for name, run in runs.items() if run.ended and not run.passed and not run.only]
    if failed:
        return "This build is not verified", f"Not in order: {'; '.join(failed)}. {HOW}"
    if len(ended) < len(RUNS) or any(run.only for run in ended):
        return "This build is verified in part", f"Not every run has been made to its end. {HOW}"
    total = Count()
    for run in ended:
        total = total.plus(run.total)
    when = max(run.ended for run in ended)
    figures = f"On {when} UTC, {total.passed:,} tests and cells had passed, and {total.skipped or 'none'} were skipped."
    if any(run.sources != sources for run in ended):
        return "Changed since it was tested", f"{figures} The library or the book has changed since. {HOW}"
    return "Tested as it is", f"{figures} Nothing in the library or the book has changed since."


class Verified(SphinxDirective):
    """The verdict and the tables behind it."""

    option_spec: ClassVar[dict[str, Any]] = {}

    def run(self) -> list[nodes.Node]:
        """Return the verdict; then, where anything has been run, the tables."""
        runs, trouble = record.read(RECORD)
        sources = record.digest(ROOT)
        note_page(self.env)
        title, says = verdict(runs, sources)
        if trouble:
            says = f"What the last test run wrote cannot be read: {trouble}. {HOW}"
        box = nodes.admonition("", nodes.title("", title), nodes.paragraph("", says))
        box["classes"] += ["takeaway" if title == "Tested as it is" else "break", "nl-verdict"]
        return [box, *self.tables(runs, sources)] if runs else [box]

    def tables(self, runs: Mapping[str, Run], sources: str) -> list[nodes.Node]:
        """Return a table of the runs; what failed or was skipped; a table of the rooms, and one of the peers."""
        failed = [(test, "") for run in runs.values() for test in run.failed]
        return [
            titled("The three runs", table("nl-verified", RUN_COLUMNS, run_rows(runs, sources))),
            *([titled("What failed", listed(failed))] if failed else []),
            *([titled("What was skipped, and why", listed(left_out))] if (left_out := skipped(runs)) else []),
            titled("What was tested", table("nl-verified nl-counts", ROOM_COLUMNS, room_rows(runs, self.env))),
            titled("On what, and with whom", table("nl-verified", PEER_COLUMNS, peer_rows(runs))),
        ]


def titled(title: str, *said: nodes.Node) -> nodes.section:
    """Return a section of the page."""
    return nodes.section("", nodes.title("", title), *said, ids=[nodes.make_id(title)], names=[title.lower()])


def listed(said: Sequence[tuple[str, str]]) -> nodes.bullet_list:
    """Return a list: each entry a text as it was said, and a remark."""
    entries = (nodes.paragraph("", "", nodes.literal("", text), nodes.Text(remark)) for text, remark in said)
    return nodes.bullet_list("", *(nodes.list_item("", entry) for entry in entries))


def skipped(runs: Mapping[str, Run]) -> list[tuple[str, str]]:
    """Return each reason for which tests were skipped, and how many were."""
    counts: dict[str, int] = {}
    for run in runs.values():
        for why, count in run.skipped.items():
            counts[why] = counts.get(why, 0) + count
    return [(why, f" ({count})" if count > 1 else "") for why, count in sorted(counts.items())]


def small(text: str) -> list[nodes.Node]:
    """Return a cell's second line."""
    return [nodes.inline("", text, classes=["nl-small"])]


def run_rows(runs: Mapping[str, Run], sources: str) -> Iterator[nodes.row]:
    """Yield a row for each of the runs that a whole test has."""
    for name, title in RUNS.items():
        run = runs.get(name)
        when = f"{run.began} UTC{on_commit(run)}" if run else ""
        took = f"{run.seconds:,.0f} s" if run and run.ended else "–"
        yield nodes.row("", cell([nodes.Text(title)], small(when)), plain(outcome(run, sources)), plain(took))


def on_commit(run: Run) -> str:
    """Return the commit, in a few words."""
    if not run.commit:
        return ""
    return f", commit {run.commit[:10]}" + (" and what was not committed" if run.uncommitted else "")


def plain(text: str) -> nodes.entry:
    """Return a cell with a text."""
    return cell([nodes.Text(text)])


def room_rows(runs: Mapping[str, Run], env: BuildEnvironment) -> Iterator[nodes.row]:
    """Yield the library's rooms in the order of its map, then the notebooks, then the project; and the sum."""
    counts: dict[str, Count] = {}
    for run in runs.values():
        for room, count in run.rooms.items():
            counts[room] = counts.get(room, Count()).plus(count)
    order = [*record.floors(ROOT)]
    rooms = sorted(counts, key=lambda room: (order.index(top) if (top := room.split("/")[0]) in order else 99, room))
    notebooks = [room for room in rooms if room.startswith("book/")]
    others = [room for room in rooms if room in (*APART, "project")]
    library = [room for room in rooms if room not in (*notebooks, *others)]
    for title, says, members in (
        ("The library", "vectors, properties, oracles, interoperation, hostile input", library),
        ("The notebooks", "their cells, run again: each must say what is stored", notebooks),
        ("The project", "what holds it together", others),
    ):
        if members:
            yield group(len(ROOM_COLUMNS), [nodes.Text(title)], says)
            yield from (numbers(name_of(room, env), counts[room]) for room in members)
    if counts:
        total = Count()
        for count in counts.values():
            total = total.plus(count)
        yield numbers([nodes.strong("", "Together")], total)


def name_of(room: str, env: BuildEnvironment) -> list[nodes.Node]:
    """Return a room's name; a notebook's leads to its page."""
    if room not in env.found_docs:
        return [nodes.Text(PROJECT[room]) if room in PROJECT else nodes.literal("", room)]
    options = {"refdomain": "std", "reftype": "doc", "refexplicit": False, "refwarn": True}
    return [pending_xref("", nodes.inline("", room), refdoc=env.docname, reftarget=f"/{room}", **options)]


def numbers(name: Sequence[nodes.Node], count: Count) -> nodes.row:
    """Return a row of the rooms' table. A nought is a dash, so that what failed or was skipped is seen."""
    figures = [f"{number:,}" if number else "–" for number in count[:3]]
    return nodes.row("", cell(name), *map(plain, figures), plain(f"{count.seconds:,.1f}"))


def peer_rows(runs: Mapping[str, Run]) -> Iterator[nodes.row]:
    """Yield the machine, the programs and the libraries. Where runs differ, all that they had is told."""
    for title, kind in (("Machine", "machine"), ("Programs", "programs"), ("Libraries", "libraries")):
        versions: dict[str, dict[str, None]] = {}
        for run in runs.values():
            for name, version in getattr(run, kind).items():
                versions.setdefault(name, {})[version or "not found"] = None
        if versions:
            peers = [f"{name} {' and '.join(had)}" for name, had in versions.items()]
            yield nodes.row("", plain(title), cell([part for peer in peers for part in unbroken(peer)]))


def unbroken(text: str) -> list[nodes.Node]:
    """Return a few words that stay on one line, where there is room for them."""
    return [nodes.inline("", text, classes=["nl-peer"]), nodes.Text(" ")]


def state() -> str:
    """Return one name for all that the page is made from."""
    said = RECORD.read_bytes() if RECORD.is_file() else b""
    return hashlib.sha256(said).hexdigest() + record.digest(ROOT)


def note_page(env: BuildEnvironment) -> None:
    """Remember that this page shows the record, and what it was made from."""
    env.verified_pages = getattr(env, "verified_pages", set()) | {env.docname}  # type: ignore[attr-defined]
    env.verified_state = state()  # type: ignore[attr-defined]  # kept between builds


def read_page_again(app: Sphinx, env: BuildEnvironment, *_: object) -> set[str]:
    """Return the page, if there is another record or another source than it was made from."""
    shown: set[str] = getattr(env, "verified_pages", set())
    return shown & env.found_docs if shown and getattr(env, "verified_state", "") != state() else set()


def setup(app: Sphinx) -> dict[str, bool]:
    """Give MyST the directive."""
    app.add_directive("verified", Verified)
    app.add_css_file("verified.css")
    app.connect("env-get-outdated", read_page_again)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
