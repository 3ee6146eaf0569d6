"""What a page loads first, made small: one style sheet of the rules that the site uses, no script that holds it up.

The theme and a dozen extensions bring a style sheet each, 98 kB of them, and scripts that a browser must run before it
may show a word. Here all style sheets become one, ``site.css``. In the three that are large, PurgeCSS leaves the rules
that a page or a script of the site can need. The scripts wait for the page (``defer`` keeps their order).
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from sysconfig import get_path
from tempfile import TemporaryDirectory

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

LARGE = ("styles/pydata-sphinx-theme", "sphinx-design", "mystnb")  # other people's, and mostly unused
FRONT = Path(__file__).parents[1] / "_live"
LINK = re.compile(r"\s*<link(?=[^>]*\brel=.stylesheet)[^>]*>")
HREF = re.compile(r'href="([^"?]*_static/)([^"?]*)')
MEDIA = re.compile(r'media="([^"]*)"')
PARTS = re.compile(r'data-parts="([^"]*)"')
WAITS = re.compile(r'<script (?=[^>]*\bsrc=)(?![^>]*\b(?:defer|async|type="module")\b)')
OPTIONS = re.compile(r'<script[^>]*\bsrc="[^"]*documentation_options\.js[^"]*"[^>]*></script>')


def after_the_build(app: Sphinx, exception: Exception | None) -> None:
    """Make all pages lean; those of an earlier build are, and get the new style sheet."""
    if exception or app.builder.format != "html":
        return
    site = Path(app.outdir)
    static = site / "_static"
    pages = {path: path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    names = dict.fromkeys(name for html in pages.values() for name in parts(html))
    if not names:
        return
    used = purged(site, [name for name in names if name.startswith(LARGE)])
    sheet = "\n".join(used.get(name) or rules(static, name) for name in names)
    (static / "site.css").write_text(sheet, encoding="utf-8")
    version = sha256(sheet.encode()).hexdigest()[:8]
    options = (static / "documentation_options.js").read_text(encoding="utf-8")
    for path, html in pages.items():
        if (leaner := lean(html, version, options)) != html:  # a page that stays as it was is not written
            path.write_text(leaner, encoding="utf-8")


def parts(html: str) -> list[str]:
    """Return the style sheets that a page links, or that were made into the one that it links.

    One for a medium of its own has that behind its name: "print.css@print".
    """
    links = LINK.findall(html)
    names = ["@".join([HREF.findall(link)[0][1], *MEDIA.findall(link)]) for link in links if HREF.search(link)]
    return PARTS.findall(html)[0].split() if names == ["site.css"] else names


def rules(static: Path, name: str) -> str:
    """Return the rules of a style sheet, those for a medium within a block that says so."""
    file, _, medium = name.partition("@")
    text = (static / file).read_text(encoding="utf-8").replace('@charset "UTF-8";', "")
    return f"@media {medium} {{\n{text}\n}}" if medium else text


def lean(html: str, version: str, options: str) -> str:
    """Return a page with one style sheet, the few options of Sphinx's scripts in it, and scripts that wait."""
    if not (found := parts(html)):
        return html
    first = LINK.search(html)
    assert first is not None
    before, after = html[: first.start()], LINK.sub("", html[first.start() :])
    [(way, _), *_] = HREF.findall(first[0])
    link = f'\n    <link rel="stylesheet" href="{way}site.css?v={version}" data-parts="{" ".join(found)}">'
    after = OPTIONS.sub(lambda _: f"<script>{options}</script>", after)
    return before + link + WAITS.sub("<script defer ", after)


def purged(site: Path, names: Sequence[str]) -> dict[str, str]:
    """Return of each style sheet the rules that some page or script of the site can need. Raises where Node fails."""
    tool = FRONT / "node_modules" / "purgecss" / "bin" / "purgecss.js"
    node = Path(get_path("scripts"), "node")  # installed with this Python
    content = ["**/*.html", "_static/*.js", "_static/scripts/*.js", "_static/live/*.js", "_static/live/draw/*.js"]
    with TemporaryDirectory() as folder:
        asked = [node, tool, "--css", *(f"_static/{name}" for name in names), "--content", *content, "--output", folder]
        run = subprocess.run(asked, cwd=site, capture_output=True, text=True, encoding="utf-8", check=False)
        if run.returncode:
            raise ExtensionError(f"PurgeCSS failed: {run.stderr.strip()[-500:]}")
        return {name: Path(folder, Path(name).name).read_text(encoding="utf-8") for name in names}


def setup(app: Sphinx) -> dict[str, bool]:
    """Run after the pages are cleaned, and before they are sealed by their policy."""
    app.connect("build-finished", after_the_build, priority=999)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
