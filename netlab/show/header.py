"""A header as its RFC draws it, 32 bits to a row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from matplotlib.axes import Axes

from netlab.picture import Field, Header
from netlab.show.marks import canvas, cell, mono, small
from netlab.show.plan import ALONE, Box, Plan, Shared
from netlab.show.style import INK, INKS, MUTED, SMALL, fits, text_width

HIGH, HEAD = 46, 20  # px of a row, and of the numbers of the bits above all


class Piece(NamedTuple):
    """What of a field stands in one rectangle: ``bits`` from bit ``start`` of ``row`` on, in so many ``rows``."""

    row: int
    start: int
    bits: int
    rows: int


def pieces(at: int, bits: int) -> Iterator[Piece]:
    """Return the rectangles of a field that begins at bit ``at``: whole rows are one, what goes over an edge is two.

    >>> [tuple(piece) for piece in pieces(at=0, bits=48)]
    [(0, 0, 32, 1), (1, 0, 16, 1)]
    """
    while bits:
        row, start = divmod(at, 32)
        rows = max(1, bits // 32) if start == 0 else 1
        took = min(bits, 32 - start) if rows == 1 else 32 * rows
        yield Piece(row, start, min(took, 32), rows)
        at, bits = at + took, bits - took


def header(ax: Axes, drawing: Header, width: float, shared: Shared = ALONE) -> Plan:
    """Draw a header's fields in rows of 32 bits; a field too narrow for its name shows the first letter."""
    bit, at = (width - 4) / 32, 0
    for n in range(0, 33, 8):
        mono(ax, 2 + n * bit, 8, str(n), ha={0: "left", 32: "right"}.get(n, "center"), color=MUTED)
    for field in drawing.fields:
        found = list(pieces(at, field.bits))
        named = max(found, key=lambda piece: piece.bits * piece.rows)
        for piece in found:
            draw_piece(ax, field, piece, bit, named=piece is named)
        at += field.bits
    return canvas(ax, width, HEAD + HIGH * -(-at // 32) + 4)


def draw_piece(ax: Axes, field: Field, piece: Piece, bit: float, *, named: bool) -> None:
    """Draw one rectangle of a field, with the field's name and value if it is the largest."""
    at = Box(2 + piece.start * bit, HEAD + piece.row * HIGH, piece.bits * bit, HIGH * piece.rows)
    x, y, wide = at.x + at.wide / 2, at.y + at.high / 2, at.wide - 6
    cell(ax, at, INKS[field.hue].tint)
    if not named:
        part = f"… {field.name}" if piece.start == 0 else f"{field.name} …"  # goes on, and goes on below
        return small(ax, x, y, fits(part, wide, SMALL), INKS[field.hue])
    low = 9 if field.value and text_width(field.value, SMALL, mono=True) <= wide else 0
    small(ax, x, y - low, short(field.name, wide), INKS[field.hue], fontweight=600)
    return mono(ax, x, y + 9, field.value if low else "", color=INK)


def short(name: str, room: float) -> str:
    """Return a field's name, as much of it as there is room for, and at least its first letter."""
    said = fits(name, room, SMALL, bold=True)
    return said if said == name or len(said) > 4 else name[:1]
