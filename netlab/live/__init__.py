"""Panels: experiments that somebody who only reads can change. Numbers go in within their ranges, a picture comes out.

    controls   what a reader may set: a number in a range, one of a few choices, a switch
    panel      a function whose parameters say all that
    markup     the controls as a page has them
    worker     what Python in the page answers: panels, cells, bytes

A panel is a function with annotated parameters and defaults. Its docstring is the question to the reader:

>>> from typing import Annotated, Literal
>>> from netlab.picture import Axis, Curve, Lines, Picture
>>> @panel
... def growth(
...     rounds: Annotated[int, Range(1, 9, 1, "rounds")] = 4,
...     law: Literal["double", "add one"] = "double",
... ) -> Picture:
...     '''How far does a window come?'''
...     window = [2 ** n if law == "double" else 1 + n for n in range(rounds + 1)]
...     drawing = Lines([Curve("window", list(enumerate(window)))], Axis("round trips"), Axis("window", "packets"))
...     return Picture("It grows", drawing, f"It reaches {window[-1]} packets.", "Each point is a round trip.")

In a notebook its name alone draws the picture of its defaults, and the page has the controls under it. It is called
like any function, and refuses what its controls would not let through:

>>> growth
It grows. It reaches 16 packets.
>>> growth(rounds=3, law="add one")
It grows. It reaches 4 packets.
>>> growth(rounds=12)
Traceback (most recent call last):
    ...
ValueError: rounds is from 1 to 9 rounds, not 12
>>> growth.said({"rounds": 3})
'rounds 3, law double'

Panels lie here, a module for each topic, and use nothing but the standard library and netlab: so they run in a page.
"""

from __future__ import annotations

from netlab.live.controls import Choices, Control, Range
from netlab.live.panel import Panel, find, panel, panels, progress

__all__ = ["Choices", "Control", "Panel", "Range", "find", "panel", "panels", "progress"]
