"""The notebook's end of the line to the helper: questions out; answers and file descriptors in.

Every call is short, whatever runs in the lab, and so may be waited for. Whoever interrupts a cell waits for it, too
(``uninterrupted``): between a descriptor's arrival and its owner, there must be no way out.
"""

from __future__ import annotations

import marshal
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar
from weakref import WeakSet

from netlab.lab.failures import LabGoneError, UnavailableError

PATIENCE = 10.0  # s; the helper answers within milliseconds, or something stopped it
HOUSE = str(Path(__file__).parents[2])
START = "import sys; sys.path.insert(0, sys.argv[1]); from netlab.lab.helper import main; main(int(sys.argv[2]))"


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Have a KeyboardInterrupt wait until this ``with`` is left: what is made in it is made whole, or not at all."""
    if threading.current_thread() is not threading.main_thread() or not callable(signal.getsignal(signal.SIGINT)):
        yield  # only the main thread is ever interrupted
        return
    came: list[int] = []
    usual = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
        if came:
            signal.raise_signal(signal.SIGINT)


class Closing(Protocol):
    """What can be closed."""

    def close(self) -> None:
        """Let go."""


Closes = TypeVar("Closes", bound=Closing)


class Handed(socket.socket):
    """A socket that lives in the lab, and so do those that it accepts."""

    def __init__(self, control: Control, fd: int) -> None:
        super().__init__(fileno=fd)
        self.control = control

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept a connection, as ``socket.accept`` does."""
        sock, peer = super().accept()
        self.control.handed.add(sock)
        return sock, peer


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
        self.line, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with far:
            self.line.settimeout(PATIENCE)
            self.process = subprocess.Popen(
                # -I -S: nothing of the user's is loaded. A session of its own: what interrupts a notebook spares it.
                [sys.executable, "-I", "-S", "-c", START, HOUSE, str(far.fileno())],
                pass_fds=[far.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        try:
            failure, _, _ = self._answer(0)
        except BaseException as error:
            self._end(5)
            if isinstance(error, LabGoneError):
                raise UnavailableError("starting Python for the helper") from error
            raise
        if failure:
            self._end(5)
            raise UnavailableError(failure[0], failure[1], os.strerror(failure[1]))
        self.woken, self.waker = socket.socketpair()
        self.watcher = threading.Thread(target=self._watch, name="netlab.lab watcher", daemon=True)
        self.watcher.start()

    def ask(self, name: str, *arguments: Any, fds: tuple[int, ...] = ()) -> tuple[object, list[int]]:
        """Ask the helper (netlab/lab/helper.py) for ``name``; return its answer and what it handed over."""
        with uninterrupted(), self.lock:
            if self.gone:
                raise LabGoneError(self.gone)
            self.number += 1
            try:
                socket.send_fds(self.line, [marshal.dumps((self.number, name, arguments))], fds)
                failure, value, handed = self._answer(self.number)
            except (LabGoneError, TimeoutError, BrokenPipeError, ConnectionResetError) as error:
                self._lose()
                raise LabGoneError(self.gone) from error
        if failure:
            raise OSError(failure[1], failure[0])
        return value, handed

    def _answer(self, number: int) -> tuple[tuple[str, int] | None, object, list[int]]:
        """Return the answer to question ``number``."""
        message, fds, _, _ = socket.recv_fds(self.line, 65_536, 253, socket.MSG_CMSG_CLOEXEC)
        if not message:
            raise LabGoneError("the helper hung up")
        given, failure, value = marshal.loads(message)
        assert given == number
        return failure, value, list(fds)

    def socket(self, host: str, family: int, kind: int, protocol: int) -> Handed:
        """Return a new socket that lives on ``host``."""
        with uninterrupted():
            _, (fd,) = self.ask("socket", host, int(family), int(kind), protocol)
            sock = Handed(self, fd)
            self.handed.add(sock)
        return sock

    def keep(self, fd: int) -> int:
        """Return ``fd``, which is closed when the lab ends."""
        self.fds.append(fd)
        return fd

    def own(self, fd: int) -> Handed:
        """Return ``fd`` as a socket, which is closed when the lab ends."""
        return self.keep_open(Handed(self, fd))

    def keep_open(self, thing: Closes) -> Closes:
        """Return ``thing``, which is closed when the lab ends."""
        self.open.append(thing)
        return thing

    # ----------------------------------------------------------------------------------------------------- the end

    def _watch(self) -> None:
        """Wait for the helper's end. If nobody asked for it, wake whoever waits for a packet of a dead network."""
        fd = os.pidfd_open(self.process.pid)
        try:
            ready, _, _ = select.select([fd, self.woken.fileno()], [], [])
        finally:
            os.close(fd)
        if fd in ready and not self.gone:
            with self.lock:
                self._lose()

    def _lose(self) -> None:
        """Remember that the helper is gone, and let every socket in the lab hear it."""
        if not self.gone:
            self.process.kill()
            code = self.process.wait()
            how = f"was killed by signal {-code}" if code < 0 else "ended"
            self.gone = f"the lab is gone: its helper process {how}, and everything that ran in the lab with it"
        for sock in list(self.handed):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # not connected, or closed: nobody waits for it, or has just been woken

    def close(self) -> None:
        """End the helper, and with it all that the lab is. Sockets that were handed out are closed."""
        with self.lock:
            if self.line.fileno() == -1:
                return
            self.gone = self.gone or "this lab was closed"
            self.waker.close()
            self.watcher.join()
            self.woken.close()
            for thing in [*self.handed, *self.open]:
                thing.close()
            for fd in self.fds:
                os.close(fd)
            self._end(PATIENCE)

    def _end(self, patience: float) -> None:
        self.line.close()  # which the helper hears
        if not self._ended(patience):
            self.process.kill()  # its child, pid 1 of the lab, dies with it
        self.process.wait()

    def _ended(self, patience: float) -> bool:
        """Wait for the helper; not with ``Popen.wait(timeout)``, which looks only every 50 ms."""
        try:
            fd = os.pidfd_open(self.process.pid)
        except ProcessLookupError:
            return True
        try:
            return bool(select.select([fd], [], [], patience)[0])
        finally:
            os.close(fd)
