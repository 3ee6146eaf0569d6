"""The chapter's pictures: each is a function of what the simulators returned, and nothing is placed by hand.

    senders    one sender over time: bursts, the sawtooth, its phases, its states, one loss packet by packet
    laws       what losses and a second flow make of a window; a simulated and a measured one

A sentence is computed from the same records as the curves: whoever hears a picture hears what it shows.
"""

from netlab.transport.congestion.figures.laws import loss_law, side_by_side, two_flows
from netlab.transport.congestion.figures.senders import arrivals, machine, one_loss, phases, sawtooth

__all__ = ["arrivals", "loss_law", "machine", "one_loss", "phases", "sawtooth", "side_by_side", "two_flows"]
