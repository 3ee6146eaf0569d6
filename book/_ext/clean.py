"""Take out of the site what this book does not use, so that it is light, and no request leaves it.

Jupyter Book loads thebe (live cells through a server elsewhere), and the theme brings icons by the thousand. The
templates beside this folder leave the scripts out of the pages; what is here stops thebe, removes the files that no
page asks for, and shows launch buttons only where the book knows its own repository's address::

    NETLAB_REPOSITORY=https://github.com/someone/netlab make book
"""

import os
import re
import shutil
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

UNUSED = [
    "sphinx-thebe.*",
    "scripts/fontawesome.*",
    "scripts/*.map",
    "styles/*.map",
    "vendor/fontawesome",
    "locales",
    "*webpack-macros.html",
    "images",  # the marks of other people's services
]
TALKS = ["_static/scripts/pydata-sphinx-theme.js", "_static/togglebutton.js", "search.html"]


def silence(app: Sphinx, extension: str) -> None:
    """Disconnect what ``extension`` connected: Jupyter Book forces it in, and it cannot be taken from the list."""
    for listeners in app.events.listeners.values():
        listeners[:] = [listener for listener in listeners if listener.handler.__module__ != extension]
    style = f"{extension.replace('_', '-')}.css"
    app.registry.css_files[:] = [css for css in app.registry.css_files if css[0] != style]


def before_the_build(app: Sphinx, config: Config) -> None:
    """Silence thebe; show the repository's buttons if its address is known."""
    silence(app, "sphinx_thebe")
    if address := os.environ.get("NETLAB_REPOSITORY"):
        config.html_theme_options |= {
            "repository_url": address,
            "repository_branch": "main",
            "use_repository_button": True,
            "launch_buttons": {"binderhub_url": "https://mybinder.org", "notebook_interface": "jupyterlab"},
        }


def own_icons(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Give buttons that lead to other people's services the book's own icons, in place of their marks."""
    for button in context["header_buttons"]:
        for one in [button, *button.get("buttons", [])]:
            if one["icon"].startswith("fab "):
                one["icon"] = "fas fa-code"
            elif not one["icon"].startswith("fa"):
                one["icon"] = "fas fa-rocket"


def after_the_build(app: Sphinx, exception: Exception | None) -> None:
    """Remove the files that no page asks for, most of the site's bytes; let no script talk to the console."""
    static = Path(app.outdir, "_static")
    if exception or app.builder.format != "html":
        return
    for path in (path for pattern in UNUSED for path in static.glob(pattern)):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in (Path(app.outdir, name) for name in TALKS):
        talk = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"console\.(log|info|debug)\(", "void(", talk), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the above to Sphinx, after every other extension had its say."""
    app.connect("config-inited", before_the_build, priority=999)
    app.connect("html-page-context", own_icons, priority=999)
    app.connect("build-finished", after_the_build, priority=999)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
