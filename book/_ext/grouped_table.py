"""Tables whose rows stand in groups, as docutils nodes: what the chapters' and the RFCs' tables are built from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from docutils import nodes

Line = Sequence[nodes.Node]


def cell(*lines: Line, **attributes: Any) -> nodes.entry:
    """Return a cell with a paragraph for each of ``lines``."""
    return nodes.entry("", *(nodes.paragraph("", "", *line) for line in lines), **attributes)


def group(columns: int, title: Line, says: str) -> nodes.row:
    """Return the row that opens a group: its title, and under it a few words, over all ``columns``."""
    says_line = nodes.paragraph("", says, classes=["nl-small"])
    entry = nodes.entry("", nodes.paragraph("", "", nodes.strong("", "", *title)), says_line, morecols=columns - 1)
    return nodes.row("", entry, classes=["nl-group"])


def table(name: str, columns: Mapping[str, int], rows: Iterable[nodes.row]) -> nodes.table:
    """Return a table of the class ``name``, whose ``columns`` have the given widths, in percent."""
    sheet = nodes.tgroup("", cols=len(columns))
    sheet += [nodes.colspec("", colwidth=width) for width in columns.values()]
    sheet += nodes.thead("", nodes.row("", *(cell([nodes.Text(title)]) for title in columns)))
    sheet += nodes.tbody("", *rows)
    return nodes.table("", sheet, classes=[name, "colwidths-given"])
