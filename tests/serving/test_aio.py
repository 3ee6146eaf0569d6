"""The asyncio shell lives through all the stories, and serves many clients at a time."""

import socket
from contextlib import ExitStack
from functools import partial

import pytest

from netlab.serving import Echo, running
from netlab.serving.aio import serve
from tests.serving.clients import connect
from tests.serving.shell import answers
from tests.serving.stories import Stories


class TestAio(Stories):
    shell = staticmethod(partial(serve, limit=3))
    limit = 3

    def test_silent_clients_keep_nobody_waiting(self) -> None:
        with running(serve, Echo) as address, ExitStack() as stack:
            socks = [stack.enter_context(connect(address)) for _ in range(60)]
            assert all(answers(sock) for sock in socks[::-1])

    def test_two_reasons_to_wake_in_one_turn_of_the_loop(self, caplog) -> None:
        stop, waker = socket.socketpair()
        with socket.create_server(("127.0.0.1", 0)) as listener, stop, connect(listener.getsockname()):
            waker.close()
            assert not serve(listener, Echo, stop)
        assert not caplog.records  # what goes wrong in a callback, asyncio only logs

    @pytest.mark.parametrize("limit", [0, -1])
    def test_a_limit_that_lets_nobody_in(self, limit: int) -> None:
        server = running(partial(serve, limit=limit), Echo)
        with pytest.raises(ValueError, match=f"limit of {limit} clients serves nobody"), server:
            pass
