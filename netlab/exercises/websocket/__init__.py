"""The exercises of the chapter on WebSocket, from "fill in the number" to "write it".

fields  what a frame's head says           order  a conversation, from GET to the end of TCP
unmask  a payload, right and fast          close  which codes may travel
"""

from __future__ import annotations

from netlab.exercises.exercise import Exercise
from netlab.exercises.websocket import close, fields, order, unmask

EXERCISES: dict[str, Exercise] = {room.EXERCISE.name: room.EXERCISE for room in (fields, order, unmask, close)}
