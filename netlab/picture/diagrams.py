"""Conversations, machines, verdicts and networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import Literal, NamedTuple

from netlab.picture.charts import Axis, check
from netlab.picture.hues import DELIVERED, GREY, OURS, Hue

KEPT = 64  # bytes of a message, at most, that a picture shows: four rows of a hexdump
LARGEST = 30_000  # bytes of a capture, at most, that travel with a picture


class Message(NamedTuple):
    """``src`` sent it at ``time``; it took ``delay`` seconds, unless it was lost on the way. ``size`` in bytes.

    Its colour is its sender's. One with a ``hue`` of its own, such as ENCRYPTED, also travels in a band of that hue.
    ``data`` are its first bytes, at most ``KEPT``: a page shows them in hex beside the picture.
    """

    time: float
    src: str
    dst: str
    label: str
    size: int = 0
    lost: bool = False
    delay: float = 0.020
    hue: Hue | None = None
    data: bytes = b""


class Bracket(NamedTuple):
    """A stretch of time with a name, such as one round trip."""

    start: float
    stop: float
    text: str


class Note(NamedTuple):
    """What ``host`` is or does at ``time``, beside its lane."""

    time: float
    host: str
    text: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """Who sent what to whom, down a real clock; a long silence is cut short and says how long it was.

    ``capture`` is the same as a file for Wireshark, at most ``LARGEST`` bytes: a page offers it below the picture.
    """

    messages: Sequence[Message]
    brackets: Sequence[Bracket] = ()
    notes: Sequence[Note] = ()
    capture: bytes = b""

    def __post_init__(self) -> None:
        if not self.messages or any(not 0 < m.delay < inf or m.src == m.dst for m in self.messages):
            raise ValueError("a sequence needs a message, and each one two hosts and a delay above 0")
        times = [time for bracket in self.brackets for time in bracket[:2]] + [note.time for note in self.notes]
        if not all(isfinite(time) for time in [m.time for m in self.messages] + times):
            raise ValueError("in a sequence everything happens at some time")
        hosts = {host for m in self.messages for host in (m.src, m.dst)}
        for note in self.notes:
            if note.host not in hosts:
                raise ValueError(f"{note.host!r} neither sends nor receives, so it has no lane for a note")
        for m in self.messages:
            if len(m.data) > (most := min(m.size, KEPT)):
                raise ValueError(f"of the {m.size:,} bytes of {m.label!r} a picture keeps {most}, not {len(m.data):,}")
        if len(self.capture) > LARGEST:
            raise ValueError(f"a picture's capture has at most {LARGEST:,} bytes, not {len(self.capture):,}")


class Step(NamedTuple):
    """In ``state``, ``event`` leads to ``next``."""

    state: str
    event: str
    next: str


def check_places(at: Mapping[str, tuple[float, float]]) -> None:
    """Raise ``ValueError`` unless each name has a place of its own on the grid, which begins at (0, 0)."""
    for name, place in at.items():
        if not all(0 <= edge < inf for edge in place):
            raise ValueError(f"{name!r} at {place} is not on the grid, which begins at (0, 0)")
    if len(set(at.values())) < len(at):
        raise ValueError("two of the same diagram stand in one place")


@dataclass(frozen=True, slots=True)
class States:
    """A state machine from the table that runs it.

    ``at`` puts states on a grid (column, row); the steps (state, next) in ``hot`` are the path to follow.
    """

    table: Sequence[Step]
    at: Mapping[str, tuple[float, float]] | None = None
    hot: Sequence[tuple[str, str]] = ()
    hue: Hue = OURS

    def __post_init__(self) -> None:
        if not self.table:
            raise ValueError("a state machine needs at least one step")
        check_places(self.at or {})
        for state in {name for step in self.table for name in (step.state, step.next)}:
            if self.at is not None and state not in self.at:
                raise ValueError(f"the state {state!r} has no place in ``at``")
        for pair in self.hot:
            if pair not in {(step.state, step.next) for step in self.table}:
                raise ValueError(f"no step leads from {pair[0]!r} to {pair[1]!r}")


@dataclass(frozen=True, slots=True)
class Grid:
    """Who accepts what: a tick, a cross, a word or nothing. Only ``wrong`` cells (row, column) are filled."""

    rows: Sequence[str]
    columns: Sequence[str]
    verdicts: Sequence[Sequence[bool | str | None]]
    wrong: Sequence[tuple[int, int]] = ()

    def __post_init__(self) -> None:
        shape = {len(row) for row in self.verdicts} | {len(self.columns)}
        if len(self.verdicts) != len(self.rows) or len(shape) != 1 or not self.columns:
            raise ValueError(f"{len(self.rows)} rows of {len(self.columns)} columns need as many verdicts")
        for row, column in self.wrong:
            if not (0 <= row < len(self.rows) and 0 <= column < len(self.columns)):
                raise ValueError(f"there is no cell ({row}, {column}) to fill")


TIME = Axis("time", "s")


class Stretch(NamedTuple):
    """In ``row``, something lasts from ``start`` to ``stop``."""

    row: str
    start: float
    stop: float
    text: str = ""
    hue: Hue = DELIVERED


@dataclass(frozen=True, slots=True)
class Timeline:
    """What lasts from when to when, a row each; ``marks`` (time, text) are instants that matter to all rows."""

    stretches: Sequence[Stretch]
    time: Axis = TIME
    marks: Sequence[tuple[float, str]] = ()

    def __post_init__(self) -> None:
        check(self.time)
        if not self.stretches or any(not -inf < s.start <= s.stop < inf for s in self.stretches):
            raise ValueError("a timeline needs at least one stretch, and none may end before it starts, or never")
        if not all(isfinite(time) for time, _ in self.marks):
            raise ValueError("a mark of a timeline is at some time")


class Host(NamedTuple):
    """A box ``at`` (column, row) of a grid; a router's is round. What it ``says`` stands under it."""

    name: str
    at: tuple[float, float]
    kind: Literal["host", "router"] = "host"
    says: str = ""
    hue: Hue = GREY


class Link(NamedTuple):
    """``a`` and ``b`` are hosts' names, ``says`` what the link is, ``ends`` the addresses on either side."""

    a: str
    b: str
    says: str = ""
    ends: tuple[str, str] = ("", "")
    hue: Hue = GREY


@dataclass(frozen=True, slots=True)
class Topology:
    """Hosts on a grid and the links between them; ``zones`` are named areas round some of the hosts."""

    hosts: Sequence[Host]
    links: Sequence[Link]
    zones: Mapping[str, Sequence[str]] | None = None

    def __post_init__(self) -> None:
        if not self.hosts:
            raise ValueError("a topology needs at least one host")
        known = {host.name: host.at for host in self.hosts}
        if len(known) < len(self.hosts):
            raise ValueError("in a topology each host has a name of its own")
        check_places(known)
        for link in self.links:
            if link.a == link.b:
                raise ValueError(f"the link from {link.a!r} to itself goes nowhere")
        named = [end for link in self.links for end in (link.a, link.b)]
        for name in named + [host for inside in (self.zones or {}).values() for host in inside]:
            if name not in known:
                raise ValueError(f"there is no host {name!r} in this topology")
