"""The exercises of the chapter on network namespaces, from "read the drawing" to "write it".

ping    what one ping's packet says, and for whom its frame is      order     the ten steps, in an order that works
lookup  the longest prefix wins                                     suspects  which faults explain what was seen
"""

from __future__ import annotations

from netlab.exercises.exercise import Exercise
from netlab.exercises.namespaces import lookup, order, ping, suspects

EXERCISES: dict[str, Exercise] = {room.EXERCISE.name: room.EXERCISE for room in (ping, order, lookup, suspects)}
