"""What every shell must live through, told once. ``test_blocking`` and ``test_aio`` are these stories and a shell.

A shell that is written later inherits them: ``class TestThreads(Stories): shell = staticmethod(serve)``.
"""

import random
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from itertools import pairwise
from time import monotonic
from typing import ClassVar

import pytest

from netlab.serving import Address, Echo, Serve, Session, client, running
from netlab.serving.door import REST
from tests.serving.clients import (
    SOON,
    Watched,
    connect,
    descriptors,
    exactly,
    fill,
    is_reset,
    is_turned_away,
    narrow,
    no_descriptor_left,
    push,
    reset,
    rest,
)
from tests.serving.sessions import Bare, Beat, Broken, Final, Flood, Late, Patient, Sleepless

AT_ONCE = 0.5  # seconds within which a server stops, whatever its clients do, on a machine that is busy

STATES: dict[str, Callable[[], Session]] = {
    "nobody is there": Echo,
    "a client is silent": Echo,
    "a client is served, a client and a client wait outside": Echo,
    "a client never reads": Flood,
    "a client does not hang up": lambda: Final(b"bye"),
    "a half-closed client waits for an answer": Patient,
}


def answers(sock: socket.socket) -> bool:
    """Return whether an echo comes back on ``sock``."""
    sock.sendall(b"in?")
    return exactly(sock, 3) == b"in?"


def asks(address: tuple[str, int], question: bytes = b"still there?") -> bytes:
    """Return what the server answers to one more client."""
    with connect(address) as sock:
        sock.sendall(question)
        return exactly(sock, len(question))


class Stories:
    """The stories. A subclass says which shell lives through them, and how many clients it serves at a time."""

    shell: ClassVar[Serve]
    limit: ClassVar[int] = 1

    def running(self, new_session=Echo, **options) -> AbstractContextManager[Address]:
        return running(self.shell, new_session, **options)

    # ------------------------------------------------------------------------------------------------- conversations

    def test_echo(self) -> None:
        with self.running() as address, connect(address) as sock:
            for word in (b"hello", b"world"):
                sock.sendall(word)
                assert exactly(sock, 5) == word
        assert address.failures == ()

    def test_bytes_arrive_in_any_pieces(self) -> None:
        text = random.Random(4).randbytes(3000)
        cuts = [0, *sorted(random.Random(5).sample(range(1, 3000), 200)), 3000]
        with self.running() as address, connect(address) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for start, stop in pairwise(cuts):
                sock.sendall(text[start:stop])
            assert exactly(sock, 3000) == text

    def test_a_mebibyte_there_and_back_while_the_client_reads(self) -> None:
        text = random.Random(6).randbytes(1 << 20)
        with self.running() as address, connect(address) as sock, ThreadPoolExecutor(1) as reader:
            heard = reader.submit(exactly, sock, len(text))
            sock.sendall(text)
            assert heard.result(SOON) == text

    def test_a_mebibyte_there_and_back_through_small_buffers(self) -> None:
        text = random.Random(7).randbytes(1 << 20)
        with (
            narrow() as listener,
            self.running(at=listener) as address,
            connect(address) as sock,
            ThreadPoolExecutor(1) as reader,
        ):
            heard = reader.submit(exactly, sock, len(text))
            sock.sendall(text)
            assert heard.result(SOON) == text

    def test_one_client_after_the_other(self) -> None:
        with self.running() as address:
            for number in range(20):
                assert asks(address, b"%d" % number) == b"%d" % number

    def test_a_session_each(self) -> None:
        made = []

        def new_session() -> Session:
            made.append(Late())
            return made[-1]

        with self.running(new_session) as address:
            for word in (b"one", b"two"):
                with connect(address) as sock:
                    sock.sendall(word)
                    sock.shutdown(socket.SHUT_WR)
                    assert rest(sock) == word[::-1]
        assert [session.heard for session in made] == [b"one", b"two"]

    def test_more_clients_than_the_limit_wait_outside(self) -> None:
        made = []

        def new_session() -> Session:
            made.append(Echo())
            return made[-1]

        with self.running(new_session) as address, ExitStack() as stack:
            inside = [stack.enter_context(connect(address)) for _ in range(self.limit)]
            assert all(answers(sock) for sock in inside)
            outside = stack.enter_context(connect(address))  # the kernel says yes,
            outside.sendall(b"and me")
            assert all(answers(sock) for sock in inside * 3)
            assert len(made) == self.limit  # the server does not,
            inside.pop().close()
            assert exactly(outside, 6) == b"and me"  # until somebody leaves
            assert len(made) == self.limit + 1

    # ------------------------------------------------------------------------------------------------------- endings

    def test_a_client_that_resets_is_forgotten(self) -> None:
        with self.running() as address:
            for said in (b"", b"x", bytes(1 << 16)):
                sock = connect(address)
                sock.sendall(said)
                reset(sock)
                assert asks(address) == b"still there?"
        assert address.failures == ()

    def test_a_client_that_resets_while_it_is_being_answered_is_forgotten(self) -> None:
        with self.running(Flood) as address, connect(address) as sock:
            sock.sendall(b"go")
            assert exactly(sock, 1) == bytes(1)
            reset(sock)
            assert asks(address, b"next") == bytes(4)
        assert address.failures == ()

    def test_a_client_that_closes_its_side_is_still_answered(self) -> None:
        with self.running() as address, connect(address) as sock:
            sock.sendall(b"last words")
            sock.shutdown(socket.SHUT_WR)
            assert rest(sock) == b"last words"

    def test_even_when_the_answer_takes_time(self) -> None:
        with self.running(Late) as address, connect(address) as sock:
            sock.sendall(b"olleh")
            sock.shutdown(socket.SHUT_WR)
            assert rest(sock) == b"hello"
        assert address.failures == ()

    def test_a_client_that_says_nothing_and_closes_is_hung_up_on(self) -> None:
        with self.running() as address, connect(address) as sock:
            sock.shutdown(socket.SHUT_WR)
            assert rest(sock) == b""

    def test_clients_that_vanish_before_they_are_let_in(self) -> None:
        with self.running() as address, connect(address) as first:
            first.sendall(b"a")
            assert exactly(first, 1) == b"a"
            for end in (reset, socket.socket.close, reset):  # where one is served at a time, they are still outside
                end(connect(address))
            first.close()
            assert asks(address) == b"still there?"
        assert address.failures == ()

    def test_a_last_answer_arrives_whole_though_the_client_said_more_than_was_read(self) -> None:
        """Closing with unread input would make TCP reset the connection (RFC 9293 §3.6.1) and lose the answer."""
        answer = random.Random(8).randbytes(8 << 20)
        with self.running(lambda: Final(answer)) as address, connect(address) as sock:
            sock.sendall(bytes(300_000))  # the session takes one piece of it
            assert rest(sock) == answer
            sock.sendall(b"and another thing")  # the server still listens politely
        assert address.failures == ()

    def test_a_client_that_never_stops_talking_is_cut_off(self, monkeypatch) -> None:
        monkeypatch.setattr(client, "PATIENCE", 0.05)
        with self.running(lambda: Final(b"bye")) as address, connect(address) as sock:
            push(sock, bytes(1 << 20))
            assert asks(address, b"ask") == b"bye"

    # ---------------------------------------------------------------------------------------------------------- time

    def test_a_session_is_woken_by_its_deadline(self) -> None:
        beat = Beat()
        with self.running(lambda: beat) as address, connect(address) as sock:
            assert rest(sock) == b"beat\n" * 3
        assert len(beat.times) == 3
        assert all(later - sooner >= 0.01 for sooner, later in pairwise(beat.times))

    def test_a_client_that_never_reads_is_not_read_from(self) -> None:
        counted = []

        class Counting(Echo):
            def receive(self, data: bytes) -> bytes:
                counted.append(len(data))
                return data

        with narrow() as listener, self.running(Counting, at=listener) as address, connect(address) as sock:
            sock.setblocking(False)
            told = fill(sock)
            assert sum(counted) <= told < 32 << 20  # what the kernels' buffers hold and not what we would have sent
            sock.settimeout(SOON)  # and from the moment that it reads, all goes on
            assert exactly(sock, told) == bytes(told)

    def test_a_client_that_never_reads_is_ended_by_the_deadline(self, monkeypatch) -> None:
        monkeypatch.setattr(client, "PATIENCE", 0.05)
        with self.running(lambda: Flood(0.05)) as address, connect(address) as sock:
            push(sock, bytes(1 << 20))  # which nobody reads: it ends when the server has had enough
            with connect(address) as another:
                another.sendall(b"go")
                assert exactly(another, 1) == bytes(1)
        assert address.failures == ()

    # ------------------------------------------------------------------------------------------- sessions that raise

    @pytest.mark.parametrize(
        ("said", "kind", "why"),
        [
            (b"raise", ZeroDivisionError, "in receive"),
            (b"tick", ZeroDivisionError, "in tick"),
            (b"str", TypeError, "Broken returned 'not bytes', where it must return bytes"),
            (b"None", TypeError, "Broken returned None, where it must return bytes"),
            (b"OSError", ConnectionResetError, "somewhere else"),
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
