"""Panels in the page: each runs and changes with its controls, by mouse and by keyboard, and says with what."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page

from netlab.live import Panel, find, panels
from tests.page.conftest import PAGES, SITE, Visit, packed, until, visit

pytestmark = pytest.mark.serial  # Python in a page wants a processor for itself
ASK = """async ([panel, tries]) => {
  const { ask } = await import("/_static/live/kernel.js");
  const said = [];
  for (const values of tries) said.push(await ask({ panel, values }));
  return said;
}"""
TIMED = """async ([panel, name, texts]) => {
  const form = document.querySelector(`form[data-panel="${panel}"]`), control = form.elements[name], taken = [];
  for (const text of texts) {
    const runs = Number(form.dataset.runs), start = performance.now();
    control.value = text;
    control.dispatchEvent(new Event("input", { bubbles: true }));
    while (Number(form.dataset.runs) === runs) await new Promise(again => setTimeout(again, 0));
    taken.push(performance.now() - start);
  }
  return taken;
}"""
TRANSCENDENTAL = {"rivals"}  # topics whose numbers come from cube roots and the like: their sentences are compared


@pytest.fixture(scope="module")
def opened(context: BrowserContext, origin: str) -> Iterator[dict[str, Visit]]:
    """The page of each panel, by the panel's name; Python starts once in each page, when its first panel runs."""
    seen = [visit(context, origin, name) for name in PAGES]
    by_panel = {}
    for one in seen:
        for name in one.page.evaluate(
            "[...document.querySelectorAll('form.nl-panel')].map(form => form.dataset.panel)"
        ):
            by_panel[name] = one
    yield by_panel
    for one in seen:
        assert (one.strangers, one.said, one.failed) == ([], [], [])
        one.page.close()


def form_of(page: Page, name: str) -> Locator:
    return page.locator(f'form[data-panel="{name}"]')


def runs(form: Locator) -> int:
    return int(form.get_attribute("data-runs") or 0)


def wait_for_run(page: Page, name: str, before: int) -> None:
    until(page, f"""document.querySelector('form[data-panel="{name}"]').dataset.runs > {before}""", 40)


def another(panel: Panel, dice: random.Random) -> dict[str, Any]:
    """Return settings that a reader might choose."""
    values: dict[str, Any] = {}
    for name, one in panel.controls.items():
        if one.range:
            low, high, step, _ = one.range
            number = low + step * dice.randrange(int((high - low) / step) + 1)
            values[name] = int(number) if one.whole else number
        else:
            values[name] = dice.choice(one.choices or (False, True))
    return values


def test_every_panel_stands_in_a_page(opened: dict[str, Visit]) -> None:
    assert set(opened) == {panel.name for panel in panels()}


@pytest.mark.parametrize("name", [panel.name for panel in panels()])
def test_a_panel_says_in_the_page_what_it_says_here(opened: dict[str, Visit], name: str) -> None:
    """To the last digit of nine where numbers are only added, multiplied and divided; else in its sentence."""
    panel, dice = find(name), random.Random(name)
    tries = [{}, *(another(panel, dice) for _ in range(6))]
    for values, answer in zip(tries, opened[name].page.evaluate(ASK, [name, tries]), strict=True):
        mine = panel(**values)
        assert "error" not in answer, f"{values}: {answer['error']}"
        assert answer["said"] == panel.said(values)
        assert answer["picture"]["sentence"] == mine.sentence
        if name.partition(".")[0] not in TRANSCENDENTAL:
            assert near(answer["picture"]["drawing"], mine.data()["drawing"]), values


def near(a: Any, b: Any) -> bool:
    """Whether two drawings are the same, numbers to nine digits."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(near(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(near, a, b))
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return a == pytest.approx(b, rel=1e-9, abs=1e-12)
    return bool(a == b) or (a is None and isinstance(b, float))  # JSON has no infinity


@pytest.mark.parametrize("name", [panel.name for panel in panels()])
def test_a_panel_runs_and_changes_with_each_of_its_controls(opened: dict[str, Visit], name: str) -> None:
    page, panel = opened[name].front(), find(name)
    form = form_of(page, name)
    before = runs(form)
    form.locator(".nl-run").click()
    wait_for_run(page, name, before)
    figure = form.locator("xpath=..").locator("figure")
    assert figure.locator(".nl-drawing svg[role=img]").get_attribute("aria-label") == panel().sentence
    for control in panel.controls.values():
        if control.range:
            _, high, step, _ = control.range
            value: Any = control.default + step if control.default + step <= high else control.default - step
            value = int(value) if control.whole else float(value)
        else:
            value = next(one for one in control.choices or (False, True) if one != control.default)
        before = runs(form)
        set_to(form, control.name, value)
        wait_for_run(page, name, before)
        assert form.locator(".nl-says").inner_text().startswith(f"With {panel.said({control.name: value})}: ")
        assert figure.locator(".nl-title").inner_text() == panel(**{control.name: value}).title
        until(page, f"location.search.includes('{name}.{control.name}=')")
        form.locator(".nl-reset").click()
    until(page, f"!location.search.includes('{name}.')")
    assert figure.locator("svg").count() == 2, "the picture that the page came with"


def set_to(form: Locator, name: str, value: Any) -> None:
    field = form.locator(f'[name="{name}"]')
    if isinstance(value, bool):
        field.set_checked(value)
    elif field.evaluate("control => control.localName") == "select":
        field.select_option(f"{value:g}" if isinstance(value, float) else f"{value}")
    else:
        field.fill(f"{value:g}")


def test_the_keyboard_is_enough(context: BrowserContext, origin: str) -> None:
    seen = visit(context, origin, "book/transport/congestion.html")
    page = seen.front()
    form = form_of(page, "congestion.sawtooth")
    form.locator("input[type=range]").focus()
    page.keyboard.press("ArrowRight")
    until(page, "location.search.endsWith('queue=28')")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    wait_for_run(page, "congestion.sawtooth", 0)
    assert "With queue 28 packets" in form.locator(".nl-says").inner_text()
    assert (seen.strangers, seen.said, seen.failed) == ([], [], [])
    page.close()


def test_what_is_no_number_is_told_beside_its_control_and_runs_nothing(opened: dict[str, Visit]) -> None:
    page, name = opened["congestion.sawtooth"].front(), "congestion.sawtooth"
    form = form_of(page, name)
    form.locator(".nl-run").click()
    wait_for_run(page, name, 0)
    before = runs(form)
    for text in ("abc", "", "1e999", "-3", "121", "24.5", "<b>24</b>", "0x18", "٣"):
        form.locator('[name="queue"]').fill(text)
        wrong = form.locator(".nl-wrong").first
        assert wrong.inner_text().endswith(f"queue is a whole number from 4 to 120 packets, not “{text}”.")
    assert runs(form) == before
    form.locator(".nl-reset").click()
    assert form.locator(".nl-wrong").first.inner_text() == ""


def test_an_address_keeps_settings_and_a_wrong_one_is_told(context: BrowserContext, origin: str) -> None:
    wrong = "congestion.sawtooth.queue=900&congestion.sawtooth.law=Tahoe&congestion.one_loss.queue=%3Cscript%3E&x=y"
    seen = visit(context, origin, f"book/transport/congestion.html?{wrong}")
    page = seen.front()
    form = form_of(page, "congestion.sawtooth")
    form.locator(".nl-wrong").first.get_by_text("900").wait_for()
    assert form.locator('[name="queue"]').input_value() == "24"
    assert form.locator('[name="law"]').input_value() == "Tahoe"
    assert "live/worker.js" not in str(seen.asked), "an address starts no Python"
    form_of(page, "congestion.one_loss").locator(".nl-wrong").first.get_by_text("<script>").wait_for()
    form.locator(".nl-run").click()
    wait_for_run(page, "congestion.sawtooth", 0)
    assert "law Tahoe" in form.locator(".nl-says").inner_text()
    assert (seen.strangers, seen.said, seen.failed) == ([], [], [])
    page.close()


def test_a_reader_can_stop_and_go_on(context: BrowserContext, origin: str) -> None:
    seen = visit(context, origin, "book/rivals.html")
    page = seen.front()
    form = form_of(page, "rivals.sandbox")
    form.locator(".nl-run").click()
    form.locator(".nl-stop").click()
    form.get_by_text("Stopped.").wait_for()
    form.locator(".nl-run").click()
    wait_for_run(page, "rivals.sandbox", 0)
    assert (seen.strangers, seen.said, seen.failed) == ([], [], [])
    page.close()


def test_what_is_changed_while_python_starts_is_run_and_a_reset_stays(context: BrowserContext, origin: str) -> None:
    seen = visit(context, origin, "book/transport/congestion.html")
    page, name = seen.front(), "congestion.sawtooth"
    form = form_of(page, name)
    assert "6 MB, once" in form.locator(".nl-says").inner_text()
    form.locator(".nl-run").dblclick()
    until(page, "document.querySelector('form.nl-panel').ariaBusy === 'true'")
    form.locator('[name="queue"]').fill("40")
    form.get_by_text("With queue 40 packets").wait_for()
    page.evaluate("""() => {
      const form = document.querySelector("form.nl-panel");
      form.requestSubmit();
      form.reset();
    }""")
    other = form_of(page, "congestion.one_loss")
    other.locator(".nl-run").click()
    wait_for_run(page, "congestion.one_loss", 0)  # the answer to the first is there, too
    assert form.locator(".nl-says").inner_text() == ""
    assert form.locator("xpath=..").locator("figure svg").count() == 2, "the picture that the page came with"
    assert not form.locator(".nl-stop").is_visible()
    assert (seen.strangers, seen.said, seen.failed) == ([], [], [])
    page.close()


def test_a_stop_reaches_all_that_wait_and_leaves_the_keyboard_a_place(context: BrowserContext, origin: str) -> None:
    seen = visit(context, origin, "book/transport/congestion.html")
    page = seen.front()
    one, two = form_of(page, "congestion.sawtooth"), form_of(page, "congestion.one_loss")
    for form in (one, two):
        form.locator(".nl-run").click()
        form.locator(".nl-stop").wait_for()
    two.locator(".nl-stop").focus()
    page.keyboard.press("Enter")
    for form in (one, two):
        form.get_by_text("Stopped. Python starts again with the next run.").wait_for()
        assert not form.locator(".nl-stop").is_visible()
    assert two.locator(".nl-run").evaluate("button => button === document.activeElement")
    page.keyboard.press("Enter")
    wait_for_run(page, "congestion.one_loss", 0)
    assert (seen.strangers, seen.said, seen.failed) == ([], [], [])
    page.close()


@pytest.mark.parametrize("lost", ["netlab.zip", "pyodide.mjs", "pyodide.asm.wasm", "worker.js", "plot.umd.min.js"])
def test_a_file_that_does_not_come_is_told_and_tried_again(context: BrowserContext, origin: str, lost: str) -> None:
    address = f"**/{lost}"
    seen = visit(context, origin, "book/transport/congestion.html")
    seen.page.route(address, lambda route: route.abort())
    page, name = seen.front(), "congestion.sawtooth"
    form = form_of(page, name)
    form.locator(".nl-run").click()
    form.get_by_text("did not arrive").wait_for()
    assert "Run it to try again." in form.locator(".nl-says").inner_text()
    seen.page.unroute(address)
    form.locator(".nl-run").click()
    wait_for_run(page, name, 0)
    page.close()


def test_going_back_leaves_the_address_saying_what_the_controls_say(context: BrowserContext, origin: str) -> None:
    seen = visit(context, origin, "book/transport/congestion.html?congestion.sawtooth.queue=60")
    page = seen.front()
    form_of(page, "congestion.sawtooth").get_by_text("from this page's address").wait_for()
    page.evaluate("location.hash = '#elsewhere'")
    form_of(page, "congestion.sawtooth").locator('[name="queue"]').fill("80")
    until(page, "location.search.endsWith('queue=80')")
    page.go_back()
    until(page, "location.search.endsWith('queue=80') && !location.hash")
    page.close()


def test_a_slider_dragged_wildly_keeps_the_last_setting_in_the_address(opened: dict[str, Visit]) -> None:
    page, name = opened["congestion.sawtooth"].front(), "congestion.sawtooth"
    form_of(page, name).locator("input[type=range]").evaluate("""slider => {
      for (let n = 0; n < 400; n++) {
        slider.value = n === 399 ? 32 : 4 + 4 * (n % 29);
        slider.dispatchEvent(new Event("input", { bubbles: true }));
      }
    }""")
    until(page, "location.search.includes('congestion.sawtooth.queue=32')")
    form_of(page, name).locator(".nl-reset").click()


def test_the_first_result_comes_soon_and_the_next_at_once(context: BrowserContext, origin: str, say: Any) -> None:
    first = []
    for _ in range(3):
        seen = visit(context, origin, "book/transport/congestion.html")
        page = seen.front()
        page.wait_for_load_state("networkidle")
        form = form_of(page, "congestion.sawtooth")
        start = page.evaluate("performance.now()")
        form.locator(".nl-run").click()
        wait_for_run(page, "congestion.sawtooth", 0)
        first.append((page.evaluate("performance.now()") - start) / 1000)
        again = page.evaluate(TIMED, ["congestion.sawtooth", "queue", [str(4 + 4 * (7 * n % 29)) for n in range(40)]])
        page.close()
    median = sorted(again)[len(again) // 2]
    fetched = sum(packed(name) for name in set(seen.asked) if "live/" in name)
    say(f"first result {min(first):.1f} s, {fetched / 1e6:.1f} MB; again {median:.0f} ms (median of {len(again)})")
    assert min(first) <= 4
    assert median <= 50


def test_from_the_disk_a_panel_says_how_to_serve_it(context: BrowserContext) -> None:
    seen = visit(context, f"{SITE.as_uri()}/", "book/transport/congestion.html")
    form = form_of(seen.page, "congestion.sawtooth")
    form.locator(".nl-run").click()
    assert "serve.py" in form.locator(".nl-says").inner_text()
    assert (seen.strangers, seen.said, seen.failed) == ([], [], [])
    seen.page.close()
