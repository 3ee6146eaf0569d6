"""The wrong answers that every exercise knows, whatever its topic: each is refused for its own reason."""

from typing import Any

import pytest

from netlab.exercises import Asked, Checker, Exercise
from netlab.exercises.checker import table, topics
from netlab.exercises.exercise import WIDTH

EXERCISES = {name: exercise for topic in topics() for name, exercise in table(topic).items()}
KNOWN = [
    pytest.param(exercise, wrong.answer, wrong.shows, id=f"{exercise.name}-{number}")
    for exercise in EXERCISES.values()
    for number, wrong in enumerate(exercise.wrong)
]


def test_all_topics_are_here() -> None:
    assert {name.partition(".")[0] for name in EXERCISES} >= {"congestion", "websocket"}


@pytest.mark.parametrize(("exercise", "answer", "shows"), KNOWN)
def test_a_known_wrong_answer_is_refused_for_its_own_reason(exercise: Exercise, answer: Any, shows: str) -> None:
    verdict = Checker().check(exercise.name, answer)
    assert verdict.right is False
    assert shows in verdict.reason
    others = [wrong.shows for wrong in exercise.wrong if wrong.shows != shows]
    assert not any(other in verdict.reason for other in others), "two mistakes get one reason"


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
def test_the_hint_comes_after_two_misses_whatever_they_were(exercise: Exercise) -> None:
    mine = Checker()
    first, second = (mine.check(exercise.name, wrong.answer) for wrong in exercise.wrong[:2])
    assert (first.hint, second.hint) == ("", exercise.hint)


@pytest.mark.parametrize(("exercise", "answer", "shows"), KNOWN)
def test_a_judge_knows_when_there_is_nothing_more_to_say(exercise: Exercise, answer: Any, shows: str) -> None:
    reasons = list(exercise.judge(Asked(answer) if exercise.written else answer))
    assert any(shows in reason for reason in reasons)
    assert all(reason.endswith((".", "?")) for reason in reasons)


@pytest.mark.parametrize(("exercise", "answer", "shows"), KNOWN)
def test_a_verdict_fits_into_a_notebook(exercise: Exercise, answer: Any, shows: str) -> None:
    mine = Checker()
    mine.check(exercise.name, answer)
    assert max(len(line) for line in repr(mine.check(exercise.name, answer)).splitlines()) <= WIDTH
