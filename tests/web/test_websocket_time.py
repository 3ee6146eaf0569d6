"""What the clock does to a connection, and what an end puts up with."""

from math import nan
from random import Random
from typing import Any

import pytest

from netlab.web.websocket.connection import Connection
from netlab.web.websocket.ends import ClientEnd, ServerEnd
from netlab.web.websocket.events import CLOSED, CLOSING, ENDING, OPEN, Closed
from netlab.web.websocket.frames import CLOSE, PING, PONG, TEXT, Frame, Frames, encode
from netlab.web.websocket.limits import Allowance, Limits, Timer

KEY = bytes.fromhex("37fa213d")
BYE = Frame(CLOSE, b"\x03\xe8")
both_ends = pytest.mark.parametrize("client", [False, True], ids=["server", "client"])


def end(client: bool = False, **more: Any) -> Connection:
    """Return one end that is OPEN."""
    return Connection(client=client, dice=Random(6455), **more)


def wire(connection: Connection, frame: Frame) -> bytes:
    """Return a frame as the peer of an end would send it."""
    return encode(frame, b"" if connection.client else KEY)


def said(connection: Connection) -> list[Frame]:
    """Return the frames that an end owes its peer, and let it owe them no longer."""
    return list(Frames(masked=connection.client).feed(connection.outgoing()))


def test_without_limits_nobody_asks_for_the_time() -> None:
    server = end()
    assert server.deadline == 0.0, "a first look at the clock"
    assert server.tick(100.0) == []
    assert server.deadline is None
    assert server.tick(1e9) == []
    assert (server.state, server.outgoing()) == (OPEN, b"")


@both_ends
def test_silence_is_ended_by_a_ping_and_then_by_us(client: bool) -> None:
    connection = end(client, limits=Limits(keepalive=30))
    assert (connection.tick(100), connection.deadline) == ([], 130)
    assert (connection.tick(129.9), connection.outgoing()) == ([], b"")
    assert (connection.tick(130), connection.deadline) == ([], 160)
    assert said(connection) == [Frame(PING)]
    assert (connection.tick(159.9), connection.outgoing()) == ([], b"")
    assert connection.tick(160) == [Closed(1006, why="the peer was silent for 30 s")]
    assert (connection.state, connection.hang_up, connection.outgoing()) == (CLOSED, True, b"")
    assert (connection.tick(161), connection.deadline) == ([], None)


@pytest.mark.parametrize("sign", [Frame(PONG), Frame(PING), Frame(TEXT, b"Hello"), Frame(TEXT, b"Hel", fin=False)])
@pytest.mark.parametrize("whole", [True, False])
def test_whatever_comes_is_a_sign_of_life(sign: Frame, whole: bool) -> None:
    server = end(limits=Limits(keepalive=30))
    for now in (100, 130):
        server.tick(now)
    octets = wire(server, sign)
    server.receive(octets if whole else octets[:1])
    server.outgoing()
    assert server.deadline == 0.0
    assert (server.tick(150), server.deadline) == ([], 180)
    assert (server.tick(180), said(server)) == ([], [Frame(PING)])


@pytest.mark.parametrize("state", [CLOSING, ENDING])
@both_ends
def test_a_peer_has_its_time_for_the_end(state: str, client: bool) -> None:
    connection = end(client, limits=Limits(patience=5, keepalive=1))
    connection.tick(100)
    connection.close()
    if state == ENDING:
        connection.receive(wire(connection, BYE))
    assert (connection.deadline, connection.tick(200), connection.deadline) == (0.0, [], 205)
    connection.receive(wire(connection, Frame(PING)))
    assert (connection.tick(204.9), connection.deadline) == ([], 205), "no talk buys more of it"
    told = [Closed(1006, why="the peer was silent for 5 s")] if state == CLOSING else []
    assert connection.tick(205) == told
    assert (connection.state, connection.hang_up) == (CLOSED, True)


def test_a_handshake_has_its_time_too() -> None:
    for connection in (ClientEnd("chat.example", dice=Random(1)), ServerEnd()):
        assert (connection.tick(0.5), connection.deadline) == ([], 10.5)
        connection.receive(b"H" if connection.client else b"G")
        assert connection.deadline == 10.5, "a byte now and then buys no time"
        assert connection.tick(10.5) == [Closed(1006, why="the peer was silent for 10 s")]
        assert connection.state == CLOSED


def test_the_next_second_is_asked_for_when_something_was_spent() -> None:
    server = end(limits=Limits(frames=2))
    server.tick(100)
    assert server.deadline is None
    server.receive(wire(server, Frame(PONG)))
    assert server.deadline == 101
    assert (server.tick(101), server.deadline) == ([], None)
    both = end(limits=Limits(frames=2, keepalive=0.5))
    both.tick(100)
    both.receive(wire(both, Frame(PONG)))
    both.tick(100.2)
    assert both.deadline == 100.7, "the sooner of two"


def test_an_allowance_without_a_limit_is_never_over() -> None:
    allowance = Allowance(None)
    for _ in range(1_000):
        allowance.spend()
    allowance.tick(5)
    assert allowance.deadline is None


def test_a_timer_that_waits_for_ever() -> None:
    timer = Timer()
    assert not timer.over(5, None)
    assert timer.deadline is None
    assert not timer.over(1e12, None)
    timer.restart()
    assert timer.deadline == 0.0


@pytest.mark.parametrize("name", ["message", "frames", "patience", "keepalive"])
@pytest.mark.parametrize("limit", [0, -1, nan])
def test_a_limit_is_above_zero(name: str, limit: float) -> None:
    with pytest.raises(ValueError, match=f"a limit is above 0, unlike {name}: "):
        Limits(**{name: limit})
