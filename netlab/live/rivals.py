"""Panels of the page on Reno's rivals: how soon CUBIC is back, and what a queue buys whom."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Literal

from netlab.live import Choices, Range, panel
from netlab.picture import Picture
from netlab.transport.congestion import Path, Reno, figures, link_use, rounds
from netlab.transport.congestion.cubic import Cubic

LAW = {"Reno": Reno, "CUBIC": Cubic}
QUEUES = (4, 6, 10, 16, 24, 40, 64, 100, 160, 250, 400)  # packets
LONGEST = 450  # round trips: enough for the longest queue to fill


@panel
def back(
    round_trip: Annotated[int, Range(20, 300, 10, "ms")] = 100,
    rate: Annotated[int, Choices(12, 48, 200, 1000, unit="Mbit/s")] = 48,
) -> Picture:
    """The queue holds a quarter of what the pipe does. Below which round trip is CUBIC no sooner back than Reno? And
    what does a rate of 1 Gbit/s do to either?
    """
    pipe = Path(rate * 1e6, round_trip / 2000, queue=0).pipe
    path = Path(rate * 1e6, round_trip / 2000, queue=round(pipe / 4))
    runs = {name: list(rounds(LAW[name](cwnd=path.full, ssthresh=2), path, seconds=32)) for name in ("CUBIC", "Reno")}
    return figures.back(runs, path, seconds=30)


@panel
def bufferbloat(
    law: Literal["Reno", "CUBIC"] = "Reno", round_trip: Annotated[int, Range(10, 200, 10, "ms")] = 40
) -> Picture:
    """CUBIC keeps 0.7 of its window after a loss. Does it need a longer queue than Reno to fill the link, or a shorter
    one? And what does the longest queue cost on a way of 10 ms?
    """
    rows = []
    for queue in QUEUES:
        path = Path(12e6, round_trip / 2000, queue)
        run = list(islice(rounds(LAW[law](ssthresh=path.pipe), path, seconds=999), LONGEST))
        rows.append((queue, link_use(run, path), max(sample.rtt for sample in run)))
    return figures.bufferbloat(rows, path, law)
