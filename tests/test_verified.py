"""The page "Verified on this build": a run is written down as it was, and told no better than it was."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import words
from tests.words import ROOT, Site

import record  # isort: skip  # tests.words has said where it is
import verified

TOY = {
    "tests/web/test_websocket_time.py": "def test_passes():\n    pass\n",
    "tests/test_wire_sums.py": "import pytest\n\ndef test_skips():\n    pytest.skip('tshark is not installed')\n",
    "netlab/__init__.py": '"""The map::\n\n    wire  bytes   floor 1\n    web   topics  floor 4\n"""\n',
    "netlab/wire.py": '"""A room.\n\n>>> 1 + 1\n2\n"""\n',
}
FAILS = {"tests/lab/test_lab.py": "def test_fails():\n    assert 1 > 2, 'no'\n"}


class Project:
    """A small project with this one's plugin in it, and pytest as the Makefile calls it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.record = folder / "_build" / "verified.json"
        for name in ("tests/verified.py", "book/_ext/record.py"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
        (folder / "tests/__init__.py").touch()
        self.write(TOY)

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text)

    def pytest(self, *options: str, verified: str = "tests") -> record.Run:
        """Call pytest, and return what is then written under the name."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("COV_", "PYTEST_"))}
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.verified"]
        done = subprocess.run(
            [*command, "--import-mode=importlib", "--doctest-modules", "--verified", verified, *options],
            cwd=self.folder,
            env=inherited,
            capture_output=True,
            text=True,
            check=False,
        )
        runs, trouble = record.read(self.record)
        assert (trouble, "INTERNALERROR" in done.stdout) == ("", False), done.stdout + done.stderr
        return runs[verified]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


# -------------------------------------------------------------------------------------------------- a run is written


@pytest.mark.parametrize("cores", [[], ["-n", "2"]], ids=["one process", "two workers"])
def test_a_run_is_written_with_its_rooms_its_skips_and_its_peers(project: Project, cores: list[str]) -> None:
    run = project.pytest(*cores, "tests", "netlab")
    assert {room: count[:3] for room, count in run.rooms.items()} == {"web/websocket": (1, 0, 0), "wire": (1, 1, 0)}
    assert run.skipped == {"tshark is not installed": 1}
    assert run.passed
    assert run.sources == record.digest(project.folder)
    assert run.programs["git"] == ("" if shutil.which("git") is None else run.programs["git"])
    assert re.fullmatch(r"\d+\.\d+.*", run.libraries["hypothesis"])
    assert run.machine["Python"].endswith(f"{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}")
    assert 0 <= run.seconds < 60
    assert list(project.record.parent.iterdir()) == [project.record], "something lies beside it"


def test_a_failure_is_named_and_the_other_runs_stay(project: Project) -> None:
    first = project.pytest("netlab", verified="notebooks")
    project.write(FAILS)
    run = project.pytest("tests")
    assert (run.exit, run.failed, run.passed) == (1, ("tests/lab/test_lab.py::test_fails",), False)
    assert record.read(project.record)[0]["notebooks"] == first


def test_a_file_that_cannot_be_read_is_a_failure(project: Project) -> None:
    project.write({"tests/test_wire_feed.py": "import nothing_of_that_name\n"})
    run = project.pytest("tests")
    assert run.failed == ("tests/test_wire_feed.py",)
    assert not run.passed


def test_a_run_that_was_narrowed_says_how(project: Project) -> None:
    assert project.pytest("tests", "-k", "passes").only == "-k"


def test_a_run_that_is_killed_has_not_ended(project: Project) -> None:
    assert project.pytest("tests").ended
    project.write({"tests/test_wire_feed.py": "import os\n\ndef test_dies():\n    os._exit(1)\n"})
    run = project.pytest("tests")
    assert (run.ended, run.passed) == ("", False)


def test_sources_that_change_under_a_run_are_told(project: Project) -> None:
    edit = "from pathlib import Path\n\ndef test_edits():\n    Path('netlab/wire.py').write_text('')\n"
    project.write({"tests/test_wire_feed.py": edit})
    assert project.pytest("tests").sources == ""


def test_nobody_writes_who_was_not_asked_to(project: Project) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.verified"]
    subprocess.run([*command, "tests"], cwd=project.folder, capture_output=True, check=True)
    subprocess.run(
        [*command, "--verified", "tests", "--collect-only", "tests"],
        cwd=project.folder,
        capture_output=True,
        check=True,
    )
    assert not project.record.exists()


def test_the_makefile_asks_each_of_its_three_runs() -> None:
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\ntest:")[2].partition("\n\n")[0]
    assert re.findall(r"-p tests\.verified --verified (\w+)", recipe) == list(record.RUNS)


def test_what_only_a_run_leaves_is_no_source(tmp_path: Path) -> None:
    for name in ("book/a.md", "netlab/b.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    before = record.digest(tmp_path)
    for name in ("__pycache__", ".ipynb_checkpoints", "_live/node_modules"):
        (tmp_path / "book" / name).mkdir(parents=True)
        (tmp_path / "book" / name / "c.md").write_text("left")
    assert record.digest(tmp_path) == before
    (tmp_path / "book/a.md").rename(tmp_path / "book/c.md")
    assert record.digest(tmp_path) != before, "a name says something, too"


@pytest.mark.parametrize(
    ("test", "room"),
    [
        ("netlab/__init__.py::netlab", "project"),
        ("netlab/web/__init__.py::netlab.web", "web"),
        ("netlab/web/websocket/frames.py::x", "web/websocket"),
        ("tests/web/test_websocket_time.py::test_it[a/b.c]", "web/websocket"),
        ("tests\\wire\\test_feed.py", "wire"),
        ("tests/page/test_pages.py::test_it", "page"),
        ("tests/test_house.py", "project"),
        ("book/web/websocket.ipynb::Cell 3", "book/web/websocket"),
        ("", "project"),
    ],
)
def test_a_test_belongs_to_a_room(test: str, room: str) -> None:
    assert record.room_of(test, {"wire": 1, "web": 4}) == room


# --------------------------------------------------------------------------------------------------- the page tells it


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Return a site that shows its own record and goes by its own sources."""
    made = Site(tmp_path)
    made.write("conf.py", words.CONFIGURATION.replace('"rfcs"]', '"rfcs", "verified"]'))
    made.write("book/index.md", "# Status\n\n```{verified}\n```\n")
    made.write("netlab/__init__.py", TOY["netlab/__init__.py"])
    monkeypatch.setattr(verified, "ROOT", tmp_path)
    monkeypatch.setattr(verified, "RECORD", tmp_path / "_build" / "verified.json")
    return made


def ended(site: Site, **fields: Any) -> record.Run:
    """Return a run that ended well on this site's sources, but for what is said otherwise."""
    fine: dict[str, Any] = {
        "ended": "2026-01-02 03:09",
        "seconds": 61.5,
        "sources": record.digest(site.folder),
        "commit": "0123456789abcdef" * 2 + "01234567",
        "rooms": {"wire": record.Count(1200, 0, 0, 5.25)},
        "machine": {"Kernel": "Linux 6.1"},
        "programs": {"tshark": "4.0", "nft": ""},
    }
    return record.Run("2026-01-02 03:04", **fine | fields)


def told(site: Site, **runs: record.Run) -> str:
    """Write these runs, build, and return what the page says, in one line and without tags."""
    for name, run in runs.items():
        record.write(verified.RECORD, name, run)
    assert site.build() == []
    page = site.html().partition("<h1>")[2].partition('<div class="sphinxsidebar"')[0]
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def all_three(site: Site, **last: Any) -> dict[str, record.Run]:
    """Return three runs that ended well; the last differs as said."""
    return dict.fromkeys(record.RUNS, ended(site)) | {"alone": ended(site, **last)}


def test_without_a_run_the_page_says_so_and_how(site: Site) -> None:
    said = told(site)
    assert "This build has not been tested" in said
    assert "run make test: at its end" in said
    assert "<table" not in site.html()


def test_three_runs_that_passed_are_a_verified_build(site: Site) -> None:
    said = told(site, **all_three(site))
    assert (
        "Tested as it is On 2026-01-02 03:09 UTC, 3,600 tests and cells had passed, and none were skipped. Nothing"
        in said
    )
    assert "The tests, on all cores 2026-01-02 03:04 UTC, commit 0123456789 passed; tested as it is 62 s" in said
    assert "wire 3,600 – – 15.8" in said
    assert "tshark 4.0 nft not found" in said
    assert "Kernel Linux 6.1" in said
    assert "What failed" not in said


def test_a_source_that_changes_is_seen_at_the_next_build(site: Site) -> None:
    assert "Tested as it is" in told(site, **all_three(site))
    site.write("netlab/wire.py", '"""Changed."""\n')
    said = told(site)
    assert "Changed since it was tested" in said
    assert "passed; the sources changed since" in said


@pytest.mark.parametrize(
    ("fields", "verdict", "line"),
    [
        ({"exit": 1, "rooms": {"wire": record.Count(1, 0, 2, 1.0)}}, "not verified", "failed: 2 of 3 tests"),
        ({"exit": 1}, "not verified", "failed, though no test did: a floor of coverage"),
        ({"exit": 2}, "not verified", "was interrupted"),
        ({"exit": 5, "rooms": {}}, "not verified", "found no test"),
        ({"exit": -9}, "not verified", "failed, though no test did"),
        ({"ended": ""}, "verified in part", "began, and has not ended"),
        ({"only": "-k"}, "verified in part", "ran in part (-k)"),
        ({"sources": ""}, "Changed since", "the sources changed while it ran"),
    ],
)
def test_no_run_is_told_better_than_it_was(site: Site, fields: dict[str, Any], verdict: str, line: str) -> None:
    said = told(site, **all_three(site, **fields))
    assert verdict in said
    assert line in said
    assert "Tested as it is" not in said


def test_a_run_that_is_missing_is_told(site: Site) -> None:
    said = told(site, tests=ended(site))
    assert "verified in part" in said
    assert said.count("has not been run") == 2


def test_what_failed_and_what_was_skipped_is_shown_as_text(site: Site) -> None:
    evil = "tests/test_x.py::test_it[<script>`*]"
    said = told(site, **all_three(site, exit=1, failed=(evil,), skipped={"<b>tshark</b> is not installed": 3}))
    assert "tests/test_x.py::test_it[&lt;script&gt;`*]" in said
    assert "&lt;b&gt;tshark&lt;/b&gt; is not installed (3)" in said
    assert "<script>`" not in site.html()


def test_a_notebook_leads_to_its_page(site: Site) -> None:
    site.write("book/other.md", "---\norphan: true\n---\n# Another page\n")
    told(site, tests=ended(site, rooms={"book/other": record.Count(3), "book/gone": record.Count(1)}))
    assert re.search(r'href="other\.html"><span[^>]*>Another page<', site.html())
    assert "book/gone" in site.html()


# --------------------------------------------------------------------------------------------------- a broken record

GOOD = {"runs": {"tests": {"began": "2026-01-02 03:04", "rooms": {"wire": [1, 0, 0, 1.0]}}}}


def spoilt(**fields: object) -> str:
    return json.dumps({"runs": {"tests": {**GOOD["runs"]["tests"], **fields}}})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "[" * 100_000,
        "\x00\xff",
        '{"runs": 7}',
        '{"runs": {"tests": 7}}',
        '{"runs": {"tests": {}}}',
        spoilt(began=7),
        spoilt(seconds="long"),
        spoilt(exit=True),
        spoilt(rooms=[1]),
        spoilt(rooms={"wire": [1, 2]}),
        spoilt(rooms={"wire": [1, 0, -1, 1.0]}),
        spoilt(rooms={"wire": [1, 0, 0, "x"]}),
        spoilt(skipped={"why": "many"}),
        spoilt(failed="everything" * 2 + "\x00" * 3_000_000),
        spoilt(failed=[7]),
        spoilt(programs={"tshark": None}),
    ],
    ids=lambda text: text[:40],
)
def test_a_broken_record_is_a_sentence(site: Site, text: str) -> None:
    site.write("_build/verified.json", text)
    said = told(site)
    assert "This build has not been tested" in said
    assert "What the last test run wrote cannot be read: verified.json is" in said
    record.write(verified.RECORD, "tests", ended(site))
    assert "verified in part" in told(site), "a broken record cannot be written anew"


def test_a_folder_in_its_place_is_a_sentence(site: Site) -> None:
    (site.folder / "_build/verified.json").mkdir(parents=True)
    assert "verified.json is" in told(site)


def test_a_name_from_a_later_version_is_left_alone(site: Site) -> None:
    site.write("_build/verified.json", json.dumps({"runs": {"later": {}, **GOOD["runs"]}, "more": 1}))
    assert "began, and has not ended" in told(site)
