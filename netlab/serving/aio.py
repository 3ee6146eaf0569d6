"""Many clients on one thread: a coroutine for each, and one loop that asks the kernel which of them can go on.

Put it beside ``blocking.py``: it reads the same but for ``await``. Where the blocking shell waits for its client, a
coroutine says what it waits for and lets the others run. So a silent client costs a coroutine, not the server; but a
session that computes for a second keeps everybody waiting for a second.

There are no streams and no transports here, only asyncio's loop: who waits for a socket adds a reader or a writer,
who waits for a time adds a timer, and both do nothing but resolve a future that the coroutine awaits. That is what
the rest of asyncio is built of, too.

>>> from netlab.serving import Echo, running
>>> with running(serve, Echo) as address:
...     with socket.create_connection(address), socket.create_connection(address) as second:
...         second.sendall(b"me too")  # the first says nothing, and nobody minds
...         second.recv(6, socket.MSG_WAITALL)
b'me too'
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from math import inf
from selectors import EVENT_READ, EVENT_WRITE
from typing import TYPE_CHECKING

from netlab.serving.client import Client
from netlab.serving.door import Door
from netlab.serving.session import NewSession

if TYPE_CHECKING:
    import asyncio


def serve(
    listener: socket.socket, new_session: NewSession, stop: socket.socket, *, limit: int = 100
) -> Sequence[BaseException]:
    """Serve up to ``limit`` clients of ``listener`` at a time until ``stop`` becomes readable.

    Returns what their sessions raised. The loop is a selector's, because the one that Windows prefers cannot wait
    for sockets that somebody else made.
    """
    import asyncio  # noqa: PLC0415 - 35 ms, for those who serve with it and not for all who read its source

    with Door(listener, new_session, limit) as door, asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        runner.run(receive(runner.get_loop(), door, stop))
    return door.failures  # the runner has ended the conversations, and then the door has hung up on the clients


async def receive(loop: asyncio.AbstractEventLoop, door: Door, stop: socket.socket) -> None:
    """Let clients in, and start a conversation with each, until ``stop`` becomes readable."""
    talks: set[asyncio.Task[None]] = set()  # the loop refers to its tasks only weakly: somebody must hold them
    while await wait(loop, door, stop):
        if client := door.admit(loop.time()):
            talks.add(talk := loop.create_task(converse(loop, door, client)))
            talk.add_done_callback(talks.discard)


async def converse(loop: asyncio.AbstractEventLoop, door: Door, client: Client) -> None:
    """Serve one client until it is gone; then it leaves by ``door``.

    It does not look at ``stop``: when the server goes home, the runner cancels every conversation where it waits.
    """
    while door.step(client, loop.time()) and await wait(loop, client):
        pass
    door.leave(client)


async def wait(loop: asyncio.AbstractEventLoop, who: Client | Door, stop: socket.socket | None = None) -> bool:
    """Let others run until ``who`` is ready or its deadline has come. Return False as soon as ``stop`` is readable.

    The loop's clock is ``time.monotonic``, as everywhere in this room.
    """
    woken, stopped = loop.create_future(), loop.create_future()
    fd = who.fileno()  # keep the number: a door's changes when it fills while we wait
    timer = loop.call_at(inf if who.deadline is None else who.deadline, _wake, woken)
    if who.wants & EVENT_READ:
        loop.add_reader(fd, _wake, woken)
    if who.wants & EVENT_WRITE:
        loop.add_writer(fd, _wake, woken)
    if stop:
        loop.add_reader(stop, _wake, woken, stopped)
    try:
        await woken
        return not stopped.done()
    finally:
        timer.cancel()
        loop.remove_reader(fd)
        loop.remove_writer(fd)
        if stop:
            loop.remove_reader(stop)


def _wake(*futures: asyncio.Future[None]) -> None:
    """Resolve what a coroutine awaits. It goes on in the loop's next turn, so more than one reason may come in this."""
    for future in futures:
        if not future.done():
            future.set_result(None)
