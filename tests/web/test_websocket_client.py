"""Our client and our session against a peer that is late, silent, rude or gone: a script, and a clock that it moves."""

import socket
from collections.abc import Iterator
from random import Random
from threading import Event as Flag
from typing import cast

import pytest

from netlab.serving import aio, blocking, running
from netlab.web.websocket.client import WebSocketClient
from netlab.web.websocket.connection import LIMITS, Connection
from netlab.web.websocket.ends import MOST_HEAD, ClientEnd, ServerEnd
from netlab.web.websocket.events import Closed, Event, Message
from netlab.web.websocket.frames import CLOSE, PING, PONG, TEXT, Frame, Frames, encode
from netlab.web.websocket.limits import Limits
from netlab.web.websocket.session import WebSocket, echo
from netlab.wire import WireError
from tests.serving.clients import SOON, connect, exactly, pair, reset, rest
from tests.web.peers import head

START = 50.0  # seconds: what a clock shows when a story begins
HELLO, BYE = encode(Frame(TEXT, b"Hello")), encode(Frame(CLOSE, b"\x03\xe8bye"))


class Script:
    """A socket on which each ``recv`` takes ``pace`` seconds and brings the next piece, or raises the next failure.

    When nothing is left, only time passes. It is its clock, too.
    """

    def __init__(self, *pieces: bytes | OSError, pace: float = 0.0, full: OSError | None = None) -> None:
        self.pieces, self.pace, self.full = list(pieces), pace, full
        self.now, self.timeout, self.closed = START, cast("float | None", None), False
        self.taken = b""

    def __call__(self) -> float:
        return self.now

    def settimeout(self, timeout: float | None) -> None:
        assert not self.closed
        assert timeout is None or timeout > 0  # 0 would not wait at all
        self.timeout = timeout

    def recv(self, _: int) -> bytes:
        if not self.pieces:
            assert self.timeout is not None, "it would wait for ever"
            self.now += self.timeout
            raise TimeoutError
        self.now += self.pace
        piece = self.pieces.pop(0)
        if isinstance(piece, OSError):
            raise piece
        return piece

    def sendall(self, data: bytes) -> None:
        if self.full and self.taken:
            raise self.full
        self.taken += data

    def close(self) -> None:
        self.closed = True

    @property
    def said(self) -> list[Frame]:
        """The frames that came from the client."""
        return list(Frames(masked=True).feed(self.taken.partition(b"\r\n\r\n")[2]))


def client_of(script: Script, limits: Limits = LIMITS, agreed: bool = True) -> WebSocketClient:
    """Return a client whose server says what ``script`` has, after its answer to the handshake."""
    end = ClientEnd("localhost", dice=Random(6455), limits=limits)
    if agreed:
        server = ServerEnd()
        server.receive(end.request.encode())
        script.pieces.insert(0, server.outgoing())
    return WebSocketClient(cast(socket.socket, script), end, script)


# ----------------------------------------------------------------------------------------------------------- beginning


def test_a_server_that_is_silent_is_left_after_its_time() -> None:
    script = Script()
    with pytest.raises(ConnectionAbortedError, match=r"the peer was silent for 10 s"):
        client_of(script, agreed=False)
    assert (script.now, script.closed) == (START + 10, True)


def test_a_server_that_drips_its_answer_has_no_longer() -> None:
    drips = [bytes([octet]) for octet in b"HTTP/1.1 101 Switching Protocols\r\n"]
    script = Script(*drips, pace=1.0)
    with pytest.raises(ConnectionAbortedError, match=r"silent for 3 s"):
        client_of(script, Limits(patience=3), agreed=False)
    assert (script.now, len(script.pieces), script.closed) == (START + 3, len(drips) - 3, True)


REFUSED = b"HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n"
LARGE = b"HTTP/1.1 101 Switching Protocols\r\n" + b"X: y\r\n" * (MOST_HEAD // 6)


@pytest.mark.parametrize(
    "answer", [REFUSED, LARGE, b"SSH-2.0-OpenSSH_9.2\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"\0" * MOST_HEAD]
)
def test_a_server_that_does_not_agree(answer: bytes) -> None:
    script = Script(answer)
    with pytest.raises(WireError):
        client_of(script, agreed=False)
    assert script.closed


@pytest.mark.parametrize("end", [b"", ConnectionResetError()])
def test_a_server_that_is_gone_before_it_has_agreed(end: bytes | OSError) -> None:
    script = Script(b"HTTP/1.1 101 ", end)
    with pytest.raises(ConnectionAbortedError, match="TCP ended without a close frame"):
        client_of(script, agreed=False)
    assert script.closed


# ------------------------------------------------------------------------------------------------------------ messages


def test_what_came_with_the_answer_is_not_lost() -> None:
    """The bytes after the head's empty line are frames already."""
    script = Script()
    end = ClientEnd("localhost", dice=Random(6455))
    server = ServerEnd()
    server.receive(end.request.encode())
    script.pieces = [server.outgoing() + HELLO + HELLO[:3], HELLO[3:]]
    client = WebSocketClient(cast(socket.socket, script), end, script)
    assert (client.recv(), client.recv(), script.pieces) == ("Hello", "Hello", [])


def test_who_waits_no_longer_than_that_may_ask_again() -> None:
    client = client_of(script := Script())
    with pytest.raises(TimeoutError, match="no message came in time"):
        client.recv(timeout=3)
    assert (script.now, client.closed) == (START + 3, None)
    script.pieces = [encode(Frame(PING, b"?")), HELLO]
    assert client.recv(timeout=3) == "Hello"
    assert script.said == [Frame(PONG, b"?")]  # answered while it waited


def test_pings_do_not_lengthen_the_wait_for_a_message() -> None:
    client = client_of(script := Script(pace=1.0))
    script.pieces = [encode(Frame(PING))] * 10
    with pytest.raises(TimeoutError):
        client.recv(timeout=3)
    assert script.now == START + 1 + 3  # the answer took the first second


def test_messages_to_the_end() -> None:
    client = client_of(script := Script(HELLO, HELLO + BYE + HELLO, b""))
    assert list(client) == ["Hello", "Hello"]
    assert client.closed == Closed(1000, "bye")
    assert client.recv() is None
    with pytest.raises(ValueError, match="the connection is ENDING"):
        client.send("?")
    client.close()
    client.close()
    assert script.closed
    assert script.said == [Frame(CLOSE, b"\x03\xe8")]


@pytest.mark.parametrize("end", [b"", ConnectionResetError(), BrokenPipeError()])
def test_a_server_that_is_gone(end: bytes | OSError) -> None:
    client = client_of(Script(HELLO, end))
    assert list(client) == ["Hello"]
    assert client.closed == Closed(1006, why="TCP ended without a close frame")
    client.close()


def test_what_came_before_the_end_can_be_read_by_who_could_not_send_any_more() -> None:
    client = client_of(script := Script(HELLO, HELLO + BYE, b"", full=BrokenPipeError()))
    client.send("?")
    assert list(client) == ["Hello", "Hello"]
    assert client.closed == Closed(1000, "bye")
    assert script.pieces == []


def test_a_server_that_takes_nothing() -> None:
    client = client_of(script := Script(full=TimeoutError()), Limits(patience=7))
    with pytest.raises(TimeoutError):
        client.send("?")
    assert script.timeout == 7


def test_a_silent_server_is_pinged_and_then_left() -> None:
    client = client_of(script := Script(), Limits(keepalive=5))
    assert client.recv() is None
    assert (script.now, script.said) == (START + 10, [Frame(PING)])
    assert client.closed == Closed(1006, why="the peer was silent for 5 s")


def test_a_server_that_answers_is_kept() -> None:
    client = client_of(Script(*[encode(Frame(PONG))] * 9, HELLO, pace=4.0), Limits(keepalive=5))
    assert client.recv() == "Hello"


# ------------------------------------------------------------------------------------------------------------- the end


def test_a_close_in_order() -> None:
    with client_of(script := Script(HELLO, BYE, b"")) as client:
        pass
    assert client.closed == Closed(1000, "bye")
    assert (script.said, script.closed, script.now) == ([Frame(CLOSE, b"\x03\xe8")], True, START)
    assert client.recv() == "Hello"  # which came while we closed
    assert client.recv() is None


NEVER_CLOSES = {"is silent": [], "drips pings": [encode(Frame(PING))] * 99, "talks on": [HELLO] * 99}


@pytest.mark.parametrize("pieces", NEVER_CLOSES.values(), ids=NEVER_CLOSES)
def test_a_server_that_never_closes_is_left_after_its_time(pieces: list[bytes]) -> None:
    client = client_of(script := Script())
    script.pieces, script.pace = list(pieces), 1.0
    client.close()
    assert (script.now, script.closed) == (START + 10, True)
    assert client.closed == Closed(1006, why="the peer was silent for 10 s")


def test_a_server_that_closes_but_not_tcp_is_left_too() -> None:
    client = client_of(script := Script())
    script.pieces, script.pace = [BYE, *[HELLO] * 99], 1.0
    client.close()
    assert (script.now, script.closed) == (START + 1 + 10, True)
    assert client.closed == Closed(1000, "bye")  # it said why it ended, all the same


def test_a_close_that_may_not_be_sent_closes_nothing() -> None:
    client = client_of(script := Script(HELLO))
    with pytest.raises(ValueError, match="a close frame cannot say 1006"):
        client.close(1006)
    assert client.recv() == "Hello"
    assert not script.closed


@pytest.mark.parametrize("rest", [[b""], [HELLO] * 99], ids=["hangs up", "talks on"])
def test_a_server_that_breaks_a_rule_is_told_and_heard_out(rest: list[bytes]) -> None:
    """What it still says is thrown away. Were it left unread, TCP would send a reset, and our close frame be lost."""
    client = client_of(script := Script(HELLO, bytes.fromhex("8300"), *rest, pace=1.0))
    assert list(client) == ["Hello"]
    assert client.closed
    assert (client.closed.code, client.closed.why) == (1006, "the opcode 0x3 is reserved (RFC 6455 §5.2)")
    assert client.end.error
    client.close()
    assert (script.said[0].payload[:2], script.closed) == (b"\x03\xea", True)
    assert script.now - START == pytest.approx(4 if rest == [b""] else 13)


@pytest.mark.serial
def test_a_real_reset_is_an_end() -> None:
    with pair() as (near, far):
        end, server = ClientEnd("localhost", dice=Random(6455)), ServerEnd()
        server.receive(end.request.encode())
        far.sendall(server.outgoing() + HELLO)
        client = WebSocketClient(near, end, Script())
        assert client.recv() == "Hello"
        reset(far)
        assert client.recv() is None
        assert client.closed == Closed(1006, why="TCP ended without a close frame")
        client.close()


# --------------------------------------------------------------------------------------------------------- the session


class Told:
    """An application that echoes, and remembers what it was told."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.over = Flag()

    def __call__(self, connection: Connection, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, Closed):
            self.over.set()
        if isinstance(event, Message) and event.data == "bye":
            connection.close(1000, "bye")
        echo(connection, event)


@pytest.fixture
def told() -> Told:
    return Told()


def opened(session: WebSocket, *said: str) -> bytes:
    """Shake hands with a session, say something, and return what it answers after its handshake."""
    client = ClientEnd("localhost", dice=Random(6455))
    client.receive(session.receive(client.outgoing()))
    for data in said:
        client.send(data)
    return session.receive(client.outgoing()) if said else b""


def test_a_client_that_asks_for_nothing_is_left_after_its_time(told: Told) -> None:
    session = WebSocket(told, limits=Limits(patience=3))
    assert session.deadline == 0.0
    assert (session.tick(START), session.deadline, session.closed) == (b"", START + 3, False)
    assert (session.tick(START + 3), session.closed) == (b"", True)
    assert told.events == [Closed(1006, why="the peer was silent for 3 s")]


def test_a_client_that_drips_its_request_has_no_longer(told: Told) -> None:
    session = WebSocket(told, limits=Limits(patience=3))
    session.tick(START)
    for n, octet in enumerate(b"GET / HTTP/1.1\r\nX: "):
        assert session.receive(bytes([octet])) == b""
        assert session.deadline == START + 3, n
    session.tick(START + 3)
    assert session.closed


def test_a_client_that_never_answers_a_close_is_left_after_its_time(told: Told) -> None:
    session = WebSocket(told, limits=Limits(patience=3))
    session.tick(START)
    assert opened(session, "bye", "too late") == encode(Frame(CLOSE, b"\x03\xe8bye"))  # nothing is echoed after it
    assert (session.closed, session.deadline) == (False, 0.0)
    assert (session.tick(START + 60), session.deadline) == (b"", START + 63)
    assert (session.tick(START + 63), session.closed) == (b"", True)
    assert told.events[-1] == Closed(1006, why="the peer was silent for 3 s")
    assert len([event for event in told.events if isinstance(event, Closed)]) == 1


def test_an_open_connection_has_no_deadline() -> None:
    session = WebSocket(echo)
    session.tick(START)
    opened(session)
    session.tick(START + 1)
    assert session.deadline is None


@pytest.mark.parametrize("how", ["end", "lie", "no request"])
def test_the_application_is_told_once_that_it_is_over(told: Told, how: str) -> None:
    session = WebSocket(told)
    if how == "no request":
        assert session.receive(b"HELO\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    else:
        opened(session)
        session.receive(b"" if how == "end" else HELLO)  # unmasked
    assert session.closed
    assert [type(event) for event in told.events].count(Closed) == 1


SHELLS = {"blocking": blocking.serve, "aio": aio.serve}


@pytest.fixture(params=SHELLS.values(), ids=SHELLS)
def clients(request: pytest.FixtureRequest, told: Told) -> Iterator[socket.socket]:
    """A client's socket, on a server that has little patience."""
    made = WebSocket(told, limits=Limits(patience=0.05))
    with running(request.param, lambda: made) as address, connect(address) as sock:
        yield sock
    assert address.failures == ()
    assert [type(event) for event in told.events].count(Closed) == 1


@pytest.mark.serial
class TestLive:
    """A server hangs up by its own clock on who does nothing."""

    def test_no_handshake(self, clients: socket.socket) -> None:
        assert rest(clients) == b""

    def test_half_a_handshake(self, clients: socket.socket) -> None:
        clients.sendall(b"GET / HTTP/1.1\r\n")
        assert rest(clients) == b""

    def test_no_answer_to_a_close(self, clients: socket.socket, told: Told) -> None:
        end = ClientEnd("localhost", dice=Random(6455))
        clients.sendall(end.outgoing())
        end.receive(head(clients))
        end.send("bye")
        clients.sendall(end.outgoing())
        assert rest(clients) == encode(Frame(CLOSE, b"\x03\xe8bye"))

    def test_a_reset_is_an_end_too(self, clients: socket.socket, told: Told) -> None:
        clients.sendall(ClientEnd("localhost", dice=Random(6455)).outgoing())
        head(clients)
        reset(clients)
        assert told.over.wait(SOON)

    def test_a_lie_is_answered_and_the_answer_arrives(self, clients: socket.socket) -> None:
        """Though the client goes on talking, which would make TCP destroy it if nobody read that."""
        end = ClientEnd("localhost", dice=Random(6455))
        clients.sendall(end.outgoing())
        end.receive(head(clients))
        clients.sendall(HELLO + bytes(1 << 20))
        assert exactly(clients, 4)[2:] == b"\x03\xea"
        clients.shutdown(socket.SHUT_WR)
        rest(clients)
