"""One packet at a time: senders, a slow link with a queue, and receivers, on a clock.

A sender knows the ACKs and its timer, and nothing else. So here can be seen what round trips hide: that a window leaves
as one burst, that a dropped packet is noticed only by those that come after it, and what each ACK sets off.

>>> from netlab.transport.congestion import Path, Reno
>>> path = Path(rate=12e6, delay=0.020, queue=24)
>>> flow = packets(Reno(ssthresh=40), path, seconds=4)
>>> flow.dropped, flow.repeated, f"{flow.goodput:.2f}"                # of 4,000 that the link could carry
(2, 2, '0.96')

Where the receiver tells what has arrived (``sack``), even slow start's overshoot is mended in a few round trips:

>>> for sack in (False, True):
...     flow = packets(Reno(), path, seconds=4, sack=sack)
...     print(flow.dropped, f"{flow.goodput:.2f}")
77 0.56
74 0.96
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import inf
from typing import TYPE_CHECKING

from netlab.transport.congestion.flow import Flow
from netlab.transport.congestion.link import Link
from netlab.transport.congestion.newreno import NewReno
from netlab.transport.congestion.path import Controller, Path
from netlab.transport.congestion.reno import Tahoe
from netlab.transport.congestion.sack import Sack
from netlab.transport.congestion.timer import Fixed, Rto, Timer

if TYPE_CHECKING:
    from random import Random

MOST = 2_000_000  # packets in one run, 100,000 in one window
EVENTS = 4 * MOST  # it arrives, its ACK does, a timer is set: so a run ends that was to be short by losses, and is not


def packets(
    cc: Controller,
    path: Path,
    seconds: float = 60,
    *,
    sack: bool = False,
    timer: float | Timer = 1.0,
    fast: bool = True,
    total: float = inf,
    lose: Collection[int] = (),
    loss: float = 0.0,
    dice: Random | None = None,
    mark: float = inf,
    delayed: bool = False,
    trace: bool = True,
) -> Flow:
    """Return a flow that has sent for ``seconds``, or until ``total`` packets were acknowledged, as ``cc`` let it.

    ``cc`` is used up by a run: take a new one for the next. With ``sack`` the receiver tells what has arrived, and the
    flow is a ``Sack``; else it is a ``NewReno``. ``timer`` is the retransmission timer: fixed at so many s (RFC 6298
    §2 wants at least 1, Linux takes 0.2), or one that learns (``Rto``). Without ``fast`` retransmit only the timer
    repairs a loss, as before 1988. A ``delayed`` receiver acknowledges every second packet.

    Besides what the queue drops, the packets whose numbers are in ``lose`` are lost once, on the way, and a share
    ``loss``: every 1/``loss``-th one, or with ``dice`` each by chance. A queue of more than ``mark`` packets marks
    them. Without ``trace`` nothing is written down but the samples, which is faster.

    Raises ``ValueError`` for a time or total that is not above 0, for more packets than fit into memory, for a timer
    that is not above a round trip with a full queue (it would go off while the ACK is still coming), for Tahoe, and
    for a ``sack`` sender that is not to be ``fast``.
    """
    checked(cc, path, seconds, min(total, MOST) if loss > 20 / MOST else total)  # losses keep a window small
    if sack and not fast:
        raise ValueError("whoever is told what has arrived repairs fast: leave out sack, or fast=False")
    link = Link(path, loss=loss, dice=dice, mark=mark)
    brim = path.rtt + (path.queue + 1) * path.packet_time
    if isinstance(timer, (int, float)) and not brim < timer < inf:
        raise ValueError(f"a timer of {timer} s goes off before an ACK that takes {brim:g} s")
    given = Fixed(timer) if isinstance(timer, (int, float)) else timer
    kept = {"timer": given, "total": total, "lose": set(lose), "delayed": delayed, "quiet": not trace}
    flow: Flow = Sack(cc, link, **kept) if sack else NewReno(cc, link, **kept, fast=fast)  # type: ignore[arg-type]
    flow.fill()
    link.clock.run(until=seconds, most=EVENTS)
    return flow


def crowd(
    controllers: Sequence[Controller],
    path: Path,
    seconds: float = 60,
    *,
    dice: Random,
    delays: Sequence[float] = (),
    starts: Sequence[float] = (),
    least: float = 0.2,
    mark: float = inf,
) -> list[Flow]:
    """Return flows that have shared one link for ``seconds``, one for each of ``controllers``.

    ``dice`` make each sender take up to one packet's time more or less: without them one of the flows may always find
    the queue full, and another never. ``delays`` are the flows' own, one way, in s; ``starts`` when they begin.
    ``least`` is the shortest wait of their timers. Raises ``ValueError`` as ``packets`` does, and where there are not
    as many delays or starts as controllers, or one controller twice.
    """
    for cc in controllers:
        checked(cc, path, seconds, inf)
    if len({id(cc) for cc in controllers}) < len(controllers):
        raise ValueError("a controller is one flow's own: make another one for the next")
    if {len(delays), len(starts)} - {0, len(controllers)}:
        raise ValueError(f"{len(controllers)} flows, but {len(delays)} delays and {len(starts)} starts")
    if not all(way > 0 for way in delays):
        raise ValueError(f"a flow's own delay is above 0 s: not {delays}")
    link = Link(path, mark=mark)
    ways = delays or [path.delay] * len(controllers)
    flows: list[Flow] = [Sack(cc, link, Rto(least, least), delay=way, dice=dice, quiet=True)
                         for cc, way in zip(controllers, ways, strict=True)]  # fmt: skip
    for flow, start in zip(flows, starts or [dice.random() * path.rtt for _ in flows], strict=True):
        link.clock.at(start, flow.fill)
    link.clock.run(until=seconds, most=EVENTS)
    return flows


def checked(cc: Controller, path: Path, seconds: float, total: float) -> None:
    """Raise ``ValueError`` for a run that makes no sense, or takes more than there is room for."""
    if not 0 < seconds < inf or not total > 0:
        raise ValueError(f"a run takes more than 0 s and sends more than 0 packets, not {seconds} s and {total}")
    if min(total, seconds / path.packet_time) > MOST or cc.cwnd > MOST / 20:
        raise ValueError(f"one run is {MOST:,} packets at the most, in windows of up to {MOST // 20:,}: shorten it")
    if isinstance(cc, Tahoe):
        raise ValueError("Tahoe knows no fast recovery, which these senders are built round: let it run in rounds")
