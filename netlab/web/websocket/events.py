"""What can happen to a connection: its states and what moves it between them, and what its application is told.

>>> state = OPEN
>>> for event in (SENT, CAME, TCP_ENDED):
...     state = MOVES[state, event]
>>> state
'CLOSED'
"""

from __future__ import annotations

from typing import NamedTuple

from netlab.web.websocket.handshake import Terms
from netlab.web.websocket.messages import Message

CONNECTING, OPEN, CLOSING, ENDING, CLOSED = "CONNECTING", "OPEN", "CLOSING", "ENDING", "CLOSED"
AGREED, SENT, CAME, BROKEN = "handshake agreed", "close sent", "close came", "rule broken"
TCP_ENDED, TIME_OVER = "TCP ended", "time over"

MOVES = {  # (state, what happens): the state after it
    (CONNECTING, AGREED): OPEN,
    (CONNECTING, BROKEN): ENDING,
    (CONNECTING, TCP_ENDED): CLOSED,
    (CONNECTING, TIME_OVER): CLOSED,
    (OPEN, SENT): CLOSING,
    (OPEN, CAME): ENDING,  # ours is sent in answer, at once
    (OPEN, BROKEN): ENDING,
    (OPEN, TCP_ENDED): CLOSED,
    (OPEN, TIME_OVER): CLOSED,
    (CLOSING, CAME): ENDING,
    (CLOSING, BROKEN): ENDING,
    (CLOSING, TCP_ENDED): CLOSED,
    (CLOSING, TIME_OVER): CLOSED,
    (ENDING, TCP_ENDED): CLOSED,  # all is said, and only TCP is left to close; the RFC calls this CLOSING, too
    (ENDING, TIME_OVER): CLOSED,
}


class Opened(NamedTuple):
    """The handshake is over: messages may be sent, on these terms."""

    terms: Terms


class Ping(NamedTuple):
    """The peer asked for a sign of life, and was given one."""

    payload: bytes


class Pong(NamedTuple):
    """The peer gave a sign of life, asked or not (RFC 6455 §5.5.3)."""

    payload: bytes


class Closed(NamedTuple):
    """There will be no more messages. It comes once.

    ``code`` and ``reason`` are what the peer's close frame gave, 1006 if there was none (§7.1.5). ``why`` says what
    happened instead: 1006 is nobody's word.
    """

    code: int
    reason: str = ""
    why: str = ""


Event = Opened | Message | Ping | Pong | Closed
