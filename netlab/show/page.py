"""What the book's build does with an output that carries ``netlab`` metadata: a real figure instead of the PNG.

Registered in pyproject.toml under ``[project.entry-points."myst_nb.mime_renderers"]``. This module alone imports
docutils; nothing else of netlab imports it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape, unescape
from typing import Any, ClassVar

from docutils import nodes  # type: ignore[import-untyped]
from myst_nb.core.render import MimeData, NbElementRenderer  # type: ignore[import-untyped]

from netlab.show.style import NAMES

TOKENS = {code: f"var(--nl-{name})" for name, code in NAMES.items()}
COLOUR = re.compile(f"(?<==)'({'|'.join(TOKENS)})'")  # a whole attribute: words that look like one stay words
RULE = re.compile(r'(?<=<span class="rule">)([^<]+)(?=</span>)')  # which RFC makes a field what it is
ANCHOR = re.compile(r"(?<= id=')|(?<=url\(#)|(?<=href='#)")


class Page:
    """Called by MyST-NB for each representation of each output; None means: do as you always do."""

    mime_priority_overrides: ClassVar[list[tuple[str, str, int | None]]] = []

    @staticmethod
    def handle_mime(renderer: NbElementRenderer, data: MimeData, inline: bool) -> list[nodes.Element] | None:
        """Return the nodes of a figure: with inline SVG where the page is HTML, with the PNG where it is not."""
        page = data.output_metadata.get("netlab")
        if inline or not isinstance(page, dict) or page.get("mime") != data.mime_type:
            return None
        caption = renderer.render_markdown_inline(MimeData("text/markdown", page["caption"], line=data.line))
        name = anchor(renderer.renderer.document, page["title"])
        before, after = ('<div class="nl-live">', f"{page['panel']}</div>") if page.get("panel") else ("", "")
        html: list[nodes.Element] = [
            *pieces(f"{before}{figure(page, name)}<figcaption>"),
            nodes.inline("", "", *caption),
            raw(f"</figcaption></figure>{after}"),
        ]
        if renderer.renderer.sphinx_env is None:
            return html
        from sphinx.addnodes import only  # noqa: PLC0415 - docutils alone has no such node, and needs none

        printed = nodes.figure("", *renderer.render_image(data))
        image = printed[0]
        image["alt"], image["width"] = page["sentence"], "100%"
        image.attributes.pop("height", None)
        printed += nodes.caption("", "", *[node.deepcopy() for node in caption])
        return [only("", *html, expr="html"), only("", printed, expr="not html")]


def raw(html: str) -> nodes.raw:
    """Return HTML as a node that no other format sees."""
    return nodes.raw("", html, format="html")


def pieces(html: str) -> Iterator[nodes.Element]:
    """Yield HTML as nodes, the rules in it as text: so they become links by whatever makes links of the page's own."""
    for n, piece in enumerate(RULE.split(html)):
        yield nodes.inline("", unescape(piece)) if n % 2 else raw(piece)


def anchor(document: nodes.document, title: str) -> str:
    """Return a name for a figure that nothing else on its page has, and take it."""
    wanted = name = "fig-" + (re.sub(r"\W+", "-", title.lower()).strip("-") or "picture")
    count = 1
    while name in document.ids:
        count += 1
        name = f"{wanted}-{count}"
    document.ids[name] = nodes.inline(ids=[name])
    return name


def figure(page: dict[str, Any], name: str) -> str:
    """Return the open figure: title, note and badge as text, the drawing at two widths, its fields or messages.

    The style sheet shows one of the drawings. A panel's script replaces what is in ``nl-drawing``.
    """
    title, note, badge = (escape(page[key]) for key in ("title", "note", "badge"))
    if badge:
        note += f' <span class="nl-badge {"live" if badge.startswith("live") else "recorded"}">{badge}</span>'
    words = f'<p class="nl-title">{title}</p>' + (f'<p class="nl-note">{note}</p>' if note else "")
    drawings = drawing(page["wide"], "wide", name) + drawing(page["narrow"], "narrow", name)
    if page.get("fields"):
        drawings = f'<div class="nl-hex">{drawings}{page["fields"]}</div>'
    if page.get("messages"):
        drawings = f'<div class="nl-seq">{drawings}{page["messages"]}{capture(page, name)}</div>'
    if page.get("panel"):
        drawings = f'<div class="nl-drawing">{drawings}</div>'
    return f'<figure class="nl-fig" id="{name}">{words}{drawings}'


def capture(page: dict[str, Any], name: str) -> str:
    """Return the link that saves the conversation as a file for Wireshark, where the picture has one."""
    if not (octets := page.get("capture")):
        return ""
    size, file = f"{len(octets) * 3 / 4000:.1f} kB", f"{name.removeprefix('fig-')}.pcap"
    return (
        f'<p class="nl-pcap"><a download="{escape(file)}" href="data:application/vnd.tcpdump.pcap;base64,'
        f'{escape(octets)}">Save as a capture</a>, for Wireshark or tcpdump: {size}</p>'
    )


def drawing(svg: str, width: str, name: str) -> str:
    """Return an SVG as one of the page's: its colours by the page's names, its parts' ids the figure's own."""
    opening, end, rest = svg.partition(">")  # what is said of the picture stands in the opening tag, and stays
    rest = COLOUR.sub(lambda code: f"'{TOKENS[code[1]]}'", ANCHOR.sub(f"{name}-{width}-", rest))
    opening = COLOUR.sub(lambda code: f"'{TOKENS[code[1]]}'", opening)
    return opening.replace("<svg ", f"<svg class='nl-{width}' ", 1) + end + rest
