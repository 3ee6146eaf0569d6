"""What an exercise is, and what is said about an answer to it: two records, and a judge between them.

An exercise is data. Its one function, the ``judge``, is handed an answer and yields the reasons why that answer
is wrong, the most basic one first. It is written to be read: every check is a line of arithmetic or a sentence of
an RFC. When it has nothing to say, the answer is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import Any, NamedTuple

WIDTH = 70  # characters in a line of a verdict: no scrolling in a notebook nor on the page

Judge = Callable[[Any], Iterable[str]]


class Wrong(NamedTuple):
    """An ``answer`` that people do give, and the words that tell them what it shows about their thinking."""

    answer: Any
    shows: str


@dataclass(frozen=True, slots=True)
class Exercise:
    """One question, what judges an answer to it, and what helps somebody on.

    ``name`` is "topic.exercise"; ``question`` one line. ``judge`` yields why an answer is wrong. Where the answer
    is a function to be ``written``, the judge gets it as an ``Asked``, which survives whatever that function does.
    ``hint`` comes after two misses, ``idea`` with the right answer. ``wrong`` holds wrong answers, the common
    mistake first: tests hold the judge to them.

    Raises ``ValueError`` where words are missing, or fewer than two wrong answers are known.
    """

    name: str
    question: str
    judge: Judge
    hint: str
    idea: str
    wrong: Sequence[Wrong]
    written: bool = False

    def __post_init__(self) -> None:
        for word in ("name", "question", "hint", "idea"):
            if not getattr(self, word).strip():
                raise ValueError(f"an exercise needs a {word}")
        if len(self.wrong) < 2:
            raise ValueError(f"{self.name} knows fewer than two wrong answers: is anything asked?")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What ``check`` says of an answer. A notebook shows its text, which is the same for the same answer.

    ``right`` is True, False, or None where there is no answer yet. ``reason`` says why it is wrong, what is still
    open, or the idea that the right answer holds. ``hint`` is empty until somebody missed twice.

    >>> Verdict("congestion.grow", None)
    congestion.grow: not answered yet
    >>> Verdict("congestion.path", False, "The queue stores packets too.", "Pipe and queue.")
    congestion.path: not right yet. The queue stores packets too.
        Hint: Pipe and queue.
    """

    name: str
    right: bool | None
    reason: str = ""
    hint: str = ""

    def __repr__(self) -> str:
        """Return the verdict in words, in lines that fit."""
        word = {None: "not answered yet", False: "not right yet", True: "right"}[self.right]
        first = f"{self.name}: {word}{f'. {self.reason}' if self.reason else ''}"
        return "\n".join(_wrapped(line) for line in (first, self.hint and f"    Hint: {self.hint}") if line)

    def __bool__(self) -> bool:
        """Return whether the answer is right, so that ``assert check(...)`` means what it says."""
        return self.right is True


def _wrapped(line: str) -> str:
    return fill(line, WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
