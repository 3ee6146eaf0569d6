"""Python in the page answers every message, and nothing in one ends it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import netlab
from netlab.live import congestion, worker
from netlab.live.panel import progress
from netlab.live.worker import Worker

PICTURES = "from netlab.picture import Axis, Curve, Lines, Picture\n"


@pytest.fixture
def page() -> Worker:
    return Worker()


def ask(page: Worker, **message: Any) -> dict[str, Any]:
    """Return the answer to a message, both through JSON that a browser reads too."""
    answer: dict[str, Any] = json.loads(page.answer(json.dumps(message)), parse_constant=pytest.fail)
    return answer


# ------------------------------------------------------------------------------------------------------------- panels


def test_a_panel_answers_with_its_picture_and_with_what_it_was_made(page: Worker) -> None:
    found = ask(page, panel="congestion.sawtooth", values={"queue": 60.0})
    assert found["said"] == "queue 60 packets, law Reno"
    assert found["picture"] == json.loads(json.dumps(congestion.sawtooth(queue=60).data()))
    assert ask(page, panel="congestion.sawtooth")["said"] == "queue 24 packets, law Reno"


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ({"panel": "nowhere.at_all"}, "there is no panel 'nowhere.at_all'."),
        ({"panel": "congestion.sawtooth", "values": {"queue": 3}}, "queue is from 4 to 120 packets, not 3."),
        ({"panel": "congestion.sawtooth", "values": {"law": "CUBIC"}}, "law is 'Reno' or 'Tahoe', not 'CUBIC'."),
        ({"panel": "congestion.sawtooth", "values": {"size": 3}}, "has no control 'size', only queue, law."),
        ({"panel": "congestion.sawtooth", "values": ["queue"]}, "This has no answer: AttributeError"),
        ({"panel": 5}, "This has no answer: AttributeError"),
        ({"panel": "congestion.sawtooth", "more": 1}, "This has no answer: TypeError"),
        ({"cell": "1", "values": {}}, "This has no answer: TypeError"),
        ({}, "This is no panel, no cell and no bytes."),
        ({"else": 1}, "This is no panel, no cell and no bytes."),
    ],
)
def test_what_cannot_be_asked_is_answered_with_a_sentence(page: Worker, message: dict[str, Any], says: str) -> None:
    assert says in ask(page, **message)["error"]


@pytest.mark.parametrize("message", ["", "{", "5", "null", "[]", '"panel"', "[" * 100_000, "\ud800", '{"panel": NaN}'])
def test_what_is_no_message_is_answered_too(page: Worker, message: str) -> None:
    assert json.loads(page.answer(message))["error"].startswith("This ")


values = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists)
NAMES, SETTINGS = (
    ("congestion.two_flows", "websocket.masks", "x", ""),
    ("first_flow", "cut_to", "guessed", "throw", "x"),
)


@given(st.sampled_from(NAMES) | values, st.dictionaries(st.sampled_from(SETTINGS), values) | values)
def test_no_values_end_the_page(panel: object, settings: object) -> None:
    found = json.loads(Worker().answer(json.dumps({"panel": panel, "values": settings})))
    assert set(found) in ({"picture", "said"}, {"error"})
    assert len(found.get("error", "")) < 400


def test_an_experiment_that_fails_says_with_which_settings(page: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> None:
        raise ZeroDivisionError("no round trip")

    monkeypatch.setattr(congestion.sawtooth, "call", broken)
    says = "With queue 24 packets, law Reno this experiment fails: ZeroDivisionError, no round trip."
    assert ask(page, panel="congestion.sawtooth") == {"error": says}


def test_the_page_hears_how_far_a_run_is() -> None:
    heard: list[float] = []
    page = Worker(heard.append)
    ask(page, cell="from netlab.live import progress\nprogress(0.25)")
    progress(0.5)
    assert heard == [0.25, 0.5]
    Worker()  # from now on another page is the listener
    progress(0.75)
    assert heard == [0.25, 0.5]


# -------------------------------------------------------------------------------------------------------------- cells


@pytest.mark.parametrize(
    ("cell", "answer"),
    [
        ("print(6 * 7)", {"text": "42\n"}),
        ("6 * 7", {"text": "", "value": "42"}),
        ("print(1)\nx = 2", {"text": "1\n"}),
        ("", {"text": ""}),
        ("import sys\nprint('oh', file=sys.stderr)\nNone", {"text": "oh\n"}),
        ("1 +", {"text": "", "error": "line 1: invalid syntax"}),
        ("x = 1\n\nx / 0", {"text": "", "error": "line 3: ZeroDivisionError: division by zero"}),
        ("print(1)\nraise KeyError('a')", {"text": "1\n", "error": "line 2: KeyError: 'a'"}),
        ("import json\njson.loads('')", {"text": "", "error": "line 2: json.decoder.JSONDecodeError: "
         "Expecting value: line 1 column 1 (char 0)"}),
        ("raise SystemExit", {"text": "", "error": "SystemExit: a cell does not end the page."}),
        ("raise BaseException('end')", {"text": "", "error": "line 1: BaseException: end"}),
        ("\x00", {"text": "", "error": "source code string cannot contain null bytes"}),
        ("class Bad:\n def __repr__(self): raise OSError\nBad()",
         {"text": "", "value": "<Bad, whose repr raises OSError>"}),
        ("class Mute(Exception):\n def __str__(self): raise OSError\nraise Mute",
         {"text": "", "error": "line 3: Mute: <exception str() failed>"}),
    ],
)  # fmt: skip
def test_a_cell_says_what_it_does_or_what_is_wrong_and_where(page: Worker, cell: str, answer: dict[str, str]) -> None:
    found = ask(page, cell=cell)
    if "null bytes" in answer.get("error", ""):  # which Python says with its kind, and which without
        assert "null bytes" in found["error"]
    else:
        assert found == answer


def test_a_cell_that_goes_too_deep_is_told_so(page: Worker) -> None:
    assert "RecursionError" in ask(page, cell="def deep(): deep()\ndeep()")["error"]
    assert "error" in ask(page, cell="(" * 10_000)


def test_names_stay_from_cell_to_cell_and_not_from_page_to_page(page: Worker) -> None:
    ask(page, cell="x = 20\ndef twice(n): return 2 * n")
    ask(page, cell="x = oops")
    assert ask(page, cell="twice(x) + 2")["value"] == "42"
    assert ask(page, cell="__name__")["value"] == "'__main__'"
    assert "NameError" in ask(Worker(), cell="x")["error"]


def test_a_picture_and_a_panel_at_the_end_of_a_cell_are_shown(page: Worker) -> None:
    made = PICTURES + "Picture('It', Lines([Curve('', [(0, 1)])], Axis('x'), Axis('y')), 'Is.', 'Look.')"
    assert ask(page, cell=made)["picture"]["title"] == "It"
    shown = ask(page, cell="from netlab.live import congestion\ncongestion.sawtooth")
    assert shown["picture"] == json.loads(json.dumps(congestion.sawtooth().data()))


def test_numbers_that_json_has_not_become_null(page: Worker) -> None:
    made = PICTURES + (
        "from netlab.picture import Area\n"
        "area = Area(float('-inf'), float('inf'))\n"
        "Picture('It', Lines([Curve('', [(0, 1)])], Axis('x'), Axis('y'), areas=[area]), 'Is.', 'Look.')"
    )
    (area,) = ask(page, cell=made)["picture"]["drawing"]["areas"]
    assert (area["start"], area["stop"]) == (None, None)
    assert worker.finite([float("nan"), {"a": (1.5)}, "x", 10**400]) == [None, {"a": 1.5}, "x", 10**400]


def test_a_picture_that_no_json_holds_is_told_of(page: Worker) -> None:
    made = PICTURES + "Picture('It', Lines([Curve({1}, [(0, 1)])], Axis('x'), Axis('y')), 'Is.', 'Look.')"
    assert "This has no answer: TypeError" in ask(page, cell=made)["error"]
    ends = "class End:\n def __repr__(self): raise SystemExit\nEnd()"
    assert "This has no answer: " in ask(page, cell=ends)["error"]


def test_a_long_text_is_cut_and_says_so(page: Worker) -> None:
    for cell, part in (("print('x' * 150_000)", "text"), ("'x' * 150_000", "value")):
        text = ask(page, cell=cell)[part]
        assert len(text) < worker.MOST + 50
        assert text.endswith(f"… and {50_001 if part == 'text' else 50_002:,} more characters")


def test_only_the_page_itself_stops_a_cell(page: Worker) -> None:
    with pytest.raises(KeyboardInterrupt):
        page.answer('{"cell": "raise KeyboardInterrupt"}')
    assert ask(page, cell="1")["value"] == "1"


def test_what_a_cell_prints_does_not_reach_the_page_itself(page: Worker, capsys: pytest.CaptureFixture[str]) -> None:
    ask(page, cell="print('mine')")
    assert capsys.readouterr() == ("", "")


# -------------------------------------------------------------------------------------------------------------- bytes


def test_bytes_are_explained_as_text_and_as_a_file(page: Worker) -> None:
    pasted = ask(page, explain="818537fa213d7f9f4d5158")
    dropped = ask(page, explain="gYU3+iE9f59NUVg=", binary=True)
    for found in (pasted, dropped):
        assert "error" not in found
        assert "WebSocket" in json.dumps(found)
    assert "error" in ask(page, explain="!", binary=True)


# ------------------------------------------------------------------------------------------------- without matplotlib


@pytest.fixture
def without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a worker begin where matplotlib is not; what it puts in place of netlab.show is taken away afterwards."""
    there = {name: module for name, module in sys.modules.items() if name.startswith("netlab.show")}
    had = vars(netlab).get("show")
    monkeypatch.setattr(worker, "find_spec", lambda name: None)
    yield
    for name in [name for name in sys.modules if name.startswith("netlab.show")]:
        del sys.modules[name]
    sys.modules.update(there)
    vars(netlab).pop("show", None)
    if had:
        vars(netlab)["show"] = had


@pytest.mark.usefixtures("without_matplotlib")
def test_where_the_page_draws_netlab_show_is_there_all_the_same() -> None:
    found = ask(Worker(), cell="import netlab.show\nnetlab.show.draw(5), netlab.show.Source")
    assert found["value"] == "(5, <class 'netlab.show.source.Source'>)"


ALONE = """
import sys
class Nowhere:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("matplotlib", "numpy", "PIL", "docutils"):
            raise ModuleNotFoundError(name)
import importlib.util as util
whole = util.find_spec
util.find_spec = lambda name, package=None: None if name == "matplotlib" else whole(name, package)
sys.meta_path.insert(0, Nowhere())
from netlab.live.worker import Worker
page = Worker()
for cell in sys.stdin.read().split("---"):
    print(page.answer('{"cell": %s}' % __import__("json").dumps(cell)))
"""


def test_a_page_has_a_chapters_cells_without_matplotlib() -> None:
    cells = "import netlab.show---from netlab.transport.congestion import Reno\nnetlab.show.Source(Reno.on_loss)---1/0"
    cells += "---import matplotlib"
    done = subprocess.run(
        [sys.executable, "-c", ALONE], input=cells, capture_output=True, text=True, check=True, timeout=60
    )
    first, source, broken, missing = map(json.loads, done.stdout.splitlines())
    assert first == {"text": ""}
    assert source["value"].startswith("def on_loss(self")
    assert broken["error"] == "line 1: ZeroDivisionError: division by zero"
    assert "ModuleNotFoundError" in missing["error"]


def test_a_page_says_what_it_cannot_do_and_lets_the_rest_pass() -> None:
    for event, says in (("socket.connect", "no sockets"), ("builtins.input", "no line to type into")):
        with pytest.raises(OSError, match=says):
            worker.refuse(event, ())
    worker.refuse("import", ("json",))


def test_pyodides_riddle_is_told_in_words(page: Worker) -> None:
    said = ask(page, cell="\nraise RuntimeError('Cannot stack switch because of pyFunc.callPromising()')")
    assert said["error"] == "line 2: RuntimeError: a page's Python cannot wait for coroutines"
