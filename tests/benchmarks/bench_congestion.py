"""A minute of one Reno flow, packet by packet: our clock and link beside simpy's processes, in one run.

simpy is what simulations are written with in Python. The program here has the same parts: a queue (``Store``) and the
process that takes a packet out of it for as long as the link needs, and for each packet or ACK on its way, and each
timer, something that waits. That is written in two ways: as simpy's tutorial has it, a process that can be interrupted,
and as whoever is in a hurry writes it, a bare timeout with a callback. The sender's rules are the same code for all,
and so are the samples.

Networks are simulated for research with ns-3, in C++: its whole stack runs there, headers and all. Its minute is
another opinion of the same flow, and costs what it costs.
"""

import re
import subprocess
from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path as File
from typing import Any

import pytest
import simpy

from netlab.transport.congestion import Flow, Path, Reno, packets
from netlab.transport.congestion.newreno import NewReno
from netlab.transport.congestion.timer import Fixed
from tests.benchmarks.turns import beside, best
from tests.programs import missing, need

pytestmark = pytest.mark.serial

PATH = Path(rate=10e6, delay=0.020, queue=24)
MINUTE = 60.0  # s
Process = Generator[simpy.Event, Any, None]


class Clock:
    """What a flow asks of a clock; ``after`` and ``cancel`` are written in one way or the other."""

    def __init__(self, env: simpy.Environment) -> None:
        self.env = env
        self.calls: dict[int, Any] = {}
        self.count = 0

    @property
    def now(self) -> float:
        return float(self.env.now)

    def at(self, time: float, call: Callable[..., object], *args: Any) -> int:
        return self.after(time - self.now, call, *args)

    def after(self, delay: float, call: Callable[..., object], *args: Any) -> int:
        raise NotImplementedError


class Processes(Clock):
    """A process for each event."""

    def after(self, delay: float, call: Callable[..., object], *args: Any) -> int:
        self.count += 1
        self.calls[self.count] = self.env.process(self.later(self.count, delay, call, args))
        return self.count

    def later(self, handle: int, delay: float, call: Callable[..., object], args: tuple[Any, ...]) -> Process:
        try:
            yield self.env.timeout(delay)
        except simpy.Interrupt:
            return
        self.calls.pop(handle, None)
        call(*args)

    def cancel(self, handle: int) -> None:
        if process := self.calls.pop(handle, None):
            process.interrupt()


class Callbacks(Clock):
    """A timeout for each event; one that is cancelled runs into nothing."""

    def after(self, delay: float, call: Callable[..., object], *args: Any) -> int:
        self.count = handle = self.count + 1
        self.calls[handle] = call, args
        self.env.timeout(delay).callbacks.append(lambda _: self.fire(handle))
        return handle

    def fire(self, handle: int) -> None:
        if event := self.calls.pop(handle, None):
            event[0](*event[1])

    def cancel(self, handle: int) -> None:
        self.calls.pop(handle, None)


class Link:
    """A queue and a link, as a store and the process that empties it."""

    def __init__(self, env: simpy.Environment, path: Path, clock: Clock) -> None:
        self.env, self.path, self.clock = env, path, clock
        self.queue = simpy.Store(env)
        self.busy = False
        env.process(self.carry())

    @property
    def waiting(self) -> int:
        return len(self.queue.items)

    def send(self, number: int, sent: float, delay: float, arrive: Any, lose: Any) -> tuple[float, bool]:
        if self.busy and self.waiting >= self.path.queue:
            return self.clock.now, True
        self.busy = True
        self.queue.put((number, sent, delay, arrive))
        return self.clock.now, False

    def carry(self) -> Process:
        while True:
            number, sent, delay, arrive = yield self.queue.get()
            self.clock.after(delay, arrive, number, sent, False)
            yield self.env.timeout(self.path.packet_time)
            self.busy = bool(self.queue.items)


def theirs(kind: type[Clock]) -> Flow:
    env = simpy.Environment()
    link: Any = Link(env, PATH, kind(env))
    flow = NewReno(Reno(ssthresh=30), link, Fixed(1.0), quiet=True)
    flow.fill()
    env.run(until=MINUTE)
    return flow


def ours() -> Flow:
    return packets(Reno(ssthresh=30), PATH, MINUTE, trace=False)


SIDES = {"processes": partial(theirs, Processes), "callbacks": partial(theirs, Callbacks)}


@pytest.mark.parametrize("written", SIDES)
def test_both_yield_the_same_samples(written: str) -> None:
    mine, simpys = ours().samples, SIDES[written]().samples
    assert len(mine) == len(simpys) > 40_000
    for field in ("time", "cwnd", "ssthresh", "rtt"):
        assert max(abs(getattr(a, field) - getattr(b, field)) for a, b in zip(mine, simpys, strict=True)) < 1e-9, field
    for field in ("flight", "lost", "state"):
        assert [getattr(s, field) for s in mine] == [getattr(s, field) for s in simpys], field


@pytest.mark.parametrize("side", [ours, *SIDES.values()], ids=["netlab", *(f"simpy's {name}" for name in SIDES)])
def test_a_minute(benchmark: Any, side: Callable[[], Flow]) -> None:
    benchmark.group = "60 s of one flow"
    benchmark.pedantic(side, rounds=1)


@pytest.mark.parametrize("written", SIDES)
def test_a_minute_takes_half_as_long(written: str, say: Callable[[str], None]) -> None:
    mine, simpys = beside(ours, SIDES[written], asked=2, turns=3)
    say(f"60 s of a flow: {mine:.2f} s of processor, {mine / simpys:.2f} times what simpy's {written} take")
    assert mine <= 0.5 * simpys


@pytest.fixture(scope="module")
def ns3(tmp_path_factory: pytest.TempPathFactory) -> list[float]:
    """Seconds of processor, samples, bytes, cuts and highest window (segments) of ns-3's minute."""
    compiler, program = need("g++"), tmp_path_factory.mktemp("ns3") / "minute"
    probe = [compiler, "-x", "c++", "-fsyntax-only", "-std=c++17", "-include", "ns3/core-module.h", "/dev/null"]
    if subprocess.run(probe, check=False, capture_output=True).returncode:
        missing("ns-3 (Debian: libns3-dev)")
    parts = ["core", "network", "internet", "point-to-point", "applications", "traffic-control"]
    source = File(__file__).with_name("minute.cc")
    link = ["-Wl,--allow-shlib-undefined", *(f"-lns3-{part}" for part in parts)]
    subprocess.run([compiler, "-std=c++17", "-O2", source, "-o", program, *link], check=True)
    said = [subprocess.run([program], check=True, capture_output=True, text=True).stdout for _ in range(3)]
    assert all(re.fullmatch(r"[\d.]+( \d+){3} [\d.]+\n", line) for line in said), said
    return min([float(number) for number in line.split()] for line in said)


def test_ns3_sees_the_same_flow(ns3: list[float], say: Callable[[str], None]) -> None:
    """Its peaks are two segments higher (it inflates its window as it enters recovery), and so its teeth are longer."""
    _, samples, received, cuts, highest = ns3
    flow = ours()
    teeth, mine = flow.samples[-1].lost, max(sample.cwnd for sample in flow.samples)
    say(f"ns-3: {cuts:.0f} cuts from {highest:.1f} segments, {received / 1e6:.1f} MB; ours: {teeth} from {mine:.1f}")
    assert abs(highest / mine - 1) < 0.05
    assert abs(cuts / teeth - 1) < 0.10
    assert abs(received / (MINUTE * PATH.rate / 8 * 1448 / 1500) - 1) < 0.02
    assert abs(samples / len(flow.samples) - 1) < 0.02


def test_a_minute_beside_ns3(ns3: list[float], say: Callable[[str], None]) -> None:
    [mine] = best(ours, turns=3)
    say(f"60 s of a flow: {mine:.2f} s of processor, {mine / ns3[0]:.2f} times what ns-3 takes")
    assert mine <= 0.5 * ns3[0]
