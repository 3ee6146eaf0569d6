"""Call a function that somebody is still writing, and come back with a number or with a sentence about what it did.

A reader's function may raise, return a text, run for ever or change what it was given. None of that is an error of
the reader's notebook: it is an answer, and it deserves words and not forty lines of somebody else's traceback.

>>> double = Asked(lambda x: 2 * x)
>>> double(21)
42.0
>>> Asked(lambda x: x / 0)(21)
Traceback (most recent call last):
    ...
netlab.exercises.asking.Missed: <lambda>(21) raised ZeroDivisionError in its line 1: division by zero.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from math import isfinite
from numbers import Real
from reprlib import Repr
from traceback import walk_tb
from types import FrameType
from typing import Any

STEPS = 500_000  # steps of the interpreter that one call may take: 0.1 s, and far more than an exercise needs


class Missed(Exception):  # noqa: N818 - what it tells is an answer, not an error
    """What the function did cannot be right; the message says what it did."""


class Unwritten(Exception):  # noqa: N818 - nor is this one
    """There is no answer yet."""


class _Spent(BaseException):
    """Every step is used up. Not an ``Exception``, for the reader's own ``except Exception`` would keep it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A reader's function, to be called with care. Arguments are copied, steps are counted."""

    function: Callable[..., Any]

    def __call__(self, *args: Any, **named: Any) -> float:
        """Return the finite number that the function returns.

        Raises ``Missed`` where it does anything else, ``Unwritten`` where nobody has written it yet.
        """
        value, call = self.value(*args, **named), self.call(args, named)
        if value is None:
            raise Missed(f"{call} returned None: does every way through the function end in a return?")
        if isinstance(value, bool) or not isinstance(value, Real):
            raise Missed(f"{call} returned {shown(value)}, which is not a number.")
        try:
            number = float(value)
        except OverflowError:
            number = float("inf")
        if not isfinite(number):
            raise Missed(f"{call} returned {number}, which is not a finite number.")
        return number

    def value(self, *args: Any, **named: Any) -> Any:
        """Return whatever the function returns, if it raises nothing and leaves its arguments as they were."""
        lent = deepcopy((args, named))
        try:
            value = _within(STEPS, self.function, *lent)
        except (KeyboardInterrupt, Unwritten):
            raise
        except NotImplementedError as error:
            raise Unwritten("it raises NotImplementedError.") from error
        except _Spent:
            call = self.call(args, named)
            raise Missed(f"{call} was still running after {STEPS:,} steps: does a loop never end?") from None
        except BaseException as error:  # SystemExit too: an answer does not end the reader's session
            raise Missed(f"{self.call(args, named)} raised {self.told(error)}.") from error
        if value is ...:
            raise Unwritten("it returns `...`.")
        if lent != (args, named):
            raise Missed(f"{self.call(args, named)} changed what it was given. Read it, and leave it as it was.")
        return value

    def refuses(self, *args: Any, **named: Any) -> bool:
        """Return whether the function raises ``ValueError`` for these arguments, as it should for nonsense."""
        try:
            self.value(*args, **named)
        except Missed as missed:
            return isinstance(missed.__cause__, ValueError)
        return False

    def call(self, args: tuple[Any, ...], named: Mapping[str, Any]) -> str:
        """Return the call as one would write it."""
        words = [*map(shown, args), *(f"{name}={shown(value)}" for name, value in named.items())]
        return f"{getattr(self.function, '__name__', 'your function')}({', '.join(words)})"

    def told(self, error: BaseException) -> str:
        """Return what was raised and in which line of the function; the text of an error that has none is its name."""
        code = getattr(self.function, "__code__", None)
        lines = [line for frame, line in walk_tb(error.__traceback__) if frame.f_code is code]
        where = f" in its line {lines[-1] - code.co_firstlineno + 1}" if code and lines else ""
        return f"{type(error).__name__}{where}" + (f": {text}" if (text := _text(error)) else "")


def _within(steps: int, function: Callable[..., Any], args: tuple[Any, ...], named: Mapping[str, Any]) -> Any:
    """Call ``function``, and raise ``_Spent`` when it took more than so many steps.

    Steps are counted and not seconds: a count is the same on every machine, and in a browser there are neither
    signals nor threads. (Lines would not do: ``while True: pass`` never comes to a new one.) A debugger's or
    coverage's own tracing rests meanwhile. Python ends a tracing that raises: a function which keeps even ``_Spent``,
    with a bare ``except:``, and then loops on, is for the reader to interrupt.
    """

    def count(frame: FrameType, event: str, arg: object) -> Any:
        nonlocal steps
        frame.f_trace_opcodes = True
        steps -= 1
        if steps < 0:
            raise _Spent
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        return function(*args, **named)
    finally:
        sys.settrace(before)


def unwritten(function: Any) -> bool:
    """Return whether nobody has written ``function``: no body but ``...`` or ``pass``, or a ``...`` left in it.

    >>> def grow(cwnd, ssthresh, acked):
    ...     "Return the window after one ACK."
    ...     step = ...
    ...     return cwnd + step
    >>> unwritten(grow), unwritten(lambda: 1)
    (True, False)
    """
    code = getattr(function, "__code__", None)
    return code is not None and (Ellipsis in code.co_consts or _does(code) == _does(_nothing.__code__))


def _does(code: Any) -> list[tuple[str, Any]]:
    return [(step.opname, step.argval) for step in dis.get_instructions(code) if step.opname != "NOP"]


def _nothing() -> None: ...


_SHORT = Repr()
_SHORT.maxlist = _SHORT.maxtuple = _SHORT.maxdict = 4
_SHORT.maxstring = _SHORT.maxother = 60


def shown(value: Any) -> str:
    """Return ``value`` as it is written, cut short; of what has no such form, only the kind.

    >>> shown([0.1] * 50), shown(object())
    ('[0.1, 0.1, 0.1, 0.1, ...]', 'an object of the kind object')
    """
    plain = isinstance(value, (int, float, complex, str, bytes, list, tuple, dict, set, frozenset, type(None)))
    text = _SHORT.repr(value) if plain else " at 0x"
    return text if " at 0x" not in text else f"an object of the kind {type(value).__name__}"


def _text(error: BaseException) -> str:
    """Return the first line of what ``error`` says, if it is able to say it."""
    try:
        return next(iter(str(error).splitlines()), "").rstrip(".")
    except Exception:  # a reader's own exception may be half written too
        return ""
