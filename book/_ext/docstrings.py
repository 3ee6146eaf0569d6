"""Docstrings as the API reference shows them: written to be read in the source, where they need no markup.

An indented block is a table or a drawing, and keeps its columns. A field of a record is described by the record, and
what Python says of it by itself ("Alias for field number 0") is left out.
"""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx


def keep_columns(*event: Any) -> None:
    """Put ``::`` before each indented block that a paragraph without one introduces; the docstring comes last.

    Within such a block, what a paragraph would set in a code's type is so already, and loses its marks.
    """
    lines: list[str] = event[-1]
    kept: list[str] = []
    within = False
    for line in lines:
        said = next((earlier for earlier in reversed(kept) if earlier.strip()), "")
        begins = line.startswith("    ") and kept and not kept[-1].strip() and not said.startswith(" ")
        if begins and not said.rstrip().endswith("::"):
            kept += ["::", ""]
            within = True
        within = within and (line.startswith(" ") or not line.strip())
        kept.append(line.replace("``", "") if within else line)
    lines[:] = kept


def skip_numbers(app: Sphinx, what: str, name: str, member: object, *_: Any) -> bool | None:
    """Leave out a record's fields; None leaves the decision to others."""
    return True if (getattr(member, "__doc__", None) or "").startswith("Alias for field number") else None


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the above to autodoc."""
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("autodoc-process-docstring", keep_columns)
    app.connect("autodoc-skip-member", skip_numbers)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
