"""Formulas without a script: TeX becomes MathML when the book is built, and every browser draws it.

The translation is docutils' own. A formula that it cannot read is a warning, and so fails the build.
"""

from html import escape

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

log = logging.getLogger(__name__)


def mathml(node: nodes.Element, *, block: bool) -> str:
    """Return a formula as MathML, or its source where it cannot be read."""
    try:
        return str(tex2mathml(node.astext(), as_block=block))
    except (SyntaxError, ValueError) as wrong:
        log.warning("this formula cannot be read: %s: %s", node.astext(), wrong, location=node)
        return f"<code>{escape(node.astext())}</code>"


def inline(self: HTML5Translator, node: nodes.math) -> None:
    """Write a formula in the line."""
    self.body.append(mathml(node, block=False))
    raise nodes.SkipNode


def display(self: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula that stands alone, with its number if it has one."""
    self.body.append(self.starttag(node, "div", CLASS="nl-math"))
    self.body.append(mathml(node, block=True))
    if node["number"]:
        number = f"({node['number']})"
        self.body.append(f'<span class="eqno">{number}')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Make MathML the book's way to show a formula."""
    app.add_html_math_renderer("mathml", (inline, None), (display, None))
    app.connect("config-inited", lambda _, config: setattr(config, "html_math_renderer", "mathml"))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
