"""Where clients come in: at most so many at a time. Those who come later wait outside.

What ``listen`` takes, the backlog, is the size of the kernel's waiting room, not a limit on clients: a server that
accepts whoever knocks has no limit at all. So a door that is full does not accept. Clients outside are connected, as
far as they can see, and what they send is kept by the kernel until it is their turn.

A shell waits for a door as it waits for a client: ``fileno``, ``wants``, ``deadline``. A full door is ready when
somebody has left, on whichever thread that was, because whoever leaves rings a bell. Nothing else is needed for a
limit: no counting in the shell, no lock.

>>> from select import select
>>> from netlab.serving import Echo
>>> with socket.create_server(("127.0.0.1", 0)) as listener, Door(listener, Echo, limit=1) as door:
...     with socket.create_connection(listener.getsockname()):
...         [ready], _, _ = select([door], [], [])
...         first = door.admit(now=0.0)
...         ready is door, door.full, door.admit(now=0.0)  # nobody else comes in, whoever knocks
(True, True, None)

What accept can say beside "here is a client" (accept(2)):

    nobody is there any more         EAGAIN, ECONNABORTED, ...             forget it
    no descriptor, no memory left    EMFILE, ENFILE, ENOBUFS, ENOMEM, ...  pause for REST seconds
    this is no listening socket      EBADF, EINVAL, ENOTSOCK, ...          tell the caller
"""

import errno
import socket
from collections import deque
from contextlib import suppress
from selectors import EVENT_READ
from types import TracebackType
from typing import Self

from netlab.serving.client import Client, reset
from netlab.serving.session import NewSession

REST = 0.1  # seconds until accept is tried again when no descriptor was left
KEPT = 100  # failures remembered: hostile clients can make as many as they like

# The listener itself is broken. Whatever else is reported is about one client, or a shortage that will pass; Linux
# even hands on, as accept's own, errors that the network had reported for the new connection.
_BROKEN = {errno.EBADF, errno.EINVAL, errno.ENOTSOCK, errno.EOPNOTSUPP}


class Door:
    """Lets clients in from ``listener``, at most ``limit`` at a time, and remembers what their sessions raised.

    Leaving the ``with`` block hangs up on those who are still inside. Raises ``ValueError`` for a limit below 1.
    """

    def __init__(self, listener: socket.socket, new_session: NewSession, limit: int) -> None:
        if limit < 1:
            raise ValueError(f"a server with a limit of {limit} clients serves nobody")
        listener.setblocking(False)  # the client that made it readable may have vanished when we accept
        self.listener, self.new_session, self.limit = listener, new_session, limit
        self.clients: set[Client] = set()
        self.failures: deque[BaseException] = deque(maxlen=KEPT)
        """What sessions raised, the latest last; a note on each says with whom the session talked."""
        self.deadline: float | None = None
        """No descriptor was left: try again by then, in seconds."""
        self._bell, self._rope = socket.socketpair()
        for end in (self._bell, self._rope):
            end.setblocking(False)

    @property
    def full(self) -> bool:
        """Whether the next client has to wait."""
        return len(self.clients) >= self.limit

    @property
    def wants(self) -> int:
        """What to wait for: EVENT_READ, or 0 for nothing but the deadline."""
        return EVENT_READ if self.deadline is None else 0

    def fileno(self) -> int:
        """Return the descriptor to wait for: the listener's or, when full, the bell's."""
        return (self._bell if self.full else self.listener).fileno()

    def admit(self, now: float) -> Client | None:
        """Let the next client in; return None if there is none, or no room, or no session for it.

        For one thread at a time, or for as many threads as the limit allows clients, each of which keeps its own.
        Raises ``OSError`` if the listener itself is broken.
        """
        with suppress(BlockingIOError):
            self._bell.recv(4096)  # old rings, which must not be heard again; whether there is room is seen below
        if self.full or (self.deadline is not None and now < self.deadline):
            return None
        self.deadline = None
        try:
            sock, peer = self.listener.accept()
        except OSError as error:
            self._nobody_came(error, now)
            return None
        return self._welcome(sock, peer)

    def step(self, client: Client, now: float) -> bool:
        """Let ``client`` do a step and return whether it stays.

        What its session raises, of whatever kind, is the end of this client alone. It is reset: whatever it has
        received so far shall not look like a whole answer.
        """
        try:
            return client.step(now)
        except BaseException as error:
            reset(client.sock)
            self._remember(error, client.peer)
            return False

    def leave(self, client: Client) -> None:
        """Hang up on ``client`` and ring, because there is room again. Any thread may call this."""
        client.hang_up()
        # First make room, then ring. Whoever finds the door full in between waits for this ring; the other way round
        # the ring might be over before anybody waits for it.
        self.clients.discard(client)
        with suppress(BlockingIOError):  # so many rings already that nobody can miss them
            self._rope.send(b"!")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for client in tuple(self.clients):  # a server that goes home must hang up, or its clients wait for ever
            client.hang_up()
        self.clients.clear()
        self._bell.close()
        self._rope.close()

    def _nobody_came(self, error: OSError, now: float) -> None:
        """Judge why accept failed: a client that vanished is forgotten at once, a shortage is sat out."""
        if error.errno in _BROKEN:
            raise error
        if not isinstance(error, BlockingIOError | ConnectionError):
            # Most likely no descriptor is left. The client is still in the queue, so the listener stays readable:
            # to accept again at once would be to fail again at once, at 100 % of a processor, for ever.
            self.deadline = now + REST

    def _welcome(self, sock: socket.socket, peer: object) -> Client | None:
        """Give who came a session; a session that cannot even be made ends like one that raises later."""
        try:
            client = Client(sock, self.new_session(), peer)
        except BaseException as error:
            reset(sock)
            self._remember(error, peer)
            return None
        with suppress(OSError):  # what is owed is sent as one piece already: Nagle could only delay it
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.clients.add(client)
        return client

    def _remember(self, error: BaseException, peer: object) -> None:
        """Keep what a session raised; its traceback tells where, a note (PEP 678) tells with whom.

        A ``sys.exit()`` too: it means its own conversation. Only Ctrl-C means the whole server.
        """
        if isinstance(error, KeyboardInterrupt):
            raise error
        error.add_note(f"in the session with {peer}")
        self.failures.append(error)
