"""What a handshake agrees on: two ends of ours, and ours with websockets and wsproto; all without sockets."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from random import Random
from typing import Any, Protocol

import pytest
from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory, ServerPerMessageDeflateFactory
from websockets.frames import Frame
from websockets.http11 import Request as TheirRequest
from websockets.server import ServerProtocol
from websockets.typing import Origin, Subprotocol
from websockets.uri import parse_uri
from wsproto import ConnectionType, WSConnection
from wsproto import events as wsproto
from wsproto.extensions import PerMessageDeflate

from netlab.web.websocket.deflate import Deflate
from netlab.web.websocket.ends import ClientEnd, ServerEnd
from netlab.web.websocket.events import OPEN, Event
from netlab.web.websocket.handshake import Terms, answer, check, request
from netlab.web.websocket.messages import Message

NONCE = b"the sample nonce"
FLAGS = "server_no_context_takeover", "client_no_context_takeover"
WINDOWS = "server_max_window_bits", "client_max_window_bits"


def every(*bits: int) -> list[Deflate]:
    """Return every way to limit compression, with those numbers of window bits."""
    return [Deflate(*limits) for limits in product((False, True), (False, True), bits, bits)]


# --------------------------------------------------------------------------------------------------- two ends of ours


@pytest.mark.parametrize(
    ("offered", "spoken", "chosen"),
    [
        ((), ("a",), None),
        (("a",), (), None),
        (("a", "b"), ("b", "a"), "b"),  # the server's wish goes first
        (("a", "b"), ("c", "b"), "b"),
        (("a", "b"), ("A",), None),
    ],
)
def test_which_subprotocol_is_spoken(offered: tuple[str, ...], spoken: tuple[str, ...], chosen: str | None) -> None:
    sent = request("a", nonce=NONCE, subprotocols=offered)
    response, terms, _ = answer(sent, subprotocols=spoken)
    assert terms == Terms(chosen) == check(response, sent)
    assert response.headers.get("Sec-WebSocket-Protocol") == chosen


def test_subprotocols_may_be_offered_in_many_lines() -> None:
    sent = request("a", nonce=NONCE, subprotocols=["x"])
    fields = [field for field in sent.headers if field[0] != "Sec-WebSocket-Protocol"]
    fields += [("Sec-WebSocket-Protocol", "a"), ("sec-websocket-protocol", "b , c")]
    asked = type(sent)("GET", "/", type(sent.headers)(tuple(fields)))
    spoken = [answer(asked, subprotocols=[name]).terms for name in "abcd"]
    assert spoken == [Terms("a"), Terms("b"), Terms("c"), Terms(None)]


@pytest.mark.parametrize("theirs", [None, *every(8, 12, 15)], ids=str)
def test_both_ends_agree_on_the_same_compression(theirs: Deflate | None) -> None:
    for ours in (None, *every(8, 12, 15)):
        sent = request("a", nonce=NONCE, deflate=ours)
        response, terms, _ = answer(sent, deflate=theirs)
        assert terms == check(response, sent) == Terms(None, strictest(ours, theirs))


def strictest(*limits: Deflate | None) -> Deflate | None:
    """Return the limits of all; None where one of them does not compress."""
    flags = [any(getattr(one, name, False) for one in limits) for name in FLAGS]
    windows = [min(getattr(one, name, 15) for one in limits) for name in WINDOWS]
    return Deflate(*flags, *windows) if None not in limits else None


# --------------------------------------------------------------------------------------------------------------- peers


class End(Protocol):
    """One end of a connection, whoever wrote it."""

    def receive(self, data: bytes) -> None: ...
    def outgoing(self) -> bytes: ...
    def says(self, text: str) -> None: ...
    def heard(self) -> list[str]: ...
    def terms(self) -> Terms: ...


class Ours:
    """An end of ours."""

    def __init__(self, end: ClientEnd | ServerEnd) -> None:
        self.end, self.events = end, list[Event]()
        self.outgoing, self.says = end.outgoing, end.send

    def receive(self, data: bytes) -> None:
        self.events += self.end.receive(data)

    def heard(self) -> list[str]:
        return [str(event.data) for event in self.events if isinstance(event, Message)]

    def terms(self) -> Terms:
        assert self.end.state == OPEN, self.events
        return self.end.terms or Terms()


class Websockets:
    """An end of websockets."""

    def __init__(self, end: ClientProtocol | ServerProtocol) -> None:
        self.end, self.events = end, list[Any]()
        if isinstance(end, ClientProtocol):
            end.send_request(end.connect())

    def receive(self, data: bytes) -> None:
        self.end.receive_data(data)
        for event in self.end.events_received():
            if isinstance(event, TheirRequest):
                assert isinstance(self.end, ServerProtocol)
                self.end.send_response(self.end.accept(event))
            self.events.append(event)

    def outgoing(self) -> bytes:
        return b"".join(self.end.data_to_send())

    def says(self, text: str) -> None:
        self.end.send_text(text.encode())

    def heard(self) -> list[str]:
        return [bytes(event.data).decode() for event in self.events if isinstance(event, Frame)]

    def terms(self) -> Terms:
        assert self.end.handshake_exc is None
        assert self.end.state.name == "OPEN"
        deflate = None
        for one in self.end.extensions:
            remote = (one.remote_no_context_takeover, one.remote_max_window_bits)  # type: ignore[attr-defined]
            local = (one.local_no_context_takeover, one.local_max_window_bits)  # type: ignore[attr-defined]
            server, client = (remote, local) if isinstance(self.end, ClientProtocol) else (local, remote)
            deflate = Deflate(server[0], client[0], server[1], client[1])
        return Terms(self.end.subprotocol, deflate)


class Wsproto:
    """An end of wsproto."""

    def __init__(self, client: bool, speaks: Sequence[str], deflate: Deflate | None, origin: str | None = None) -> None:
        self.end = WSConnection(ConnectionType.CLIENT if client else ConnectionType.SERVER)
        self.speaks, self.subprotocol, self.out, self.texts = speaks, "", b"", list[str]()
        limits = {name: getattr(deflate, name) for name in (*FLAGS, *WINDOWS)} if deflate else {}
        self.extensions = [PerMessageDeflate(**limits)] if deflate else []
        if client:
            more = [(b"Origin", origin.encode())] if origin else []
            asks = wsproto.Request("a", "/chat", list(self.extensions), more, list(speaks))
            self.out = self.end.send(asks)

    def receive(self, data: bytes) -> None:
        self.end.receive_data(data)
        for event in self.end.events():
            if isinstance(event, wsproto.Request):
                self.subprotocol = next((name for name in self.speaks if name in event.subprotocols), "")
                agrees = wsproto.AcceptConnection(self.subprotocol or None, list(self.extensions))
                self.out += self.end.send(agrees)
            elif isinstance(event, wsproto.AcceptConnection):
                self.subprotocol = event.subprotocol or ""
                self.extensions = list(event.extensions)  # type: ignore[arg-type]
            elif isinstance(event, wsproto.TextMessage):
                self.texts += [event.data] if event.message_finished else [""]
            else:
                raise AssertionError(event)

    def outgoing(self) -> bytes:
        out, self.out = self.out, b""
        return out

    def says(self, text: str) -> None:
        self.out += self.end.send(wsproto.TextMessage(text))

    def heard(self) -> list[str]:
        return self.texts

    def terms(self) -> Terms:
        deflate = None
        for one in self.extensions:
            if one.enabled():
                deflate = Deflate(*(getattr(one, name) for name in (*FLAGS, *WINDOWS)))
        return Terms(self.subprotocol or None, deflate)


Make = Callable[[Sequence[str], Deflate | None], End]
ORIGIN = "http://example.com"


def our_client(speaks: Sequence[str], deflate: Deflate | None) -> End:
    return Ours(ClientEnd("a", "/chat", dice=Random(1), origin=ORIGIN, subprotocols=speaks, deflate=deflate))


def our_server(speaks: Sequence[str], deflate: Deflate | None) -> End:
    return Ours(ServerEnd(allowed=lambda origin: origin == ORIGIN, subprotocols=speaks, deflate=deflate))


def websockets_client(speaks: Sequence[str], deflate: Deflate | None) -> End:
    names, extensions = [Subprotocol(name) for name in speaks] or None, None
    if deflate:
        windows = [getattr(deflate, name) for name in WINDOWS]
        server, own = (bits if bits < 15 else None for bits in windows)
        flags = [getattr(deflate, name) for name in FLAGS]
        extensions = [ClientPerMessageDeflateFactory(*flags, server, own or True)]
    uri = parse_uri("ws://a/chat")
    return Websockets(ClientProtocol(uri, origin=Origin(ORIGIN), extensions=extensions, subprotocols=names))


def websockets_server(speaks: Sequence[str], deflate: Deflate | None) -> End:
    names, extensions = [Subprotocol(name) for name in speaks] or None, None
    if deflate:
        extensions = [ServerPerMessageDeflateFactory(*(getattr(deflate, name) for name in (*FLAGS, *WINDOWS)))]
    return Websockets(ServerProtocol(origins=[Origin(ORIGIN)], extensions=extensions, subprotocols=names))


def wsproto_client(speaks: Sequence[str], deflate: Deflate | None) -> End:
    return Wsproto(True, speaks, deflate, ORIGIN)


def wsproto_server(speaks: Sequence[str], deflate: Deflate | None) -> End:
    return Wsproto(False, speaks, deflate)


MEETINGS = {
    "ours to websockets": (our_client, websockets_server),
    "websockets to ours": (websockets_client, our_server),
    "ours to wsproto": (our_client, wsproto_server),
    "wsproto to ours": (wsproto_client, our_server),
}
meetings = pytest.mark.parametrize(("client", "server"), MEETINGS.values(), ids=MEETINGS)

NOISE = Random(9).randbytes(1000).hex()  # said twice, it points back further than the smallest window reaches
SAID = ["Hello", "Hello", NOISE, NOISE, "€" * 200]


def talk(client: End, server: End) -> tuple[Terms, Terms]:
    """Shake hands, say much in both directions, and return what either end believes to be agreed on."""
    server.receive(client.outgoing())
    client.receive(server.outgoing())
    agreed = client.terms(), server.terms()
    for text in SAID:
        client.says(text)
        server.says(text)
        server.receive(client.outgoing())
        client.receive(server.outgoing())
    assert client.heard() == server.heard() == SAID
    return agreed


SUBPROTOCOLS = {
    "none": ((), (), {None}),
    "one of two": (("v1", "v2"), ("v2",), {"v2"}),
    "either": (("v1", "v2"), ("v2", "v1"), {"v1", "v2"}),  # whose wish goes first, the RFC leaves to the server
    "none is spoken": (("v1",), (), {None}),
}


@meetings
@pytest.mark.parametrize("deflate", [None, Deflate()], ids=["plain", "deflate"])
@pytest.mark.parametrize("names", SUBPROTOCOLS)
def test_peers_agree_and_talk(client: Make, server: Make, deflate: Deflate | None, names: str) -> None:
    offered, spoken, chosen = SUBPROTOCOLS[names]
    ours, theirs = talk(client(offered, deflate), server(spoken, deflate))
    assert ours == theirs
    assert ours.subprotocol in chosen
    assert ours.deflate == deflate


@meetings
@pytest.mark.parametrize("offered", [None, *every(9, 15)], ids=str)
def test_peers_agree_on_every_limit_of_compression(client: Make, server: Make, offered: Deflate | None) -> None:
    for allowed in (None, *every(9, 15)):
        ours, theirs = talk(client((), offered), server((), allowed))
        if server is wsproto_server and offered and allowed:
            assert (ours.deflate, theirs.deflate) == as_wsproto(offered, allowed)
        else:
            assert ours == theirs == Terms(None, strictest(offered, allowed))


def as_wsproto(offered: Deflate, allowed: Deflate) -> tuple[Deflate, Deflate]:
    """Return what client and server believe if the server is wsproto's.

    What the client names it takes, even where its own limit is lower. And how long its own window is it does not tell,
    which is its right: a client that expects a longer one understands it all the same.
    """
    client, server = offered.client_max_window_bits, offered.server_max_window_bits
    client = client if client < 15 else allowed.client_max_window_bits
    both = strictest(offered, allowed)
    assert both
    said = replace(both, server_max_window_bits=server, client_max_window_bits=client)
    kept = said if server < 15 else replace(said, server_max_window_bits=allowed.server_max_window_bits)
    return said, kept


def test_a_clients_own_fields_reach_the_application() -> None:
    client, server = ClientEnd("chat.example", dice=Random(1), headers=[("Cookie", "user=ada")]), ServerEnd()
    server.receive(client.outgoing())
    assert server.request is not None
    assert server.request.headers.get("cookie") == "user=ada"
