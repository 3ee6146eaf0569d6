"""What losses and a second flow make of a window, drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from netlab.picture import GREY, KERNEL, OURS, Axis, Curve, Lines, Panel, Panels, Phase, Picture
from netlab.transport.congestion.rounds import sqrt_law
from netlab.transport.congestion.sharing import Share, jain


def loss_law(
    model: Mapping[float, float], repaired: Mapping[float, float], kernel: Mapping[float, float], badge: str
) -> Picture:
    """Draw mean windows (packets) by the share of packets lost: theory, our rounds without and with repair, Linux."""
    few, many = min(model), max(model)
    off = {p: 100 * (model[p] / sqrt_law(p) - 1) for p in (few, many)}
    measured = "; ".join(f"1 in {1 / p:,.0f}: {window:.1f}" for p, window in sorted(kernel.items(), reverse=True))
    return Picture(
        "Four times the loss, half the window",
        Lines(
            [
                Curve("√(3/2p)", [(p, sqrt_law(p)) for p in sorted(model)], GREY, "dashed"),
                Curve("no repair", sorted(model.items()), OURS),
                Curve("repair", sorted(repaired.items()), OURS, "dashed"),
                Curve("Linux", sorted(kernel.items()), KERNEL, "rings"),
            ],
            Axis("share of packets lost", log=True),
            Axis("mean window", "packets", log=True),
        ),
        f"With one packet in {1 / few:,.0f} lost the mean window is {model[few]:.0f} packets, {off[few]:+.1f} % from "
        f"the square root law; with one in {1 / many:,.0f} it is {model[many]:.1f}, {off[many]:+.0f} % from it. "
        f"Measured on Linux: {measured}.",
        "Grey: the law. Blue: our rounds, repaired in no time (solid) or in one round trip (dashed). Rings: Linux, "
        "measured. Where losses are frequent a tooth is short, and the round trips that the law leaves out count.",
        note="Reno; every 1/p-th packet is lost, and nothing else limits it",
        badge=badge,
        height=340,
    )


def two_flows(runs: Mapping[str, Sequence[Share]], capacity: float, kept: float = 0.5) -> Picture:
    """Draw two windows against each other, under one law or several; ``capacity`` is what both may have together.

    ``kept`` is the part of a window that is left by the laws that cut off a part. Raises ``ValueError`` for a run of
    fewer than two losses.
    """
    said, apart_at_first = [], 0.0
    for name, run in runs.items():
        lost = [share for share in run if share.lost]
        if len(lost) < 2:
            raise ValueError(f"from the first loss to the last: {name!r} has {len(lost)}, and two are needed")
        first, last = lost[0], lost[-1]
        apart_at_first = max(apart_at_first, abs(first.a - first.b))
        fair = [f"{jain((share.a, share.b)):.2f}" for share in (first, last)]
        gap = f"the gap goes from {abs(first.a - first.b):.0f} to {abs(last.a - last.b):.1f} packets"
        said.append(f"{name.capitalize()}: {gap}, Jain's index from {fair[0]} to {fair[1]}.")
    part = f"{100 * kept:.0f} %"
    title = "Halving halves the difference, too" if kept == 0.5 else f"Keeping {part} keeps {part} of the gap, too"
    return Picture(
        title if apart_at_first else "Who begins equal stays equal, whatever the law",
        Panels([Panel(name, Phase([(s.a, s.b) for s in run], capacity, "packets")) for name, run in runs.items()]),
        f"Two flows on one link, from the first loss to the last. {' '.join(said)}",
        "The ring is where they start, the dot where they end. To grow by one moves along a diagonal, and leaves the "
        f"*gap*; to {'halve' if kept == 0.5 else f'keep {part}'} moves towards the corner, and leaves the *ratio*. "
        "Only both together lead to the dashed line.",
        note=f"each axis is one flow's window; from {capacity:g} packets together on, something is lost",
        height=360,
    )


def changes(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the points at which a curve moved by a whole packet, and both ends of its cuts: more show no more."""
    kept = [points[0]]
    for before, here in pairwise(points):
        if int(before[1]) != int(here[1]):
            kept += [before, here] if before[1] - here[1] > 1 else [here]
    return [*kept, points[-1]]


def apart(points: Sequence[tuple[float, float]], gap: float) -> list[tuple[float, float]]:
    """Return points that are at least ``gap`` s from the one before, as rings that touch are a band; and all jumps."""
    jump = max(window for _, window in points) / 4
    kept = [points[0]]
    for time, window in points:
        if time - kept[-1][0] >= gap or abs(window - kept[-1][1]) >= jump:
            kept.append((time, window))
    return kept
