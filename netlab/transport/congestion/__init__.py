"""Congestion control: how fast may I send, when nobody will tell me?

A sender learns what a path holds by sending until something is lost. What it does then is one small class, a
``Controller``; everything else in this room is a world for controllers to live in:

    path       Path (rate, delay, queue), Controller, Sample: what all the rest speaks of
    reno       Reno and Tahoe (RFC 5681), and a window that never moves
    rounds     one round trip at a time: fifteen lines, and enough for most of what a window does
    packets    one packet at a time, on the clock: a loss, as the sender gets to know of it
    sharing    two flows on one link, under four laws: which of them ends fair?
    kernel     the same path in a lab: what Linux does on it
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

from netlab.transport.congestion.packets import Flow, packets
from netlab.transport.congestion.path import Controller, Path, Sample
from netlab.transport.congestion.reno import FixedWindow, Reno, Tahoe, initial_window
from netlab.transport.congestion.rounds import Loss, link_use, losses, mean_cwnd, rounds, sqrt_law
from netlab.transport.congestion.sharing import LAWS, Law, Share, jain, share

__all__ = [
    "LAWS",
    "Controller",
    "FixedWindow",
    "Flow",
    "Law",
    "Loss",
    "Path",
    "Reno",
    "Sample",
    "Share",
    "Tahoe",
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
