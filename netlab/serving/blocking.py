"""The simplest server: one client after the other, on one thread. The next one waits outside.

    wait for the door -> let one client in -> wait for it, do a step, wait for it, ... -> it leaves -> again

It waits in one place, for one thing at a time. "Blocking" therefore means: while it serves you it serves nobody else,
however long you are silent. It does not block in ``recv`` or ``send``, for a thread that does cannot be asked to stop;
it waits for its client and for ``stop`` together, and then does what does not block.
"""

import selectors
import socket
from collections.abc import Sequence
from time import monotonic

from netlab.serving.client import Client
from netlab.serving.door import Door
from netlab.serving.session import NewSession

HOUR = 3600.0  # seconds of one wait at most: the kernel counts milliseconds in 32 bits

# poll needs no descriptor of its own and, unlike select, takes descriptors above 1023; Windows has only select.
_Selector: type[selectors.BaseSelector] = getattr(selectors, "PollSelector", selectors.SelectSelector)


def serve(listener: socket.socket, new_session: NewSession, stop: socket.socket) -> Sequence[Exception]:
    """Serve the clients of ``listener`` until ``stop`` becomes readable; return what their sessions raised."""
    with Door(listener, new_session, limit=1) as door:
        while wait(door, stop):
            if client := door.admit(monotonic()):
                converse(door, client, stop)
    return door.failures


def converse(door: Door, client: Client, stop: socket.socket) -> None:
    """Serve one client until it is gone, or until ``stop`` becomes readable; then it leaves by ``door``."""
    while door.step(client, monotonic()) and wait(client, stop):
        pass
    door.leave(client)


def wait(who: Client | Door, stop: socket.socket) -> bool:
    """Wait until ``who`` is ready or its deadline has come. Return False as soon as ``stop`` is readable."""
    timeout = HOUR if who.deadline is None else min(max(0.0, who.deadline - monotonic()), HOUR)
    with _Selector() as ready:
        ready.register(stop, selectors.EVENT_READ)
        if who.wants:
            ready.register(who, who.wants)
        return all(key.fileobj is not stop for key, _ in ready.select(timeout))
