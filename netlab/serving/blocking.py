"""The simplest server: one client after the other, on one thread. The next one waits outside.

    wait for the door -> let one client in -> wait for it, do a step, wait for it, ... -> it leaves -> again

It waits in one place, for one thing at a time. "Blocking" therefore means: while it serves you it serves nobody else,
however long you are silent. It does not block in ``recv`` or ``send``, for a thread that does cannot be asked to stop;
it waits for its client and for ``stop`` together, and then does what does not block.

>>> from netlab.serving import Echo, running
>>> with running(serve, Echo) as address:
...     with socket.create_connection(address) as first, socket.create_connection(address) as second:
...         second.sendall(b"me too")  # the kernel keeps it: the server is busy with the first, who says nothing
...         first.close()
...         second.recv(6, socket.MSG_WAITALL)
b'me too'
"""

import selectors
import socket
from collections.abc import Sequence
from time import monotonic

from netlab.serving.client import Client
from netlab.serving.door import Door
from netlab.serving.session import NewSession

HOUR = 3600.0  # seconds that one wait lasts at most; then look at the clock again (poll counts ms in 32 bits)

# poll needs no descriptor of its own and, unlike select, takes descriptors above 1023; Windows has only select.
_Selector: type[selectors.BaseSelector] = getattr(selectors, "PollSelector", selectors.SelectSelector)


def serve(listener: socket.socket, new_session: NewSession, stop: socket.socket) -> Sequence[BaseException]:
    """Serve the clients of ``listener`` until ``stop`` becomes readable; return what their sessions raised.

    Its limit is 1, and nothing enforces it but the order of the lines: while one client is served, nobody is
    admitted. A client that is still being served when ``stop`` comes is hung up on by the door.
    """
    with Door(listener, new_session, limit=1) as door:
        while wait(door, stop):
            if client := door.admit(monotonic()):
                converse(door, client, stop)
    return door.failures


def converse(door: Door, client: Client, stop: socket.socket) -> None:
    """Serve one client until it is gone, or until ``stop`` becomes readable; then it leaves by ``door``.

    All that a thread needs to do for a client: a shell with a thread for each runs many of these.
    """
    while door.step(client, monotonic()) and wait(client, stop):
        pass
    door.leave(client)


def wait(who: Client | Door, stop: socket.socket) -> bool:
    """Wait until ``who`` is ready or its deadline has come. Return False as soon as ``stop`` is readable.

    Nobody ever reads from ``stop``: it stays readable, so that every thread that waits for it wakes.
    """
    timeout = HOUR if who.deadline is None else min(max(0.0, who.deadline - monotonic()), HOUR)
    with _Selector() as ready:
        ready.register(stop, selectors.EVENT_READ)
        if who.wants:
            ready.register(who, who.wants)
        return all(key.fileobj is not stop for key, _ in ready.select(timeout))
