"""What goes wrong while a server runs, told once for every shell: its sessions, its machine, and being told to stop."""

import socket
import threading
from asyncio import CancelledError
from collections.abc import Callable
from contextlib import ExitStack
from time import monotonic

import pytest

from netlab.serving import Echo, Session
from netlab.serving.door import REST
from tests.serving.clients import (
    SOON,
    Watched,
    connect,
    descriptors,
    exactly,
    is_reset,
    is_turned_away,
    no_descriptor_left,
)
from tests.serving.sessions import Bare, Broken, Final, Flood, Patient, Sleepless
from tests.serving.shell import Shell, asks

AT_ONCE = 0.5  # seconds within which a server stops, whatever its clients do, on a machine that is busy

STATES: dict[str, Callable[[], Session]] = {
    "nobody is there": Echo,
    "a client is silent": Echo,
    "a client is served, a client and a client wait outside": Echo,
    "a client never reads": Flood,
    "a client does not hang up": lambda: Final(b"bye"),
    "a half-closed client waits for an answer": Patient,
}


class Troubles(Shell):
    """The stories of what goes wrong."""

    # ------------------------------------------------------------------------------------------- sessions that raise

    @pytest.mark.parametrize(
        ("said", "kind", "why"),
        [
            (b"raise", ZeroDivisionError, "in receive"),
            (b"tick", ZeroDivisionError, "in tick"),
            (b"str", TypeError, "Broken returned 'not bytes', where it must return bytes"),
            (b"None", TypeError, "Broken returned None, where it must return bytes"),
            (b"OSError", ConnectionResetError, "somewhere else"),
            (b"exit", SystemExit, "enough"),
            (b"cancel", CancelledError, "in receive"),
            (b"text", TypeError, "Broken has the deadline 'soon', where it must have seconds or None"),
            (b"nan", TypeError, "Broken has the deadline nan, where it must have seconds or None"),
            (b"huge", OverflowError, "int too large to convert to float"),
        ],
    )
    def test_a_session_that_raises_ends_its_client_alone(self, said: bytes, kind: type, why: str) -> None:
        with self.running(Broken) as address:
            with connect(address) as sock:
                sock.sendall(b"ok")
                assert exactly(sock, 2) == b"ok"
                sock.sendall(said)
                assert is_reset(sock)  # not an end: nobody shall take what came for a whole answer
                me = sock.getsockname()
            assert asks(address) == b"still there?"
        (failure,) = address.failures
        assert type(failure) is kind
        assert (str(failure), failure.__notes__) == (why, [f"in the session with {me}"])

    def test_a_session_that_cannot_even_be_made(self) -> None:
        attempts = iter([ZeroDivisionError("no session for you")])

        def new_session() -> Session:
            for error in attempts:
                raise error
            return Echo()

        with self.running(new_session) as address:
            assert is_turned_away(address)
            assert asks(address) == b"still there?"
        assert list(map(str, address.failures)) == ["no session for you"]

    @pytest.mark.parametrize(
        ("new_session", "why"), [(Sleepless, "asked to be woken"), (Bare, "'Bare' object has no attribute")]
    )
    def test_a_session_that_is_none(self, new_session: Callable[[], Session], why: str) -> None:
        with self.running(new_session) as address:
            assert is_turned_away(address)
        assert why in str(*address.failures)

    # ----------------------------------------------------------------------------------------------------------- stop

    @pytest.mark.serial
    @pytest.mark.parametrize(("state", "new_session"), STATES.items(), ids=STATES)
    def test_it_stops_at_once(self, state: str, new_session: Callable[[], Session]) -> None:
        with ExitStack() as stack:
            with self.running(new_session) as address:
                socks = [stack.enter_context(connect(address)) for _ in range(state.count("client"))]
                for sock in socks[:1]:
                    sock.sendall(b"one")
                    if "half-closed" in state:
                        sock.shutdown(socket.SHUT_WR)
                    assert exactly(sock, 1)  # from here on the server is in that state
                start = monotonic()
            assert monotonic() - start < AT_ONCE
            ends = [is_reset(sock) for sock in socks]  # every client is told; who was cut off in mid-answer, by a reset
            assert not ends or ends[0] == ("never reads" in state)
        assert address.failures == ()

    def test_to_stop_comes_before_who_knocks(self) -> None:
        """However many clients keep coming: each makes room at once, and the next one knocks before it has left."""
        made: list[int] = []
        stop, waker = socket.socketpair()
        with socket.create_server(("127.0.0.1", 0)) as listener, stop, waker, ExitStack() as knockers:

            def new_session() -> Session:
                waker.close()
                made.append(len(made))
                if len(made) < 100:
                    knockers.enter_context(connect(listener.getsockname()))
                raise ZeroDivisionError

            knockers.enter_context(connect(listener.getsockname()))
            self.shell(listener, new_session, stop)
        assert 1 <= len(made) <= self.limit  # several threads may have seen the first one come

    @pytest.mark.serial
    def test_a_hundred_servers_leave_nothing(self) -> None:
        """What pytest's own thread holds is counted by tests/conftest.py too; here nothing may remain on the way."""
        with self.running() as address:
            asks(address)  # whatever is made once, is made
        before = threading.active_count(), descriptors()
        for _ in range(100):
            with self.running() as address:
                assert asks(address) == b"still there?"
        assert (threading.active_count(), descriptors()) == before

    # ----------------------------------------------------------------------------------------------------- shortages

    def test_no_descriptor_left(self) -> None:
        """EMFILE from accept: the server pauses, tries again, and serves the client when there is room."""
        with Watched() as listener, self.running(at=listener) as address, socket.socket() as sock:
            sock.settimeout(SOON)
            assert listener.awaited.wait(SOON)  # the server has all that it needs for itself
            with no_descriptor_left():
                sock.connect(address)  # into the kernel's queue
                assert all(listener.failed.acquire(timeout=SOON) for _ in range(self.limit + 1))
            sock.sendall(b"and now?")
            assert exactly(sock, 8) == b"and now?"
        # A pause, not a loop at 100 % of a processor. (Where several threads let clients in, each finds out by itself.)
        assert listener.times[self.limit] - listener.times[0] >= REST
        assert address.failures == ()
