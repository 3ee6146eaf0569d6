"""The opening handshake: the RFC's example, and every check of either side with its status and its rule."""

import random
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Sequence

import pytest

from netlab.http1 import Headers, Request, Response, decode_request, decode_response
from netlab.web.websocket.deflate import Deflate
from netlab.web.websocket.ends import ClientEnd, ServerEnd
from netlab.web.websocket.events import CONNECTING, OPEN, Closed, Event, Opened
from netlab.web.websocket.handshake import Terms, accept_key, answer, check, request
from netlab.web.websocket.messages import Message
from netlab.wire import Incomplete, Reader, WireError
from tests.test_http1 import RFC_6455, SWITCHING
from tests.test_http1_hostile import hostile

NONCE = b"the sample nonce"
KEY, ACCEPT = "dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # RFC 6455 §1.3
HELLO, MASKED = bytes.fromhex("810548656c6c6f"), bytes.fromhex("818537fa213d7f9f4d5158")  # RFC 6455 §5.7
READ, CHECKED, CHOSEN = "RFC 6455 §4.2.1", "RFC 6455 §4.1", "RFC 6455 §9.1"

Field = tuple[str, str]


def changed(fields: Sequence[Field], name: str, *values: str) -> Headers:
    """Return the fields with ``values`` in the place of one of them: none takes it out, two say it twice."""
    kept = [field for field in fields if field[0] != name]
    return Headers((*kept, *((name, value) for value in values)))


ASKED = request("server.example.com", "/chat", nonce=NONCE, subprotocols=("chat", "superchat"), deflate=Deflate())
GRANTED = answer(ASKED, subprotocols=("superchat",), deflate=Deflate()).response


def asked(name: str = "", *values: str, method: str = "GET", target: str = "/chat", minor: int = 1) -> Request:
    """Return a good request with something changed."""
    return Request(method, target, changed(ASKED.headers.fields, name, *values), (1, minor))


def granted(name: str = "", *values: str, status: int = 101) -> Response:
    """Return a good response with something changed."""
    return Response(status, changed(GRANTED.headers.fields, name, *values))


# ---------------------------------------------------------------------------------------------------- the RFC's example


class SampleDice(random.Random):
    """Dice that throw the key of RFC 6455 §1.3."""

    def randbytes(self, n: int) -> bytes:
        return NONCE[:n]


def sample_client() -> ClientEnd:
    return ClientEnd(
        "server.example.com",
        "/chat",
        dice=SampleDice(),
        origin="http://example.com",
        subprotocols=("chat", "superchat"),
    )


def test_the_key_of_the_rfc() -> None:
    assert b64decode(KEY) == NONCE
    assert accept_key(KEY) == ACCEPT
    assert b64decode(ACCEPT).hex() == "b37a4f2cc0624f1690f64606cf385945b2bec4ea"  # RFC 6455 §1.3


def test_a_server_answers_the_request_of_the_rfc_as_the_rfc_does() -> None:
    response, terms, why = answer(decode_request(Reader(RFC_6455)), subprotocols=("chat",))
    assert response.encode() == SWITCHING
    assert (terms, why) == (Terms("chat"), None)


def test_a_client_asks_what_the_rfc_does_and_takes_its_answer() -> None:
    client = sample_client()
    assert sorted(client.outgoing().split(b"\r\n")) == sorted(RFC_6455.split(b"\r\n"))  # the order means nothing
    assert check(decode_response(Reader(SWITCHING)), client.request) == Terms("chat")


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1 << 20])
def test_what_follows_the_head_is_frames(size: int) -> None:
    """In whatever pieces it comes: no byte behind the empty line is HTTP, and none is lost."""
    server, client = ServerEnd(subprotocols=("chat",)), sample_client()
    client.outgoing()
    heard: list[list[Event]] = [[], []]
    for end, wire, events in [(server, RFC_6455 + MASKED, heard[0]), (client, SWITCHING + HELLO, heard[1])]:
        for piece in pieces(wire, size):
            events.extend(end.receive(piece))
    assert heard == [[Opened(Terms("chat")), Message("Hello")]] * 2
    assert server.outgoing() == SWITCHING
    assert server.request == decode_request(Reader(RFC_6455))
    assert (server.state, client.state) == (OPEN, OPEN)


def test_nothing_is_said_before_the_head_is_whole() -> None:
    for cut in range(1, len(RFC_6455)):
        server = ServerEnd()
        assert server.receive(RFC_6455[:cut]) == []
        assert (server.outgoing(), server.state) == (b"", CONNECTING)


def test_either_end_fails_where_there_is_no_yes() -> None:
    server, client = ServerEnd(), sample_client()
    client.outgoing()
    (told,) = server.receive(asked("Sec-WebSocket-Version", "8").encode() + MASKED)
    assert isinstance(told, Closed)
    assert (told.code, server.hang_up) == (1006, True)
    refusal = decode_response(Reader(server.outgoing()))
    assert (refusal.status, refusal.headers.get("Sec-WebSocket-Version")) == (426, "13")
    (told,) = client.receive(refusal.encode() + HELLO)
    assert isinstance(told, Closed)
    assert "answers 426" in told.why
    assert client.outgoing() == b""


@pytest.mark.parametrize(
    "wire", [b"\x16\x03\x01\x00", b"GET / HTTP/1.1\r\n\r\n", b"GET /" + bytes(20_000), b"\n" * 20_000]
)
def test_what_is_no_request_gets_a_400(wire: bytes) -> None:
    server = ServerEnd()
    (told,) = server.receive(wire)
    assert isinstance(told, Closed)
    assert decode_response(Reader(server.outgoing())).status == 400


# ------------------------------------------------------------------------------------------------------ what is refused

REFUSED: dict[str, tuple[Request, int, str]] = {
    "HTTP/1.0": (asked(minor=0), 505, READ),
    "HTTP/2.0": (Request("GET", "/chat", ASKED.headers, (2, 0)), 505, READ),
    "HTTP/0.9": (Request("GET", "/chat", ASKED.headers, (0, 9)), 505, READ),
    "POST": (asked(method="POST"), 405, READ),
    "HEAD": (asked(method="HEAD"), 405, READ),
    "get": (asked(method="get"), 405, READ),  # methods are not the same in another case
    "a long method": (asked(method="G" * 200), 405, READ),
    "no resource": (asked(target="*"), 400, READ),
    "another scheme": (asked(target="ftp://server.example.com/chat"), 400, READ),
    "a host for a resource": (asked(target="server.example.com:80"), 400, READ),
    "no host in the resource": (asked(target="http:///chat"), 400, READ),
    "a fragment": (asked(target="/chat#now"), 400, READ),
    "no Host": (asked("Host"), 400, READ),
    "an empty Host": (asked("Host", ""), 400, READ),
    "two Hosts": (asked("Host", "a", "a"), 400, READ),
    "two Origins": (asked("Origin", "http://a", "http://a"), 400, READ),
    "no Upgrade": (asked("Upgrade"), 426, READ),
    "another Upgrade": (asked("Upgrade", "h2c"), 426, READ),
    "an Upgrade to something like it": (asked("Upgrade", "websocket/13, web socket"), 426, READ),
    "no Connection": (asked("Connection"), 426, READ),
    "another Connection": (asked("Connection", "keep-alive, close"), 426, READ),
    "a Connection like it": (asked("Connection", "Upgrade-Insecure-Requests"), 426, READ),
    "no version": (asked("Sec-WebSocket-Version"), 426, "RFC 6455 §4.4"),
    "an older version": (asked("Sec-WebSocket-Version", "8"), 426, "RFC 6455 §4.4"),
    "two versions": (asked("Sec-WebSocket-Version", "13", "13"), 426, "RFC 6455 §4.4"),
    "a list of versions": (asked("Sec-WebSocket-Version", "13, 8"), 426, "RFC 6455 §4.4"),
    "a version with a zero": (asked("Sec-WebSocket-Version", "013"), 426, "RFC 6455 §4.4"),
    "no key": (asked("Sec-WebSocket-Key"), 400, READ),
    "an empty key": (asked("Sec-WebSocket-Key", ""), 400, READ),
    "two keys": (asked("Sec-WebSocket-Key", KEY, KEY), 400, READ),
    "a key that is not base64": (asked("Sec-WebSocket-Key", "-" + KEY[1:]), 400, READ),
    "a key that is not ASCII": (asked("Sec-WebSocket-Key", "é" + KEY[1:]), 400, READ),
    "a key with a blank": (asked("Sec-WebSocket-Key", KEY[:4] + " " + KEY[4:]), 400, READ),
    "a key without a letter": (asked("Sec-WebSocket-Key", KEY[1:]), 400, READ),
    "a key without its end": (asked("Sec-WebSocket-Key", KEY.rstrip("=")), 400, READ),
    **{
        f"a key of {size} bytes": (asked("Sec-WebSocket-Key", b64encode(bytes(size)).decode()), 400, READ)
        for size in (1, 13, 15, 17, 18, 19)
    },
    "content": (asked("Content-Length", "5"), 400, READ),
    "content, perhaps": (asked("Content-Length", ""), 400, READ),
    "two lengths": (asked("Content-Length", "0", "0"), 400, READ),
    "content in chunks": (asked("Transfer-Encoding", "chunked"), 400, READ),
    "content in nothing": (asked("Transfer-Encoding", ""), 400, READ),
    "no list of extensions": (asked("Sec-WebSocket-Extensions", "permessage-deflate;"), 400, CHOSEN),
    "an empty list of extensions": (asked("Sec-WebSocket-Extensions", ""), 400, CHOSEN),
    "an extension in brackets": (asked("Sec-WebSocket-Extensions", "x", "(y)"), 400, CHOSEN),
    "another page": (asked("Origin", "http://evil.example"), 403, "RFC 6455 §10.2"),
    "no page's name": (asked("Origin", "null"), 403, "RFC 6455 §10.2"),
    "a page in another case": (asked("Origin", "HTTP://EXAMPLE.COM"), 403, "RFC 6455 §10.2"),
}


def ours_alone(origin: str | None) -> bool:
    return origin in (None, "http://example.com")


@pytest.mark.parametrize(("wrong", "status", "rule"), REFUSED.values(), ids=REFUSED)
def test_what_a_server_refuses(wrong: Request, status: int, rule: str) -> None:
    for deflate in (None, Deflate()):
        response, terms, why = answer(wrong, allowed=ours_alone, deflate=deflate)
        assert (response.status, terms) == (status, None)
        assert why is not None
        assert why.rule == rule
        assert len(why.message) < 120
        headers = response.headers
        assert headers.has("Connection", "close")
        assert headers.get("Content-Length") == "0"
        assert headers.get("Upgrade") == ("websocket" if status == 426 else None)  # RFC 9110 §7.8
        assert headers.has("Connection", "Upgrade") == (status == 426)
        assert headers.get("Allow") == ("GET" if status == 405 else None)
        assert headers.get("Sec-WebSocket-Version") == ("13" if rule.endswith("§4.4") else None)
        assert headers.get("Sec-WebSocket-Accept") is None
        assert decode_response(Reader(response.encode())) == response


def test_each_wrong_request_breaks_one_rule() -> None:
    """So it is this check that refuses it, and no other."""
    assert answer(asked(), allowed=ours_alone, deflate=Deflate()).why is None
    for wrong, status, _ in REFUSED.values():
        assert answer(wrong).response.status == (101 if status == 403 else status)


TAKEN: dict[str, Request] = {
    "as it is": asked(),
    "a Connection that browsers send": asked("Connection", "keep-alive, Upgrade"),
    "a Connection in two lines": asked("Connection", "keep-alive", "upgrade"),
    "in other cases": asked("Upgrade", "WebSocket"),
    "an Upgrade to more than one": asked("Upgrade", "h2c, WEBSOCKET"),
    "names in other cases": Request("GET", "/", Headers(tuple((name.upper(), value) for name, value in ASKED.headers))),
    "a whole address": asked(target="HTTP://server.example.com/chat?a"),
    "one without a path": asked(target="https://server.example.com"),
    "a later HTTP/1": asked(minor=2),
    "no content": asked("Content-Length", "0"),
    "our page": asked("Origin", "http://example.com"),
    "no extension": asked("Sec-WebSocket-Extensions"),
    "unknown extensions": asked("Sec-WebSocket-Extensions", "x-a; b, x-c", 'x-d; e="f"'),
    "no subprotocol": asked("Sec-WebSocket-Protocol"),
    "others beside it": asked("Cookie", "a=b", "c=d"),
}


@pytest.mark.parametrize("good", TAKEN.values(), ids=TAKEN)
def test_what_a_server_takes(good: Request) -> None:
    response, terms, why = answer(good, allowed=ours_alone)
    assert (response.status, terms, why) == (101, Terms(), None)
    assert response.headers.fields == (
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Accept", ACCEPT),
    )


def test_who_is_let_in_is_asked_last_and_once() -> None:
    seen: list[str | None] = []

    def allowed(origin: str | None) -> bool:
        seen.append(origin)
        return True

    for wrong, status, rule in REFUSED.values():
        if status != 403 and rule != CHOSEN:
            answer(wrong, allowed=allowed)
    assert seen == []
    assert answer(asked("Origin", "http://a"), allowed=allowed).terms == Terms()
    assert answer(asked(), allowed=allowed).terms == Terms()
    assert seen == ["http://a", None]


TURNED_DOWN: dict[str, tuple[Response, str]] = {
    **{f"a {status}": (granted(status=status), CHECKED) for status in (100, 200, 301, 400, 401, 403, 426, 503)},
    "no Upgrade": (granted("Upgrade"), CHECKED),
    "another Upgrade": (granted("Upgrade", "h2c"), CHECKED),
    "more than one": (granted("Upgrade", "websocket, h2c"), CHECKED),
    "an Upgrade in two lines": (granted("Upgrade", "websocket", "websocket"), CHECKED),
    "no Connection": (granted("Connection"), CHECKED),
    "another Connection": (granted("Connection", "keep-alive"), CHECKED),
    "no Accept": (granted("Sec-WebSocket-Accept"), CHECKED),
    "an empty Accept": (granted("Sec-WebSocket-Accept", ""), CHECKED),
    "the key for the Accept": (granted("Sec-WebSocket-Accept", KEY), CHECKED),
    "an Accept in another case": (granted("Sec-WebSocket-Accept", ACCEPT.swapcase()), CHECKED),
    "two Accepts": (granted("Sec-WebSocket-Accept", ACCEPT, ACCEPT), CHECKED),
    "an Accept of no key": (granted("Sec-WebSocket-Accept", accept_key("")), CHECKED),
    "another subprotocol": (granted("Sec-WebSocket-Protocol", "telnet"), CHECKED),
    "one in another case": (granted("Sec-WebSocket-Protocol", "Chat"), CHECKED),
    "two subprotocols": (granted("Sec-WebSocket-Protocol", "chat", "superchat"), CHECKED),
    "a list of subprotocols": (granted("Sec-WebSocket-Protocol", "chat, superchat"), CHECKED),
    "an empty subprotocol": (granted("Sec-WebSocket-Protocol", ""), CHECKED),
    "another extension": (granted("Sec-WebSocket-Extensions", "x-webkit-deflate-frame"), CHOSEN),
    "an extension too many": (granted("Sec-WebSocket-Extensions", "permessage-deflate, x-a"), CHOSEN),
    "one in another line": (granted("Sec-WebSocket-Extensions", "permessage-deflate", "x-a"), CHOSEN),
    "compression twice": (granted("Sec-WebSocket-Extensions", "permessage-deflate, permessage-deflate"), CHOSEN),
    "no list of extensions": (granted("Sec-WebSocket-Extensions", "permessage-deflate;"), CHOSEN),
    "an empty list of extensions": (granted("Sec-WebSocket-Extensions", ""), CHOSEN),
    "an unknown parameter": (granted("Sec-WebSocket-Extensions", "permessage-deflate; level=9"), "RFC 7692 §7"),
    "bits without a number": (
        granted("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"),
        "RFC 7692 §7",
    ),
}


@pytest.mark.parametrize(("wrong", "rule"), TURNED_DOWN.values(), ids=TURNED_DOWN)
def test_what_a_client_turns_down(wrong: Response, rule: str) -> None:
    with pytest.raises(WireError) as caught:
        check(wrong, ASKED)
    assert caught.value.rule == rule
    assert len(caught.value.message) < 120
    if wrong.status != 101:
        assert f"answers {wrong.status}," in caught.value.message


def test_a_client_turns_down_what_it_did_not_ask_for() -> None:
    plain = request("server.example.com", "/chat", nonce=NONCE)
    for name, value, rule in [
        ("Sec-WebSocket-Protocol", "chat", CHECKED),
        ("Sec-WebSocket-Extensions", "permessage-deflate", CHOSEN),
    ]:
        with pytest.raises(WireError, match="which we did not offer") as caught:
            check(Response(101, changed(SWITCHED, name, value)), plain)
        assert caught.value.rule == rule
    for asks, rule in [
        (Deflate(server_no_context_takeover=True), "RFC 7692 §7.1.1.1"),
        (Deflate(server_max_window_bits=9), "RFC 7692 §7.1.2.1"),
    ]:
        sent = request("a", nonce=NONCE, deflate=asks)
        with pytest.raises(WireError) as caught:
            check(Response(101, changed(SWITCHED, "Sec-WebSocket-Extensions", "permessage-deflate")), sent)
        assert caught.value.rule == rule


SWITCHED: Sequence[Field] = answer(request("a", nonce=NONCE)).response.headers.fields


def test_what_a_client_takes() -> None:
    assert check(granted(), ASKED) == Terms("superchat", Deflate())
    assert check(granted("Upgrade", "WebSocket"), ASKED).subprotocol == "superchat"
    assert check(granted("Connection", "keep-alive", "uPGRADE"), ASKED).subprotocol == "superchat"
    assert check(granted("Sec-WebSocket-Protocol"), ASKED) == Terms(None, Deflate())  # it may speak none of them
    assert check(granted("Sec-WebSocket-Extensions"), ASKED) == Terms("superchat")
    assert check(granted("Set-Cookie", "a=b", "c=d"), ASKED).subprotocol == "superchat"
    ours = Deflate(client_no_context_takeover=True, client_max_window_bits=9)  # limits of its own need no consent
    bare = Response(101, changed(SWITCHED, "Sec-WebSocket-Extensions", "permessage-deflate"))
    assert check(bare, request("a", nonce=NONCE, deflate=ours)) == Terms(None, ours)


# --------------------------------------------------------------------------------------------------- the caller's fault


@pytest.mark.parametrize(
    ("host", "resource", "options", "message"),
    [
        ("a", "/", {"nonce": bytes(15)}, "16 random bytes, not 15"),
        ("a", "/", {"nonce": bytes(17)}, "16 random bytes, not 17"),
        ("a", "", {}, "a resource begins with /"),
        ("a", "chat", {}, "a resource begins with /"),
        ("a", "http://a/", {}, "a resource begins with /"),
        ("a", "/#a", {}, "has no fragment"),
        ("a", "/ HTTP/1.1\r\nEvil: a\r\n\r\nGET /", {}, "no request line"),
        ("a", "/a b", {}, "no request line"),
        ("a", "/é", {}, "no request line"),
        ("", "/", {}, "is no host"),
        ("a b", "/", {}, "is no host"),
        ("a\r\nEvil: b", "/", {}, "is no host"),
        ("a/b", "/", {}, "is no host"),
        ("ws://a", "/", {}, "is no host"),
        ("me@a", "/", {}, "is no host"),
        ("a", "/", {"origin": "http://a\r\nEvil: b"}, "no header field"),
        ("a", "/", {"headers": [("X", "a\r\nEvil: b")]}, "no header field"),
        ("a", "/", {"headers": [("X\r\nEvil", "b")]}, "no header field"),
        ("a", "/", {"headers": [("host", "b")]}, "host is the handshake's own"),
        ("a", "/", {"headers": [("Connection", "close")]}, "Connection is the handshake's own"),
        ("a", "/", {"headers": [("UPGRADE", "h2c")]}, "UPGRADE is the handshake's own"),
        ("a", "/", {"headers": [("sec-websocket-extensions", ";")]}, "extensions is the handshake's own"),
        ("a", "/", {"origin": "a", "headers": [("Origin", "b")]}, "Origin is the handshake's own"),
        ("a", "/", {"subprotocols": ["a b"]}, "different words"),
        ("a", "/", {"subprotocols": ["a,b"]}, "different words"),
        ("a", "/", {"subprotocols": [""]}, "different words"),
        ("a", "/", {"subprotocols": ["é"]}, "different words"),
        ("a", "/", {"subprotocols": ["a\r\nEvil: b"]}, "different words"),
        ("a", "/", {"subprotocols": ["a", "a"]}, "different words"),
    ],
)
def test_what_a_caller_may_not_ask(host: str, resource: str, options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        request(host, resource, **{"nonce": NONCE, **options})  # type: ignore[arg-type]


def test_what_a_server_may_not_speak() -> None:
    for names in (["a b"], ["a", "a"], [""]):
        with pytest.raises(ValueError, match="different words"):
            answer(asked(), subprotocols=names)
    for call in (lambda: answer(asked(), subprotocols="chat"), lambda: request("a", nonce=NONCE, subprotocols="chat")):
        with pytest.raises(TypeError, match="a list of words, unlike 'chat'"):
            call()


def test_what_a_caller_may_add() -> None:
    sent = request("[::1]:80", "/a?b=c", nonce=NONCE, headers=[("Cookie", "a=b"), ("Cookie", "c"), ("Origin", "null")])
    assert sent.headers.all("Cookie") == ["a=b", "c"]
    assert decode_request(Reader(sent.encode())) == sent
    assert answer(sent).terms == Terms()


# -------------------------------------------------------------------------------------------------------------- hostile


def good_request(sent: Request) -> bool:
    """Return whether the RFC lets a server agree to it: the checks, said once more in other words."""
    lines: dict[str, list[str]] = {}
    for name, value in sent.headers:
        lines.setdefault(name.lower(), []).append(value)
    words = {name: {word.strip().lower() for word in ",".join(values).split(",")} for name, values in lines.items()}
    (key,) = lines.get("sec-websocket-key", []) or [""]
    return (
        sent.method == "GET"
        and (1, 1) <= sent.version < (2, 0)
        and len(lines.get("host", [])) == 1
        and "websocket" in words.get("upgrade", set())
        and "upgrade" in words.get("connection", set())
        and lines.get("sec-websocket-version") == ["13"]
        and len(b64decode(key, validate=True)) == 16
    )


@pytest.mark.fuzz
def test_hostile_handshakes_are_answered_or_turned_down(inputs: int) -> None:
    dice, ends = random.Random(6455), Counter[object]()
    seeds = [ASKED.encode(), RFC_6455, TAKEN["unknown extensions"].encode()]
    replies = [GRANTED.encode(), SWITCHING]
    for _ in range(inputs):
        try:
            sent = decode_request(Reader(hostile(dice, seeds)))
        except (Incomplete, WireError):
            ends["no head"] += 1
        else:
            response, terms, why = answer(sent, subprotocols=("chat",), deflate=Deflate())
            ends[response.status] += 1
            assert (response.status == 101) == (terms is not None) == (why is None)
            if response.status == 101:
                assert good_request(sent)
            if sent.headers.get("Sec-WebSocket-Key") == KEY and response.status == 101:
                assert response.headers.get("Sec-WebSocket-Accept") == ACCEPT
        try:
            terms = check(decode_response(Reader(hostile(dice, replies))), ASKED)
        except (Incomplete, WireError):
            ends["turned down"] += 1
        else:
            ends["taken"] += 1
            assert terms.subprotocol in (None, "chat", "superchat")
    for end in ("no head", 101, 400, 426, "turned down", "taken"):
        assert ends[end] > inputs / 100, end
