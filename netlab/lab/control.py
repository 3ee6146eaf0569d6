"""The notebook's end of the line to the helper: questions out; answers and file descriptors in.

Every call is short, whatever runs in the lab, and so may be waited for. Whoever interrupts a cell waits for it, too
(``uninterrupted``): between a descriptor's arrival and its owner, there must be no way out.
"""

from __future__ import annotations

import errno
import marshal
import os
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar
from weakref import WeakSet

from netlab.lab.failures import LabGoneError, UnavailableError
from netlab.lab.helper import LARGEST, received
from netlab.lab.waiting import ready, uninterrupted

STARTING = "starting Python for the helper"
PATIENCE = 10.0  # s; the helper answers within milliseconds, or something stopped it
HOUSE = str(Path(__file__).parents[2])
START = "import sys; sys.path.append(sys.argv[1]); from netlab.lab.helper import main; main()"


class Closing(Protocol):
    """What can be closed."""

    def close(self) -> None:
        """Let go."""


Closes = TypeVar("Closes", bound=Closing)
Sock = TypeVar("Sock", bound=socket.socket)


class Handed(socket.socket):
    """A socket that lives in the lab, and so do those that it accepts and its duplicates."""

    control: Control  # whose lab it is

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept a connection, as ``socket.accept`` does."""
        sock, peer = super().accept()
        return self.control.noted(sock), peer

    def dup(self) -> Self:
        """Return another descriptor of the same socket, as ``socket.dup`` does."""
        again = super().dup()
        again.control = self.control
        return self.control.noted(again)


class Control:
    """A running helper.

    Raises ``UnavailableError`` where the machine gives no lab. Its methods raise ``LabGoneError`` once the helper has
    gone, and ``OSError`` for what the kernel refused to the helper.
    """

    def __init__(self) -> None:
        if not sys.platform.startswith("linux"):
            raise UnavailableError(f"making namespaces, which are the Linux kernel's, on {sys.platform}")
        self.lock = threading.RLock()
        self.number = 0
        self.gone = ""  # why nothing can be asked any more
        self.handed: WeakSet[socket.socket] = WeakSet()  # sockets that live in the lab
        self.fds: list[int] = []  # that are closed with it
        self.open: list[Closing] = []  # so are these
        try:
            self._start()
        except OSError as error:
            raise UnavailableError(STARTING, error.errno or 0, error.strerror or str(error)) from error
        self.line.settimeout(PATIENCE)
        self.watcher = threading.Thread(target=self._watch, name="netlab.lab watcher", daemon=True)
        try:
            failure, _, _ = self._answer(0)
            if failure:
                raise UnavailableError(failure[0], failure[1], os.strerror(failure[1]))
            self.watcher.start()
        except BaseException as error:
            self._end(5)
            if isinstance(error, LabGoneError):
                raise UnavailableError(STARTING) from error
            raise
        LIVING.add(self)

    def _start(self) -> None:
        """Start Python, whose stdin is the far end of the line."""
        self.line, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with far:
            try:
                # -I -S: nothing of the user's is loaded. A session of its own: what interrupts a notebook spares it.
                start = [sys.executable, "-I", "-S", "-c", START, HOUSE]
                self.process = subprocess.Popen(start, stdin=far.fileno(), start_new_session=True)
                self.pidfd = os.pidfd_open(self.process.pid)
            except OSError:
                self.line.close()
                raise

    def check(self) -> None:
        """Raise ``LabGoneError`` where nothing can be asked any more."""
        if self.gone:
            raise LabGoneError(self.gone)

    def ask(self, name: str, *arguments: Any, fds: tuple[int, ...] = ()) -> tuple[object, list[int]]:
        """Ask the helper (netlab/lab/helper.py) for ``name``; return its answer and what it handed over."""
        with uninterrupted(), self.lock:
            self.check()
            question = marshal.dumps((self.number + 1, name, arguments))
            if len(question) > LARGEST:
                raise OSError(errno.E2BIG, f"a program's words and environment have {len(question):,} bytes together")
            self.number += 1
            try:
                socket.send_fds(self.line, [question], fds)
                failure, value, handed = self._answer(self.number)
            except (LabGoneError, TimeoutError, BrokenPipeError, ConnectionResetError) as error:
                self._lose()
                raise LabGoneError(self.gone) from error
        if not failure:
            return value, handed
        raise OSError(failure[1], failure[0]) if failure[1] else ValueError(failure[0])

    def _answer(self, number: int) -> tuple[tuple[str, int] | None, object, list[int]]:
        """Return the answer to question ``number``."""
        message, fds, flags = received(self.line)
        if not message:
            raise LabGoneError("the helper hung up")
        given, failure, value = marshal.loads(message)
        assert given == number
        if flags & socket.MSG_CTRUNC:  # the kernel had no number for some of them
            for fd in fds:
                os.close(fd)
            failure = ("this process may have no more files open: RLIMIT_NOFILE, ulimit -n", errno.EMFILE)
        return failure, value, fds

    def socket(self, host: str, family: int, kind: int, protocol: int) -> Handed:
        """Return a new socket that lives on ``host``."""
        with uninterrupted(), self.lock:
            _, (fd,) = self.ask("socket", host, int(family), int(kind), int(protocol))
            return self.noted(self._as_socket(fd))

    def noted(self, sock: Sock) -> Sock:
        """Return ``sock``, which lives in the lab, and is closed with it if it still is there."""
        with self.lock:
            self.handed.add(sock)
        return sock

    def _as_socket(self, fd: int) -> Handed:
        sock = Handed(fileno=fd)
        sock.control = self
        return sock

    def keep(self, fd: int) -> int:
        """Return ``fd``, which is closed when the lab ends."""
        self.fds.append(fd)
        return fd

    def own(self, fd: int) -> Handed:
        """Return ``fd`` as a socket, which is closed when the lab ends."""
        return self.keep_open(self._as_socket(fd))

    def keep_open(self, thing: Closes) -> Closes:
        """Return ``thing``, which is closed when the lab ends."""
        self.open.append(thing)
        return thing

    # ----------------------------------------------------------------------------------------------------- the end

    def _watch(self) -> None:
        """Wait for the helper's end. If nobody asked for it, wake whoever waits for a packet of a dead network."""
        ready(self.pidfd)
        if not self.gone:
            with self.lock:
                self._lose()

    def _lose(self) -> None:
        """Remember that the helper is gone, and let every socket in the lab hear it."""
        if not self.gone:
            self.process.kill()
            code = self.process.wait()
            how = f"was killed by signal {-code}" if code < 0 else "ended"
            self.gone = f"the lab is gone: its helper process {how}, and everything that ran in the lab with it"
        self._wake()

    def _wake(self) -> None:
        """Have everybody who waits for a socket in the lab hear that nothing more comes."""
        for sock in list(self.handed):
            with suppress(OSError):  # not connected (who waits is woken all the same), or closed
                sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End the helper, and with it all that the lab is. Sockets that were handed out are closed."""
        with uninterrupted():
            with self.lock:
                if self.line.fileno() == -1:
                    return
                self.gone = self.gone or "this lab was closed"
                self._wake()
                for sock in list(self.handed):
                    sock.close()
                self.drop()
                self._end(PATIENCE)
                LIVING.discard(self)
            self.watcher.join()  # the lock, which it may be waiting for, is free
            os.close(self.pidfd)

    def drop(self) -> None:
        """Close what only this process can close: its descriptors of the lab's networks."""
        for thing in self.open:
            thing.close()
        for fd in self.fds:
            os.close(fd)
        self.open, self.fds = [], []

    def _end(self, patience: float) -> None:
        self.line.shutdown(socket.SHUT_RDWR)  # which the helper hears, even if a forked child has the line, too
        self.line.close()
        if not ready(self.pidfd, patience):  # Popen.wait(timeout) looks only every 50 ms
            self.process.kill()  # its child, pid 1 of the lab, dies with it
        self.process.wait()


LIVING: WeakSet[Control] = WeakSet()


def _forked() -> None:
    """In a child that was forked from the notebook: leave its labs to it. Sockets stay, for servers that fork."""
    while LIVING:
        control = LIVING.pop()
        control.lock = threading.RLock()  # whoever held the old one is not in this process
        control.gone = "this lab is another process's, from which this one was forked"
        control.line.close()
        control.drop()
        os.close(control.pidfd)


if sys.platform != "win32":
    os.register_at_fork(after_in_child=_forked)
