"""Grids: which of five pings is answered, after each step and after each fault; and what is whose.

A cell has the kernel's word. Where the model says otherwise, the cell is filled and has both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from netlab.networks.namespaces.model import Answer, Model
from netlab.networks.namespaces.steps import FAULTS, STEPS, TARGETS, build
from netlab.picture import Grid, Picture

WORDS: Mapping[str, str | bool] = {"ok": True, "silence": "…"}
KEY = (
    "A tick is an answer; else the cell says what is missing. **route**: red has none. **ARP**: nobody on the wire has "
    "that address. **told**: a router says that *it* has no route. **…** is silence."
)
NAMES = tuple(TARGETS)  # the columns


def modelled(fault: int | None = None, steps: int = len(STEPS)) -> list[str]:
    """Return what the model says of the five pings after so many steps, and with one of the faults."""
    model = Model()
    build(model, steps)
    if fault is not None:
        FAULTS[fault].take(model)
    return [answer.kind for answer in model.pings()]


def cells(model: Sequence[Sequence[str]], kernel: Sequence[Sequence[str]]) -> Grid:
    """Return the kernel's words without names; where the model's differ, both, and the cell is filled."""
    pairs = [list(zip(one, other, strict=True)) for one, other in zip(model, kernel, strict=True)]
    return Grid(
        [""] * len(pairs),
        NAMES,
        [[WORDS.get(said, said) if said == ours else f"{said}, not {ours}" for ours, said in row] for row in pairs],
        [(r, c) for r, row in enumerate(pairs) for c, (ours, said) in enumerate(row) if ours != said],
    )


def agreement(grid: Grid) -> str:
    """Return how many cells the model and the kernel agree on."""
    count = len(grid.rows) * len(grid.columns)
    return f"{count - len(grid.wrong)} of {count} cells model and kernel agree"


def stairs(rows: Sequence[Mapping[str, Any]], *, badge: str = "") -> Picture:
    """Return the staircase: the ten steps down, the five pings across, from ``kernel.stairs``."""
    kernel = [list(row["pings"].values()) for row in rows]
    grid = cells([modelled(steps=n + 1) for n in range(len(rows))], kernel)
    first = [next((n for n, row in enumerate(kernel) if row[c] == "ok"), None) for c in range(len(TARGETS))]
    told = ", ".join(
        f"{name} {'never' if n is None else f'from step {n} on'}" for name, n in zip(NAMES, first, strict=True)
    )
    return Picture(
        "Ten steps, five pings: the staircase",
        Grid(
            [f"{n} {step.name}" for n, step in enumerate(STEPS[: len(rows)])], grid.columns, grid.verdicts, grid.wrong
        ),
        f"Red pings five addresses after each step. Answered: {told}. On {agreement(grid)}.",
        KEY,
        note=f"on {agreement(grid)}",
        badge=badge,
    )


def faults(rows: Sequence[Mapping[str, str]], *, badge: str = "") -> Picture:
    """Return the same of the finished network and each of its twelve faults, from ``kernel.faults``."""
    kernel = [list(row.values()) for row in rows]
    grid = cells([modelled(n) for n in range(len(rows))], kernel)
    twins = alike(kernel)
    told = "; ".join(", ".join(FAULTS[n].name for n in same) for same in twins)
    symptoms = len({tuple(row) for row in kernel})
    return Picture(
        f"Twelve faults, {number(symptoms)} symptoms",
        Grid([fault.name for fault in FAULTS[: len(rows)]], grid.columns, grid.verdicts, grid.wrong),
        f"Each row undoes one thing. On {agreement(grid)}. Five pings cannot tell apart: {told}.",
        KEY,
        note=f"on {agreement(grid)}",
        badge=badge,
    )


def together(first: int, second: int) -> Picture:
    """Return what the model says of two faults, by their numbers: each alone, and both at once."""
    one, other = FAULTS[first].name, FAULTS[second].name
    alone, beside, both = broken(first), broken(second), broken(first, second)
    kinds = [[answer.kind for answer in row] for row in (alone, beside, both)]
    failed = [name for name, kind in zip(NAMES, kinds[2], strict=True) if kind != "ok"]
    why = next((f"; {failed[-1]}: {a.reason}" for a in reversed(both) if a.kind != "ok"), "")
    return Picture(
        "The same fault twice is one" if first == second else hidden(one, other, *kinds),
        Grid([one, other, "both"], NAMES, [[WORDS.get(kind, kind) for kind in row] for row in kinds]),
        f"With {one}, {counted(kinds[0])}; with {other}, {counted(kinds[1])}. With both, {counted(kinds[2])}: "
        f"{', '.join(failed) or 'none'}{why}.",
        KEY,
        note="as the model has it; the kernel was asked about one fault at a time",
    )


def broken(*faults: int) -> list[Answer]:
    """Return what the model says of the five pings with some faults; what is undone already stays undone."""
    model = Model()
    build(model)
    for fault in faults:
        with suppress(ValueError):
            FAULTS[fault].take(model)
    return model.pings()


def hidden(one: str, other: str, alone: list[str], beside: list[str], both: list[str]) -> str:
    """Return which of two faults five pings would not show, as a title."""
    unseen = [name for name, row in ((one, alone), (other, beside)) if set(row) == {"ok"}]
    if unseen:
        return f"No ping tells of “{unseen[0]}”" if len(unseen) == 1 else "No ping tells of either"
    if alone == beside == both:
        return "Mend either of the two, and red notices nothing"
    for there, here, seen in ((one, other, alone), (other, one, beside)):
        if both == seen:
            return f"Behind “{there}”, nobody sees “{here}”"
    return "Two faults, and the pings show both"


def counted(kinds: Sequence[str]) -> str:
    """Return how many of the pings fail."""
    return f"{len(kinds) - kinds.count('ok')} of {len(kinds)} fail"


def alike(rows: Sequence[Sequence[str]]) -> list[list[int]]:
    """Return which rows are the same, as lists of their numbers."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for n, row in enumerate(rows):
        groups.setdefault(tuple(row), []).append(n)
    return [same for same in groups.values() if len(same) > 1]


def number(count: int) -> str:
    """Return a small number in letters."""
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
    return words[count] if count < len(words) else str(count)


# ------------------------------------------------------------------------------------------------ sizes, and two worlds

SIZES = {"small": "ping 56", "big": "ping 1472", "hello": "TCP 5 B", "up": "100 kB up", "down": "100 kB down"}


def sizes(seen: Mapping[str, Mapping[str, Any]], *, badge: str = "", mtu: int = 1400, ping: int = 1472) -> Picture:
    """Return what a smaller MTU does in three places, from ``trials.sizes`` or ``narrowed``; ``ping`` is the big."""
    names = list({**SIZES, "big": f"ping {ping}"}.values())

    def word(found: Any, size: str) -> str | bool:
        if isinstance(found, list):
            return f"{found[2]}!" if found[0] == "size" else WORDS.get(found[0], found[0])
        return True if found == (5 if size == "hello" else 100_000) else "…"

    verdicts = [[word(row[size], size) for size in SIZES] for row in seen.values()]
    told = ". ".join(
        f"{PLACES[place]}: {', '.join(f'{name} {spoken(v)}' for name, v in zip(names, line, strict=True))}"
        for place, line in zip(seen, verdicts, strict=True)
    )
    return Picture(
        "The same mistake in three places" if mtu < 1500 else "One size everywhere: all of it arrives",
        Grid([PLACES[place] for place in seen], names, verdicts),
        f"One interface carries {mtu:,} bytes, all others 1,500. {told}.",
        f"**…** is silence: it was dropped, and nobody said so. **{mtu}!** is an error that says what would do.",
        note=f"one interface has an MTU of {mtu}; up is from red, down to red",
        badge=badge,
    )


def narrowed(mtu: int, ping: int) -> dict[str, dict[str, Any]]:
    """Return what should come of an MTU in each of three places, in the form of ``trials.sizes``, by three rules.

    What is larger than the MTU is dropped; a router tells its size to who sent it, and who is told sends smaller ones
    from then on; an end's own size is told to the other end when a connection begins (its MSS).
    """
    big: list[Any] = ["ok"] if ping + 28 <= mtu else ["silence"]  # 20 bytes of IPv4's header, 8 of ICMP's
    whole = 100_000 if mtu >= 1500 else 0
    told: list[Any] = big if big == ["ok"] else ["size", TARGETS["host"], mtu]
    small = {"small": ["ok"], "hello": 5}
    return {
        "port": {**small, "big": big, "up": whole, "down": whole},
        "blue's eth0": {**small, "big": big, "up": 100_000, "down": 100_000},
        "wan": {**small, "big": told, "up": 100_000, "down": whole},
    }


PLACES = {"port": "blue's bridge port", "blue's eth0": "blue's own eth0", "wan": "the router's wan"}


def spoken(verdict: str | bool) -> str:
    """Return a cell in words."""
    return "arrives" if verdict is True else "silence" if verdict == "…" else f"error, {str(verdict)[:-1]} would do"


def worlds(rows: Sequence[tuple[str, bool, bool]], *, badge: str = "") -> Picture:
    """Return what red did, and who noticed, from ``trials.isolation``."""
    own, shared = ([what for what, _, blue in rows if blue is yes] for yes in (False, True))
    return Picture(
        "Its own network, everybody's machine",
        Grid([what for what, _, _ in rows], ["red", "blue"], [[red, blue] for _, red, blue in rows]),
        f"Red has for itself: {', '.join(own)}. It shares with blue: {', '.join(shared)}.",
        "Something was done in red. A tick: it is noticed there; a cross: it is not.",
        badge=badge,
    )
