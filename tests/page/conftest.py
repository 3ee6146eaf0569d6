"""The site that `make book` built, a server for it on a free port, and a browser that may reach nothing else."""

import gzip
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request, Route, sync_playwright

from tests.programs import missing, need

ROOT = Path(__file__).parents[2]
SITE = ROOT / "_build" / "html"
NAMES = ["chromium", "chromium-browser", "google-chrome"]
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PACKED = {".woff2", ".png", ".gz", ".zip"}  # a server's compression gains nothing here


def documents(entry: object) -> Iterator[str]:
    """Yield the pages that a part of _toc.yml names, in reading order."""
    if isinstance(entry, dict):
        yield from (str(entry[kind]) for kind in ("root", "file") if kind in entry)
        yield from (name for value in entry.values() for name in documents(value))
    elif isinstance(entry, list):
        yield from (name for value in entry for name in documents(value))


CONTENTS = list(documents(yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))))
PAGES = [f"{name}.html" for name in CONTENTS]
OTHERS = ["index.html", "search.html", "genindex.html"]


class Visit(NamedTuple):
    """A page that is open, what it asked for beside its own site, what it said, and what it weighs in bytes."""

    page: Page
    strangers: list[str]
    said: list[str]
    failed: list[str]
    asked: list[str]

    def front(self) -> Page:
        """Return the page, brought to the front: Chromium lets the ones behind it wait."""
        self.page.bring_to_front()
        return self.page

    def weight(self) -> int:
        """Return the bytes that a server with compression sends for this page when it is opened first."""
        return sum(map(packed, self.asked))


@cache
def packed(address: str) -> int:
    """Return the size of one file of the site as it travels."""
    path = SITE / address
    if path.is_dir():
        path /= "index.html"
    data = path.read_bytes()
    return len(data) if path.suffix in PACKED else len(gzip.compress(data))


class Quiet(SimpleHTTPRequestHandler):
    """The standard library's file server, without its log.

    A browser connects before it knows what to ask. Such a connection ends soon, so that none outlives its test.
    """

    timeout = 0.5  # s

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(handler: type[Quiet], folder: Path) -> Iterator[str]:
    """Serve what a test made, from a thread of its own on a free port; give the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def origin() -> Iterator[str]:
    """Serve the site as a reader does, with its own serve.py on a free port, and return its address.

    It is a process of its own: a browser connects when it likes, and no test is to answer for a socket of that.
    """
    if not (SITE / "index.html").exists():
        pytest.fail(f"there is no site in {SITE}: run `make book` first")
    asked = [sys.executable, SITE / "serve.py", "--no-browser"]
    with subprocess.Popen(asked, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        said = server.stdout.readline()
        yield said.split()[4]
        server.terminate()


@contextmanager
def driver() -> Iterator[Playwright]:
    """Start what drives the browser: a program that came with the package, but not with the library it needs."""
    try:
        started = sync_playwright().start()
    except Exception as error:  # Playwright has no narrower one for a driver that does not start
        missing(f"libatomic1, or whatever else Playwright's driver needs ({error}),")
    try:
        yield started
    finally:
        started.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start the Chromium that is installed; nothing is ever downloaded.

    It ends with its module: as long as its driver runs, so does an event loop, and no other test could start one.
    """
    program = next(filter(None, map(shutil.which, NAMES)), None) or need(NAMES[0])
    with driver() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Return a fresh profile, as wide as a laptop."""
    made = browser.new_context(viewport={"width": 1280, "height": 900})
    made.set_default_timeout(20_000)
    yield made
    made.close()


def visit(context: BrowserContext, origin: str, name: str) -> Visit:
    """Open the page ``name`` of the site at ``origin``, and let every request to anywhere else fail."""
    seen = Visit(context.new_page(), [], [], [], [])

    def route(route: Route, request: Request) -> None:
        if request.url.startswith((origin, "data:", "blob:")):
            route.continue_()
        else:
            seen.strangers.append(request.url)
            route.abort()

    def asked(request: Request) -> None:
        if request.url.startswith(origin):
            seen.asked.append(request.url.removeprefix(origin).partition("#")[0].partition("?")[0])

    seen.page.route("**/*", route)
    seen.page.on("request", asked)
    seen.page.on("console", lambda message: seen.said.append(f"{message.type}: {message.text}"))
    seen.page.on("pageerror", lambda error: seen.said.append(f"uncaught: {error}"))
    gone = "net::ERR_ABORTED"  # a page that is left cancels what it still waits for
    seen.page.on("requestfailed", lambda request: request.failure == gone or seen.failed.append(request.url))
    seen.page.on("response", lambda answer: answer.status >= 400 and seen.failed.append(answer.url))
    seen.page.goto(origin + name)
    return seen


@pytest.fixture(scope="module")
def visits(context: BrowserContext, origin: str) -> Iterator[dict[str, Visit]]:
    """Open every page once; the tests of a module share the open pages and leave them as they were."""
    opened = {name: visit(context, origin, name) for name in [*PAGES, *OTHERS]}
    for seen in opened.values():
        seen.page.wait_for_load_state("networkidle")  # what a script asks for late, counts too
    yield opened
    for seen in opened.values():
        seen.page.close()


def until(page: Page, condition: str, seconds: float = 20) -> None:
    """Wait until ``condition`` (JavaScript) holds in the page: asked again and again from outside.

    Playwright's own ``wait_for_function`` would have the page evaluate a text, which its policy forbids.
    """
    ask = "async () => { const end = performance.now() + %d; while (!(%s)) { if (performance.now() > end) return false;"
    wait = " await new Promise(again => setTimeout(again, 5)); } return true; }"
    assert page.evaluate((ask + wait) % (1000 * seconds, condition)), f"never came true: {condition}"
