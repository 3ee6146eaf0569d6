"""The same experiments, given to the real kernel: what its own senders do on a path like ours.

Each is a function of a lab (``netlab.lab``) and returns what JSON can hold, so that ``observe`` runs it here and now
or reads its recording::

    client ──▶ router: queue (24 packets) ──▶ link (12 Mbit/s) ──▶ 20 ms ──▶ server

    seen = observe("congestion-sawtooth", sawtooth, seconds=12)

The kernel says itself what it does: TCP_INFO has the window, in segments, and the state of its recovery. Its rate
counts Ethernet frames, 14 bytes more than a packet; the link is as much faster, so that a packet takes as long.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import inf
from statistics import mean, median
from typing import TYPE_CHECKING, Any, NamedTuple

from netlab.transport.congestion.flow import RECOVERY, Flow
from netlab.transport.congestion.path import Path

if TYPE_CHECKING:
    from netlab.lab import Host, Lab, TcpSample

PATH = Path(rate=12e6, delay=0.020, queue=24)
FRAME, SEGMENT = 14, 1448  # bytes of Ethernet before each packet, and of data in it, beside TCP's timestamps
SETTLED = 8  # losses until slow start's overshoot is forgotten
ENOUGH = 30  # losses that a mean is taken over, about


class Cut(NamedTuple):
    """A loss that the kernel's sender noticed: when (s), its window until then, and what it fell to (segments)."""

    time: float
    cwnd: int
    ssthresh: float


def framed(path: Path) -> float:
    """Return the rate of a link that takes as long for a frame as the path's for a packet, in bit/s."""
    return path.rate * (path.packet + FRAME) / path.packet


def between(lab: Lab, path: Path) -> tuple[Host, Host]:
    """Return client and server, with a router before the link between them."""
    client, router, server = lab.hosts("client router server")
    lab.link(client, router)
    lab.link(router, server, rate=framed(path), queue=path.queue, delay=path.delay)
    lab.route()
    return client, server


def cuts(samples: Sequence[TcpSample]) -> Iterator[Cut]:
    """Yield where a sender noticed a loss: it went into recovery, or its timer went off."""
    for before, after in pairwise(samples):
        if after.control in ("Recovery", "Loss") and before.control in ("Open", "Disorder", "CWR"):
            yield Cut(after.time, before.cwnd, after.ssthresh)


def teeth(flow: Flow) -> list[Cut]:
    """Return the same of a simulated sender."""
    return [
        Cut(after.time, round(before.cwnd), after.ssthresh)
        for before, after in pairwise(flow.samples)
        if after.state == RECOVERY != before.state
    ]


def gaps(flow: Flow, seen: Mapping[str, Any]) -> dict[str, float]:
    """Return how far a simulated sender is from the kernel's, as shares: peak, cut, period, goodput.

    From the second tooth on, where both have settled; of a sender without teeth only the goodput and, as ``peak``, the
    window that it had most of the time.
    """
    ours, theirs = teeth(flow)[1:], [Cut(*cut) for cut in seen["cuts"]][1:]
    goodput = flow.goodput * flow.path.rate * SEGMENT / flow.path.packet / seen["goodput"] - 1
    if min(len(ours), len(theirs)) < 3 or inf in {theirs[-1].ssthresh, ours[-1].ssthresh}:
        windows = median(s.cwnd for s in flow.samples), median(cwnd for _, cwnd in seen["windows"])
        return {"peak": windows[0] / windows[1] - 1, "goodput": goodput}
    found = {
        "peak": mean(cut.cwnd for cut in ours) / mean(cut.cwnd for cut in theirs) - 1,
        "cut": mean(cut.ssthresh for cut in ours) / mean(cut.ssthresh for cut in theirs) - 1,
    }
    spans = [(cuts[-1].time - cuts[0].time) / (len(cuts) - 1) for cuts in (ours, theirs)]
    return {**found, "period": spans[0] / spans[1] - 1, "goodput": goodput}


def changes(samples: Sequence[TcpSample], every: float = 0.0) -> list[list[float]]:
    """Return time (s) and window (segments) wherever the window changed, ``every`` so many s at the most."""
    kept = [samples[0]]
    for sample in samples[1:-1]:
        if sample.cwnd != kept[-1].cwnd and sample.time - kept[-1].time >= every:
            kept.append(sample)
    return [[round(sample.time, 3), sample.cwnd] for sample in [*kept, samples[-1]]]


def sawtooth(
    lab: Lab, path: Path = PATH, seconds: float = 12.0, congestion: str = "reno", every: float = 0.0
) -> dict[str, Any]:
    """Fill ``path`` with one connection.

    Returns ``windows`` (time in s, cwnd in segments), ``cuts`` (each a ``Cut``), the ``goodput`` in bit/s from the
    second cut to the last, or where there is none from second 1 on, and the connection's ``first`` window.
    """
    return climb(*between(lab, path), seconds, congestion, every)


def rivals(
    lab: Lab, path: Path = PATH, seconds: float = 25.0, controllers: Sequence[str] = ("reno", "cubic", "bbr"),
    every: float = 0.0,
) -> dict[str, Any]:  # fmt: skip
    """Do as ``sawtooth`` with each of ``controllers``, one after the other, and return it by their names."""
    ends = between(lab, path)
    return {congestion: climb(*ends, seconds, congestion, every) for congestion in controllers}


def climb(client: Host, server: Host, seconds: float, congestion: str, every: float) -> dict[str, Any]:
    """Send, and return what ``sawtooth`` does."""
    from netlab.lab import pour  # noqa: PLC0415 - only who runs it needs it

    samples = pour(client, server, seconds, congestion=congestion).samples
    seen = list(cuts(samples))
    since, until = (seen[1].time, seen[-1].time) if len(seen) > 2 else (1.0, samples[-1].time)
    part = [s for s in samples if since <= s.time <= until]
    return {
        "first": samples[0].cwnd,
        "cuts": [[round(cut.time, 3), cut.cwnd, cut.ssthresh] for cut in seen],
        "goodput": round((part[-1].acked - part[0].acked) * 8 / (part[-1].time - part[0].time)),
        "longest_rtt": max(s.rtt for s in samples),
        "windows": changes(samples, every),
    }


def ways(lab: Lab, delays: Sequence[float] = (0.020, 0.040), seconds: float = 20.0) -> list[float]:
    """Let a sender with Reno for each of ``delays`` (s, one way) share the path's link; return the goodputs in bit/s.

    Each sends to a server of its own::

        client ──▶ near: queue ──▶ link ──▶ far ──▶ 20 ms ──▶ server0
                                               └──▶ 40 ms ──▶ server1
    """
    client, near, far = lab.hosts("client near far")
    lab.link(client, near)
    lab.link(near, far, rate=framed(PATH), queue=PATH.queue)
    servers = lab.hosts([f"server{n}" for n in range(len(delays))])
    for server, delay in zip(servers, delays, strict=True):
        lab.link(far, server, delay=delay)
    lab.route()
    return pouring(client, servers, ["reno"] * len(servers), seconds)


LONG = Path(rate=48e6, delay=0.050, queue=100)  # a long, fat path: 400 packets in the pipe
PAIRS = [("reno", "reno"), ("cubic", "cubic"), ("bbr", "bbr"), ("reno", "cubic"), ("reno", "bbr"), ("cubic", "bbr")]


def pairs(lab: Lab, path: Path = PATH, seconds: float = 20.0) -> list[list[float]]:
    """Let two share the path, each of ``PAIRS`` in turn; return what arrived of each, in bit/s."""
    client, server = between(lab, path)
    return [pouring(client, [server], pair, seconds) for pair in PAIRS]


def crowds(lab: Lab, sizes: Sequence[int] = (1, 4, 16, 32, 64), seconds: float = 10.0) -> list[list[float]]:
    """Let ever more senders with Reno share the path; return what arrived of each, in bit/s."""
    client, server = between(lab, PATH)
    return [pouring(client, [server], ["reno"] * size, seconds) for size in sizes]


def pouring(client: Host, servers: Sequence[Host], controllers: Sequence[str], seconds: float) -> list[float]:
    """Send to all servers in turn at the same time, a connection for each controller; return the goodputs in bit/s."""
    from netlab.lab import pour_all  # noqa: PLC0415

    return [round(poured.goodput) for poured in pour_all(client, servers, seconds, controllers)]


def loss_law(lab: Lab, one_in: Sequence[int] = (50, 100, 200, 500, 1000, 2000)) -> list[dict[str, Any]]:
    """Drop every so-many-th full packet on a path that nothing else limits, and return the mean windows.

    For each of ``one_in``: that number, ``mean_cwnd`` in segments over time, and over how many ``losses``. It needs the
    program nft, and some 200 s.
    """
    from netlab.lab import pour  # noqa: PLC0415

    client, server = between(lab, Path(rate=40e9, delay=PATH.delay, queue=10_000))
    router = lab["router"]
    router.run("nft add table ip lossy")
    router.run("nft add chain ip lossy forward { type filter hook forward priority 0 ; }")
    seen = []
    for every in one_in:
        router.run("nft flush chain ip lossy forward")
        router.run(f"nft add rule ip lossy forward ip length >= 1000 numgen inc mod {every} == 0 drop")
        seconds = (SETTLED + ENOUGH) * PATH.rtt * (2 / 3 * every) ** 0.5  # a tooth has W/2 = √(2/3p) round trips
        samples = pour(client, server, max(seconds, 3), congestion="reno", every=0.005).samples
        times = [cut.time for cut in cuts(samples)][SETTLED - 1 :]
        part = [s for s in samples if times[0] <= s.time <= times[-1]]
        area = sum(a.cwnd * (b.time - a.time) for a, b in pairwise(part))
        over = part[-1].time - part[0].time
        seen.append({"one_in": every, "mean_cwnd": round(area / over, 2), "losses": len(times) - 1})
    return seen
