"""The build is never stale and never idle work: pages follow the library, and nothing runs twice."""

import os
import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.books import ROOT, Book, changed


def unnamed(static: Path) -> list[str]:
    """Return the files of a site that are not the book's own, and that NOTICE does not say who wrote."""
    said = re.findall(r"[\w*/-]+\.[\w*.-]*[\w*]", (ROOT / "NOTICE").read_text(encoding="utf-8").partition("\n2. ")[2])
    own = {path.relative_to(ROOT / "book/_static") for path in (ROOT / "book/_static").rglob("*")}
    own |= {Path("live") / path.relative_to(ROOT / "book/_live") for path in (ROOT / "book/_live").rglob("*.js")}
    own |= {Path("live") / path.relative_to(ROOT / "book/_data") for path in (ROOT / "book/_data").rglob("*.json")}
    own |= {Path("live/netlab.zip")}
    found = {path.relative_to(static) for path in static.rglob("*") if path.is_file()} - own
    return sorted(path.as_posix() for path in found if not any(fnmatch(path.as_posix(), name) for name in said))


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
    assert unnamed(tmp_path / "_build/html/_static") == [], "NOTICE does not say who wrote these"
    assert (tmp_path / "_build/html/NOTICE").exists(), "the site ships what others wrote without saying so"

    written = (tmp_path / "_build/html/book/answer.html").stat().st_mtime_ns
    start = os.times()
    code, said = book.build()
    assert code == 0, said
    assert sum(os.times()[2:4]) - sum(start[2:4]) < 15, "s of the build's own processor time: others may be busy, too"
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


def test_prose_costs_no_execution_and_a_page_that_left_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NETLAB_REPOSITORY", raising=False)
    book = Book(tmp_path, "one", "two")
    for name in ("one", "two"):
        book.notebook(name, f"with open('ran-{name}', 'a') as ran:\n    _ = ran.write('x')")
    code, said = book.build()
    assert code == 0, said

    assert "mybinder.org" not in book.html("one"), "a button leads to a repository that nobody named"

    monkeypatch.setenv("NETLAB_REPOSITORY", "https://github.com/someone/netlab")
    changed(tmp_path / "book" / "one.ipynb", "# Page one", "# Page number one")
    book.contents("one")
    (tmp_path / "book" / "two.ipynb").unlink()
    code, said = book.build()
    assert code == 0, said
    assert "Page number one" in book.html("one")
    assert (tmp_path / "book" / "ran-one").read_text() == "x"
    assert not (tmp_path / "_build/html/book/two.html").exists()
    assert "https://mybinder.org/v2/gh/someone/netlab/main?urlpath=lab/tree/book/one.ipynb" in book.html("one")
    assert not re.search("fab fa-|images/logo_", book.html("one")), "another's mark where an icon of the book should be"


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
