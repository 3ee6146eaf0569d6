"""Start a server, use it, stop it: the same three lines in a notebook and in a test.

The listener exists before the thread does, so a client may connect at once: nothing sleeps, nothing retries, and
the kernel picks a free port. ``stop`` is one end of a socketpair. Closing the other end makes it readable, which
wakes whatever the server waits with; then the thread is joined. A few hundred microseconds do for all of it.

>>> from netlab.serving import Echo
>>> from netlab.serving.blocking import serve
>>> with running(serve, Echo, at="127.0.0.1") as address:
...     address.host, address.port > 0
('127.0.0.1', True)
>>> address.failures
()
"""

import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from threading import Thread
from typing import NamedTuple

from netlab.serving.session import NewSession

Serve = Callable[[socket.socket, NewSession, socket.socket], Iterable[BaseException] | None]
"""A shell: ``serve(listener, new_session, stop)`` returns what its sessions raised."""


OUTSIDE = 1024
"""Clients that the kernel keeps outside. (Of more than that it drops the SYNs, and who sends one waits a second.)"""


class _HostPort(NamedTuple):
    """The pair itself. (A NamedTuple cannot have a third thing that is no member; a class that inherits it can.)"""

    host: str
    port: int


class Address(_HostPort):
    """Where a server listens: a pair (host, port), which ``socket.create_connection`` takes as it is."""

    _failures: tuple[BaseException, ...] | None = None

    @property
    def failures(self) -> tuple[BaseException, ...]:
        """What sessions raised, each with its traceback and a note of whom it talked with. After the block only.

        Raises ``ValueError`` while the server still runs.
        """
        if self._failures is None:
            raise ValueError("the server still runs: leave the block, then ask what its sessions raised")
        return self._failures


@contextmanager
def running(
    serve: Serve, new_session: NewSession, *, at: str | socket.socket = "127.0.0.1", patience: float = 5.0
) -> Iterator[Address]:
    """Run ``serve`` in a thread for as long as the block lasts, and yield its address.

    ``at`` is a loopback address (``"127.0.0.1"`` or ``"::1"``, say), on which a free port is taken; or a socket that
    already listens, wherever the caller wants it, which this server then owns and closes. Options of a shell are
    bound beforehand: ``running(partial(serve, limit=8), Echo)``.

    Leaving the block stops the server at once, whatever its clients are doing. If the shell raised, that is raised
    there. If it does not stop within ``patience`` seconds, because some session is still computing, that is a
    ``TimeoutError``. What the block itself raises always comes first: the server's exceptions, those of sessions
    included, become notes on it. Raises ``ValueError`` if ``at`` is not on loopback.
    """
    with at if isinstance(at, socket.socket) else _listen(at) as listener:
        address = Address(*listener.getsockname()[:2])
        stop, waker = socket.socketpair()
        with stop, waker:
            server = _Server(serve, listener, new_session, stop)
            server.start()
            try:
                yield address
            except BaseException as error:
                # Often the server is why the block failed: its client was reset, or waited in vain. Say so there.
                for trouble in (server.end(waker, patience), *server.failures):
                    if trouble:
                        _note(error, trouble)
                raise
            else:
                if trouble := server.end(waker, patience):
                    raise trouble
            finally:
                address._failures = server.failures


class _Server(Thread):
    """A shell in a thread of its own, and how it ended.

    A daemon: if a session never returns, the thread cannot be stopped, but the interpreter can still end.
    """

    def __init__(self, serve: Serve, listener: socket.socket, new_session: NewSession, stop: socket.socket) -> None:
        super().__init__(name=f"netlab server on {listener.getsockname()}", daemon=True)
        self.listener = listener
        self.failures: tuple[BaseException, ...] = ()
        self.error: BaseException | None = None
        self._work = partial(serve, listener, new_session, stop)

    def run(self) -> None:
        """Serve. However that ends, close the listener, or clients would wait at a door that nobody opens.

        Nothing escapes from here: an exception in a thread is nobody's, so it is kept for whoever leaves the block.
        """
        try:
            self.failures = tuple(self._work() or ())
        except BaseException as error:
            self.error = error
        finally:
            self.listener.close()

    def end(self, waker: socket.socket, patience: float) -> BaseException | None:
        """Wake the shell, wait until it has gone, and return what it raised.

        ``waker`` is closed rather than written to: an end that is closed is seen by all who wait, and for ever.
        """
        waker.close()
        self.join(patience)
        if self.is_alive():
            return TimeoutError(f"the {self.name} did not stop within {patience} s: is a session still computing?")
        return self.error


def _listen(host: str) -> socket.socket:
    """Listen on a free port of ``host``, which must be a loopback address: 127.0.0.0/8, or ::1 (RFC 4291 §2.5.3).

    An experiment is nobody else's business, and no other machine's: so not on every interface, as ``""`` would be.
    Names are not looked up, because what a name means is decided elsewhere.
    """
    for family, loopback in ((socket.AF_INET, b"\x7f"), (socket.AF_INET6, bytes(15) + b"\1")):
        packed = b""
        with suppress(OSError):  # not an address of that family
            packed = socket.inet_pton(family, host)
        if packed.startswith(loopback):
            return socket.create_server((host, 0), family=family, backlog=OUTSIDE)
    raise ValueError(
        f"a server of the book listens on 127.0.0.1, or another loopback address, or ::1, but not on {host!r}; "
        "to insist, make a listening socket and pass that"
    )


def _note(error: BaseException, trouble: BaseException) -> None:
    """Add to the block's ``error`` what went wrong in the server meanwhile, with its traceback."""
    from traceback import format_exception  # noqa: PLC0415 - 5 ms that only a failure costs

    error.add_note("Meanwhile, in the server:\n" + "".join(format_exception(trouble)))
