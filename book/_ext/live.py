"""The page is alive: Python for the reader's browser lies in the site, and each cell that can run there says so.

What a page loads at once is one small script (``start.js``). The rest waits for a click: the panels' and the cells'
scripts, what draws charts, Pyodide and the library. All of it is copied into the site, so no request leaves it::

    _static/live/*.js, draw/       book/_live, as it stands
    _static/live/pyodide/          Python, from the npm package (book/_live/package.json)
    _static/live/netlab.zip        the library; getsource works on it, so no compiled files
    _static/live/recordings/       what the lab saw, for cells that read it

Front-end packages are installed by ``make book`` into book/_live/node_modules.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from html import escape
from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from live_cells import Cell, judged
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError

BOOK = Path(__file__).parents[1]
FRONT, PACKAGES = BOOK / "_live", BOOK / "_live" / "node_modules"
PYODIDE = ["pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json"]
CHARTS = ["d3/dist/d3.min.js", "@observablehq/plot/dist/plot.umd.min.js"]
LEFT_OUT = {"fonts", "__pycache__"}  # of the library
HOW = "book/index.html#on-your-machine"


def stage(app: Sphinx, config: Config) -> None:
    """Gather the files in a folder of their own, which Sphinx copies to ``_static``."""
    staged = Path(app.outdir).parent / "live"
    front = staged / "live"
    shutil.rmtree(staged, ignore_errors=True)
    shutil.copytree(FRONT, front, ignore=shutil.ignore_patterns("node_modules", "*.json", "*.d.ts"))
    try:
        for name in CHARTS:
            shutil.copy(PACKAGES / name, front)
        (front / "pyodide").mkdir()
        for name in PYODIDE:
            shutil.copy(PACKAGES / "pyodide" / name, front / "pyodide")
    except FileNotFoundError as missing:
        raise ExtensionError(
            f"{missing.filename} is missing: `make book` installs it, `npm ci` in {FRONT} too"
        ) from missing
    shutil.copytree(BOOK / "_data" / "recordings", front / "recordings")
    pack(BOOK.parent / "netlab", front / "netlab.zip")
    config.html_static_path.append(str(staged))


def pack(library: Path, target: Path) -> None:
    """Write the library's sources into an archive that is the same for the same sources."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(library.rglob("*.py")):
            name = path.relative_to(library.parent)
            if not LEFT_OUT.intersection(name.parts):
                archive.writestr(zipfile.ZipInfo(name.as_posix()), path.read_bytes(), zipfile.ZIP_DEFLATED)


def mark(app: Sphinx, doctree: nodes.document) -> None:
    """Put a line under each cell of a notebook: a button, or why the page cannot run it."""
    source = Path(app.env.doc2path(app.env.docname))
    if source.suffix != ".ipynb":
        return
    numbered = [(n, one) for n, one in enumerate(nbformat.read(source, as_version=4).cells) if one.cell_type == "code"]
    cells = judged(one.source for _, one in numbered)
    order = {n: number for number, (n, _) in enumerate(numbered)}
    first = f' <a href="{"../" * app.env.docname.count("/")}{HOW}">On your machine</a> it runs.'
    for found in list(doctree.findall(lambda node: isinstance(node, nodes.container) and "cell_index" in node)):
        shown = next((part for part in found.children if "cell_input" in part.get("classes", [])), None)
        number = order.get(found["cell_index"])
        if shown is not None and number is not None:
            shown += raw(bar(number, cells[number], first))
            first = "" if cells[number].why else first
    doctree += raw(data(cells))


def bar(number: int, cell: Cell, how: str) -> str:
    """Return the line under a cell; ``how`` tells, of the first that cannot run, where it can."""
    if cell.why:
        return f'<p class="nl-bar nl-why">Not in the page: {escape(cell.why)}.{how}</p>'
    return (
        f'<div class="nl-bar" data-cell="{number}" hidden><button type="button">Edit and run</button>'
        '<button type="button" hidden>Reset</button><button type="button" hidden>Stop</button>'
        '<span class="nl-says" role="status"></span></div>'
    )


def data(cells: list[Cell]) -> str:
    """Return the cells as the page's script reads them: data, and nothing that a browser would run."""
    text = json.dumps([cell._asdict() for cell in cells], ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/json" id="nl-cells">{text}</script>'


def raw(html: str) -> nodes.raw:
    """Return HTML as a node that no other format sees."""
    return nodes.raw("", html, format="html")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the above to Sphinx."""
    app.connect("config-inited", stage)
    app.connect("doctree-read", mark)
    app.add_js_file("live/start.js", defer="")
    app.add_css_file("live.css")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
