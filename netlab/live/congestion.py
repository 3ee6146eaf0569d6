"""Panels of the chapter on congestion control. The path is the chapter's: 12 Mbit/s, 40 ms there and back."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from netlab.live import Range, panel
from netlab.picture import Picture
from netlab.transport.congestion import LAWS, Law, Path, Reno, Tahoe, figures, link_use, packets, rounds, share


@panel
def sawtooth(
    queue: Annotated[int, Range(4, 120, 4, "packets")] = 24, law: Literal["Reno", "Tahoe"] = "Reno"
) -> Picture:
    """Give the queue 60 places. Before you run it, write down three numbers again: the peak, the window after it, and
    the seconds from loss to loss. (Tahoe comes further down.)
    """
    path = Path(rate=12e6, delay=0.020, queue=queue)
    run = list(rounds(Reno() if law == "Reno" else Tahoe(), path, seconds=40))
    drawn = figures.sawtooth(run, path, law, until=10)
    busy, longest = link_use(run[20:], path), max(sample.rtt for sample in run)
    return replace(drawn, note=f"{drawn.note}; {100 * busy:.0f} % busy, round trips up to {1000 * longest:.0f} ms")


@panel
def one_loss(queue: Annotated[int, Range(12, 48, 1, "packets")] = 24) -> Picture:
    """The news of a loss travels behind the queue that was too full. How late is it with 48 places, and with 12?"""
    path = Path(rate=12e6, delay=0.020, queue=queue)
    ssthresh = min(int(path.pipe), queue * 5 // 3)  # so that the last round of slow start fits into the queue
    climb = sum(max(path.rtt, window * path.packet_time) for window in range(ssthresh, int(path.full)))
    brim = path.full * path.packet_time  # a round trip through a full queue: one for the news, one for the repair
    return figures.one_loss(packets(Reno(ssthresh=ssthresh), path, seconds=3 * path.rtt + climb + 3 * brim))


@panel
def two_flows(
    first_flow: Annotated[int, Range(0, 64, 1, "packets")] = 56, cut_to: Annotated[int, Range(10, 90, 10, "%")] = 50
) -> Picture:
    """The other flow begins with the rest of 64. Is there a start from which the first law does not end fair? And what
    does it cost if a loss leaves each 70 % of its window, as CUBIC's does, and not half?
    """
    part = cut_to / 100
    cut = "halve" if cut_to == 50 else f"keep {cut_to} %"
    laws = {
        f"add, {cut}": Law(LAWS["add, halve"].grow, lambda window: part * window),
        "add, subtract": LAWS["add, subtract"],
        f"multiply, {cut}": Law(LAWS["multiply, halve"].grow, lambda window: part * window),
    }
    start = (first_flow, 64 - first_flow)
    return figures.two_flows({name: list(share(law, start, 64, losses=6)) for name, law in laws.items()}, 64, part)
