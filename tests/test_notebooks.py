"""Every notebook is what it should be, and a notebook that is not is refused: each rule is shown one that breaks it."""

import base64
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pytest

from netlab.exercises import find
from netlab.exercises.checker import table
from tests.a_chapter import PNG, QUESTION, SOLUTION, code, exercise, honest, markdown, picture, shown
from tests.chapters import Exercise, Item, answers, chapter_faults, exercises, uncovered
from tests.house import ROOT
from tests.notebooks import Cell, Notebook, asserts, faults, prose, words

BOOK = ROOT / "book"
PATHS = [path.relative_to(BOOK).with_suffix("").as_posix() for path in sorted(BOOK.rglob("*.ipynb"))
         if not any(part.startswith((".", "_")) for part in path.relative_to(BOOK).parts)]  # fmt: skip
DATA = tomllib.loads((BOOK / "_data" / "chapters.toml").read_text(encoding="utf-8"))
CHAPTERS = {chapter["module"]: chapter for chapter in DATA["chapter"]}
WRITTEN = [module for module in CHAPTERS if module in PATHS]
ITEMS = [Item(**item) for item in tomllib.loads((BOOK / "_data" / "covers.toml").read_text(encoding="utf-8"))["item"]]


@cache
def read(name: str) -> Notebook:
    return nbformat.read(BOOK / f"{name}.ipynb", as_version=4)


# ------------------------------------------------------------------------------------------------- the book's notebooks


@pytest.mark.parametrize("name", PATHS)
def test_a_notebook_is_sound(name: str) -> None:
    assert faults(read(name)) == []


def lint(paths: list[Path]) -> list[str]:
    """Return what ruff finds in the cells of notebooks: names that nothing defines or uses, traps, old spellings.

    ``import netlab.show`` may stand alone: it teaches pictures how to be shown.
    """
    rules = ["--isolated", "--target-version", "py311", "--line-length", "120", "--output-format", "concise"]
    rules += ["--select", "E,F,B,UP,C4,PLE", "--ignore", "B018,E402,E703"]  # a cell may end in what it shows
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", *rules, *map(str, paths)], capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    return [line for line in done.stdout.splitlines() if ".ipynb:" in line and "F401 [*] `netlab.show`" not in line]


def test_cells_are_clean() -> None:
    assert lint([BOOK / f"{name}.ipynb" for name in PATHS]) == []


@pytest.mark.serial
@pytest.mark.parametrize("module", WRITTEN)
def test_a_chapter_runs_in_a_few_seconds(module: str) -> None:
    start = os.times()
    run = [sys.executable, "book/_ext/fresh_run.py", f"book/{module}.ipynb"]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    limit = 15 if os.environ.get("NETLAB_LIVE") else 6
    taken = sum(os.times()[2:4]) - sum(start[2:4])
    assert taken < limit + 3, "s of its own processor time, for others may be busy; 3 s are for the kernel's start"


@pytest.mark.parametrize("module", WRITTEN)
def test_a_chapter_has_its_furniture(module: str) -> None:
    assert chapter_faults(read(module), module, first=module == WRITTEN[0]) == []


@pytest.mark.parametrize("module", WRITTEN)
def test_an_exercise_is_open_and_its_folded_solution_is_right(module: str) -> None:
    for one in exercises(read(module)):
        if one.check:
            still_open, solved = answers(read(module), one)
            assert still_open.right is None, f"{one.title} is answered before anybody answered it: {still_open}"
            assert solved.right, f"the folded solution of {one.title}: {solved}"


@pytest.mark.parametrize("module", WRITTEN)
def test_a_chapter_asks_every_exercise_of_its_topic(module: str) -> None:
    asked = [one.check for one in exercises(read(module)) if one.check]
    assert [find(name).name for name in asked] == asked
    assert set(asked) == set(table(module.rpartition("/")[2]))


@pytest.mark.parametrize("module", WRITTEN)
def test_a_chapter_covers_what_it_must(module: str) -> None:
    items = [item for item in ITEMS if item.chapter == CHAPTERS[module]["number"]]
    assert items, "book/_data/covers.toml does not say what this chapter must cover"
    assert uncovered(read(module), items) == []


def test_what_must_be_covered_belongs_to_a_chapter() -> None:
    assert {item.chapter for item in ITEMS} <= {chapter["number"] for chapter in CHAPTERS.values()}
    assert {item.where for item in ITEMS} <= {"anywhere", "figure"}


# ------------------------------------------------------------------------------------------- what breaks it is refused

Change = Callable[[Notebook], Any]


def all_faults(notebook: Notebook, *, first: bool = False) -> list[str]:
    return [*faults(notebook), *chapter_faults(notebook, "transport/congestion", first=first)]


def test_an_honest_chapter_is_left_alone() -> None:
    assert all_faults(honest()) == []
    for one in exercises(honest())[:2]:
        still_open, solved = answers(honest(), one)
        assert (still_open.right, solved.right) == (None, True)


def cell(notebook: Notebook, text: str) -> Cell:
    """Return the one cell whose source holds ``text``."""
    (found,) = [cell for cell in notebook.cells if text in cell.source]
    return found


def edit(text: str, by: str, count: int = -1) -> Change:
    """Return a change: in the prose or code that holds ``text``, write ``by`` instead."""

    def change(notebook: Notebook) -> None:
        held = [cell for cell in notebook.cells if text in cell.source]
        assert held
        for one in held:
            one.source = one.source.replace(text, by, count)

    return change


def of(text: str, **fields: Any) -> Change:
    """Return a change: give the cell that holds ``text`` other fields."""
    return lambda notebook: cell(notebook, text).update(deepcopy(fields))


def add(*cells: Cell) -> Change:
    """Return a change: more cells at the end, executed in order."""

    def change(notebook: Notebook) -> None:
        count = sum(cell.cell_type == "code" for cell in notebook.cells)
        for one in deepcopy(list(cells)):
            if one.cell_type == "code":
                one.execution_count = count = count + 1
            notebook.cells.append(nbformat.from_dict({**one, "id": f"more{len(notebook.cells)}"}))

    return change


def figure(**fields: Any) -> Change:
    """Return a change: other words or data for the one figure; None takes them away."""

    def change(notebook: Notebook) -> None:
        out = cell(notebook, "show()").outputs[0]
        about = out.metadata
        places = {"png": (out.data, "image/png"), "plain": (out.data, "text/plain"), "alt": (about["image/png"], "alt")}
        for name, value in fields.items():
            holder, key = places.get(name, (about["netlab"], name))
            holder[key] = value
        if "netlab" in fields:
            out.metadata = {}

    return change


def tagged(*tags: str) -> Change:
    return of("show()", metadata={"tags": list(tags)})


def more_exercises(count: int) -> list[Cell]:
    return [cell for n in range(count) for cell in exercise(f"Once more {n}", "", "Open.")]


ASSERTS = "assert sum(range(0)) < 1\n"
STDERR = nbformat.v4.new_output("stream", name="stderr", text="beware\n")
ERROR = nbformat.v4.new_output("error", ename="ZeroDivisionError", evalue="", traceback=[])

REFUSED: dict[str, tuple[Change, str]] = {
    "not a notebook": (of("show()", cell_type="poem"), "no notebook"),
    # executed, from top to bottom, without a failure
    "unexecuted": (of("show()", execution_count=None), "was not executed"),
    "executed twice": (of("show()", execution_count=7), "was executed as number 7"),
    "failed": (of("show()", outputs=[ERROR]), "failed: ZeroDivisionError"),
    "complained": (of("show()", outputs=[STDERR]), "complained: beware"),
    # compared, and checked
    "skipped": (tagged("nbval-skip"), "nbval-skip"),
    "skipped by a comment": (edit("show()", "# NBVAL_SKIP\nshow()"), "nbval-skip"),
    "skipped by the book": (tagged("skip-execution"), "skip-execution"),
    "allowed to fail": (tagged("raises-exception"), "raises-exception"),
    "three outputs ignored": (add(*[code("# NBVAL_IGNORE_OUTPUT\n1")] * 3), "3 cells are not compared"),
    "four facts": (edit(ASSERTS, ""), "4 facts are asserted"),
    "a fact that cannot fail": (edit(ASSERTS, "assert True\n"), "4 facts are asserted"),
    "a fact that is a tuple": (edit(ASSERTS, "assert (0, 1)\n"), "4 facts are asserted"),
    "a fact that nobody compares": (edit(ASSERTS, "# NBVAL_IGNORE_OUTPUT\n"), "4 facts are checked"),
    "a fact in words": (edit(ASSERTS, "# assert 1 < 2\n"), "4 facts are asserted"),
    # readable
    "empty": (add(code("  \n")), "is empty"),
    "13 lines": (add(code("x = 1\n" * 13)), "13 lines"),
    "magic": (edit("show()", "%matplotlib inline\nshow()"), "not plain Python"),
    "sleeps": (edit("show()", "import time\ntime.sleep(1)\nshow()"), "sleeps"),
    "a fixed port": (edit("show()", "listener.bind(('', 8080))"), "port 8080"),
    "hides": (edit("show()", "try:\n    show()\nexcept Exception:\n    pass"), "does nothing"),
    # of no machine, of no run, and alone
    "the internet": (edit("show()", "show('https://www.rfc-editor.org/rfc/rfc5681')"), "reaches the internet"),
    "a host like a local one": (edit("show()", "show('http://localhost.evil.org')"), "reaches the internet"),
    "installs": (edit("show()", "run(['pip', 'install', 'netlab-book'])"), "installs"),
    "a path": (edit("show()", "open('/home/" + "me/x')"), "path of one machine"),
    "a path shown": (add(code("1", shown("'/tmp/" + "tmpx1'"))), "path of one machine"),
    "a Windows path": (edit("show()", "open(r'C:\\x')"), "path of one machine"),
    "an address": (add(code("object()", shown("<object object at 0x7f2bca4d5e60>"))), "differs from run to run"),
    # of a size
    "26 cells": (add(*[code("1")] * 21), "26 code cells"),
    "2,501 words": (add(markdown("word " * 2_450)), "words, and 2,500"),
    "nine figures": (add(*[code("2", picture())] * 8), "9 figures"),
    "too many bytes": (figure(wide="x" * 600_000), "bytes, and 600,000"),
    "too large a picture": (figure(png=base64.b64encode(bytes(60_001)).decode()), "60,001 bytes"),
    # pictures that say what they show
    "a bare picture": (figure(netlab=None), "a picture that says nothing"),
    "no title": (figure(title=" ", plain=" . From 10 to 20."), "no title"),
    "no sentence": (figure(sentence="", alt="", plain="It doubles. "), "no sentence"),
    "no caption": (figure(caption=""), "no caption"),
    "other words": (figure(plain="It doubles."), "other words"),
    "another alt text": (figure(alt="a picture"), "alt text"),
    "no PNG": (figure(png=""), "no PNG"),
    "an image without words": (add(markdown("![](path.png)")), "has no words"),
    "an image from elsewhere": (add(markdown("![A path](https://example.com/path.png)")), "not the book's own"),
    # furniture
    "no card": (edit(":class: chapter", ":class: note"), "no card on top"),
    "a card further down": (edit("# How a round grows", "## How a round grows"), "no card on top"),
    "45 minutes": (edit("30 minutes", "45 minutes"), "25 to 40 minutes"),
    "no promise": (edit("you can read", "comes"), "able to do"),
    "no needs": (edit("- **Needs** nothing\n", ""), "what it needs"),
    "no RFCs on the card": (edit("- **Reads** RFC 5681\n", ""), "its RFCs"),
    "another module": (edit("netlab.transport.congestion", "netlab.transport.flow"), "netlab.transport.congestion"),
    "no prediction": (edit(":class: predict", ":class: note"), "predict box"),
    "no takeaways": (edit(":class: takeaway", ":class: note"), "takeaway box"),
    "nothing broken": (edit(":class: break", ":class: note"), "break box"),
    "no why": (edit("in production", "a lot"), "why it matters in production"),
    "no mistakes": (edit("## Common mistakes", "Common mistakes"), "common mistakes"),
    "no instead": (edit("Instead of this code", "Better"), "instead of this code"),
    "no cheat sheet": (edit("## Cheat sheet", ""), "a cheat sheet"),
    "no RFC sections": (edit("## RFC sections", ""), "the RFC sections"),
    "no next": (edit("## Next", ""), "the next chapter"),
    "one recalled": (edit("Who chooses it?", "Somebody chooses it."), "1 questions recall"),
    # the quiz
    "two questions": (edit(QUESTION.format(n=2), ""), "2 questions"),
    "five questions": (add(markdown(QUESTION.format(n=3) + QUESTION.format(n=4))), "5 questions"),
    "one name for two": (edit('name="q2"', 'name="q1"'), "share one name"),
    "nothing asked": (edit("What doubles?", "", 1), "asks nothing"),
    "two right answers": (edit('class="no"', 'class="yes"', 1), "not one right answer"),
    "no right answer": (edit('class="yes"', 'class="no"', 1), "not one right answer"),
    "an answer of neither kind": (edit('<label class="no">', "<label>", 1), "not one right answer"),
    "no reason": (edit("<small>It stays.</small>", "", 1), "has no reason"),
    "an empty reason": (edit("<small>It stays.</small>", "<small> </small>", 1), "has no reason"),
    # exercises
    "two exercises": (edit("{exercise-start} Think on", "{note} Think on"), "2 exercises"),
    "six exercises": (add(*more_exercises(3)), "6 exercises"),
    "one label for two": (edit(":label: fill-in", ":label: think-on"), "a label of its own"),
    "no label": (edit(":label: fill-in\n", ""), "a label of its own"),
    "no end": (edit("```{exercise-end}\n```", "", 1), "does not end"),
    "no solution": (edit("{dropdown} Solution", "{dropdown} More"), "no folded solution"),
    "no answer to an open question": (edit("Solution\nThere is no number", "Hint\nThere is"), "no folded solution"),
    "a solution of another name": (edit("Solution\nRate and", "One way to see it\nRate and"), "no folded solution"),
    "a solution in words": (edit("```python\nnumbers", "```text\nnumbers"), "no Python to run"),
    "another topic's": (edit('check("congestion.grow"', 'check("flow.grow"'), "another chapter's"),
    "answered": (of("def grow(cwnd, ssthresh, acked): ...", outputs=[shown("right")]), "stored with an answer"),
    "nothing checked": (edit("check(", "print("), "no exercise is checked"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_breaks_a_rule_is_refused(name: str) -> None:
    change, told = REFUSED[name]
    broken = honest()
    change(broken)
    said = faults(broken) if name == "not a notebook" else all_faults(broken)
    assert any(told in fault for fault in said), said


@pytest.mark.parametrize(
    "change",
    [
        edit("show()", "show('http://127.0.0.1:8080/', 'https://shop.example/', 'ws://localhost/', '/etc/hosts')"),
        add(*[code("# NBVAL_IGNORE_OUTPUT\n1")] * 2),
        add(*[code("x = 1\n" * 12)] * 20),
        add(*[code("2", picture())] * 7),
        add(markdown(QUESTION.format(n=3))),
        add(*more_exercises(2)),
        add(markdown("```python\n" + "word " * 3_000 + "\n```\n<!-- " + "word " * 3_000 + "-->")),
        figure(png=base64.b64encode(bytes(60_000)).decode()),
        add(markdown("![A path](path.png)")),
        edit("q0", "first"),
        edit("Solution\nThere is no number", "One way to think about it\nThere is no number"),
    ],
)
def test_what_breaks_no_rule_is_not(change: Change) -> None:
    changed = honest()
    change(changed)
    assert all_faults(changed) == []


@pytest.mark.parametrize("bad", ["import json", "peak = cwdn", "l = 1", "f'nothing'", "x = [y for y in [1]]; x is 'a'"])
def test_a_cell_that_is_not_clean_is_found(tmp_path: Path, bad: str) -> None:
    for name, source in {"clean": "import netlab.show\n\nx = 1\nx", "dirty": bad}.items():
        nbformat.write(nbformat.v4.new_notebook(cells=[code(source)]), tmp_path / f"{name}.ipynb")
    said = lint([tmp_path / "clean.ipynb", tmp_path / "dirty.ipynb"])
    assert said
    assert all("dirty.ipynb" in line for line in said)


def test_the_first_chapter_has_nothing_to_recall() -> None:
    alone = honest()
    edit(":class: recall", ":class: note")(alone)
    assert all_faults(alone, first=True) == []
    assert "0 questions recall" in all_faults(alone)[0]


ALL = repr(SOLUTION)
ALL_BUT_ONE = repr(SOLUTION | {"pipe": ...}).replace("Ellipsis", "...")
WRONG = repr(SOLUTION | {"pipe": 7})
BLANK = repr(dict.fromkeys(SOLUTION, ...)).replace("Ellipsis", "...")


@pytest.mark.parametrize(
    ("change", "still_open", "solved"),
    [
        (edit(f"numbers = {ALL}", f"numbers = {WRONG}"), None, False),
        (edit(f"numbers = {ALL}", f"others = {ALL}"), None, None),
        (edit(f"numbers = {BLANK}", f"numbers = {ALL_BUT_ONE}"), None, True),
        (edit(f"numbers = {BLANK}", f"numbers = {ALL}"), True, True),
        (edit(f"numbers = {BLANK}", f"numbers = {WRONG}"), False, True),
    ],
    ids=["a wrong solution", "of something else", "one blank", "no blank", "no blank, and wrong"],
)
def test_an_exercise_and_its_solution_are_run(change: Change, still_open: bool | None, solved: bool | None) -> None:
    changed = honest()
    change(changed)
    first = answers(changed, exercises(changed)[0])
    assert [verdict.right for verdict in first] == [still_open, solved]


def test_a_solution_that_raises_or_that_no_check_knows_is_found() -> None:
    broken = honest()
    edit("slow = min(", "slow = least(")(broken)
    assert "NameError" in answers(broken, exercises(broken)[1])[1].reason
    unknown = Exercise("", "", code('check("congestion.grwo", ...)'), "congestion.grwo", "", True)
    with pytest.raises(ValueError, match=r"there is congestion\.grow"):
        answers(broken, unknown)


def test_words_are_what_somebody_reads() -> None:
    text = "Two *words* [and two](https://example.com/a-b) {chapter}`49` <b>x</b>\n\n:::{note} A title\n:class: tip\n"
    text += "and a body\n```python\nno = 1\n```\n:::"
    assert words(nbformat.v4.new_notebook(cells=[markdown(text)])) == 11
    assert "no = 1" not in prose(text)
    assert asserts(nbformat.v4.new_notebook(cells=[code("def f():\n    assert x\nassert y, 'why'")])) == 2


def test_beside_chapters_a_text_that_is_compared_checks_a_fact_too() -> None:
    one = code("print(1)", nbformat.v4.new_output("stream", name="stdout", text="1\n"))
    unanswered = code("check('congestion.path', ...)", shown("congestion.path: not answered yet"))
    for cells, count in (
        ([one] * 5, 5),
        ([one] * 4, 4),
        ([*[one] * 4, unanswered], 4),
        ([*[one] * 4, code("1", picture())], 4),
    ):
        page = nbformat.v4.new_notebook()
        add(*cells)(page)
        told = [fault for fault in faults(page) if "facts" in fault]
        assert told == [] if count == 5 else told[0].startswith("4 facts")


def test_an_item_is_covered_by_one_passage() -> None:
    doubling = Item(48, "it doubles", ["slow start", "doubl"])
    drawn = Item(48, "it is drawn", ["it doubles", "from 10"], "figure")
    apart, together = markdown("Slow start."), markdown("It doubles in slow start, from 10.")
    assert uncovered(nbformat.v4.new_notebook(cells=[apart, markdown("It doubles.")]), [doubling]) != []
    assert uncovered(nbformat.v4.new_notebook(cells=[apart, together]), [doubling]) == []
    assert uncovered(nbformat.v4.new_notebook(cells=[together]), [drawn]) != []
    assert uncovered(nbformat.v4.new_notebook(cells=[code("show()", picture())]), [drawn]) == []
    assert uncovered(nbformat.v4.new_notebook(cells=[code("x", shown("slow start doubles"))]), [doubling]) == []


# ------------------------------------------------------------------------------------------- nbval does what we rely on

DISPLAY = """\
from IPython.display import display
display({{"image/png": "{png}", "text/plain": "{words}"}}, raw=True)"""


def test_nbval_compares_words_and_no_pixels_and_sees_what_raises(tmp_path: Path) -> None:
    def figure_cell(png: str, words: str, stored: str) -> Cell:
        source = DISPLAY.format(png=png, words=words)
        return code(source, nbformat.v4.new_output("display_data", {"image/png": PNG, "text/plain": stored}), count=1)

    stored = nbformat.v4.new_output("stream", name="stdout", text="2\n")
    cells = {
        "honest": code("print(1 + 1)", stored, count=1),
        "changed": code("print(1 + 2)", stored, count=2),
        "raising": code("assert 1 > 2", count=3),
        "repainted": figure_cell("aaaa", "It doubles.", "It doubles."),
        "renamed": figure_cell(PNG, "It trebles.", "It doubles."),
    }
    nbformat.write(nbformat.v4.new_notebook(cells=[*cells.values()]), tmp_path / "toy.ipynb")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -q -rA --nbval-current-env -p no:cacheprovider\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "."], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    passed = {name for n, name in enumerate(cells) if f"PASSED toy.ipynb::Cell {n}\n" in done.stdout}
    assert passed == {"honest", "repainted"}, done.stdout
    assert "3 failed, 2 passed" in done.stdout
    assert done.returncode == 1
