"""The chapter's pictures: each is a function of what an experiment found, and nothing is placed by hand.

    anatomy    a frame byte by byte, and how long its head is
    breaking   cuts, masks and lies: who notices what
    talking    what polling costs, a conversation, the states of a connection

A sentence is computed from the same records as the drawing: whoever hears a picture hears what it shows.
"""

from netlab.web.websocket.exchange import polled, recorded
from netlab.web.websocket.figures.anatomy import octets, overhead, refused
from netlab.web.websocket.figures.breaking import cuts, lies, masks
from netlab.web.websocket.figures.talking import conversation, polling, seldom, states

__all__ = [
    "conversation",
    "cuts",
    "lies",
    "masks",
    "octets",
    "overhead",
    "polled",
    "polling",
    "recorded",
    "refused",
    "seldom",
    "states",
]
