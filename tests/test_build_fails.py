"""The build is never half-broken: a cell that fails and every warning fail it, and it says which and why."""

from pathlib import Path

from tests.books import Book


def test_every_notebook_that_fails_is_named_with_its_cell_and_its_reason(tmp_path: Path) -> None:
    book = Book(tmp_path, "fine", "raises", "imports", "dies")
    recording = tmp_path / "book" / "_data" / "recordings" / "rate"
    recording.parent.mkdir(exist_ok=True)
    recording.write_text("seen at 10 Mbit/s")
    book.notebook("fine", "with open('_data/recordings/rate') as rate:\n    print(rate.read())")
    book.notebook("raises", "right = 1", "right / 0")
    book.notebook("imports", "from netlab.wire import Nothing")
    book.notebook("dies", "import os", "os._exit(1)")

    code, said = book.build()
    assert code != 0
    stories, _, lines = said.partition("Notebooks that do not run:\n")
    dies, imports, raises = lines.splitlines()  # its last words: which, and why
    assert raises == "book/raises, cell 3 (`right / 0`): ZeroDivisionError: division by zero"
    assert imports.startswith("book/imports, cell 2 (`from netlab.wire import Nothing`): ImportError: cannot import")
    assert dies.startswith("book/dies, cell 3 (`os._exit(1)`): DeadKernelError")
    assert "----> 1 right / 0" in stories
    assert "fresh.py" not in said, "a notebook's failure is told as if the build's own code had failed"

    for name in ("raises", "imports", "dies"):
        book.notebook(name, "print('mended')")
    recording.write_text("seen at 20 Mbit/s")
    code, said = book.build()
    assert code == 0, said
    assert "mended" in book.html("raises")
    assert "seen at 20 Mbit/s" in book.html("fine"), "a page shows a recording that is no longer there"


WARNINGS = {  # what a page says: what the build must say about it
    "See {doc}`nowhere`.": "unknown document: 'nowhere'",
    "See {py:class}`netlab.Nothing`.": "py:class reference target not found: netlab.Nothing",
    "$\\nosuch$": 'this formula cannot be read: \\nosuch: Unknown LaTeX command "\\nosuch".',
}


def test_every_warning_fails_this_build_and_the_next(tmp_path: Path) -> None:
    book = Book(tmp_path, "loud", *(f"page{n}" for n in range(len(WARNINGS))))
    book.notebook("loud", "import sys\nprint('beware', file=sys.stderr)")
    for n, text in enumerate(WARNINGS):
        book.page(f"page{n}", f"# Page {n}\n\n{text}\n")
    for attempt in ("first", "second"):
        code, said = book.build()
        assert code != 0, f"the {attempt} build passed"
        for warning in [*WARNINGS.values(), "stderr was found in the cell outputs"]:
            assert warning in said, f"the {attempt} build does not say {warning}: {said}"
