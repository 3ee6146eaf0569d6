"""Find an exercise by its name, judge an answer, and remember how often somebody missed.

Nothing is registered: "congestion.grow" is the entry of that name in the table ``EXERCISES`` of the module
``netlab.exercises.congestion``, which is imported when somebody asks for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any

from netlab.exercises.asking import Asked, Missed, Unwritten, unwritten
from netlab.exercises.exercise import Exercise, Verdict

ROOM = __name__.rpartition(".")[0]


@dataclass(slots=True)
class Checker:
    """Checks answers for one reader; ``misses`` says how often each exercise was missed so far."""

    misses: Counter[str] = field(default_factory=Counter)
    patience: int = 2  # misses after which the hint comes

    def check(self, name: str, answer: Any) -> Verdict:
        """Return the verdict on ``answer``; a wrong one counts as a miss, a missing one does not.

        Raises ``ValueError`` where no exercise has that ``name``.
        """
        exercise = find(name)
        try:
            reason = first_reason(exercise, answer)
        except Unwritten as still:
            return Verdict(name, None, str(still))
        if not reason:
            return Verdict(name, True, exercise.idea)
        self.misses[name] += 1
        return Verdict(name, False, reason, exercise.hint if self.misses[name] >= self.patience else "")


def first_reason(exercise: Exercise, answer: Any) -> str:
    """Return the most basic reason why ``answer`` is wrong; "" for a right one.

    Raises ``Unwritten`` where there is no answer yet, and nothing else, whatever the answer is.
    """
    try:
        still_open(answer)
        if exercise.written and not callable(answer):
            return f"Hand over the function itself, without calling it: check({exercise.name!r}, name_of_the_function)."
        return next(iter(exercise.judge(Asked(answer) if exercise.written else answer)), "")
    except Missed as missed:
        return str(missed)
    except Unwritten:
        raise
    except Exception as error:  # an answer stranger than any that was thought of: still no traceback
        return f"The check cannot read this answer: that raised {type(error).__name__}."


def still_open(answer: Any) -> None:
    """Raise ``Unwritten`` where ``answer`` is, or holds, a ``...`` that the reader has still to replace.

    >>> still_open({"pipe": 100, "full": ...})
    Traceback (most recent call last):
        ...
    netlab.exercises.asking.Unwritten: Still open: full.
    """
    if answer is None or answer is ... or unwritten(answer) or (isinstance(answer, str) and not answer.strip()):
        raise Unwritten
    if isinstance(answer, Mapping):
        if blanks := [str(name) for name, value in answer.items() if value is ...]:
            raise Unwritten(f"Still open: {', '.join(blanks)}.")
    elif isinstance(answer, (list, tuple)) and any(value is ... for value in answer):
        raise Unwritten


def find(name: str) -> Exercise:
    """Return the exercise called ``name``, such as "congestion.grow".

    Raises ``ValueError`` with the names that come near where there is none.
    """
    topic = str(name).partition(".")[0]
    if topic.isidentifier() and find_spec(f"{ROOM}.{topic}") and (exercise := table(topic).get(str(name))):
        return exercise
    from difflib import get_close_matches  # noqa: PLC0415 - 1.5 ms, for a slip of the pen alone

    known = [known for topic in topics() for known in table(topic)]
    near = get_close_matches(str(name), known, n=3, cutoff=0.5) or known
    raise ValueError(f"no exercise is called {name!r}; there is {', '.join(near)}")


def table(topic: str) -> Mapping[str, Exercise]:
    """Return the exercises of one topic by their names; none where the module is not a topic's."""
    exercises: Mapping[str, Exercise] = getattr(import_module(f"{ROOM}.{topic}"), "EXERCISES", {})
    return exercises


def topics() -> Iterator[str]:
    """Yield the name of every module in this room, the topics among them."""
    yield from (module.name for module in iter_modules(import_module(ROOM).__path__))
