"""The ground rooms beside their peers, in one run: the checksum beside scapy's, the clock beside a bare heap.

pytest-benchmark's table shows each alone. What is asserted is a ratio (tests/benchmarks/turns.py).
"""

import random
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count, cycle
from typing import Any

import pytest
from scapy.utils import checksum as scapy_checksum

from netlab.clock import Clock
from netlab.wire import Feed, Reader, checksum, sized
from tests.benchmarks.turns import best, times

pytestmark = pytest.mark.serial

# ---------------------------------------------------------------------------------------------------------- checksum

SIZES = [20, 1500]  # an IPv4 header, a full Ethernet frame
CHECKSUMS = {"netlab": checksum, "scapy": scapy_checksum}


@pytest.mark.parametrize("name", CHECKSUMS)
@pytest.mark.parametrize("size", SIZES)
def test_checksum(benchmark: Any, size: int, name: str) -> None:
    benchmark.group = f"checksum of {size} B"
    benchmark(CHECKSUMS[name], random.Random(1).randbytes(size))


@pytest.fixture(scope="module")
def asked() -> float:
    """Return how many times as fast as scapy's our checksum must be: 3 on a plain Python, 2 on an optimised one.

    scapy adds word by word, in a loop of the interpreter. A build with profile-guided optimisation, as Debian's, runs
    that loop twice as fast. We spend our time in two calls that no such build makes much faster.
    """
    data = random.Random(1).randbytes(1500)
    (theirs,) = best(times(scapy_checksum, data))
    return 3 if theirs / 500 / (1500 / 2) > 9e-9 else 2  # s for a word


@pytest.mark.parametrize("size", SIZES)
def test_checksum_is_much_faster_than_scapys(size: int, asked: float, say: Callable[[str], None]) -> None:
    data = random.Random(1).randbytes(size)
    ours, theirs = best(*(times(call, data) for call in CHECKSUMS.values()))
    took = f"netlab {ours / 500 * 1e9:,.0f} ns, scapy {theirs / 500 * 1e9:,.0f} ns"
    say(f"checksum of {size:,} B: {took}: {theirs / ours:.1f} x as fast (asked: {asked})")
    assert theirs >= asked * ours


# ------------------------------------------------------------------------------------------------------------- clock

EVENTS, PENDING = 20_000, 100


def delays() -> Callable[[], float]:
    dice = random.Random(2)
    return cycle([dice.random() for _ in range(1_000)]).__next__


def bare_heap() -> None:
    """Do what the clock does, without a clock: no handles, no checks, no cancelling."""
    heap: list[tuple[float, int, Callable[[], None]]] = []
    serial, delay, left, now = count(), delays(), EVENTS, 0.0

    def happen() -> None:
        nonlocal left
        if left > 0:
            left -= 1
            heappush(heap, (now + delay(), next(serial), happen))

    for _ in range(PENDING):
        happen()
    while heap:
        now, _, call = heappop(heap)
        call()


def our_clock() -> None:
    """Let as many events happen, each of which asks for the next."""
    clock, delay, left = Clock(), delays(), EVENTS

    def happen() -> None:
        nonlocal left
        if left > 0:
            left -= 1
            clock.after(delay(), happen)

    for _ in range(PENDING):
        happen()
    clock.run()


def restarted_timers() -> None:
    """Restart a timer as often as the others let events happen: what TCP does with each ACK."""
    clock, timer = Clock(), 0
    for _ in range(EVENTS):
        clock.cancel(timer)
        timer = clock.after(1.0, list)


@pytest.mark.parametrize("run", [our_clock, bare_heap, restarted_timers], ids=lambda run: run.__name__)
def test_clock(benchmark: Any, run: Callable[[], None]) -> None:
    benchmark.group = f"{EVENTS} events"
    benchmark(run)


def test_clock_is_nearly_as_fast_as_a_bare_heap(say: Callable[[str], None]) -> None:
    ours, bare = best(our_clock, bare_heap, turns=15)
    rates = f"{EVENTS / ours / 1e6:.2f} million events/s, a bare heap {EVENTS / bare / 1e6:.2f}"
    say(f"clock: {rates}: {bare / ours:.2f} x as fast (aim: 0.7)")
    assert bare / ours >= 0.4


# -------------------------------------------------------------------------------------------------------------- feed


def feeding(total: int, piece: int) -> Callable[[], object]:
    """Return a run that feeds one message of ``total`` bytes in pieces."""
    wire = sized(bytes(total - 4), 4)

    def decode(r: Reader) -> bytes:
        return r.take(r.uint(4, "length"), "body")

    def run() -> None:
        feed, got = Feed(total), list[bytes]()
        for at in range(0, total, piece):
            feed.feed(wire[at : at + piece])
            got += feed.messages(decode)
        assert len(got) == 1

    return run


@pytest.mark.parametrize(("piece", "total"), [(1, 1 << 18), (1460, 1 << 22)])
def test_feeding_takes_time_in_proportion(piece: int, total: int, say: Callable[[str], None]) -> None:
    quarter, whole = best(feeding(total // 4, piece), feeding(total, piece), turns=15)
    say(f"{total >> 10:,} KiB in pieces of {piece:,} B: {whole * 1e3:.2f} ms, {whole / quarter:.1f} x a quarter of it")
    assert whole / quarter <= 8  # in proportion would be 4, to the square 16
