"""The book is never stale: its pages show what the library, as it is now, answers.

MyST-NB executes one notebook after the other and caches by the notebook's cells alone, so that a page would go on
showing what an older netlab said. This extension executes them instead:

- A notebook's *key* is a digest of its code, of every file of the library, of the recordings, of the installed packages
  and of Python.
- Notebooks whose key is new are executed, on all cores, and their outputs are kept in ``_build/executed``.
- MyST-NB reads the committed notebook with these outputs in place of the stored ones. Prose costs no execution.
- Sphinx reads a page again when its key changed, and writes all pages again when a title or their order did.

A notebook that fails, fails the build, with or without ``-W``: all of them are named, with the cell and the reason.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterable
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import nbformat
from fresh_run import Task, execute_all
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

log = logging.getLogger(__name__)


def digest(*parts: object) -> str:
    """Return one name for ``parts``, which must have a ``repr`` that says all."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()


@cache
def files(*roots: Path) -> str:
    """Return the digest of every file below ``roots``, names included; caches and hidden files do not count."""
    found = sorted(path for root in roots for path in ([root] if root.is_file() else root.rglob("*")))
    wanted = [p for p in found if p.is_file() and "__pycache__" not in p.parts and not p.name.startswith(".")]
    return digest([(str(path), hashlib.sha256(path.read_bytes()).hexdigest()) for path in wanted])


@cache
def installed() -> str:
    """Return the digest of this Python and of every package it can import."""
    return digest(sys.version, sorted(f"{d.name} {d.version}" for d in distributions()))


def library(app: Sphinx) -> str:
    """Return the digest of all that a cell's answer may depend on, besides the notebook."""
    inputs = [Path(app.srcdir, name) for name in app.config.fresh_inputs]
    return digest(files(*inputs), installed(), os.environ.get("NETLAB_LIVE"))


def key(notebook: nbformat.NotebookNode, inputs: str) -> str:
    """Return what a notebook's outputs depend on: its code cells with their tags, and ``inputs``."""
    return digest([(c.source, c.metadata.get("tags")) for c in notebook.cells if c.cell_type == "code"], inputs)


def stored(app: Sphinx, docname: str) -> Path:
    """Return where the outputs of a page's notebook are kept between builds."""
    return Path(app.outdir).parent / "executed" / f"{docname}.json"


def kept(path: Path) -> dict[str, Any]:
    """Return the outputs of an earlier build, or nothing: a file that was cut short is no file."""
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def keep(path: Path, key: str, notebook: nbformat.NotebookNode) -> None:
    """Keep an executed notebook's outputs: one list, and one execution count, per code cell."""
    cells = [c for c in notebook.cells if c.cell_type == "code"]
    path.parent.mkdir(parents=True, exist_ok=True)
    answers = {"key": key, "outputs": [c.outputs for c in cells], "counts": [c.execution_count for c in cells]}
    path.write_text(json.dumps(answers), encoding="utf-8")


def execute_stale(app: Sphinx, env: BuildEnvironment, *_: object) -> list[str]:
    """Execute the notebooks whose key is new and return the pages that Sphinx must read again for it.

    Where one fails, the build ends here, and its last words are which and why: an exception would be followed by forty
    lines about Sphinx.
    """
    inputs, keys, tasks = library(app), dict[str, str](), []
    for docname in sorted(env.found_docs):
        path = Path(env.doc2path(docname))
        if path.suffix == ".ipynb":
            notebook = nbformat.read(path, as_version=4)
            keys[docname] = key(notebook, inputs)
            if kept(stored(app, docname)).get("key") != keys[docname]:
                tasks.append(Task(docname, notebook, path.parent))
    if tasks:
        log.info("executing %d of %d notebooks", len(tasks), len(keys))
    failures = execute_all(tasks, Path(app.srcdir), lambda t: keep(stored(app, t.name), keys[t.name], t.notebook))
    if failures:
        stories, lines = "\n\n".join(map(str, failures)), "\n".join(failure.line for failure in failures)
        raise SystemExit(f"{stories}\n\nNotebooks that do not run:\n{lines}")
    before = getattr(env, "fresh_keys", {})
    env.fresh_keys = keys  # type: ignore[attr-defined]  # kept with Sphinx's own memory of the last build
    return [docname for docname in keys if before.get(docname) != keys[docname]]


def give_outputs(app: Sphinx, docname: str, source: list[str]) -> None:
    """Hand MyST-NB the committed notebook with the outputs of this build's execution."""
    if docname not in app.env.fresh_keys:  # type: ignore[attr-defined]
        return
    notebook, answers = json.loads(source[0]), kept(stored(app, docname))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for cell, outputs, count in zip(cells, answers["outputs"], answers["counts"], strict=True):
        cell.update(outputs=outputs, execution_count=count)
    source[0] = json.dumps(notebook)


def rewrite_if_renamed(app: Sphinx, env: BuildEnvironment) -> Iterable[str]:
    """Have every page written again when a title or the order of pages changed: each shows them all at its side."""
    titles = {docname: title.astext() for docname, title in env.titles.items()}
    now = digest(sorted(titles.items()), sorted((k, v) for k, v in env.toctree_includes.items()))
    before, env.fresh_titles = getattr(env, "fresh_titles", now), now  # type: ignore[attr-defined]
    return env.found_docs if now != before else []


def forget_page(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Remove what was written for a page that is no longer in the book."""
    if docname not in env.found_docs and app.builder.format == "html":
        Path(app.builder.get_outfilename(docname)).unlink(missing_ok=True)  # type: ignore[attr-defined]


def forget_failure(app: Sphinx, exception: Exception | None) -> None:
    """After a build with warnings, make the next one read all again: Sphinx warns only about pages it reads."""
    if exception or app._warncount:
        Path(app.doctreedir, "environment.pickle").unlink(missing_ok=True)


def import_here(app: Sphinx, *_: object) -> None:
    """Let autodoc, too, import the netlab of this tree."""
    sys.path.insert(0, str(app.srcdir))


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the above to Sphinx; a change of any extension of the book has every page read again."""
    app.add_config_value("fresh_inputs", ["netlab", "book/_data/recordings"], "")
    app.add_config_value("fresh_extensions", files(Path(__file__).parent) + installed(), "env")
    app.connect("config-inited", import_here)
    app.connect("env-get-outdated", execute_stale)
    app.connect("source-read", give_outputs)
    app.connect("env-updated", rewrite_if_renamed)
    app.connect("env-purge-doc", forget_page)
    app.connect("build-finished", forget_failure)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
