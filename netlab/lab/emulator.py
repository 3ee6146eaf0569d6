"""A long cable: a process that hands frames on between two interfaces, later, or not at all.

The kernel does rates and queues; where it has netem it does this, too. Where it has not, each direction of a link goes
through here: a frame comes in from one packet socket (packet(7)), waits, and goes out by the other.

    eth0 of a host ═ w0 ──▶ Direction: lost? delayed? ──▶ w1 ═ eth0 of the other

``Direction`` opens nothing and asks no clock, so it can be tested without either: it gets frames, times and dice.
"""

from __future__ import annotations

import gc
import marshal
import os
import select
import socket
import time
from collections.abc import Iterator
from heapq import heappop, heappush
from random import Random

from netlab.lab import system

ALL = 0x0003  # ETH_P_ALL: frames of every protocol
SOL_PACKET, QDISC_BYPASS, IGNORE_OUTGOING = 263, 20, 23
BATCH = 64  # frames read from one side before the other has its turn
ROOM = 8 << 20  # bytes that may wait in the kernel while this process sleeps; net.core.rmem_max may allow less
LONGEST = 65_550  # bytes of a frame


class Direction:
    """Frames on their way from one end to the other.

    ``delay`` and ``jitter`` are in s: a frame takes delay ± jitter, each time between the two as likely, and may so
    overtake another. ``loss`` and ``reorder`` are probabilities: to vanish, and to be handed on at once.
    """

    def __init__(self, dice: Random, delay: float = 0.0, jitter: float = 0.0, loss: float = 0.0, reorder: float = 0.0):
        self.dice = dice
        self.waiting: list[tuple[int, int, bytes]] = []  # a heap: when it is due (ns), which one it is, the frame
        self.entered = self.lost = self.left = self.refused = 0
        self.change(delay, jitter, loss, reorder)

    def change(self, delay: float, jitter: float, loss: float, reorder: float) -> None:
        """Treat the frames from now on like this; those that are under way arrive as they were to."""
        self.delay, self.jitter, self.loss, self.reorder = round(delay * 1e9), round(jitter * 1e9), loss, reorder

    def enter(self, now: int, frame: bytes) -> None:
        """Take in a frame at ``now``, in ns."""
        self.entered += 1
        if self.loss and self.dice.random() < self.loss:
            self.lost += 1
            return
        due = now + self.delay
        if self.reorder and self.dice.random() < self.reorder:
            due = now
        elif self.jitter:
            due += self.dice.randint(-self.jitter, self.jitter)
        heappush(self.waiting, (due, self.entered, frame))

    def leave(self, now: int) -> Iterator[bytes]:
        """Yield the frames that are due."""
        while self.waiting and self.waiting[0][0] <= now:
            yield heappop(self.waiting)[2]

    def counts(self) -> dict[str, int]:
        """Return how many frames entered, were lost, left, were refused by the interface, and are under way."""
        return {
            "entered": self.entered,
            "lost": self.lost,
            "left": self.left,
            "refused": self.refused,
            "waiting": len(self.waiting),
        }


def main(devices: list[str], lines: list[dict[str, float]], seed: int, control: int) -> None:
    """Be a link between two interfaces of this network, each direction like one of ``lines``. Ends by being killed."""
    system.die_with_parent()
    system.wake_on_time()
    gc.disable()  # nothing here makes circles
    socks = [_packets(device) for device in devices]
    ways = [Direction(Random(f"{seed} {n}"), **line) for n, line in enumerate(lines)]
    run([sock.fileno() for sock in socks], ways, control)


def _packets(device: str) -> socket.socket:
    """Return a socket through which the frames of ``device`` come and go."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.setsockopt(SOL_PACKET, IGNORE_OUTGOING, 1)
    sock.setsockopt(SOL_PACKET, QDISC_BYPASS, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)
    sock.bind((device, ALL))
    sock.setblocking(False)
    return sock


def run(ends: list[int], ways: list[Direction], control: int) -> None:
    """Hand frames on until ``control`` closes: the first way leads from the first end to the second, the other back."""
    now = time.monotonic_ns
    paths = list(zip(ends, ways, reversed(ends), strict=True))
    while True:
        due = min((way.waiting[0][0] for way in ways if way.waiting), default=None)
        patience = None if due is None else max(0, due - now()) / 1e9
        ready, _, _ = select.select([*ends, control], [], [], patience)
        if control in ready:
            for source, way, _ in paths:
                _take(source, way)  # what was sent before a change is treated as before
            if not _obey(ways, control):
                return
        for source, way, target in paths:
            if source in ready:
                _take(source, way)
            for frame in way.leave(now()):
                try:
                    os.write(target, frame)
                except OSError:  # the interface is down, or its queue is full
                    way.refused += 1
                else:
                    way.left += 1


def _take(source: int, way: Direction) -> None:
    """Read what has come, as long as there is something and the other side does not wait too long."""
    now = time.monotonic_ns
    try:
        for _ in range(BATCH):
            way.enter(now(), os.read(source, LONGEST))
    except BlockingIOError:
        return
    except OSError:  # the interface went down; it may come up again
        return


def _obey(ways: list[Direction], control: int) -> bool:
    """Change the directions as the notebook wants, and answer with what they have counted. False: it hung up."""
    try:
        told = os.read(control, 4096)
    except ConnectionError:  # without having read the last answer
        told = b""
    if not told:
        return False
    for way, line in zip(ways, marshal.loads(told), strict=True):
        if line:
            way.change(**line)
    os.write(control, marshal.dumps([way.counts() for way in ways]))
    return True
