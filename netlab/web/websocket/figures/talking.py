"""Two ends that talk, drawn: what polling costs, a conversation down the clock, the states of a connection."""

from __future__ import annotations

from netlab.picture import LOST, OURS, Axis, Curve, Level, Lines, Note, Picture, Remark, States, Step
from netlab.trace import Trace
from netlab.web.websocket.events import CLOSED, CLOSING, CONNECTING, ENDING, MOVES, OPEN
from netlab.web.websocket.exchange import Polled
from netlab.web.websocket.figures.anatomy import spelled

PLACES = {CONNECTING: (0.0, 0.0), OPEN: (1.0, 0.0), CLOSING: (2.2, 0.0), ENDING: (1.0, 1.0), CLOSED: (2.2, 1.0)}
CLEAN = [(CONNECTING, OPEN), (OPEN, CLOSING), (CLOSING, ENDING), (ENDING, CLOSED)]  # who closes first goes this way


def polling(found: Polled) -> Picture:
    """Draw how many bytes it takes to hear of some news, by asking each second and over a WebSocket."""
    polled, socket = found.polled_up + found.polled_down, found.socket_up + found.socket_down
    count = spelled(len(found.news))
    answers = f"{count} answer{'s' if len(found.news) > 1 else ''}"
    return Picture(
        f"{'Sixty' if found.requests == 60 else found.requests} questions for {answers}",
        Lines(
            [Curve("polling", found.polling, LOST, "steps"), Curve("WebSocket", found.socket, OURS, "steps")],
            Axis("time", "s", low=0, high=found.requests),
            Axis("both ways, so far", "bytes", low=0, high=1.2 * polled),
            levels=[Level(time, "news", "x") for time in found.news],
            remarks=[
                Remark(*found.polling[-1], f"{polled:,} bytes", (-30, 18)),
                Remark(*found.socket[-1], f"{socket:,} bytes", (-30, 18)),
            ],
        ),
        f"Asking {found.requests} times takes {found.polled_up:,} bytes up and {found.polled_down:,} down. A WebSocket "
        f"takes {found.socket_up:,} bytes up and {found.socket_down:,} down: a handshake, and {found.news_bytes} for "
        f"each piece of news. That is {polled / socket:.0f} times less.",
        "Bytes of HTTP and WebSocket, both directions. Each step of the upper line is a question and an answer, nearly "
        "all of which say that nothing is new.",
        note="a browser's GET each second, or one WebSocket; TCP, IP and TLS not counted",
    )


def conversation(trace: Trace) -> Picture:
    """Draw a conversation from the handshake to the end of TCP."""
    agreed = next((event.arrival for event in trace if event.label.startswith("101")), None)
    notes = [Note(agreed, "client", "OPEN: not HTTP any more")] if agreed is not None else []
    return trace.picture(
        "One request, one answer, then no more HTTP",
        "Each label was read from the bytes that travelled. After the 101 either end speaks when it likes; the server "
        "closes TCP, as soon as both close frames have passed.",
        note="20 ms in each direction",
        notes=notes,
        sentence=trace.sentence(most=900),
    )


def states() -> Picture:
    """Draw the states of a connection and what moves it between them."""
    causes: dict[tuple[str, str], list[str]] = {}
    for (state, event), after in MOVES.items():
        causes.setdefault((state, after), []).append(event)
    steps = [Step(state, " or ".join(events), after) for (state, after), events in causes.items()]
    drawn = [step for step in steps if step.next != CLOSED or step.state == ENDING]
    return Picture(
        "In order: a close frame each way, then the end of TCP",
        States(drawn, PLACES, hot=CLEAN),
        "Five states. " + " ".join(f"In {s.state}, {s.event} leads to {s.next}." for s in steps),
        "Drawn from `MOVES`, the table that moves a connection. In colour: the way of the end that closes first. Not "
        "drawn: from *every* state the end of TCP, or of our patience, leads to CLOSED. In ENDING all is said; the RFC "
        "still calls that CLOSING.",
    )
