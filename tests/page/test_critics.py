"""What two critics say of the pages: axe-core of whom they shut out, Lighthouse of how long they take."""

import gzip
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from sysconfig import get_path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.page.conftest import NAMES, OTHERS, PACKED, PAGES, ROOT, SITE, Quiet, served, visit
from tests.programs import missing, need

TOOLS = ROOT / "book/_live/node_modules"
AXE = """asked => axe.run(asked).then(found => found.violations.map(one =>
  `${one.id}: ${one.help}, ${one.nodes.slice(0, 3).map(node => node.html.slice(0, 200)).join(" and ")}`))"""
LOOKS = {  # how wide, by day or night, and which rules: night changes colours, and a phone all but colours
    "light": (1280, "light", {}),
    "dark": (1280, "dark", {"runOnly": ["color-contrast", "link-in-text-block"]}),
    "phone": (390, "light", {"rules": {"color-contrast": {"enabled": False}}}),
}


def tool(name: str) -> Path:
    """Return a file of an npm package; without it the test is skipped, or fails where all must be there."""
    path = TOOLS / name
    return path if path.exists() else missing(f"{name} (make lint installs it)")


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", [*PAGES, *OTHERS])
def test_axe_finds_nobody_shut_out(browser: Browser, origin: str, name: str, look: str) -> None:
    width, scheme, asked = LOOKS[look]
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    try:
        page = visit(context, origin, name).page
        page.wait_for_load_state("networkidle")
        page.evaluate(tool("axe-core/axe.min.js").read_text(encoding="utf-8"))
        assert page.evaluate(AXE, asked) == []
    finally:
        context.close()


class Compressing(Quiet):
    """A file server that compresses what it sends, as those on the internet do."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        data = packed(path)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        if path.suffix not in PACKED:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@cache
def packed(path: Path) -> bytes:
    return path.read_bytes() if path.suffix in PACKED else gzip.compress(path.read_bytes())


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(Compressing, SITE) as address:
        yield address


@pytest.mark.serial
@pytest.mark.parametrize(
    ("look", "least"),
    [
        ("desktop", {"performance": 0.95, "accessibility": 1, "best-practices": 1}),
        ("mobile", {"performance": 0.85, "accessibility": 1, "best-practices": 1}),
    ],
)
def test_lighthouse_is_content(
    address: str, tmp_path: Path, look: str, least: dict[str, float], say: Callable[[str], None]
) -> None:
    report = tmp_path / "report.json"
    asked = [
        Path(get_path("scripts"), "node"),
        tool("lighthouse/cli/index.js"),
        f"{address}book/transport/congestion.html",
        f"--only-categories={','.join(least)}",
        "--output=json",
        f"--output-path={report}",
        f"--chrome-flags=--headless --no-sandbox --disable-gpu --user-data-dir={tmp_path / 'profile'}",
        "--quiet",
        *(["--preset=desktop"] if look == "desktop" else []),
    ]
    run = subprocess.run(
        asked,
        env={**os.environ, "CHROME_PATH": next(filter(None, map(shutil.which, NAMES)), "") or need(NAMES[0])},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    scores = {name: category["score"] for name, category in found["categories"].items()}
    say(f"Lighthouse, {look}: {scores}")
    low = {name: scores[name] for name in least if scores[name] < least[name]}
    short = [
        audit["title"] for audit in found["audits"].values() if audit["score"] is not None and audit["score"] < 0.9
    ]
    assert not low, short
