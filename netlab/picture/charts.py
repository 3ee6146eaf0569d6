"""Measured and simulated quantities, on axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite, isnan
from typing import Literal, NamedTuple

from netlab.picture.hues import GREY, OURS, Hue


class Axis(NamedTuple):
    """What is measured, in which ``unit``, from ``low`` to ``high`` (None: as far as the data goes)."""

    label: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    log: bool = False


class Curve(NamedTuple):
    """Points (x, y) under one name; a simulated curve is a ``line``, a measured one ``dots``."""

    name: str
    points: Sequence[tuple[float, float]]
    hue: Hue = OURS
    mark: Literal["line", "dashed", "steps", "dots", "rings"] = "line"


class Level(NamedTuple):
    """A line across the drawing to measure the curves by, such as what the pipe holds."""

    value: float
    name: str
    across: Literal["x", "y"] = "y"


class Area(NamedTuple):
    """Everything between two values of one axis, tinted: the queue, slow start."""

    start: float
    stop: float
    name: str = ""
    hue: Hue = GREY
    across: Literal["x", "y"] = "x"


class Remark(NamedTuple):
    """A few words where it happens; ``by`` is px to the right and up from there. In a hue, it is a name."""

    x: float
    y: float
    text: str
    by: tuple[float, float] = (10, 10)
    hue: Hue | None = None


MARKS = ("line", "dashed", "steps", "dots", "rings")


def has_place(value: float, axis: Axis) -> bool:
    """Whether ``axis`` can show ``value``: a log axis has no zero."""
    return isfinite(value) and (value > 0 or not axis.log)


def check(axis: Axis) -> None:
    """Raise ``ValueError`` where ``axis`` has no length, or an end that it cannot show."""
    low, high = axis.low, axis.high
    ends = [end for end in (low, high) if end is not None]
    if not all(has_place(end, axis) for end in ends) or not sorted(set(ends)) == ends:
        raise ValueError(f"the axis {axis.label!r} cannot go from {low} to {high}")


@dataclass(frozen=True, slots=True)
class Lines:
    """Curves over two axes; ``crosses`` are (x, y) of what was lost, the one mark that is never only a colour."""

    curves: Sequence[Curve]
    x: Axis
    y: Axis
    levels: Sequence[Level] = ()
    areas: Sequence[Area] = ()
    crosses: Sequence[tuple[float, float]] = ()
    remarks: Sequence[Remark] = ()

    def __post_init__(self) -> None:
        if not any(curve.points for curve in self.curves):
            raise ValueError("a drawing of lines needs at least one point")
        check(self.x)
        check(self.y)
        for curve in self.curves:
            if curve.mark not in MARKS:
                raise ValueError(f"{curve.mark!r} is no mark for a curve; these are: {', '.join(MARKS)}")
        named = [(curve.name, point) for curve in self.curves for point in curve.points]
        named += [("what was lost", point) for point in self.crosses]
        for name, (x, y) in named + [(remark.text, remark[:2]) for remark in self.remarks]:
            if not (has_place(x, self.x) and has_place(y, self.y)):
                raise ValueError(f"({x}, {y}) of {name!r} has no place on its axes")
        for level in self.levels:
            if not has_place(level.value, self.x if level.across == "x" else self.y):
                raise ValueError(f"the level {level.name!r} at {level.value} has no place on its axis")
        if any(isnan(edge) for area in self.areas for edge in (area.start, area.stop)):
            raise ValueError("an area may be without end, but its edges are numbers")


class Bar(NamedTuple):
    """One number, its name, and what to write beside it (nothing: the number)."""

    name: str
    value: float
    text: str = ""
    hue: Hue = GREY


@dataclass(frozen=True, slots=True)
class Bars:
    """A row for each name, its bar from zero (never on a log axis: there is no zero to start from)."""

    bars: Sequence[Bar]
    value: Axis

    def __post_init__(self) -> None:
        if not self.bars or any(not isfinite(bar.value) or bar.value < 0 for bar in self.bars):
            raise ValueError("bars start at zero and need at least one number, none of them negative or without end")
        if self.value.log:
            raise ValueError("bars start at zero, which a log axis does not have: take Spreads, or dots")
        check(self.value._replace(low=0))


class Spread(NamedTuple):
    """What a measurement looked like: its fastest, its median, its 99th percentile."""

    name: str
    best: float
    p50: float
    p99: float
    hue: Hue = GREY


@dataclass(frozen=True, slots=True)
class Spreads:
    """Medians (a dot) on the way from fastest to 99th percentile (a bar), on a log axis."""

    rows: Sequence[Spread]
    value: Axis

    def __post_init__(self) -> None:
        if not self.rows or any(not 0 < row.best <= row.p50 <= row.p99 < inf for row in self.rows):
            raise ValueError("a spread needs 0 < fastest <= median <= 99th percentile")
        check(self.value._replace(log=True))


@dataclass(frozen=True, slots=True)
class Phase:
    """Two flows' shares of one link as a moving point: past ``capacity`` is loss, on the diagonal is fairness."""

    points: Sequence[tuple[float, float]]
    capacity: float
    unit: str
    names: tuple[str, str] = ("A", "B")
    remarks: Sequence[Remark] = ()

    def __post_init__(self) -> None:
        if not self.points or not 0 < self.capacity < inf:
            raise ValueError("a phase plot needs at least one point and a capacity above 0, but not without end")
        if any(not (0 <= a < inf and 0 <= b < inf) for a, b in self.points):
            raise ValueError("in a phase plot no flow's share is negative or without end")
        if not all(isfinite(edge) for remark in self.remarks for edge in remark[:2]):
            raise ValueError("in a phase plot each remark is somewhere")
