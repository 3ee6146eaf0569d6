"""Small books for the tests of the build: this project's configuration and library, with other pages in it."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import nbformat

ROOT = Path(__file__).parents[1]
COMMAND = "from jupyter_book.cli.main import main; main()"  # jupyter-book, with this Python, on every system
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
PACKAGES = "book/_live/node_modules"  # what `make book` installed
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def module(name: str) -> ModuleType:
    """Return one of the book's own scripts, which lie in no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "book" / "_ext" / f"{name}.py")
    assert spec
    assert spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


class Book:
    """A book with the pages that a test writes, and a library that it may edit."""

    def __init__(self, folder: Path, *pages: str) -> None:
        self.folder = folder
        shutil.copytree(ROOT / "netlab", folder / "netlab", ignore=shutil.ignore_patterns("__pycache__"))
        left = shutil.ignore_patterns("__pycache__", "*.ipynb", "*.md", "node_modules")
        shutil.copytree(ROOT / "book", folder / "book", ignore=left)
        (folder / PACKAGES).symlink_to(ROOT / PACKAGES)
        for name in ("_config.yml", "LICENSE", "LICENSE-text", "NOTICE"):
            shutil.copy(ROOT / name, folder)
        self.contents(*pages)
        self.page("index", "# A small book\n")

    def contents(self, *pages: str) -> None:
        lines = [f"  - file: book/{name}\n" for name in pages]
        (self.folder / "_toc.yml").write_text("".join(["format: jb-book\nroot: book/index\nchapters:\n", *lines]))

    def page(self, name: str, text: str) -> None:
        (self.folder / "book" / f"{name}.md").write_text(text, encoding="utf-8")

    def notebook(self, name: str, *cells: str) -> Path:
        """Write a notebook whose stored output is a lie: what a page shows must come from its execution."""
        made = nbformat.v4.new_notebook(metadata={"kernelspec": KERNEL})
        made.cells = [nbformat.v4.new_markdown_cell(f"# Page {name}", id="title")]
        for number, source in enumerate(cells):
            lie = nbformat.v4.new_output("stream", name="stdout", text="this is a stale output")
            made.cells.append(nbformat.v4.new_code_cell(source, id=f"c{number}", outputs=[lie], execution_count=1))
        path = self.folder / "book" / f"{name}.ipynb"
        nbformat.write(made, path)
        return path

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python in this book's folder; its own library comes first, as it does in the project's."""
        environment = {**os.environ, "PYTHONPATH": str(self.folder), "PYTHONWARNINGS": "ignore"}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=240,
            check=False,
        )

    def build(self) -> tuple[int, str]:
        """Build as `make book` does; return the exit code and all that was said."""
        done = self.python("-c", COMMAND, "build", ".", "-W", "-n", "--keep-going")
        return done.returncode, COLOURS.sub("", done.stdout + done.stderr)

    def html(self, name: str) -> str:
        return (self.folder / "_build" / "html" / "book" / f"{name}.html").read_text(encoding="utf-8")


def changed(path: Path, old: str, new: str) -> None:
    """Edit one place of a file; a test that edits nothing would prove nothing."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path} says {old!r} {text.count(old)} times"
    path.write_text(text.replace(old, new), encoding="utf-8")
