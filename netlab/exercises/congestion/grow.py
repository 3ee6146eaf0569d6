"""Write how the window grows when an ACK comes (RFC 5681 §3.1), in segments.

    slow start            +1 for each segment that is acknowledged: doubled after a round
    congestion avoidance  +1 for each whole window that is acknowledged: one more after a round

Both are checked by what they do in one round trip. Step by step they may differ: in slow start an ACK may add
as much as it covers, as Linux does, or at most 1 (RFC 5681 §3.1, equation 2), or at most 2 (RFC 3465).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from netlab.exercises.asking import Asked
from netlab.exercises.exercise import Exercise, Wrong


def judge(grow: Asked) -> Iterator[str]:
    """Yield what is wrong with ``grow(cwnd, ssthresh, acked)``."""
    yield from _slow_start(grow)
    yield from _avoidance(grow)
    yield from _between(grow)
    for cwnd, ssthresh, acked in [(1, inf, 1), (10, 5, 0), (10, 20, 0), (2, 64, 2), (500.5, 2, 1)]:
        if (after := grow(cwnd, ssthresh, acked)) < cwnd:
            yield f"grow({cwnd}, {ssthresh}, {acked}) gave {after:g}. An ACK never makes the window smaller."


def _slow_start(grow: Asked) -> Iterator[str]:
    """A round of slow start doubles the window, and never does more, however the ACKs are cut."""
    if (after := a_round(grow, 10, inf, 1)) < 19.99:
        yield f"In slow start ten ACKs of one segment took cwnd from 10 to {after:g}. Each should add 1: 20."
    for cut in (1, 2, 5, 10):
        if (after := a_round(grow, 10, inf, cut)) > 20.01:
            yield f"In slow start ten segments, {cut} to an ACK, took cwnd from 10 to {after:g}. At most it doubles."
        if after < 10.99:
            yield f"In slow start ten segments, {cut} to an ACK, took cwnd from 10 to {after:g}. It should grow."


def _avoidance(grow: Asked) -> Iterator[str]:
    """A round of avoidance adds one segment, whether the receiver sends 32 ACKs or one."""
    for cut in (1, 2, 8, 32):
        after = a_round(grow, 32, 16, cut)
        told = f"In avoidance 32 segments, {cut} to an ACK, took cwnd from 32 to {after:.4g}, and not to 33."
        if after > 33.05:
            yield f"{told} That is more than one segment in a round trip: slow start ends at ssthresh."
        if cut > 1 and after < 32.95:
            yield f"{told} You count ACKs, and a receiver that delays them sends fewer: count what they cover."
        if after < 32.95:
            yield f"{told} One whole window acknowledged should add one segment."


def _between(grow: Asked) -> Iterator[str]:
    """An ACK that crosses ssthresh: one segment is left of slow start, the other three are avoidance."""
    after = grow(31, 32, 4)
    if after > 32 + 3 / 32 + 0.01:
        yield f"grow(31, 32, 4) gave {after:g}. Slow start ends at 32, and what is left of the ACK counts as avoidance."
    if after < 32:
        yield f"grow(31, 32, 4) gave {after:g}. One segment is left of slow start, so 32 is reached."


def a_round(grow: Asked, cwnd: int, ssthresh: float, cut: int) -> float:
    """Return cwnd after one window of data was acknowledged, ``cut`` segments by each ACK."""
    window = float(cwnd)
    for _ in range(cwnd // cut):
        window = grow(window, ssthresh, cut)
    return window


def counts_acks(cwnd: float, ssthresh: float, acked: int) -> float:
    """Add the same for each ACK, whatever it covers: half as fast as meant when every second ACK is delayed."""
    return cwnd + 1 if cwnd < ssthresh else cwnd + 1 / cwnd


def doubles_at_once(cwnd: float, ssthresh: float, acked: int) -> float:
    """Double for each ACK what should double in a round trip."""
    return 2 * cwnd if cwnd < ssthresh else cwnd + acked / cwnd


def runs_over(cwnd: float, ssthresh: float, acked: int) -> float:
    """Decide once for the whole ACK, and run past ssthresh with what is left of it."""
    return cwnd + acked if cwnd < ssthresh else cwnd + acked / cwnd


def never_ends(cwnd: float, ssthresh: float, acked: int) -> float:
    """Stay in slow start for ever."""
    return cwnd + acked


EXERCISE = Exercise(
    name="congestion.grow",
    question="Write grow(cwnd, ssthresh, acked): the window, in segments, after an ACK that covers acked segments.",
    judge=judge,
    hint="A receiver may answer every segment or every second one. The window should not notice.",
    idea="Count what an ACK covers, not the ACKs: then a receiver that delays them costs nothing. Linux does so too.",
    wrong=(
        Wrong(counts_acks, "You count ACKs"),
        Wrong(doubles_at_once, "At most it doubles"),
        Wrong(runs_over, "what is left of the ACK counts as avoidance"),
        Wrong(never_ends, "slow start ends at ssthresh"),
    ),
    written=True,
)
