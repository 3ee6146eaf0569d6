"""What the lab is like, in numbers: each function measures one thing on this machine and returns what it saw.

`python -m tests.lab.measured` measures all of it, `… starts goodput` some; as whoever calls it. The tests in
test_measured.py have it run by an ordinary user, and say how good the numbers must be.
"""

import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from socket import SOCK_DGRAM
from threading import Event
from typing import Any

from netlab.lab import Host, Lab, capture, pour

FRAME, SEGMENT, PACKET = 1514, 1448, 1500  # bytes: of Ethernet, of TCP's data beside timestamps, of IP
DATAGRAM = PACKET - 28


def starts() -> dict[str, list[float]]:
    """Return how long labs take, in s: until three hosts stand, are linked, and are gone; and until fifty are."""
    times: dict[str, list[float]] = {"three": [], "linked": [], "closed": [], "fifty": []}
    for _ in range(15):
        start = time.perf_counter()
        lab = Lab()
        a, b, c = lab.hosts("a b c")
        up = time.perf_counter()
        lab.link(a, b)
        lab.link(b, c, rate=20e6, queue=50)
        lab.route()
        linked = time.perf_counter()
        lab.close()
        times["three"].append(up - start)
        times["linked"].append(linked - start)
        times["closed"].append(time.perf_counter() - linked)
    for _ in range(5):
        start = time.perf_counter()
        with Lab() as lab:
            hosts = lab.hosts(f"h{n}" for n in range(50))
            for one, other in pairwise(hosts):
                lab.link(one, other)
            times["fifty"].append(time.perf_counter() - start)
    return times


def path(lab: Lab, **line: Any) -> tuple[Host, Host]:
    """Return client and server: between them a plain cable, a router and a link like ``line``."""
    client, router, server = lab.hosts("client router server")
    lab.link(client, router)
    lab.link(router, server, **line)
    lab.route()
    return client, server


def goodput(rate: float = 20e6, seconds: float = 4.0) -> float:
    """Return what one TCP connection acknowledged of that which such a link can carry, after its first second."""
    with Lab() as lab:
        samples = pour(*path(lab, rate=rate, delay=0.010, queue=50), seconds).samples
    first, last = next(s for s in samples if s.time > 1), samples[-1]
    return (last.acked - first.acked) * 8 / (last.time - first.time) / (rate * SEGMENT / FRAME)


def sent(client: Host, server: Host, count: int, gap: float, size: int = 100) -> None:
    """Send so many datagrams of ``size`` bytes, numbered, one every ``gap`` s."""
    with client.socket(kind=SOCK_DGRAM) as sock:
        start, never = time.monotonic(), Event()
        for n in range(count):
            never.wait(max(0.0, start + n * gap - time.monotonic()))
            sock.sendto(n.to_bytes(size), (server.address, 9))


def rate(rate: float = 20e6) -> float:
    """Return at which rate a link hands on frames that come a quarter too fast, as a part of what it should."""
    with Lab() as lab:
        client, server = path(lab, rate=rate, queue=100)
        with capture(server, snaplen=60) as taken:
            sent(client, server, 2_500, FRAME * 8 / rate / 1.25, DATAGRAM)
    frames = [frame for frame in taken.frames if frame.length == FRAME]
    seconds = (frames[-1].time - frames[0].time) / 1e9
    return (len(frames) - 1) * FRAME * 8 / seconds / rate


def crossings(count: int = 500, gap: float = 0.003, **line: Any) -> tuple[list[float], list[int]]:
    """Return how long frames take across a link, captured at both ends: in s and sorted; and their order."""
    with Lab() as lab:
        one, other = lab.hosts("one other")
        link = lab.link(one, other, delay=line["delay"])
        with other.socket(kind=SOCK_DGRAM) as sock:
            sock.bind((other.address, 9))
            sent(one, other, 1, 0)
            sock.recv(100)  # by now each knows the other's Ethernet address, and no loss can keep them from it
            link.change(**line)
            with capture(one) as left, capture(other) as came, suppress(TimeoutError):
                sent(one, other, count, gap)
                sock.settimeout(2 * line["delay"] + 0.05)
                while sock.recv(100):
                    pass  # until no more come
    gone = {frame.octets[-100:]: frame.time for frame in left.frames if frame.length == 142}
    here = {frame.octets[-100:]: frame.time for frame in came.frames if frame.length == 142}
    return sorted((time - gone[data]) / 1e9 for data, time in here.items()), [int.from_bytes(data) for data in here]


def delays(delay: float = 0.010) -> dict[str, float]:
    """Return by how much frames are late, in s: the middle one, and the 99th of 100."""
    took, _ = crossings(delay=delay)
    return {"count": len(took), "p50": took[len(took) // 2] - delay, "p99": took[len(took) * 99 // 100] - delay}


def disturbed() -> dict[str, Any]:
    """Return what becomes of 500 frames on a link with jitter, on one with losses and on one that reorders."""
    took, _ = crossings(delay=0.010, jitter=0.005)
    _, left = crossings(delay=0.010, loss=0.1)
    _, order = crossings(delay=0.010, reorder=0.1)
    return {
        "jitter": [took[len(took) * n // 100] for n in (10, 50, 90)],
        "left": len(left) / 500,
        "overtook": sum(n > later for n, later in pairwise(order)) / 500,  # three are under way, and one goes past them
    }


def forwarded(**line: Any) -> float:
    """Return how many frames a second get through when a sender sends all it can, for a second."""
    with Lab() as lab:
        client, server = path(lab, **line)
        with client.socket(kind=SOCK_DGRAM) as sock, server.socket(kind=SOCK_DGRAM) as there:
            there.bind((server.address, 9))
            sock.connect((server.address, 9))
            data, before, start = bytes(18), counted(server), time.monotonic()
            while time.monotonic() - start < 1:
                for _ in range(50):
                    sock.send(data)
            return (counted(server) - before) / (time.monotonic() - start)


def counted(host: Host) -> int:
    """Return how many frames came in at eth0, as /proc/net/dev has it."""
    line = next(line for line in host.read("/proc/net/dev").splitlines() if "eth0:" in line)
    return int(line.split()[2])


def forwarding() -> dict[str, float]:
    """Return how many frames a second the kernel's router hands on, and an emulator."""
    return {"router": max(forwarded() for _ in range(3)), "emulator": max(forwarded(delay=0.0) for _ in range(3))}


def ping(delay: float = 0.020) -> dict[str, float]:
    """Return what ping says of a link with that delay: the shortest and the mean round trip, in s."""
    with Lab() as lab:
        client, server = path(lab, delay=delay)
        said = client.run(f"ping -c 25 -i 0.02 {server.address}").stdout
    shortest, average = said.split(" = ")[-1].split("/")[:2]
    return {"min": float(shortest) / 1e3, "mean": float(average) / 1e3}


def iperf3(rate: float = 20e6) -> float:
    """Return what iperf3's receiver got over TCP after its first second, as a part of what such a link can carry."""
    with Lab() as lab:
        client, server = path(lab, rate=rate, delay=0.010, queue=50)
        with server.popen("iperf3 -s -1 --forceflush") as program:
            assert program.stdout is not None
            while "listening" not in program.stdout.readline():
                pass
            said = client.run(f"iperf3 -J -O 1 -t 3 -c {server.address}").stdout
    heard: float = json.loads(said)["end"]["sum_received"]["bits_per_second"]
    return heard / (rate * SEGMENT / FRAME)


ALL: dict[str, Callable[[], Any]] = {
    call.__name__: call for call in (starts, goodput, rate, delays, disturbed, forwarding, ping, iperf3)
}

if __name__ == "__main__":
    json.dump({name: ALL[name]() for name in sys.argv[1:] or ALL}, sys.stdout)
