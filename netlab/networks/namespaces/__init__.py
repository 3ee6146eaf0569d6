"""Network namespaces: a container's network, built from nothing, one step at a time, and each piece of it missed.

What is done to a network is said once, to a ``World``; a script writes it down, a model works out what should come of
it, and the kernel does it. The rooms, from the words up to the experiments::

    worlds    World, what can be done; Script, the commands by which a person does it
    steps     the ten steps, the twelve faults, and the five addresses that red pings
    model     Model: the network as dictionaries, and a ping's way through it, with a reason
    kernel    Kernel: the same in a lab; the staircase and the faults as experiments
    names     a name server that knows two names
    changes   what one snapshot of the kernel's has that another has not
    trials    what else the chapter tries: one ping at five places, a port, a name, three sizes
    isolation what red does, and whether blue notices
    figures   the chapter's pictures

>>> STEPS[7].name, STEPS[7].commands
('a default route', ['ip -n red route add default via 10.0.0.1'])
>>> model = Model()
>>> build(model, 8)
>>> [answer.kind for answer in model.pings()]
['ok', 'ok', 'ok', 'ok', 'silence']
>>> model.pings()[-1].reason
'host does not forward'
"""

from netlab.networks.namespaces.changes import news, shots
from netlab.networks.namespaces.kernel import Kernel
from netlab.networks.namespaces.model import Answer, Model, Route, Walk, lookup
from netlab.networks.namespaces.steps import FAULTS, STEPS, TARGETS, Step, build, outside
from netlab.networks.namespaces.worlds import Script, World

__all__ = [
    "FAULTS",
    "STEPS",
    "TARGETS",
    "Answer",
    "Kernel",
    "Model",
    "Route",
    "Script",
    "Step",
    "Walk",
    "World",
    "build",
    "lookup",
    "news",
    "outside",
    "shots",
]
