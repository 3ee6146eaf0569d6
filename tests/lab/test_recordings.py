"""An experiment that is run, or read from its recording: the same shape, and an honest badge."""

import json
from pathlib import Path
from typing import Any

import pytest

from netlab.lab import Lab, observe, recorded
from netlab.lab.recording import LARGEST, as_text, recordings, write

ROOT = Path(__file__).parents[2]


def seen(data: object) -> dict[str, Any]:
    """Return a recording as it is written."""
    start = {"experiment": "tests.of", "commands": ["ip netns add a"], "kernel": "Linux 6.1.0-9-amd64"}
    return start | {"python": "3.11.7", "date": "2026-11-27", "seconds": 0.1, "data": data}


def never(lab: Lab) -> None:
    raise AssertionError("nobody wanted to run this")


def hosts(lab: Lab) -> dict[str, object]:
    """Make two hosts and say who they are: a tuple, as JSON knows none."""
    return {"names": tuple(host.name for host in lab.hosts("one other"))}


def test_a_recording_is_read_where_nothing_may_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("x", seen([1, 2]), tmp_path)
    monkeypatch.setenv("NETLAB_LIVE", "0")
    found = observe("x", never, folder=tmp_path)
    assert found.data == [1, 2]
    assert (found.live, found.badge) == (False, "recorded 2026-11-27 on Linux 6.1")
    assert found.why == "NETLAB_LIVE is 0"
    assert found.commands == ["ip netns add a"]


def test_what_takes_long_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("x", seen(1), tmp_path)
    monkeypatch.delenv("NETLAB_LIVE", raising=False)
    assert observe("x", never, seconds=20, folder=tmp_path).why == "it takes 20 s"


def test_what_lacks_a_program_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("x", seen(1), tmp_path)
    monkeypatch.delenv("NETLAB_LIVE", raising=False)
    assert observe("x", never, needs=["no-such-program"], folder=tmp_path).why == "no-such-program is not installed"


def test_no_recording_and_no_run_is_an_error_that_names_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETLAB_LIVE", "0")
    with pytest.raises(FileNotFoundError, match=r"no recording 'x'.*NETLAB_LIVE is 0"):
        observe("x", never, folder=tmp_path)


def test_whoever_asks_for_a_run_gets_no_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("x", seen(1), tmp_path)
    monkeypatch.setenv("NETLAB_LIVE", "1")
    with pytest.raises(OSError, match="'x' cannot be run: no-such-program is not installed"):
        observe("x", never, needs=["no-such-program"], folder=tmp_path)


def test_another_wish_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETLAB_LIVE", "perhaps")
    with pytest.raises(ValueError, match="0, 1, record or not set: not 'perhaps'"):
        observe("x", never)


@pytest.mark.serial
@pytest.mark.usefixtures("here")
def test_a_run_is_recorded_and_has_the_shape_of_its_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETLAB_LIVE", "record")
    live = observe("x", hosts, folder=tmp_path)
    monkeypatch.setenv("NETLAB_LIVE", "0")
    read = observe("x", never, folder=tmp_path)
    assert live.data == read.data == {"names": ["one", "other"]}
    assert (live.live, live.why) == (True, "")
    assert live.badge.startswith("live on Linux ")
    assert live.commands == read.commands
    assert live.commands[0] == "ip netns add one"
    assert json.loads((tmp_path / "x.json").read_text())["experiment"] == f"{hosts.__module__}.hosts"


@pytest.mark.serial
@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({1, 2}, "its result is a set"),
        ({"rows": [[1], [2, b"x"]]}, r"its result\['rows'\]\[1\]\[1\] is a bytes"),
        ([{(1, 2): 3}], r"its result\[0\] has the key \(1, 2\)"),
    ],
)
def test_what_json_cannot_hold_is_named(monkeypatch: pytest.MonkeyPatch, data: object, says: str) -> None:
    monkeypatch.setenv("NETLAB_LIVE", "1")
    with pytest.raises(TypeError, match=f"the experiment 'x' returned what JSON cannot hold: {says}"):
        observe("x", lambda lab: data)


@pytest.mark.parametrize(
    "octets",
    [b"", b"{", b"[]", b"null", b"{}", b'{"data": 1}', b"\xff", b'{"data":1,"commands":[],"date":"","kernel":5}'],
)
def test_a_broken_recording_is_named(tmp_path: Path, octets: bytes) -> None:
    (tmp_path / "x.json").write_bytes(octets)
    with pytest.raises(ValueError, match=r"x\.json is no recording, or a broken one"):
        recorded("x", tmp_path)


def test_needs_are_one_text_or_several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("x", seen(1), tmp_path)
    monkeypatch.delenv("NETLAB_LIVE", raising=False)
    assert observe("x", never, needs="sh no-such-program", folder=tmp_path).why == "no-such-program is not installed"


def test_a_recording_too_large_for_a_page_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a page loads at most"):
        write("x", seen("." * LARGEST), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_recording_is_text_that_lines_compare(tmp_path: Path) -> None:
    data = {"columns": list(range(100)), "rows": [{"name": "x" * 60, "says": "y" * 60}] * 2, "small": {"a": [1]}}
    text = as_text(seen(data))
    assert json.loads(text) == seen(data)
    assert len(text.splitlines()) > 10


def test_recordings_lie_in_the_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in (ROOT, ROOT / "book", ROOT / "book/transport", ROOT / "tests/lab"):
        monkeypatch.chdir(place)
        assert recordings() == ROOT / "book/_data/recordings"
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="no folder _data/recordings"):
        recorded("x")
