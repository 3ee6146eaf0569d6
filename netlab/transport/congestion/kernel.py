"""The same experiments, given to the real kernel: what its own senders do on a path like ours.

Each is a function of a lab (``netlab.lab``) and returns what JSON can hold, so that ``observe`` runs it here and now
or reads its recording::

    client ──▶ router: queue (24 packets) ──▶ link (12 Mbit/s) ──▶ 20 ms ──▶ server

    seen = observe("congestion-sawtooth", sawtooth, seconds=12)

The kernel says itself what it does: TCP_INFO has the window, in segments, and the state of its recovery. Its rate
counts Ethernet frames, 14 bytes more than a packet; the link is as much faster, so that a packet takes as long.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from netlab.transport.congestion.path import Path

if TYPE_CHECKING:
    from netlab.lab import Host, Lab, TcpSample

PATH = Path(rate=12e6, delay=0.020, queue=24)
FRAME = 14  # bytes of Ethernet before each packet
SETTLED = 8  # losses until slow start's overshoot is forgotten
ENOUGH = 30  # losses that a mean is taken over, about


class Cut(NamedTuple):
    """A loss that the kernel's sender noticed: when (s), its window until then, and what it fell to (segments)."""

    time: float
    cwnd: int
    ssthresh: float


def between(lab: Lab, delay: float, rate: float | None = None, queue: int | None = None) -> tuple[Host, Host]:
    """Return client and server, with a router before the link between them."""
    client, router, server = lab.hosts("client router server")
    lab.link(client, router)
    lab.link(router, server, rate=rate, queue=queue, delay=delay)
    lab.route()
    return client, server


def cuts(samples: Sequence[TcpSample]) -> Iterator[Cut]:
    """Yield where a sender noticed a loss: it went into recovery, or its timer went off."""
    for before, after in pairwise(samples):
        if after.control in ("Recovery", "Loss") and before.control in ("Open", "Disorder", "CWR"):
            yield Cut(after.time, before.cwnd, after.ssthresh)


def changes(samples: Sequence[TcpSample]) -> list[list[float]]:
    """Return time (s) and window (segments) wherever the window changed, and at the end."""
    kept = [samples[0], *(b for a, b in pairwise(samples) if b.cwnd != a.cwnd), samples[-1]]
    return [[round(sample.time, 3), sample.cwnd] for sample in kept]


def sawtooth(lab: Lab, path: Path = PATH, seconds: float = 12.0, congestion: str = "reno") -> dict[str, Any]:
    """Fill ``path`` with one connection.

    Returns ``windows`` (time in s, cwnd in segments), ``cuts`` (each a ``Cut``), the ``goodput`` from the second cut to
    the last in bit/s, and the connection's ``first`` window.
    """
    from netlab.lab import pour  # noqa: PLC0415 - only who runs it needs it

    rate = path.rate * (path.packet + FRAME) / path.packet
    samples = pour(*between(lab, path.delay, rate, path.queue), seconds, congestion=congestion).samples
    seen = list(cuts(samples))
    second, last = (next(s for s in samples if s.time == cut.time) for cut in (seen[1], seen[-1]))
    return {
        "first": samples[0].cwnd,
        "cuts": [[round(cut.time, 3), cut.cwnd, cut.ssthresh] for cut in seen],
        "goodput": round((last.acked - second.acked) * 8 / (last.time - second.time)),
        "windows": changes(samples),
    }


def loss_law(lab: Lab, one_in: Sequence[int] = (50, 100, 200, 500, 1000, 2000)) -> list[dict[str, Any]]:
    """Drop every so-many-th full packet on a path that nothing else limits, and return the mean windows.

    For each of ``one_in``: that number, ``mean_cwnd`` in segments over time, and over how many ``losses``. It needs the
    program nft, and some 200 s.
    """
    from netlab.lab import pour  # noqa: PLC0415

    client, server = between(lab, PATH.delay)
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
        mean = area / (part[-1].time - part[0].time)
        seen.append({"one_in": every, "mean_cwnd": round(mean, 2), "losses": len(times) - 1})
    return seen
