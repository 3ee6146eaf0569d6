"""The door: who is let in, who waits, what is remembered, and what a shortage or a broken listener does."""

import errno
import select
import socket
from collections.abc import Iterator
from contextlib import suppress
from selectors import EVENT_READ
from threading import Thread

import pytest

from netlab.serving import Client, Door, Echo
from netlab.serving.door import KEPT, REST
from tests.serving.clients import SOON, connect, is_reset, rest


class Listener(socket.socket):
    """A listener on loopback whose accept fails in the ways that ``troubles`` says, and then works."""

    def __init__(self) -> None:
        super().__init__()
        self.bind(("127.0.0.1", 0))
        self.listen()
        self.troubles: list[int] = []

    def accept(self) -> tuple[socket.socket, object]:
        if self.troubles:
            raise OSError(self.troubles.pop(0), "as the test wants it")
        return super().accept()


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as listener:
        yield listener


def is_ready(door: Door) -> bool:
    """Return whether waiting for the door would end at once."""
    return door.wants == EVENT_READ and bool(select.select([door], [], [], 0)[0])


def enter(door: Door, now: float = 10) -> tuple[socket.socket, Client]:
    """Knock, be let in."""
    sock = connect(door.listener.getsockname())
    assert select.select([door.listener], [], [], SOON)[0]
    client = door.admit(now)
    assert client
    return sock, client


@pytest.mark.parametrize("limit", [0, -3])
def test_a_limit_that_lets_nobody_in(listener: Listener, limit: int) -> None:
    with pytest.raises(ValueError, match=f"a server with a limit of {limit} clients serves nobody"):
        Door(listener, Echo, limit)


def test_nobody_is_there(listener: Listener) -> None:
    with Door(listener, Echo, 2) as door:
        assert not is_ready(door)
        assert door.admit(now=10) is None
        assert door.deadline is None


def test_full_and_free_again(listener: Listener) -> None:
    with Door(listener, Echo, 2) as door:
        (one, first), (two, _) = enter(door), enter(door)
        with one, two, connect(listener.getsockname()) as three:
            assert select.select([listener], [], [], SOON)[0]  # somebody knocks,
            assert door.full
            assert not is_ready(door)  # which a full door does not hear:
            assert door.admit(now=10) is None  # nobody is let in who comes too early
            door.leave(first)
            assert rest(one) == b""
            assert is_ready(door)
            client = door.admit(now=10)
            assert client
            assert client.peer == three.getsockname()
            assert door.full
            assert not is_ready(door)  # an old ring is not heard twice


def test_who_leaves_on_another_thread_wakes_who_waits_at_the_full_door(listener: Listener) -> None:
    with Door(listener, Echo, 1) as door:
        sock, client = enter(door)
        leaver, awaited = Thread(target=door.leave, args=[client]), door.fileno()
        with sock:
            leaver.start()
            assert select.select([awaited], [], [], SOON)[0]
        leaver.join()


def test_thousands_leave_while_nobody_listens_to_the_bell(listener: Listener) -> None:
    with Door(listener, Echo, 1) as door:
        sock, client = enter(door)
        with sock:
            for _ in range(5000):  # more rings than fit into a socket's buffer
                door.leave(client)


@pytest.mark.parametrize("trouble", [errno.ECONNABORTED, errno.ECONNRESET, errno.EAGAIN])
def test_a_client_that_vanished_is_forgotten_at_once(listener: Listener, trouble: int) -> None:
    listener.troubles = [trouble]
    with Door(listener, Echo, 1) as door:
        assert door.admit(now=10) is None
        assert (door.wants, door.deadline) == (EVENT_READ, None)
        sock, _ = enter(door)
        sock.close()


@pytest.mark.parametrize("trouble", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EPROTO])
def test_a_shortage_is_sat_out(listener: Listener, trouble: int) -> None:
    listener.troubles = [trouble, trouble]
    with Door(listener, Echo, 1) as door, connect(listener.getsockname()):
        assert select.select([listener], [], [], SOON)[0]
        assert door.admit(now=10) is None
        assert (door.wants, door.deadline) == (0, 10 + REST)  # although the listener is readable
        assert door.admit(now=10 + REST / 2) is None
        assert len(listener.troubles) == 1  # it has not even tried
        assert door.admit(now=10 + REST) is None
        assert door.deadline == 10 + REST + REST
        assert door.admit(now=10 + REST + REST)
        assert door.deadline is None


@pytest.mark.parametrize("trouble", [errno.EBADF, errno.EINVAL, errno.ENOTSOCK, errno.EOPNOTSUPP])
def test_a_broken_listener_is_the_callers_to_know(listener: Listener, trouble: int) -> None:
    listener.troubles = [trouble]
    with Door(listener, Echo, 1) as door, pytest.raises(OSError, match="as the test wants it"):
        door.admit(now=10)


def test_who_is_inside_when_it_shuts_is_hung_up_on(listener: Listener) -> None:
    with Door(listener, Echo, 2) as door:
        (idle, _), (owed, client) = enter(door), enter(door)
        client.owed += b"half an answer"
    with idle, owed:
        assert (is_reset(idle), is_reset(owed)) == (False, True)
    assert not door.clients


def test_what_was_raised_is_remembered_but_not_without_end(listener: Listener) -> None:
    numbers = iter(range(KEPT + 5))

    def new_session() -> Echo:
        raise ValueError(str(next(numbers)))

    with Door(listener, new_session, 1) as door:
        for _ in range(KEPT + 5):
            with suppress(ConnectionError), connect(listener.getsockname()):
                assert select.select([listener], [], [], SOON)[0]
                assert door.admit(now=10) is None
    assert [str(failure) for failure in door.failures] == [str(number) for number in range(5, KEPT + 5)]
    assert "in the session with ('127.0.0.1', " in door.failures[0].__notes__[0]


def test_ctrl_c_means_the_server_and_not_the_session_in_which_it_comes(listener: Listener) -> None:
    class Interrupted(Echo):
        def receive(self, data: bytes) -> bytes:
            raise KeyboardInterrupt

    with Door(listener, Interrupted, 1) as door:
        sock, client = enter(door)
        with sock:
            sock.sendall(b"go")
            assert select.select([client], [], [], SOON)[0]
            with pytest.raises(KeyboardInterrupt):
                door.step(client, now=10)
    assert not door.failures


def test_nagle_does_not_hold_back_what_is_owed(listener: Listener) -> None:
    with Door(listener, Echo, 1) as door:
        sock, client = enter(door)
        with sock:
            assert client.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no Unix sockets here")
def test_it_also_opens_to_sockets_that_are_not_tcp(tmp_path) -> None:
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as sock:
        listener.bind(str(tmp_path / "door"))
        listener.listen()
        sock.connect(str(tmp_path / "door"))
        with Door(listener, Echo, 1) as door:
            assert door.admit(now=10)
