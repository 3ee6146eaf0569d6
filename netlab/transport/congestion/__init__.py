"""Congestion control: how fast may I send, when nobody will tell me?

A sender learns what a path holds by sending until something is lost. What it does then is one small class, a
``Controller``; everything else in this room is a world for controllers to live in:

    path       Path (rate, delay, queue), Controller, Sample: what all the rest speaks of
    reno       Reno and Tahoe (RFC 5681), and a window that never moves
    cubic      CUBIC (RFC 9438), which asks the clock how long ago the last loss was
    bbr        BBR, which asks how fast packets arrive, and does not take a loss for an order
    rounds     one round trip at a time: fifteen lines, and enough for most of what a window does
    packets    one packet at a time, on the clock: a loss, as the sender gets to know of it; one flow, or many
    flow       what every flow of packets has; newreno and sack: two ways to notice a loss and to mend it
    link       the queue and the link that packets go through; receiver: who acknowledges them; timer: RFC 6298
    sharing    two flows on one link, under four laws: which of them ends fair?
    kernel     the same path in a lab: what Linux does on it
    sweep      many runs with other numbers, by whatever executor
    figures    the chapter's pictures, each a function of what the above returns

One path serves the whole chapter, because it is mental arithmetic: a packet of 1500 bytes takes 1 ms, a round
trip of 40 ms holds 40 of them, and 24 more can wait.

>>> path = Path(rate=12e6, delay=0.020, queue=24)          # bit/s, s one way, packets
>>> path.packet_time, path.pipe, path.full
(0.001, 40.0, 64.0)
>>> [(loss.flight, loss.after) for loss in losses(rounds(Reno(), path, seconds=6))]
[(80, 40.0), (65, 32.5), (65, 32.5), (65, 32.5)]

Windows are counted in packets, as Linux counts them; the RFCs count bytes. Times are in s, rates in bit/s.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from netlab.transport.congestion.flow import Flow
from netlab.transport.congestion.packets import crowd, packets
from netlab.transport.congestion.path import Controller, Delivery, Path, Sample
from netlab.transport.congestion.reno import FixedWindow, Reno, Tahoe, initial_window
from netlab.transport.congestion.rounds import Loss, link_use, losses, mean_cwnd, rounds, sqrt_law
from netlab.transport.congestion.sharing import LAWS, Law, Share, jain, share
from netlab.transport.congestion.timer import Rto

if TYPE_CHECKING:
    from netlab.transport.congestion.bbr import BBR_V1, BBR_V3, Bbr
    from netlab.transport.congestion.cubic import Cubic

__all__ = [
    "BBR_V1",
    "BBR_V3",
    "LAWS",
    "Bbr",
    "Controller",
    "Cubic",
    "Delivery",
    "FixedWindow",
    "Flow",
    "Law",
    "Loss",
    "Path",
    "Reno",
    "Rto",
    "Sample",
    "Share",
    "Tahoe",
    "crowd",
    "initial_window",
    "jain",
    "link_use",
    "losses",
    "mean_cwnd",
    "packets",
    "rounds",
    "share",
    "sqrt_law",
]

LATER = {"BBR_V1": "bbr", "BBR_V3": "bbr", "Bbr": "bbr", "Cubic": "cubic"}


def __getattr__(name: str) -> object:
    """Fetch a rival of Reno's from its module when it is first asked for: most runs know only one controller."""
    if name not in LATER:
        raise AttributeError(f"module 'netlab.transport.congestion' has no attribute {name!r}")
    return getattr(import_module(f"netlab.transport.congestion.{LATER[name]}"), name)


def __dir__() -> list[str]:
    """Return what there is, fetched or not."""
    return __all__
