"""Heads of HTTP/1.1: real ones in whatever pieces, what is refused and by which rule, and what cannot be written."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.http1 import MOST_FIELDS, Headers, Request, Response, decode_request, decode_response
from netlab.wire import Feed, Incomplete, Reader, Recorder, WireError, annotate

Decode = Callable[[Reader], Request | Response]

RFC_6455 = (  # §1.2
    b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://example.com\r\n"
    b"Sec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
CURL = b"GET / HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n"
IPV6 = b"OPTIONS * HTTP/1.1\r\nHost: [::1]:8000\r\n\r\n"
TUNNEL = b"CONNECT server.example.com:443 HTTP/1.1\r\nHost: server.example.com:443\r\n\r\n"
OLD = b"GET / HTTP/1.0\r\n\r\n"
PYTHON = (
    b"HTTP/1.0 200 OK\r\nServer: SimpleHTTP/0.6 Python/3.11.2\r\nDate: Tue, 25 Nov 2025 05:08:36 GMT\r\n"
    b"Content-type: text/html; charset=utf-8\r\nContent-Length: 344\r\n\r\n"
)
NGINX = (
    b"HTTP/1.1 301 Moved Permanently\r\nServer: nginx/1.22.1\r\nContent-Length: 169\r\n"
    b"Location: http://127.0.0.1/a/\r\nSet-Cookie: a=1, b\r\nSet-Cookie: c=\xe9\r\nConnection: keep-alive\r\n\r\n"
)
SWITCHING = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n\r\n"
)
REAL = {
    "RFC 6455": (decode_request, RFC_6455),
    "curl": (decode_request, CURL),
    "IPv6": (decode_request, IPV6),
    "tunnel": (decode_request, TUNNEL),
    "HTTP/1.0": (decode_request, OLD),
    "Python": (decode_response, PYTHON),
    "nginx": (decode_response, NGINX),
    "101": (decode_response, SWITCHING),
}
every_real_one = pytest.mark.parametrize(("decode", "wire"), REAL.values(), ids=REAL)


def get(*lines: bytes, host: bytes = b"Host: a\r\n") -> bytes:
    """Return a request with a Host and more lines, each as it is."""
    return b"GET / HTTP/1.1\r\n" + host + b"".join(lines) + b"\r\n"


# ------------------------------------------------------------------------------------------------------------ real ones


@every_real_one
def test_a_head_whole_byte_by_byte_and_with_more_behind_it(decode: Decode, wire: bytes) -> None:
    message = decode(Reader(wire))
    assert message.encode() == wire
    for cut in range(len(wire)):
        with pytest.raises(Incomplete) as caught:
            decode(Reader(wire[:cut]))
        assert 1 <= caught.value.missing <= len(wire) - cut
    feed, got = Feed(limit=len(wire)), list[Request | Response]()
    for at in range(len(wire)):
        assert got == []
        feed.feed(wire[at : at + 1])
        got += feed.messages(decode)
    assert got == [message]
    assert feed.held == 0
    feed.feed(wire + b"\x81\x05Hello")
    assert next(feed.messages(decode)) == message
    assert feed.drain() == b"\x81\x05Hello"  # it belongs to the next protocol


def test_what_is_read() -> None:
    request = decode_request(Reader(RFC_6455))
    assert (request.method, request.target, request.version) == ("GET", "/chat", (1, 1))
    assert list(request.headers)[:2] == [("Host", "server.example.com"), ("Upgrade", "websocket")]
    assert len(request.headers.fields) == 7
    response = decode_response(Reader(NGINX))
    assert (response.status, response.reason, response.version) == (301, "Moved Permanently", (1, 1))
    assert response.headers.all("set-cookie") == ["a=1, b", "c=é"]  # a character for each byte
    assert decode_request(Reader(OLD)).version == (1, 0)


def test_fields_are_asked_for_in_whatever_case() -> None:
    headers = Headers((("Connection", "keep-alive , Upgrade"), ("X", ""), ("connection", ", ,\tclose,")))
    assert headers.all("CONNECTION") == ["keep-alive , Upgrade", ", ,\tclose,"]
    assert headers.get("connectioN") == "keep-alive , Upgrade, , ,\tclose,"
    assert headers.tokens("Connection") == ["keep-alive", "Upgrade", "close"]  # empty elements do not count
    assert headers.has("connection", "upgrade")
    assert not headers.has("connection", "upgra")
    assert (headers.get("x"), headers.tokens("x"), headers.get("y"), headers.all("y")) == ("", [], None, [])


def test_a_recorder_names_the_lines() -> None:
    wire = b"\r\n" + get(b"X-Long:  a\xe9 b \r\n", b"Empty:\r\n") + b"more"
    recorder = Recorder(wire)
    assert decode_request(recorder) == decode_request(Reader(wire))
    said = [(span.name, span.value) for span in recorder.spans]
    assert said == [
        ("empty line", b"\r\n"),
        ("request line", b"GET / HTTP/1.1"),
        ("Host", b"a"),
        ("X-Long", b"a\xe9 b"),
        ("Empty", b""),
        ("empty line", b""),
    ]
    assert [span.start for span in recorder.spans[1:]] == [span.stop for span in recorder.spans[:-1]]
    assert recorder.spans[-1].stop == len(wire) - 4
    assert "0012  48 6f 73 74 3a 20 61 0d  Host          'a'" in annotate(wire, recorder.spans)
    recorder = Recorder(SWITCHING)
    decode_response(recorder)
    assert recorder.spans[0][2:] == ("status line", b"HTTP/1.1 101 Switching Protocols")


@pytest.mark.parametrize("blanks", [b"", b" ", b"\t", b" \t  "])
def test_blanks_around_a_value_are_none_of_it(blanks: bytes) -> None:
    assert decode_request(Reader(get(b"X:" + blanks + b"a b" + blanks + b"\r\n"))).headers.get("x") == "a b"


def test_one_empty_line_before_a_request_is_overlooked_and_none_before_a_response() -> None:
    feed = Feed(limit=100)
    feed.feed(b"\r\n" + CURL[:20])
    assert list(feed.messages(decode_request)) == []
    feed.feed(CURL[20:] + b"\r\n")
    assert list(feed.messages(decode_request)) == [decode_request(Reader(CURL))]
    for wire, decode in [(b"\r\n\r\n" + CURL, decode_request), (b"\r\n" + SWITCHING, decode_response)]:
        with pytest.raises(WireError, match=r"begins with b'\\r'"):
            decode(Reader(wire))


@pytest.mark.parametrize(
    ("decode", "begun", "rule"),
    [
        (decode_request, b"\x16", "RFC 9112 §3"),  # TLS, spoken to a port that does not: no empty line might ever come
        (decode_request, b"\rG", "RFC 9112 §3"),
        (decode_request, b"\r\n\n", "RFC 9112 §3"),
        (decode_request, b" ", "RFC 9112 §3"),
        (decode_response, b"\x15", "RFC 9112 §4"),
        (decode_response, b"SSH-2.0-OpenSSH_9.2p1\r\n", "RFC 9112 §4"),
        (decode_response, b"220 ESMTP\r\n", "RFC 9112 §4"),
    ],
)
def test_what_never_was_http_is_refused_at_once(decode: Decode, begun: bytes, rule: str) -> None:
    with pytest.raises(WireError, match="begins with") as caught:
        decode(Reader(begun))
    assert caught.value.rule == rule


# ------------------------------------------------------------------------------------------------------ what is refused

REQUESTS = {
    "a blank before the colon": (get(b"X : a\r\n"), "RFC 9112 §5.1"),
    "a tab before the colon": (get(b"X\t: a\r\n"), "RFC 9112 §5.1"),
    "no colon": (get(b"X\r\n"), "RFC 9112 §5.1"),
    "no name": (get(b": a\r\n"), "RFC 9112 §5.1"),
    "a name in brackets": (get(b"[X]: a\r\n"), "RFC 9112 §5.1"),
    "a name that is not ASCII": (get(b"X\xe9: a\r\n"), "RFC 9112 §5.1"),
    "a field that goes on": (get(b"X: a\r\n b\r\n"), "RFC 9112 §5.2"),
    "one that goes on with a tab": (get(b"X: a\r\n\tb\r\n"), "RFC 9112 §5.2"),
    "one that goes on with nothing": (get(b"X: a\r\n \r\n"), "RFC 9112 §5.2"),
    "a blank before the first field": (get(host=b" Host: a\r\n"), "RFC 9112 §5.2"),
    "CR in a value": (get(b"X: a\rY: b\r\n"), "RFC 9112 §2.2"),
    "LF in a value": (get(b"X: a\nY: b\r\n"), "RFC 9112 §2.2"),
    "two CR": (get(b"X: a\r\r\n"), "RFC 9112 §2.2"),
    "LF alone": (CURL.replace(b"\r\n", b"\n") + b"\r\n\r\n", "RFC 9112 §2.2"),
    "NUL in a value": (get(b"X: a\0b\r\n"), "RFC 9110 §5.5"),
    "NUL in a name": (get(b"X\0: a\r\n"), "RFC 9110 §5.5"),
    "DEL in a value": (get(b"X: \x7f\r\n"), "RFC 9110 §5.5"),
    "an escape in a value": (get(b"X: \x1b[31m\r\n"), "RFC 9110 §5.5"),
    "no Host": (get(host=b""), "RFC 9112 §3.2"),
    "two Hosts": (get(b"host: a\r\n"), "RFC 9112 §3.2"),
    "two Hosts in one": (get(host=b"Host: a, b\r\n"), "RFC 9112 §3.2"),
    "a Host with a path": (get(host=b"Host: a/b\r\n"), "RFC 9112 §3.2"),
    "a Host with a user": (get(host=b"Host: a@b\r\n"), "RFC 9112 §3.2"),
    "a Host with a word for its port": (get(host=b"Host: a:http\r\n"), "RFC 9112 §3.2"),
    "two Hosts of HTTP/1.0": (b"GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", "RFC 9112 §3.2"),
    "no Host in HTTP/1.2": (b"GET / HTTP/1.2\r\n\r\n", "RFC 9112 §3.2"),
    "too many fields": (get(b"X: a\r\n" * MOST_FIELDS), "RFC 9110 §5.4"),
    **{
        f"the request line {line!r}": (line + b"\r\nHost: a\r\n\r\n", "RFC 9112 §3")
        for line in (
            b"",
            b"GET",
            b"GET /",
            b"GET  / HTTP/1.1",
            b"GET / HTTP/1.1 ",
            b" GET / HTTP/1.1",
            b"GET / a HTTP/1.1",
            b"GET\t/\tHTTP/1.1",
            b"G(T / HTTP/1.1",
            b"GET /\xe9 HTTP/1.1",
            b"GET / HTTP/1",
            b"GET / HTTP/1.10",
            b"GET / HTTP/11.1",
            b"GET / http/1.1",
            b"GET / HTTPS/1.1",
            b"HTTP/1.1 200 OK",
        )
    },
}
RESPONSES = {
    "a field that goes on": (b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", "RFC 9112 §5.2"),
    "CR in the reason": (b"HTTP/1.1 200 O\rK\r\n\r\n", "RFC 9112 §2.2"),
    **{
        f"the status line {line!r}": (line + b"\r\n\r\n", "RFC 9112 §4")
        for line in (
            b"HTTP/1.1",
            b"HTTP/1.1 ",
            b"HTTP/1.1 20 OK",
            b"HTTP/1.1 2000 OK",
            b"HTTP/1.1 099 Early",
            b"HTTP/1.1 600 Late",
            b"HTTP/1.1 20x OK",
            b"HTTP/1.1 +20 OK",
            b"HTTP/1.1  200 OK",
            b"HTTP/1 200 OK",
            b"HTTP/1.x 200 OK",
            b"ICY 200 OK",
            b"GET / HTTP/1.1",
        )
    },
}
REFUSED = [(decode_request, *case) for case in REQUESTS.values()] + [
    (decode_response, *case) for case in RESPONSES.values()
]


@pytest.mark.parametrize(("decode", "wire", "rule"), REFUSED, ids=[*REQUESTS, *RESPONSES])
def test_what_is_refused_and_by_which_rule(decode: Decode, wire: bytes, rule: str) -> None:
    with pytest.raises(WireError) as caught:
        decode(Reader(wire))
    assert caught.value.rule == rule
    assert len(caught.value.message) < 120  # a hostile line is not said again in full
    assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    "host", ["", "a", "a.example:80", "a:", "127.0.0.1:8000", "[::1]", "[2001:db8::1]:80", "a_b", "%C3%A9"]
)
def test_what_a_host_may_be(host: str) -> None:
    assert decode_request(Reader(get(host=f"Host: {host}\r\n".encode()))).headers.get("Host") == host


def test_what_is_unusual_and_allowed() -> None:
    assert len(decode_request(Reader(get(b"X: a\r\n" * (MOST_FIELDS - 1)))).headers.fields) == MOST_FIELDS
    assert decode_response(Reader(b"HTTP/1.1 200\r\n\r\n")) == Response(200, reason="")
    assert decode_response(Reader(b"HTTP/1.1 200 \r\n\r\n")) == Response(200, reason="")
    assert decode_response(Reader(b"HTTP/1.1 404 No\t\xe9 :\r\n\r\n")).reason == "No\t\xe9 :"
    assert decode_request(Reader(b"!#$%&'*+-.^_`|~ http://a/?#b HTTP/2.0\r\nHost: a\r\n\r\n")).version == (2, 0)


def test_a_fault_is_looked_for_when_the_head_has_ended() -> None:
    """Not before: who looked at each line as it came would look at the first ones again for each piece."""
    with pytest.raises(Incomplete) as caught:
        decode_request(Reader(b"GET / HTTP/1.1\r\nHost : a\r\nX"))
    assert caught.value.missing == 4


def test_a_head_with_lf_alone_has_not_ended() -> None:
    """To end it would be to read it in another way than whoever waits for CRLF; so its time runs out, or its room."""
    with pytest.raises(Incomplete):
        decode_request(Reader(CURL.replace(b"\r\n", b"\n")))


def test_a_head_has_an_end() -> None:
    feed = Feed(limit=100, rule="RFC 9110 §5.4")
    feed.feed(get(b"X: " + b"a" * 100))
    with pytest.raises(WireError, match=r"100 are allowed \(RFC 9110 §5.4\)"):
        next(feed.messages(decode_request))
    assert feed.held == 0
    with pytest.raises(WireError, match="does not come before request ends"):
        decode_request(Reader(CURL[:-2], "RFC 9112 §2.1", "request"))


# ----------------------------------------------------------------------------------------------------- what is not sent

INJECTIONS = ["a\r\nEvil: b", "a\nb", "a\r", "a\0", "a\x7f", "€", " a", "a\t"]


@pytest.mark.parametrize("value", INJECTIONS)
def test_a_value_cannot_become_more_than_its_line(value: str) -> None:
    with pytest.raises(ValueError, match="is no header field"):
        Headers((("X", value),))


@pytest.mark.parametrize("name", ["", "a b", "a:", "a\r\n", "é", " a"])
def test_a_name_is_a_token(name: str) -> None:
    with pytest.raises(ValueError, match="is no header field"):
        Headers((("Good", ""), (name, "a")))


@pytest.mark.parametrize(
    ("method", "target", "version"),
    [
        ("", "/", (1, 1)),
        ("G T", "/", (1, 1)),
        ("GET", "", (1, 1)),
        ("GET", "/ HTTP/1.1\r\nEvil:", (1, 1)),
        ("GET", "/é", (1, 1)),
        ("GET", "/", (1, 10)),
    ],
)
def test_a_request_is_one_line(method: str, target: str, version: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="this is no request line"):
        Request(method, target, version=version)


def test_bytes_are_no_words() -> None:
    """Written into a line as they are shown, they would be: b'GET' has no character that a method may not have."""
    for wrong in (
        lambda: Request(b"GET", "/"),  # type: ignore[arg-type]
        lambda: Request("GET", b"/"),  # type: ignore[arg-type]
        lambda: Response(200, reason=b"OK"),  # type: ignore[arg-type]
        lambda: Headers((("X", b"a"),)),  # type: ignore[arg-type]
        lambda: Headers(((b"X", "a"),)),  # type: ignore[arg-type]
    ):
        with pytest.raises(TypeError):
            wrong()


def test_a_reason_makes_no_difference() -> None:
    assert Response(200) == Response(200, reason="Fine") != Response(201)


@pytest.mark.parametrize(("status", "reason"), [(99, None), (600, None), (1000, None), (200, "a\r\nb"), (200, "€")])
def test_a_response_is_one_line(status: int, reason: str | None) -> None:
    with pytest.raises(ValueError, match="this is no status line"):
        Response(status, reason=reason)


def test_a_status_has_the_reason_that_everybody_knows() -> None:
    said = [Response(404), Response(299), Response(404, reason=""), Response(404, reason="Gone fishing")]
    lines = [response.encode().partition(b"\r\n")[0] for response in said]
    assert lines == [b"HTTP/1.1 404 Not Found", b"HTTP/1.1 299 ", b"HTTP/1.1 404 ", b"HTTP/1.1 404 Gone fishing"]


LATIN = st.characters(min_codepoint=0, max_codepoint=255, exclude_categories=["Cc"])
words = st.text("!#$%&'*+-.^_`|~09AZaz", min_size=1, max_size=8)
values = st.text(st.one_of(LATIN, st.just("\t")), max_size=12).map(lambda value: value.strip(" \t"))
versions = st.tuples(st.integers(0, 9), st.integers(0, 9))
fields = st.lists(st.tuples(words.filter(lambda name: name.lower() != "host"), values), max_size=6)
requests = st.builds(
    lambda method, target, more, version: Request(method, target, Headers((("Host", "a"), *more)), version),
    words,
    st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=12),
    fields,
    versions,
)
responses = st.builds(
    lambda status, more, reason, version: Response(status, Headers(tuple(more)), reason, version),
    st.integers(100, 599),
    fields,
    st.text(st.one_of(LATIN, st.just("\t")), max_size=12),
    versions,
)


@given(st.one_of(requests, responses), st.binary(max_size=8))
def test_what_is_written_is_read_again(message: Request | Response, behind: bytes) -> None:
    r = Reader(message.encode() + behind)
    again = (decode_request if isinstance(message, Request) else decode_response)(r)
    assert again == message
    assert again.encode() == message.encode()
    assert r.data[r.at :] == behind
