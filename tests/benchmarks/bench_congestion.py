"""A minute of one Reno flow, packet by packet: our clock and link beside simpy's processes, in one run.

simpy is what simulations are written with in Python. The program here has the same parts: a queue (``Store``) and the
process that takes a packet out of it for as long as the link needs, a process for each packet that is on its way, and
timers as processes that are interrupted. The sender's rules are the same code for both, and so are the samples.
"""

from collections.abc import Callable, Generator
from typing import Any

import pytest
import simpy

from netlab.transport.congestion import Flow, Path, Reno, packets
from netlab.transport.congestion.newreno import NewReno
from netlab.transport.congestion.timer import Fixed
from tests.benchmarks.turns import beside

pytestmark = pytest.mark.serial

PATH = Path(rate=10e6, delay=0.020, queue=24)
MINUTE = 60.0  # s
Process = Generator[simpy.Event, Any, None]


class Clock:
    """A clock whose events are simpy's processes."""

    def __init__(self, env: simpy.Environment) -> None:
        self.env = env
        self.calls: dict[int, simpy.Process] = {}
        self.count = 0

    @property
    def now(self) -> float:
        return float(self.env.now)

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


class Link:
    """A queue and a link, as a store and the process that empties it."""

    def __init__(self, env: simpy.Environment, path: Path) -> None:
        self.env, self.path, self.clock = env, path, Clock(env)
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


def theirs() -> Flow:
    env = simpy.Environment()
    link: Any = Link(env, PATH)
    flow = NewReno(Reno(ssthresh=30), link, Fixed(1.0), quiet=True)
    flow.fill()
    env.run(until=MINUTE)
    return flow


def ours() -> Flow:
    return packets(Reno(ssthresh=30), PATH, MINUTE, trace=False)


def test_both_yield_the_same_samples() -> None:
    mine, simpys = ours().samples, theirs().samples
    assert len(mine) == len(simpys) > 40_000
    assert [s.time for s in mine] == pytest.approx([s.time for s in simpys], abs=1e-9)
    assert [s.cwnd for s in mine] == pytest.approx([s.cwnd for s in simpys], abs=1e-9)
    assert [s.lost for s in mine] == [s.lost for s in simpys]


@pytest.mark.parametrize("side", [ours, theirs], ids=["netlab", "simpy"])
def test_a_minute(benchmark: Any, side: Callable[[], Flow]) -> None:
    benchmark.group = "60 s of one flow"
    benchmark.pedantic(side, rounds=1)


def test_a_minute_takes_half_as_long(say: Callable[[str], None]) -> None:
    mine, simpys = beside(ours, theirs, asked=2, turns=3)
    say(f"60 s of a flow: {mine:.2f} s of processor, simpy {simpys:.2f} s, {mine / simpys:.2f} times as much")
    assert mine <= 0.5 * simpys
