"""One client, step by step: real sockets, no thread, and a clock that stands still until the story moves it."""

import socket
from selectors import EVENT_READ, EVENT_WRITE

import pytest

from netlab.serving import Echo, Session
from netlab.serving.client import CHUNK, Phase
from tests.serving.clients import exactly
from tests.serving.sessions import Final, Ticking
from tests.serving.talk import Talk


def test_it_says_what_it_waits_for(talk: Talk) -> None:
    client = talk.with_(Echo())
    assert client.deadline == 0.0  # step me first
    assert client.step(now=10)
    assert (client.wants, client.deadline, client.phase) == (EVENT_READ, None, Phase.TALKING)
    assert client.fileno() == talk.ours.fileno()


def test_it_answers_within_the_step_in_which_it_hears(talk: Talk) -> None:
    client = talk.with_(Echo())
    talk.peer.sendall(b"hello")
    talk.arrived(5)
    assert client.step(now=10)
    assert exactly(talk.peer, 5) == b"hello"
    assert (client.wants, bytes(client.owed)) == (EVENT_READ, b"")


def test_while_it_owes_it_does_not_hear(talk: Talk) -> None:
    """What bounds the memory that a client can make us use: the answer to one piece of what it sent."""
    answers = [4 << 20, 0, 0]
    heard: list[bytes] = []

    class Wordy(Session):
        def receive(self, data: bytes) -> bytes:
            heard.append(data)
            return bytes(answers[len(heard) - 1])

    client = talk.with_(Wordy())
    talk.peer.sendall(b"go")
    talk.arrived(2)
    for _ in range(5):
        assert client.step(now=10)
        assert client.wants == EVENT_WRITE
        talk.peer.sendall(b"more")
    assert heard == [b"go"]
    assert 0 < len(client.owed) <= 4 << 20
    taken = 0
    while client.owed:
        taken += len(talk.peer.recv(CHUNK))
        assert client.step(now=10)
    exactly(talk.peer, (4 << 20) - taken)
    talk.arrived(4)
    while len(heard) < 2:
        assert client.step(now=10)
    assert (b"".join(heard), client.wants) == (b"go" + b"more" * 5, EVENT_READ)


def test_one_step_hears_one_piece(talk: Talk) -> None:
    session = Ticking(0)
    session.deadline = None
    client = talk.with_(session)
    talk.peer.setblocking(False)
    talk.peer.send(bytes(CHUNK + 1))
    client.step(now=10)
    assert sum(map(len, session.heard)) <= CHUNK


def test_it_is_ticked_when_the_deadline_has_come_and_not_before(talk: Talk) -> None:
    client = talk.with_(session := Ticking())
    for now in (10, 10.9, 11, 11.5, 12, 20):
        assert client.step(now)
        assert client.deadline == session.deadline
    assert session.heard == [10, 11, 12, 20]
    assert exactly(talk.peer, 4) == bytes(4)


def test_the_clock_comes_before_the_bytes(talk: Talk) -> None:
    client = talk.with_(session := Ticking(0))
    talk.peer.sendall(b"hi")
    talk.arrived(2)
    client.step(now=10)
    assert session.heard == [10, b"hi"]


def test_the_end_comes_once_and_what_has_a_deadline_lives_on(talk: Talk) -> None:
    client = talk.with_(session := Ticking())
    talk.peer.shutdown(socket.SHUT_WR)
    talk.arrived(0)
    assert [client.step(now) for now in (10, 10.5, 11)] == [True] * 3
    assert session.heard == [10, b"", 11]
    assert client.wants == 0  # at its end a socket is always readable: to wait for that is not to wait
    session.deadline = None
    assert not client.step(now=12)
    assert client.phase is Phase.GONE


def test_a_session_that_has_hung_up_is_left_alone(talk: Talk) -> None:
    class Gone(Final):
        def tick(self, now: float) -> bytes:
            raise AssertionError

    client = talk.with_(session := Gone(b"bye"))
    talk.peer.sendall(b"go")
    talk.arrived(2)
    assert client.step(now=10)
    session.deadline = 0.0
    talk.peer.sendall(b"go")
    assert client.step(now=10)
    assert exactly(talk.peer, 9) == b"bye"


def test_a_session_that_never_opens(talk: Talk) -> None:
    class Closed(Session):
        closed, deadline = True, 0.0

        def receive(self, data: bytes) -> bytes:
            raise AssertionError

        tick = receive  # type: ignore[assignment]

    client = talk.with_(Closed())
    talk.peer.sendall(b"hello?")
    assert client.step(now=10)
    assert talk.peer.recv(1) == b""


def test_a_session_need_not_inherit(talk: Talk) -> None:
    class Upper:
        closed = False
        deadline = None

        def receive(self, data: bytes) -> bytearray:
            return bytearray(data.upper())  # nor be strict about what bytes are

        def tick(self, now: float) -> bytes:
            raise AssertionError

    client = talk.with_(Upper())
    talk.peer.sendall(b"hello")
    talk.arrived(5)
    assert client.step(now=10)
    assert exactly(talk.peer, 5) == b"HELLO"


def test_a_session_is_told_when_it_breaks_its_promise(talk: Talk) -> None:
    session = Ticking()
    session.tick = lambda now: b""  # type: ignore[method-assign] - leaves the deadline where it was
    with pytest.raises(ValueError, match=r"at 10 s a tick asked to be woken by 0.0 s, and so for ever"):
        talk.with_(session).step(now=10)
