"""What the last test run found, as a file: ``_build/verified.json``. tests/verified.py writes it, verified.py shows it.

Standard library only, so that a test run needs no Sphinx to write it. `make test` calls pytest three times, and each
call owns one entry of ``runs``::

    {"runs": {"tests": {...}, "notebooks": {...}, "alone": {...}}}

The file may be from another version, cut short or edited by hand. So it is read field by field, and whatever is wrong
with it comes back as a sentence, never as an exception.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

RUNS = {
    "tests": "The tests, on all cores",
    "notebooks": "Every notebook, against its stored text",
    "alone": "What must run alone: timing, load, coverage",
}
SOURCES = ("netlab", "book", "_toc.yml", "_config.yml")  # what the pages are made from
NOT_SOURCES = {"__pycache__", "node_modules"}  # and hidden files
MOST_BYTES = 2_000_000  # a run of ten thousand failures is smaller
APART = ("page", "benchmarks")  # folders of tests that belong to no room


class Count(NamedTuple):
    """How many tests passed, were skipped, failed; and the seconds that they took, added up over all cores."""

    passed: int = 0
    skipped: int = 0
    failed: int = 0
    seconds: float = 0.0

    def plus(self, other: Count) -> Count:
        """Return the sum, field by field."""
        return Count(*(a + b for a, b in zip(self, other, strict=True)))


@dataclass(frozen=True, slots=True)
class Run:
    """One call of pytest: when, on what, with whom, and what came out.

    ``began`` and ``ended`` are UTC, as "2026-11-28 10:31"; ``ended`` is "" while it runs, and for ever where it was
    killed. ``exit`` is pytest's exit code. ``sources`` is the digest of ``SOURCES``, "" where they changed under it.
    ``only`` says how it was narrowed down: "" if it was not.
    """

    began: str
    ended: str = ""
    seconds: float = 0.0
    exit: int = 0
    only: str = ""
    commit: str = ""
    uncommitted: bool = False
    sources: str = ""
    machine: Mapping[str, str] = field(default_factory=dict)
    programs: Mapping[str, str] = field(default_factory=dict)  # name: version, "" where it was not found
    libraries: Mapping[str, str] = field(default_factory=dict)
    rooms: Mapping[str, Count] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)  # reason: how many
    failed: tuple[str, ...] = ()

    @property
    def total(self) -> Count:
        """What came out of all rooms together."""
        total = Count()
        for count in self.rooms.values():
            total = total.plus(count)
        return total

    @property
    def passed(self) -> bool:
        """Whether the whole of it ran, and nothing failed."""
        return bool(self.ended) and self.exit == 0 and not self.only and not self.total.failed


# ------------------------------------------------------------------------------------------------ reading and writing


def read(path: Path) -> tuple[dict[str, Run], str]:
    """Return the runs that ``path`` tells of, and a sentence where it cannot be read ("" where it can, or is none)."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return {}, f"{path.name} is larger than {MOST_BYTES:,} bytes, which no test run writes"
        said = json.loads(path.read_text(encoding="utf-8"))
        return {name: run_of(said["runs"][name]) for name in RUNS if name in said["runs"]}, ""
    except FileNotFoundError:
        return {}, ""
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        return {}, f"{path.name} is broken ({type(error).__name__}: {str(error)[:200]})"


def run_of(said: Mapping[str, Any]) -> Run:
    """Return one entry of the file as a value; raise TypeError or ValueError where a field is not what it should be."""
    known = Run("")
    fields = {name: said[name] for name in Run.__slots__ if name in said}
    for name, value in fields.items():
        kind = type(getattr(known, name))
        fields[name] = tuple(map(text, value)) if kind is tuple else plain(value, kind, name)
    for name in ("machine", "programs", "libraries"):
        fields[name] = {text(key): text(value) for key, value in fields.get(name, {}).items()}
    fields["rooms"] = {text(room): count_of(count) for room, count in fields.get("rooms", {}).items()}
    fields["skipped"] = {text(why): whole(count) for why, count in fields.get("skipped", {}).items()}
    return Run(**fields)


def plain(value: object, kind: type, name: str) -> object:
    """Return ``value`` if it is a ``kind``; a whole number may stand for seconds."""
    if not isinstance(value, (int, float) if kind is float else kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"{name} is {value!r:.40}, and should be a {kind.__name__}")
    return value


def text(value: object) -> str:
    """Return a string of at most 300 characters: more of it would be no sentence."""
    return str(plain(value, str, "a text"))[:300]


def whole(value: object) -> int:
    """Return how many there are."""
    if not isinstance(value, int) or not 0 <= value < 10**9:
        raise ValueError(f"{value!r:.40} is no count")
    return value


def count_of(said: Any) -> Count:
    """Return a room's row."""
    *counts, seconds = said
    passed, skipped, failed = map(whole, counts)
    return Count(passed, skipped, failed, float(seconds))


def write(path: Path, name: str, run: Run) -> None:
    """Put ``run`` in the place of the one of that name; the others stay. A broken file is begun anew."""
    runs, _ = read(path)
    runs[name] = run
    said = {"runs": {key: asdict(runs[key]) for key in RUNS if key in runs}}
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.new")
    new.write_text(json.dumps(said, indent=1), encoding="utf-8")
    os.replace(new, path)  # whole or not at all: a build may be reading


# ------------------------------------------------------------------------------------------------- sources and rooms


def digest(root: Path) -> str:
    """Return one name for all files that the pages are made from, their names and their bytes."""
    sums = hashlib.sha256()
    for path in files(root):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        sums.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return sums.hexdigest()


def files(root: Path) -> Iterator[Path]:
    """Yield them in the order of their names, less what only a run leaves there."""
    for name in SOURCES:
        start = root / name
        if start.is_file():
            yield start
        for folder, below, names in os.walk(start):
            below[:] = sorted(one for one in below if one not in NOT_SOURCES and not one.startswith("."))
            yield from (Path(folder, one) for one in sorted(names) if not one.startswith("."))


def floors(root: Path) -> dict[str, int]:
    """Return the rooms of the library's map, in its order, and the floor of each; none where there is no map."""
    try:
        said = (root / "netlab" / "__init__.py").read_text(encoding="utf-8")
    except OSError:
        return {}
    return {room: int(floor) for room, floor in re.findall(r"^    (\w+)\s.*\sfloor (\d)$", said, flags=re.M)}


def room_of(test: str, plan: Mapping[str, int]) -> str:
    """Return the room that a test proves: "web/websocket" for tests/web/test_websocket_time.py::test_it.

    A notebook is a room of its own; what belongs to no room of the map is the project's.
    """
    path = re.sub(r"\.\w+$", "", test.partition("::")[0].replace("\\", "/"))
    head, *rest = path.split("/")
    if head == "book":
        return path
    names = [name for part in rest if (name := part.removeprefix("test_")) != "__init__"]
    if not names or head not in ("netlab", "tests"):
        return "project"
    if head == "tests":
        names[-1] = names[-1].partition("_")[0]
    deep = 2 if plan.get(names[0]) == 4 else 1  # on the topics' floor, each topic has its own row
    return "/".join(names[:deep]) if names[0] in plan or names[0] in APART else "project"
