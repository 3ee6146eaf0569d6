"""What holds the project together: a lock that installs anywhere, one version, commands that exist, nothing private."""

import os
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import netlab
from tests.programs import need

ROOT = Path(__file__).parents[1]
LOCKS = ["requirements.lock", "requirements-jupyter.lock"]
TARGETS = ["book", "test", "jupyter", "notebooks", "live", "fuzz", "bench", "lint", "lock", "pdf", "zip", "clean"]

# Each is written in two parts, so that this file does not find itself.
PRIVATE = {
    "a machine's own path": r"(?<![\w.])/(?:root|home/\w|Users/\w|wo" + r"rk|opt/wh" + r"eels)\b",
    "a registry's address": r"py"
    + r"pi\.org/simple|pythonho"
    + r"sted\.org|registry\.np"
    + r"mjs|--(?:extra-)?index-u"
    + r"rl",
    "a folder outside": r"(?<![\w/])sha" + r"red/",
    "a number that only its tracker knows": r"\bissue" + r" #?\d",
}


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def project() -> dict[str, Any]:
    return tomllib.loads(read("pyproject.toml"))


@cache
def pins(lock: str) -> list[tuple[str, str, str]]:
    """Return what a lock holds: name, with no extras; what follows it up to the hashes; and the hashes."""
    entries = re.split(r"^(?=[A-Za-z0-9])", read(lock), flags=re.M)
    found = [re.match(r"([\w.-]+)(?:\[[\w,.-]+\])?==(.*?)((?:\\\n\s+--hash=\S+\s*)+)", entry) for entry in entries]
    return [match.groups() for match in found if match]  # type: ignore[misc]


@cache
def tracked() -> list[str]:
    """Return the paths of the files that git keeps; a folder that is no clone has none to check."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git clone")
    listed = subprocess.run(
        [need("git"), "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_and_hashes_everything_and_names_no_place(lock: str) -> None:
    lines = [line for line in read(lock).splitlines() if line and not line.lstrip().startswith("#")]
    assert sum(line[0] != " " for line in lines) == len(pins(lock)) > 50
    for name, version, hashes in pins(lock):
        assert "sha256:" in hashes, name
        assert "+" not in version.partition(";")[0], f"{name} is pinned to a build of one machine: {version}"
    assert not re.search(r"https?:|file:|--find-links|--index|@ ", read(lock))


def test_the_lock_holds_what_the_project_asks_for() -> None:
    asked = project()["project"]["optional-dependencies"]
    locked = {name for name, _, _ in pins("requirements.lock")}
    for extra in ("show", "book", "test"):
        for requirement in asked[extra]:
            assert re.split(r"[<>=!~ ]", requirement)[0] in locked
    assert "jupyterlab" in {name for name, _, _ in pins("requirements-jupyter.lock")}
    assert "netlab" not in locked, "that name on the package index is a stranger's"


def test_both_locks_agree() -> None:
    first, second = ({(name, pin.partition(";")[0].strip()) for name, pin, _ in pins(lock)} for lock in LOCKS)
    both = {name for name, _ in first} & {name for name, _ in second}
    assert {pin for pin in second if pin[0] in both} <= first


def test_the_library_needs_nothing() -> None:
    assert project()["project"]["dependencies"] == []


def test_there_is_one_version() -> None:
    version = project()["project"]["version"]
    assert netlab.__version__ == version
    cited = yaml.safe_load(read("CITATION.cff"))
    assert cited["version"] == version
    assert f"\n## {version} – {cited['date-released']}\n" in read("CHANGELOG.md")


def test_every_dependency_has_its_reason() -> None:
    said = read("CONTRIBUTING.md")
    for requirements in project()["project"]["optional-dependencies"].values():
        for requirement in requirements:
            name = re.split(r"[<>=!~ ]", requirement)[0]
            assert re.search(rf"\b{re.escape(name)}\b", said), f"CONTRIBUTING.md does not say why {name} is needed"


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", ".ci/run", ".github/workflows/book.yml"])
def test_every_command_that_is_named_exists(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), flags=re.M))
    assert set(TARGETS) <= targets
    for target in re.findall(r"(?:`|^\s*(?:\$ )?)make ([a-z]+)", read(name), flags=re.M):
        assert target in targets, f"{name}: make {target}"


def test_ci_runs_without_a_reader() -> None:
    path = ROOT / ".ci" / "run"
    assert "set -euo pipefail" in read(".ci/run")
    assert read(".ci/run").rstrip().endswith("make test"), "the runner's closing line must come last"
    if os.name == "posix":  # Windows keeps no such bit, and its bash may be one that only asks to be installed
        assert path.stat().st_mode & 0o111
        subprocess.run([need("bash"), "-n", str(path)], check=True)


def test_the_workflow_tries_every_python_and_begins_from_nothing_each_week() -> None:
    workflow = yaml.safe_load(read(".github/workflows/book.yml"))
    assert workflow["jobs"]["linux"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert workflow["jobs"]["desktop"]["strategy"]["matrix"]["system"] == ["macos-latest", "windows-latest"]
    assert workflow[True]["schedule"], "YAML reads the key `on` as true"
    assert "cache" not in re.sub(r"#.*", "", read(".github/workflows/book.yml"))


def test_nothing_private_is_kept() -> None:
    for name in tracked():
        path = ROOT / name
        assert path.stat().st_size <= 1_000_000, f"{name} is too big to keep"
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a font
        for what, pattern in PRIVATE.items():
            found = re.search(pattern, text)
            assert not found, f"{name} names {what}: {found and text[max(0, found.start() - 30) : found.end() + 30]!r}"


def test_no_kept_file_is_one_that_git_should_ignore() -> None:
    tracked()
    said = subprocess.run(
        ["git", "ls-files", "-ci", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert said.stdout == ""
