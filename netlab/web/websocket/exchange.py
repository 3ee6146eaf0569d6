"""Two ends and what passes between them: a whole conversation on a clock, and what polling would have cost.

>>> trace = recorded()
>>> [event.label for event in trace if event.src == "server"][:2]
['101 Switching Protocols', 'text “world”']
>>> polls = polled(seconds=60, news=(17, 41))
>>> polls.requests, polls.news_bytes
(60, 14)
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from netlab.http1 import Headers, Request, Response
from netlab.trace import Trace
from netlab.web.websocket.codes import decode_close
from netlab.web.websocket.connection import Connection
from netlab.web.websocket.deflate import Deflate
from netlab.web.websocket.ends import ClientEnd, ServerEnd
from netlab.web.websocket.frames import CLOSE, TEXT, Frame, Frames, encode
from netlab.web.websocket.handshake import answer, request

DELAY = 0.020  # s, one way

# ------------------------------------------------------------------------------------------------------- conversation


def recorded(seed: int = 6455) -> Trace:
    """Return a whole conversation, from the handshake to the end of TCP, as two ends have it 20 ms apart."""
    trace = Trace()
    client, server = ClientEnd("chat.example", "/room", dice=Random(seed)), ServerEnd()
    now = _carried(trace, 0, client, server)  # GET
    now = _carried(trace, now, server, client)  # 101
    client.send("Hello")
    now = _carried(trace, now, client, server)
    server.send("world")
    now = _carried(trace, now, server, client)
    server.ping(b"?")
    now = _carried(trace, now, server, client)
    now = _carried(trace, now, client, server)  # a pong, which goes out by itself
    client.close(1000, "bye")
    now = _carried(trace, now, client, server)
    _carried(trace, now, server, client)  # the close frame that answers
    if server.hang_up:  # the server, and at once
        now = trace.sent(now + 0.001, "server", "client", "FIN: TCP ends", delay=DELAY).arrival
        client.receive(b"")
    if client.hang_up:
        trace.sent(now, "client", "server", "FIN", delay=DELAY)
    return trace


def _carried(trace: Trace, now: float, src: Connection, dst: Connection) -> float:
    """Let ``dst`` have what ``src`` owes it, told in the trace as what it is; return when it is there."""
    octets = src.outgoing()
    names = ("client", "server") if src.client else ("server", "client")
    trace.sent(now, *names, label(octets, masked=src.client), data=octets, delay=DELAY)
    dst.receive(octets)
    return now + DELAY


def label(octets: bytes, *, masked: bool) -> str:
    """Return what some bytes on the wire are, in a few words: the head of a handshake, or frames."""
    if octets.startswith((b"GET ", b"HTTP/1.1 ")):
        line = octets.partition(b"\r\n")[0].decode()
        return line.removeprefix("HTTP/1.1 ").replace(" HTTP/1.1", ", Upgrade")
    return ", ".join(_named(frame) for frame in Frames(masked=masked).feed(octets))


def _named(frame: Frame) -> str:
    name = frame.opcode.name.lower()
    if frame.opcode == CLOSE:
        code, reason = decode_close(frame.payload)
        return f"{name} {code}" + (f" “{reason}”" if reason else "")
    return f"{name} “{frame.payload.decode('utf-8', 'replace')}”"


# ------------------------------------------------------------------------------------------------------------ polling

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
# The fields that Chromium sends with a fetch() of its page's own origin; ``opening`` has those of its WebSocket.
ASKS = Request(
    "GET",
    "/price",
    Headers(
        (
            ("Host", "shop.example"),
            ("Connection", "keep-alive"),
            ("sec-ch-ua-platform", '"Linux"'),
            ("User-Agent", AGENT),
            ("sec-ch-ua", '"Chromium";v="140", "Not=A?Brand";v="24"'),
            ("sec-ch-ua-mobile", "?0"),
            ("Accept", "*/*"),
            ("Sec-Fetch-Site", "same-origin"),
            ("Sec-Fetch-Mode", "cors"),
            ("Sec-Fetch-Dest", "empty"),
            ("Referer", "https://shop.example/"),
            ("Accept-Encoding", "gzip, deflate, br, zstd"),
            ("Accept-Language", "en-US,en;q=0.9"),
        )
    ),
)
SAME = ("User-Agent", "Accept-Encoding", "Accept-Language")
NEWS = b"price=104.25"
ANSWERS = Response(200, Headers((("Content-Type", "text/plain"), ("Content-Length", str(len(NEWS))))))


def opening() -> Request:
    """Return the request with which a page in Chromium opens a WebSocket."""
    same = [(name, value) for name, value in ASKS.headers.fields if name in SAME]
    same += [("Pragma", "no-cache"), ("Cache-Control", "no-cache")]
    origin = "https://shop.example"
    return request("shop.example", "/price", nonce=bytes(16), origin=origin, deflate=Deflate(), headers=same)


class Polled(NamedTuple):
    """What it costs to hear of some news, in bytes of HTTP and of WebSocket; those of TCP, IP and TLS not counted."""

    requests: int
    polled_up: int
    polled_down: int
    socket_up: int
    socket_down: int
    news_bytes: int
    """A piece of news in a frame."""
    polling: list[tuple[float, int]]
    """(s, all bytes until then, both ways)"""
    socket: list[tuple[float, int]]
    """The same, over WebSocket."""
    news: tuple[float, ...]


def polled(seconds: int = 60, news: Sequence[float] = (17, 41)) -> Polled:
    """Return what asking each second costs, and what a WebSocket does, when there is ``news`` at some of them (s)."""
    asks, answers = len(ASKS.encode()), len(ANSWERS.encode()) + len(NEWS)
    asked = opening()
    up, down = asked.encode(), answer(asked, deflate=Deflate()).response.encode()
    one = len(encode(Frame(TEXT, NEWS)))
    handshake = len(up) + len(down)
    return Polled(
        seconds,
        seconds * asks,
        seconds * answers,
        len(up),
        len(down) + one * len(news),
        one,
        [(n, (n + 1) * (asks + answers)) for n in range(seconds)],
        [(n, handshake + one * sum(time <= n for time in news)) for n in range(seconds)],
        tuple(news),
    )
