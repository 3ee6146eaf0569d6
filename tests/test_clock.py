"""The clock: one order of events, whatever happens; timers that come and go; a guard against running away."""

import random
import weakref
from math import inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlab.clock import Clock

repeatable = settings(derandomize=True, deadline=None)
times = st.floats(0, 100) | st.sampled_from([0.0, 1.0, 1.0, 2.5])


@repeatable
@given(st.lists(st.tuples(times, st.booleans())))
def test_everything_happens_once_in_order_unless_it_was_cancelled(wanted: list[tuple[float, bool]]) -> None:
    clock, heard = Clock(), list[tuple[float, int]]()
    handles = [clock.at(time, lambda n=n: heard.append((clock.now, n))) for n, (time, _) in enumerate(wanted)]
    for handle, (_, cancelled) in zip(handles, wanted, strict=True):
        assert not cancelled or clock.cancel(handle)
    expected = sorted((time, n) for n, (time, cancelled) in enumerate(wanted) if not cancelled)
    assert len(clock) == len(expected)
    clock.run()
    assert heard == expected  # in the order of time and, within an instant, of asking
    assert (len(clock), clock.due(), clock.step()) == (0, inf, False)
    assert not any(map(clock.cancel, handles))


@pytest.mark.parametrize("seed", range(20))
def test_the_same_dice_make_the_same_history(seed: int) -> None:
    def history(by_steps: bool) -> list[tuple[float, int]]:
        clock, dice, heard = Clock(), random.Random(seed), list[tuple[float, int]]()
        handles = [0]

        def happen(n: int) -> None:
            heard.append((clock.now, n))
            if n < 200:
                handles.extend(clock.after(dice.choice([0, 0, 0.5, dice.random()]), happen, n + k) for k in (1, 90))
            clock.cancel(dice.choice(handles))

        clock.at(3, happen, 0)
        while by_steps and clock.step():
            pass
        clock.run()
        return heard

    heard = history(by_steps=False)
    assert heard == history(by_steps=True)
    assert [time for time, _ in heard] == sorted(time for time, _ in heard)


def test_what_is_asked_for_now_comes_after_what_is_already_due_now() -> None:
    clock, heard = Clock(), list[str]()
    clock.at(1, lambda: clock.after(0, heard.append, "asked at 1"))
    clock.at(1, heard.append, "asked before")
    clock.run()
    assert heard == ["asked before", "asked at 1"]


def test_a_retransmission_timer_restarts_with_each_ack() -> None:
    """A story: ACKs at 0.1 ... 0.5 s, then silence. The timer of 1 s goes off 1 s after the last of them."""
    clock, heard, timer = Clock(), list[str](), 0

    def ack() -> None:
        nonlocal timer
        heard.append(f"{clock.now:.1f} ack")
        clock.cancel(timer)  # the first time there is none
        timer = clock.after(1.0, lambda: heard.append(f"{clock.now:.1f} timeout"))

    for n in range(1, 6):
        clock.at(n / 10, ack)
    clock.run(until=1.49)
    assert (heard[-1], clock.now, clock.due()) == ("0.5 ack", 1.49, 1.5)
    clock.run(until=1.5)
    assert heard[-2:] == ["0.5 ack", "1.5 timeout"]
    clock.run(until=9)
    assert (len(heard), clock.now) == (6, 9)


def test_restarting_a_timer_for_ever_takes_no_memory() -> None:
    clock, places = Clock(), 0
    for n in range(100):
        clock.at(1e6 + n, list)
    timer = clock.after(1e3, list)
    for _ in range(20_000):
        assert clock.cancel(timer)
        timer = clock.after(1e3, list)
        places = max(places, len(clock._heap))
    assert len(clock) == 101
    assert places <= 2 * 101 + 65


def test_a_cancelled_call_is_let_go_at_once() -> None:
    class Connection:
        def timeout(self) -> None: ...

    clock, connection = Clock(), Connection()
    handle, gone = clock.after(60, connection.timeout), weakref.ref(connection)
    del connection
    assert gone() is not None
    clock.cancel(handle)
    assert gone() is None


def test_cancelling_within_an_event_while_the_heap_is_cleared_up() -> None:
    clock, heard = Clock(), list[int]()
    later = [clock.at(2, heard.append, n) for n in range(1_000)]
    clock.at(1, lambda: [clock.cancel(handle) for handle in later[:-2]] and clock.at(3, heard.append, -1))
    clock.run()
    assert heard == [998, 999, -1]


def test_an_event_that_raises_leaves_a_clock_that_runs_on() -> None:
    clock, heard = Clock(5.0), list[str]()
    clock.after(1, int, "not a number")
    clock.after(2, heard.append, "later")
    with pytest.raises(ValueError, match="invalid literal"):
        clock.run()
    assert (clock.now, len(clock)) == (6.0, 1)
    clock.run()
    assert (clock.now, heard) == (7.0, ["later"])


def test_an_event_may_run_the_clock_on_itself() -> None:
    clock, heard = Clock(), list[float]()
    clock.at(1, clock.run, 5)
    for time in (2, 4, 6):
        clock.at(time, lambda: heard.append(clock.now))
    clock.run(until=3)
    assert (heard, clock.now) == ([2, 4], 5)  # time does not go back to 3


def test_it_notices_that_it_would_run_for_ever() -> None:
    clock = Clock()

    def again() -> None:
        clock.after(0, again)

    again()
    with pytest.raises(ValueError, match=r"it is 0\.0 s and there is no end"):
        clock.run(most=1_000)
    clock = Clock()
    for time in range(1_000):
        clock.at(time, list)
    clock.run(most=1_000)  # as many as there are is not too many
    clock.at(2_000, list)
    clock.at(3_000, list)
    clock.run(until=2_500, most=1)
    assert clock.now == 2_500


@pytest.mark.parametrize("time", [nan, inf, -inf, 4.999])
def test_there_is_no_such_time(time: float) -> None:
    clock = Clock(5.0)
    with pytest.raises(ValueError, match=r"an event needs a time from now on, 5.0 s, not"):
        clock.at(time, list)
    with pytest.raises(ValueError, match=r"an event needs a delay of 0 s or more, not"):
        clock.after(time - 5.0, list)
    if time != inf:
        with pytest.raises(ValueError, match=r"it is 5.0 s: no clock can run until"):
            clock.run(until=time)
    with pytest.raises(ValueError, match="0 events"):
        clock.run(most=0)
    assert len(clock) == 0


def test_delays_too_small_or_too_large_for_a_float() -> None:
    clock = Clock(1e300)
    with pytest.raises(ValueError, match="delay"):
        clock.after(-1e-300, list)
    with pytest.raises(ValueError, match="delay"):
        Clock(1.7e308).after(1.7e308, list)
    clock.after(1e-300, list)
    clock.run()
    assert clock.now == 1e300
