"""A trace: what may happen, what is told, drawn and captured; the capture read back by tshark, dpkt and scapy."""

import io
import random
import subprocess
import sys
from math import inf, nan
from pathlib import Path
from typing import Any

import dpkt  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.utils import rdpcap

from netlab.clock import Clock
from netlab.picture import ENCRYPTED, Bracket, Message, Note
from netlab.trace import Event, Trace
from netlab.trace.capture import numbered
from tests.programs import need

repeatable = settings(derandomize=True, deadline=None, max_examples=60)


def handshake() -> Trace:
    """Return a story whose times and sizes are known: a lost SYN, and everything again a second later."""
    trace = Trace()
    trace.sent(0, "client", "server", "SYN", size=60, lost=True)
    trace.sent(1.0, "client", "server", "SYN again", size=60)
    trace.sent(1.02, "server", "client", "SYN-ACK", size=60)
    trace.sent(1.04, "client", "server", "GET", data=b"GET / HTTP/1.1\r\n\r\n", hue=ENCRYPTED)
    return trace


def one_loss() -> Trace:
    """Return five segments of which the second is lost, an ACK for each that arrives, and the retransmission."""
    trace, clock, count = Trace(), Clock(), 0

    def send(label: str, lost: bool = False, seq: int | None = None) -> None:
        trace.sent(clock.now, "client", "server", label, size=1000, delay=0.020, lost=lost, seq=seq)
        if not lost:
            clock.after(0.020, receive)

    def receive() -> None:
        trace.sent(clock.now, "server", "client", "ACK", delay=0.020)
        clock.after(0.020, acked)

    def acked() -> None:
        nonlocal count
        count += 1
        if count == 4:  # the first ACK and three duplicates of it
            send("segment 2 again", seq=1000)

    for n in range(5):
        clock.at(n * 0.001, send, f"segment {n + 1}", n == 1)
    clock.run()
    return trace


def test_who_only_traces_pays_neither_for_pictures_nor_for_captures() -> None:
    """A simulator's import is short because of it: 12 ms, not 40."""
    code = "import sys, netlab.trace; print(*(name for name in sys.modules if name.startswith('netlab.')))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout
    assert set(loaded.split()) == {"netlab.trace", "netlab.trace.event"}


# -------------------------------------------------------------------------------------------------- told and filtered


def test_it_tells_what_happened() -> None:
    assert repr(handshake()) == (
        "client sends SYN (60 B) at 0 ms, which is lost; client sends SYN again (60 B) at 1 s; "
        "server sends SYN-ACK (60 B) at 1.02 s; client sends GET (18 B) at 1.04 s."
    )
    three = Trace([Event(0.0005, "a", "b", "x"), Event(3600, "b", "c", "y" * 99)])
    assert three.sentence() == f"a sends x to b at 0.5 ms; b sends {'y' * 59}… to c at 3,600 s."
    assert Trace().sentence() == "nobody sends anything."


def test_a_long_story_is_cut_short_and_says_so() -> None:
    trace = Trace([Event(n / 10, "a", "b", f"message {n}") for n in range(1_000)])
    told = trace.sentence(most=100)
    assert told == (
        "a sends message 0 at 0 ms; a sends message 1 at 100 ms; a sends message 2 at 200 ms; "
        "and 997 more messages, the last at 99.9 s."
    )
    assert trace.sentence(most=0).startswith("a sends message 0 at 0 ms; and 999 more messages")
    assert Trace(trace.events[:4]).sentence(most=100).endswith("; and 1 more message, the last at 300 ms.")
    assert len(trace.sentence()) < 500


def test_between_whom_and_when() -> None:
    trace = Trace([Event(3, "a", "b", "late"), Event(1, "a", "b", "early"), Event(2, "b", "c", "other")])
    assert trace.hosts == ("a", "b", "c")
    assert [event.label for event in trace.between("a", "b")] == ["late", "early"]
    assert [event.label for event in trace.between(since=1, until=2)] == ["early"]  # until is not within
    assert len(trace.between("a", "c")) == 0
    assert trace.between() == trace
    with pytest.raises(ValueError, match="there is no host 'd' in this trace, only a, b, c"):
        trace.between("a", "d")
    with pytest.raises(ValueError, match="only nobody"):
        Trace().between("a")


def test_a_picture_of_it_in_the_order_of_time() -> None:
    trace = handshake()
    trace.sent(0.5, "server", "client", "idle", size=1)
    brackets, notes = [Bracket(0, 1, "timeout")], [Note(0, "client", "SYN-SENT")]
    drawing = trace.conversation(brackets, notes)
    assert drawing.messages[0] == Message(0, "client", "server", "SYN", 60, True, 0.020, None)
    assert [message.label for message in drawing.messages] == ["SYN", "idle", "SYN again", "SYN-ACK", "GET"]
    assert (drawing.messages[-1].hue, drawing.brackets, drawing.notes) == (ENCRYPTED, brackets, notes)
    picture = trace.picture("One lost SYN costs a second", "Look at the silence.", brackets=brackets, notes=notes)
    assert (picture.drawing, picture.sentence) == (drawing, trace.sentence())
    assert trace.picture("Title", "Caption", sentence="Other words.", note="On a good day.").sentence == "Other words."
    with pytest.raises(ValueError, match="needs a message"):
        Trace().conversation()


def test_a_picture_of_it_has_the_first_bytes_and_the_capture_that_it_is_given() -> None:
    trace = handshake()
    trace.sent(2, "server", "client", "page", data=bytes(range(200)))
    drawing = trace.conversation(capture=trace.pcap("tcp"))
    assert [len(message.data) for message in drawing.messages] == [0, 0, 0, 18, 64]
    assert drawing.messages[-1].data == bytes(range(64))
    assert drawing.capture == trace.pcap("tcp")
    assert trace.picture("Title", "Caption", capture=b"file").data()["drawing"]["capture"] == b"file".hex()
    assert trace.conversation().capture == b""  # the trace does not know what carried it
    assert trace.conversation(capture=bytes(30_001)).capture == b""  # too much for a page


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (Event(0, "a", "a", "x"), "'x' from 'a' to 'a' goes nowhere"),
        (Event(-1, "a", "b", "x"), "needs a time from 0 s on"),
        (Event(nan, "a", "b", "x"), "needs a time from 0 s on"),
        (Event(inf, "a", "b", "x"), "needs a time from 0 s on"),
        (Event(0, "a", "b", "x", delay=0), "a delay above 0 s, not 0 and 0"),
        (Event(0, "a", "b", "x", delay=inf), "a delay above 0 s"),
        (Event(1e9, "a", "b", "x", delay=1e-12), "a delay above 0 s"),  # lost in a float of 1e9
        (Event(0, "a", "b", "x", data=b"abc", size=2), "has 3 bytes of data, which is more than its size, 2"),
        (Event(0, "a", "b", "x", size=-1), "0 bytes of data, which is more than its size, -1"),
        (Event(0, "a", "b", "x", seq=-1), "needs a seq of 0 or more, not -1"),
    ],
)
def test_what_cannot_have_happened(event: Event, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Trace([event])
    trace = Trace()
    with pytest.raises(ValueError, match=message):
        trace.sent(*event[:4], data=event.data, size=event.size, delay=event.delay, seq=event.seq)
    assert len(trace) == 0


# ------------------------------------------------------------------------------------------------------------ captures


def tshark(capture: bytes, directory: Path, *fields: str) -> list[list[str]]:
    """Return, for each frame, the fields as tshark reads them, its checks of all checksums switched on."""
    path = directory / "capture.pcap"
    path.write_bytes(capture)
    checks = [word for name in ("ip", "udp", "tcp") for word in ("-o", f"{name}.check_checksum:TRUE")]
    names = [word for field in fields for word in ("-e", field)]
    command = [need("tshark"), "-n", "-r", str(path), *checks, "-T", "fields", *names]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return [line.split("\t") for line in done.stdout.splitlines()]


GOOD = "1"  # what tshark says of a checksum that it computed and found right


def test_tshark_reads_times_hosts_ports_lengths_and_good_checksums(tmp_path: Path) -> None:
    trace = handshake()
    trace.sent(1.123456789, "server", "proxy", "odd", data=b"abc")
    fields = ["frame.time_epoch", "eth.src", "ip.src", "ip.dst", "ip.checksum.status"]
    udp = ["udp.srcport", "udp.dstport", "udp.length", "udp.checksum.status"]
    capture = trace.pcap(addresses={"server": "198.51.100.7"}, ports={"server": 4000}, epoch=1_000_000_000)
    client, server, proxy = ["192.0.2.1", "49152"], ["198.51.100.7", "4000"], ["192.0.2.2", "49154"]
    macs = {"192.0.2.1": "02:00:c0:00:02:01", "198.51.100.7": "02:00:c6:33:64:07"}
    expected = []
    for time, src, dst, size in [
        ("1000000000.000000000", client, server, 60),
        ("1000000001.000000000", client, server, 60),
        ("1000000001.020000000", server, client, 60),
        ("1000000001.040000000", client, server, 18),
        ("1000000001.123456789", server, proxy, 3),
    ]:
        expected.append([time, macs[src[0]], src[0], dst[0], GOOD, src[1], dst[1], str(8 + size), GOOD])
    assert tshark(capture, tmp_path, *fields, *udp) == expected


def test_tshark_finds_the_duplicate_acks_and_the_retransmission_by_itself(tmp_path: Path) -> None:
    fields = ["tcp.seq", "tcp.ack", "tcp.len", "tcp.checksum.status", "ip.checksum.status"]
    marks = ["tcp.analysis.duplicate_ack_num", "tcp.analysis.fast_retransmission", "tcp.analysis.lost_segment"]
    rows = tshark(one_loss().pcap("tcp", at="client"), tmp_path, *fields, *marks)
    assert [row[:3] for row in rows] == [
        *[[str(1 + 1000 * n), "1", "1000"] for n in range(5)],
        *[["1", "1001", "0"]] * 4,
        ["1001", "1", "1000"],
        ["1", "5001", "0"],
    ]
    assert all(row[3:5] == [GOOD, GOOD] for row in rows)
    assert [row[5] for row in rows] == [""] * 6 + ["1", "2", "3"] + [""] * 2
    assert [bool(row[6]) for row in rows] == [False] * 9 + [True, False]
    assert not any(row[7] for row in rows)
    rows = tshark(one_loss().pcap("tcp", at="server"), tmp_path, *fields, *marks)
    assert [row[0] for row in rows if row[2] == "1000"] == ["1", "2001", "3001", "4001", "1001"]
    assert sum(bool(row[7]) for row in rows) == 1  # the receiver's capture lacks what was lost


def frames(capture: bytes) -> list[tuple[float, Any]]:
    """Return the time and the frame of each record, as dpkt reads them."""
    reader = dpkt.pcap.Reader(io.BytesIO(capture))
    assert reader.datalink() == dpkt.pcap.DLT_EN10MB
    return [(float(time), dpkt.ethernet.Ethernet(frame)) for time, frame in reader]


def test_a_lost_message_is_in_its_senders_capture_only() -> None:
    trace = handshake()
    trace.sent(2, "proxy", "server", "other", size=1)
    seen = {at: [(time, frame.data.data.ulen - 8) for time, frame in frames(trace.pcap(at=at))] for at in trace.hosts}
    assert seen["client"] == [(0, 60), (1, 60), (1.04, 60), (1.04, 18)]  # the answer when it comes, not when it is sent
    assert seen["server"] == [(1.02, 60), (1.02, 60), (1.06, 18), (2.02, 1)]
    assert seen["proxy"] == [(2, 1)]
    assert [time for time, _ in frames(trace.pcap())] == [0, 1, 1.02, 1.04, 2]
    assert frames(Trace().pcap()) == []


@pytest.mark.parametrize("protocol", ["udp", "tcp"])
def test_dpkt_and_scapy_read_what_was_sent(protocol: Any, tmp_path: Path) -> None:
    dice, trace = random.Random(5737), Trace()
    for n in range(200):
        src, dst = dice.sample(["a", "b", "c"], 2)
        data = dice.randbytes(dice.choice([0, 1, dice.randrange(2_000)]))
        trace.sent(n / 7, src, dst, str(n), data=data, size=len(data) + dice.choice([0, 3]))
    capture = trace.pcap(protocol)
    for event, (time, frame) in zip(trace, frames(capture), strict=True):
        segment = frame.data.data
        assert time == pytest.approx(event.time, abs=1e-9)
        assert segment.data == event.data.ljust(event.size, b"\0")
        assert [trace.hosts[port - 49152] for port in (segment.sport, segment.dport)] == [event.src, event.dst]
    path = tmp_path / "capture.pcap"
    path.write_bytes(capture)
    kind = UDP if protocol == "udp" else TCP
    for packet in rdpcap(str(path)):
        again = packet.copy()
        del again[IP].chksum, again[kind].chksum  # and scapy computes them anew
        assert bytes(Ether(bytes(again))) == bytes(packet)


def test_a_udp_checksum_of_zero_travels_as_all_ones() -> None:
    """RFC 768: zero would say that nobody computed one."""
    total = frames(Trace([Event(0, "a", "b", "x", bytes(2), 2)]).pcap())[0][1].data.data.sum
    data = total.to_bytes(2)  # what was missing to a sum of all ones, whose complement is 0
    assert frames(Trace([Event(0, "a", "b", "x", data, 2)]).pcap())[0][1].data.data.sum == 0xFFFF


@repeatable
@given(st.lists(st.tuples(st.integers(0, 30), st.booleans(), st.integers(0, 9), st.booleans()), max_size=30))
def test_what_is_acknowledged_had_arrived_in_one_piece(sendings: list[tuple[int, bool, int, bool]]) -> None:
    trace = Trace()
    for time, forth, size, lost in sorted(sendings):
        src, dst = ("a", "b") if forth else ("b", "a")
        trace.sent(time, src, dst, "x", size=size, delay=3, lost=lost)
    sent = list(numbered(trace.events))
    assert [one.event for one in sent] == trace.events
    for one in sent:
        back = [o for o in sent if o.event.dst == one.event.src]
        bytes_sent = sum(o.event.size for o in back)
        arrived = {
            o.seq + n
            for o in back
            if o.event.arrival <= one.event.time and not o.event.lost
            for n in range(o.event.size)
        }
        assert one.ack == next(n for n in range(bytes_sent + 1) if n not in arrived)
        assert one.seq == sum(o.event.size for o in sent[: sent.index(one)] if o.event.src == one.event.src)


def test_a_capture_is_in_the_order_in_which_its_host_saw_things() -> None:
    trace = Trace([Event(1, "a", "b", "slow", delay=5), Event(2, "b", "a", "meanwhile"), Event(3, "a", "b", "fast")])
    assert [time for time, _ in frames(trace.pcap(at="b"))] == [2, 3.02, 6]


def test_what_follows_a_retransmission_follows_what_was_sent_before_it() -> None:
    trace = Trace([Event(n, "a", "b", "x", size=10, seq=seq) for n, seq in enumerate([None, None, 0, None])])
    assert [one.seq for one in numbered(trace.events)] == [0, 10, 0, 20]


def test_sequence_numbers_wrap_round() -> None:
    trace = Trace([Event(0, "a", "b", "x", size=3, seq=2**32 - 2), Event(1, "a", "b", "y", size=1)])
    assert [frame.data.data.seq for _, frame in frames(trace.pcap("tcp"))] == [2**32 - 1, 2]


def test_hosts_get_addresses_that_are_free() -> None:
    trace = Trace([Event(0, f"host {n}", f"host {n + 1}", "x") for n in range(0, 254, 2)])
    sources = {frame.data.src for _, frame in frames(trace.pcap(addresses={"host 252": "192.0.2.1"}))}
    assert len(sources) == 127
    trace.sent(1, "host 254", "host 0", "x")
    with pytest.raises(ValueError, match=r"has addresses for 254 hosts, not for 255"):
        trace.pcap()
    assert trace.pcap(addresses={"host 0": "10.0.0.1"})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"protocol": "icmp"}, "a capture is of udp or tcp, not 'icmp'"),
        ({"at": "proxy"}, "there is no host 'proxy' in this trace, only client, server"),
        ({"addresses": {"proxy": "10.0.0.1"}}, "there is no host 'proxy'"),
        ({"ports": {"proxy": 1}}, "there is no host 'proxy'"),
        ({"addresses": {"client": "::1"}}, "'::1'"),
        ({"addresses": {"client": "10.0.0.1", "server": "10.0.0.1"}}, "two hosts cannot have the same address"),
        ({"ports": {"client": 65_536}}, "a port must be 0 to 65,535 to fit 2 bytes, not 65,536"),
        ({"epoch": 2**32}, "the time in seconds since 1970 must be 0 to 4,294,967,295"),
        ({"epoch": -1}, "the time in seconds since 1970 must be"),
    ],
)
def test_what_cannot_be_captured(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        handshake().pcap(**arguments)


@pytest.mark.parametrize(("protocol", "longest"), [("udp", 65_507), ("tcp", 65_495)])
def test_the_longest_message_of_a_packet(protocol: Any, longest: int, tmp_path: Path) -> None:
    capture = Trace([Event(0, "a", "b", "x", size=longest)]).pcap(protocol)
    assert frames(capture)[0][1].data.len == 65_535
    assert tshark(capture, tmp_path, "ip.len", f"{protocol}.checksum.status") == [["65535", GOOD]]
    for size in (longest + 1, 10**15):  # the second would not fit into memory either
        with pytest.raises(ValueError, match=rf"'x' has {size:,} bytes, too many for one {protocol} packet"):
            Trace([Event(0, "a", "b", "x", size=size)]).pcap(protocol)
