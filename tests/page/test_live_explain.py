"""Explain my bytes, in the page: pasted, dropped, hostile."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from netlab.explain import for_page
from netlab.web.websocket import figures
from tests.page.conftest import SITE, until, visit

pytestmark = pytest.mark.serial  # Python in a page wants a processor for itself
HELLO = "81 85 37 fa 21 3d 7f 9f 4d 51 58"  # RFC 6455 §5.7


@pytest.fixture(scope="module")
def page(context: BrowserContext, origin: str) -> Iterator[Page]:
    seen = visit(context, origin, "book/explain.html")
    seen.page.locator("form.nl-explain").wait_for()
    yield seen.page
    assert (seen.strangers, seen.said, seen.failed) == ([], [], [])
    seen.page.close()


def after(page: Page, act: Any) -> str:
    """Do something that asks Python, and return what the page then says."""
    form = page.locator("form.nl-explain")
    runs = int(form.get_attribute("data-runs") or 0)
    act()
    until(page, f"document.querySelector('form.nl-explain').dataset.runs > {runs}", 60)
    return form.locator(".nl-says").inner_text()


def pasted(page: Page, text: str) -> str:
    page.locator("#nl-bytes").fill(text)
    return after(page, page.locator("form.nl-explain button[type=submit]").click)


def given(page: Page, name: str, content: bytes) -> str:
    file: Any = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    return after(page, lambda: page.locator("input[type=file]").set_input_files(file))


def test_bytes_are_named_and_each_rule_leads_to_its_section(page: Page) -> None:
    assert pasted(page, HELLO) == for_page(HELLO)["message"]
    rows = page.locator(".nl-fig .nl-hex li")
    assert rows.count() == 4
    assert "RFC 6455 §5.3" in rows.nth(2).inner_text().replace("\N{NO-BREAK SPACE}", " ")
    assert rows.nth(2).locator("a").get_attribute("href", timeout=2000).endswith("rfc6455#section-5.3")


def test_the_keyboard_goes_from_byte_to_field_and_back(page: Page) -> None:
    pasted(page, HELLO)
    page.locator(".nl-fig .nl-hex svg").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(".nl-fig .nl-hex li.on").count() == 1
    assert page.locator(".nl-fig .nl-hex svg .on").count() >= 1


def test_broken_bytes_say_where_and_which_rule(page: Page) -> None:
    said = pasted(page, "09 85 37 fa 21 3d 7f 9f 4d 51 58")
    assert "broken at byte 0" in said
    assert "RFC 6455 §5.5" in said
    assert "breaks RFC 6455 §5.5" in page.locator(".nl-fig .nl-hex").inner_text().replace("\N{NO-BREAK SPACE}", " ")


def test_a_capture_is_listed_and_each_packet_explained(page: Page) -> None:
    capture = figures.recorded().pcap("tcp", ports={"server": 80})
    assert "Ethernet frame" in given(page, "talk.pcap", capture)
    lines = page.locator(".nl-packets button")
    assert lines.count() > 4
    lines.nth(2).focus()
    after(page, lambda: page.keyboard.press("Enter"))
    until(page, "document.activeElement.textContent.startsWith('3 ')")  # the list is new, its keyboard user is not lost
    assert page.locator(".nl-packets [aria-current]").inner_text().startswith("3 ")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("81 8g", "'g'"),
        ("<img src=x onerror=alert(1)>", "'i' at line 1, column 2"),
        ("8", ""),
        ("hello, this is a text", ""),
        ("00" * 600_000, ""),
        ("\0\N{RIGHT-TO-LEFT OVERRIDE}", ""),
    ],
)
def test_what_is_no_bytes_gets_a_sentence_and_stays_text(page: Page, text: str, says: str) -> None:
    said = pasted(page, text)
    assert said.endswith((".", "?", "!"))
    assert says in said
    assert page.locator("main img[src=x]").count() == 0
    assert pasted(page, HELLO) == for_page(HELLO)["message"], "the page stays usable"


def test_no_bytes_is_no_question(page: Page) -> None:
    page.locator("#nl-bytes").fill("  \n")
    page.locator("form.nl-explain button[type=submit]").click()
    assert "no bytes yet" in page.locator("form.nl-explain .nl-says").inner_text()


def test_hostile_captures_get_a_sentence(page: Page, tmp_path: Path) -> None:
    head = struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    wrong_link = struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 147)
    record = struct.pack("<IIII", 0, 0, 60, 60) + bytes(60)
    for name, content in {
        "cut.pcap": head + record[:30],
        "link.pcap": wrong_link + record,
        "bomb.pcap": head + struct.pack("<IIII", 0, 0, 0xFFFFFFFF, 0xFFFFFFFF),
        "nothing.pcap": head,
        "none": b"",
        "noise": bytes(range(256)) * 64,
    }.items():
        assert given(page, name, content).endswith("."), name
    large = tmp_path / "large.pcap"
    with large.open("wb") as file:
        file.write(head)
        file.truncate(100 << 20)
    said = after(page, lambda: page.locator("input[type=file]").set_input_files(large))
    assert "Of large.pcap, 100 MB, the first 16 MB are read." in said
    assert pasted(page, HELLO) == for_page(HELLO)["message"]


def test_samples_and_protocols_come_from_the_library(page: Page) -> None:
    for sample in page.locator("[data-sample]").all():
        after(page, sample.click)
        assert page.locator("figure.nl-fig svg[role=img]").count() == 1
    page.locator("select[name=protocol]").select_option("websocket-server")
    assert pasted(page, "81 05 48 65 6c 6c 6f").startswith("WebSocket frames from a server")
    page.locator("select[name=protocol]").select_option("")


def test_from_the_disk_the_page_says_how_to_serve_it(context: BrowserContext) -> None:
    seen = visit(context, f"{SITE.as_uri()}/", "book/explain.html")
    seen.page.locator("#nl-bytes").fill(HELLO)
    seen.page.locator("form.nl-explain button[type=submit]").click()
    assert "serve.py" in seen.page.locator("form.nl-explain .nl-says").inner_text()
    assert (seen.strangers, seen.said, seen.failed) == ([], [], [])
    seen.page.close()
