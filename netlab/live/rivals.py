"""Panels of the page on Reno's rivals: how soon CUBIC is back, what a queue buys whom, and a path to play with."""

from __future__ import annotations

from itertools import islice
from random import Random
from typing import Annotated, Literal

from netlab.live import Choices, Range, panel
from netlab.picture import Picture
from netlab.transport.congestion import Path, Reno, Rto, figures, link_use, packets, rounds
from netlab.transport.congestion.bbr import Bbr
from netlab.transport.congestion.cubic import Cubic

LAW = {"Reno": Reno, "CUBIC": Cubic, "BBR": Bbr}
QUEUES = (4, 6, 10, 16, 24, 40, 64, 100, 160, 250, 400)  # packets
PACKETS = 4000  # so much time as the link needs for so many
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


@panel
def sandbox(
    law: Literal["Reno", "CUBIC", "BBR"] = "Reno",
    rate: Annotated[float, Choices(1.5, 3, 6, 12, unit="Mbit/s")] = 6,
    round_trip: Annotated[int, Range(10, 200, 10, "ms")] = 40,
    queue: Annotated[int, Range(4, 200, 4, "packets")] = 24,
    loss: Annotated[float, Choices(0, 0.001, 0.01, 0.05)] = 0,
) -> Picture:
    """All at once. Who bears one loss in twenty? Who leaves a queue of 200 places empty? And for which path would you
    still choose Reno?
    """
    path = Path(rate * 1e6, round_trip / 2000, queue)
    seconds = PACKETS * path.packet_time
    timer = Rto(least=0.2, tick=0.2)  # as Linux's
    flow = packets(LAW[law](), path, seconds, sack=True, timer=timer, loss=loss, dice=Random(48), trace=False)
    return figures.alone(flow, law, seconds)
