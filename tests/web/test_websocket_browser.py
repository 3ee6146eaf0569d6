"""A browser talks to our server, meets wrong ones, and does what the book's recording says that it does."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from netlab.serving import aio, blocking, running
from netlab.web.websocket.connection import Connection
from netlab.web.websocket.deflate import Deflate
from netlab.web.websocket.events import Closed, Event, Message, Opened
from netlab.web.websocket.limits import Limits
from netlab.web.websocket.session import WebSocket
from tests.web import record
from tests.web.browser import Tab, tab
from tests.web.peers import Ends, order, our_echo

pytestmark = pytest.mark.serial

RECORDING = json.loads(record.FILE.read_text(encoding="utf-8"))
SHELLS = {"blocking": blocking.serve, "aio": aio.serve}
TALK = """async (url, protocols, ...said) => {
  const socket = await opened(url, protocols), heard = [];
  for (const data of said) { socket.send(data); heard.push(await socket.next()) }
  socket.close(1000, "bye");
  return [heard, socket.protocol, socket.extensions, await socket.closed];
}"""
GIVES = "async (url, protocols) => (await opened(url, protocols)).closed"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Tab]:
    with tab() as opened:
        yield opened


class Server:
    """Our server, and what its sessions heard."""

    def __init__(self, **options: Any) -> None:
        self.ends: Ends = Ends()
        self.events: list[Event] = []
        self.sessions: list[WebSocket] = []
        self.echo, self.options = our_echo(self.ends), options

    def session(self) -> WebSocket:
        made = WebSocket(self.app, **self.options)
        self.sessions.append(made)
        return made

    def app(self, connection: Connection, event: Event) -> None:
        self.events.append(event)
        self.echo(connection, event)


@contextmanager
def ours(serve=aio.serve, **options) -> Iterator[tuple[str, Server]]:
    """Run our server and yield its address, as a page writes it."""
    server = Server(**options)
    with running(serve, server.session) as address:
        yield f"ws://{address.host}:{address.port}/chat?room=1", server
    assert address.failures == ()


CLEAN = {"code": 1000, "reason": "bye", "clean": True, "error": False}
NEVER = {"code": 1006, "reason": "", "clean": False, "error": True}


# ------------------------------------------------------------------------------------------------------ a conversation


@pytest.mark.parametrize("serve", SHELLS.values(), ids=SHELLS)
@pytest.mark.parametrize("deflate", [None, Deflate(), Deflate(True, True, 9, 9)], ids=["plain", "deflate", "frugal"])
def test_a_page_says_and_hears(chromium: Tab, serve, deflate: Deflate | None) -> None:
    said = ["Hello", "", "€ 😀 \0", "x" * 70_000]
    with ours(serve, deflate=deflate) as (url, server):
        heard, protocol, extensions, closed = chromium.ask(TALK, url, [], *said)
        assert server.ends.get(timeout=record.SOON) == (1000, "bye")
    assert (heard, protocol, closed) == (said, "", CLEAN | {"reason": ""})
    assert extensions.partition(";")[0] == ("permessage-deflate" if deflate else "")
    (session,) = server.sessions
    request, opened = session.end.request, server.events[0]
    assert request is not None
    assert isinstance(opened, Opened)
    assert request.headers.get("Sec-WebSocket-Extensions") == "permessage-deflate; client_max_window_bits"
    assert (request.target, request.headers.get("Origin")) == ("/chat?room=1", chromium.origin)
    assert opened.terms.deflate == deflate
    assert [event.data for event in server.events if isinstance(event, Message)] == said


@pytest.mark.parametrize("deflate", [None, Deflate()], ids=["plain", "deflate"])
def test_a_megabyte_of_bytes_there_and_back(chromium: Tab, deflate: Deflate | None) -> None:
    """As large as a message may be, and of bytes, each of which the page compares."""
    script = """async (url, size) => {
      const socket = await opened(url), said = new Uint8Array(size);
      let dice = 1;  // what deflate makes little of
      for (let at = 0; at < size; at++) { dice = (dice * 48271) % 2147483647; said[at] = dice >> 8 }
      socket.send(said);
      const came = new Uint8Array(await socket.next());
      socket.close(4999);
      return [came.length === size && came.every((octet, at) => octet === said[at]), (await socket.closed).code];
    }"""
    with ours(deflate=deflate) as (url, server):
        assert chromium.ask(script, url, 1 << 20) == [True, 4999]
    (message,) = (event for event in server.events if isinstance(event, Message))
    assert isinstance(message.data, bytes)
    assert (len(message.data), message.data[:2]) == (1 << 20, bytes([188, 87]))


def test_a_page_that_says_too_much(chromium: Tab) -> None:
    with ours(limits=Limits(message=1000)) as (url, server):
        script = "async url => { const s = await opened(url); s.send('x'.repeat(1001)); return s.closed }"
        told = chromium.ask(script, url)
        assert (told["code"], told["clean"]) == (1009, True)
        assert server.ends.get(timeout=record.SOON)[0] == 1006


def test_a_subprotocol_is_chosen(chromium: Tab) -> None:
    with ours(subprotocols=["v2.chat", "v1.chat"]) as (url, server):
        assert chromium.ask(TALK, url, ["v1.chat", "v2.chat"])[1] == "v2.chat"
        assert isinstance(opened := server.events[0], Opened)
        assert opened.terms.subprotocol == "v2.chat"


def test_a_page_does_without_a_server_that_shares_no_subprotocol(chromium: Tab) -> None:
    """The server may go on without one; the page asked for one, and takes no other answer (RFC 6455 §4.1)."""
    with ours(subprotocols=["v1.chat"]) as (url, _):
        assert chromium.ask(GIVES, url, ["v3.chat"]) == NEVER


@pytest.mark.parametrize("welcome", [True, False])
def test_the_origin_is_asked_about(chromium: Tab, welcome: bool) -> None:
    here = chromium.origin if welcome else "http://elsewhere.example"
    with ours(allowed=lambda origin: origin == here) as (url, server):
        if welcome:
            assert chromium.ask(TALK, url, [], "Hello")[0] == ["Hello"]
        else:
            assert chromium.ask(GIVES, url, []) == NEVER  # that it was a 403, a page is not told
            assert [type(event) for event in server.events] == [Closed]


# ------------------------------------------------------------------------------------------------------------- the end


@pytest.mark.parametrize(("code", "reason"), [(1000, "bye"), (3000, ""), (4999, "€" * 41)])
def test_a_page_closes(chromium: Tab, code: int, reason: str) -> None:
    script = """async (url, code, reason) => {
      const socket = await opened(url);
      socket.close(code, reason);
      return socket.closed;
    }"""
    with ours() as (url, server):
        told = chromium.ask(script, url, code, reason)
        assert server.ends.get(timeout=record.SOON) == (code, reason)
    assert told == {"code": code, "reason": "", "clean": True, "error": False}  # our answer repeats the code alone


@pytest.mark.parametrize(("code", "reason"), [(1000, "bye"), (1001, ""), (1012, "restart"), (4000, "€" * 41)])
def test_a_server_closes(chromium: Tab, code: int, reason: str) -> None:
    script = "async (url, order) => { const s = await opened(url); s.send(order); return s.closed }"
    said = f"close {code} {reason}"
    assert order(said) == (code, reason)
    with ours() as (url, server):
        told = chromium.ask(script, url, said)
        assert told == {"code": code, "reason": reason, "clean": True, "error": False}
        assert server.ends.get(timeout=record.SOON) == (code, reason)  # Chromium repeats both


def test_a_page_that_is_left_says_that_it_goes_away(chromium: Tab) -> None:
    with ours() as (url, server):
        chromium.ask("async url => { window.kept = await opened(url) }", url)
        chromium.page.goto("about:blank")
        chromium.page.goto(chromium.origin)
        assert server.ends.get(timeout=record.SOON) == (1001, "")
    assert not any(isinstance(event, Closed) and event.why for event in server.events)


def test_a_page_may_say_few_codes(chromium: Tab) -> None:
    """1000, and those that are the applications' own: the page is not the browser."""
    live = record.closing(chromium)
    assert live == RECORDING["close"]
    assert [code for code, becomes in live.items() if becomes == "sent"] == ["none", "1000", "3000", "4999"]
    assert {*live.values()} == {"sent", "InvalidAccessError"}


# ------------------------------------------------------------------------------------------- the recording is not stale


@pytest.mark.parametrize("lie", record.LIES, ids=[lie.says for lie in record.LIES])
def test_the_recorded_browser_does_the_same_today(chromium: Tab, lie: record.Lie) -> None:
    (recorded,) = (row for row in RECORDING["wrong_servers"] if row["says"] == lie.says)
    live = {"says": lie.says, "wire": lie.wire.hex(), **record.met(chromium, lie.wire), **record.ours(lie.wire)}
    if RECORDING["chromium"] != chromium.version:  # another one may use other words
        for row in (live, recorded):
            row["chromium"].pop("reason")
    assert live == recorded


def test_nobody_sends_1006_and_the_page_is_told_it_of_every_broken_rule() -> None:
    rows = RECORDING["wrong_servers"]
    assert [row["says"] for row in rows] == [lie.says for lie in record.LIES]
    for row in rows:
        assert row["chromium"]["sent"] not in (1006, 1015)
        assert (row["page"]["code"] == 1006) == (not row["page"]["clean"])
        if row["page"]["error"]:
            assert (row["chromium"]["sent"], row["page"]) == (1002, NEVER)
    differ = {row["says"] for row in rows if row["chromium"]["sent"] != row["ours"]["sent"]}
    assert differ == {
        "a length of 2⁶³ - 1",  # legal, and more than anybody has: Chromium hangs up without a word
        "a text of ff",  # the RFC has 1007 for this
        "ff in a text that goes on",
        "a reason that is not UTF-8",
        "close code 2999",  # Chromium refuses few codes
        "close code 5000",
    }


def test_the_recorded_servers_answer_the_same_today() -> None:
    live = record.handshakes()
    assert live == RECORDING["handshakes"]
    assert record.handshakes(blocking.serve) == live


def test_the_recorded_requests_are_as_large_today(chromium: Tab) -> None:
    """Names and versions in them change with each Chromium; that there are hundreds of bytes does not."""
    live = record.heads(chromium)
    for name, recorded in RECORDING["requests"].items():
        assert 400 <= recorded["bytes"] <= 650
        assert live[name]["bytes"] == pytest.approx(recorded["bytes"], rel=0.15)
        assert len({*live[name]["fields"]} ^ {*recorded["fields"]}) <= 2
    assert {"Host", "User-Agent", "Accept-Language"} <= {*live["fetch"]["fields"]} & {*live["websocket"]["fields"]}


def test_the_recording_is_small_and_says_how_it_was_made() -> None:
    assert record.FILE.stat().st_size < 16_384
    assert RECORDING["command"] == "python -m tests.web.record"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", RECORDING["date"])
    assert all(re.fullmatch(r"[\d.]+", RECORDING[name]) for name in ("chromium", "websockets", "python"))
