"""What others do when a server, or a client, is wrong: Chromium, and the library ``websockets``, beside ours.

`python -m tests.web.record` writes it to the book's recordings; the tests compare those with a run of their own.
"""

import json
import platform
import socket
from datetime import date
from pathlib import Path
from random import Random
from typing import NamedTuple

import websockets

from netlab.http1 import decode_request
from netlab.serving import Serve, aio, running
from netlab.web.websocket.connection import Connection
from netlab.web.websocket.ends import ServerEnd
from netlab.web.websocket.events import Closed
from netlab.web.websocket.frames import CLOSE, Frames
from netlab.web.websocket.handshake import answer
from netlab.web.websocket.session import WebSocket, echo
from netlab.wire import Reader
from tests.serving.clients import SOON, connect, rest
from tests.web.browser import Tab, tab
from tests.web.peers import head, library

FILE = Path(__file__).parents[2] / "book/_data/recordings/websocket.json"

Row = dict[str, object]


# ------------------------------------------------------------------------------------------------------- wrong servers


class Lie(NamedTuple):
    """What a server says after a handshake that was in order; nothing stands for the end of TCP."""

    says: str
    wire: bytes


def lie(says: str, start: str, rest: bytes = b"") -> Lie:
    return Lie(says, bytes.fromhex(start) + rest)


LIES = (
    lie("a masked frame", "8185 37fa213d 7f9f4d5158"),
    lie("RSV1, with no extension agreed", "c105", b"Hello"),
    lie("the reserved opcode 3", "8305", b"Hello"),
    lie("a ping of 126 bytes", "897e007e", bytes(126)),
    lie("half a ping", "0903", b"Hel"),
    lie("a continuation of nothing", "8002", b"lo"),
    lie("the length 5 in 2 bytes", "817e0005", b"Hello"),
    lie("a length of 2⁶³", "817f8000000000000000", b"Hello"),
    lie("a length of 2⁶³ - 1", "817f7fffffffffffffff", b"Hello"),
    lie("a text of ff", "8101ff"),
    lie("ff in a text that goes on", "0101ff"),
    lie("half a close code", "880103"),
    lie("close code 1005", "880203ed"),
    lie("close code 1006", "880203ee"),
    lie("close code 2999", "88020bb7"),
    lie("close code 5000", "88021388"),
    lie("a reason that is not UTF-8", "880303e8ff"),
    lie("the end of TCP without a close", ""),
    lie("a close without a code", "8800"),
    lie("close code 1000", "880503e8", b"bye"),
    lie("close code 1002", "880203ea"),
    lie("close code 1012, registered since", "880903f4", b"restart"),
)


def wrong_servers(tab: Tab) -> list[Row]:
    """Return, for each lie, the close frame that Chromium and we answer, and what is told to either's application."""
    return [{"says": lie.says, "wire": lie.wire.hex(), **met(tab, lie.wire), **ours(lie.wire)} for lie in LIES]


def met(tab: Tab, wire: bytes) -> Row:
    """Return what Chromium puts on the wire after ``wire`` has come, and what its page is told."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(SOON)
        url = "ws://{}:{}/".format(*listener.getsockname())
        tab.ask("async url => { window.meeting = opened(url).then(socket => socket.closed) }", url)
        sock, _ = listener.accept()
    sock.settimeout(SOON)
    with sock:
        response, _, _ = answer(decode_request(Reader(head(sock))))
        sock.sendall(response.encode() + wire)
        sent, reason = heard(sock, ends=not wire)
    told = tab.ask("() => meeting")
    page = {"code": told["code"], "reason": told["reason"], "clean": told["clean"], "error": told["error"]}
    return {"chromium": {"sent": sent, "reason": reason}, "page": page}


def heard(sock: socket.socket, ends: bool) -> tuple[int | None, str]:
    """Return the close frame that a client sends, None if it sends none. The server then closes TCP, or at once."""
    data = b""
    while not ends:
        piece = sock.recv(4096)
        data += piece
        ends = not piece or said(data)[0] is not None
    sock.shutdown(socket.SHUT_WR)
    assert rest(sock) == b""  # after its close frame it is silent, and hangs up
    return said(data)


def said(octets: bytes) -> tuple[int | None, str]:
    """Return the code, 1005 for none, and the reason of a client's close frame; None where there is none.

    Any code may stand there: Chromium sends back what a server had no right to say.
    """
    for frame in Frames(masked=True).feed(octets):
        if frame.opcode == CLOSE:
            return int.from_bytes(frame.payload[:2]) or 1005, frame.payload[2:].decode()
    return None, ""


def ours(wire: bytes) -> Row:
    """Return what our client makes of ``wire``."""
    client = Connection(client=True, dice=Random(6455))
    told = client.receive(wire)
    sent, reason = said(client.outgoing())
    (closed,) = (event for event in [*told, *client.receive(b"")] if isinstance(event, Closed))
    return {"ours": {"sent": sent, "reason": reason, "told": int(closed.code)}}


def closing(tab: Tab) -> dict[str, str]:
    """Return what becomes of a page that calls close() with a code: "sent", or the exception's name."""
    codes = (None, 999, 1000, 1001, 1005, 1006, 1011, 2999, 3000, 4999, 5000)
    script = """async (url, code) => {
      const socket = await opened(url);
      try { code === null ? socket.close() : socket.close(code) } catch (error) { socket.close(); return error.name }
      return (await socket.closed).code === (code ?? 1005) ? "sent" : "changed";
    }"""
    with running(aio.serve, lambda: WebSocket(echo)) as address:
        url = f"ws://{address.host}:{address.port}/"
        return {str(code or "none"): tab.ask(script, url, code) for code in codes}


# ---------------------------------------------------------------------------------------------------------- handshakes

KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455 §1.3
HERE = "http://shop.example"
GOOD = {
    "Host": "chat.example",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
    "Origin": HERE,
}


def asking(first: str = "GET /chat HTTP/1.1", **changes: str | None) -> bytes:
    """Return a request, as it should be but for ``changes``: None leaves a field out."""
    fields = GOOD | {name.replace("_", "-"): value for name, value in changes.items()}
    lines = [first, *(f"{name}: {value}" for name, value in fields.items() if value is not None), "", ""]
    return "\r\n".join(lines).encode()


REQUESTS = {
    "as it should be": asking(),
    "Connection: keep-alive, Upgrade": asking(Connection="keep-alive, Upgrade"),
    "Upgrade: WebSocket, as the old ones wrote it": asking(Upgrade="WebSocket"),
    "another origin": asking(Origin="http://evil.example"),
    "version 12": asking(Sec_WebSocket_Version="12"),
    "no version": asking(Sec_WebSocket_Version=None),
    "HTTP/1.0": asking("GET /chat HTTP/1.0"),
    "POST": asking("POST /chat HTTP/1.1"),
    "no Host": asking(Host=None),
    "no Upgrade": asking(Upgrade=None),
    "no Connection": asking(Connection=None),
    "Upgrade: h2c": asking(Upgrade="h2c"),
    "no key": asking(Sec_WebSocket_Key=None),
    "a key of 3 bytes": asking(Sec_WebSocket_Key="AQID"),
    "a key that is not base64": asking(Sec_WebSocket_Key="?" * 24),
    "not HTTP": b"HELO chat.example\r\n\r\n",
}


def handshakes(serve: Serve = aio.serve) -> list[Row]:
    """Return the status with which ``websockets`` and we answer each request; 0 where nothing is answered."""
    with (
        library(lambda connection: None, origins=[HERE]) as theirs,
        running(serve, lambda: WebSocket(echo, allowed=lambda origin: origin == HERE)) as ours,
    ):
        return [
            {"says": says, "websockets": status(theirs, request), "ours": status(ours, request)}
            for says, request in REQUESTS.items()
        ]


def status(address: tuple[str, int], request: bytes) -> int:
    """Return the status of a server's answer, 0 if it hangs up instead."""
    with connect(address) as sock:
        sock.sendall(request)
        first = sock.recv(12, socket.MSG_WAITALL).split()
        return int(first[1]) if first else 0


# ------------------------------------------------------------------------------------------------- what a browser sends


def heads(tab: Tab) -> dict[str, Row]:
    """Return the size of the requests with which a page fetches, and opens a WebSocket, and their fields' names."""
    ends: list[ServerEnd] = []

    def session() -> WebSocket:
        made = WebSocket(echo)
        ends.append(made.end)
        return made

    tab.ask("async () => { await (await fetch('/news')).text() }")
    with running(aio.serve, session) as address:
        url = f"ws://{address.host}:{address.port}/news"
        tab.ask("async url => { const socket = await opened(url); socket.close(); await socket.closed }", url)
    (end,) = ends
    assert end.request is not None
    fetched = decode_request(Reader(tab.asked[-1]))
    asked = {"fetch": (fetched, tab.asked[-1]), "websocket": (end.request, end.request.encode())}
    return {
        name: {"bytes": len(octets), "fields": [field for field, _ in request.headers.fields]}
        for name, (request, octets) in asked.items()
    }


def record() -> dict[str, object]:
    """Ask everybody everything."""
    with tab() as page:
        return {
            "command": "python -m tests.web.record",
            "date": date.today().isoformat(),
            "python": platform.python_version(),
            "chromium": page.version,
            "websockets": websockets.__version__,
            "wrong_servers": wrong_servers(page),
            "close": closing(page),
            "handshakes": handshakes(),
            "requests": heads(page),
        }


if __name__ == "__main__":
    FILE.write_text(json.dumps(record(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
