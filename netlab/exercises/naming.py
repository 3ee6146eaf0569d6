"""Answers that are made of names: events in an order, numbers by their names. What is wrong before anything is judged.

>>> in_order("drop, retransmitt", ["drop", "retransmit"])
(['drop', 'retransmitt'], ["There is no event 'retransmitt': is it 'retransmit'?", 'Still missing: retransmit.'])
>>> by_name({"pipe": 100}, ["pipe", "full"])
['There is no number for full.']
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from netlab.exercises.asking import shown


def in_order(answer: Any, known: Collection[str]) -> tuple[list[str], list[str]]:
    """Return the events of ``answer``, a list or one text with commas, and why they are no order of ``known``."""
    events = [word.strip() for word in answer.split(",")] if isinstance(answer, str) else answer
    if not isinstance(events, Sequence) or not all(isinstance(event, str) for event in events):
        return [], [f"Give the {len(known)} names in a list, and not {shown(answer)}."]
    return list(events), list(_disorder(events, known))


def _disorder(events: Sequence[str], known: Collection[str]) -> Iterator[str]:
    """Yield which events are unknown, named twice, or missing."""
    for event, times in Counter(events).items():
        if event not in known:
            from difflib import get_close_matches  # noqa: PLC0415 - 1.5 ms, for a slip of the pen alone

            near = get_close_matches(event, known, n=1)
            yield f"There is no event {shown(event)}{f': is it {near[0]!r}?' if near else '.'}"
        if times > 1:
            yield f"{event!r} is in the list {times} times; it happens once."
    if missing := [event for event in known if event not in events]:
        yield f"Still missing: {', '.join(missing)}."


def by_name(answer: Any, names: Collection[str]) -> list[str]:
    """Return why ``answer`` is not a mapping with a value for each of the ``names``."""
    if not isinstance(answer, Mapping):
        return [f"Give the {len(names)} numbers by name, in a dict: {', '.join(names)}."]
    missing = [name for name in names if name not in answer]
    return [f"There is no number for {', '.join(missing)}."] if missing else []
