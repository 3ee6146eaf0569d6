"""Simulated senders over the kernel's own, drawn: one by one, in pairs, in a crowd; and what a long queue buys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from netlab.picture import GREY, KERNEL, OURS, Axis, Bar, Bars, Curve, Level, Lines, Panel, Panels, Picture
from netlab.transport.congestion.figures.laws import apart, changes
from netlab.transport.congestion.figures.senders import TIME, WINDOW, conditions
from netlab.transport.congestion.flow import Flow
from netlab.transport.congestion.kernel import gaps, teeth
from netlab.transport.congestion.path import Path, Sample
from netlab.transport.congestion.rounds import losses
from netlab.transport.congestion.sharing import jain

Point = tuple[float, float]
NAMES = {"reno": "Reno", "cubic": "CUBIC", "bbr": "BBR"}


def percent(found: Mapping[str, float]) -> str:
    """Return gaps in words: "peak +1 %, period 0 %"."""
    return ", ".join(f"{what} {f'{round(100 * gap):+d}' if round(100 * gap) else 0} %" for what, gap in found.items())


def overlay(flows: Mapping[str, Flow], seen: Mapping[str, Any], badge: str, title: str, seconds: float) -> Picture:
    """Draw windows as simulated and as measured, by the names of their controllers, from the first packet on.

    ``seen`` holds under the same names what ``kernel.sawtooth`` returned.
    """
    panels, said = [], []
    for name, flow in flows.items():
        ours = changes([(s.time, s.cwnd) for s in flow.samples if s.time <= seconds])
        theirs = apart([(t, w) for t, w in seen[name]["windows"] if t <= seconds], seconds / 90)
        found = percent(gaps(flow, seen[name]))
        curves = [Curve("simulated", ours), Curve("Linux", theirs, KERNEL, "rings")]
        levels = [Level(flow.path.pipe, "pipe full"), Level(flow.path.full, "queue full")]
        panels.append(Panel(f"{name}: {found}", Lines(curves, TIME._replace(high=seconds), WINDOW, levels)))
        said.append(f"{name}: {found}")
    first = next(iter(flows.values()))
    return Picture(
        title,
        Panels(panels, stacked=True) if len(panels) > 1 else panels[0].drawing,
        f"Congestion windows over {seconds:g} s, simulated packet by packet and as the Linux kernel tells of its own. "
        f"How far the simulation is off, from the second tooth on: {'; '.join(said)}.",
        "Line: our sender. Rings: `snd_cwnd` of a connection of the kernel's, over a path with the same three numbers. "
        "Both begin with their first packet.",
        note=f"{conditions(first.path)}; gaps from the second tooth on: {found}"
        if len(panels) == 1
        else conditions(first.path),
        badge=badge,
        height=330 if len(panels) == 1 else 190 * len(panels),
    )


def long_way(flows: Mapping[str, Flow], seen: Mapping[str, Any], badge: str, seconds: float) -> Picture:
    """Draw windows on a long, fat path with the kernel's own over them; ``seen`` is by the flows' names."""
    panels, said = [], []
    for name, flow in flows.items():
        ours = changes([(s.time, s.cwnd) for s in flow.samples if s.time <= seconds])
        theirs = apart([(t, w) for t, w in seen[name]["windows"] if t <= seconds], seconds / 90)
        lost = [[cut.time for cut in teeth(flow)], [time for time, *_ in seen[name]["cuts"] if time <= seconds]]
        curves = [Curve("simulated", ours), Curve("Linux", theirs, KERNEL, "rings")]
        panels.append(Panel(name, Lines(curves, TIME._replace(high=seconds), WINDOW)))
        when = [", ".join(f"{time:.1f}" for time in times) for times in lost]
        said.append(f"{name} loses at {when[0]} s, on Linux at {when[1]} s")
    path = next(iter(flows.values())).path
    return Picture(
        "Reno asks the round trip, CUBIC asks the clock",
        Panels(panels, stacked=True),
        f"Windows over {seconds:g} s on a path that holds {path.pipe:g} packets. {'; '.join(said)}.",
        "Line: simulated. Rings: Linux. Reno climbs by one packet in each long round trip. CUBIC is soon near where it "
        "lost, waits there, and then tries more, ever faster.",
        note=conditions(path),
        badge=badge,
        height=400,
    )


def pairs(ours: Mapping[tuple[str, str], Sequence[float]], theirs: Sequence[Sequence[float]], badge: str) -> Picture:
    """Draw how much of a link who gets less of it gets: pairs of controllers, simulated and measured (Mbit/s each)."""
    bars, said = [], []
    for (one, other), mine, linux in zip(ours, ours.values(), theirs, strict=True):
        shares = [100 * min(both) / sum(both) for both in (mine, linux)]
        bars += [
            Bar(f"{NAMES[one]} beside {NAMES[other]}", shares[0], f"{shares[0]:.0f} %", OURS),
            Bar("on Linux", shares[1], f"{shares[1]:.0f} %", KERNEL),
        ]
        said.append(f"{NAMES[one]} beside {NAMES[other]}: {shares[0]:.0f} %, on Linux {shares[1]:.0f} %")
    return Picture(
        "Who shares with BBR gets what is left",
        Bars(bars, Axis("what the one gets who gets less; half would be fair", "%", 0, 50)),
        f"Two flows share a link. What the one gets who gets less: {'; '.join(said)}.",
        "Blue: simulated. Orange: Linux. Of each pair the first is the one who gets less.",
        badge=badge,
        height=420,
    )


def back(runs: Mapping[str, Sequence[Sample]], path: Path, seconds: float) -> Picture:
    """Draw windows from a loss on a full path to the next one, and what follows, for so many seconds.

    Raises ``ValueError`` for a run without a loss.
    """
    curves: list[Curve] = []
    told = []
    for name, run in runs.items():
        ends = [loss.time for loss in losses(run)]
        if not ends:
            raise ValueError(f"{name} has lost nothing, so there is nothing to come back from")
        drawn = changes([(s.time - ends[0], s.cwnd) for s in run if ends[0] <= s.time <= ends[0] + seconds])
        curves.append(Curve(name, drawn, GREY if curves else OURS))
        again = [time - ends[0] for time in ends[1:] if time - ends[0] <= seconds]
        told.append(f"{name} after {again[0]:.1f} s" if again else f"{name} not within {seconds:g} s")
    return Picture(
        f"Full again: {', '.join(told)}",
        Lines(
            curves,
            Axis("time since a loss", "s", 0, seconds),
            WINDOW,
            [Level(path.pipe, "pipe full"), Level(path.full, "queue full")],
        ),
        f"On a path that holds {path.pipe:g} packets, and {path.queue} in its queue, a packet is lost. When the next "
        f"one is, because the queue is full again: {', '.join(told)}.",
        "Both windows begin where the queue overflowed. Which of them is sooner back, and how long does it stay near "
        "the top?",
        note=f"{conditions(path)}; simulated, one round trip at a time",
        height=330,
    )


def alone(flow: Flow, name: str, seconds: float) -> Picture:
    """Draw one simulated sender over so many s: its window, and the round trip that its queue makes of it."""
    path, x = flow.path, TIME._replace(high=seconds)
    windows = changes([(s.time, s.cwnd) for s in flow.samples])
    trips = apart([(s.time, 1000 * s.rtt) for s in flow.samples], seconds / 300)
    levels = [Level(path.pipe, "pipe full"), Level(path.full, "queue full")]
    mean = sum(1000 * s.rtt for s in flow.samples) / len(flow.samples)
    longest = max(1000 * s.rtt for s in flow.samples)
    return Picture(
        f"{name}: {100 * flow.goodput:.0f} % of the link, round trips of {mean:.0f} ms on average",
        Panels(
            [
                Panel("what it lets out", Lines([Curve("", windows)], x, WINDOW, levels)),
                Panel("what it waits for", Lines([Curve("", trips)], x, Axis("round trip", "ms", 0))),
            ],
            stacked=True,
        ),
        f"In {seconds:g} s {flow.arrived:,} packets arrive, {100 * flow.goodput:.0f} % of what the link could carry; "
        f"{flow.dropped} are lost on the way or in a full queue. A round trip takes {mean:.0f} ms on average, and at "
        f"most {longest:.0f}; without a queue it would take {1000 * path.rtt:g}.",
        "Above: the window, and what pipe and queue hold. Below: each packet in the queue makes the round trip longer, "
        "for everybody on the link.",
        note=conditions(path),
        height=400,
    )


def bufferbloat(rows: Sequence[tuple[int, float, float]], path: Path, law: str = "Reno") -> Picture:
    """Draw what a queue buys and costs: rows of its length (packets), use of the link (share), longest RTT (s)."""
    x = Axis("places in the queue, for each packet that the pipe holds", log=True)
    pipe = [Level(1, "as many as the pipe holds", "x")]
    use = [(queue / path.pipe, 100 * busy) for queue, busy, _ in rows]
    wait = [(queue / path.pipe, 1000 * rtt) for queue, _, rtt in rows]
    return Picture(
        "Past one pipe of queue you buy only delay",
        Panels(
            [
                Panel("what it buys", Lines([Curve("link in use", use)], x, Axis("link in use", "%", 0, 105), pipe)),
                Panel("what it costs", Lines([Curve("", wait)], x, Axis("longest round trip", "ms", 0), pipe)),
            ],
            stacked=True,
        ),
        f"From {rows[0][0]} to {rows[-1][0]} places the use of the link rises from {use[0][1]:.0f} to {use[-1][1]:.0f} "
        f"%, and the longest round trip from {wait[0][1]:.0f} to {wait[-1][1]:.0f} ms.",
        "Above: up to the line each place is worth its price. Below: each costs a millisecond, for everybody.",
        note=f"{law}, alone; {path.rate / 1e6:g} Mbit/s, {path.rtt * 1000:g} ms there and back",
        height=400,
    )


def crowds(ours: Sequence[Sequence[float]], theirs: Sequence[Sequence[float]], badge: str) -> Picture:
    """Draw what each of many flows got (Mbit/s), the poorest first, simulated and measured, in crowds of some sizes."""
    panels, said = [], []
    most = max(max(flows) * len(flows) / sum(flows) for flows in [*ours, *theirs])
    x, y = Axis("flows, the poorest first", "%", 0, 100), Axis("what it gets", "of an equal share", 0, most * 1.05)
    for mine, linux in zip(ours, theirs, strict=True):
        curves = [Curve("simulated", ranked(mine), OURS, "steps"), Curve("Linux", ranked(linux), KERNEL, "dots")]
        panels.append(Panel(f"{len(mine)} flows", Lines(curves, x, y, [Level(1, "equal")])))
        said.append(
            f"{len(mine)} flows get {sum(mine):.1f} Mbit/s together, the poorest {min(mine):.2f} "
            f"(on Linux {sum(linux):.1f} and {min(linux):.2f}), Jain's index {jain(mine):.2f} ({jain(linux):.2f})"
        )
    return Picture(
        "The link stays full, and some get nothing",
        Panels(panels),
        f"What each of many flows gets of one link. {'; '.join(said)}.",
        "Steps: simulated. Dots: Linux. With one place for each flow, who loses has no packets behind the gap "
        "to tell of it, and waits for its timer.",
        note="Reno; the link is in use all the time, in each of the panels",
        badge=badge,
        height=300,
    )


def ranked(flows: Sequence[float]) -> list[Point]:
    """Return goodputs as parts of an equal share, the smallest first, over the part of the flows that get no more."""
    equal = sum(flows) / len(flows)
    return [(100 * n / len(flows), goodput / equal) for n, goodput in enumerate(sorted(flows), 1)]
