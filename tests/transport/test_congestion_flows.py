"""Flows of packets over a shared link: the books balance at every event, whatever is lost, marked or delayed."""

from bisect import bisect_right
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from math import inf, nan
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlab.clock import Clock
from netlab.transport.congestion import Bbr, Controller, Cubic, FixedWindow, Flow, Path, Reno, Rto, packets
from netlab.transport.congestion.flow import AVOIDANCE, MOVES, RECOVERY
from netlab.transport.congestion.link import Arrive, Link
from netlab.transport.congestion.newreno import NewReno
from netlab.transport.congestion.receiver import PATIENCE, Receiver
from netlab.transport.congestion.sack import Sack
from tests.transport.test_congestion import PATH

NEAR = Path(rate=1e9, delay=0.010, queue=100)  # 20 ms there and back, and packets that take next to nothing

makers = st.sampled_from([Reno, Cubic, Bbr, lambda: FixedWindow(30), lambda: Reno(ssthresh=8)])
worlds = st.fixed_dictionaries({
    "queue": st.integers(0, 40),
    "loss": st.sampled_from([0.0, 0.02, 0.2]),
    "seed": st.integers(0, 99),
    "mark": st.sampled_from([inf, 3, 10]),
    "delayed": st.booleans(),
    "sack": st.booleans(),
    "lose": st.sets(st.integers(0, 60), max_size=20),
})  # fmt: skip


class Watched(Link):
    """A link that is watched from outside: what went in, when each left the queue, and what came out."""

    def __init__(self, path: Path, **how: Any) -> None:
        super().__init__(path, **how)
        self.left: list[float] = []
        self.put = self.gone = self.came = 0

    def send(self, number: int, stamp: Any, delay: float, arrive: Arrive, lose: Any = ()) -> tuple[float, bool]:
        def watched(*arrival: Any) -> None:
            self.came += 1
            arrive(*arrival)

        free = self.free
        leaves, lost = super().send(number, stamp, delay, watched, lose)
        self.put += 1
        self.gone += lost
        if self.free > free:  # it was not dropped from the queue, though it may be lost behind it
            self.left.append(leaves)
        return leaves, lost

    def queued(self) -> int:
        """How many have not left the queue yet."""
        return len(self.left) - bisect_right(self.left, self.clock.now + 1e-9)

    def under_way(self) -> int:
        """How many packets the clock is still to deliver."""
        return sum(call == self._deliver for call, _ in self.clock._calls.values())


def flow(make: Callable[[], Controller], world: dict[str, Any], total: float) -> Flow:
    """Return a flow that has not begun, in such a world."""
    path, dice = Path(12e6, 0.005, world["queue"]), Random(world["seed"])
    link = Watched(path, loss=world["loss"], dice=dice, mark=world["mark"])
    kind: type[Flow] = Sack if world["sack"] else NewReno
    return kind(make(), link, Rto(0.2, 0.2), total, set(world["lose"]), delayed=world["delayed"], quiet=True)


def balanced(link: Watched, flows: list[Flow]) -> None:
    """Compare the books of a link with what was seen of it, and with those of its flows."""
    assert (link.sent, link.lost, link.delivered) == (link.put, link.gone, link.came)
    assert link.put == link.came + link.gone + link.under_way()
    assert link.flying == link.under_way()
    assert link.lost == sum(flow.dropped for flow in flows)
    assert link.waiting == link.queued() <= link.path.queue
    for flow in flows:
        assert 0 <= flow.una <= flow.next
        assert flow.una <= flow.receiver.expected <= flow.high
        assert flow.flight >= 0
        if isinstance(flow, Sack):
            assert len(flow.order) + len(flow.sacked) <= flow.next - flow.una
            assert not flow.sacked & flow.order.keys()
            assert [sent.serial for sent in flow.order.values()] == sorted(sent.serial for sent in flow.order.values())


@settings(max_examples=80)
@given(makers, worlds)
def test_what_is_sent_is_delivered_lost_or_on_its_way_at_every_event(
    make: Callable[[], Controller], world: dict[str, Any]
) -> None:
    one = flow(make, world, total=150)
    one.fill()
    for _ in range(2500):
        balanced(one.link, [one])  # type: ignore[arg-type]
        if isinstance(one, Sack):  # after a timeout NewReno sends again what may have arrived, and loses count of it
            assert one.link.flying <= one.flight, "more is under way than the sender knows of"
        if not one.clock.step():
            break
    left = one.link.left  # type: ignore[attr-defined]
    assert all(b - a >= one.path.packet_time - 1e-9 for a, b in pairwise(left)), "two in one packet's time"


@settings(max_examples=80)
@given(makers, worlds)
def test_every_transfer_ends_whole_and_leaves_nothing_behind(
    make: Callable[[], Controller], world: dict[str, Any]
) -> None:
    one = flow(make, world, total=60)
    one.fill()
    while one.clock.step() and one.done == inf:
        assert one.clock.now < 4000
    assert one.arrived == one.una == 60
    assert one.flight == 0
    left = {call.__name__ for call, _ in one.clock._calls.values()}
    assert left <= {"_deliver", "acknowledged", "release"}, "an alarm of the sender outlives the transfer"
    seen = len(one.samples)
    one.clock.run()
    assert one.clock.now <= one.done + one.path.rtt + one.path.queue * one.path.packet_time + PATIENCE
    assert all(s.flight == 0 for s in one.samples[seen:]), "something goes on after the end"


@settings(max_examples=60)
@given(makers, worlds)
def test_no_more_is_under_way_than_the_window_allows(make: Callable[[], Controller], world: dict[str, Any]) -> None:
    """Whenever a packet is sent, it is one of as many as the window has; a repair of NewReno's may go beyond it."""
    one = flow(make, world, total=300)
    enter = one.enter

    def watched(number: int, sent: float) -> None:
        if isinstance(one, Sack):
            assert one.flight <= one.window
        elif number == one.next - 1 and isinstance(one, NewReno):
            assert one.flight - one.duplicates <= one.window
        enter(number, sent)

    one.enter = watched  # type: ignore[method-assign]
    one.fill()
    one.clock.run(until=2)


@settings(max_examples=40)
@given(makers, worlds)
def test_the_same_dice_take_the_same_course(make: Callable[[], Controller], world: dict[str, Any]) -> None:
    once, again = (flow(make, world, total=100) for _ in range(2))
    for one in (once, again):
        one.fill()
        one.clock.run(until=20)
    assert once.samples == again.samples


@settings(max_examples=25)
@given(st.lists(st.tuples(makers, st.sampled_from([Sack, NewReno])), min_size=1, max_size=5), worlds)
def test_a_crowds_books_balance_at_every_event(
    kinds: list[tuple[Callable[[], Controller], type[Flow]]], world: dict[str, Any]
) -> None:
    dice = Random(world["seed"])
    link = Watched(Path(12e6, 0.005, world["queue"]), loss=world["loss"], dice=dice, mark=world["mark"])
    flows = [
        kind(make(), link, Rto(0.2, 0.2), 40, set(world["lose"]), 0.005 * (n + 1), world["delayed"], dice, quiet=True)
        for n, (make, kind) in enumerate(kinds)
    ]
    for one in flows:
        link.clock.at(dice.random() * 0.02, one.fill)
    while link.clock.step() and link.clock.now < 1:
        balanced(link, flows)
    link.clock.run()
    assert [one.arrived for one in flows] == [40] * len(flows)
    assert all(b - a >= link.path.packet_time - 1e-9 for a, b in pairwise(link.left))


@given(makers, worlds)
@settings(max_examples=25)
def test_every_step_is_in_the_table(make: Callable[[], Controller], world: dict[str, object]) -> None:
    one = flow(make, world, total=80)
    one.fill()
    one.clock.run(until=60)
    ways = {(state, after) for (state, _), after in MOVES.items()} | {(AVOIDANCE, RECOVERY)}
    reachable = ways | {(a, d) for a, b in ways for c, d in ways if b == c}  # two steps may fall into one ACK
    for before, after in pairwise(s.state for s in one.samples):
        assert before == after or (before, after) in reachable


def test_a_link_carries_one_packet_in_each_packet_time_and_no_more_wait_than_there_is_room() -> None:
    times: list[float] = []
    link = Link(Path(12e6, 0.020, 5))
    for number in range(10):
        link.send(number, 0.0, 0.020, lambda number, stamp, marked: times.append(link.clock.now))
    assert (link.sent, link.lost, link.waiting) == (10, 4, 5)
    link.clock.run()
    assert times == pytest.approx([0.020 + n * 0.001 for n in range(6)])
    assert link.flying == 0


def test_more_than_so_many_in_the_queue_are_marked() -> None:
    """The first is being sent, two may wait; from the third that waits on each packet gets its mark (RFC 3168 §5)."""
    marks: list[bool] = []
    link = Link(Path(12e6, 0.020, 5), mark=2)
    for number in range(6):
        link.send(number, 0.0, 0.020, lambda number, stamp, marked: marks.append(marked))
    link.clock.run()
    assert marks == [False, False, False, True, True, True]
    assert link.marked == 3


@pytest.mark.parametrize("gap", [False, True])
def test_a_delayed_ack_echoes_the_first_packets_time_unless_one_is_missing(gap: bool) -> None:
    """RFC 7323 §3: so the round trip includes the wait; where there is a gap, the last one's time counts."""
    told: list[tuple[Any, ...]] = []
    clock = Clock()
    receiver = Receiver(clock, 0.010, lambda *ack: told.append(ack), True, None)
    receiver.arrive(0, 1.0, False)
    receiver.arrive(2 if gap else 1, 2.0, False)
    clock.run()
    assert told == [(1, 2, 2.0, False) if gap else (2, 1, 1.0, False)]


def test_a_mark_is_told_at_once_though_acks_are_delayed() -> None:
    told: list[tuple[Any, ...]] = []
    clock = Clock()
    receiver = Receiver(clock, 0.010, lambda *ack: told.append((clock.now, *ack)), True, None)
    receiver.arrive(0, 0.0, True)
    clock.run()
    assert told == [(0.010, 1, 0, 0.0, True)]


def test_every_nth_packet_is_lost_without_dice() -> None:
    link = Link(Path(1e9, 0.001, 1000), loss=0.25)
    lost = [link.send(n, 0.0, 0.001, lambda *_: None)[1] for n in range(12)]
    assert [n for n, gone in enumerate(lost) if gone] == [3, 7, 11]
    for share in (-0.1, 1.0):
        with pytest.raises(ValueError, match="from 0 to below 1"):
            Link(PATH, loss=share)


@pytest.mark.parametrize("sack", [False, True])
def test_a_mark_cuts_once_in_a_window_and_nothing_is_lost(sack: bool) -> None:
    """RFC 3168 §6.1.2: a sender reacts to marks at most once in a window of data."""
    one = packets(Reno(ssthresh=40), PATH, 10, sack=sack, mark=12, timer=Rto(0.2, 0.2))
    assert one.dropped == one.repeated == 0
    assert one.marks > 5
    falls = [b.time for a, b in pairwise(one.samples) if b.cwnd < 0.7 * a.cwnd]
    assert len(falls) == one.marks
    assert all(b - a > 0.040 for a, b in pairwise(falls)), "two cuts in one round trip"
    assert one.link.marked > one.marks, "a window has many marks"
    assert max(s.queue for s in one.samples) < PATH.queue


@pytest.mark.parametrize("sack", [False, True])
def test_a_delayed_receiver_acknowledges_every_second_packet(sack: bool) -> None:
    """RFC 5681 §4.2; growth counts packets, so it costs nothing."""
    prompt, slow = (packets(Reno(ssthresh=40), PATH, 12, sack=sack, delayed=delayed) for delayed in (False, True))
    acks = [sum(event.src == "receiver" for event in one.trace) for one in (prompt, slow)]
    assert acks[1] < 0.55 * acks[0]
    periods = [[b.time - a.time for a, b in pairwise(one.cuts)] for one in (prompt, slow)]
    assert periods[1] == pytest.approx(periods[0][: len(periods[1])], rel=0.06)
    alone = packets(FixedWindow(1), NEAR, total=1, sack=sack, delayed=True)
    assert alone.done == pytest.approx(0.060, abs=0.001), "nobody waits for ever for a second packet"


odd = st.sampled_from([nan, inf, -inf, -1, 0, 1e-300, 0.5, 1, 3, 1e300])
keywords = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("seconds", "total", "loss", "mark", "timer", "delayed", "sack", "fast"), odd)
)


@settings(max_examples=300)
@given(keywords)
def test_a_run_is_a_run_or_a_sentence(how: dict[str, Any]) -> None:
    with suppress(ValueError):
        packets(Reno(ssthresh=4), PATH, **{"seconds": 0.2, **how})
