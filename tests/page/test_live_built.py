"""Messages and bytes in the chapters as they were built: by keyboard, from the disk and from a server."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext

from tests.page.conftest import SITE, Visit, visit


@pytest.fixture(params=["served", "from the disk"])
def chapter(request: pytest.FixtureRequest, context: BrowserContext, origin: str) -> Iterator[Visit]:
    base = origin if request.param == "served" else f"{SITE.as_uri()}/"
    seen = visit(context, base, "book/web/websocket.html")
    seen.front()
    yield seen
    assert (seen.strangers, seen.said, seen.failed) == ([], [], [])
    seen.page.close()


def test_a_conversation_is_stepped_through(chapter: Visit) -> None:
    page = chapter.page
    view = page.locator(".nl-seq").first
    count = view.locator("li[data-m]").count()
    assert count > 4
    view.locator("button").get_by_text("First").focus()
    page.keyboard.press("Enter")
    said = view.locator("[aria-live], [role=status]").first
    assert said.inner_text().startswith(f"1 of {count}")
    page.keyboard.press("ArrowRight")
    assert said.inner_text().startswith(f"2 of {count}")
    assert view.locator("svg [data-m='1']").first.is_visible()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    assert said.inner_text().startswith(f"{count} of {count}"), "from the whole picture back to its last message"
    link = view.locator("a[download]")
    assert link.get_attribute("href", timeout=1000).startswith("data:")  # type: ignore[union-attr]


def test_bytes_and_fields_light_up_together(chapter: Visit) -> None:
    page = chapter.page
    view = page.locator(".nl-hex").first
    view.locator("svg:visible").focus()
    page.keyboard.press("ArrowRight")
    lit = view.locator("li.on")
    assert lit.count() == 1
    assert view.locator(f"svg:visible .on[data-f='{lit.get_attribute('data-f')}']").count() == 1
    assert lit.locator("a[href*='rfc6455']").count() == 1
    page.keyboard.press("Escape")
    assert view.locator("li.on").count() == 0
