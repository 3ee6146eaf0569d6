"""How a client comes to its end: it does not read, it is said goodbye to, or it is gone. Time is the story's."""

import socket
from selectors import EVENT_READ, EVENT_WRITE

import pytest

from netlab.serving import Echo
from netlab.serving.client import CHUNK, PATIENCE, PILE, Phase
from tests.serving.clients import exactly, is_reset, reset
from tests.serving.sessions import Final, Ticking
from tests.serving.talk import Talk


def test_ticks_do_not_pile_up_before_somebody_who_does_not_read(tcp: Talk) -> None:
    client = tcp.with_(Ticking(PILE // 4))
    steps = 0
    while client.step(now=10 + steps):
        steps += 1
        assert steps < 400  # the kernel takes some MB of them before it is full
    assert client.phase is Phase.GONE
    assert len(client.owed) <= PILE * 3 // 2
    client.hang_up()
    assert is_reset(tcp.peer)


def test_but_who_reads_may_be_told_without_end(talk: Talk) -> None:
    client = talk.with_(Ticking(PILE // 4))
    for second in range(10):
        assert client.step(now=10 + second)
        while client.owed:
            talk.peer.recv(CHUNK)
            assert client.step(now=10 + second)


def test_what_has_been_read_is_no_pile_any_more(talk: Talk) -> None:
    client = talk.with_(Ticking(PILE // 3))
    for second in range(12):
        assert client.step(now=10 + second)
        while second % 3 == 2 and client.owed:  # it reads now and then
            talk.peer.recv(CHUNK)
            assert client.step(now=10 + second)


def test_one_long_tick_is_no_pile(talk: Talk) -> None:
    client = talk.with_(Ticking(2 * PILE))
    assert client.step(now=10)
    assert client.step(now=10.5)


def test_one_long_answer_is_no_pile(talk: Talk) -> None:
    """A session may owe 4 MiB and ping now and then: a client that takes its time is not one that does not read."""

    class Pinging(Ticking):
        def receive(self, data: bytes) -> bytes:
            return bytes(4 * PILE)

    client = talk.with_(Pinging())
    talk.peer.sendall(b"go")
    talk.arrived(2)
    assert all(client.step(now) for now in range(10, 40))


def test_saying_goodbye_in_stages(talk: Talk) -> None:
    client = talk.with_(Final(bytes(2_000_000)))
    talk.peer.sendall(b"go, and more")
    talk.arrived(12)
    assert client.step(now=10)
    assert (client.phase, client.deadline, client.wants) == (Phase.FLUSHING, 10 + PATIENCE, EVENT_WRITE)
    got = 0
    while client.owed:
        got += len(talk.peer.recv(CHUNK))
        assert client.step(now=11)
    assert (client.phase, client.deadline, client.wants) == (Phase.DRAINING, 11 + PATIENCE, EVENT_READ)
    talk.peer.sendall(b"never mind")
    assert exactly(talk.peer, 2_000_000) == bytes(2_000_000 - got)  # and then our FIN
    assert client.step(now=12)
    talk.peer.shutdown(socket.SHUT_WR)
    talk.arrived(0)
    while client.step(now=12):
        pass
    assert client.phase is Phase.GONE


def test_who_takes_a_little_gains_time_and_who_takes_nothing_does_not(talk: Talk) -> None:
    client = talk.with_(Final(bytes(8 << 20)))
    talk.peer.sendall(b"go")
    talk.arrived(2)
    now = 10.0
    assert client.step(now)
    for _ in range(4):
        now += PATIENCE * 0.9
        exactly(talk.peer, CHUNK)
        assert client.step(now)
        assert client.deadline == now + PATIENCE
    assert client.step(now + PATIENCE * 0.9)
    assert not client.step(now + PATIENCE)
    assert client.owed


def test_who_talks_on_is_heard_for_a_while(talk: Talk) -> None:
    client = talk.with_(Final(b"bye"))
    for now in (10.0, 10.1, 10 + PATIENCE * 0.9):
        talk.peer.sendall(b"and another thing")
        talk.arrived(1)
        assert client.step(now)
    talk.peer.sendall(b"and another thing")
    assert not client.step(10 + PATIENCE)  # talking gains nothing


@pytest.mark.parametrize("phase", [Phase.TALKING, Phase.FLUSHING, Phase.DRAINING])
def test_a_peer_that_resets_is_gone_in_any_phase(tcp: Talk, phase: Phase) -> None:
    answer = {Phase.TALKING: Echo(), Phase.FLUSHING: Final(bytes(64 << 20)), Phase.DRAINING: Final(b"bye")}
    client = tcp.with_(answer[phase])
    tcp.peer.sendall(b"go")
    tcp.arrived(2)
    assert client.step(now=10)
    assert client.phase is phase
    if phase is not Phase.FLUSHING:
        tcp.peer.recv(10)
    reset(tcp.peer)
    steps = 0
    while client.step(now=10):
        steps += 1
        assert steps < 1000
    client.hang_up()
    assert tcp.ours.fileno() == -1


@pytest.mark.parametrize("found", ["while we listen", "while we send", "while it takes nothing"])
def test_a_session_is_told_once_that_its_peer_is_gone(tcp: Talk, found: str) -> None:
    """A chat room must get to know that somebody left, however he left."""

    class Guest(Ticking):
        def receive(self, data: bytes) -> bytes:
            super().receive(data)
            return bytes(0 if found == "while we listen" else 64 << 20)

    guest = Guest(PILE)
    client = tcp.with_(guest)
    tcp.peer.sendall(b"hello")
    tcp.arrived(5)
    assert client.step(now=10)
    if found != "while it takes nothing":
        reset(tcp.peer)
    now = 10
    while client.step(now):
        now += 1
        assert now < 400
    assert [data for data in guest.heard if isinstance(data, bytes)] == [b"hello", b""]


def test_a_session_that_hung_up_is_told_nothing_more(tcp: Talk) -> None:
    class Heard(Final):
        def receive(self, data: bytes) -> bytes:
            assert not self.closed
            return super().receive(data)

    client = tcp.with_(Heard(b"bye"))
    tcp.peer.sendall(b"go")
    tcp.arrived(2)
    assert client.step(now=10)
    reset(tcp.peer)
    while client.step(now=11):
        pass
    assert client.phase is Phase.GONE
