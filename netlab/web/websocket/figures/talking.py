"""Two ends that talk, drawn: what polling costs, a conversation down the clock, the states of a connection."""

from __future__ import annotations

from netlab.picture import LOST, OURS, Axis, Curve, Level, Lines, Note, Picture, Remark, States, Step
from netlab.trace import Trace
from netlab.web.websocket.events import CLOSED, CLOSING, CONNECTING, ENDING, MOVES, OPEN
from netlab.web.websocket.exchange import Polled
from netlab.web.websocket.figures.anatomy import spelled

PLACES = {CONNECTING: (0.0, 0.0), OPEN: (1.0, 0.0), CLOSING: (2.2, 0.0), ENDING: (1.0, 1.0), CLOSED: (2.2, 1.0)}
CLEAN = [(CONNECTING, OPEN), (OPEN, CLOSING), (CLOSING, ENDING), (ENDING, CLOSED)]  # who closes first goes this way


def seldom(found: Polled, every: int) -> Polled:
    """Return what asking only every so many s costs, where asking each second was counted; the WebSocket stays.

    Raises ``ValueError`` for less than a second.
    """
    if every < 1:
        raise ValueError(f"what was asked each second can be asked each 1 s or more, not {every}")
    asks = -(-found.requests // every)
    one = [total // found.requests for total in (found.polled_up, found.polled_down)]
    points: list[tuple[float, int]] = [(n * every, (n + 1) * sum(one)) for n in range(asks)]
    if points[-1][0] < found.requests - 1:  # nothing more is sent until the end
        points.append((found.requests - 1, points[-1][1]))
    return found._replace(requests=asks, polled_up=asks * one[0], polled_down=asks * one[1], polling=points)


def polling(found: Polled) -> Picture:
    """Draw how many bytes it takes to hear of some news, by asking each second, or less often, and over a WebSocket."""
    polled, socket = found.polled_up + found.polled_down, found.socket_up + found.socket_down
    every, late = heard(found)
    asks = "Sixty" if found.requests == 60 else f"{found.requests}" if found.requests > 1 else "One"
    times = f"{found.requests} times" if found.requests > 1 else "once"
    count = f"{spelled(len(found.news))} {'answer' if every == 1 else 'piece'}{'' if len(found.news) == 1 else 's'}"
    fewer = f"{polled / socket:.0f} times less" if polled > 1.5 * socket else f"{socket / polled:.1f} times as much"
    return Picture(
        f"{asks} question{'s' if found.requests > 1 else ''} for {count}{'' if every == 1 else ' of news'}",
        Lines(
            [Curve("polling", found.polling, LOST, "steps"), Curve("WebSocket", found.socket, OURS, "steps")],
            Axis("time", "s", low=0, high=len(found.socket)),
            Axis("both ways, so far", "bytes", low=0, high=1.2 * max(polled, socket)),
            levels=[Level(time, "news" if len(found.news) < 4 else "", "x") for time in found.news],
            remarks=[
                Remark(*found.polling[-1], f"{polled:,} bytes", (-30, 18)),
                Remark(*found.socket[-1], f"{socket:,} bytes", (-30, 18)),
            ],
        ),
        f"Asking {times} takes {found.polled_up:,} bytes up and {found.polled_down:,} down. A WebSocket "
        f"takes {found.socket_up:,} bytes up and {found.socket_down:,} down: a handshake, and {found.news_bytes} for "
        f"each piece of news. That is {fewer}.{late}",
        "Bytes of HTTP and WebSocket, both directions. Each step of the upper line is a question and an answer, "
        f"{'nearly all' if len(found.news) < found.requests / 6 else 'most'} of which say that nothing is new."
        if every == 1
        else "Bytes of HTTP and WebSocket, both directions. Who asks less often sends less, and hears of the news "
        "later, or never, if something newer has come.",
        note=f"a browser's GET {'each second' if every == 1 else f'every {every:g} s'}, or one WebSocket; TCP, IP and "
        "TLS not counted",
    )


def heard(found: Polled) -> tuple[float, str]:
    """Return how many s lie between two questions, and, where it is more than one, what becomes of the news."""
    every = found.polling[1][0] if found.requests > 1 else len(found.socket)
    if every == 1 or not found.news:
        return every, ""
    asked = {time: time + -time % every for time in found.news}
    told = len({when for when in asked.values() if when < len(found.socket)})
    late = sum(when - time for time, when in asked.items()) / len(asked)
    return (
        every,
        f" News waits {late:.1f} s for a question, on average, and the answers tell of {told} of {len(asked)}.",
    )


def conversation(trace: Trace) -> Picture:
    """Draw a conversation from the handshake to the end of TCP."""
    agreed = next((event.arrival for event in trace if event.label.startswith("101")), None)
    notes = [Note(agreed, "client", "OPEN: not HTTP any more")] if agreed is not None else []
    segments = Trace([event for event in trace if event.size])  # all but the handshake and the end of TCP
    return trace.picture(
        "One request, one answer, then no more HTTP",
        "Each label was read from the bytes that travelled. After the 101 either end speaks when it likes; the server "
        "closes TCP, as soon as both close frames have passed.",
        note="20 ms in each direction",
        notes=notes,
        sentence=trace.sentence(most=900),
        capture=segments.pcap("tcp", ports={"server": 80}),
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
