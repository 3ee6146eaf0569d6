"""What the benchmarks share: a voice. (How they measure is in ``tests/benchmarks/turns.py``.)"""

from collections.abc import Callable

import pytest


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Return what tells a result, past pytest's capture."""

    def aloud(line: str) -> None:
        with capsys.disabled():
            print(f"\n  {line}", end="")

    return aloud
