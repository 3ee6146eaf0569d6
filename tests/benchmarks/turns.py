"""How two things are compared in one run: in turns, many times, and of each the turn that took the processor least.

A machine that is busy with something else must not decide a ratio: both sides share its good times and its bad.
"""

import gc
import sys
import time
from collections.abc import Callable
from typing import Any


def best(*sides: Callable[[], object], turns: int = 40) -> list[float]:
    """Return the seconds that each side took in its best turn. They alternate, and so share good times and bad.

    What is there before is frozen: looking through it for garbage is not what is timed.
    """
    clock = time.perf_counter if sys.platform == "win32" else time.process_time  # Windows counts in steps of 16 ms
    taken: list[list[float]] = [[] for _ in sides]
    gc.collect()
    gc.freeze()
    for _ in range(turns):
        for side, times in zip(sides, taken, strict=True):
            start = clock()
            side()
            times.append(clock() - start)
    gc.unfreeze()
    return [min(times) for times in taken]


def beside(ours: Callable[[], object], theirs: Callable[[], object], asked: float, turns: int = 40) -> list[float]:
    """Return what ``best`` does of two sides; while ours is not ``asked`` times as fast, more turns follow.

    A quiet moment shows what code can do, and on a busy machine it may be long in coming.
    """
    taken = best(ours, theirs, turns=turns)
    for _ in range(7):
        if taken[1] < asked * taken[0]:
            taken = [min(pair) for pair in zip(taken, best(ours, theirs, turns=turns), strict=True)]
    return taken


def times(call: Callable[[Any], object], argument: object, number: int = 500) -> Callable[[], object]:
    """Return a function that calls ``call(argument)`` so often that a turn lasts longer than the timer's grain."""
    return lambda: [call(argument) for _ in range(number)]
