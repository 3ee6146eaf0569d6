"""The offline copy: one site makes one file, and its server gives the site, rightly typed, and nothing else."""

import ast
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext

from tests.books import module
from tests.house import ROOT
from tests.page.conftest import NAMES, QUIET, driver, visit
from tests.programs import need

offline, serve = module("offline"), module("serve")
SITE = {
    "index.html": "<title>The front</title>",
    "LICENSE": "words",
    "book/start.html": "<title>Start</title>",
    "_static/live/worker.mjs": "export {}",
    "_static/live/python.wasm": "\0asm",
    "_static/live/netlab.whl": "PK",
    "_static/page.js": "'use strict'",
    "_static/custom.css": "a {}",
    "_static/strange.xyz": "?",
    ".buildinfo": "Sphinx's own",
}
TYPES = {
    "": "text/html; charset=utf-8",
    "book/start.html": "text/html; charset=utf-8",
    "_static/live/worker.mjs": "text/javascript; charset=utf-8",
    "_static/live/python.wasm": "application/wasm",
    "_static/live/netlab.whl": "application/zip",
    "_static/page.js": "text/javascript; charset=utf-8",
    "_static/custom.css": "text/css; charset=utf-8",
    "_static/strange.xyz": "application/octet-stream",
    "LICENSE": "text/plain; charset=utf-8",
}


def site(folder: Path) -> Path:
    """Return a small site."""
    for name, text in SITE.items():
        path = folder / "html" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "html"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return the folder of an offline copy, unpacked; beside it lies what is nobody's business."""
    (tmp_path / "secret").write_text("nobody's business")
    offline.pack(site(tmp_path / "built"), tmp_path / "copy.zip")
    with zipfile.ZipFile(tmp_path / "copy.zip") as archive:
        archive.extractall(tmp_path)
    return tmp_path / "netlab-book"


@contextmanager
def served(copy: Path, *options: str, **environment: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Start the copy's own server with any Python; yield the one line that it says, and the process."""
    command = [sys.executable, "-I", str(copy / "serve.py"), *options]
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, env={**os.environ, **environment}, **pipes) as process:  # type: ignore[call-overload]
        try:
            yield process.stdout.readline(), process
        finally:
            process.kill()


@pytest.fixture
def ask(copy: Path) -> Iterator[Callable[..., http.client.HTTPResponse]]:
    """Serve the copy, and return what asks it: the answer, whose words are read."""
    with served(copy, "--no-browser") as (line, _):
        found = re.fullmatch(r"The book is at (http://127\.0\.0\.1:(\d+)/) \(Ctrl-C ends it\)\n", line)
        assert found, line
        port = int(found[2])

        def ask(path: str, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            try:
                connection.putrequest(method, path, skip_host=False)
                for name, value in headers.items():
                    connection.putheader(name.replace("_", "-"), value)
                connection.endheaders()
                answer = connection.getresponse()
                answer.words = answer.read()  # type: ignore[attr-defined]
                return answer
            finally:
                connection.close()

        yield ask


# ------------------------------------------------------------------------------------------------------- the archive


def test_the_archive_has_one_folder_with_a_site_a_server_and_a_word(copy: Path) -> None:
    assert {path.name for path in copy.iterdir()} >= {"README.txt", "serve.py", "index.html", "LICENSE", "book"}
    assert not (copy / ".buildinfo").exists()
    said = (copy / "README.txt").read_text()
    assert "open index.html" in said
    assert "python3 serve.py" in said
    assert max(map(len, said.splitlines())) <= 120


def test_the_same_site_makes_the_same_bytes(tmp_path: Path) -> None:
    first, second = site(tmp_path / "one"), site(tmp_path / "two")
    for path in second.rglob("*"):
        os.utime(path, (0, 2_000_000_000))
    (second / "LICENSE").chmod(0o600)
    offline.pack(first, tmp_path / "one.zip")
    offline.pack(second, tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert archive.namelist() == sorted(archive.namelist())
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {info.external_attr >> 16 for info in archive.infolist()} == {0o100644}


def test_without_a_site_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(offline, "BUILD", tmp_path)
    assert offline.main() == 1
    assert "run `make book` first" in capsys.readouterr().err
    site(tmp_path)
    assert offline.main() == 0
    assert "netlab-book.zip: 11 files" in capsys.readouterr().out
    assert {path.name for path in tmp_path.iterdir()} == {"html", "netlab-book.zip"}


def test_the_makefile_packs_what_is_built() -> None:
    said = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^zip: book .*\n\t\$\(BIN\)/python book/_ext/offline\.py$", said, flags=re.M)


# -------------------------------------------------------------------------------------------------------- the server


@pytest.mark.parametrize(("name", "kind"), TYPES.items())
def test_a_file_is_served_as_what_it_is(ask: Callable[..., http.client.HTTPResponse], name: str, kind: str) -> None:
    answer = ask(f"/{name}")
    assert (answer.status, answer.headers["Content-Type"]) == (200, kind)
    assert answer.words.decode() == SITE[name or "index.html"]  # type: ignore[attr-defined]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    head = ask(f"/{name}", "HEAD")
    assert (head.status, head.headers["Content-Length"], head.words) == (200, answer.headers["Content-Length"], b"")  # type: ignore[attr-defined]


def test_an_older_python_reads_the_server() -> None:
    ast.parse((ROOT / "book/_ext/serve.py").read_text(encoding="utf-8"), feature_version=(3, 8))


def test_the_types_are_not_the_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mimetypes.guess_type", lambda *_, **__: ("text/plain", None))
    monkeypatch.setitem(serve.Handler.extensions_map, ".js", "text/plain")
    handler = serve.Handler.__new__(serve.Handler)
    assert handler.guess_type("C:\\book\\WORKER.JS") == "text/javascript; charset=utf-8"


def test_a_file_that_did_not_change_is_not_sent_again(ask: Callable[..., http.client.HTTPResponse]) -> None:
    first = ask("/_static/page.js")
    assert first.headers["Cache-Control"] == "no-cache"
    assert ask("/_static/page.js", If_Modified_Since=first.headers["Last-Modified"]).status == 304


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "CONNECT", "get"])
def test_only_reading_is_served(ask: Callable[..., http.client.HTTPResponse], method: str) -> None:
    assert ask("/index.html", method).status == 501


@pytest.mark.parametrize(
    "path",
    [
        "/../secret",
        "/%2e%2e/secret",
        "/book/..%2f..%2fsecret",
        "/..%5csecret",
        "/..%5c..%5csecret",
        "/%252e%252e/secret",
        "//../secret",
        "/book/../../secret",
        "/book/",
        "/_static",
        "/index.html/",
        "/%00",
        "/index.html%00.mjs",
        "/nothing.html",
        "/" + "a/" * 5000,
        "/C:/secret",
    ],
)
def test_nothing_outside_the_copy_is_served(ask: Callable[..., http.client.HTTPResponse], path: str) -> None:
    answer = ask(path)
    if answer.status == 301:  # a folder without its slash
        answer = ask(urlsplit(answer.headers["Location"]).path)
    assert answer.status in {400, 404}
    assert b"business" not in answer.words  # type: ignore[attr-defined]
    assert ask("/").status == 200, "it serves no more"


def test_garbage_and_silence_stop_nobody(copy: Path) -> None:
    with served(copy, "--no-browser") as (line, process):
        port = urlsplit(line.split()[4]).port
        assert port
        for rubbish in (b"", b"\x00\xff\r\n\r\n", b"GET " + b"/" * 70_000, b"GET /\r\n", b"GET / HTTP/1.1\r\n"):
            with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
                client.sendall(rubbish)
        with socket.create_connection(("127.0.0.1", port), timeout=20):  # says nothing
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            connection.request("GET", "/")
            assert connection.getresponse().read().decode() == SITE["index.html"]
            connection.close()
        process.terminate()
        assert process.stderr.read() == ""


@pytest.mark.skipif(os.name != "posix", reason="only a console of Windows's can press Ctrl-C")
def test_ctrl_c_ends_it_quietly(copy: Path) -> None:
    with served(copy, "--no-browser") as (line, process):
        assert line
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=20) == ("\n", "")
        assert process.returncode == 0


@pytest.mark.skipif(os.name != "posix", reason="a browser is named by a command only there")
def test_it_shows_itself_to_the_browser_and_answers_it(copy: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        (tmp_path / "browser.py").write_text(BROWSER.format(port=listener.getsockname()[1]))
        browser = f"{sys.executable} {tmp_path / 'browser.py'} %s"
        with served(copy, BROWSER=browser, no_proxy="*"), listener.accept()[0] as told, told.makefile() as words:
            assert words.read() == SITE["index.html"]


BROWSER = """
import socket, sys, urllib.request
with socket.create_connection(("127.0.0.1", {port})) as told, urllib.request.urlopen(sys.argv[1]) as page:
    told.sendall(page.read())
"""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--port", "http"], "'http' is no port: a number from 0 to 65535"),
        (["--port", "65536"], "'65536' is no port"),
        (["--port", "-1"], "expected one argument|is no port"),
        (["--wrong"], "unrecognized arguments: --wrong"),
    ],
)
def test_a_wrong_word_is_a_sentence(options: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        serve.main(options)
    assert re.search(said, capsys.readouterr().err)


def test_a_port_that_is_taken_and_a_folder_that_is_none_are_sentences(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with served(copy, "--no-browser", "--port", port) as (line, process):
            assert line == ""
            assert process.stderr.read().startswith(f"port {port} cannot be had: ")
            assert process.wait(20) == 1
    assert serve.main(["--no-browser"]) == 1, "it serves the folder of its source"
    assert "there is no index.html in" in capsys.readouterr().err


# --------------------------------------------------------------------------------------- the book itself, taken along


@pytest.fixture(scope="module")
def taken_along(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an unpacked copy of the book as it is built."""
    folder = tmp_path_factory.mktemp("taken")
    if not (ROOT / "_build/html/index.html").exists():
        pytest.fail("there is no site: run `make book` first")
    offline.pack(ROOT / "_build/html", folder / "copy.zip")
    with zipfile.ZipFile(folder / "copy.zip") as archive:
        archive.extractall(folder)
    return folder / "netlab-book"


@pytest.fixture(scope="module")
def context() -> Iterator[BrowserContext]:
    """Start the Chromium that is installed."""
    program = next(filter(None, map(shutil.which, NAMES)), None) or need(NAMES[0])
    with driver() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield chromium.new_context()
        chromium.close()


def test_every_kind_of_file_in_the_book_has_its_type(taken_along: Path) -> None:
    kinds = {path.suffix.lower() for path in taken_along.rglob("*") if path.is_file()}
    assert kinds - {"", ".inv"} <= set(serve.TYPES), "say in serve.py what these are"


def test_the_copy_reads_from_the_disk_and_from_its_server(taken_along: Path, context: BrowserContext) -> None:
    with served(taken_along, "--no-browser") as (line, _):
        for origin in (f"{taken_along.as_uri()}/", line.split()[4]):
            seen = visit(context, origin, "book/start.html")
            seen.page.wait_for_load_state("networkidle")
            assert seen.page.locator("h1").inner_text().strip("# \n") == "Before you start"
            assert (seen.strangers, seen.said, seen.failed) == ([], [], [])
            seen.page.close()
