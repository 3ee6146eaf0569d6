"""Measured and simulated quantities, on axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
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
        for curve in self.curves:
            for x, y in curve.points:
                if not (isfinite(x) and isfinite(y)) or (self.x.log and x <= 0) or (self.y.log and y <= 0):
                    raise ValueError(f"({x}, {y}) of {curve.name!r} has no place on its axes")


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
            raise ValueError("bars start at zero and need at least one number, none of them negative")


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
        if not self.rows or any(not 0 < row.best <= row.p50 <= row.p99 for row in self.rows):
            raise ValueError("a spread needs 0 < fastest <= median <= 99th percentile")


@dataclass(frozen=True, slots=True)
class Phase:
    """Two flows' shares of one link as a moving point: past ``capacity`` is loss, on the diagonal is fairness."""

    points: Sequence[tuple[float, float]]
    capacity: float
    unit: str
    names: tuple[str, str] = ("A", "B")
    remarks: Sequence[Remark] = ()

    def __post_init__(self) -> None:
        if not self.points or self.capacity <= 0:
            raise ValueError("a phase plot needs at least one point and a capacity above 0")
