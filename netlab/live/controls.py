"""What a reader may set, read from a parameter's annotation; and what a page hands back, checked before it is used.

queue: Annotated[int, Range(4, 120, 4, "packets")] = 24     a slider, and a field for the exact number
loss: Annotated[float, Choices(0, 0.001, 0.01)] = 0         a menu
law: Literal["Reno", "Tahoe"] = "Reno"                      a menu
sack: bool = True                                           a switch
"""

from __future__ import annotations

from dataclasses import dataclass
from inspect import Parameter
from typing import Any, Literal, NamedTuple, get_args, get_origin

Value = bool | int | float | str


class Range(NamedTuple):
    """A number from ``low`` to ``high``, which a slider moves by ``step``; ``unit`` is written behind it."""

    low: float
    high: float
    step: float
    unit: str = ""


class Choices:
    """One of a few values that are no words (``Literal`` holds those), in their order; ``unit`` is written behind."""

    def __init__(self, *values: Value, unit: str = "") -> None:
        self.values, self.unit = values, unit


@dataclass(frozen=True, slots=True)
class Control:
    """One parameter of a panel: its name, its default, and either a ``range`` or ``choices`` (a switch: neither)."""

    name: str
    default: Value
    range: Range | None = None
    choices: tuple[Value, ...] = ()
    unit: str = ""
    whole: bool = False  # only integers

    @property
    def label(self) -> str:
        """The name as a person writes it."""
        return self.name.replace("_", " ")

    def read(self, value: object) -> Value:
        """Return ``value`` if a reader may set it. Raises ``ValueError`` with a sentence that says what is possible."""
        if self.range:
            return self._number(value, self.range)
        choices = self.choices or (False, True)
        for choice in choices:
            if type(choice) is type(value) and choice == value:
                return choice
            if not isinstance(choice, (bool, str)) and isinstance(value, (int, float)) and choice == value:
                return choice
        raise ValueError(f"{self.label} is {_either(choices)}, not {short(value)}")

    def _number(self, value: object, within: Range) -> int | float:
        """Return a number of the range; between its steps is allowed: only a slider moves by steps."""
        unit = f" {self.unit}" if self.unit else ""
        asked = f"{self.label} is from {within.low:g} to {within.high:g}{unit}"
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not within.low <= value <= within.high:
            raise ValueError(f"{asked}, not {short(value)}")  # nan is in no range
        if self.whole and value != int(value):
            raise ValueError(f"{asked}, a whole number, not {value:g}")
        return int(value) if self.whole else float(value)

    def spoken(self, value: Value) -> str:
        """Return the setting in words: "queue 24 packets", "SACK on"."""
        if isinstance(value, bool):
            return f"{self.label} {'on' if value else 'off'}"
        number = f"{value:g}" if isinstance(value, float) else f"{value}"
        unit = "" if not self.unit or self.unit == self.label else f" {self.unit}"
        return f"{self.label} {number}{unit}"


def control(parameter: Parameter, hint: object) -> Control:
    """Return what a parameter with the annotation ``hint`` lets a reader set.

    Raises ``TypeError`` where it has no default, or its annotation says no range and no choices, and ``ValueError``
    where its own default is none of them.
    """
    name, default = parameter.name, parameter.default
    if default is Parameter.empty:
        raise TypeError(f"a panel's {name} needs a default: the picture that everybody sees first")
    made = _made(name, default, hint)
    if made is None:
        raise TypeError(f"a panel's {name} needs Range, Choices, Literal or bool, not {hint}")
    made.read(default)
    return made


def _made(name: str, default: Any, hint: Any) -> Control | None:
    if hint is bool:
        return Control(name, default)
    if get_origin(hint) is Literal:
        return Control(name, default, choices=get_args(hint))
    for note in getattr(hint, "__metadata__", ()):
        if isinstance(note, Range):
            if not (note.low < note.high and 0 < note.step <= note.high - note.low):
                raise ValueError(f"the range of {name} is empty, or its step too large: {note}")
            return Control(name, default, range=note, unit=note.unit, whole=hint.__origin__ is int)
        if isinstance(note, Choices):
            return Control(name, default, choices=note.values, unit=note.unit)
    return None


def _either(choices: tuple[Value, ...]) -> str:
    words = [short(choice) for choice in choices]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def short(value: object, most: int = 40) -> str:
    """Return a value as it may be quoted back: what comes from an address line may be long."""
    text = {True: "on", False: "off"}[value] if isinstance(value, bool) else repr(value)
    return text if len(text) <= most else f"{text[:most]}…"
