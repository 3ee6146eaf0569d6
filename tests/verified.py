"""A plugin for pytest that writes down what a run found, for the book's page "Verified on this build".

Only the three calls in `make test` ask for it (``-p tests.verified --verified NAME``): what somebody tries at his desk
is no verification. Each replaces its own entry of ``_build/verified.json`` and leaves the others (book/_ext/record.py).
The entry is written when the run begins, too, as one that has not ended. So a run that is killed cannot leave an older
success standing.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "book" / "_ext"))  # where the page's own code is

import record  # noqa: E402

RECORD = ROOT / "_build" / "verified.json"
MOST_NAMED = 50  # failures; who has more knows that something is wrong

# The programs that tests talk to, and what makes each say its version. ns-3 is a library that g++ links.
PROGRAMS = {
    "chromium": "--version",
    "tshark": "--version",
    "curl": "--version",
    "nc": "-h",
    "ip": "-V",
    "nft": "--version",
    "ping": "-V",
    "iperf3": "--version",
    "linux.uml": "--version",
    "g++": "--version",
    "git": "--version",
}
OTHER_NAMES = {"chromium": ("chromium-browser", "google-chrome")}
LIBRARIES = ("dpkt", "scapy", "websockets", "wsproto", "h11", "simpy", "distributed", "hypothesis", "playwright",
             "pytest", "nbval")  # fmt: skip
VERSIONS = (r"\d+(?:\.\d+)+", r"\b\d{8}\b")  # 4.0.17; iputils go by dates


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--verified", choices=[*record.RUNS], help="write what this run finds to _build/verified.json")


def pytest_configure(config: pytest.Config) -> None:
    """Listen, where this is a run and not one of its workers: what they find is told to the one that sent them."""
    name = config.getoption("verified")
    if name and not hasattr(config, "workerinput") and not config.option.collectonly:
        config.pluginmanager.register(Verified(name, config), "verified-run")


class Verified:
    """Counts what a run finds, and writes it down."""

    def __init__(self, name: str, config: pytest.Config) -> None:
        self.name = name
        self.only = narrowed(config)
        self.plan = record.floors(ROOT)
        self.seconds: dict[str, float] = defaultdict(float)  # by test, as the next
        self.outcomes: dict[str, str] = {}
        self.reasons: dict[str, str] = {}
        self.trouble = ""

    def pytest_sessionstart(self) -> None:
        """Write that it began."""
        self.clock = time.monotonic()
        self.run = record.Run(now(), only=self.only, sources=record.digest(ROOT), **commit())
        self.write(self.run)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what one step of a test found. A step that fails is the test's outcome, whatever the others say."""
        self.seconds[report.nodeid] += report.duration
        if report.when == "call" or report.outcome != "passed":
            self.take(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Take a file that could not be read, or left itself out, as one test."""
        if report.outcome != "passed":
            self.take(report)

    def take(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        """Keep an outcome, and for what was skipped the reason."""
        if self.outcomes.get(report.nodeid) != "failed":
            self.outcomes[report.nodeid] = report.outcome
        if report.outcome == "skipped":
            self.reasons[report.nodeid] = reason(report)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write what came out: last of all, when the floors of coverage have had their say."""
        same = record.digest(ROOT) == self.run.sources
        self.write(
            replace(
                self.run,
                ended=now(),
                seconds=round(time.monotonic() - self.clock, 1),
                exit=int(session.exitstatus),
                sources=self.run.sources if same else "",
                machine=machine(),
                programs={name: version_of(name) for name in PROGRAMS} | {"ns-3": ns3()},
                libraries={name: installed(name) for name in LIBRARIES},
                rooms=self.rooms(),
                skipped=dict(Counter(why for test, why in self.reasons.items() if self.outcomes[test] == "skipped")),
                failed=tuple(sorted(test for test, how in self.outcomes.items() if how == "failed")[:MOST_NAMED]),
            )
        )

    def rooms(self) -> dict[str, record.Count]:
        """Return what came out, room by room."""
        found: dict[str, record.Count] = defaultdict(record.Count)
        for test, outcome in sorted(self.outcomes.items()):
            one = record.Count(**{outcome: 1}, seconds=self.seconds.get(test, 0.0))
            room = record.room_of(test, self.plan)
            found[room] = found[room].plus(one)
        return {room: count._replace(seconds=round(count.seconds, 2)) for room, count in found.items()}

    def write(self, run: record.Run) -> None:
        """Write the entry; a disk that takes nothing is told, and fails no test."""
        try:
            record.write(RECORD, self.name, run)
        except OSError as error:
            self.trouble = f"what this run found is not in {RECORD.name}: {error}"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.trouble:
            terminalreporter.write_line(self.trouble, red=True)


def narrowed(config: pytest.Config) -> str:
    """Return the options that leave tests out which the Makefile's own line runs, "" where there are none."""
    options = {"-k": "keyword", "--lf": "lf", "--deselect": "deselect", "--ignore": "ignore", "-x": "maxfail"}
    return " ".join(word for word, name in options.items() if getattr(config.option, name, None))


def reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Return why a test was skipped, which names the program that was missing."""
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    return str(getattr(report, "wasxfail", "")) or "without a reason"


# ---------------------------------------------------------------------------------------------- the machine and peers


def now() -> str:
    """Return the minute, in UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M")


def said(*command: str) -> str:
    """Return what a program says, "" where it fails or takes longer than anybody needs for it."""
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,  # nc tells its name there
            text=True,
            errors="replace",
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout


def commit() -> dict[str, object]:
    """Return the commit that the tree stands on, and whether it holds what is not committed; without git nothing."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        return {}
    name = said("git", "rev-parse", "HEAD").strip()
    if not re.fullmatch(r"[0-9a-f]{40,64}", name):
        return {}
    return {"commit": name, "uncommitted": bool(said("git", "status", "--porcelain").strip())}


def machine() -> dict[str, str]:
    """Return what it ran on. The machine's own name is nobody's business."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "Kernel": f"{platform.system()} {platform.release()}",
        "Processor": f"{cores} × {platform.machine()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def version_of(name: str) -> str:
    """Return a program's version, "found" where it does not tell, "" where there is no such program."""
    program = next(filter(None, map(shutil.which, (name, *OTHER_NAMES.get(name, ())))), None)
    if program is None:
        return ""
    words = said(program, PROGRAMS[name])
    told = next(filter(None, (re.search(version, words) for version in VERSIONS)), None)
    return told[0] if told else "found"


def ns3() -> str:
    """Return the version of ns-3, as it tells it to whoever links it; "" where a compiler would not find it."""
    if not Path("/usr/include/ns3/core-module.h").exists():
        return ""
    words = "".join(path.read_text(encoding="utf-8") for path in Path("/usr/lib").glob("*/pkgconfig/ns3-core.pc"))
    told = re.search(r"^Version: *(\S+)", words, flags=re.M)
    return told[1] if told else "found"


def installed(name: str) -> str:
    """Return a package's version, "" where it is not installed."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
