"""A sender that is told what has arrived: which packet leaves again when, what its window is, and its timer."""

from itertools import pairwise
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.transport.congestion import FixedWindow, Path, Reno, Rto, Sample, packets
from netlab.transport.congestion.flow import AVOIDANCE, RECOVERY, SLOW_START, Flow
from netlab.transport.congestion.link import Link
from netlab.transport.congestion.newreno import NewReno
from netlab.transport.congestion.receiver import PATIENCE
from netlab.transport.congestion.sack import Reduction, Sack
from netlab.transport.congestion.timer import MOST, Fixed
from tests.transport.test_congestion import PATH, VECTORS

NEAR = Path(rate=1e9, delay=0.010, queue=100)  # 20 ms there and back, and packets that take next to nothing


def sent(flow: Flow) -> list[str]:
    return [event.label for event in flow.trace if event.src == "sender"]


def again(flow: Flow) -> list[str]:
    return [label for label in sent(flow) if label.endswith("again")]


def recoveries(flow: Flow) -> list[Sample]:
    return [b for a, b in pairwise(flow.samples) if b.state == RECOVERY != a.state]


# ---------------------------------------------------------------------------------------------------------- one story


def test_one_loss_step_by_step() -> None:
    """Ten in flight, the first of them lost: RFC 8985 §6.2 finds it at the third duplicate, RFC 9937 §6.2 paces."""
    flow = packets(Reno(cwnd=10, ssthresh=10), NEAR, seconds=0.0601, sack=True, lose=[0])
    told = [s for s in flow.samples if s.time < 0.035]
    assert sent(flow)[:12] == [*map(str, range(10)), "10", "11"], "the first two duplicates let one out each: RFC 3042"
    assert [s.state == RECOVERY for s in told[:4]] == [False, False, True, True]
    third = told[2]
    assert third.ssthresh == 5, "half of the ten that were under way"
    assert sent(flow)[12] == "0 again", "the third duplicate: a fast retransmit"
    # From then on one may leave for every second that arrives: prr_delivered × 5 / 10, rounded up, less prr_out.
    assert [round(s.cwnd) for s in told[2:9]] == [9, 8, 8, 7, 7, 6, 5]
    assert sent(flow)[12:16] == ["0 again", "12", "13", "14"]
    whole = next(s for s in flow.samples if s.time > third.time and s.state == AVOIDANCE)
    assert whole.time == pytest.approx(third.time + 0.020, abs=0.001)
    assert whole.cwnd == 5, "where PRR ends, ssthresh begins"
    assert flow.repeated == 1


def test_all_holes_of_a_window_are_filled_in_one_recovery() -> None:
    flow = packets(Reno(cwnd=20, ssthresh=20), NEAR, seconds=0.5, sack=True, lose=[0, 4, 5, 11], total=60)
    assert again(flow) == ["0 again", "4 again", "5 again", "11 again"]
    assert len(recoveries(flow)) == 1
    assert flow.done < 0.15


class Often(set[int]):
    """Packets that are lost so many times: {3: 2} is lost once more when it is sent again."""

    def __init__(self, times: dict[int, int]) -> None:
        super().__init__(times)
        self.left = dict(times)

    def discard(self, number: int) -> None:
        self.left[number] -= 1
        if not self.left[number]:
            super().discard(number)


def test_a_retransmission_that_is_lost_is_found_by_what_was_sent_after_it() -> None:
    """RFC 8985 §6.2 goes by the time of sending: a packet that was sent again is overtaken like any other."""
    flow = Sack(Reno(cwnd=10, ssthresh=10), Link(NEAR), Rto(0.2, 0.2), total=60, lose=Often({0: 2}))
    flow.fill()
    flow.clock.run(until=5)
    assert again(flow) == ["0 again", "0 again"]
    assert flow.done < 0.2, "no timer took part"
    assert len(recoveries(flow)) == 1


def test_two_behind_a_gap_are_enough_once_it_is_late() -> None:
    """RFC 8985 §6.2, step 4: without three behind it, a quarter of the shortest round trip is waited for disorder."""
    for lost, done in ((6, 0.040), (7, 0.045), (8, 0.045)):
        flow = packets(Reno(), NEAR, total=10, sack=True, lose=[lost])
        assert flow.done == pytest.approx(done, abs=0.0003), lost
        assert again(flow) == [f"{lost} again"]
        assert len(recoveries(flow)) == 1


def test_nothing_behind_the_last_only_the_timer() -> None:
    flow = packets(Reno(), NEAR, total=10, sack=True, lose=[9], timer=Rto(0.2, 0.2))
    assert flow.done == pytest.approx(0.020 + 0.220 + 0.020, abs=0.001)
    assert not recoveries(flow)


def test_slow_starts_overshoot_is_mended_in_a_few_round_trips() -> None:
    flow = packets(Reno(), PATH, seconds=4, sack=True)
    first = flow.cuts[0]
    assert first.flight > 120
    assert flow.dropped > 60
    assert not [s for s in flow.samples if s.rtt >= 1], "the timer went off"
    whole = next(s for s in flow.samples if s.time > first.time and s.state == AVOIDANCE)
    assert whole.time - first.time < 0.2
    assert whole.cwnd == pytest.approx(first.ssthresh)
    assert flow.goodput > 0.95


def test_steady_state() -> None:
    """Pipe and queue hold 64, and one is being sent: cut at 65 to 33, and back after 1.76 s as on Linux."""
    flow = packets(Reno(ssthresh=40), PATH, seconds=20, sack=True)
    assert {(s.flight + 1, s.ssthresh) for s in flow.cuts} <= {(65, 33), (65, 32.5), (66, 33)}
    assert [b.time - a.time for a, b in pairwise(flow.cuts)] == pytest.approx([1.755] * (len(flow.cuts) - 1), abs=0.01)
    assert flow.repeated == flow.dropped == 2 * len(flow.cuts)


# ------------------------------------------------------------------------------------------------- proportional, timed


def test_proportional_rate_reduction() -> None:
    """RFC 9937 §6.2, by hand: twenty under way (RecoverFS), to ten; then slow start, but no more than arrives."""
    cut = Reduction(20)
    windows = []
    pipe = 17  # the first packet is lost, and two have arrived that told nothing yet
    for _ in range(12):
        pipe -= 1
        cut.step(1, pipe, 10, safe=False)
        windows.append(cut.window)
        out = int(cut.window) - pipe
        cut.out += out
        pipe += out
    assert cut.delivered == 12
    assert windows[:4] == [17, 16, 16, 15], "one leaves at once, and then one for every second"
    assert min(windows) >= 9.5
    low = Reduction(20, delivered=10, out=5)
    low.step(1, 4, 10, safe=False)
    assert low.window == 10, "far below ssthresh: as many as arrived and did not leave, 11 - 5, and no more than ten"
    low = Reduction(20, delivered=10, out=10)
    low.step(1, 4, 10, safe=False)
    assert low.window == 5, "packets are conserved: one for one"
    low = Reduction(20, delivered=10, out=10)
    low.step(1, 4, 10, safe=True)
    assert low.window == 6, "a hole was closed: one more"


def test_a_timeout_takes_all_for_lost_and_begins_with_one() -> None:
    """RFC 8985 §6.3, RFC 5681 §3.1: cwnd is 1, ssthresh half of what was under way; RFC 6298 §5.5: twice as long."""
    flow = packets(Reno(), NEAR, seconds=1.5, sack=True, timer=Rto(), lose=range(10))
    timeout = next(s for s in flow.samples if s.rtt == 1.0)
    assert (timeout.time, timeout.cwnd, timeout.ssthresh, timeout.state) == (1.0, 1, 5, SLOW_START)
    assert [e.label for e in flow.trace if e.src == "sender" and e.time >= 1.0][:3] == ["0 again", "1 again", "2 again"]
    assert flow.samples[-1].ssthresh == 5, "what the timer sent again is no new loss"


def test_a_dead_link_is_asked_ever_more_rarely() -> None:
    class Nothing(set[int]):
        def __contains__(self, _: object) -> bool:
            return True

    flow = Sack(Reno(), Link(NEAR), Rto(), lose=Nothing())
    flow.fill()
    flow.clock.run(until=200)
    assert [s.time for s in flow.samples] == [1, 3, 7, 15, 31, 63, 123, 183], "60 s are the most: RFC 6298 §2.5"


def test_of_a_packet_that_was_sent_twice_the_timer_learns_nothing() -> None:
    """Karn's algorithm, RFC 6298 §3: the back-off stays until a packet that was sent once is acknowledged."""
    flow = Sack(FixedWindow(1), Link(NEAR), Rto(), total=2, lose={0})
    flow.fill()
    flow.clock.run(until=1.0205)
    assert flow.una == 1
    assert flow.timer.wait == 2.0
    flow.clock.run(until=2)
    assert flow.una == 2
    assert flow.timer.wait == 1.0


def test_timers() -> None:
    for vector in VECTORS["rto"]:
        rto = Rto(least=0)
        for rtt in vector["R"]:
            rto.sample(rtt)
        assert (rto.srtt, rto.rttvar, rto.wait) == pytest.approx((vector["SRTT"], vector["RTTVAR"], vector["RTO"]))
    linux = Rto(0.2, 0.2)
    for _ in range(50):
        linux.sample(0.040)
    assert linux.wait == pytest.approx(0.240), "Linux waits 200 ms beyond the round trip"
    rfc = Rto()
    rfc.sample(0.040)
    assert rfc.wait == 1.0
    for _ in range(10):
        rfc.expired()
    assert rfc.wait == MOST
    fixed = Fixed(0.3)
    fixed.expired()
    assert fixed.wait == 0.6
    fixed.sample(9)
    assert fixed.wait == 0.3
    with pytest.raises(ValueError, match="a timer waits at least 0 s"):
        Rto(least=-1)
    with pytest.raises(ValueError, match="a timer waits more than 0 s"):
        Fixed(0)


# --------------------------------------------------------------------------------------------- proportional reduction


def by_the_letter(cut: Reduction, newly: int, pipe: int, ssthresh: int, safe: bool) -> int:
    """Return SndCnt as the pseudocode of RFC 9937 §6.2 has it, in whole packets."""
    delivered = cut.delivered + newly
    if pipe > ssthresh:
        count = -(-delivered * ssthresh // cut.flight) - cut.out
    else:
        count = max(delivered - cut.out, newly)
        if safe:
            count += 1
        count = min(ssthresh - pipe, count)
    if cut.out == 0 and count == 0:
        count = 1
    return count


@given(
    st.integers(4, 300),
    st.integers(2, 250),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.booleans(), st.integers(0, 4))),
)
def test_each_step_is_the_rfcs(flight: int, ssthresh: int, acks: list[tuple[int, int, bool, int]]) -> None:
    """Any ACKs: packets that arrived, packets found lost by them, whether a hole closed, and how many then left."""
    cut, pipe, before = Reduction(flight, window=flight), flight, 0
    for newly, lost, safe, leave in acks:
        pipe = max(0, pipe - newly - lost)
        count = by_the_letter(cut, newly, pipe, ssthresh, safe)
        cut.step(newly, pipe, ssthresh, safe)
        if newly:
            assert cut.window == pipe + count
            before = int(cut.window)
        assert cut.window == before or not before, "an ACK that tells of no arrival changes nothing"
        out = min(leave, max(0, int(cut.window) - pipe))
        cut.out, pipe = cut.out + out, pipe + out


def replies(flow: Flow) -> list[str]:
    """Return what each ACK of the first round trip let out: "N" for each new packet, "R" for each one sent again."""
    sends = [event for event in flow.trace if event.src == "sender" and event.time > 0]
    return [
        "".join("R" if send.label.endswith("again") else "N" for send in sends if send.time == told.time)
        for told in flow.samples
        if told.time < 0.035
    ]


def test_one_loss_in_twenty_lets_every_second_ack_send_one() -> None:
    """The scene of RFC 6937 §3.1: 20 under way, number 0 is lost, and ten are under way in the end."""
    flow = packets(Reno(cwnd=20, ssthresh=20), NEAR, seconds=0.0399, sack=True, lose=[0])
    assert replies(flow) == ["N", "N", "R", "", *["N", ""] * 7, ""]
    assert [s.ssthresh for s in flow.samples] == [20, 20, *[10] * 17]
    falls = [n for n in range(18, 10, -1) for _ in "RN"]  # by one with every second ACK
    assert [s.flight for s in flow.samples] == [20, 20, 19, *falls[:-1], 10]
    later = packets(Reno(cwnd=20, ssthresh=20), NEAR, seconds=0.05, sack=True, lose=[0]).samples
    whole = later[[s.state for s in later].index(AVOIDANCE, 19)]
    assert (whole.cwnd, whole.ssthresh, whole.flight) == (10, 10, 10)


def test_fifteen_losses_in_twenty_let_one_leave_for_each_that_arrives() -> None:
    """RFC 6937 §3.1, PRR-CRB: five ACKs, N N R R R, and four under way before each R leaves."""
    flow = packets(Reno(cwnd=20, ssthresh=20), NEAR, seconds=0.035, sack=True, lose=range(15))
    assert replies(flow) == ["N", "N", "R", "R", "R"]
    assert [s.flight for s in flow.samples[:5]] == [20, 20, 5, 5, 5]
    assert [s.cwnd for s in flow.samples[2:5]] == [5, 5, 5]
    assert flow.samples[2].ssthresh == 10


def test_each_hole_that_is_closed_lets_one_more_leave() -> None:
    """RFC 9937 §6.2, SafeACK: the same losses one round trip later; slow start, until ssthresh is under way."""
    flow = packets(Reno(cwnd=20, ssthresh=20), NEAR, seconds=0.5, sack=True, lose=range(15), total=60)
    second = [s for s in flow.samples if 0.035 < s.time < 0.055]
    assert [s.flight for s in second] == [5, 5, 6, 7, 8]  # two new ones come first, and close no hole
    assert again(flow) == [f"{n} again" for n in range(15)]
    assert len(recoveries(flow)) == 1
    assert max(s.flight for s in flow.samples if s.state == RECOVERY) <= 10


def test_what_a_window_that_stays_is_told_to_fall_to() -> None:
    """A controller that does not react to a loss is not made to by the repair: packets are conserved."""
    flow = packets(FixedWindow(20), NEAR, seconds=0.2, sack=True, lose=[0])
    assert [s.flight for s in flow.samples[:19]] == [20, 20, *[19] * 17], "one for one; the first left the network"


# ------------------------------------------------------------------------------------------------ one cut for each loss


def test_the_first_packet_after_a_cut_may_be_lost_again() -> None:
    """RFC 6675 §5.1: recovery is over when all has arrived that was out at its beginning. What comes then is new."""
    flow = packets(Reno(cwnd=20, ssthresh=20), NEAR, seconds=0.5, sack=True, lose=[0, 22], total=100)
    assert sent(flow)[20:23] == ["20", "21", "0 again"], "22 is the first that left after the cut"
    assert [s.ssthresh for s in recoveries(flow)] == [10, 5]
    assert flow.done < 0.4


def test_a_loss_and_a_mark_in_one_window_cut_it_once() -> None:
    """RFC 3168 §6.1.2: only once in response to a series of dropped and marked packets of one window."""
    flow = Sack(Reno(cwnd=20, ssthresh=20), Link(NEAR), Rto(0.2, 0.2), total=200, lose={3})
    flow.fill()
    flow.clock.run(until=0.0199)
    flow.acknowledged(1, 0, 0.0, True)
    assert (flow.cc.cwnd, flow.cc.ssthresh, flow.marks) == (10, 10, 1)
    for number in (1, 2, 4, 5, 6):
        flow.acknowledged(min(number + 1, 3), number, 0.0, number == 2)
    assert flow.state == RECOVERY
    assert (flow.cc.ssthresh, flow.marks) == (10, 1)


@pytest.mark.parametrize("sack", [False, True])
def test_a_mark_lets_nothing_grow(sack: bool) -> None:
    """RFC 3168 §6.1.2: the window does not grow by an ACK that tells of congestion."""
    kind: type[Flow] = Sack if sack else NewReno
    flow = kind(Reno(cwnd=20, ssthresh=10), Link(NEAR), Rto(0.2, 0.2))
    flow.fill()
    flow.clock.run(until=0.0199)
    for number in range(20):
        flow.acknowledged(number + 1, number, 0.0, True)
    assert flow.cc.cwnd == 10


# ---------------------------------------------------------------------------------------------------------- timeouts


def test_after_a_timeout_one_that_comes_past_a_gap_is_enough() -> None:
    """RFC 8985 §6.2, step 4: in recovery, after a timeout too, nobody waits for disorder; nor is it a new loss."""
    times = dict.fromkeys(range(10), 1) | {1: 2}
    flow = Sack(Reno(), Link(NEAR), Rto(), total=30, lose=Often(times))
    flow.fill()
    flow.clock.run(until=1.05)
    sends = [(event.label, round(event.time, 3)) for event in flow.trace if event.src == "sender"]
    assert sends[10:14] == [("0 again", 1.0), ("1 again", 1.02), ("2 again", 1.02), ("1 again", 1.04)]
    assert flow.cc.ssthresh == 5
    flow.clock.run(until=5)
    assert flow.arrived == 30


@pytest.mark.parametrize("sack", [False, True])
def test_a_second_timeout_of_one_packet_holds_ssthresh(sack: bool) -> None:
    """RFC 5681 §3.1: it is cut by the first timeout, of ten; by the second one, of that one packet, it is not."""
    kind: type[Flow] = Sack if sack else NewReno
    flow = kind(Reno(), Link(NEAR), Rto(), total=40, lose=Often(dict.fromkeys(range(10), 1) | {0: 2}))
    flow.fill()
    flow.clock.run(until=10)
    assert [(s.time, s.cwnd, s.ssthresh) for s in flow.samples[:2]] == [(1, 1, 5), (3, 1, 5)]
    assert flow.arrived == 40


def test_what_was_only_late_tells_nothing_of_what_was_sent_again() -> None:
    """RFC 8985 §6.2, step 2: the timer goes off too early; the first sendings arrive, and overtake no second one."""
    flow = Sack(Reno(), Link(NEAR), Fixed(0.015), total=40)
    flow.fill()
    flow.clock.run(until=0.0199)
    assert again(flow) == ["0 again"]
    flow.clock.run(until=0.0206)
    assert flow.una == 10, "all ten were only late"
    assert not recoveries(flow)
    flow.clock.run(until=5)
    assert flow.arrived == 40
    assert flow.dropped == 0


class Tired(FixedWindow):
    """A window of ten that sends a packet in 10 ms, once the timer has gone off."""

    def on_timeout(self, now: float, flight: int) -> None:
        self.pacing = 100.0  # type: ignore[misc]


def test_what_was_to_be_sent_again_at_its_pace_is_dropped_when_all_has_arrived() -> None:
    flow = Sack(Tired(10), Link(NEAR), Fixed(0.0195), total=10)
    flow.fill()
    while flow.clock.step() and flow.done == inf:
        pass
    assert flow.done == pytest.approx(0.0201, abs=0.0001)
    assert {call.__name__ for call, _ in flow.clock._calls.values()} <= {"_deliver", "acknowledged"}
    assert again(flow) == ["0 again"]


def test_the_first_sending_of_one_says_nothing_of_the_second_sending_of_another() -> None:
    """As above, but 1 is lost. The timer sends 1 and 2 again; 2's first sending arrives, and did not overtake 1."""
    flow = Sack(Reno(), Link(NEAR), Fixed(0.015), total=40, lose={1})
    flow.fill()
    flow.clock.run(until=0.039)
    assert again(flow)[:3] == ["0 again", "1 again", "2 again"]
    assert again(flow).count("1 again") == 1
    flow.clock.run(until=5)
    assert flow.arrived == 40


def test_a_delayed_receiver_waits_only_where_nothing_is_missing() -> None:
    """RFC 5681 §4.2: every second packet, within 0.5 s; at once where one is out of order, or fills a gap."""
    flow = packets(FixedWindow(9), NEAR, total=9, sack=True, delayed=True, lose=[3], timer=Rto(0.2, 0.2))
    acks = [(event.label, round(event.time, 3)) for event in flow.trace if event.src == "receiver"]
    assert [label for label, _ in acks] == ["ACK 2", *["ACK 3"] * 5, "ACK 9"]
    assert {time for _, time in acks[:6]} == {0.010}, "4 releases the ACK that 2 had waited with"
    assert acks[6][1] == pytest.approx(0.030, abs=0.001)
    assert PATIENCE < 0.5
