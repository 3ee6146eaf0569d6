"""One look for every picture: colours by meaning, sizes in CSS pixels.

A figure is made at 72 dots per inch, so one point of matplotlib is one CSS pixel and every number below can be
compared with the style sheet. No two colours here have the same code: the page finds each code in a picture and
puts its own custom property there (``var(--nl-blue)``), which is how one picture is right by day and by night.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.artist import Artist
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.textpath import text_to_path

from netlab.picture import Hue

WIDE, NARROW = 680, 344  # px: the reading measure, and a phone of 360 to 390 px less its margins
PHONE = 480  # px: what has less room than this gets a phone's layout


class Ink(NamedTuple):
    """A hue's three strengths: ``line`` for marks, ``text`` for words (4.5:1 on paper and tint), ``tint`` for areas."""

    line: str
    text: str
    tint: str


INK, MUTED, FAINT, WASH, PAPER = "#1f2328", "#59636e", "#d1d9e0", "#f3f5f7", "#ffffff"
INKS = {
    Hue.GREY: Ink("#8c959f", "#57606a", "#e6eaee"),
    Hue.BLUE: Ink("#0173b2", "#01659d", "#d3e7f4"),
    Hue.ORANGE: Ink("#de8f05", "#945c00", "#fae8c8"),
    Hue.TEAL: Ink("#029e73", "#01734f", "#cfeee3"),
    Hue.PURPLE: Ink("#cc78bc", "#9a3d87", "#f5e1f1"),
    Hue.BROWN: Ink("#ca9161", "#8a5324", "#f3e4d6"),
}
GREY = INKS[Hue.GREY]

NAMES = {"ink": INK, "muted": MUTED, "faint": FAINT, "wash": WASH, "paper": PAPER} | {
    hue.value + suffix: code
    for hue, ink in INKS.items()
    for suffix, code in zip(("", "-text", "-tint"), ink, strict=True)
}

for font in sorted(Path(__file__).with_name("fonts").glob("*.ttf")):
    font_manager.fontManager.addfont(font)
SANS, MONO = ["Inter"], ["JetBrains Mono"]
TITLE, BODY, SMALL = 17.0, 12.5, 11.5  # px; nothing in a picture is smaller than SMALL
LEAD = 16.0  # px from one line of words to the next

STYLE: dict[str, Any] = {
    "figure.dpi": 72,
    "figure.facecolor": PAPER,
    "font.family": SANS,
    "font.size": BODY,
    "text.color": INK,
    "text.parse_math": False,
    "svg.fonttype": "none",
    "axes.facecolor": "none",
    "axes.axisbelow": True,
    "ytick.alignment": "center",
    "lines.linewidth": 2,
    "lines.solid_capstyle": "round",
    "lines.solid_joinstyle": "round",
    "path.simplify": True,
    "path.simplify_threshold": 0.25,
}


def look(**more: Any) -> AbstractContextManager[None]:
    """matplotlib's own defaults and ours, whatever else the reader has set."""
    settings: Any = dict(mpl.rcParamsDefault)
    settings |= STYLE | more
    settings.pop("backend", None)  # to set it would import pyplot
    return mpl.rc_context(settings)


# what neither a font nor XML has: control characters (a new line is none), halves of pairs, no characters at all
UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def legible(text: str) -> str:
    r"""Return ``text`` with every character that cannot be drawn as Python writes it: words may come off the wire.

    >>> print(legible("GET /\r"))
    GET /\r
    """
    return UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def spell(drawn: Artist) -> None:
    """Make all words in ``drawn`` legible; those at the ticks are, because their formatters make them so."""
    for words in drawn.findobj(Text):
        words.set_text(legible(words.get_text()))


@lru_cache(4096)
def text_width(text: str, size: float = BODY, *, bold: bool = False, mono: bool = False) -> float:
    """Return how many px wide ``text`` will be, or its widest line, so that it can be placed before it is drawn."""
    font = FontProperties(family=MONO if mono else SANS, size=size, weight=600 if bold else 400)
    lines = legible(text).split("\n")
    return max(float(text_to_path.get_text_width_height_descent(line, font, False)[0]) for line in lines)


def wrapped(text: str, room: float, size: float = BODY, *, bold: bool = False) -> list[str]:
    """Return ``text`` in lines of at most ``room`` px; a longer word has a line of its own."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold=bold) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def fits(text: str, room: float, size: float = BODY, *, bold: bool = False, mono: bool = False) -> str:
    """Return ``text``, cut to ``room`` px with an ellipsis where it must be; nothing, where not a letter fits."""
    if text_width(text, size, bold=bold, mono=mono) <= room:
        return text
    for cut in range(len(text) - 1, 0, -1):
        short = text[:cut].rstrip(" .,:;") + "…"
        if text_width(short, size, bold=bold, mono=mono) <= room:
            return short
    return ""
