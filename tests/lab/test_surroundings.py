"""A lab in circumstances that it did not choose: signals, forks, closed files, few descriptors, interrupts."""

import gc
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from netlab.lab import Lab, LabGoneError, UnavailableError

pytestmark = [pytest.mark.serial, pytest.mark.usefixtures("here")]
ROOT = Path(__file__).parents[2]


# -------------------------------------------------------------------------------------------------- what is inherited


@contextmanager
def signals_as_nobody_wants_them() -> Iterator[None]:
    """Ignore SIGCHLD and SIGHUP, and block SIGTERM."""
    old = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGCHLD, signal.SIGHUP)}
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
        for number, handler in old.items():
            signal.signal(number, handler)


def test_programs_start_with_no_signal_ignored_or_blocked() -> None:
    with signals_as_nobody_wants_them(), Lab() as lab:
        host = lab.host("a")
        said = host.run("grep -E 'Sig(Blk|Ign)' /proc/self/status").stdout.split()
        assert host.run("sh -c 'exit 3'", check=False).returncode == 3  # though the notebook hears of no child
    free = sum(1 << number - 1 for number in signal.valid_signals())  # all but two, which the C library keeps
    assert [int(mask, 16) & free for mask in said[1::2]] == [0, 0]


def test_programs_get_three_files_and_no_more(lab: Lab) -> None:
    host = lab.host("a")
    assert host.run("ls /proc/self/fd").stdout.split() == ["0", "1", "2", "3"]  # and the folder that ls reads
    with host.popen("sh -c 'exec >&- 2>&-; exec sleep 60'") as program:
        assert program.stdout is not None
        assert program.stdout.read() == ""  # it has closed them, and nobody else holds them
        assert program.poll() is None
    with host.socket() as sock:
        assert not sock.get_inheritable()


PLAIN = """
import os, sys
from netlab.lab import Lab
with Lab() as lab:
    a, b = lab.hosts("a b")
    lab.link(a, b, delay=0.001)
    said = a.run("sh -c 'cat; echo out; echo err >&2'", told="in ")
    with a.popen("echo both") as program:
        both = program.stdout.read()
    os.write(int(sys.argv[1]), repr((said.stdout, said.stderr, both)).encode())
"""


@pytest.mark.parametrize("closed", ["<&-", ">&-", "<&- >&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("options", [[], ["-I"], ["-S"], ["-W", "error"]], ids=str)
def test_a_notebook_without_a_terminal_has_labs(closed: str, options: list[str]) -> None:
    reading, writing = os.pipe()
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{PLAIN}"
    argv = ["sh", "-c", f'exec "$@" {closed}', "sh", sys.executable, *options, "-c", code, str(writing)]
    done = subprocess.run(argv, pass_fds=[writing], capture_output=True, text=True, timeout=60, check=False)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        assert pipe.read() == repr(("in out\n", "err\n", "both\n")), done.stderr
    assert done.stderr == ""


def test_programs_are_found_where_path_says_now(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "lately"
    program.write_text("#!/bin/sh\necho found")
    program.chmod(0o755)
    host = lab.host("a")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert host.run("lately").stdout == "found\n"
    monkeypatch.setenv("PATH", "")
    assert host.run("echo usual").stdout == "usual\n"


def test_a_folder_that_is_not_there_is_named(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    host = lab.host("a")
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    with pytest.raises(FileNotFoundError, match="the folder that programs start in was removed"):
        host.run("true")
    monkeypatch.chdir("/run")  # which the lab has for itself
    assert host.run("pwd").stdout == "/run\n"


# ------------------------------------------------------------------------------------------------------------- forks


@contextmanager
def forked(lives: bool) -> Iterator[int]:
    """Yield the pid of a child that has left the notebook's way of ending to itself; it ends, or lives until then."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(writing)
        if lives:
            os.read(reading, 1)  # until the parent closes its end
        os._exit(0)
    os.close(reading)
    try:
        yield pid
    finally:
        os.close(writing)
        os.waitpid(pid, 0)


def test_a_lab_is_closed_at_once_though_a_forked_child_lives(recwarn: pytest.WarningsRecorder) -> None:
    lab = Lab()
    host = lab.host("a")
    with forked(lives=True):
        assert host.run("echo here").stdout == "here\n"
        helper = lab.control.process
        closing = threading.Thread(target=lab.close, daemon=True)
        closing.start()
        closing.join(5)
        assert not closing.is_alive()
        assert helper.returncode == 0  # it heard that the line was closed, and need not be killed


FORKS = """
import os, sys
from netlab.lab import Lab, LabGoneError
lab = Lab()
a = lab.host("a")
listener = a.socket()
a.up("lo")
listener.bind(("127.0.0.1", 80))
listener.listen()
if os.fork() == 0:
    for ask in (lambda: a.socket(), lambda: a.index("lo"), lambda: a.run("true")):
        try:
            ask()
        except LabGoneError as error:
            print(error)
    conn, _ = listener.accept()
    conn.sendall(b"from the child")
    lab.close()
    sys.exit()
with a.socket() as sock:
    sock.connect(("127.0.0.1", 80))
    print(sock.recv(100, 256))
os.wait()
print(a.run("echo the lab lives").stdout)
"""


def test_a_forked_child_serves_with_the_labs_sockets_and_leaves_the_lab_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-u", "-c", FORKS], capture_output=True, text=True, timeout=60, check=False, cwd=ROOT
    )
    assert done.stderr == ""
    lines = done.stdout.split("\n")
    assert sorted(filter(None, lines)) == sorted(
        ["this lab is another process's, from which this one was forked"] * 3 + ["b'from the child'", "the lab lives"]
    )


# ---------------------------------------------------------------------------------------------- the end, and who waits


def test_closing_wakes_who_waits() -> None:
    heard: list[object] = []

    def wait(call: object) -> None:
        try:
            heard.append(call())  # type: ignore[operator]
        except OSError as error:
            heard.append(type(error))

    lab = Lab()
    host = lab.host("a")
    one, other = host.socket(kind=socket.SOCK_DGRAM), host.socket()
    for sock in (one, other):
        sock.bind(("127.0.0.1", 9))
    other.listen()
    threads = [threading.Thread(target=wait, args=(call,)) for call in (lambda: one.recv(1), other.accept)]
    for thread in threads:
        thread.start()
    while any(f"/{thread.native_id}/" and not _sleeps(thread) for thread in threads):
        pass
    lab.close()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()
    assert len(heard) == 2


def _sleeps(thread: threading.Thread) -> bool:
    """Return whether a thread waits for something in the kernel."""
    return Path(f"/proc/self/task/{thread.native_id}/stat").read_text().rpartition(")")[2].split()[0] == "S"


def test_a_helper_that_dies_while_the_lab_is_closed_is_no_trouble() -> None:
    for _ in range(30):
        lab = Lab()
        lab.host("a")
        os.kill(lab.control.process.pid, signal.SIGKILL)
        closing = threading.Thread(target=lab.close, daemon=True)
        closing.start()
        closing.join(5)
        assert not closing.is_alive()


def test_a_closed_lab_says_so_whatever_is_asked() -> None:
    lab = Lab()
    a, b = lab.hosts("a b")
    plain, late = lab.link(a, b, rate=1e6), lab.link(a, b, delay=0.01)
    program = a.popen("sleep 60")
    lab.close()
    for ask in (
        lambda: a.up("lo"), lambda: a.index("lo"), lambda: a.add_address("eth0", "10.9.9.9/24"), plain.down,
        lambda: plain.change(rate=2e6), lambda: late.change(delay=0.02), late.counts, lambda: lab.hosts("x"),
        lambda: lab.link(a, b), lab.snapshot, lab.route, lambda: a.read("/proc/net/dev"), program.wait,
    ):  # fmt: skip
        with pytest.raises(LabGoneError, match="this lab was closed"):
            ask()
    program.close()
    assert program.returncode == -signal.SIGKILL


# -------------------------------------------------------------------------------------------------- few descriptors


@contextmanager
def room_for(more: int) -> Iterator[None]:
    """Allow this process so many more descriptors than it has open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    gaps = (fd for fd in range(soft) if not Path(f"/proc/self/fd/{fd}").exists())
    for _ in range(more):
        last = next(gaps)
    resource.setrlimit(resource.RLIMIT_NOFILE, (last + 1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def held() -> int:
    """Return how many descriptors this process has open."""
    gc.collect()
    return len(os.listdir("/proc/self/fd"))


def test_too_few_descriptors_are_named_and_nothing_is_half_made(lab: Lab) -> None:
    (before,) = lab.hosts("before")
    count = held()
    with room_for(3), pytest.raises(OSError, match="RLIMIT_NOFILE"):
        lab.hosts("a b c")
    assert held() == count
    with room_for(1), pytest.raises(OSError, match=r"Too many open files|RLIMIT_NOFILE"):
        before.run("true")
    assert held() == count
    lab.link(*lab.hosts("a b"))
    assert list(lab.named) == ["before", "a", "b"]


def test_a_lab_without_descriptors_is_unavailable() -> None:
    count = held()
    for more in range(1, 8):
        with room_for(more), suppress(UnavailableError):
            Lab().close()
        assert held() == count


@pytest.mark.usefixtures("crowded")
def test_programs_run_though_a_thousand_files_are_open(lab: Lab) -> None:
    assert lab.host("a").run("echo here").stdout == "here\n"
    with Lab() as other:
        other.host("a")


# -------------------------------------------------------------------------------------------------------- interrupts


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # for what was never bound to a name
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.no_cover  # an interrupt that meets coverage within its own lock leaves it locked
def test_an_interrupt_at_any_time_leaves_a_usable_lab_or_none() -> None:
    usual = signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
    count = held()
    try:
        for n in range(40):
            _interrupted(0.002 * (n + 1))
            assert held() == count, n
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, usual)


def _interrupted(seconds: float) -> None:
    """Make a lab and use it until an interrupt comes; then use it again, if there is one, and close it."""
    lab = None
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        lab = Lab()
        a, b = lab.hosts("a b")
        link = lab.link(a, b, delay=0.001)
        while True:
            link.change(delay=0.002)
            lab.link(a, b)
            a.run("true")
    except KeyboardInterrupt:
        if lab is None:
            return
    with lab:
        a, b = (lab.named.get(name) or lab.host(name) for name in "ab")
        for link in lab.links[:1]:
            link.change(delay=0.003)
            assert link.counts()
        lab.link(a, b)
        assert a.run("echo usable").stdout == "usable\n"


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.no_cover  # an interrupt that meets coverage within its own lock leaves it locked
def test_an_interrupted_question_to_an_emulator_does_not_answer_the_next_one(lab: Lab) -> None:
    a, b = lab.hosts("a b")
    link = lab.link(a, b, delay=0)
    usual = signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        for n in range(60):
            with suppress(KeyboardInterrupt):
                signal.setitimer(signal.ITIMER_REAL, 0.0005 + n * 0.000_01)
                while True:
                    link.counts()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, usual)
    before, _ = link.counts() or ({}, {})
    with a.socket(kind=socket.SOCK_DGRAM) as sock, b.socket(kind=socket.SOCK_DGRAM) as there:
        there.bind((b.address, 9))
        sock.sendto(b"x", (b.address, 9))
        there.recv(1)
    after, _ = link.counts() or ({}, {})
    assert after["entered"] > before["entered"]
