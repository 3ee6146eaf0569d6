"""The chapter's pictures: each is a function of what the simulators returned, and nothing is placed by hand.

    senders    one sender over time: bursts, the sawtooth, its phases, its states, one loss packet by packet
    laws       what losses and a second flow make of a window
    rivals     simulated senders over the kernel's own: alone, on a long way, in pairs, in a crowd

A sentence is computed from the same records as the curves: whoever hears a picture hears what it shows.
"""

from netlab.transport.congestion.figures.laws import loss_law, two_flows
from netlab.transport.congestion.figures.rivals import alone, back, bufferbloat, crowds, long_way, overlay, pairs
from netlab.transport.congestion.figures.senders import arrivals, machine, one_loss, phases, sawtooth

__all__ = [
    "alone",
    "arrivals",
    "back",
    "bufferbloat",
    "crowds",
    "long_way",
    "loss_law",
    "machine",
    "one_loss",
    "overlay",
    "pairs",
    "phases",
    "sawtooth",
    "two_flows",
]
