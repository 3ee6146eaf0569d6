"""The exercises of the chapter on congestion control, from "fill in the number" to "write it".

path   the five numbers of a path          order  the nine events of one loss
rto    the retransmission timer            grow   the window after one ACK
"""

from __future__ import annotations

from netlab.exercises.congestion import grow, order, path, rto
from netlab.exercises.exercise import Exercise

EXERCISES: dict[str, Exercise] = {room.EXERCISE.name: room.EXERCISE for room in (path, order, rto, grow)}
