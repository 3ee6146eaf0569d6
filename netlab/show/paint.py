"""From a picture to what a notebook stores: a PNG for every viewer, and for the book's pages two drawings as SVG.

The drawing is made once per width, so that a phone gets its own layout at full type size instead of a shrunken
one. The vector forms, the alt text and the words travel in the output's metadata, where the book's build finds
them (``page``) and where no comparison of outputs looks.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation
from numpy.typing import NDArray
from PIL import Image

from netlab.picture import Bundle, Bytes, Conversation, Drawing, Panels, Picture
from netlab.show.hexview import fields
from netlab.show.kinds import draw_one
from netlab.show.panels import arrange
from netlab.show.plan import Box, alone, extent, settle
from netlab.show.steps import messages
from netlab.show.style import BODY, INK, MUTED, NARROW, TITLE, WIDE, look, spell, wrapped
from netlab.show.svg import tidy

SCALE = 1.5  # PNG pixels per CSS pixel: sharp enough on most screens, half the bytes of 2


def figure(picture: Picture, width: float = WIDE, *, titled: bool = False) -> Figure:
    """Return the picture as a matplotlib figure; ``titled`` when no page around it shows the title."""
    with look():
        made = Figure(figsize=(width / 72, picture.height / 72), dpi=72)
        head = write_head(made, width, picture) if titled else 0.0
        count = len(picture.drawing.panels) if isinstance(picture.drawing, Panels) else 1
        axes = [made.add_axes((0, 0, 1, 1), label=str(n)) for n in range(count)]
        at = Box(0, head, width, picture.height)
        if isinstance(picture.drawing, Panels):
            placed = arrange(picture.drawing, axes, draw_one, at)
            unnumber(picture.drawing, axes)
        else:
            placed = alone(axes[0], draw_one(axes[0], picture.drawing, width), at)
        height = extent(placed)
        made.set_size_inches(width / 72, height / 72)
        settle(placed, height)
        spell(made)
        return made


def write_head(made: Figure, width: float, picture: Picture) -> float:
    """Write title, note and badge from the top left corner down. Return how many px they take."""
    down = 5.0
    note = " · ".join(filter(None, [picture.note, picture.badge]))
    lines = [(text, TITLE, 600, INK, 23.0) for text in wrapped(picture.title, width - 4, TITLE, bold=True)]
    lines += [(text, BODY, 400, MUTED, 18.0) for text in wrapped(note, width - 4)]
    for text, size, weight, colour, high in lines:
        here = made.transFigure + ScaledTranslation(2 / 72, -down / 72, made.dpi_scale_trans)
        made.text(0, 1, text, fontsize=size, fontweight=weight, color=colour, va="top", transform=here)
        down += high
    return down + 10


def svg(picture: Picture, width: int = WIDE) -> str:
    """Return the picture as a small SVG: no title (the page has it), text as text, the same bytes every time."""
    made, file = figure(picture, width), io.StringIO()
    with look(**{"svg.hashsalt": f"{key(picture)} {width}"}):
        made.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    return tidy(file.getvalue(), picture.sentence)


def key(picture: Picture) -> str:
    """Return a name for the picture that no other picture has: two on one page must not share their parts' ids."""
    return sha256(json.dumps(picture.data(), default=str).encode()).hexdigest()[:12]


def png(picture: Picture) -> bytes:
    """Return the picture with its title on white, for every viewer that is not our page."""
    made, file = figure(picture, titled=True), io.BytesIO()
    made.set_dpi(72 * SCALE)
    canvas: Any = FigureCanvasAgg(made)
    with look():
        canvas.draw()
    paletted(np.asarray(canvas.buffer_rgba())[..., :3]).save(file, "PNG", optimize=True)
    return file.getvalue()


def bundle(picture: Picture) -> Bundle:
    """Return what a notebook stores of a picture: its representations, and their metadata.

    ``text/plain`` is what nbval compares: words alone, the same with every version of matplotlib.
    """
    painted = png(picture)
    height = round(int.from_bytes(painted[20:24], "big") / SCALE)
    data = {"image/png": base64.b64encode(painted).decode(), "text/plain": repr(picture)}
    words = {name: getattr(picture, name) for name in ("title", "note", "badge", "caption", "sentence")}
    page = {"mime": "image/png", **words, "wide": svg(picture, WIDE), "narrow": svg(picture, NARROW)}
    if one := listed(picture.drawing):
        page["fields"] = fields(one)
    if isinstance(picture.drawing, Conversation):
        page["messages"] = messages(picture.drawing)
        page |= {"capture": base64.b64encode(picture.drawing.capture).decode()} if picture.drawing.capture else {}
    return data, {"image/png": {"width": WIDE, "height": height, "alt": picture.sentence}, "netlab": page}


def listed(drawing: Drawing) -> Bytes | None:
    """Return the bytes whose fields are listed below the picture: of panels, the first whose rules are given."""
    if isinstance(drawing, Panels):
        inner = (panel.drawing for panel in drawing.panels)
        return next((one for one in inner if isinstance(one, Bytes) and one.rules), None)
    return drawing if isinstance(drawing, Bytes) else None


def unnumber(panels: Panels, axes: Sequence[Axes]) -> None:
    """Take the numbers of fields and messages from all panels but the one that is listed: a number has one meaning."""
    one = listed(panels)
    for ax, panel in zip(axes, panels.panels, strict=True):
        for part in ax.get_children() if panel.drawing is not one else ():
            part.set_gid(None)


def paletted(rgb: NDArray[np.uint8], most: int = 64) -> Image.Image:
    """Return the image in its own most frequent colours: a third of the bytes, and every flat colour exact."""
    pixels = rgb.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], dtype=np.uint32)
    inked = pixels != 0xFFFFFF  # most is white, and need not be sorted
    colours, counts = np.unique(pixels[inked], return_counts=True)
    chosen = np.concatenate([[0xFFFFFF], colours[np.lexsort((colours, -counts))][: most - 1]])
    far = np.abs(parts(colours)[:, None] - parts(chosen)).sum(axis=2)
    places = np.zeros(pixels.shape, dtype=np.uint8)
    places[inked] = far.argmin(axis=1)[np.searchsorted(colours, pixels[inked])]
    image = Image.fromarray(places, "P")
    image.putpalette(parts(chosen).astype(np.uint8).tobytes())
    return image


def parts(colours: NDArray[Any]) -> NDArray[np.int_]:
    """Return the red, green and blue of colours that are one number each."""
    return np.stack([colours >> 16 & 255, colours >> 8 & 255, colours & 255], axis=1).astype(int)
