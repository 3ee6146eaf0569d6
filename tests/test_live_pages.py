"""Which cells may run in a page, what a page may load, and the library that it takes along: without a browser."""

import ast
import hashlib
import json
import re
import sys
import zipfile
from base64 import b64encode
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "book" / "_ext"))  # where Sphinx, too, looks for them

import csp  # noqa: E402
import live  # noqa: E402
from live_cells import KERNEL, SOCKETS, judged  # noqa: E402


def whys(*codes: str) -> list[str]:
    return [cell.why for cell in judged(codes)]


def test_a_cell_that_uses_what_a_page_has_not_cannot_run_and_none_that_needs_it() -> None:
    assert whys("import socket", "x = 1", "s = socket.socket()", "print(s)", "s = 2", "print(s)", "print(x)") == [
        "", "", SOCKETS, SOCKETS, "", "", "",
    ]  # fmt: skip
    assert whys("from netlab.lab import Lab, observe", "observe('a', f)", "with Lab() as lab: pass") == ["", "", KERNEL]
    assert whys("import socket\ndef ask():\n    return socket.socket()", "ask()") == [SOCKETS, SOCKETS]
    assert whys("import socket as s", "s.socket()") == ["", SOCKETS]
    assert whys("from netlab.serving.blocking import serve", "serve(1)")[1] == SOCKETS


def test_what_waits_for_a_socket_keeps_those_who_wait_for_it_from_running() -> None:
    assert whys("import asyncio\nasync def ask():\n    await asyncio.sleep(1)", "await ask()") == [SOCKETS, SOCKETS]


def test_a_package_that_is_not_there_fails_at_its_import() -> None:
    missing = "the package wsproto is not in the page"
    assert whys("import wsproto.events\nimport json", "json.dumps(1)", "import json", "json.dumps(1)") == [
        missing, missing, "", "",
    ]  # fmt: skip


def test_a_cell_tells_what_it_reads() -> None:
    cell = judged(['observe(\n  "one-two", f)\nPath("../_data/recordings/web.json")\nobserve("one-two", g)'])[0]
    assert cell.recordings == ["one-two", "web"]


def test_every_recording_that_a_page_will_ask_for_is_there() -> None:
    there = {path.stem for path in (ROOT / "book/_data/recordings").glob("*.json")}
    for path in (ROOT / "book").rglob("*.ipynb"):
        if "node_modules" not in path.parts:
            codes = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
            assert {name for cell in judged(codes) for name in cell.recordings} <= there


def test_a_cell_as_data_cannot_end_its_script() -> None:
    html = live.data(judged(["print('</script><script>alert(1)</script>')"]))
    assert html.count("<script") == html.count("</script") == 1
    assert json.loads(re.sub(r"</?script[^>]*>", "", html))[0]["code"] == "print('</script><script>alert(1)</script>')"


def test_the_library_travels_whole_and_the_same_each_time(tmp_path: Path) -> None:
    live.pack(ROOT / "netlab", tmp_path / "one.zip")
    live.pack(ROOT / "netlab", tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert {"netlab/__init__.py", "netlab/live/worker.py", "netlab/show/source.py"} <= {*archive.namelist()}
        for name in archive.namelist():
            ast.parse(archive.read(name))


def test_a_page_allows_its_own_inline_scripts_and_no_other() -> None:
    html = '<head><meta charset="utf-8" /><script>let a = 1;</script><script src="x.js"></script></head>'
    guarded = csp.guarded(
        f'{html}<button onclick="window.print()">Print</button><script type="application/json">[]</script>'
    )
    digest = b64encode(hashlib.sha256(b"let a = 1;").digest()).decode()
    assert guarded.count("sha256-") == 1
    assert f"'sha256-{digest}'" in guarded
    assert "script-src 'self' 'wasm-unsafe-eval'" in guarded
    assert "onclick" not in guarded
    assert "unsafe-eval'" not in guarded.replace("wasm-unsafe-eval", "")
    assert "data-print" in guarded


@pytest.mark.parametrize("page", ["index.html", "search.html", "book/index.html"])
def test_every_page_of_the_site_has_its_policy(page: str) -> None:
    site = ROOT / "_build/html"
    if not site.exists():
        pytest.fail(f"there is no site in {site}: run `make book` first")
    html = (site / page).read_text(encoding="utf-8")
    if csp.HEAD.search(html):
        assert html.count("Content-Security-Policy") == 1
    assert not re.search(r"<[^>]+ on[a-z]+=", html)


def test_a_page_that_speaks_of_policies_gets_its_own(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('<head><meta charset="utf-8" /></head><p>Content-Security-Policy</p>', encoding="utf-8")
    app: Any = SimpleNamespace(outdir=tmp_path, builder=SimpleNamespace(format="html"))
    for _ in range(2):  # a build that did not write the page again seals it once
        csp.after_the_build(app, None)
        assert page.read_text(encoding="utf-8").count(csp.SEALED) == 1
