"""Which cells of a notebook can run in the page, and of the others why not.

In the page there is Python with its standard library and netlab, and no socket, thread, program or kernel of one's
own. So a cell's imports decide, and its names: what uses a name that such a cell made cannot run either.
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
    "websockets": "the package websockets is not in the page",
    "wsproto": "the package wsproto is not in the page",
    "cryptography": "the package cryptography is not in the page",
    "matplotlib": "matplotlib is not in the page",
    "numpy": "numpy is not in the page",
}
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
    lost: dict[str, str] = {}  # names that only such cells make as cannot run, and why they cannot
    for code in codes:
        tree = ast.parse(code)
        made, used = names(tree)
        first = next((name for name in used if name in lost and name not in made), "")
        why = next(filter(None, map(beyond, imported(tree))), "") or lost.get(first, "")
        lost = {name: reason for name, reason in lost.items() if name not in made}
        lost |= dict.fromkeys(made, why) if why else {}
        cells.append(Cell(code, why, recordings(code)))
    return cells


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the address of everything that is imported: "socket", "netlab.lab.Lab"."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)


def beyond(name: str) -> str:
    """Return why a page has not what is imported by that name; "" if it has it."""
    if name.startswith("netlab.lab.") and name.rpartition(".")[2] in LAB:
        return KERNEL
    parts = name.split(".")
    return next((BEYOND[known] for n in (1, 2) if (known := ".".join(parts[:n])) in BEYOND), "")


def names(tree: ast.AST) -> tuple[set[str], list[str]]:
    """Return the names that a cell makes, and those that it uses, in their order."""
    made, used = set(), []
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            made.add(node.name)
        elif isinstance(node, ast.alias):
            made.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                used.append(node.id)
            else:
                made.add(node.id)
    return made, used


def recordings(code: str) -> list[str]:
    """Return the names of the recordings that a cell reads."""
    return sorted({one or other for one, other in RECORDING.findall(code)})
