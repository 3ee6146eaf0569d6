"""What a link may be like, and how an emulator treats frames: all that needs no kernel."""

import marshal
import socket
import threading
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.lab import Line
from netlab.lab.emulator import Direction, run
from netlab.lab.link import scaled

WRONG = {
    "rate is in bit/s": {"rate": 0},
    "rate is": {"rate": -5.0},
    "bit/s": {"rate": float("nan")},
    "at least 8": {"rate": float("inf")},
    "queue holds": {"rate": 1e6, "queue": 0},
    "whole number": {"rate": 1e6, "queue": 1.5},
    "needs a rate": {"queue": 5},
    "delay is": {"delay": -1},
    "one way": {"delay": float("nan")},
    "from 0 to 60": {"delay": 61},
    "jitter is": {"delay": 0.1, "jitter": 0.2},
    "which is 0 s": {"jitter": 0.2},
    "loss is a probability": {"loss": 1.1},
    "from 0 to 1": {"loss": -0.1},
    "reorder is": {"delay": 0.1, "reorder": 2},
    "needs a delay": {"reorder": 0.5},
}


@pytest.mark.parametrize(("says", "line"), WRONG.items(), ids=WRONG)
def test_a_line_that_cannot_be_is_refused_with_a_sentence(says: str, line: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=says):
        Line(**line)


def test_a_line_says_what_it_is_like() -> None:
    assert str(Line()) == ""
    assert str(Line(20e6, 50, 0.020, loss=0.01)) == "20 Mbit/s, 20 ms, queue 50, loss 0.01"
    assert [scaled(n) for n in (8, 1e3, 2.5e9)] == ["8 ", "1 k", "2.5 G"]


def test_only_what_is_late_or_lossy_is_emulated() -> None:
    assert not Line(20e6, 50).emulated
    assert Line(delay=0.0).emulated  # so that it can become late
    assert Line(loss=0.1).emulated


# ------------------------------------------------------------------------------------------------------ one direction

MS = 1_000_000


def test_frames_leave_in_order_when_they_are_due_and_not_before() -> None:
    way = Direction(Random(1), delay=0.010)
    way.enter(0, b"a")
    way.enter(1 * MS, b"b")
    assert list(way.leave(10 * MS - 1)) == []
    assert list(way.leave(10 * MS)) == [b"a"]
    assert list(way.leave(100 * MS)) == [b"b"]


def test_a_change_counts_for_what_comes_after_it() -> None:
    way = Direction(Random(1), delay=0.010)
    way.enter(0, b"a")
    way.change(0.001, 0, 0, 0)
    way.enter(0, b"b")
    assert list(way.leave(1 * MS)) == [b"b"]
    assert list(way.leave(10 * MS)) == [b"a"]


@given(st.integers(0, 2**32), st.floats(0, 1), st.floats(0, 1))
def test_nothing_is_made_and_nothing_forgotten(seed: int, loss: float, reorder: float) -> None:
    way = Direction(Random(seed), 0.010, 0.005, loss, reorder)
    for n in range(50):
        way.enter(n * MS, bytes([n]))
        assert way.lost + len(way.waiting) == n + 1
    out = list(way.leave(100 * MS))
    assert len(out) + way.lost == way.entered == 50
    assert len(set(out)) == len(out)


def test_losses_are_as_many_as_was_asked_for_and_the_same_each_time() -> None:
    def lost(seed: int) -> list[int]:
        way = Direction(Random(seed), loss=0.1)
        for n in range(10_000):
            way.enter(0, n.to_bytes(2))
        return [int.from_bytes(frame) for frame in way.leave(0)]

    assert lost(1) == lost(1) != lost(2)
    assert 8_900 < len(lost(1)) < 9_100  # 3.3 standard deviations


def test_jitter_is_even_between_its_bounds() -> None:
    way = Direction(Random(1), delay=0.010, jitter=0.004)
    for _ in range(5_000):
        way.enter(0, b"")
    dues = [due / MS for due, _, _ in way.waiting]
    assert 6 <= min(dues) < 6.1
    assert 13.9 < max(dues) <= 14
    assert abs(sum(dues) / len(dues) - 10) < 0.15


def test_who_overtakes_goes_at_once() -> None:
    way = Direction(Random(1), delay=0.010, reorder=0.25)
    for n in range(4_000):
        way.enter(n, b"")
    assert 900 < len(list(way.leave(4_000))) < 1_100


# ----------------------------------------------------------------------------------------------------------- its loop


def test_an_emulator_carries_both_ways_obeys_and_ends() -> None:
    (near, a), (b, far) = (socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(2))
    ours, control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ways = [Direction(Random(1), delay=0.001), Direction(Random(2))]
    for sock in (a, b):
        sock.setblocking(False)
    thread = threading.Thread(target=run, args=([a.fileno(), b.fileno()], ways, control.fileno()))
    thread.start()
    with near, a, b, far, control:
        with ours:
            for sock in (near, far, ours):
                sock.settimeout(5)
            near.send(b"there")
            assert far.recv(100) == b"there"
            far.send(b"back")
            assert near.recv(100) == b"back"
            lossy = {"delay": 0.0, "jitter": 0.0, "loss": 1.0, "reorder": 0.0}
            ours.send(marshal.dumps([lossy, None]))
            there, back = marshal.loads(ours.recv(4096))
            assert (there["entered"], there["left"], back["left"]) == (1, 1, 1)
            near.send(b"lost")
            far.send(b"not lost")
            assert near.recv(100) == b"not lost"
            while True:  # until the emulator has read what was sent first on the other side
                ours.send(marshal.dumps([None, None]))
                there, _ = marshal.loads(ours.recv(4096))
                if there["lost"]:
                    break
            near.close()
            far.send(b"to nobody")
            while not back["refused"]:
                ours.send(marshal.dumps([None, None]))
                _, back = marshal.loads(ours.recv(4096))
        thread.join(5)
        assert not thread.is_alive()


def test_what_was_sent_before_a_change_is_treated_as_before() -> None:
    (near, a), (b, far) = (socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(2))
    ours, control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for sock in (a, b):
        sock.setblocking(False)
    for sock in (far, ours):
        sock.settimeout(5)
    with near, a, b, far, control:
        with ours:
            near.send(b"before")
            ours.send(marshal.dumps([{"delay": 0.0, "jitter": 0.0, "loss": 1.0, "reorder": 0.0}, None]))
            ways = [Direction(Random(1)), Direction(Random(2))]  # which only now come to read
            thread = threading.Thread(target=run, args=([a.fileno(), b.fileno()], ways, control.fileno()))
            thread.start()
            assert far.recv(100) == b"before"
            assert marshal.loads(ours.recv(4096))[0]["lost"] == 0
        thread.join(5)
        assert not thread.is_alive()
