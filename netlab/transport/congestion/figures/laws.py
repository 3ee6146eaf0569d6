"""What losses and a second flow make of a window, drawn; and one window as simulated and as measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netlab.picture import GREY, KERNEL, OURS, Axis, Curve, Level, Lines, Panel, Panels, Phase, Picture
from netlab.transport.congestion.figures.senders import conditions
from netlab.transport.congestion.path import Path, Sample
from netlab.transport.congestion.rounds import sqrt_law
from netlab.transport.congestion.sharing import Share, jain


def loss_law(
    model: Mapping[float, float], repaired: Mapping[float, float], kernel: Mapping[float, float], badge: str
) -> Picture:
    """Draw mean windows (packets) by the share of packets lost: theory, our rounds without and with repair, Linux."""
    few, many = min(model), max(model)
    below = {p: 100 * (1 - model[p] / sqrt_law(p)) for p in (few, many)}
    measured = "; ".join(f"1 in {1 / p:,.0f}: {window:.1f}" for p, window in sorted(kernel.items(), reverse=True))
    return Picture(
        "Four times the loss, half the window",
        Lines(
            [
                Curve("√(3/2p)", [(p, sqrt_law(p)) for p in sorted(model)], GREY, "dashed"),
                Curve("no repair", sorted(model.items()), OURS),
                Curve("repair", sorted(repaired.items()), OURS),
                Curve("Linux", sorted(kernel.items()), KERNEL, "dots"),
            ],
            Axis("share of packets lost", log=True),
            Axis("mean window", "packets", log=True),
        ),
        f"With one packet in {1 / few:,.0f} lost the mean window is {model[few]:.0f} packets, {below[few]:.1f} % below "
        f"the square root law; with one in {1 / many:,.0f} it is {model[many]:.1f}, {below[many]:.0f} % below it. "
        f"Measured on Linux: {measured}.",
        "Dashed: the law. Lines: our rounds, repaired in no time and in one round trip. Dots: Linux, measured. Where "
        "losses are frequent a tooth is short, and the round trips that the law leaves out count.",
        note="Reno; every 1/p-th packet is lost, and nothing else limits it",
        badge=badge,
        height=340,
    )


def two_flows(runs: Mapping[str, Sequence[Share]], capacity: float) -> Picture:
    """Draw two windows against each other, under one law or several; ``capacity`` is what both may have together."""
    said = []
    for name, run in runs.items():
        first, *_, last = [share for share in run if share.lost]
        fair = [f"{jain((share.a, share.b)):.2f}" for share in (first, last)]
        gap = f"the gap goes from {first.a - first.b:.0f} to {last.a - last.b:.1f} packets"
        said.append(f"{name.capitalize()}: {gap}, Jain's index from {fair[0]} to {fair[1]}.")
    return Picture(
        "Halving halves the difference, too",
        Panels([Panel(name, Phase([(s.a, s.b) for s in run], capacity, "packets")) for name, run in runs.items()]),
        f"Two flows on one link, from the first loss to the last. {' '.join(said)}",
        "The ring is where they start, the dot where they end. To grow by one moves along a diagonal, and leaves the "
        "*gap*; to halve moves towards the corner, and leaves the *ratio*. Only both together lead to the dashed line.",
        note=f"each axis is one flow's window; from {capacity:g} packets together on, something is lost",
        height=360,
    )


def side_by_side(model: Sequence[Sample], seen: Sequence[tuple[float, float]], path: Path, badge: str) -> Picture:
    """Draw a simulated window under a measured one, both (s, packets), from a loss on."""
    ours, theirs = [(s.time, s.cwnd) for s in model], list(seen)
    return Picture(
        "Simulated and measured: one sawtooth",
        Lines(
            [Curve("simulated", ours), Curve("Linux", theirs, KERNEL, "dots")],
            Axis("time since a loss", "s", low=0),
            Axis("congestion window", "packets", low=0),
            levels=[Level(path.pipe, "pipe full"), Level(path.full, "queue full")],
        ),
        f"Both windows climb to {max(w for _, w in ours):.0f} and {max(w for _, w in theirs):.0f} packets and fall to "
        f"{min(w for _, w in ours):.0f} and {min(w for _, w in theirs):.0f}, over and over.",
        "Line: our sender, packet by packet. Dots: `snd_cwnd` as the Linux kernel reports it for one of its own "
        "connections, over a path with the same three numbers.",
        note=conditions(path),
        badge=badge,
        height=330,
    )
