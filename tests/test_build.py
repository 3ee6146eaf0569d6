"""The build itself, on small books in a folder of their own: never stale, never half-broken, never idle work.

Each book here is this project's own configuration, extensions, templates and library, with other pages in it.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nbformat

ROOT = Path(__file__).parents[1]
COMMAND = "from jupyter_book.cli.main import main; main()"  # jupyter-book, with this Python, on every system
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Book:
    """A book with the pages that a test writes, and a library that it may edit."""

    def __init__(self, folder: Path, *pages: str) -> None:
        self.folder = folder
        shutil.copytree(ROOT / "netlab", folder / "netlab", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(ROOT / "book", folder / "book", ignore=shutil.ignore_patterns("__pycache__", "*.ipynb", "*.md"))
        shutil.copy(ROOT / "_config.yml", folder)
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


def test_pages_follow_the_library_and_nothing_runs_twice(tmp_path: Path) -> None:
    book = Book(tmp_path, "answer", "prose", "library")
    (tmp_path / "netlab" / "constant.py").write_text('"""A room."""\n\nANSWER = 41  #: it is 41\n')
    book.notebook(
        "answer",
        "from pathlib import Path\nwith Path('ran').open('a') as ran:\n    _ = ran.write('x')",
        "from netlab.constant import ANSWER\nprint(f'the answer is {ANSWER}')",
    )
    book.page("prose", "# Prose\n\nThe ratio is $\\sqrt{3}$.\n")
    book.page("library", "# Library\n\n```{eval-rst}\n.. automodule:: netlab.constant\n   :members:\n```\n")
    ran = tmp_path / "book" / "ran"

    code, said = book.build()
    assert code == 0, said
    assert "the answer is 41" in book.html("answer")
    assert "stale output" not in book.html("answer")
    assert "it is 41" in book.html("library")
    assert "<msqrt>" in book.html("prose")

    written = (tmp_path / "_build/html/book/answer.html").stat().st_mtime_ns
    start = time.perf_counter()
    code, said = book.build()
    assert code == 0, said
    assert time.perf_counter() - start < 15
    assert ran.read_text() == "x", "an unchanged notebook was executed again"
    assert (tmp_path / "_build/html/book/answer.html").stat().st_mtime_ns == written

    changed(tmp_path / "netlab" / "constant.py", "41  #: it is 41", "42  #: it is 42")
    changed(tmp_path / "book" / "prose.md", "# Prose", "# Better prose")
    code, said = book.build()
    assert code == 0, said
    assert "the answer is 42" in book.html("answer")
    assert "it is 42" in book.html("library")
    assert ran.read_text() == "xx"
    assert "Better prose" in book.html("index"), "a page beside it still shows the old title"


def test_prose_costs_no_execution_and_a_page_that_left_is_gone(tmp_path: Path) -> None:
    book = Book(tmp_path, "one", "two")
    for name in ("one", "two"):
        book.notebook(name, f"with open('ran-{name}', 'a') as ran:\n    _ = ran.write('x')")
    code, said = book.build()
    assert code == 0, said

    changed(tmp_path / "book" / "one.ipynb", "# Page one", "# Page number one")
    book.contents("one")
    (tmp_path / "book" / "two.ipynb").unlink()
    code, said = book.build()
    assert code == 0, said
    assert "Page number one" in book.html("one")
    assert (tmp_path / "book" / "ran-one").read_text() == "x"
    assert not (tmp_path / "_build/html/book/two.html").exists()


def test_every_notebook_that_fails_is_named_with_its_cell_and_its_reason(tmp_path: Path) -> None:
    book = Book(tmp_path, "fine", "raises", "imports", "dies")
    book.notebook("fine", "print('fine')")
    book.notebook("raises", "right = 1", "right / 0")
    book.notebook("imports", "from netlab.wire import Nothing")
    book.notebook("dies", "import os", "os._exit(1)")

    code, said = book.build()
    assert code != 0
    assert "book/raises, cell 3 (`right / 0`): ZeroDivisionError: division by zero" in said
    assert "book/imports, cell 2 (`from netlab.wire import Nothing`): ImportError: cannot import name 'Nothing'" in said
    assert "book/dies, cell 3 (`os._exit(1)`): DeadKernelError" in said
    assert "book/fine" not in said.partition("Notebooks that do not run")[2]


WARNINGS = {  # what a page says: what the build must say about it
    "See {doc}`nowhere`.": "unknown document: 'nowhere'",
    "See {py:class}`netlab.Nothing`.": "py:class reference target not found: netlab.Nothing",
    "$\\nosuch$": 'this formula cannot be read: \\nosuch: Unknown LaTeX command "\\nosuch".',
}


def test_every_warning_fails_this_build_and_the_next(tmp_path: Path) -> None:
    book = Book(tmp_path, *(f"page{n}" for n in range(len(WARNINGS))))
    for n, text in enumerate(WARNINGS):
        book.page(f"page{n}", f"# Page {n}\n\n{text}\n")
    for attempt in ("first", "second"):
        code, said = book.build()
        assert code != 0, f"the {attempt} build passed"
        for warning in WARNINGS.values():
            assert warning in said, f"the {attempt} build does not say {warning}: {said}"


def test_what_a_cell_says_to_stderr_fails_the_build(tmp_path: Path) -> None:
    book = Book(tmp_path, "loud")
    book.notebook("loud", "import sys\nprint('beware', file=sys.stderr)")
    code, said = book.build()
    assert code != 0
    assert "stderr" in said


def test_storing_outputs_is_repeatable_and_leaves_the_unchanged_alone(tmp_path: Path) -> None:
    book = Book(tmp_path, "one")
    path = book.notebook("one", "print('a', flush=True)\nprint('b')", "'c'")
    run: Any = lambda: book.python("book/_ext/fresh_run.py", "--store", "book")  # noqa: E731

    said = run()
    assert said.returncode == 0, said.stderr
    assert f"{Path('book/one.ipynb')}: stored" in said.stdout
    first, before = path.read_bytes(), path.stat().st_mtime_ns
    cells = nbformat.read(path, as_version=4).cells
    assert [out.get("text") or out.data["text/plain"] for c in cells[1:] for out in c.outputs] == ["a\nb\n", "'c'"]

    assert f"{Path('book/one.ipynb')}: as before" in run().stdout
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (first, before)
