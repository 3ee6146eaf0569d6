"""Put a conversation in order, from the first request to the end of TCP. Two real ends judge it.

There is no list of right answers. A ``Stage`` has a client and a server of netlab's own, and each event of an answer
makes one of them speak and the other one hear, at once. An order is right if nobody had to keep silent, if everything
that was said was heard for what it is, and if it ends in order. What neither end can say is why: that is in ``_why``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from netlab.exercises.exercise import Exercise, Wrong
from netlab.exercises.naming import in_order
from netlab.web.websocket.connection import Connection
from netlab.web.websocket.ends import ClientEnd, ServerEnd
from netlab.web.websocket.events import Closed, Event, Opened, Ping, Pong
from netlab.web.websocket.frames import CONTINUATION, TEXT, Frame, encode
from netlab.web.websocket.messages import Message

EVENTS = {  # in the order of the alphabet, which is not the answer
    "101": "the server agrees, and HTTP is over",
    "FIN": "the server closes TCP",
    "GET": "the client asks for a WebSocket",
    "client close": "the client sends a close frame, 1000",
    "ping": "the server asks for a sign of life",
    "pong": "the client answers the ping",
    "server close": "the server sends a close frame, 1000",
    "text 1": "the client sends a text frame with Hel, without FIN",
    "text 2": "the client sends a continuation with lo, with FIN",
}
SPEAKER = {event: "server" if says.startswith("the server") else "client" for event, says in EVENTS.items()}
ANSWERS = {"GET": "101", "ping": "pong", "client close": "server close", "server close": "client close"}
HEARD: dict[str, list[type[Event]]] = {  # what it is to the other end; half a message is nothing yet
    **{"GET": [Opened], "101": [Opened], "text 1": [], "text 2": [Message], "ping": [Ping], "pong": [Pong]},
    **{"client close": [Closed], "server close": [Closed]},
}
KEY = bytes.fromhex("37fa213d")


class Stage:
    """Two ends, and the answers that they owe each other and have not given yet, by their names."""

    def __init__(self) -> None:
        from random import Random  # noqa: PLC0415 - a millisecond, for whoever plays

        self.client = ClientEnd("chat.example", dice=Random(6455))
        self.server = ServerEnd()
        self.owed = {"GET": self.client.outgoing()}

    def plays(self, event: str) -> bool:
        """Have ``event`` said and heard; return whether it could be said there, and was heard for what it is."""
        if event == "FIN":
            return self._fin()
        speaker, listener = (self.client, self.server) if SPEAKER[event] == "client" else (self.server, self.client)
        try:
            wire = self.owed.pop(event, b"") or self._says(speaker, event)
        except ValueError:  # our own end refuses to say it
            return False
        if not wire:
            return False
        heard = listener.receive(wire)
        if event in ANSWERS:
            self.owed[ANSWERS[event]] = listener.outgoing()
        return listener.error is None and [type(one) for one in heard] == HEARD[event]

    def _says(self, speaker: Connection, event: str) -> bytes:
        """Return what an end says that was not asked. Raises ``ValueError`` where it may not say it."""
        if event == "ping":
            speaker.ping()
        elif event.endswith("close"):
            speaker.close()
        elif event == "text 1":
            speaker.send("Hel")  # refused unless the end is open
            speaker.outgoing()
            return encode(Frame(TEXT, b"Hel", fin=False), KEY)
        elif event == "text 2":
            return encode(Frame(CONTINUATION, b"lo"), KEY)
        return speaker.outgoing()

    def _fin(self) -> bool:
        """Have the server close TCP; return whether that was its turn, and no surprise to the client."""
        return self.server.hang_up and not self.client.receive(b"")


def judge(answer: Any) -> Iterator[str]:
    """Yield what is wrong with the order ``answer``, a list of the nine names or one text with commas between."""
    events, faults = in_order(answer, EVENTS)
    yield from faults
    if faults:
        return
    stage = Stage()
    for place, event in enumerate(events):
        if not stage.plays(event):
            yield f"{event!r} cannot come there. {_why(event, events[:place])}"
            return


def _why(event: str, before: Sequence[str]) -> str:
    """Return why an event that was refused could not come after those ``before`` it: the first reason that applies."""
    closed = f"{SPEAKER[event]} close" in before
    reasons = (
        (event == "101", "It answers the GET, with a value made from the client's key (RFC 6455 §4.2.2)."),
        (event == "FIN", "The server closes TCP when both ends have sent a close frame (RFC 6455 §7.1.1)."),
        ("101" not in before, "Until the 101 has come both ends speak HTTP: no frame may travel (RFC 6455 §4.1)."),
        (event == "text 2" and "text 1" not in before, "There is no message to be continued (RFC 6455 §5.4)."),
        (event == "pong" and "ping" not in before, "It answers the ping, with the ping's own bytes (RFC 6455 §5.5.3)."),
        (closed, "Whoever has sent a close frame says nothing more, and nobody reads on (RFC 6455 §1.4)."),
        (True, "The other end has sent its close frame: end what you have begun, and send yours (RFC 6455 §5.5.1)."),
    )
    return next(why for applies, why in reasons if applies)


_HANGS_UP = "GET, 101, text 1, ping, pong, text 2, client close, FIN, server close"
_TOO_SOON = "GET, text 1, 101, ping, pong, text 2, client close, server close, FIN"
_CUT_SHORT = "GET, 101, text 1, ping, pong, client close, text 2, server close, FIN"
_NEW_TEXT = "GET, 101, ping, pong, server close, text 1, text 2, client close, FIN"

EXERCISE = Exercise(
    name="websocket.order",
    question="Put the nine events of one conversation in an order that neither end refuses.",
    judge=judge,
    hint="A ping may stand inside a message, another text may not. Who closes TCP waits for both close frames.",
    idea="Answers follow their questions, and a close frame is an end's last word. Between them much is free.",
    wrong=(
        Wrong(_HANGS_UP, "when both ends have sent a close frame"),
        Wrong(_TOO_SOON, "both ends speak HTTP"),
        Wrong(_CUT_SHORT, "says nothing more"),
        Wrong(_NEW_TEXT, "The other end has sent its close frame"),
    ),
)
