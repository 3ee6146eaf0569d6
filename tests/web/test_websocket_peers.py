"""Conversations over real sockets: the library ``websockets`` and ours, each as client and as server of the other."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from queue import SimpleQueue
from random import Random, SystemRandom
from time import monotonic
from typing import Any, NamedTuple, Protocol

import pytest
from websockets import Subprotocol
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from netlab.serving import Serve, aio, blocking, running
from netlab.web.websocket.client import WebSocketClient
from netlab.web.websocket.deflate import Deflate
from netlab.web.websocket.ends import ClientEnd
from netlab.web.websocket.events import Event, Opened, Pong
from netlab.web.websocket.limits import Limits
from netlab.web.websocket.session import WebSocket
from tests.programs import need
from tests.serving.clients import SOON
from tests.serving.clients import connect as dial
from tests.web.peers import Ends, library, our_echo, their_echo
from tests.web.record import KEY

pytestmark = pytest.mark.serial

MIB = 1 << 20


class Talker(Protocol):
    """What a client can do, whoever wrote it."""

    def send(self, data: str | bytes) -> None: ...
    def pieces(self, *parts: str) -> None: ...
    def recv(self) -> str | bytes | None: ...
    def close(self, code: int = 1000, reason: str = "") -> None: ...
    def end(self) -> tuple[int, str]: ...  # code and reason
    def subprotocol(self) -> str | None: ...
    def deflates(self) -> bool: ...


class Theirs:
    """A client of ``websockets``."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection, self.send, self.close = connection, connection.send, connection.close

    def pieces(self, *parts: str) -> None:
        self.connection.send(iter(parts))

    def recv(self) -> str | bytes | None:
        try:
            return self.connection.recv(SOON)
        except ConnectionClosed:
            return None

    def end(self) -> tuple[int, str]:
        return self.connection.close_code or 0, self.connection.close_reason or ""

    def subprotocol(self) -> str | None:
        return self.connection.subprotocol

    def deflates(self) -> bool:
        return bool(self.connection.protocol.extensions)


class Ours:
    """A client of ours."""

    def __init__(self, client: WebSocketClient) -> None:
        self.client, self.send, self.close = client, client.send, client.close
        self.recv = partial(client.recv, SOON)

    def pieces(self, *parts: str) -> None:
        (size,) = {len(part) for part in parts}
        self.client.end.send("".join(parts), fragment=size)
        self.client.sock.sendall(self.client.end.outgoing())

    def end(self) -> tuple[int, str]:
        assert self.client.closed
        return self.client.closed.code, self.client.closed.reason

    def subprotocol(self) -> str | None:
        assert self.client.end.terms
        return self.client.end.terms.subprotocol

    def deflates(self) -> bool:
        return self.client.end.terms is not None and self.client.end.terms.deflate is not None


class Meeting(NamedTuple):
    """Who talks to whom, and whether both would like to compress."""

    client: str
    server: str
    deflate: bool

    def __str__(self) -> str:
        return f"{self.client}-to-{self.server}{'-deflate' if self.deflate else ''}"

    @contextmanager
    def talk(self, *, taken: int = MIB, hears: int = MIB, speaks: Sequence[str] = ()) -> Iterator[tuple[Talker, Ends]]:
        """Let a client in, and yield it, and where the server notes how it ended.

        The server takes messages of ``taken`` bytes and ``speaks`` those subprotocols; the client ``hears`` messages
        of so many, and speaks "v1" and "v2".
        """
        ends: Ends = SimpleQueue()
        with self.serve(ends, taken, speaks) as address, self.dial(address, hears, speaks) as client:
            yield client, ends

    @contextmanager
    def serve(self, ends: Ends, taken: int, speaks: Sequence[str]) -> Iterator[tuple[str, int]]:
        if self.server == "theirs":
            compression = "deflate" if self.deflate else None
            chosen = [Subprotocol(name) for name in speaks] or None
            options = {"max_size": taken, "compression": compression, "subprotocols": chosen}
            with library(their_echo(ends), **options) as address:
                yield address
        else:
            deflate = Deflate() if self.deflate else None
            made = partial(
                WebSocket, our_echo(ends), deflate=deflate, subprotocols=speaks, limits=Limits(message=taken)
            )
            with running(SHELLS[self.server], made) as address:
                yield address
            assert address.failures == ()

    @contextmanager
    def dial(self, address: tuple[str, int], hears: int, speaks: Sequence[str]) -> Iterator[Talker]:
        names = ["v1", "v2"] if speaks else []
        if self.client == "theirs":
            with their_client(address, self.deflate, max_size=hears, subprotocols=names or None) as connection:
                yield Theirs(connection)
        else:
            limits, deflate = Limits(message=hears), Deflate() if self.deflate else None
            with our_client(address, deflate=deflate, limits=limits, subprotocols=names) as client:
                yield Ours(client)


def their_client(address: tuple[str, int], deflate: bool = False, **options: Any) -> ClientConnection:
    """Connect with ``websockets``, and through nothing else."""
    compression = "deflate" if deflate else None
    return connect(
        url(address, "ws"), proxy=None, compression=compression, open_timeout=SOON, close_timeout=SOON, **options
    )


def url(address: tuple[str, int], scheme: str = "http") -> str:
    return f"{scheme}://{address[0]}:{address[1]}/chat"


@contextmanager
def our_client(address: tuple[str, int], **options: Any) -> Iterator[WebSocketClient]:
    """Connect with ours."""
    with (
        dial(address) as sock,
        WebSocketClient(sock, ClientEnd("localhost", dice=SystemRandom(), **options), monotonic) as made,
    ):
        yield made


SHELLS = {"blocking": blocking.serve, "aio": aio.serve}
PAIRS = [("theirs", "blocking"), ("theirs", "aio"), ("ours", "theirs"), ("ours", "blocking"), ("ours", "aio")]
MEETINGS = [Meeting(*pair, deflate) for pair in PAIRS for deflate in (False, True)]
everybody = pytest.mark.parametrize("meeting", MEETINGS, ids=map(str, MEETINGS))
ENDINGS = [(1000, ""), (1001, "going"), (1012, "restart"), (3000, "€" * 41), (4999, "bye")]
endings = pytest.mark.parametrize(("code", "reason"), ENDINGS, ids=[str(code) for code, _ in ENDINGS])
our_shells = pytest.mark.parametrize("serve", SHELLS.values(), ids=SHELLS)


# ------------------------------------------------------------------------------------------------------------ messages


@everybody
def test_what_is_said_comes_back(meeting: Meeting) -> None:
    said: list[str | bytes] = ["Hello", "", b"", "€ 😀 \0", bytes(range(256))]
    said += [Random(6455).randbytes(size) for size in (125, 126, 127, 65_535, 65_536, 1_000_000)]
    said += [b"x" * MIB, "x" * MIB, "Hello"]  # (theirs counts what is compressed, too: random bytes would be too many)
    with meeting.talk() as (client, ends):
        for data in said:
            client.send(data)
            assert client.recv() == data
        assert client.deflates() == meeting.deflate
        client.close(1000, "bye")
        assert client.end() == (1000, "bye" if meeting.server == "theirs" else "")  # our answer repeats the code alone
        assert ends.get(timeout=SOON) == (1000, "bye")


@everybody
def test_many_are_said_before_one_is_heard(meeting: Meeting) -> None:
    """Some of them come in one piece of the stream, some in two."""
    said = [f"{n} " * n for n in range(200)]
    with meeting.talk() as (client, _):
        for data in said:
            client.send(data)
        assert [client.recv() for _ in said] == said


@everybody
def test_a_message_in_pieces(meeting: Meeting) -> None:
    with meeting.talk() as (client, _):
        client.pieces("Hel", "lo ", "you")
        client.pieces("€", "😀")
        client.send("and whole")
        assert [client.recv() for _ in range(3)] == ["Hello you", "€😀", "and whole"]


@everybody
@pytest.mark.parametrize(("speaks", "chosen"), [(["v2", "v1"], "v2"), (["v3", "v1"], "v1")])
def test_the_server_chooses_the_subprotocol(meeting: Meeting, speaks: list[str], chosen: str) -> None:
    with meeting.talk(speaks=speaks) as (client, _):
        assert client.subprotocol() == chosen


@our_shells
def test_their_ping_is_answered(serve: Serve) -> None:
    ends: Ends = SimpleQueue()
    with running(serve, lambda: WebSocket(our_echo(ends))) as address, their_client(address) as connection:
        pongs = [connection.ping(payload) for payload in (b"", b"?", bytes(125))]
        assert all(pong.wait(SOON) for pong in pongs)


@our_shells
def test_our_pings_keep_a_silent_client(serve: Serve) -> None:
    """It is pinged whenever it was silent for that long, and stays as long as it answers."""
    heard: SimpleQueue[Event] = SimpleQueue()
    made = partial(WebSocket, lambda _, event: heard.put(event), limits=Limits(keepalive=0.02))
    with running(serve, made) as address, their_client(address):
        assert [type(heard.get(timeout=SOON)) for _ in range(4)] == [Opened, Pong, Pong, Pong]


def test_our_client_pings_their_silent_server() -> None:
    with library(their_echo(SimpleQueue())) as address, our_client(address, limits=Limits(keepalive=0.02)) as client:
        with pytest.raises(TimeoutError, match="no message came in time"):
            client.recv(timeout=0.2)
        assert client.closed is None
        client.send("still there?")
        assert client.recv(SOON) == "still there?"


# ------------------------------------------------------------------------------------------------------------- the end


@everybody
@endings
def test_the_client_closes(meeting: Meeting, code: int, reason: str) -> None:
    with meeting.talk() as (client, ends):
        client.send("Hello")
        assert client.recv() == "Hello"
        client.close(code, reason)
        assert client.end()[0] == code
        assert client.recv() is None
        assert ends.get(timeout=SOON) == (code, reason)


@everybody
@endings
def test_the_server_closes_in_mid_conversation(meeting: Meeting, code: int, reason: str) -> None:
    with meeting.talk() as (client, ends):
        client.send("Hello")
        client.send(f"close {code} {reason}")
        with suppress(ConnectionClosed):
            client.send("too late")
        assert [client.recv(), client.recv()] == ["Hello", None]
        assert client.end() == (code, reason)
        client.close()  # changes nothing, but hangs up
        assert client.end() == (code, reason)
        assert ends.get(timeout=SOON)[0] == code
        with pytest.raises((ConnectionClosed, ValueError)):
            client.send("far too late")


@everybody
def test_both_close_at_once(meeting: Meeting) -> None:
    """Each may get the other's code, or its own back: who is first is a race. Nobody is told 1006."""
    with meeting.talk() as (client, ends):
        client.send("close 4001 ours")
        client.close(4002)
        told = client.end()[0], ends.get(timeout=SOON)[0]
        crossed, first, last = (4001, 4002), (4002, 4002), (4001, 4001)
        if meeting.client == "theirs":
            assert told in (crossed, first, last)  # a thread of its own hears the server
        elif meeting.server == "theirs":
            assert told in (crossed, first)
        else:
            assert told == crossed


@our_shells
def test_a_session_that_raises_is_heard_of_as_nothing(serve: Serve) -> None:
    def broken(_: object, event: Event) -> None:
        if not isinstance(event, Opened):
            raise ZeroDivisionError

    with running(serve, lambda: WebSocket(broken)) as address:
        with their_client(address) as connection:
            connection.send("Hello")
            assert (Theirs(connection).recv(), connection.close_code) == (None, 1006)
        with our_client(address) as client:
            client.send("Hello")
            assert client.recv(SOON) is None
            assert client.closed
            assert (client.closed.code, client.closed.why) == (1006, "TCP ended without a close frame")
    assert [type(failure) for failure in address.failures] == [ZeroDivisionError] * 2


# --------------------------------------------------------------------------------------------------------- no handshake


@our_shells
def test_curl_is_told_what_is_missing(serve: Serve) -> None:
    """To ask like a client of another version, curl needs no WebSocket; and a browser that is sent here has none."""
    told = "%{http_code} %header{sec-websocket-version}"
    fields = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 12", f"Sec-WebSocket-Key: {KEY}"]
    with running(serve, lambda: WebSocket(our_echo(SimpleQueue()))) as address:
        asked = [need("curl"), "-sS", "--noproxy", "*", "-m", "10", "-o", os.devnull, "-w", told, url(address)]
        older = [part for field in fields for part in ("-H", field)]
        assert (
            subprocess.run([*asked, *older], check=False, capture_output=True, text=True, timeout=20).stdout == "426 13"
        )
        assert subprocess.run(asked, check=False, capture_output=True, text=True, timeout=20).stdout.startswith("4")


# -------------------------------------------------------------------------------------------------------------- limits


@everybody
def test_a_server_is_told_too_much(meeting: Meeting) -> None:
    """A message of one byte more than allowed; random, so that it is not small on the wire."""
    with meeting.talk(taken=1000) as (client, _):
        client.send(bytes(1000))
        assert client.recv() == bytes(1000)
        client.send(Random(6455).randbytes(1001))
        assert client.recv() is None
        assert client.end()[0] == 1009


@everybody
def test_a_client_is_told_too_much(meeting: Meeting) -> None:
    with meeting.talk(hears=1000) as (client, ends):
        client.send(bytes(1001))
        assert client.recv() is None
        client.close()
        assert ends.get(timeout=SOON)[0] == 1009


@everybody
def test_much_too_much(meeting: Meeting) -> None:
    """Where both deflate, 16 MiB of zeros are 16 kB on the wire: a bomb. Elsewhere the length alone is refused."""
    with meeting.talk() as (client, _):
        with suppress(ConnectionClosed):  # who still speaks may hear of it now
            client.send(bytes(16 * MIB))
        assert client.recv() is None
        assert client.end()[0] == 1009
    with meeting.talk() as (client, ends):
        client.send("bomb")
        assert client.recv() is None
        client.close()
        assert ends.get(timeout=SOON)[0] == 1009


@our_shells
def test_too_many_in_a_second(serve: Serve) -> None:
    """A hundred at once are more than ten in whatever second they come; ten are not."""
    ends: Ends = SimpleQueue()
    made = partial(WebSocket, our_echo(ends), limits=Limits(frames=10))
    with running(serve, made) as address, our_client(address) as client:
        for _ in range(100):
            client.end.send("Hello")
        client.sock.sendall(client.end.outgoing())
        heard = list(client)
        assert client.closed
        assert (client.closed.code, client.closed.reason) == (1008, "more than 10 frames in a second")
        assert heard == ["Hello"] * len(heard)
        assert len(heard) >= 10
