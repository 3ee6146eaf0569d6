"""Every page says what it may load: its own site's files, and nothing else (a content security policy).

The inline scripts that the theme writes are allowed by their digests, one by one, so that nothing that finds its way
into a page runs. Python in the page is WebAssembly, which has a word of its own in the policy (``wasm-unsafe-eval``);
``eval`` of JavaScript stays forbidden. Styles may be inline: pictures carry some.
"""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from sphinx.application import Sphinx

INLINE = re.compile(r"<script(?![^>]*\b(?:src|type)=)[^>]*>(.*?)</script>", re.S)
SEALED = '<meta http-equiv="Content-Security-Policy"'
HEAD = re.compile(r'<meta charset="utf-8" ?/?>')
PRINTS = ' onclick="window.print()"'  # a handler in an attribute would need a leave of its own; page.js listens instead
POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}


def policy(html: str) -> str:
    """Return what a page with these inline scripts may load."""
    digests = {b64encode(sha256(script.encode()).digest()).decode() for script in INLINE.findall(html)}
    allowed = POLICY["script-src"] + "".join(f" 'sha256-{digest}'" for digest in sorted(digests))
    return "; ".join(f"{name} {value}" for name, value in (POLICY | {"script-src": allowed}).items())


def guarded(html: str) -> str:
    """Return the page with its policy, the first thing after its character set, which must come first."""
    html = html.replace(PRINTS, " data-print")
    meta = f'{SEALED} content="{policy(html)}">'
    return HEAD.sub(lambda found: f"{found[0]}\n    {meta}", html, count=1)


def after_the_build(app: Sphinx, exception: Exception | None) -> None:
    """Write its policy into every page that has none yet: one that this build did not write has its own already."""
    if exception or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        html = path.read_text(encoding="utf-8")
        if SEALED not in html.partition("</head>")[0]:  # a page may speak of policies, and needs its own all the same
            path.write_text(guarded(html), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Run when all else is done to the pages."""
    app.connect("build-finished", after_the_build, priority=1000)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
