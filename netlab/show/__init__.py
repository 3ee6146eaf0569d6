"""Draws pictures: the only room that imports matplotlib. ``import netlab.show``, and notebooks draw them too.

    draw        a picture on a sheet of its own, or into somebody's axes
    style       colours by meaning, type sizes, the matplotlib style, ``text_width``
    plan        how much room each drawing asks for, and where it goes
    paint       a picture → PNG, two SVGs, the words of its figure
    svg         matplotlib's SVG made small
    page        what the book's build makes of all this
    source      the library's own lines, where a chapter speaks of them

The rest draws: ``axes``, ``labels`` and ``marks`` are what ``kinds`` are made of.
"""

from __future__ import annotations

from matplotlib.axes import Axes

from netlab.picture import Picture
from netlab.show.foreign import draw_onto
from netlab.show.paint import bundle, figure
from netlab.show.source import Source

__all__ = ["Source", "draw"]

Picture.painter = bundle


def draw(picture: Picture, ax: Axes | None = None) -> Axes:
    """Draw ``picture``, into ``ax`` if there is one, else with its title on a figure of its own. Return its axes.

    Of panels it returns the first's. ``ax.figure`` is the figure: ``draw(picture).figure.savefig("it.png")``.
    Raises ``TypeError`` where ``picture`` is no picture, or its drawing no drawing.
    """
    if not isinstance(picture, Picture):
        raise TypeError(f"draw takes a Picture, not a {type(picture).__name__}")
    if ax is None:
        return figure(picture, titled=True).axes[0]
    return draw_onto(ax, picture.drawing)
