"""The helper: the one process that lives inside the lab, makes everything in it and hands it out.

A network namespace is left and entered by a *thread*; sockets stay where they were made. So the notebook, which has
many threads and no privileges, stays outside. It asks this process, and gets file descriptors back, by SCM_RIGHTS
(unix(7)): sockets that live in another network, and are ordinary Python sockets otherwise.

    notebook ──asks──▶ helper, pid 1 of the lab: namespaces of users, processes, mounts
             ◀──fds───   ├ network namespace "client"      sockets, netlink sockets
                         ├ network namespace "server"      files of /proc
                         ├ a program, in "server"          forked here, where there is one thread
                         └ an emulator, in "wires"         (netlab/lab/emulator.py)

Whoever kills pid 1 of a namespace kills all in it. This one ends when its socket to the notebook closes; the kernel
kills it when its parent is gone; and then nothing is left: no process, no interface, no rule.

A question is ``(number, name, arguments)``, its answer ``(number, failure, value)``, both as ``marshal`` writes them:
one Python speaks with itself, and is in a hurry.
"""

from __future__ import annotations

import marshal
import os
import select
import signal
import socket
from array import array
from collections.abc import Sequence

from netlab.lab import system
from netlab.lab.enter import RefusedError, enter, furnish, settle

TYPE_CHECKING = False  # typing, functools and json would take as long to import as all the rest: nobody here does
if TYPE_CHECKING:
    from typing import NoReturn

LARGEST = 200_000  # bytes of one message
MOST_FDS = 253  # what SCM_RIGHTS carries at once

Failure = tuple[str, int]  # what the kernel refused, and the errno; 0 where it was the question that was wrong
Answer = tuple[int | None, list[int]]  # a value, and descriptors that are handed over


# ------------------------------------------------------------------------------------------------- what can be asked


class Helper:
    """What pid 1 keeps: the networks by name, the emulators, and how children ended. Each method is a question."""

    def __init__(self) -> None:
        self.networks: dict[str, int] = {}
        self.emulators: dict[int, int] = {}  # pidfd: pid
        self.ended: dict[int, int] = {}  # pid: exit status

    def hosts(self, names: Sequence[str]) -> Answer:
        """Make a network namespace for each name. Hand over, for each, itself and a netlink socket in it."""
        made: dict[str, int] = {}
        handed: list[int] = []
        try:
            for name in names:
                system.unshare(system.CLONE_NEWNET)
                settle()
                netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
                netlink.bind((0, 0))
                made[name] = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
                handed += [os.dup(made[name]), netlink.detach()]
        except OSError:  # all of them, or none
            for fd in (*made.values(), *handed):
                os.close(fd)
            raise
        self.networks |= made
        return None, handed

    def socket(self, host: str, family: int, kind: int, protocol: int) -> Answer:
        """Hand over a socket that lives on ``host``."""
        system.setns(self.networks[host])
        return None, [socket.socket(family, kind, protocol).detach()]

    def open(self, host: str, path: str, flags: int) -> Answer:
        """Hand over a file, opened as ``host`` sees it: /proc/net and /proc/sys/net are its own."""
        system.setns(self.networks[host])
        return None, [os.open(path, flags | os.O_CLOEXEC, 0o644)]

    def spawn(self, host: str, argv: list[str], env: dict[str, str], cwd: str, fds: list[int]) -> Answer:
        """Start a program on ``host`` with ``fds`` as its 0, 1 and 2. Return its pid here; hand over its pidfd."""
        system.setns(self.networks[host])
        heard, told = os.pipe()  # which exec closes; what comes through it is why there was none
        pid = os.fork()
        if pid == 0:
            _become(argv, env, cwd, fds, told)
        os.close(told)
        with os.fdopen(heard, "rb") as pipe:
            failed = pipe.read()
        if failed:
            self.reap()
            raise OSError(*marshal.loads(failed))
        return pid, [os.pidfd_open(pid)]

    def status(self, pid: int) -> Answer:
        """Return the exit code of a program that has ended, -n if signal n ended it; None while it runs."""
        self.reap()
        return self.ended.get(pid), []

    def emulate(
        self, host: str, devices: list[str], lines: list[dict[str, float]], seed: int, fds: list[int]
    ) -> Answer:
        """Start an emulator between two devices of ``host``; it listens to the one descriptor in ``fds``."""
        system.setns(self.networks[host])
        pid = os.fork()
        if pid == 0:
            _emulate(devices, lines, seed, fds[0])
        self.emulators[os.pidfd_open(pid)] = pid
        return pid, []

    def reap(self) -> None:
        """Note how children ended: one's own, and, as pid 1, those whose parents are gone."""
        try:
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                self.ended[ended[0]] = os.waitstatus_to_exitcode(ended[1])
        except ChildProcessError:
            pass  # there are none


def _become(argv: list[str], env: dict[str, str], cwd: str, fds: list[int], told: int) -> NoReturn:
    """In a forked child: become the program, or say through ``told`` why not."""
    try:
        os.setsid()
        for number, fd in enumerate(fds):
            os.dup2(fd, number)
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_DFL)  # whatever Python, or who started it, had ignored
        os.chdir(cwd)
        os.execve(argv[0], argv, env)
    except OSError as error:
        os.write(told, marshal.dumps((error.errno, f"{error.strerror}: {error.filename or argv[0]}")))
    except (TypeError, ValueError) as error:  # a word with a 0 in it, a variable that is a number
        os.write(told, marshal.dumps((0, str(error))))
    finally:
        os._exit(127)


def _emulate(devices: list[str], lines: list[dict[str, float]], seed: int, control: int) -> NoReturn:
    """In a forked child: be an emulator."""
    from netlab.lab import emulator  # noqa: PLC0415 - most labs have none

    try:
        emulator.main(devices, lines, seed, control)
    except Exception as error:  # which ends the lab, and should not do so in silence
        os.write(2, f"netlab: the emulator of a link ended: {error}\n".encode())
    finally:
        os._exit(1)


# ------------------------------------------------------------------------------------------------------------ running


def main() -> None:
    """Move in, and answer what is asked through the socket that is this process's stdin until it closes."""
    while (nothing := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass  # whoever started this had no stdout or stderr: now there are some, and no other file gets their numbers
    control = socket.socket(fileno=os.dup(0))
    os.dup2(nothing, 0)
    os.close(nothing)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # if it is ignored, nobody hears how a child ended
    try:
        root = enter()
        pid = os.fork()
        if pid:  # this process stays what it was; its child is pid 1 of the lab
            control.close()
            os.waitpid(pid, 0)
            return
        system.die_with_parent()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        furnish(root)
    except RefusedError as refused:
        control.send(marshal.dumps((0, refused.args, None)))
        return
    control.send(marshal.dumps((0, None, os.getpid())))
    serve(control, Helper())
    os._exit(0)


def serve(control: socket.socket, helper: Helper) -> None:
    """Answer questions until nobody can ask any more, or an emulator has died and its link with it."""
    while True:
        poll = select.poll()
        for fd in (control.fileno(), *helper.emulators):
            poll.register(fd, select.POLLIN)
        if control.fileno() not in dict(poll.poll()):
            return
        try:
            question, fds, _ = received(control)
            if not question:
                return
            answer(control, helper, question, fds)
        except ConnectionError:  # whoever asked was killed, and has not read the answer
            return


def received(line: socket.socket) -> tuple[bytes, list[int], int]:
    """Return the next message, the descriptors that came with it, and its flags.

    What socket.recv_fds does, which passes no flags on: the programs that are started would inherit its descriptors.
    """
    size = array("i").itemsize
    message, ancillary, flags, _ = line.recvmsg(LARGEST, socket.CMSG_LEN(MOST_FDS * size), socket.MSG_CMSG_CLOEXEC)
    fds = array("i")
    for _, _, data in ancillary:
        fds.frombytes(data[: len(data) // size * size])
    return message, list(fds), flags


def answer(control: socket.socket, helper: Helper, question: bytes, fds: list[int]) -> None:
    """Answer one question; what came with it, and what goes out with the answer, is closed here."""
    number, name, arguments = marshal.loads(question)
    failure: Failure | None = None
    value: int | None = None
    handed: list[int] = []
    try:
        value, handed = getattr(helper, name)(*arguments, *([fds] if fds else []))
    except OSError as error:
        what = f": {error.filename}" if error.filename else ""
        failure = (f"{error.strerror or error}{what}", error.errno or 0)
    except (TypeError, ValueError, OverflowError) as error:
        failure = (str(error), 0)
    socket.send_fds(control, [marshal.dumps((number, failure, value))], handed)
    for fd in [*fds, *handed]:
        os.close(fd)
