"""Cells in the page: whatever may run says there what the notebook says, and a reader can change it."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import BrowserContext, Locator, Page

from tests.page.conftest import PAGES, ROOT, SITE, until, visit

NOTEBOOKS = [name for name in PAGES if (ROOT / name).with_suffix(".ipynb").exists()]
RUN_ALL = """async () => {
  const { ask } = await import("/_static/live/kernel.js");
  const said = [];
  for (const { code, why, recordings } of JSON.parse(document.getElementById("nl-cells").textContent)) {
    said.push(why ? null : await ask({ cell: code, recordings }));
  }
  return said;
}"""
pytestmark = pytest.mark.serial  # Python in a page wants a processor for itself


def stored(path: Path) -> list[tuple[str, str]]:
    """Return what each cell of a notebook prints, and what its last line is worth."""
    found = []
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            text = "".join(one.text for one in cell.outputs if one.output_type == "stream")
            values = [one.data["text/plain"] for one in cell.outputs if one.output_type == "execute_result"]
            found.append((text, values[0] if values else ""))
    return found


def said(answer: dict[str, Any]) -> tuple[str, str]:
    """Return the same of an answer of the page's Python."""
    assert "error" not in answer, answer["error"]
    picture = answer.get("picture")
    return answer["text"], f"{picture['title']}. {picture['sentence']}" if picture else answer.get("value", "")


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_cell_that_may_run_says_what_the_notebook_says(context: BrowserContext, origin: str, name: str) -> None:
    seen = visit(context, origin, name)
    answers = seen.page.evaluate(RUN_ALL)
    notebook = stored((ROOT / name).with_suffix(".ipynb"))
    assert len(answers) == len(notebook)
    pairs = [(said(answer), cell) for answer, cell in zip(answers, notebook, strict=True) if answer]
    assert len(pairs) >= 6, "a page on which hardly anything runs"
    for mine, cell in pairs:
        assert mine == cell
    assert (seen.strangers, seen.said, seen.failed) == ([], [], [])
    seen.page.close()


@pytest.fixture
def chapter(context: BrowserContext, origin: str) -> Any:
    seen = visit(context, origin, "book/transport/congestion.html")
    yield seen
    assert (seen.strangers, seen.said, seen.failed) == ([], [], [])
    seen.page.evaluate("localStorage.clear()")
    seen.page.close()


def opened(page: Page, number: int) -> tuple[Locator, Locator]:
    """Open a cell for editing, and return its line of buttons and its field."""
    bar = page.locator(f'.nl-bar[data-cell="{number}"]')
    bar.get_by_text("Edit and run").click()
    field = bar.locator("xpath=..").locator("textarea")
    field.wait_for()
    return bar, field


def run(page: Page, bar: Locator) -> str:
    """Run a cell, and return what is then under it."""
    runs = int(bar.get_attribute("data-runs") or 0)
    bar.locator("button").first.click()
    until(page, f"""document.querySelector('.nl-bar[data-cell="{number_of(bar)}"]').dataset.runs > {runs}""")
    return (
        bar.locator("xpath=ancestor::div[contains(concat(' ', @class, ' '), ' cell ')][1]")
        .locator(".nl-output")
        .inner_text()
    )


def number_of(bar: Locator) -> str:
    return bar.get_attribute("data-cell") or ""


def test_nothing_of_python_is_fetched_before_a_click(chapter: Any) -> None:
    chapter.page.wait_for_load_state("networkidle")
    live = [name for name in chapter.asked if "live/" in name]
    assert live == ["_static/live/start.js"]


def test_a_cell_is_edited_run_broken_stopped_and_put_back(chapter: Any) -> None:
    page = chapter.page
    bar, field = opened(page, 1)
    first = field.input_value()
    field.fill("print(path.queue * 2)\nlast = 'mine'")
    assert run(page, bar).strip() == "48", "`path` is of the cell above, which ran first"
    field.fill("print('<b>bold</b>')\nx = 1 / 0")
    broken = run(page, bar)
    assert "<b>bold</b>" in broken
    assert "line 2: ZeroDivisionError" in broken
    field.fill("while True:\n    pass")
    bar.locator("button").first.click()
    bar.get_by_text("Stop", exact=True).click()
    bar.get_by_text("Stopped. Python starts again with the next run.").wait_for()
    assert "ZeroDivisionError" in page.locator(".nl-output").inner_text(), "what there was to see stays"
    field.fill("print(path.queue * 3)")
    assert run(page, bar).strip() == "72", "Python starts again, and the cell above runs again"
    bar.get_by_text("Reset", exact=True).click()
    assert field.input_value() == first
    assert page.locator(".nl-output").inner_text() == ""


def test_what_a_reader_wrote_stays_in_this_browser_and_counts_for_the_cells_below(chapter: Any) -> None:
    page = chapter.page
    bar, field = opened(page, 0)
    field.fill(field.input_value().replace("queue=24", "queue=30"))
    assert "30 more can wait" in run(page, bar)
    page.reload()
    bar, field = opened(page, 0)
    assert "queue=30" in field.input_value()
    other, below = opened(page, 1)
    below.fill("print(path.queue)")
    assert run(page, other).strip() == "30"


def test_a_broken_cell_above_is_named_and_can_be_put_right(chapter: Any) -> None:
    page = chapter.page
    bar, field = opened(page, 0)
    field.fill("path = None\nraise ValueError('mine')")
    run(page, bar)
    page.reload()
    bar = page.locator(".nl-bar[data-cell='0']")
    assert "You changed this cell" in bar.inner_text()
    other, _ = opened(page, 1)
    assert "A cell above, which you changed, failed. line 2: ValueError: mine" in run(page, other)
    page.get_by_text("Go to that cell").click()
    until(page, "document.activeElement.value?.startsWith('path = None')")
    bar.get_by_text("Reset", exact=True).click()
    assert "A cell above" not in run(page, other)


def test_a_new_edition_of_a_cell_is_not_hidden_by_what_was_made_of_the_old(chapter: Any) -> None:
    page = chapter.page
    page.evaluate("""localStorage.setItem(`netlab ${location.pathname} 0`, JSON.stringify(["old", "mine"]));
                     localStorage.setItem(`netlab ${location.pathname} 1`, "{")""")
    page.reload()
    assert "You changed" not in page.locator(".nl-bar[data-cell='0']").inner_text()
    _, field = opened(page, 0)
    assert field.input_value() != "mine"


def test_whatever_ends_python_is_told_and_the_next_run_works(chapter: Any) -> None:
    page = chapter.page
    bar, field = opened(page, 0)
    said = "It starts again with the next run."
    for code in (
        "import os\nos._exit(3)",
        "import sys\nsys.setrecursionlimit(10**9)\nf = lambda: f()\nf()",
        "raise KeyboardInterrupt",
    ):
        field.fill(code)
        assert run(page, bar).strip().endswith(said), code
        field.fill("6 * 7")
        assert run(page, bar).strip() == "42"
    chapter.said.clear()  # Pyodide's own farewell
    sockets, waits = (
        "import socket\nsocket.create_connection(('127.0.0.1', 80))",
        "import asyncio\nasyncio.run(asyncio.sleep(0))",
    )
    for code in ("input('?')", sockets, waits):
        field.fill(code)
        assert "Error: a page" in run(page, bar)


def test_a_very_long_output_scrolls_in_its_place(chapter: Any) -> None:
    bar, field = opened(chapter.page, 0)
    field.fill("for n in range(100_000): print(n)")
    run(chapter.page, bar)
    shown = chapter.page.locator(".nl-output pre")
    assert shown.evaluate("pre => pre.offsetHeight") < 600
    assert shown.get_attribute("tabindex") == "0"


def test_a_late_answer_changes_nothing_after_a_reset_or_a_stop(chapter: Any) -> None:
    page = chapter.page
    bar, field = opened(page, 0)
    field.fill("print('late')")
    bar.locator("button").first.click()
    bar.get_by_text("Reset", exact=True).click()
    other, below = opened(page, 1)
    below.fill("while True:\n    pass")
    other.locator("button").first.click()
    other.get_by_text("Running …").wait_for()
    assert "late" not in page.locator(".nl-output").first.inner_text()
    assert "As the book has it." in bar.inner_text()
    other.get_by_text("Stop", exact=True).focus()
    page.keyboard.press("Enter")
    until(page, "document.activeElement.textContent === 'Run'")


def test_a_part_that_does_not_come_is_told(context: BrowserContext, origin: str) -> None:
    seen = visit(context, origin, "book/transport/congestion.html")
    seen.page.route("**/live/*.js", lambda route: route.abort())
    bar, form = seen.page.locator(".nl-bar[data-cell='1']"), seen.page.locator("form.nl-panel").first
    bar.get_by_text("Edit and run").dblclick()
    bar.get_by_text("did not arrive").wait_for()
    form.locator(".nl-run").click()
    form.get_by_text("did not arrive").wait_for()
    assert not [line for line in seen.said if "uncaught" in line]
    seen.page.close()


def test_a_picture_of_a_cell_is_drawn_by_the_page(chapter: Any) -> None:
    page = chapter.page
    page.locator("div.cell details.hide summary").first.click()
    bar, field = opened(page, 2)
    field.fill(field.input_value().replace("(25, 40)", "(25, 30)"))
    assert "window 30" in run(page, bar)
    figure = page.locator(".nl-output figure")
    assert figure.locator("svg[role=img]").get_attribute("aria-label")
    assert figure.locator("figcaption").inner_text()


def test_an_exercise_is_checked_in_the_page(chapter: Any) -> None:
    page = chapter.page
    cells = page.evaluate("JSON.parse(document.getElementById('nl-cells').textContent)")
    number = next(n for n, cell in enumerate(cells) if 'check("congestion.path"' in cell["code"])
    bar, field = opened(page, number)
    assert "not answered yet" in run(page, bar)
    field.fill(field.input_value().replace('"pipe": ...', '"pipe": 1'))
    assert "Still open" in run(page, bar)


def test_a_long_run_says_how_far_it_is(chapter: Any) -> None:
    told = chapter.page.evaluate("""async () => {
      const { ask } = await import("/_static/live/kernel.js"), told = [];
      const cell = "from netlab.live import progress\\nfor n in range(3): progress(n / 2)";
      await ask({ cell }, part => told.push(part));
      return told;
    }""")
    assert told == [0, 0.5, 1]


def test_from_the_disk_a_page_says_how_to_serve_it(context: BrowserContext) -> None:
    seen = visit(context, f"{SITE.as_uri()}/", "book/transport/congestion.html")
    bar = seen.page.locator(".nl-bar[data-cell='1']")
    bar.get_by_text("Edit and run").click()
    assert "serve.py" in bar.locator(".nl-says").inner_text()
    assert (seen.strangers, seen.said, seen.failed) == ([], [], [])
    seen.page.close()
