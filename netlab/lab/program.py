"""A program that runs on a host of a lab: started by the helper, spoken with and ended from here.

    notebook                             helper, pid 1 of the lab              the program
    its words, and three files  ──────▶  setns(host), fork ──────────────────▶  dup2, execve
    a descriptor of it          ◀──────  pidfd_open                             reads and writes the three files
    poll: it has ended          ◀─────────────────────────────────────────────  ends
    with which code?            ──────▶  waitpid

The notebook does not fork: it has threads, and it would have to leave its own network first. Nor does anybody stand
between it and the program afterwards. The three files are its own, handed over as sockets are (unix(7)). And a pidfd
(pidfd_open(2)) is this one process, also when its number has long been another's: it can be waited for and signalled.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import IO, Any, Self

from netlab.lab.control import Control
from netlab.lab.failures import LabGoneError, ProgramError
from netlab.lab.waiting import ready, uninterrupted

TEMPORARY = "/run"  # which the lab has for itself: what a program leaves there ends with the lab


def path() -> str:
    """Return where programs are looked for: where a shell would now, and where nft, ip and tc are."""
    return os.pathsep.join([os.environ.get("PATH") or os.defpath, "/usr/sbin", "/sbin"])


class Program:
    """A running program. In a ``with`` it is killed at the end, if it is still there."""

    def __init__(
        self,
        control: Control,
        host: str,
        command: Sequence[str],
        *,
        stdin: Any = None,
        stdout: Any = None,
        stderr: Any = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.control, self.host = control, host
        self.args = list(command)
        found = shutil.which(self.args[0], path=path()) if self.args else None
        if found is None:
            raise FileNotFoundError(2, f"there is no program {' '.join(self.args[:1])!r} on this machine")
        self.returncode: int | None = None
        self.stdout: IO[str] | None = None
        self.pidfd: IO[bytes] | None = None  # readable once the program has ended; a file, which cannot be forgotten
        self.pid = 0  # in the lab, which counts its processes from 1
        full = {**os.environ, "PATH": path(), "TMPDIR": TEMPORARY, **(env or {})}
        try:
            with uninterrupted():
                self._start([found, *self.args[1:]], full, stdin, stdout, stderr)
        except BaseException:
            self.close()
            raise

    def _start(self, argv: list[str], env: dict[str, str], stdin: Any, stdout: Any, stderr: Any) -> None:
        opened: list[int] = []
        try:
            if stdin is None:
                opened.append(stdin := os.open(os.devnull, os.O_RDONLY))
            if stdout is None:
                reading, stdout = os.pipe()
                opened.append(stdout)
                self.stdout = os.fdopen(reading, encoding="utf-8", errors="replace")
            ends = (stdin, stdout, stdout if stderr is None else stderr)
            fds = tuple(end if isinstance(end, int) else end.fileno() for end in ends)
            if min(fds) < 0:
                raise ValueError("a program's stdin, stdout and stderr are files or descriptors: not subprocess.PIPE")
            pid, (pidfd,) = self.control.ask("spawn", self.host, argv, env, _here(), fds=fds)
            assert isinstance(pid, int)
            self.pid, self.pidfd = pid, os.fdopen(pidfd, "rb", buffering=0)
        finally:
            for fd in opened:
                os.close(fd)

    def poll(self) -> int | None:
        """Return the exit code, -n if signal n ended the program; None while it runs."""
        if self.returncode is None and self.pidfd and ready(self.pidfd.fileno(), 0):
            code, _ = self.control.ask("status", self.pid)
            assert isinstance(code, int)
            self.returncode = code
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code, once there is one. Raises ``subprocess.TimeoutExpired`` after ``timeout`` s."""
        if self.returncode is None and self.pidfd and not ready(self.pidfd.fileno(), timeout):
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        code = self.poll()
        assert code is not None
        return code

    def send_signal(self, number: int) -> None:
        """Send the program a signal, if it still runs."""
        if self.poll() is None and self.pidfd:
            signal.pidfd_send_signal(self.pidfd.fileno(), number)

    def terminate(self) -> None:
        """Ask the program to end (SIGTERM)."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the program (SIGKILL)."""
        self.send_signal(signal.SIGKILL)

    def close(self) -> None:
        """Kill the program, if it still runs, and close what was open to it."""
        try:
            if self.pidfd and self.returncode is None:
                self.kill()
                self.wait(5)
        except (LabGoneError, ProcessLookupError):
            self.returncode = -signal.SIGKILL  # it is gone already, with its lab
        finally:
            for file in (self.pidfd, self.stdout):
                if file:
                    file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _here() -> str:
    """Return the folder that this process stands in."""
    try:
        return os.getcwd()
    except FileNotFoundError as error:
        raise FileNotFoundError(2, "the folder that programs start in was removed: os.chdir first") from error


def run(
    popen: Callable[..., Program],
    command: str | Sequence[str],
    *,
    told: str,
    timeout: float,
    check: bool,
    env: Mapping[str, str] | None,
) -> subprocess.CompletedProcess[str]:
    """Do what ``Host.run`` says. What a program says goes to files without a name, so nobody has to read meanwhile."""
    with ExitStack() as stack:
        with uninterrupted():
            given, out, err = (stack.enter_context(tempfile.TemporaryFile()) for _ in range(3))
        given.write(told.encode())
        given.seek(0)
        with popen(command, stdin=given, stdout=out, stderr=err, env=env) as program:
            code = program.wait(timeout)
        said = []
        for file in (out, err):
            file.seek(0)
            said.append(file.read().decode(errors="replace"))
    if check and code:
        last = (said[1].strip() or said[0].strip() or "it said nothing").splitlines()[-1]
        raise ProgramError(code, f"{shlex.join(program.args)} on {program.host} ended with {code}: {last}")
    return subprocess.CompletedProcess(program.args, code, *said)
