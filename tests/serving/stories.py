"""What every shell must live through, told once. ``test_blocking`` and ``test_aio`` are these stories and a shell.

A shell that is written later inherits them: ``class TestThreads(Stories): shell = staticmethod(serve)``.
"""

import random
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import pairwise

from netlab.serving import Echo, Session, client
from tests.serving.clients import SOON, connect, exactly, fill, narrow, push, reset, rest
from tests.serving.sessions import Beat, Final, Flood, Late
from tests.serving.shell import answers, asks
from tests.serving.troubles import Troubles


class Stories(Troubles):
    """All the stories: how conversations go and end, and what goes wrong."""

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
