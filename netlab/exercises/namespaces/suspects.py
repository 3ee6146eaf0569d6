"""Write the diagnosis: which of the twelve faults explain what five pings, or only some of them, have shown?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from netlab.exercises.asking import Asked, Missed, shown
from netlab.exercises.exercise import Exercise, Wrong
from netlab.networks.namespaces.model import Model
from netlab.networks.namespaces.steps import FAULTS, build

Row = Sequence[str | None]
Table = Mapping[str, Sequence[str]]


def table() -> dict[str, list[str]]:
    """Return what the five pings say with each fault, from the model."""
    found = {}
    for fault in FAULTS:
        model = Model()
        build(model)
        fault.take(model)
        found[fault.name] = [answer.kind for answer in model.pings()]
    return found


def judge(suspects: Asked) -> Iterator[str]:
    """Yield what is wrong with ``suspects(row, table)``: five outcomes, None for a ping not sent; a set of names."""
    known = table()
    for name, row in known.items():
        yield from _gives(suspects, row, known, f"That is the row of {name!r}.")
    partly: list[tuple[Row, str]] = [
        ((None, None, "ARP", None, None), "Only the host was pinged, and three of five rows with ARP have it there."),
        ((None, None, None, None, "silence"), "Only the server was pinged: several faults silence it."),
        (("ok", None, None, None, "ok"), "Two pings were sent. What was not asked speaks against nobody."),
        ((None,) * 5, "Nobody was asked anything: everybody is under suspicion."),
        (("route",) * 5, "No single fault of the twelve does that: an empty set."),
    ]
    for some, why in partly:
        yield from _gives(suspects, list(some), known, why)


def explained(row: Row, known: Table) -> set[str]:
    """Return what the diagnosis should."""
    return {
        name
        for name, kinds in known.items()
        if all(seen in (None, kind) for seen, kind in zip(row, kinds, strict=True))
    }


def _gives(suspects: Asked, row: Row, known: Table, why: str) -> Iterator[str]:
    given, wanted = suspects.value(row, known), explained(row, known)
    call = f"suspects({list(row)}, table)"
    if given is None:
        raise Missed(f"{call} returned None: does every way through the function end in a return?")
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise Missed(f"{call} gave {shown(given)}, and not a set of names.")
    found = set(given)
    if missing := sorted(wanted - found):
        yield f"{call} lacks {', '.join(missing)}. {why}"
    if extra := sorted(map(str, found - wanted)):
        yield f"{call} names {', '.join(extra)}, too. {why}"


# ------------------------------------------------------------------------------------------------- what people write


def whole_rows(row: Row, known: Table) -> set[str]:
    """Compare rows, as if all five had been asked."""
    return {name for name, kinds in known.items() if list(kinds) == list(row)}


def the_first(row: Row, known: Table) -> set[str]:
    """Stop at the first culprit."""
    return set(sorted(explained(row, known), key=list(known).index)[:1])


def any_match(row: Row, known: Table) -> Any:
    """Suspect whoever agrees in something."""
    return {name for name, kinds in known.items() if any(a == b for a, b in zip(row, kinds, strict=True))}


EXERCISE = Exercise(
    name="namespaces.suspects",
    question="Write suspects(row, table): all faults that explain the outcomes; None stands for a ping not sent.",
    judge=judge,
    hint="A fault is a suspect while nothing that was seen speaks against it: all(…) over the pairs.",
    idea="A test rules faults out. Two that have the same row stay together until you look somewhere else.",
    wrong=(
        Wrong(whole_rows, "Only the host was pinged"),
        Wrong(the_first, "lacks host's lo down"),
        Wrong(any_match, "names"),
    ),
    written=True,
)
