"""Which cells of a notebook can run in the page, and of the others why not.

In the page there is Python with its standard library and netlab, and no socket, thread, program or kernel of one's
own. To import those is possible, to use them is not. So a cell's names decide: a cell that uses what a page has not
cannot run, and no cell can that uses a name which only such a cell makes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

SOCKETS = "a page may open no sockets"
PROGRAMS = "a page can start no other programs"
BEYOND = {
    "socket": SOCKETS,
    "select": SOCKETS,
    "selectors": SOCKETS,
    "ssl": SOCKETS,
    "asyncio": SOCKETS,
    "netlab.serving": SOCKETS,
    "threading": "a page's Python has no threads",
    "concurrent": "a page's Python has no threads",
    "multiprocessing": PROGRAMS,
    "subprocess": PROGRAMS,
}
ABSENT = ("websockets", "wsproto", "cryptography", "matplotlib", "numpy")  # packages; even their import fails
KERNEL = "the lab needs a Linux kernel of its own"
LAB = {"Lab", "LabGoneError", "capture"}  # of netlab.lab; observe reads recordings
RECORDING = re.compile(r"""observe\(\s*["']([\w-]+)["']|_data/recordings/([\w-]+)\.json""")


class Cell(NamedTuple):
    """The code of a cell, why it cannot run in the page ("" if it can), and the recordings that it reads."""

    code: str
    why: str
    recordings: list[str]


def judged(codes: Iterable[str]) -> list[Cell]:
    """Return all cells of a notebook, each with what keeps it from running in the page."""
    cells: list[Cell] = []
    lost: dict[str, str] = {}  # names that a page cannot make use of, and why
    for code in codes:
        tree = ast.parse(code)
        bound = dict(imported(tree))
        made, used = names(tree)
        lost = {name: why for name, why in lost.items() if name not in bound}
        lost |= {name: why for name, address in bound.items() if (why := beyond(address))}
        why = next(filter(None, map(absent, bound.values())), "")
        why = why or next((lost[name] for name in used if name in lost and name not in made), "")
        lost = {name: reason for name, reason in lost.items() if name not in made}
        lost |= dict.fromkeys([*made, *bound], why) if why else {}
        cells.append(Cell(code, why, recordings(code)))
    return cells


def imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield each name that is imported, and the address of what it stands for: ("Lab", "netlab.lab.Lab")."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((name.asname or name.name.partition(".")[0], name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((name.asname or name.name, f"{node.module}.{name.name}") for name in node.names)


def beyond(address: str) -> str:
    """Return why a page cannot use what has this address; "" if it can."""
    if address.startswith("netlab.lab.") and address.rpartition(".")[2] in LAB:
        return KERNEL
    parts = address.split(".")
    return next((BEYOND[known] for n in (1, 2) if (known := ".".join(parts[:n])) in BEYOND), absent(address))


def absent(address: str) -> str:
    """Return which package is missing in a page; "" if none is."""
    package = address.partition(".")[0]
    return f"the package {package} is not in the page" if package in ABSENT else ""


def names(tree: ast.AST) -> tuple[set[str], list[str]]:
    """Return the names that a cell gives to what it makes, and those that it uses, in their order."""
    made: set[str] = set()
    used: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            made.add(node.name)
        elif isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                used.append(node.id)
            else:
                made.add(node.id)
    return made, used


def recordings(code: str) -> list[str]:
    """Return the names of the recordings that a cell reads."""
    return sorted({one or other for one, other in RECORDING.findall(code)})
