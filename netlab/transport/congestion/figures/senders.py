"""One sender over time, drawn: bursts, the sawtooth and its phases, the states, one loss packet by packet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import inf

from netlab.picture import (
    CONTROL,
    LOST,
    OURS,
    QUEUED,
    Area,
    Axis,
    Bracket,
    Curve,
    Level,
    Lines,
    Note,
    Panel,
    Panels,
    Picture,
    Remark,
    States,
    Step,
)
from netlab.trace import Trace
from netlab.transport.congestion.flow import AVOIDANCE, MOVES, RECOVERY, SLOW_START, Flow
from netlab.transport.congestion.path import Path, Sample
from netlab.transport.congestion.rounds import losses

TIME = Axis("time", "s", low=0)
WINDOW = Axis("congestion window", "packets", low=0)
HUES = {SLOW_START: CONTROL, RECOVERY: LOST, AVOIDANCE: OURS}
PLACES = {SLOW_START: (0.0, 0.0), AVOIDANCE: (2.0, 0.0), RECOVERY: (1.0, 1.0)}  # column and row in the diagram


def conditions(path: Path) -> str:
    """Return a path in words, for the note under a title."""
    return f"{path.rate / 1e6:g} Mbit/s, {path.rtt * 1000:g} ms there and back, room for {path.queue} packets"


def arrivals(flows: Mapping[str, Flow], seconds: float) -> Picture:
    """Draw which packet arrived when, first sent or sent again, for several senders on one path."""
    panels, said = [], []
    for name, flow in flows.items():
        points: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
        for event in flow.trace.between(until=seconds):
            if event.src == "sender" and not event.lost:
                points[event.label.endswith("again")].append((event.arrival, int(event.label.split()[0])))
        curves = [Curve("", points[again], LOST if again else OURS, "dots") for again in points if points[again]]
        number = Axis("packet number", low=0, high=seconds / flow.path.packet_time)
        busy = f"{flow.goodput * 100:.0f} %"
        panels.append(Panel(f"{name}: {busy}", Lines(curves, TIME._replace(high=seconds), number)))
        said.append(f"{name} gets {busy} of the link and sends {flow.repeated:,} packets again")
    return Picture(
        "A window that fits the pipe can waste three quarters of it",
        Panels(panels),
        f"Packet numbers over {seconds:g} s, as they arrive. {'; '.join(said)}.",
        "Each dot stands for a few packets that arrive; the brown ones were sent again. A link that is never idle "
        "gives a straight line up to the corner. Between the stairs there is nothing but waiting.",
        note=conditions(next(iter(flows.values())).path),
        height=270,
    )


def sawtooth(run: Sequence[Sample], path: Path, law: str = "Reno", until: float = inf) -> Picture:
    """Draw a window that is cut over time, with what the pipe and its queue hold, and the losses.

    ``law`` says to what: "Reno" halves, "Tahoe" begins again. A run may be longer than what is drawn of it, ``until``
    so many s: the time from one loss to the next is taken from all of it. Raises ``ValueError`` for fewer than three
    losses, or one that did not cut the window so.
    """
    ends = losses(run)
    if len(ends) < 3:
        raise ValueError(f"a sawtooth needs three losses, not {len(ends)}: let it run longer")
    if any(loss.after != (loss.flight / 2 if law == "Reno" else 1) for loss in ends):
        told = "halved" if law == "Reno" else "cut to one packet"
        raise ValueError(f"this picture tells of a window that is {told}, and this one is not")
    first, second, *_, last = ends
    drawn = [loss for loss in ends if loss.time <= until]
    peaks = " or ".join(str(flight) for flight in sorted({loss.flight for loss in ends[1:]}))
    period = f"{(last.time - second.time) / (len(ends) - 2):.2f} s"
    falls, cut, climbs = CUTS[law]
    count = len(drawn) - 1
    often = (
        f"{count} times" if count > 1 else f"Once in {until:g} s" if count else f"Not within {until:g} s, but later,"
    )
    remarks = [
        Remark(first.time, first.flight, "slow start overshoots", (12, 0)),
        Remark(second.time + 0.06, second.after, cut.removeprefix("to "), (10, -12)),
    ]
    return Picture(
        f"{law} climbs to {last.flight}, {falls}, and needs {period} to come back",
        Lines(
            [Curve("", [(s.time, s.cwnd) for s in run if s.time <= until])],
            TIME if until == inf else TIME._replace(high=until),
            WINDOW,
            levels=[Level(path.pipe, "pipe full"), Level(path.full, "queue full")],
            areas=[Area(path.pipe, path.full, hue=QUEUED, across="y")],
            crosses=[(loss.time, loss.flight) for loss in drawn],
            remarks=remarks if second in drawn else remarks[:1],
        ),
        f"The window doubles to {first.flight} packets, is cut to {first.after:g}, and from then on {climbs} in "
        f"each round trip. {often} it is cut at {peaks} packets {cut}, every {period}.",
        f"A cross is a loss. Up to {path.pipe:g} packets fit into the pipe; in the tinted band the queue fills. The "
        f"cross always stands where the band is full: that is how {law} hears of it.",
        note=conditions(path),
        height=330,
    )


CUTS = {  # how a law's window falls, to what it is cut, and how it climbs again
    "Reno": ("halves", "to half", "climbs by one"),
    "Tahoe": ("falls to 1", "to 1", "doubles up to half of where it was lost, then climbs by one"),
}


def phases(run: Sequence[Sample], path: Path) -> Picture:
    """Draw which law the window follows when. Raises ``ValueError`` for a run that is not cut exactly once."""
    if len(losses(run)) != 1 or len(run) < 12:
        raise ValueError(f"the phases of a run with {len(losses(run))} losses in {len(run)} round trips: one is needed")
    starts = [run[0], *(after for before, after in pairwise(run) if after.state != before.state), run[-1]]
    spans = list(pairwise(starts))
    ring = [(s.time, s.cwnd) for s in run]
    lost = losses(run)[0]
    return Picture(
        "Doubled in each round trip, then one more in each",
        Lines(
            [Curve("", ring), Curve("", ring, OURS, "rings")],
            TIME,
            WINDOW,
            areas=[Area(a.time, b.time, a.state if a.state != RECOVERY else "", HUES[a.state]) for a, b in spans],
            crosses=[(lost.time, lost.flight)],
            levels=[Level(lost.after, "ssthresh")],
            remarks=[
                Remark(*ring[1], "×2", (9, -10)),
                Remark(*ring[2], "×2", (9, -10)),
                Remark(*ring[-6], "+1", (-6, 12)),
                Remark(*ring[-4], "+1", (-6, 12)),
            ],
        ),
        "; ".join(f"{a.state} from {a.time:.2f} s at {a.cwnd:.0f} packets" for a, _ in spans).capitalize() + ".",
        "Each ring is one round trip. Slow start is slow only in where it begins. The brown strip between the two laws "
        "is fast recovery: one round trip in which what was lost is sent again, and the window waits.",
        note=conditions(path),
        height=320,
    )


def machine() -> Picture:
    """Draw the states of a sender, from the table that moves it."""
    steps = [Step(state, event, after) for (state, event), after in MOVES.items()]
    return Picture(
        "The sawtooth is a walk between two states",
        States(steps, PLACES, hot=[(AVOIDANCE, RECOVERY), (RECOVERY, AVOIDANCE)]),
        "Three states. " + " ".join(f"In {s.state}, {s.event} leads to {s.next}." for s in steps),
        "Drawn from `MOVES`, the table that moves the simulated sender. In colour: the way round the sawtooth. Only a "
        "timeout leads back to slow start.",
    )


def one_loss(flow: Flow) -> Picture:
    """Draw the first loss of a flow, as the sender gets to know of it.

    Of the dozens of packets that are on their way meanwhile only those are drawn that have a part in the story.
    Raises ``ValueError`` where there is none that duplicates told of, or where it is not the only one of its kind.
    """
    drop = next((event for event in flow.trace if event.lost), None)
    if drop is None or not flow.cuts or flow.cuts[0].lost > 1 or flow.arrived <= int(drop.label):
        raise ValueError(
            f"the picture tells of one loss, heard of by duplicates; this flow lost {flow.dropped} packets"
        )
    later = [event for event in flow.trace if event.time > drop.time]
    repair = next(event for event in later if event.label == f"{drop.label} again")
    acks = [event for event in later if event.label == f"ACK {drop.label}"][:4]  # the first of them is news
    whole = next(event for event in later if event.src == "receiver" and event.time == repair.arrival)
    names = {drop: f"{drop.label}, dropped", repair: f"{drop.label} again", whole: f"{whole.label}, of all"}
    for n, ack in enumerate(acks[1:], 1):
        names[ack] = f"ACK {drop.label}, {n}×"
        if n < 3:
            extra = next(event for event in later if event.src == "sender" and event.time == ack.arrival)
            names[extra] = f"{extra.label}, new"
    told = [event._replace(label=names[event], size=0) for event in sorted(names, key=lambda event: event.time)]
    cut = next(sample for sample in flow.samples if sample.time == repair.time and sample.state == RECOVERY)
    news, mended = 1000 * (repair.time - drop.time), 1000 * (whole.arrival - repair.time)
    return Picture(
        f"A loss is heard {news:.0f} ms late, and mended {mended:.0f} ms after that",
        Trace(told).conversation(
            brackets=[Bracket(drop.time, repair.time, "the news"), Bracket(repair.time, whole.arrival, "the repair")],
            notes=[Note(repair.time, "sender", f"ssthresh = {cut.ssthresh:g}")],
        ),
        f"Packet {drop.label} is dropped at {drop.time:.3f} s. Those behind it arrive, and for each the receiver "
        f"repeats ACK {drop.label}. The third repetition reaches the sender {news:.0f} ms after the drop. It sends "
        f"{drop.label} again, and {mended:.0f} ms later {whole.label} acknowledges everything. No timer went off.",
        "The simulated run's own times; of all the packets on their way only those with a part in the story are drawn. "
        "The two new ones are limited transmit. Both waits are a round trip through a full queue.",
        note=conditions(flow.path),
    )
