"""Take out of each page what this book does not use, so that no request leaves the site."""

from typing import Any

from sphinx.application import Sphinx


def drop(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    """Drop the scripts and style sheets of thebe, which Jupyter Book loads on every page."""

    def keep(asset: object) -> bool:
        name = str(getattr(asset, "filename", "") or "")
        body = (getattr(asset, "attributes", {}) or {}).get("body") or ""
        return "thebe" not in name and "THEBE_JS_URL" not in body

    for kind in ("script_files", "css_files"):
        context[kind] = [asset for asset in context.get(kind, []) if keep(asset)]


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the above to Sphinx, after every other extension had its say."""
    app.connect("html-page-context", drop, priority=999)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
