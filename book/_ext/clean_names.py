"""References to the library's names, by whichever of its doors a signature came in.

A room offers ``netlab.wire.Reader``; a signature says ``netlab.wire.reader.Reader``, where the class is written. Both
are one object, so the reference leads to where it is described. A type variable is described nowhere, and is no link.
"""

import sys
from functools import reduce
from importlib import import_module
from typing import Any, TypeVar, cast

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.domains.python import PythonDomain
from sphinx.environment import BuildEnvironment
from sphinx.util.nodes import make_refnode


def named(path: str) -> Any:
    """Return the object that ``path`` names, or None: its modules are imported as far as they go."""
    parts = path.split(".")
    for end in range(len(parts), 0, -1):
        module = ".".join(parts[:end])
        try:
            start = sys.modules.get(module) or import_module(module)
            return reduce(getattr, parts[end:], start)
        except (ImportError, AttributeError):
            continue
    return None


def same_object(app: Sphinx, env: BuildEnvironment, node: pending_xref, text: nodes.Element) -> nodes.Node | None:
    """Return a link to where the object is described under another name, or the text alone for a type variable."""
    target = str(node.get("reftarget", ""))
    if node.get("refdomain") != "py" or not target.startswith("netlab.") or (wanted := named(target)) is None:
        return None
    if isinstance(wanted, TypeVar):
        return text
    for name, entry in cast(PythonDomain, env.get_domain("py")).objects.items():
        if name.rpartition(".")[2] == target.rpartition(".")[2] and named(name) is wanted:
            return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, text, name)
    return None


def setup(app: Sphinx) -> dict[str, bool]:
    """Try the above where Sphinx finds no page for a name."""
    app.connect("missing-reference", same_object)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
