"""How a lab ends, whoever ends it: nothing is left, the machine is as before, and nobody waits for the dead."""

import gc
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from netlab.lab import Lab, LabGoneError

pytestmark = [pytest.mark.serial, pytest.mark.usefixtures("here")]
ROOT = Path(__file__).parents[2]


def descendants(pid: int) -> Iterator[int]:
    """Yield the processes below ``pid``."""
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            yield child
            yield from descendants(child)


def gone(pids: list[int], patience: float = 5.0) -> bool:
    """Wait until none of ``pids`` runs any more."""
    import select  # noqa: PLC0415

    for pid in pids:
        try:
            fd = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            if not select.select([fd], [], [], patience)[0]:
                return False
        finally:
            os.close(fd)
    return True


NOTEBOOK = """
import sys
from netlab.lab import Lab
lab = Lab()
a, b = lab.hosts("a b")
lab.link(a, b, delay=0.01)
program = a.popen("sleep 1000")
print("up", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda n: n.name)
def test_a_notebook_that_is_killed_takes_everything_with_it(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", NOTEBOOK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as notebook:
        assert notebook.stdout is not None
        assert notebook.stdout.readline() == b"up\n"
        made = list(descendants(notebook.pid))
        assert len(made) == 4  # the helper, pid 1 of the lab, an emulator, a program
        notebook.send_signal(number)
        assert gone(made)
        notebook.wait(5)


ASKING = """
from netlab.lab import Lab
lab = Lab()
a, b = lab.hosts("a b")
link = lab.link(a, b, delay=0)
print("up", flush=True)
while True:
    a.socket().close()
    link.counts()
"""


def test_a_notebook_that_is_killed_while_it_asks_leaves_no_last_words() -> None:
    for _ in range(20):
        with subprocess.Popen([sys.executable, "-c", ASKING], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as asking:
            assert asking.stdout is not None
            assert asking.stderr is not None
            assert asking.stdout.readline() == b"up\n"
            asking.kill()
            assert asking.stderr.read() == b""  # until nobody of the lab holds it any more


@pytest.mark.parametrize("which", [0, 1, 2], ids=["helper", "pid 1", "emulator"])
def test_when_part_of_a_lab_dies_who_waits_is_told_at_once(which: int) -> None:
    heard: list[object] = []
    with Lab() as lab:
        a, b = lab.hosts("a b")
        link = lab.link(a, b, delay=0.001)
        with a.socket() as sock, b.socket() as listener:
            listener.bind((b.address, 80))
            listener.listen()
            sock.connect((b.address, 80))
            conn, _ = listener.accept()
            thread = threading.Thread(target=lambda: heard.append(conn.recv(1)))
            thread.start()
            os.kill([lab.control.process.pid, *descendants(lab.control.process.pid)][which], signal.SIGKILL)
            thread.join(5)
            assert heard == [b""]
            conn.close()
        with pytest.raises(LabGoneError, match="the lab is gone: its helper process"):
            a.socket()
        with pytest.raises(LabGoneError, match="the lab is gone"):
            a.run("true")
        with pytest.raises(LabGoneError, match="the lab is gone"):
            link.counts()


def test_a_closed_lab_says_so_and_may_be_closed_again() -> None:
    lab = Lab()
    host = lab.host("a")
    sock = host.socket()
    lab.close()
    lab.close()
    assert sock.fileno() == -1
    with pytest.raises(LabGoneError, match="this lab was closed"):
        host.socket()


def test_a_lab_that_nobody_holds_any_more_ends() -> None:
    lab = Lab()
    lab.hosts("a b")
    pid = lab.control.process.pid
    del lab
    gc.collect()
    assert gone([pid])


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # for a socket that was never bound to a name
@pytest.mark.no_cover  # an interrupt that meets coverage within its own lock leaves it locked
def test_a_cell_that_is_interrupted_leaves_a_usable_lab() -> None:
    with Lab() as lab:
        a, b = lab.hosts("a b")
        lab.link(a, b)
        for _ in range(20):
            timer = threading.Timer(0.003, signal.raise_signal, [signal.SIGINT])
            try:
                timer.start()
                while True:
                    a.socket().close()
                    a.run("true")
            except KeyboardInterrupt:
                timer.join()
            assert b.run("echo still here").stdout == "still here\n"
        assert [i.name for i in lab.snapshot().interfaces] == ["lo", "eth0"] * 2


def held() -> tuple[int, int, int]:
    """Return how many descriptors, threads and children this process has."""
    gc.collect()
    return len(os.listdir("/proc/self/fd")), threading.active_count(), len(list(descendants(os.getpid())))


def namespaces() -> set[str]:
    """Return the network namespaces that some process of the machine is in."""
    found = set()
    for link in Path("/proc").glob("[0-9]*/ns/net"):
        try:
            found.add(os.readlink(link))
        except OSError:
            continue  # it ended just now, or is somebody else's
    return found


def test_a_hundred_labs_leak_nothing() -> None:
    with Lab() as lab:
        lab.hosts("a b")
    before, spaces = held(), namespaces()
    for _ in range(100):
        with Lab() as lab:
            a, b = lab.hosts("a b")
            lab.link(a, b)
            sock = a.socket()
        assert sock.fileno() == -1
    assert held() == before
    assert namespaces() == spaces


def state() -> dict[str, str]:
    """Return the machine's network as it can be seen: interfaces, addresses, routes, settings, mounts."""
    seen = {name: Path(f"/proc/net/{name}").read_text() for name in ("route", "ipv6_route", "if_inet6", "fib_trie")}
    seen["interfaces"] = " ".join(sorted(os.listdir("/sys/class/net")))
    seen["mounts"] = Path("/proc/self/mounts").read_text()
    for path in sorted(Path("/proc/sys").rglob("*")):
        try:
            seen[str(path)] = path.read_text()
        except OSError:
            continue  # a folder, or only to be written
    moving = ("/fs/", "random", "nr_", "-nr", "ns_last_pid", "pty/nr", "fips", "sched", "cad_pid", "run_estimation")
    return {name: value for name, value in seen.items() if not any(word in name for word in moving)}


def test_the_machine_is_as_before() -> None:
    before = state()
    assert len(before) > 300
    with Lab() as lab:
        a, r, b = lab.hosts("a r b")
        lab.link(a, r)
        lab.link(r, b, rate=1e6, delay=0.01, loss=0.1)
        lab.route()
        a.sysctl("net.ipv4.ip_default_ttl", 7)
        a.add_bridge("br0")
        assert state() == before
    assert state() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="not root: who is not cannot write to the machine's files anyway")
def test_real_root_writes_to_the_lab_alone(tmp_path: Path) -> None:
    with Lab() as lab:
        host = lab.host("a")
        for path in (str(tmp_path / "file"), "/etc/netlab", str(Path.home() / "netlab"), "/dev/shm/netlab"):
            with pytest.raises(OSError, match="Read-only"):
                host.write(path, "x")
        for path in ("/proc/sys/kernel/hostname", "/proc/sys/vm/swappiness"):
            with pytest.raises(OSError, match="Read-only"):
                host.write(path, host.read(path))
        assert host.run("sh -c 'mount -o remount,rw / && touch /etc/netlab'", check=False).returncode
        host.write("/run/netlab", "x")
        host.write("/proc/sys/net/ipv4/ip_forward", "1")
    assert not Path("/run/netlab").exists()
    assert not Path("/etc/netlab").exists()
