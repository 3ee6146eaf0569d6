"""What the tests lean on can fail: a program that is missing, something left behind, a floor that is not reached."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import programs
from tests.house import ROOT


def test_a_program_is_found_or_the_test_is_skipped_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(programs.shutil, "which", {"here": "/bin/here"}.get)
    assert programs.need("here") == "/bin/here"
    with pytest.raises(pytest.skip.Exception, match="nowhere is not installed"):
        programs.need("nowhere")


def test_a_missing_program_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    monkeypatch.setattr(programs.shutil, "which", {"here": "/bin/here"}.get)
    assert programs.need("here") == "/bin/here"
    with pytest.raises(pytest.fail.Exception, match="nowhere is not installed"):
        programs.need("nowhere")


def run(folder: Path, tests: str, *options: str) -> str:
    """Run ``tests`` in a project of their own with this project's conftest; return what pytest says."""
    (folder / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "conftest.py", folder / "tests")
    (folder / "tests" / "test_toy.py").write_text(tests)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("COV_", "PYTEST_"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", *options, "tests"],
        cwd=folder,
        env={**inherited, "COVERAGE_FILE": str(folder / ".coverage"), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return f"{done.stdout}exit {done.returncode}"


def test_make_test_runs_all_that_there_is() -> None:
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\ntest:")[2].partition("\n\n")[0]
    needs, *commands = recipe.splitlines()
    assert {"book", "lint"} <= set(needs.partition("#")[0].split())
    parts = [command.split() for command in commands]
    assert any({"--doctest-modules", "tests", "netlab"} <= set(words) and '"not' in words for words in parts)
    assert any({"--nbval", "book"} <= set(words) for words in parts)
    assert any({"serial", "--floors", "tests"} <= set(words) for words in parts)
    assert not any(
        re.search(r"--(?:reruns|ignore|deselect)|(?:^|[\t ])-(?=\$)|\|\| *true", command) for command in commands
    )


LEAVES = """
import socket, subprocess, sys, threading

kept = []

def test_nothing():
    with socket.socket(), subprocess.Popen([sys.executable, "-c", ""]) as child:
        thread = threading.Thread(target=child.wait)
        thread.start()
        thread.join()

def test_thread():
    kept.append(threading.Thread(target=threading.Event().wait, daemon=True))
    kept[0].start()
"""
LEAVES_ON_LINUX = """
def test_socket():
    kept.append(socket.socket())

def test_process():
    kept.append(subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE))
"""


def test_what_a_test_leaves_behind_fails_it(tmp_path: Path) -> None:
    linux = sys.platform == "linux"  # it alone tells which sockets and children a process has
    said = run(tmp_path, LEAVES + (LEAVES_ON_LINUX if linux else ""))
    left = ["thread", "socket", "process"] if linux else ["thread"]
    for what in left:
        assert f"ERROR tests/test_toy.py::test_{what} - AssertionError: left behind: " in said, said
    assert said.count("left behind: ") >= len(left)
    assert "ERROR tests/test_toy.py::test_nothing" not in said
    assert said.endswith("exit 1")


TOY = """
def sign(x):
    if x < 0:
        return -1
    return 1
"""
FLOORS = """
[tool.coverage.run]
branch = true
source = ["toy"]

[tool.netlab.floors]
"toy" = { lines = 50 }
"toy/deep" = { branches = 60 }
"""


@pytest.mark.parametrize(("calls", "code"), [("1", 1), ("1, -1", 0)])
def test_a_floor_that_is_not_reached_fails_the_run(tmp_path: Path, calls: str, code: int) -> None:
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "__init__.py").write_text("from toy.deep import sign\n")
    (tmp_path / "toy" / "deep.py").write_text(TOY)
    (tmp_path / "pyproject.toml").write_text(FLOORS)
    test = f"from toy import sign\n\ndef test_sign():\n    assert all(sign(x) ** 2 == 1 for x in [{calls}])\n"
    said = run(tmp_path, test, "--cov", "--cov-report=", "--floors")
    assert f"coverage of toy/deep: {100 if code == 0 else 50:.1f} % of 2 branches, asked 60 %" in said, said
    assert "coverage of toy: 100.0 % of 1 lines, asked 50 %" in said
    assert "1 passed" in said
    assert said.endswith(f"exit {code}")
