"""The RFCs: one table lists what is cited (``book/_data/rfcs.toml``); the index says where, section by section.

A citation is ``RFC 5681`` or ``RFC 5681 §3.1``, in a docstring, a comment or the text; a list of sections may follow.
On a page each of them becomes a link to what it names. A section alone, ``§3.1``, is one of the RFC named before it.
The index is made when the book is built, from the library's sources and the book's pages as they are then, so it is
never out of date, and a citation that the table does not know is a warning, which fails the build::

    ```{rfcs}
    ```
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from docutils import nodes
from grouped_table import cell, table
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

log = logging.getLogger(__name__)
ROOT = Path(__file__).parents[2]
DATA = ROOT / "book" / "_data" / "rfcs.toml"
API = ROOT / "book" / "api.md"
EDITOR = "https://www.rfc-editor.org/rfc/rfc"
RULE = ", rule ("  # a numbered rule without a heading of its own stands in the table under its section's
COLUMNS = {"RFC and section": 40, "In the code": 37, "In the book": 23}  # and their widths, in percent

SECTION = r"§\s?(?:\d+(?:\.\d+)*|[A-Z]\b(?:\.\d+)*)"
CITATION = re.compile(rf"\bRFC(?:\s|#)+(?P<rfc>\d+)(?P<sections>(?:(?:\s|#|,|and|or|to)*{SECTION})*)")
EITHER = re.compile(rf"{CITATION.pattern}|(?P<alone>{SECTION})")


class Citation(NamedTuple):
    """An RFC's number, and one of its sections ("" for the whole)."""

    rfc: int
    section: str


@dataclass(frozen=True, slots=True)
class Rfc:
    """One row of the table: what an RFC is called and worth, and the headings of its cited sections."""

    title: str
    status: str
    obsoleted_by: Sequence[int] = ()
    sections: Mapping[str, str] = field(default_factory=dict)
    cite_anyway: str = ""


def load(path: Path | None = None) -> dict[int, Rfc]:
    """Return the table: by number, what is cited."""
    rows = tomllib.loads((path or DATA).read_text(encoding="utf-8"))["rfc"]
    return {int(number): Rfc(**row) for number, row in rows.items()}


def citations(text: str) -> Iterator[Citation]:
    """Yield what ``text`` cites, in its order: each section, or the RFC where it names none."""
    number = 0  # before any RFC is named: no RFC has it, so the table does not know it
    for found in EITHER.finditer(text):
        number = int(found["rfc"] or number)
        sections = [found["alone"]] if found["alone"] else re.findall(SECTION, found["sections"])
        yield from (Citation(number, section.strip("§ ")) for section in sections or [""])


def text_of(path: Path) -> str:
    """Return what a source says; of a notebook, what its cells say, and not what they answered."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    return "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])


def index(paths: Iterable[Path]) -> dict[Citation, list[Path]]:
    """Return where each citation stands: the files, in the order given."""
    found: dict[Citation, list[Path]] = {}
    for path in paths:
        for citation in dict.fromkeys(citations(text_of(path))):
            found.setdefault(citation, []).append(path)
    return found


def sources() -> list[Path]:
    """Return the library's files."""
    return sorted((ROOT / "netlab").rglob("*.py"))


def pages(env: BuildEnvironment) -> dict[Path, str]:
    """Return the book's pages by their files, but for this one and those that only list."""
    listed = {env.docname, "book/api"}
    return {Path(env.doc2path(name)): name for name in sorted(env.found_docs) if name not in listed}


def described_rooms() -> list[str]:
    """Return the modules that the API reference describes: what a file's name may lead to."""
    return re.findall(r"automodule:: (\S+)", API.read_text(encoding="utf-8")) if API.exists() else []


def in_order(section: str) -> list[tuple[int, int | str]]:
    """Return a key that puts §10 after §9, and appendices last."""
    return [(0, int(part)) if part.isdigit() else (1, part) for part in section.split(".") if part]


class Rfcs(SphinxDirective):
    """The table of RFCs with the index: which section stands behind which file and which page."""

    option_spec: ClassVar[dict[str, Any]] = {}

    def run(self) -> list[nodes.Node]:
        """Return the table, and warn about citations that it does not know."""
        known, here = load(), pages(self.env)
        found = index([*sources(), *here])
        note_page(self.env)
        for citation, paths in found.items():
            warn_of_unknown(citation, paths, known, self.env)
        return [table("nl-rfcs", COLUMNS, rows(known, found, here, self.env))]


def warn_of_unknown(citation: Citation, paths: Sequence[Path], known: Mapping[int, Rfc], env: BuildEnvironment) -> None:
    """Say what is cited and not in the table, and where."""
    row = known.get(citation.rfc)
    if row is None or (citation.section and citation.section not in row.sections):
        said = f"RFC {citation.rfc}" + (f" §{citation.section}" if citation.section else "")
        where = ", ".join(path.relative_to(ROOT).as_posix() for path in paths)
        log.warning("%s is cited in %s and not in %s", said, where, DATA.name, location=env.docname)


def rows(
    known: Mapping[int, Rfc], found: Mapping[Citation, Sequence[Path]], here: Mapping[Path, str], env: BuildEnvironment
) -> Iterator[nodes.row]:
    """Yield a group for each RFC, and in it a row for each of its sections that the library or the book cites."""
    rooms = described_rooms()
    for number, rfc in sorted(known.items()):
        replaced = [f"replaced by RFC {' and '.join(map(str, rfc.obsoleted_by))}"] if rfc.obsoleted_by else []
        reason = [rfc.cite_anyway] if rfc.cite_anyway else []
        status = nodes.inline("", " · ".join([rfc.status, *replaced, *reason]), classes=["nl-small"])
        for section in ["", *sorted(rfc.sections, key=in_order)]:
            if not section and not any(citation.rfc == number for citation in found):
                break  # only a test cites it, and tests are not in the index
            files = found.get(Citation(number, section), [])
            code = [code_of(path, rooms, env) for path in files if path not in here]
            book = [page_of(here[path], env) for path in files if path in here]
            if not section:
                yield nodes.row("", cell(title(number, rfc), [status]), cell(*code), cell(*book), classes=["nl-group"])
            elif files:
                yield nodes.row("", cell(heading(number, section, rfc)), cell(*code), cell(*book))


def title(number: int, rfc: Rfc) -> list[nodes.Node]:
    """Return an RFC's number, which leads to its text, and its title."""
    name = nodes.reference("", f"RFC {number}", refuri=f"{EDITOR}{number}", ids=[f"rfc-{number}"])
    return [nodes.strong("", "", name, nodes.Text(f" {rfc.title}"))]


def heading(number: int, section: str, rfc: Rfc) -> list[nodes.Node]:
    """Return a section's number, which leads to its text, and its heading."""
    name = nodes.reference("", f"§{section}", refuri=address(number, section, rfc))
    return [name, nodes.Text(f" {rfc.sections[section]}")]


def address(number: int, section: str, rfc: Rfc | None) -> str:
    """Return where the text is; of a numbered rule, where its section begins."""
    if rfc and RULE in rfc.sections.get(section, ""):
        section = section.rpartition(".")[0]
    place = "appendix" if section[:1].isalpha() else "section"
    return f"{EDITOR}{number}#{place}-{section}" if section else f"{EDITOR}{number}"


def code_of(path: Path, rooms: Sequence[str], env: BuildEnvironment) -> list[nodes.Node]:
    """Return a file of the library, with a link to the room's description where there is one."""
    name = path.relative_to(ROOT / "netlab").as_posix()
    module = f"netlab.{name}".removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    text = nodes.literal("", name.removesuffix("/__init__.py"))
    described = [room for room in rooms if f"{module}.".startswith(f"{room}.")]
    if not described:
        return [text]
    options = {"refdomain": "py", "reftype": "mod", "refexplicit": True, "refwarn": True}
    return [pending_xref("", text, refdoc=env.docname, reftarget=max(described, key=len), **options)]


def page_of(name: str, env: BuildEnvironment) -> list[nodes.Node]:
    """Return a link to a page, under its title."""
    options = {"refdomain": "std", "reftype": "doc", "refexplicit": False, "refwarn": True}
    return [pending_xref("", nodes.inline("", name), refdoc=env.docname, reftarget=f"/{name}", **options)]


def linked(text: str, known: Mapping[int, Rfc]) -> list[nodes.Node]:
    """Return ``text`` with its citations as links: an RFC's number with its first section, then each further one."""
    pieces, at = list[nodes.Node](), 0
    for found in CITATION.finditer(text):
        places = re.compile(SECTION).finditer(text, found.start("sections"), found.end())
        spots = [(place.start(), place.end(), place[0].strip("§ ")) for place in places] or [(0, found.end(), "")]
        spots[0] = found.start(), *spots[0][1:]
        for start, end, section in spots:
            number = int(found["rfc"])
            name = "\xa0".join(text[start:end].split())
            link = nodes.reference("", name, refuri=address(number, section, known.get(number)))
            pieces, at = [*pieces, nodes.Text(text[at:start]), link], end
    return [*pieces, nodes.Text(text[at:])]


class Linked(SphinxTransform):
    """Makes a link of each citation in a page's text, where it is neither one yet nor code nor in a heading."""

    default_priority = 800
    alone = (nodes.reference, pending_xref, nodes.literal, nodes.FixedTextElement, nodes.title, nodes.raw)

    def apply(self, **_: Any) -> None:
        """Replace the texts."""
        known = load()
        for text in list(self.document.findall(nodes.Text)):
            parent = text.parent
            while parent is not None and not isinstance(parent, self.alone):
                parent = parent.parent
            if parent is None and "RFC" in text:
                text.parent.replace(text, linked(str(text), known))


def digest(env: BuildEnvironment) -> str:
    """Return one name for all that the index is made from."""
    paths = [DATA, *sources(), *(Path(env.doc2path(name)) for name in sorted(env.found_docs))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths if path.exists())).hexdigest()


def note_page(env: BuildEnvironment) -> None:
    """Remember that this page shows the index, and what it was made from."""
    env.rfcs_pages = getattr(env, "rfcs_pages", set()) | {env.docname}  # type: ignore[attr-defined]
    env.rfcs_digest = digest(env)  # type: ignore[attr-defined]  # kept between builds


def read_index_again(app: Sphinx, env: BuildEnvironment, *_: object) -> set[str]:
    """Return the pages with the index, if anything that it is made from changed."""
    shown: set[str] = getattr(env, "rfcs_pages", set())
    return shown & env.found_docs if shown and getattr(env, "rfcs_digest", "") != digest(env) else set()


def setup(app: Sphinx) -> dict[str, bool]:
    """Give MyST the directive."""
    app.add_directive("rfcs", Rfcs)
    app.add_transform(Linked)
    app.connect("env-get-outdated", read_index_again)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
