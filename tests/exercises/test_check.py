"""What ``check`` does with any answer at all: none, a strange one, one that runs for ever."""

import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from math import inf, nan
from types import SimpleNamespace
from typing import Any

import pytest

from netlab import exercises
from netlab.exercises import Asked, Checker, Exercise, Verdict, Wrong, check, find
from netlab.exercises.asking import STEPS, shown, unwritten
from netlab.exercises.checker import first_reason, still_open, topics
from netlab.exercises.exercise import WIDTH


def half(function: Asked) -> Iterator[str]:
    if function([8.0]) != 4:
        yield "Half of 8 is 4."


HALVES = Exercise(
    "toy.half", "Write half.", half, "Divide.", "Two halves.", [Wrong(sum, "Half"), Wrong(max, "Half")], True
)


def verdict(answer: Any) -> Verdict:
    """Return the verdict on ``answer`` to the toy exercise, for which no name is registered anywhere."""
    try:
        reason = first_reason(HALVES, answer)
    except exercises.checker.Unwritten as still:
        return Verdict(HALVES.name, None, str(still))
    return Verdict(HALVES.name, not reason, reason or HALVES.idea)


# ---------------------------------------------------------------------------------------------------- not answered yet


def dots(numbers): ...
def documented(numbers):
    """Return half of them."""


def commented(numbers: list[float], *, of: int = 2) -> float:
    """Return half of them."""
    # write it here
    ...


def passes(numbers):
    """Return half of them."""
    pass


def refuses(*numbers):
    raise NotImplementedError


def refuses_with_words(numbers):
    raise NotImplementedError("your turn")


def returns_dots(numbers):
    return ...


def returns_none(numbers):
    return None


def half_filled(numbers):
    total = sum(numbers)
    share = ...
    return total * share


def dots_at_last(numbers):
    answer = Ellipsis
    return answer


OPEN = [
    dots,
    documented,
    commented,
    passes,
    refuses,
    refuses_with_words,
    returns_dots,
    returns_none,
    half_filled,
    dots_at_last,
    lambda numbers: ...,
    ...,
    None,
    "",
    "  ",
]


@pytest.mark.parametrize("answer", OPEN)
def test_what_nobody_has_written_is_not_answered_yet(answer: Any) -> None:
    said = verdict(answer)
    assert said.right is None
    assert repr(said).startswith("toy.half: not answered yet")
    assert not said


@pytest.mark.parametrize("answer", [{"a": 1, "b": ...}, [1, ...], (..., 2), {"a": ...}])
def test_what_is_half_filled_in_is_not_answered_yet(answer: Any) -> None:
    with pytest.raises(exercises.checker.Unwritten):
        still_open(answer)


def test_it_says_which_fields_are_still_open() -> None:
    said = check("congestion.path", {"pipe": 100, "full": ..., "after_a_loss": ...})
    assert repr(said) == "congestion.path: not answered yet. Still open: full, after_a_loss."


@pytest.mark.parametrize("answer", [{"a": 1}, [1], "text", 0, 0.0, False, [], lambda: 1, max, print, int, object()])
def test_what_is_an_answer_is_not_taken_for_a_gap(answer: Any) -> None:
    still_open(answer)


def test_a_missing_answer_is_no_miss() -> None:
    mine = Checker()
    for _ in range(5):
        mine.check("congestion.grow", ...)
        mine.check("congestion.grow", refuses)
    assert not mine.misses


# ------------------------------------------------------------------------------------------- whatever the function does


def swallows(numbers: list[float]) -> float:
    while True:
        try:
            numbers = [*numbers[:3], 1.0]
        except Exception:
            return 0


def spins(numbers):
    while True:
        pass


def sinks(numbers):
    return sinks(numbers)


def changes(numbers):
    return numbers.pop() / 2


def third_line(numbers):
    first = numbers[0]
    return numbers[1] + first


def leaves(numbers):
    sys.exit(3)


class Untold(Exception):  # noqa: N818
    def __str__(self):
        raise RuntimeError


def raises_untold(numbers):
    raise Untold


async def later(numbers):
    return 4.0


def one_by_one(numbers):
    yield 4.0


@pytest.mark.filterwarnings("ignore:coroutine")
@pytest.mark.parametrize(
    ("function", "says"),
    [
        (spins, f"spins([8.0]) was still running after {STEPS:,} steps"),
        (swallows, "does a loop never end?"),
        (lambda n: sum(1 for _ in iter(int, 1)), "does a loop never end?"),
        (sinks, "raised RecursionError"),
        (changes, "changes([8.0]) changed what it was given"),
        (third_line, "third_line([8.0]) raised IndexError in its line 3: list index out of range."),
        (leaves, "leaves([8.0]) raised SystemExit in its line 2: 3."),
        (raises_untold, "raises_untold([8.0]) raised Untold in its line 2."),
        (lambda: 4.0, "takes 0 positional arguments but 1 was given"),
        (lambda n: None if n else 1, "returned None: does every way"),
        (lambda n: "4", "returned '4', which is not a number"),
        (lambda n: [4], "returned [4], which is not a number"),
        (lambda n: True, "returned True, which is not a number"),
        (lambda n: 4j, "returned 4j, which is not a number"),
        (lambda n: object(), "returned an object of the kind object, which is not a number"),
        (lambda n: nan, "returned nan, which is not a finite number"),
        (lambda n: 10**400, "returned inf, which is not a finite number"),
        (later, "returned an object of the kind coroutine"),
        (one_by_one, "returned an object of the kind generator"),
        (4.0, "Hand over the function itself"),
        ({"half": 4}, "Hand over the function itself"),
        (int, "int([8.0]) raised TypeError"),
        (lambda n: 5, "Half of 8 is 4."),
    ],
)
def test_a_function_gets_a_sentence_whatever_it_does(function: Any, says: str) -> None:
    said = verdict(function)
    assert said.right is False
    assert says in said.reason
    assert "\n" not in said.reason
    assert " at 0x" not in said.reason


@pytest.mark.parametrize("function", [lambda n: n[0] / 2, lambda n: 4, lambda n: Fraction(8, 2), lambda n: sum(n) // 2])
def test_any_kind_of_number_will_do(function: Callable[..., Any]) -> None:
    assert verdict(function)
    assert verdict(function).reason == "Two halves."


def test_what_others_trace_is_traced_again_afterwards() -> None:
    def tracer(frame: Any, event: str, arg: Any) -> None: ...

    before = sys.gettrace()
    try:
        sys.settrace(tracer)
        verdict(lambda n: 4)
        verdict(spins)
        after = sys.gettrace()
    finally:
        sys.settrace(before)
    assert after is tracer


def test_who_interrupts_is_obeyed() -> None:
    def interrupted(numbers: list[float]) -> float:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        verdict(interrupted)


def test_an_answer_stranger_than_any_judge_expects_gets_a_sentence_too() -> None:
    class Strange(dict[str, float]):
        def __contains__(self, key: object) -> bool:
            raise OSError("no")

    said = Checker().check("congestion.path", Strange(pipe=1))
    assert said.right is False
    assert "that raised OSError" in said.reason


def test_a_refusal_is_a_value_error_and_nothing_else() -> None:
    def raising(kind: type[BaseException]) -> Callable[..., Any]:
        def function(_: float) -> float:
            raise kind

        return function

    assert Asked(raising(ValueError)).refuses(-1)
    assert not Asked(raising(TypeError)).refuses(-1)
    assert not Asked(raising(SystemExit)).refuses(-1)
    assert not Asked(lambda _: 1).refuses(-1)
    assert not Asked(spins).refuses(-1)


# --------------------------------------------------------------------------------------------- misses, hints, names


def test_the_hint_comes_with_the_second_miss_and_not_before() -> None:
    mine, wrong = Checker(), find("congestion.path").wrong[0].answer
    first, second, third = (mine.check("congestion.path", wrong) for _ in range(3))
    assert (first.hint, second.hint) == ("", find("congestion.path").hint)
    assert third == second
    assert "Hint" not in repr(first)
    assert repr(second).splitlines()[-1].startswith("    Hint: ")


def test_each_exercise_and_each_checker_counts_for_itself() -> None:
    mine, yours = Checker(), Checker()
    for _ in range(2):
        mine.check("congestion.path", {})
    assert not mine.check("congestion.grow", 1).hint
    assert not yours.check("congestion.path", {}).hint
    assert mine.misses == {"congestion.path": 2, "congestion.grow": 1}


def test_the_readers_check_is_one_checker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exercises, "READER", Checker())
    assert [bool(check("congestion.grow", 1).hint) for _ in range(3)] == [False, True, True]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("congestion.grwo", "'congestion.grwo'; there is congestion.grow"),
        ("congestion", "no exercise is called 'congestion'"),
        ("congestion.", "no exercise is called 'congestion.'"),
        ("", "no exercise is called ''"),
        ("checker.find", "no exercise is called 'checker.find'"),
        ("os.path", "no exercise is called 'os.path'"),
        ("..exercises", "no exercise is called '..exercises'"),
        ("congestion.grow.more", "there is congestion.grow"),
        ("frisbee", "there is congestion.path, congestion.order, congestion.rto, congestion.grow"),
        (7, "no exercise is called 7"),
        (None, "no exercise is called None"),
    ],
)
def test_an_unknown_name_is_refused_with_the_names_near_it(name: Any, says: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 - its words follow
        check(name, ...)
    assert says in str(error.value)


def test_a_topic_is_imported_only_when_it_is_asked_for() -> None:
    assert "congestion" in set(topics())
    assert not hasattr(SimpleNamespace(**vars(exercises)), "EXERCISES")


@pytest.mark.parametrize("lost", ["name", "question", "hint", "idea"])
def test_an_exercise_without_words_is_refused(lost: str) -> None:
    words = {"name": "a.b", "question": "q", "hint": "h", "idea": "i"} | {lost: " "}
    with pytest.raises(ValueError, match=f"needs a {lost}"):
        Exercise(**words, judge=half, wrong=HALVES.wrong)


def test_an_exercise_that_knows_one_wrong_answer_is_refused() -> None:
    with pytest.raises(ValueError, match="fewer than two wrong answers"):
        Exercise("a.b", "q", half, "h", "i", HALVES.wrong[:1])


# ------------------------------------------------------------------------------------------------------------ the words


def test_a_verdict_reads_in_lines_that_fit() -> None:
    said = Verdict("a.b", False, "word " * 60, "help " * 40)
    assert max(map(len, repr(said).splitlines())) <= WIDTH
    assert repr(Verdict("a.b", True, "So it is.")) == "a.b: right. So it is."


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1, "0.1"), ([0.2] * 50, "[0.2, 0.2, 0.2, 0.2, ...]"), (inf, "inf"), ([object()], "an object of the kind list")],
)
def test_a_value_is_shown_short_and_the_same_every_time(value: Any, text: str) -> None:
    assert shown(value) == text


def test_a_dict_or_a_class_is_never_taken_for_an_unwritten_function() -> None:
    assert not any(map(unwritten, ({}, int, max, Checker, Checker().check, print)))
