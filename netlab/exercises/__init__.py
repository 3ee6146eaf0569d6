"""Checks a reader's answers: ``check("congestion.grow", grow)`` says yes, or what the answer shows.

    exercise    what an exercise is; what a verdict says
    asking      calls a function that somebody is still writing
    checker     finds the exercise, counts the misses
    congestion  the exercises of the chapter of that name, and so on for every topic

An answer that is not there yet ("...") is no miss. A wrong one gets the reason that belongs to it, and from the
second miss on the hint too. Solutions are not in here: they stand, folded, below each exercise in the book.

>>> check("congestion.path", ...)
congestion.path: not answered yet
"""

from __future__ import annotations

from typing import Any

from netlab.exercises.asking import Asked
from netlab.exercises.checker import Checker, find
from netlab.exercises.exercise import Exercise, Verdict, Wrong

__all__ = ["Asked", "Checker", "Exercise", "Verdict", "Wrong", "check", "find"]

READER = Checker()  # one kernel, one reader; a test makes a Checker of its own


def check(name: str, answer: Any) -> Verdict:
    """Return what there is to say about ``answer`` to the exercise ``name``; nothing is printed.

    Never raises because of the answer. Raises ``ValueError`` where no exercise has that name.
    """
    return READER.check(name, answer)
