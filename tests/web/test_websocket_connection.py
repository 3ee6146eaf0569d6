"""A connection's stories: the table of its moves, how it is closed, what may be said, and whole conversations."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.web.websocket.codes import CloseCode, Failed
from netlab.web.websocket.connection import Connection
from netlab.web.websocket.deflate import Deflate
from netlab.web.websocket.ends import ClientEnd, ServerEnd
from netlab.web.websocket.events import (
    AGREED,
    BROKEN,
    CAME,
    CLOSED,
    CLOSING,
    CONNECTING,
    ENDING,
    MOVES,
    OPEN,
    SENT,
    TCP_ENDED,
    TIME_OVER,
    Closed,
    Message,
    Ping,
    Pong,
)
from netlab.web.websocket.frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Frame, Frames, encode
from netlab.web.websocket.limits import Limits
from netlab.wire import WireError

KEY = bytes.fromhex("37fa213d")
STATES = (CONNECTING, OPEN, CLOSING, ENDING, CLOSED)
HAPPENINGS = (AGREED, SENT, CAME, BROKEN, TCP_ENDED, TIME_OVER)
both_ends = pytest.mark.parametrize("client", [False, True], ids=["server", "client"])


def end(client: bool = False, **more: Any) -> Connection:
    """Return one end that is OPEN."""
    return Connection(client=client, dice=Random(6455), **more)


def two(deflate: Deflate | None = None) -> tuple[Connection, Connection]:
    """Return a client and a server that are OPEN."""
    return end(client=True, deflate=deflate), end(deflate=deflate)


def wire(connection: Connection, *frames: Frame) -> bytes:
    """Return frames as the peer of an end would send them."""
    return b"".join(encode(frame, b"" if connection.client else KEY) for frame in frames)


def said(connection: Connection) -> list[Frame]:
    """Return the frames that an end owes its peer, and let it owe them no longer."""
    return list(Frames(masked=connection.client, compressed=True).feed(connection.outgoing()))


BYE = Frame(CLOSE, b"\x03\xe8")

# ------------------------------------------------------------------------------------------------------ the table


def connecting(client: bool) -> Connection:
    return ClientEnd("chat.example", dice=Random(1)) if client else ServerEnd()


def in_state(state: str, client: bool) -> Connection:
    """Return an end that has come to a state in the ordinary way."""
    if state == CONNECTING:
        return connecting(client)
    connection = end(client)
    if state == CLOSING:
        connection.close()
    elif state == ENDING:
        connection.receive(wire(connection, BYE))
    elif state == CLOSED:
        connection.receive(b"")
    connection.outgoing()
    return connection


def happen(connection: Connection, what: str) -> None:
    """Let something happen to an end, as far as it can happen there."""
    if what == AGREED:
        if connection.state == CONNECTING:
            other = connecting(not connection.client)
            client, server = (connection, other) if connection.client else (other, connection)
            server.receive(client.outgoing())
            client.receive(server.outgoing())
    elif what == SENT:
        if connection.state == CONNECTING:
            with pytest.raises(ValueError, match="nothing to close yet"):
                connection.close()
        else:
            connection.close()
    elif what == CAME:
        if connection.state != CONNECTING:  # before the handshake no frame can come
            connection.receive(wire(connection, BYE))
    elif what == BROKEN:
        connection.receive(b"\xff" * 20 + b"\r\n\r\n")
    elif what == TCP_ENDED:
        connection.receive(b"")
    else:
        for now in (100.0, 200.0, 300.0):
            connection.tick(now)


@both_ends
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("what", HAPPENINGS)
def test_each_move_is_in_the_table_and_there_is_no_other(state: str, what: str, client: bool) -> None:
    connection = in_state(state, client)
    if (state, what) == (OPEN, TIME_OVER):
        connection = end(client, limits=Limits(keepalive=20))
    assert connection.state == state
    happen(connection, what)
    assert connection.state == MOVES.get((state, what), state)


def test_the_table_has_what_there_is() -> None:
    assert {state for state, _ in MOVES} | set(MOVES.values()) == set(STATES)
    assert {what for _, what in MOVES} == set(HAPPENINGS)
    assert CLOSED not in {state for state, _ in MOVES}, "nothing comes after the end"
    for state in STATES[:-1]:
        assert MOVES[state, TCP_ENDED] == CLOSED, "TCP may end at any time"
        assert MOVES[state, TIME_OVER] == CLOSED, "nobody is waited for without an end"


def test_a_move_that_is_not_in_the_table_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        end()._move(AGREED)


# ----------------------------------------------------------------------------------------------------------- a close


@both_ends
def test_who_closes_tcp(client: bool) -> None:
    connection = end(client)
    assert not connection.hang_up
    connection.close()
    assert not connection.hang_up, "the peer may still have something to say"
    connection.receive(wire(connection, BYE))
    assert connection.hang_up == (not client), "the server closes first"
    connection.receive(b"")
    assert connection.hang_up


@both_ends
def test_who_breaks_a_rule_is_not_waited_for(client: bool) -> None:
    connection = end(client)
    connection.receive(b"\x83")
    assert (connection.state, connection.hang_up) == (ENDING, True)


@both_ends
@pytest.mark.parametrize(
    ("state", "told"), [(CONNECTING, True), (OPEN, True), (CLOSING, True), (ENDING, False), (CLOSED, False)]
)
def test_tcp_ends_in_each_state(state: str, told: bool, client: bool) -> None:
    connection = in_state(state, client)
    lost = Closed(1006, why="TCP ended without a close frame")
    assert connection.receive(b"") == ([lost] if told else [])
    assert connection.state == CLOSED
    assert connection.error is None, "no rule was broken"
    assert connection.receive(b"") == []


def test_the_codes_of_both_sides_may_differ() -> None:
    client, server = two()
    client.close(1000, "bye")
    server.close(1001, "going")
    mine, theirs = client.outgoing(), server.outgoing()
    assert client.receive(theirs) == [Closed(1001, "going")]
    assert server.receive(mine) == [Closed(1000, "bye")]
    assert (client.outgoing(), server.outgoing()) == (b"", b"")
    assert (client.state, server.state) == (ENDING, ENDING)


def test_a_close_without_a_code_is_answered_by_one() -> None:
    client, server = two()
    client.close(None)
    assert server.receive(client.outgoing()) == [Closed(1005)]
    assert client.receive(server.outgoing()) == [Closed(1005)]


@both_ends
def test_closing_again_changes_nothing(client: bool) -> None:
    connection = end(client)
    connection.close(1000, "bye")
    connection.close(1001, "again")
    assert said(connection) == [Frame(CLOSE, b"\x03\xe8bye")]
    for state in (ENDING, CLOSED):
        late = in_state(state, client)
        late.close()
        assert (late.outgoing(), late.state) == (b"", state)


@pytest.mark.parametrize("state", [OPEN, CLOSING, ENDING, CLOSED])
@pytest.mark.parametrize("code", [999, 1004, 1005, 1006, 1015, 2999, 5000])
def test_a_code_that_may_not_travel_is_a_mistake_in_each_state(state: str, code: int) -> None:
    connection = in_state(state, client=False)
    with pytest.raises(ValueError, match=f"cannot say {code}"):
        connection.close(code)
    assert (connection.state, connection.outgoing()) == (state, b"")


def test_a_message_is_answered_before_the_close_behind_it() -> None:
    server = end()
    for event in server.events(wire(server, Frame(TEXT, b"Hello"), BYE)):
        if isinstance(event, Message):
            server.send(event.data)
    assert said(server) == [Frame(TEXT, b"Hello"), BYE]


def test_an_application_may_close_at_any_event() -> None:
    server = end()
    events = []
    for event in server.events(wire(server, Frame(PING, b"1"), Frame(TEXT, b"Hello"), Frame(PING, b"2"), BYE)):
        events.append(event)
        server.close(1001)
    assert events == [Ping(b"1"), Message("Hello"), Ping(b"2"), Closed(1000)]
    assert said(server) == [Frame(PONG, b"1"), Frame(CLOSE, b"\x03\xe9"), Frame(PONG, b"2")]


@both_ends
def test_nobody_is_told_twice(client: bool) -> None:
    connection = end(client)
    bad = wire(connection, Frame(TEXT, b"\xff"))
    assert len(connection.receive(bad)) == 1
    assert len(said(connection)) == 1
    assert connection.receive(bad) == connection.receive(b"") == connection.tick(1e9) == []
    assert connection.outgoing() == b""
    assert isinstance(connection.error, Failed)


@pytest.mark.parametrize(
    "error", [WireError("é" * 100, "a rule"), Failed("é" * 100, "a rule", CloseCode.PROTOCOL_ERROR)]
)
def test_the_reason_that_we_give_is_cut_between_two_characters(error: WireError) -> None:
    server = end()
    assert server._fail(error) == Closed(1006, why="é" * 100 + " (a rule)")
    assert said(server) == [Frame(CLOSE, b"\x03\xea" + ("é" * 61).encode())]
    assert server.error is error


# --------------------------------------------------------------------------------------------------------- what we say


@both_ends
@pytest.mark.parametrize("state", [CONNECTING, CLOSING, ENDING, CLOSED])
def test_nothing_is_sent_unless_it_is_open(state: str, client: bool) -> None:
    connection = in_state(state, client)
    connection.outgoing()
    with pytest.raises(ValueError, match=f"nothing can be sent: the connection is {state}"):
        connection.send("Hello")
    with pytest.raises(ValueError, match=f"nobody can be pinged: the connection is {state}"):
        connection.ping()
    assert connection.outgoing() == b""


@pytest.mark.parametrize("data", [None, 5, ["Hello"], object()])
def test_a_message_is_text_or_bytes(data: Any) -> None:
    with pytest.raises(TypeError, match="a message is text or bytes, not "):
        end().send(data)


@pytest.mark.parametrize("data", ["Hello", b"Hello", bytearray(b"Hello"), memoryview(b"Hello")], ids=type)
def test_it_is_sent_as_what_it_is(data: Any) -> None:
    server = end()
    server.send(data)
    assert said(server) == [Frame(TEXT if isinstance(data, str) else BINARY, b"Hello")]


def test_a_ping_has_125_bytes_at_most() -> None:
    server = end()
    server.ping(bytes(125))
    with pytest.raises(ValueError, match="at most 125 bytes"):
        server.ping(bytes(126))
    assert said(server) == [Frame(PING, bytes(125))]


@pytest.mark.parametrize(
    ("data", "fragment", "pieces"),
    [
        ("", None, [b""]),
        ("", 5, [b""]),
        (b"", 1, [b""]),
        ("Hello", None, [b"Hello"]),
        ("Hello", 5, [b"Hello"]),
        ("Hello", 9, [b"Hello"]),
        ("Hello", 3, [b"Hel", b"lo"]),
        (b"Hello", 1, [b"H", b"e", b"l", b"l", b"o"]),
        ("€€", 3, ["€".encode(), "€".encode()]),
        ("€€", 2, [b"\xe2\x82", b"\xac\xe2", b"\x82\xac"]),
    ],
)
def test_a_message_is_cut_into_fragments(data: str | bytes, fragment: int | None, pieces: list[bytes]) -> None:
    client, server = two()
    client.send(data, fragment)
    out = client.outgoing()
    frames = list(Frames(masked=True).feed(out))
    assert [frame.payload for frame in frames] == pieces
    first = TEXT if isinstance(data, str) else BINARY
    assert [frame.opcode for frame in frames] == [first, *[CONTINUATION] * (len(pieces) - 1)]
    assert [frame.fin for frame in frames] == [*[False] * (len(pieces) - 1), True]
    assert server.receive(out) == [Message(data)]


@pytest.mark.parametrize("fragment", [0, -1])
def test_a_fragment_has_a_byte_at_least(fragment: int) -> None:
    server = end()
    with pytest.raises(ValueError, match="at least 1 byte, not"):
        server.send("Hello", fragment)
    assert server.outgoing() == b""


def test_a_compressed_message_is_marked_on_its_first_fragment() -> None:
    client, server = two(Deflate())
    server.send("Hello", fragment=3)
    assert [(frame.opcode, frame.rsv1) for frame in said(server)] == [(1, True), (0, False), (0, False)]
    server.ping(b"?")
    assert said(server) == [Frame(PING, b"?")]
    client.close()
    assert [frame.rsv1 for frame in said(client)] == [False]


def test_each_frame_has_a_key_of_its_own() -> None:
    client = end(client=True)
    keys = []
    for _ in range(100):
        client.ping()
        keys.append(client.outgoing()[2:6])
    client.send("Hello", fragment=1)
    fragments = client.outgoing()
    keys += [fragments[at + 2 : at + 6] for at in range(0, len(fragments), 7)]
    client.close()
    keys.append(client.outgoing()[2:6])
    dice = Random(6455)
    assert keys == [dice.randbytes(4) for _ in range(106)]
    assert len(set(keys)) == 106


def test_a_client_throws_dice_and_a_server_does_not() -> None:
    with pytest.raises(ValueError, match="a client throws dice"):
        Connection(client=True)
    dice = Random(1)
    before = dice.getstate()
    server = Connection(client=False, dice=dice)
    server.send("Hello")
    assert server.outgoing().hex() == "810548656c6c6f"
    assert dice.getstate() == before


def test_what_is_owed_is_owed_once() -> None:
    server = end()
    server.receive(wire(server, Frame(PING, b"1"), Frame(PING, b"2")))
    assert said(server) == [Frame(PONG, b"1"), Frame(PONG, b"2")]
    assert server.outgoing() == b""


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes_may_come_in_any_form(kind: Callable[[bytes], Any]) -> None:
    server = end()
    assert server.receive(kind(wire(server, Frame(PONG, b"!")))) == [Pong(b"!")]


# ------------------------------------------------------------------------------------------------------- conversations

acts = st.tuples(
    st.booleans(), st.sampled_from(["text", "bytes", "ping", "deliver"]), st.text(max_size=20), st.integers(1, 9)
)
terms = st.none() | st.builds(Deflate, st.booleans(), st.booleans(), st.integers(8, 15), st.integers(8, 15))


@given(terms, st.lists(acts, max_size=20), st.booleans())
def test_what_one_says_the_other_hears_in_order(
    deflate: Deflate | None, talk: list[tuple[bool, str, str, int]], first: bool
) -> None:
    ends = dict(zip((True, False), two(deflate), strict=True))
    told: dict[bool, list[Any]] = {True: [], False: []}
    owed: dict[bool, list[Any]] = {True: [], False: []}

    def deliver(sender: bool, size: int) -> None:
        octets = ends[sender].outgoing()
        for at in range(0, len(octets), size):
            told[not sender] += ends[not sender].receive(octets[at : at + size])

    for who, what, text, size in talk:
        if what == "ping":
            ends[who].ping(text.encode())
            owed[not who].append(Ping(text.encode()))
        elif what == "deliver":
            deliver(who, size)
        else:
            data = text if what == "text" else text.encode()
            ends[who].send(data, fragment=size)
            owed[not who].append(Message(data))
    ends[first].close(3000, "bye")
    for who in (first, not first, first):
        deliver(who, 7)
    for who, heard in told.items():
        assert [event for event in heard if not isinstance(event, Pong)] == [
            *owed[who],
            Closed(3000, "bye" if who != first else ""),
        ]
        pongs = [event.payload for event in heard if isinstance(event, Pong)]
        assert pongs == [event.payload for event in owed[not who] if isinstance(event, Ping)][: len(pongs)]
        assert ends[who].state == ENDING
