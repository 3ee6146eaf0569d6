"""One round trip at a time: send a window, see what the path makes of it, tell the controller.

What the pipe cannot hold waits in the queue, and makes the round trip longer; what the queue cannot hold is lost.
After a loss one more round trip passes in which the lost packet is repaired and the window does not grow (fast
recovery, RFC 5681 §3.2). Packets have no places here, only numbers, which is why this fits on a page. What it
cannot show: that news of a loss is a round trip old when it comes, so that slow start overshoots further than here.

>>> from netlab.transport.congestion import Path, Reno
>>> path = Path(rate=12e6, delay=0.020, queue=24)
>>> for s in rounds(Reno(), path, seconds=0.25):
...     print(f"{s.time:.3f} s  {s.cwnd:4.0f}  {s.rtt * 1000:.0f} ms  {s.lost:2}  {s.state}")
0.000 s    10  40 ms   0  slow start
0.040 s    20  40 ms   0  slow start
0.080 s    40  40 ms   0  slow start
0.120 s    80  64 ms  16  slow start
0.184 s    40  64 ms   0  fast recovery
0.248 s    40  40 ms   0  congestion avoidance
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from math import inf, sqrt
from typing import TYPE_CHECKING, NamedTuple

from netlab.transport.congestion.path import MSS, Controller, Path, Sample

if TYPE_CHECKING:
    from random import Random  # an argument: whoever has dice has imported them

MOST = 2**30 // MSS  # packets in flight: no TCP receiver can announce a wider window than 1 GiB (RFC 7323 §2.3)


def rounds(
    cc: Controller, path: Path, seconds: float, *, loss: float = 0.0, dice: Random | None = None, recovery: int = 1
) -> Iterator[Sample]:
    """Yield a sample for each round trip that begins within ``seconds``.

    Besides what the queue drops, a share ``loss`` of the packets is lost on the way: every 1/``loss``-th one, or with
    ``dice`` each one by chance. ``recovery`` is how many round trips a repair takes; nothing is lost in them. ``cc`` is
    used up by a run: take a new one for the next. Raises ``ValueError`` for a share that is not from 0 to below 1, for
    less than no time or without end, and for a repair of less than 0 or more than 9 round trips.
    """
    if not 0 <= loss < 1:
        raise ValueError(f"a share of packets is lost, from 0 to below 1, not {loss}")
    if not 0 <= seconds < inf or not 0 <= recovery <= 9:
        raise ValueError(f"a run takes 0 s or more and a repair 0 to 9 round trips, not {seconds} s and {recovery}")
    return _round_trips(cc, path, seconds, recovery, lambda sent, flight: spoiled(sent, flight, loss, dice))


def _round_trips(
    cc: Controller, path: Path, seconds: float, recovery: int, spoil: Callable[[int, int], int]
) -> Iterator[Sample]:
    now, sent = 0.0, 0
    fits = min(max(1, int(path.full)), MOST)  # however short the path is, one packet can be on it
    while now < seconds:
        flight = min(int(cc.cwnd), MOST)
        dropped = max(0, flight - fits)
        waiting = max(0.0, flight - dropped - path.pipe)
        lost = dropped + spoil(sent, flight - dropped)
        rtt = path.rtt + waiting * path.packet_time
        state = "slow start" if cc.cwnd < cc.ssthresh else "congestion avoidance"
        yield Sample(now, cc.cwnd, cc.ssthresh, flight, rtt, waiting, lost, state)
        now, sent = now + rtt, sent + flight
        if not lost:
            cc.on_ack(now, flight, rtt)
            continue
        cc.on_loss(now, flight)
        for _ in range(recovery):
            flight = min(int(cc.cwnd), fits)
            yield Sample(now, cc.cwnd, cc.ssthresh, flight, rtt, waiting, 0, "fast recovery")
            now, sent = now + rtt, sent + flight


def spoiled(sent: int, flight: int, loss: float, dice: Random | None) -> int:
    """Return how many of the next ``flight`` packets are lost on the way, after ``sent`` others."""
    if dice:
        return sum(dice.random() < loss for _ in range(flight)) if loss else 0
    return int((sent + flight) * loss + 1e-9) - int(sent * loss + 1e-9)


class Loss(NamedTuple):
    """One tooth's end: what was in flight when something was lost, the window after it, and when, in s."""

    time: float
    flight: int
    after: float


def losses(run: Iterable[Sample]) -> list[Loss]:
    """Return the losses of a run that the controller has answered within it."""
    return [Loss(sample.time, sample.flight, then.cwnd) for sample, then in pairwise(run) if sample.lost]


def link_use(run: Sequence[Sample], path: Path) -> float:
    """Return which share of the link's time went into packets that arrived, from 0 to 1.

    Raises ``ValueError`` for a run without a round trip.
    """
    if not run:
        raise ValueError("no use of the link without a single round trip: let it run longer")
    arrived = sum(sample.flight - sample.lost for sample in run)
    return arrived * path.packet_time / sum(sample.rtt for sample in run)


def mean_cwnd(run: Iterable[Sample], skip: int = 3) -> float:
    """Return the window's mean over time, in packets, from the end of loss number ``skip`` to the last loss.

    Whole teeth only: half a tooth more would shift the mean. Raises ``ValueError`` where there is no whole one, or
    fewer than one loss is to be skipped.
    """
    run = list(run)
    ends = [n for n, sample in enumerate(run) if sample.lost]
    if not 1 <= skip < len(ends):
        raise ValueError(f"no mean over whole teeth from {len(ends)} losses: more than {max(skip, 1)} are needed")
    whole = run[ends[skip - 1] + 1 : ends[-1] + 1]
    return sum(s.cwnd * s.rtt for s in whole) / sum(s.rtt for s in whole)


def sqrt_law(loss: float) -> float:
    """Return the mean window, in packets, that theory gives for a share ``loss`` of packets lost: √(3 / 2p).

    One tooth climbs from W/2 to W in W/2 round trips of ¾W packets on average, and ends with one loss:
    3W²/8 = 1/p, and the mean is ¾W. Raises ``ValueError`` for a share that is not above 0 and at most 1.

    >>> round(sqrt_law(1 / 1000), 1)
    38.7
    """
    if not 0 < loss <= 1:
        raise ValueError(f"a share of packets is lost, above 0 and at most 1, not {loss}")
    return sqrt(3 / (2 * loss))
