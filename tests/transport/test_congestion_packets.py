"""One packet at a time: the books balance, each algorithm's story goes as the RFC tells it, and peers agree."""

import csv
import socket
import struct
import subprocess
import sys
from collections import Counter
from itertools import accumulate, pairwise
from pathlib import Path as File

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlab.transport.congestion import Controller, FixedWindow, Flow, Path, Reno, Tahoe, packets
from netlab.transport.congestion.flow import AVOIDANCE, MOVES, RECOVERY, SLOW_START
from netlab.transport.congestion.link import Link
from netlab.transport.congestion.newreno import NewReno
from netlab.transport.congestion.timer import Fixed
from tests.programs import need
from tests.transport.test_congestion import PATH, VECTORS

NEAR = Path(rate=1e9, delay=0.010, queue=100)  # 20 ms there and back, and packets that take next to nothing


def labels(flow: Flow, src: str) -> list[str]:
    return [event.label for event in flow.trace if event.src == src]


def states(flow: Flow) -> list[str]:
    """Return the states that a flow went through, each once."""
    return [
        s.state
        for s, before in zip(flow.samples, [None, *flow.samples], strict=False)
        if not before or s.state != before.state
    ]


# ----------------------------------------------------------------------------------------------------- nothing is lost

controllers = st.builds(Reno, ssthresh=st.floats(2, 100)) | st.builds(FixedWindow, st.integers(1, 80))
runs = st.builds(
    lambda cc, queue, lose, fast: (cc, Path(12e6, 0.005, queue), lose, fast),
    controllers,
    st.integers(0, 40),
    st.sets(st.integers(0, 60)),
    st.booleans(),
)


@settings(max_examples=60)
@given(runs)
def test_what_is_sent_is_delivered_lost_or_on_its_way_at_every_event(
    run: tuple[Controller, Path, set[int], bool],
) -> None:
    cc, path, lose, fast = run
    flow = NewReno(cc, Link(path), Fixed(0.2), fast=fast, total=200, lose=lose)
    flow.fill()
    for _ in range(3000):
        now = flow.clock.now
        sent = [event for event in flow.trace if event.src == "sender"]
        delivered = [e for e in sent if not e.lost and e.arrival <= now]
        lost = [e for e in sent if e.lost]
        assert len(sent) == len(delivered) + len(lost) + sum(not e.lost and e.arrival > now for e in sent)
        assert flow.dropped == len(lost) == flow.link.lost
        assert flow.link.sent == flow.link.delivered + flow.link.lost + flow.link.flying
        assert flow.arrived <= len({e.seq for e in sent if not e.lost})
        assert flow.link.waiting <= path.queue
        assert flow.una <= flow.next <= flow.high <= 200
        if len(flow.trace) > 400 or not flow.clock.step():
            break


@settings(max_examples=60)
@given(runs)
def test_every_transfer_ends_whole_whatever_was_lost(run: tuple[Controller, Path, set[int], bool]) -> None:
    cc, path, lose, fast = run
    flow = packets(cc, path, seconds=600, timer=0.2, fast=fast, total=60, lose=lose)
    assert flow.done < 600
    assert flow.arrived == flow.una == 60
    assert len(flow.clock) == 0, "a timer or a packet outlives the transfer"
    assert flow.samples[-1].time <= flow.done + path.rtt + 0.041, "something goes on after the end"


def test_the_same_flow_twice_is_the_same_flow() -> None:
    first, second = (packets(Reno(), PATH, seconds=2) for _ in range(2))
    assert (first.samples, first.trace) == (second.samples, second.trace)


def test_the_link_carries_one_packet_in_each_packet_time() -> None:
    flow = packets(Reno(ssthresh=40), PATH, seconds=4)
    arrivals = sorted(e.arrival for e in flow.trace if e.src == "sender" and not e.lost)
    assert all(b - a >= 0.001 - 1e-9 for a, b in pairwise(arrivals))


# ------------------------------------------------------------------------------------------------------- stories


@pytest.mark.parametrize(("window", "goodput"), [(20, 0.500), (25, 0.624), (26, 0.173), (40, 0.231), (64, 0.213)])
def test_a_burst_that_the_queue_cannot_hold_wastes_the_link(window: int, goodput: float) -> None:
    flow = packets(FixedWindow(window), PATH, seconds=5, timer=0.2, fast=False)
    assert flow.goodput == pytest.approx(goodput, abs=0.001)


def test_the_first_burst_loses_what_neither_link_nor_queue_takes() -> None:
    flow = packets(FixedWindow(40), PATH, seconds=0.0005, timer=0.2, fast=False)
    assert flow.dropped == 40 - (24 + 1)


def test_one_loss_step_by_step() -> None:
    """RFC 5681 §3.2, with limited transmit (RFC 3042): ten packets in flight, the first of them lost."""
    flow = packets(Reno(cwnd=10, ssthresh=10), NEAR, seconds=0.055, lose=[0])
    assert labels(flow, "sender")[:13] == [*map(str, range(10)), "10", "11", "0 again"]
    assert labels(flow, "receiver")[:9] == 9 * ["ACK 0"]
    before, third = flow.samples[1], flow.samples[2]
    assert before.state != RECOVERY
    assert (third.state, third.ssthresh, third.cwnd) == (RECOVERY, 5, 5), "ssthresh = FlightSize / 2, without the two"
    # Step 4: each further duplicate lets one more out as soon as cwnd and the duplicates allow more than is in flight.
    assert labels(flow, "sender")[13:15] == ["12", "13"]
    whole = next(s for s in flow.samples if s.state == AVOIDANCE and s.time > third.time)
    assert whole.time == pytest.approx(third.time + NEAR.rtt, abs=0.001)
    assert whole.cwnd == 5, "step 6: cwnd = ssthresh, and nothing is added for the ACK that ends it"


def test_a_partial_ack_fills_the_next_hole() -> None:
    """RFC 6582 §3.2: two losses in one window cost two round trips, one cut and no timer."""
    flow = packets(Reno(cwnd=10, ssthresh=10), NEAR, seconds=0.5, lose=[0, 4], total=30)
    assert [label for label in labels(flow, "sender") if label.endswith("again")] == ["0 again", "4 again"]
    assert [state for state in states(flow) if state == RECOVERY] == [RECOVERY]
    partial = next(e for e in flow.trace if e.label == "ACK 4")
    assert next(e for e in flow.trace if e.label == "4 again").time == partial.arrival
    assert flow.done < 0.125


def test_a_loss_of_what_recovery_let_out_waits_for_the_timer() -> None:
    """RFC 6582 §3.2: ``recover`` is the last packet that was out when the loss was heard; 12 left after that."""
    flow = packets(Reno(cwnd=10, ssthresh=10), NEAR, lose=[0, 12], total=60)
    assert len(flow.cuts) == 1
    assert flow.done == pytest.approx(1.24, abs=0.02)


def test_only_the_first_partial_ack_starts_the_timer_again() -> None:
    """RFC 6582 §3.2, step 3: so a recovery of many round trips ends by the timer, and not after all of them."""
    flow = packets(Reno(), PATH, seconds=4)
    timeout = next(sample for sample in flow.samples if sample.rtt == 1.0)
    first = next(e for e in flow.trace if e.src == "sender" and e.label.endswith("again"))
    repaired = next(e for e in flow.trace if e.src == "receiver" and e.time == first.arrival)
    assert timeout.time == pytest.approx(repaired.arrival + 1.0)


def test_the_long_story_of_an_overshoot() -> None:
    """An overshoot, sixty holes, a timeout, a second cut: the whole run, as it was read and understood once."""
    flow = packets(Reno(), PATH, seconds=4)
    moves = [s for s, before in zip(flow.samples[1:], flow.samples, strict=False) if s.state != before.state]
    assert [(round(s.time, 3), s.state, s.cwnd) for s in moves] == [
        (0.211, RECOVERY, 64.5),
        (1.275, SLOW_START, 1),
        (1.566, AVOIDANCE, 32),
        (1.671, RECOVERY, 16),
        (2.151, AVOIDANCE, 16),
    ]
    assert (flow.dropped, flow.repeated, round(flow.goodput, 4)) == (77, 147, 0.562)
    assert flow.cuts[0].flight == 131


def test_each_timeout_of_one_packet_waits_twice_as_long_and_cuts_once() -> None:
    """RFC 6298 §5.5, and RFC 5681 §3.1: for what the timer sent again before, ssthresh is held."""
    dead = NewReno(Reno(), Link(NEAR), Fixed(1.0), lose=set(range(10)))
    dead.lose = Nothing()  # no packet arrives, however often it is sent
    dead.fill()
    dead.clock.run(until=40)
    assert [sample.time for sample in dead.samples] == [1, 3, 7, 15, 31]
    assert {(sample.cwnd, sample.ssthresh) for sample in dead.samples} == {(1, 5)}


class Nothing(set[int]):
    """A set that holds everything, and never gets smaller: a dead link."""

    def __contains__(self, _: object) -> bool:
        return True


def test_a_timeout_forgets_its_backoff_with_the_next_ack() -> None:
    flow = packets(Reno(), NEAR, total=40, lose=[*range(10), 39])
    assert [sample.rtt for sample in flow.samples if sample.rtt >= 1] == [1, 1]


def test_every_ack_tells_its_round_trip() -> None:
    flow = packets(Reno(ssthresh=40), PATH, seconds=1.49)
    for sample in flow.samples:
        assert 0.040 <= sample.rtt <= 0.0651
    assert max(sample.rtt for sample in flow.samples) == pytest.approx(0.064, abs=0.001)


def test_no_packets_behind_no_duplicates_only_the_timer() -> None:
    done = [round(packets(Reno(), NEAR, total=10, lose=[n]).done, 3) for n in range(10)]
    assert done == 7 * [0.040] + 3 * [1.040]


def test_a_timeout_begins_again_from_one_packet() -> None:
    """RFC 5681 §3.1: ssthresh = FlightSize / 2, cwnd = 1; then slow start, up to ssthresh."""
    flow = packets(FixedWindow(10), NEAR, seconds=1.1, fast=False, lose=range(10))
    assert labels(flow, "sender")[10:20] == [f"{n} again" for n in range(10)], "a fixed window sends all of it again"
    flow = packets(Reno(), NEAR, seconds=1.5, lose=range(10))
    timeout = next(sample for sample in flow.samples if sample.rtt == 1.0)
    assert (timeout.time, timeout.cwnd, timeout.ssthresh, timeout.state) == (1.0, 1, 5, SLOW_START)
    after = [e.label for e in flow.trace if e.src == "sender" and e.time >= 1.0]
    assert after[:7] == ["0 again", "1 again", "2 again", "3 again", "4 again", "5 again", "6 again"]
    assert states(flow)[:2] == [SLOW_START, AVOIDANCE]


def test_duplicates_of_what_a_timeout_sent_again_are_no_news() -> None:
    """RFC 6582 §3.2: after a timeout no fast retransmit until all that was out by then is acknowledged."""
    flow = packets(Reno(), PATH, seconds=4, timer=0.2)
    timeouts = [s.time for s in flow.samples if s.rtt == 0.2]
    assert timeouts, "slow start's overshoot needs the timer"
    cuts = [
        s.time for s, before in zip(flow.samples[1:], flow.samples, strict=False) if s.state == RECOVERY != before.state
    ]
    assert all(not 0 < cut - timeouts[0] < 0.3 for cut in cuts)


def test_steady_state_is_mental_arithmetic() -> None:
    """Heard after 67 ms, whole 64 ms later, ssthresh (67 − 2) / 2, every 1.743 s; 97 % of the link is used."""
    flow = packets(Reno(ssthresh=40), PATH, seconds=20)
    drops = [e.time for e in flow.trace if e.lost]
    repairs = [e for e in flow.trace if e.label.endswith("again")]
    assert len(drops) == len(repairs) == 11
    for drop, repair in zip(drops, repairs, strict=True):
        assert repair.time - drop == pytest.approx(0.067, abs=0.001)
    assert {s.ssthresh for s in flow.samples} == {40, 32.5}
    assert all(b - a == pytest.approx(1.743, abs=0.001) for a, b in pairwise(drops))
    assert flow.goodput == pytest.approx(0.97, abs=0.005)


def test_the_table_moves_every_state_and_a_run_visits_them_all() -> None:
    assert {state for state, _ in MOVES} | set(MOVES.values()) == {SLOW_START, AVOIDANCE, RECOVERY}
    assert set(states(packets(Reno(), PATH, seconds=4))) == {SLOW_START, AVOIDANCE, RECOVERY}


@pytest.mark.parametrize(
    ("seconds", "more", "says"),
    [
        (0, {}, "more than 0 s"),
        (float("inf"), {}, "more than 0 s"),
        (1, {"total": 0}, "more than 0 packets"),
        (1e6, {}, "2,000,000 packets at the most"),
        (1, {"timer": float("inf")}, "goes off before an ACK"),
        (1, {"timer": 0.065}, "goes off before an ACK"),
        (1, {"timer": float("nan")}, "goes off before an ACK"),
        (1, {"sack": True, "fast": False}, "repairs fast"),
        (1e6, {"loss": 1e-9}, "2,000,000 packets at the most"),
    ],
)
def test_what_cannot_be_run_is_refused(seconds: float, more: dict[str, float], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        packets(Reno(), PATH, seconds, **more)  # type: ignore[arg-type]


def test_what_would_not_end_is_refused() -> None:
    with pytest.raises(ValueError, match="in windows of up to 100,000"):
        packets(FixedWindow(1e9), PATH, 1)
    with pytest.raises(ValueError, match="let it run in rounds"):
        packets(Tahoe(), PATH, 1)


# --------------------------------------------------------------------------------------------------------- peers


def test_tshark_sees_the_same_loss(tmp_path: File) -> None:
    """Wireshark's own analysis of the capture finds our duplicates and calls our repair a fast retransmission."""
    tshark = need("tshark")
    flow = packets(Reno(ssthresh=40), PATH, seconds=1.7)
    drop = next(event for event in flow.trace if event.lost)
    capture = tmp_path / "loss.pcap"
    capture.write_bytes(flow.trace.pcap("tcp", at="sender"))
    fields = [
        "tcp.seq",
        "tcp.analysis.duplicate_ack_num",
        "tcp.analysis.fast_retransmission",
        "tcp.analysis.retransmission",
    ]
    command = [
        tshark,
        "-r",
        str(capture),
        "-T",
        "fields",
        "-E",
        "separator=,",
        *(f for name in fields for f in ("-e", name)),
    ]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    rows = list(csv.DictReader(told.splitlines(), ["seq", "duplicate", "fast", "again"]))
    again = [row for row in rows if row["again"] or row["fast"]]
    assert [int(row["seq"]) - 1 for row in again] == [drop.seq]
    assert all(row["fast"] for row in again)
    numbers = [int(row["duplicate"]) for row in rows if row["duplicate"]]
    acks = Counter(labels(flow, "receiver"))[f"ACK {drop.label}"]
    assert numbers == list(accumulate(1 for _ in range(acks - 1)))


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux: TCP_INFO")
def test_the_kernel_begins_with_the_same_window() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"reno")
        client.connect(listener.getsockname())
        told = client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    ssthresh, cwnd = struct.unpack_from("=2I", told, 8 + 17 * 4)  # struct tcp_info: 8 bytes, then the 18th and 19th u32
    assert cwnd == VECTORS["linux"]["initial_cwnd"] == Reno().cwnd
    assert ssthresh == VECTORS["linux"]["initial_ssthresh"], "as high as can be, as ours"
