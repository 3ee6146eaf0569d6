"""The extensions that make the book's words from data, and a small site of Sphinx's own in which they are tried."""

import sys
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.console import strip_colors
from sphinx.util.docutils import docutils_namespace, patch_docutils

ROOT = Path(__file__).parents[1]
BOOK = ROOT / "book"
sys.path.append(str(BOOK / "_ext"))  # where Sphinx, too, looks for them

import chapters  # noqa: E402
import docstrings  # noqa: E402
import rfcs  # noqa: E402

__all__ = ["BOOK", "ROOT", "Site", "chapters", "docstrings", "rfcs"]

CONFIGURATION = """\
project = "A small site"
extensions = ["myst_parser", "sphinx.ext.autodoc", "chapters", "rfcs"]
root_doc = "book/index"
html_theme = "basic"
nitpicky = True
source_suffix = {".md": "markdown"}  # said here: Sphinx's default is one dict, to which every site before added its own
"""


class Said(list[str]):
    """A stream that keeps what is written to it, line by line."""

    def write(self, text: str) -> int:
        """Keep ``text``."""
        self.append(strip_colors(text))
        return len(text)

    def flush(self) -> None:
        """Nothing waits."""


class Site:
    """A site with the pages that a test writes; building it costs a quarter of a second, and no process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("conf.py", CONFIGURATION)

    def write(self, name: str, text: str) -> None:
        """Write a file of the site; what is not there yet comes after what is."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def build(self) -> list[str]:
        """Build what changed since the last time; return the warnings."""
        said = Said()
        out, doctrees = self.folder / "out", self.folder / "doctrees"
        source = str(self.folder)
        with patch_docutils(source), docutils_namespace():
            Sphinx(source, source, str(out), str(doctrees), "html", status=None, warning=said).build()  # type: ignore[arg-type]
        return [line for text in said for line in text.splitlines() if line]

    def html(self, name: str = "index") -> str:
        """Return a page, as it was built."""
        return (self.folder / "out" / "book" / f"{name}.html").read_text(encoding="utf-8")
