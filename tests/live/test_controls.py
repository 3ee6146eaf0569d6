"""What a reader may set: nothing else gets through, whatever a page sends."""

from inspect import Parameter, signature
from math import inf, nan
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.live.controls import Choices, Control, Range, control


def made(default: Any, hint: Any) -> Control:
    """Return the control of a parameter named ``the_queue``."""
    return control(Parameter("the_queue", Parameter.KEYWORD_ONLY, default=default), hint)


QUEUE = made(24, Annotated[int, Range(4, 120, 4, "packets")])
LOSS = made(0.5, Annotated[float, Range(0, 1, 0.1)])
RATE = made(12, Annotated[int, Choices(12, 48, 1000, unit="Mbit/s")])
MIXED = made(0, Annotated[float, Choices(0, 0.001)])
LAW = made("Reno", Literal["Reno", "Tahoe"])
SACK = made(True, bool)
ALL = (QUEUE, LOSS, RATE, MIXED, LAW, SACK)

# ------------------------------------------------------------------------------------------------------- annotations


def test_an_annotation_says_all_of_a_control() -> None:
    queue = QUEUE
    assert queue == Control("the_queue", 24, Range(4, 120, 4, "packets"), unit="packets", whole=True)
    assert (LOSS.whole, LOSS.range) == (False, Range(0, 1, 0.1))
    assert (RATE.choices, RATE.unit, RATE.range) == ((12, 48, 1000), "Mbit/s", None)
    assert (LAW.choices, SACK.choices) == (("Reno", "Tahoe"), ())
    assert QUEUE.label == "the queue"


def test_other_notes_of_an_annotation_do_not_count() -> None:
    assert made(1, Annotated[int, "a word", Range(0, 2, 1)]).range == Range(0, 2, 1)


@pytest.mark.parametrize(
    ("default", "hint", "error", "says"),
    [
        (Parameter.empty, bool, TypeError, "needs a default"),
        (1, int, TypeError, "needs Range, Choices, Literal or bool"),
        (1, Annotated[int, "a word"], TypeError, "needs Range, Choices, Literal or bool"),
        (3, Annotated[int, Range(4, 120, 4)], ValueError, "the queue is from 4 to 120, not 3"),
        ("CUBIC", Literal["Reno", "Tahoe"], ValueError, "the queue is 'Reno' or 'Tahoe', not 'CUBIC'"),
        (5, Annotated[int, Range(5, 5, 1)], ValueError, "is empty, or its step too large"),
        (5, Annotated[int, Range(0, 9, 10)], ValueError, "is empty, or its step too large"),
        (5, Annotated[int, Range(0, 9, 0)], ValueError, "is empty, or its step too large"),
    ],
)
def test_an_annotation_that_says_too_little_is_refused(
    default: Any, hint: Any, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        made(default, hint)


# ------------------------------------------------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("one", "value", "read"),
    [
        (QUEUE, 60, 60),
        (QUEUE, 60.0, 60),  # what JSON makes of a slider
        (QUEUE, 61, 61),  # between two steps: the field takes it
        (LOSS, 1, 1.0),
        (RATE, 48.0, 48),
        (MIXED, 0.001, 0.001),
        (LAW, "Tahoe", "Tahoe"),
        (SACK, False, False),
    ],
)
def test_what_is_possible_is_read_as_its_own_type(one: Control, value: object, read: object) -> None:
    found = one.read(value)
    assert (type(found), found) == (type(read), read)


@pytest.mark.parametrize(
    ("one", "value", "says"),
    [
        (QUEUE, 3, "the queue is from 4 to 120 packets, not 3"),
        (QUEUE, 121, "from 4 to 120 packets, not 121"),
        (QUEUE, 24.5, "from 4 to 120 packets, a whole number, not 24.5"),
        (QUEUE, "24", "not '24'"),
        (QUEUE, True, "not on"),
        (QUEUE, None, "not None"),
        (QUEUE, nan, "not nan"),
        (QUEUE, inf, "not inf"),
        (QUEUE, 10**400, "not 1000000000000000000000000000000000000000…"),
        (LOSS, [0.5], r"from 0 to 1, not \[0.5\]"),
        (RATE, 13, "the queue is 12, 48 or 1000, not 13"),
        (RATE, "12", "not '12'"),
        (MIXED, "", "the queue is 0 or 0.001, not ''"),
        (LAW, "reno", "the queue is 'Reno' or 'Tahoe', not 'reno'"),
        (LAW, "x" * 10_000, "not 'x{39}…"),
        (LAW, 0, "not 0"),
        (SACK, 1, "the queue is off or on, not 1"),
        (SACK, "on", "the queue is off or on, not 'on'"),
        (made(7, Annotated[int, Choices(7)]), 8, "the queue is 7, not 8"),
    ],
)
def test_what_is_not_possible_is_refused_with_what_is(one: Control, value: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        one.read(value)


@pytest.mark.parametrize("one", ALL)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists))
def test_whatever_a_page_sends_is_possible_or_refused_in_a_sentence(one: Control, value: object) -> None:
    try:
        said = one.spoken(one.read(value))
    except ValueError as refused:
        said = f"{refused}"
    assert said.startswith("the queue ")
    assert len(said) < 150


def test_a_setting_is_spoken_with_its_unit() -> None:
    assert [one.spoken(one.default) for one in ALL] == [
        "the queue 24 packets",
        "the queue 0.5",
        "the queue 12 Mbit/s",
        "the queue 0",
        "the queue Reno",
        "the queue on",
    ]
    assert SACK.spoken(False) == "the queue off"


def test_a_unit_that_is_the_name_is_not_said_twice() -> None:
    def run(rounds: Annotated[int, Range(1, 9, 1, "rounds")] = 4) -> None: ...

    assert (
        control(signature(run).parameters["rounds"], Annotated[int, Range(1, 9, 1, "rounds")]).spoken(4) == "rounds 4"
    )
