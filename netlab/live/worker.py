"""What Python in the page answers: one message in, one answer out, both JSON.

    {"panel": "congestion.sawtooth", "values": {"queue": 60}}    a picture, and with what it was made
    {"cell": "print(6 * 7)"}                                     what a cell prints and shows
    {"explain": "818537fa213d…"}                                 bytes, field by field

An answer has an "error", a sentence, where there is nothing better to say. Nothing a reader writes ends the worker;
a loop without end is ended with it, by the page.
"""

from __future__ import annotations

import ast
import io
import json
import sys
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import netlab
from netlab.live.panel import Panel, find, listen
from netlab.picture import Picture

MOST = 100_000  # characters of a cell's text that a page shows
CELL = "<cell>"
SOCKETS = "a page may open no sockets"
REFUSED = {  # audit events
    "socket.connect": SOCKETS,
    "socket.bind": SOCKETS,
    "socket.getaddrinfo": SOCKETS,
    "socket.gethostbyname": SOCKETS,
    "builtins.input": "a page has no line to type into: write the answer into the cell",
}


class Worker:
    """Answers one page; ``cell`` keeps its names from one run to the next, as a notebook does.

    ``tell`` hears how far a long run is, from 0 to 1.
    """

    def __init__(self, tell: Callable[[float], object] = lambda done: None) -> None:
        self.names: dict[str, Any] = {"__name__": "__main__"}
        listen(tell)
        if sys.platform == "emscripten":  # a page's Python
            sys.addaudithook(refuse)
        if not find_spec("matplotlib"):
            stand_in()

    def answer(self, message: str) -> str:
        """Return the answer to a message; never raises because of what is in it."""
        try:
            asked = json.loads(message)
            for kind, reply in (("panel", self.panel), ("cell", self.cell), ("explain", self.explain)):
                if isinstance(asked, dict) and kind in asked:
                    return json.dumps(finite(reply(**asked)), allow_nan=False)
        except KeyboardInterrupt:  # the page's own stop
            raise
        except BaseException as wrong:  # what is none of ours: names that no message has, a picture that is no JSON
            return json.dumps({"error": f"This has no answer: {cut(told(wrong))}."})
        return json.dumps({"error": "This is no panel, no cell and no bytes."})

    def panel(self, panel: str, values: dict[str, object] | None = None) -> dict[str, Any]:
        """Run a panel and return its picture, and with what it was made."""
        try:
            one = find(panel)
            said = one.said(values or {})
        except ValueError as wrong:
            return {"error": f"{wrong}."}
        try:
            return {"picture": one(**one.settings(values or {})).data(), "said": said}
        except Exception as error:  # a setting that nobody has tried: the page stays, the sentence says which
            return {"error": f"With {said} this experiment fails: {type(error).__name__}, {error}."}

    def cell(self, cell: str) -> dict[str, Any]:
        """Run a cell and return its ``text`` and, of a last line that is a picture, the ``picture``."""
        out = io.StringIO()
        value, error = None, ""
        with redirect_stdout(out), redirect_stderr(out):
            try:
                value = run(cell, self.names)
            except SystemExit:
                error = "SystemExit: a cell does not end the page."
            except KeyboardInterrupt:
                raise
            except BaseException as wrong:
                error = told(wrong)
        answer: dict[str, Any] = {"text": cut(out.getvalue())}
        if error:
            answer["error"] = error
        elif isinstance(value, Panel):
            answer["picture"] = value().data()
        elif isinstance(value, Picture):
            answer["picture"] = value.data()
        elif value is not None:
            answer["value"] = cut(written(value))
        return answer

    def explain(self, explain: str, protocol: str = "", packet: int = 1, binary: bool = False) -> dict[str, Any]:
        """Return what bytes mean: pasted as text, or (``binary``, in base64) the content of a file."""
        from base64 import b64decode  # noqa: PLC0415 - as the next line: for one page alone

        from netlab.explain import for_page  # noqa: PLC0415 - no panel needs every parser of the house

        explained: dict[str, Any] = for_page(b64decode(explain) if binary else explain, protocol, packet)
        return explained


def run(code: str, names: dict[str, Any]) -> Any:
    """Run a cell in ``names`` and return the value of its last line, if that is an expression."""
    tree = ast.parse(code, CELL)
    end = tree.body[-1] if tree.body else None
    if not isinstance(end, ast.Expr):
        return exec(compile(tree, CELL, "exec"), names)
    tree.body.pop()
    exec(compile(tree, CELL, "exec"), names)
    return eval(compile(ast.Expression(end.value), CELL, "eval"), names)


def written(value: object) -> str:
    """Return a value as a notebook writes it, or why it cannot be written."""
    try:
        return repr(value)
    except Exception as error:
        return f"<{type(value).__name__}, whose repr raises {type(error).__name__}>"


def told(wrong: BaseException) -> str:
    """Return what went wrong, with the line of the cell where it did."""
    if isinstance(wrong, SyntaxError):
        return f"line {wrong.lineno}: {wrong.msg}" if wrong.lineno else wrong.msg
    lines = [frame.lineno for frame in traceback.extract_tb(wrong.__traceback__) if frame.filename == CELL]
    where = f"line {lines[-1]}: " if lines else ""
    text = "".join(traceback.format_exception_only(wrong)).strip()
    if "Cannot stack switch" in text:  # Pyodide's riddle, where a cell starts an event loop of its own
        text = "RuntimeError: a page's Python cannot wait for coroutines"
    return f"{where}{text}"


def cut(text: str) -> str:
    """Return what a page can show of a text."""
    return text if len(text) <= MOST else f"{text[:MOST]}\n… and {len(text) - MOST:,} more characters"


def finite(value: Any) -> Any:
    """Return ``value`` with None where a number is none that JSON has: a picture may speak of infinity."""
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    if isinstance(value, dict):
        return {name: finite(part) for name, part in value.items()}
    if isinstance(value, list):
        return [finite(part) for part in value]
    return value


def refuse(event: str, _: tuple[object, ...]) -> None:
    """Raise ``OSError`` with a sentence for what a page cannot do. Emscripten would feign it, or fail in riddles."""
    if event in REFUSED:
        raise OSError(REFUSED[event])


def stand_in() -> None:
    """Give ``import netlab.show`` a meaning where there is no matplotlib: here the page draws."""
    module = ModuleType("netlab.show", "Drawn by the page.")
    module.__path__ = [f"{folder}/show" for folder in netlab.__path__]
    sys.modules["netlab.show"] = module
    source = import_module("netlab.show.source")
    vars(module).update(Source=source.Source, draw=lambda picture: picture)
    vars(netlab)["show"] = module
