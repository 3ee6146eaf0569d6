"""``running``: where it listens, what it yields, how it ends, and that nothing is left when anything goes wrong."""

import socket
import threading
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from netlab.serving import Address, Echo, Session, running
from netlab.serving.blocking import serve
from tests.serving.clients import connect, descriptors, exactly, is_reset
from tests.serving.sessions import Broken

SOMAXCONN = Path("/proc/sys/net/core/somaxconn")


@pytest.fixture(autouse=True)
def no_thread_no_descriptor():
    """Every test here leaves what it found, also those in which something fails."""
    before = threading.active_count(), descriptors()
    yield
    assert (threading.active_count(), descriptors()) == before


def talk(address: Address) -> bytes:
    with connect(address) as sock:
        sock.sendall(b"hello")
        return exactly(sock, 5)


def test_the_address_is_a_pair_that_sockets_take() -> None:
    with running(serve, Echo) as address:
        host, port = address
        assert (host, port) == (address.host, address.port) == address
        assert host == "127.0.0.1"
        assert port > 0
        assert talk(address) == b"hello"
        with socket.socket() as sock:
            sock.connect(address)


def test_two_servers_have_two_ports() -> None:
    with running(serve, Echo) as one, running(serve, Echo) as two:
        assert one != two
        assert talk(one) == talk(two) == b"hello"


def test_ipv6() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 on this machine")
    with running(serve, Echo, at="::1") as address:
        assert address.host == "::1"
        assert talk(address) == b"hello"


def test_a_listener_that_the_caller_made_is_used_and_closed() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    with running(serve, Echo, at=listener) as address:
        assert address == listener.getsockname()
        assert talk(address) == b"hello"
    assert listener.fileno() == -1


@pytest.mark.parametrize("host", ["0.0.0.0", "", "::", "192.0.2.1", "localhost", "127.example.org", "::ffff:127.0.0.1"])
def test_it_listens_on_loopback_unless_the_caller_insists(host: str) -> None:
    with (
        pytest.raises(ValueError, match=r"listens on 127\.0\.0\.1, or .* or ::1, but not on"),
        running(serve, Echo, at=host),
    ):
        pass


def test_after_the_block_nobody_is_there() -> None:
    with running(serve, Echo) as address, connect(address) as silent:
        pass
    with silent, pytest.raises(ConnectionError):
        connect(address)


def test_failures_are_known_after_the_block() -> None:
    with running(serve, Broken) as address:
        with pytest.raises(ValueError, match="the server still runs: leave the block"):
            address.failures  # noqa: B018 - asking is what raises
        with connect(address) as sock:
            sock.sendall(b"raise")
            assert is_reset(sock)
    (failure,) = address.failures
    with pytest.raises(ZeroDivisionError):  # whoever wants to see where it was raised, raises it
        raise failure


@pytest.mark.skipif(not SOMAXCONN.exists(), reason="only Linux says how many may wait outside")
def test_hundreds_may_wait_outside() -> None:
    """Python's own default is a room for 128. Whoever finds it full gets no answer, and tries again after a second."""
    if int(SOMAXCONN.read_text()) < 512:
        pytest.skip("this machine keeps fewer outside")
    with running(serve, Echo) as address, ExitStack() as stack:
        assert talk(address) == b"hello"
        for _ in range(400):
            stack.enter_context(connect(address))


# ------------------------------------------------------------------------------------------------- when things go wrong


def test_what_the_shell_raises_is_raised_where_the_block_is_left() -> None:
    def broken(listener, new_session, stop):
        raise ZeroDivisionError("in the shell")

    with pytest.raises(ZeroDivisionError, match="in the shell"), running(broken, Echo):
        pass


def test_a_shell_that_died_keeps_nobody_waiting() -> None:
    """Its listener is closed at once: a client is refused, or reset, and does not wait for ever."""

    def broken(listener, new_session, stop):
        raise ZeroDivisionError("in the shell")

    def knock() -> None:
        with running(broken, Echo) as address:
            talk(address)

    with pytest.raises(ConnectionError) as caught:
        knock()
    (note,) = caught.value.__notes__
    assert note.startswith("Meanwhile, in the server:\nTraceback")
    assert "ZeroDivisionError: in the shell" in note


def test_a_shell_that_breaks_hangs_up_on_its_clients() -> None:
    def breaking(listener, new_session, stop):
        def failing() -> Session:
            listener.close()  # behind the server's back
            return new_session()

        serve(listener, failing, stop)

    def talk_once() -> None:
        with running(breaking, Echo) as address:
            assert talk(address) == b"hello"

    with pytest.raises(ValueError, match="Invalid file descriptor"):
        talk_once()


def test_what_the_block_raises_comes_first() -> None:
    with pytest.raises(KeyError) as caught, running(serve, Echo):
        raise KeyError("in the block")
    assert not hasattr(caught.value, "__notes__")


def test_and_tells_what_its_sessions_raised() -> None:
    """A test that fails because of the server says so itself."""

    def expect_an_echo() -> None:
        with running(serve, Broken) as address, connect(address) as sock:
            sock.sendall(b"raise")
            assert not is_reset(sock)

    with pytest.raises(AssertionError) as caught:
        expect_an_echo()
    (note,) = caught.value.__notes__
    assert "ZeroDivisionError: in receive" in note
    assert "in the session with ('127.0.0.1', " in note


def test_a_session_that_computes_for_ever(monkeypatch) -> None:
    """No thread can be killed from outside: it is left behind, its sockets are closed, and the caller is told."""
    begun, done = threading.Event(), threading.Event()

    class Endless(Session):
        def receive(self, data: bytes) -> bytes:
            begun.set()
            done.wait()
            return b""

    before = set(threading.enumerate())

    def start_it() -> None:
        with running(serve, Endless, patience=0.05) as address, connect(address) as sock:
            sock.sendall(b"go")
            assert begun.wait(10)

    with pytest.raises(TimeoutError, match=r"netlab server on .* did not stop within 0.05 s: is a session still"):
        start_it()
    (left,) = set(threading.enumerate()) - before
    assert left.daemon  # the interpreter may end without it
    done.set()
    left.join(10)


def test_no_thread_to_be_had(monkeypatch) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(RuntimeError, match="can't start new thread"), running(serve, Echo):
        pytest.fail("there is no server")


def test_no_second_socket_to_be_had(monkeypatch) -> None:
    def refuse() -> tuple[socket.socket, socket.socket]:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(socket, "socketpair", refuse)
    with pytest.raises(OSError, match="Too many open files"), running(serve, Echo):
        pytest.fail("there is no server")


def test_a_shell_may_return_nothing() -> None:
    """A reader's own shell, which keeps no record."""

    def once(listener, new_session, stop):
        with listener.accept()[0] as sock:
            sock.sendall(new_session().receive(sock.recv(100)))

    with running(once, Echo) as address:
        assert talk(address) == b"hello"
    assert address.failures == ()


def test_options_of_a_shell_are_bound_beforehand() -> None:
    def polite(listener, new_session, stop, *, word):
        with listener.accept()[0] as sock:
            sock.sendall(word)

    with running(partial(polite, word=b"hello"), Echo) as address:
        assert talk(address) == b"hello"
