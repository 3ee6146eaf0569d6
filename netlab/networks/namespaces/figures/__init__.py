"""The chapter's pictures: each is a function of what the kernel said, and of what the model says beside it.

    network    the network as a snapshot has it, what is new in blue; one ping at five places
    grids      who answers after which step, after which fault; three sizes; whose is what

A sentence is computed from the same records as the drawing: whoever hears a picture hears what it shows.
"""

from netlab.networks.namespaces.figures.grids import faults, narrowed, sizes, stairs, together, worlds
from netlab.networks.namespaces.figures.network import built, change, journey

__all__ = ["built", "change", "faults", "journey", "narrowed", "sizes", "stairs", "together", "worlds"]
