"""One client, step by step: real sockets, no thread, and a clock that stands still until the story moves it."""

import socket
from collections.abc import Iterator
from selectors import EVENT_READ, EVENT_WRITE

import pytest

from netlab.serving import Client, Echo, Session
from netlab.serving.client import CHUNK, PATIENCE, PILE, Phase
from tests.serving.clients import SOON, exactly, is_reset, pair, reset
from tests.serving.sessions import Final


class Ticking(Session):
    """Says ``size`` bytes every second, whether anybody reads them or not."""

    deadline = 0.0

    def __init__(self, size: int = 1) -> None:
        self.size = size
        self.heard: list[object] = []

    def receive(self, data: bytes) -> bytes:
        self.heard.append(data)
        return b""

    def tick(self, now: float) -> bytes:
        self.heard.append(now)
        self.deadline = now + 1
        return bytes(self.size)


class Talk:
    """A peer, and the client that the server sees."""

    def __init__(self, peer: socket.socket, ours: socket.socket) -> None:
        self.peer, self.ours = peer, ours

    def with_(self, session: Session) -> Client:
        return Client(self.ours, session)

    def arrived(self, size: int) -> None:
        """Wait until the peer's last ``size`` bytes are there to be received, or its FIN if that is 0."""
        self.ours.setblocking(True)
        self.ours.recv(max(size, 1), socket.MSG_PEEK | socket.MSG_WAITALL)
        self.ours.setblocking(False)


@pytest.fixture
def talk() -> Iterator[Talk]:
    """Two ends of a pipe: fast, and soon full."""
    peer, ours = socket.socketpair()
    peer.settimeout(SOON)
    with peer, ours:
        yield Talk(peer, ours)


@pytest.fixture
def tcp() -> Iterator[Talk]:
    """Two ends of a TCP connection, where resets exist."""
    with pair() as (peer, ours):
        yield Talk(peer, ours)


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


def test_a_session_is_told_when_it_breaks_its_promise(talk: Talk) -> None:
    session = Ticking()
    session.tick = lambda now: b""  # type: ignore[method-assign] - leaves the deadline where it was
    with pytest.raises(ValueError, match=r"at 10 s a tick asked to be woken by 0.0 s, and so for ever"):
        talk.with_(session).step(now=10)
