"""What every test gets: repeatable dice, a look at what it left behind, and the floors that coverage must reach."""

import json
import os
import re
import tempfile
import threading
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from netlab.lab import Lab

ROOT = Path(__file__).parents[1]

# The same dice in every run: a test that fails, fails again. `make fuzz` is where new inputs are looked for.
settings.register_profile("book", derandomize=True, deadline=None, database=None)
settings.load_profile("book")


@pytest.fixture(scope="session")
def inputs() -> int:
    """Return how many hostile inputs a test marked ``fuzz`` reads: 2×10⁴, or what `make fuzz` asks for."""
    return int(os.environ.get("FUZZ", "20000"))


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Return what tells a result, past pytest's capture."""

    def aloud(line: str) -> None:
        with capsys.disabled():
            print(f"\n  {line}", end="")

    return aloud


@pytest.fixture
def here() -> None:
    """Skip the test where the machine gives no lab, in CI fail."""
    from netlab.lab import available  # noqa: PLC0415 - most tests need none
    from tests.programs import missing  # noqa: PLC0415 - as above

    if not available():
        missing(f"a lab ({available().sentence})")


@pytest.fixture
def lab(here: None) -> Iterator["Lab"]:
    """Yield an empty lab."""
    from netlab.lab import Lab  # noqa: PLC0415 - as above

    with Lab() as made:
        yield made


# ------------------------------------------------------------------------------------------------ nothing left behind


class Held(NamedTuple):
    """What this process holds: its threads, the sockets it has open, and its children (Linux tells the last two)."""

    threads: frozenset[threading.Thread]
    sockets: frozenset[str]
    children: frozenset[str]

    @classmethod
    def now(cls) -> "Held":
        return cls(frozenset(threading.enumerate()), frozenset(_sockets()), frozenset(_children()))

    def but(self, before: "Held") -> list[str]:
        """Return, in words, what is held now and was not held ``before``."""
        return [str(new) for now, then in zip(self, before, strict=True) for new in now - then]


def _sockets() -> Iterator[str]:
    for entry in Path("/proc/self/fd").glob("*"):
        try:
            name = os.readlink(entry)
        except OSError:  # the folder that is being listed
            continue
        if name.startswith("socket:"):
            yield name


def _children() -> Iterator[str]:
    for task in Path("/proc/self/task").glob("*/children"):
        try:
            yield from (f"process {pid}" for pid in task.read_text().split())
        except OSError:  # a thread that has just ended
            continue


@pytest.fixture(autouse=True)
def leaves_nothing() -> Iterator[None]:
    """Fail a test that leaves a thread, a socket or a process behind."""
    before = Held.now()
    yield
    for thread in threading.enumerate():
        if thread not in before.threads:
            while thread.ident is None and thread in threading.enumerate():
                pass  # it has not begun: only what has can be waited for
            thread.join(1)  # it may be on its last line
    left = Held.now().but(before)
    assert not left, f"left behind: {', '.join(left)}"


# ----------------------------------------------------------------------------------------------------- coverage floors


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--floors", action="store_true", help="fail below the coverage that pyproject.toml asks for")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Measure no coverage inside a benchmark: the tracer would slow one side of a comparison only."""
    for item in items:
        if item.path.is_relative_to(ROOT / "tests" / "benchmarks"):
            item.add_marker("no_cover")


class Count(NamedTuple):
    """How many lines and branches there are, and how many of them the tests reached."""

    lines: int = 0
    lines_reached: int = 0
    branches: int = 0
    branches_reached: int = 0

    def __add__(self, other: "Count") -> "Count":  # type: ignore[override]
        return Count(*(a + b for a, b in zip(self, other, strict=True)))

    def percent(self, what: str) -> float:
        """Return the percentage of ``what`` ("lines" or "branches") that was reached; of nothing, all."""
        total = getattr(self, what)
        return 100 * getattr(self, f"{what}_reached") / total if total else 100.0


def rooms(report: dict[str, dict[str, dict[str, int]]], names: list[str]) -> dict[str, Count]:
    """Return the counts of each room in ``names``: a file counts in the room with the longest name that fits."""
    counts: dict[str, Count] = defaultdict(Count)
    for path, file in report.items():
        place = Path(path).with_suffix("").as_posix()
        room = max((name for name in names if f"{place}/".startswith(f"{name}/")), key=len)
        s = file["summary"]
        reached = Count(s["num_statements"], s["covered_lines"], s["num_branches"], s["covered_branches"])
        counts[room] += reached
    return counts


def verdicts() -> list[tuple[bool, str]]:
    """Return one line per floor of pyproject.toml, and whether what was measured reaches it."""
    from coverage import Coverage  # noqa: PLC0415 - only when it was measured

    floors = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["netlab"]["floors"]
    measured = Coverage(config_file=ROOT / "pyproject.toml")
    measured.load()
    with tempfile.TemporaryDirectory() as folder:
        measured.json_report(outfile=f"{folder}/report.json")
        files = json.loads(Path(folder, "report.json").read_text(encoding="utf-8"))["files"]
    counts = rooms({re.sub(r"\\", "/", path): file for path, file in files.items()}, list(floors))
    return [
        ((got := count.percent(what)) >= least, f"{room}: {got:.1f} % of {count_of(count, what)}, asked {least} %")
        for room, count in sorted(counts.items())
        for what, least in floors[room].items()
    ]


def count_of(count: Count, what: str) -> str:
    """Return "n lines" or "n branches"."""
    return f"{getattr(count, what)} {what}"


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if session.config.getoption("--floors") and exitstatus == pytest.ExitCode.OK:
        session.config.stash[FLOORS] = verdicts()
        if not all(fine for fine, _ in session.config.stash[FLOORS]):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for fine, line in config.stash.get(FLOORS, []):
        terminalreporter.write_line(f"coverage of {line}", **({} if fine else {"red": True, "bold": True}))


FLOORS = pytest.StashKey[list[tuple[bool, str]]]()
