"""A page in the Chromium that is installed, from a server of ours: what asks a WebSocket in the name of a browser."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from playwright.sync_api import Page

from netlab.serving import Session, aio, running
from tests.page.conftest import NAMES, QUIET, driver
from tests.programs import need

SECONDS = 10  # after which a test gives up on a page; nothing here takes a tenth of it
SCRIPT = """<!doctype html><title>netlab</title><link rel="icon" href="data:,"><script>
async function opened(url, protocols = []) {
  const socket = new WebSocket(url, protocols), came = [], waiting = [];
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({data}) => waiting.length ? waiting.shift()(data) : came.push(data);
  socket.next = () => new Promise(taken => came.length ? taken(came.shift()) : waiting.push(taken));
  socket.failed = false;
  socket.onerror = () => { socket.failed = true };
  socket.closed = new Promise(done => {
    socket.onclose = ({code, reason, wasClean}) => done({code, reason, clean: wasClean, error: socket.failed});
  });
  await Promise.race([new Promise(done => { socket.onopen = done }), socket.closed]);
  return socket;
}
function within(seconds, promise) {
  return Promise.race([promise, new Promise((_, late) => setTimeout(late, 1000 * seconds, "the page waits for ever"))]);
}
</script>"""


class Site(Session):
    """Just enough HTTP/1.1 for a page and what it fetches; what was asked is added to ``asked``."""

    def __init__(self, asked: list[bytes]) -> None:
        self.asked, self.request = asked, b""

    def receive(self, data: bytes) -> bytes:
        self.request += data
        if b"\r\n\r\n" not in self.request:
            return b""
        self.asked.append(self.request)
        self.closed = True
        head = (
            f"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/html\r\nContent-Length: {len(SCRIPT)}\r\n\r\n"
        )
        return (head + SCRIPT).encode()


class Tab(NamedTuple):
    """An open page, where it is from, what it asked its own server for, and which Chromium shows it."""

    page: Page
    origin: str
    asked: list[bytes]
    version: str

    def ask(self, script: str, *arguments: object) -> Any:
        """Return what an async function, written in JavaScript, makes of the arguments, soon enough."""
        return self.page.evaluate(f"given => within({SECONDS}, ({script})(...given))", list(arguments))


@contextmanager
def tab() -> Iterator[Tab]:
    """Open a page. The test is skipped where no Chromium is installed."""
    program = next(filter(None, map(shutil.which, NAMES)), None) or need(NAMES[0])
    asked: list[bytes] = []
    with running(aio.serve, lambda: Site(asked)) as address, driver() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=QUIET)
        try:
            page, origin = chromium.new_page(), f"http://{address.host}:{address.port}"
            page.set_default_timeout(1000 * SECONDS)
            page.goto(origin)
            yield Tab(page, origin, asked, chromium.version)
        finally:
            chromium.close()
