"""Bytes with their names, in hex as they travel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from matplotlib.axes import Axes

from netlab.picture import CONTROL, GREY, Bits, Bytes, Hue
from netlab.show.marks import PLAIN, canvas, cell, label, mono, rule, small
from netlab.show.plan import ALONE, Box, Plan, Shared
from netlab.show.style import BODY, INKS, MUTED, PHONE, SMALL, WASH, text_width

HIGH, LETTER = 30, 16  # px of a row of bytes, and what their letters add


class Part(NamedTuple):
    """Bytes ``start`` to ``stop``, the name and value that were read, and their colour. Unread bytes have no name.

    ``says`` is false where the value is only how many bytes there are.
    """

    start: int
    stop: int
    name: str = ""
    value: str = ""
    hue: Hue = Hue.GREY
    says: bool = True


def parts(drawing: Bytes) -> list[Part]:
    """Return all bytes in their order, in parts as the parser named them, and in grey what it did not read.

    Neighbours differ in colour: purple and grey in turn, where no other was asked for. A byte that was read twice
    belongs to who read it first.
    """
    found, at, hues = list[Part](), 0, drawing.hues or {}
    for n, span in enumerate(sorted(drawing.spans, key=lambda span: (span.start, span.stop))):
        if span.start > at:
            found.append(Part(at, span.start))
        if span.stop > max(at, span.start):
            hue = hues.get(span.name) or (GREY if n % 2 else CONTROL)
            says = not isinstance(span.value, (bytes, bytearray))
            found.append(Part(max(at, span.start), span.stop, span.name, valued(span.value), hue, says))
        at = max(at, span.stop)
    rest = [Part(at, len(drawing.octets))] if at < len(drawing.octets) else []
    return found + rest


def valued(value: object) -> str:
    """Return what to say of a value: bytes only by their number."""
    if isinstance(value, (bytes, bytearray)):
        return f"{len(value)} byte{'' if len(value) == 1 else 's'}"
    return "" if value is None else f"{value}"


def octets(ax: Axes, drawing: Bytes, width: float, shared: Shared = ALONE) -> Plan:
    """Draw bytes in hex, 16 to a row (8 on a phone), named by the parser's own spans, some opened into bits."""
    per_row, left = (8, 40.0) if width < PHONE else (16, 46.0)
    side, y = (width - 2 - left) / per_row, 0.0
    high = HIGH + LETTER if drawing.letters else HIGH
    shown = [(part, offset) for part in parts(drawing) for offset in visible(part, drawing.elide)]
    where: dict[int, Box] = {}
    numbers = {part: n for n, part in enumerate(parts(drawing))}
    for row in (shown[n : n + per_row] for n in range(0, len(shown), per_row)):
        runs = [
            (part, [n for n, (other, _) in enumerate(row) if other is part]) for part, _ in groupby(p for p, _ in row)
        ]
        names = stagger([(left + at[0] * side, said(part, row[at[0]][1])) for part, at in runs], width - 4)
        y += 22 + 18 * max(name.level for name in names) if any(name.text for name in names) else 10
        mono(ax, left - 8, y + HIGH / 2, f"{abs(row[0][1]):04x}", ha="right", color=MUTED)
        for (part, at), name in zip(runs, names, strict=True):
            for n in at:
                where[row[n][1]] = Box(left + n * side, y, side, high)
                octet(ax, where[row[n][1]], octet_text(drawing.octets, row[n][1]), part.hue, f"f{numbers[part]}")
                if drawing.letters and row[n][1] >= 0:
                    letter(ax, where[row[n][1]], drawing.octets[row[n][1]], part.hue)
            head(ax, Box(left + at[0] * side, y, len(at) * side, 0), name, part.hue)
        y += high + 10
    deep = expand(ax, drawing, where, (left, y), width) if drawing.bits else 0
    return canvas(ax, width, y + deep)


def visible(part: Part, elide: int) -> list[int]:
    """Return the offsets to show of a field; -1 stands for all that is left out."""
    whole = list(range(part.start, part.stop))
    return whole if len(whole) <= max(elide, 8) else [*whole[: max(elide, 8) - 4], -1, *whole[-3:]]


def said(part: Part, first: int) -> str:
    """Return a field's name and value, where the field begins; nothing where it goes on."""
    return f"{part.name}  {part.value}".rstrip() if first == part.start else ""


class Name(NamedTuple):
    """A field's name, how far to the right it begins, and how many lines above the bytes."""

    x: float
    text: str
    level: int


def stagger(names: Sequence[tuple[float, str]], right: float) -> list[Name]:
    """Lift each name over every name to its right that it would touch, and so over that name's leader too."""
    placed: list[Name] = []
    for start, text in reversed(names):
        x = max(0.0, min(start + 6, right - text_width(text, SMALL)))
        near = [other.level for other in placed if other.text and other.x < x + text_width(text, SMALL) + 8]
        placed.append(Name(x, text, max(near, default=-1) + 1))
    return placed[::-1]


def octet_text(data: bytes, offset: int) -> str:
    """Return a byte in hex, or the dots that stand for many."""
    return f"{data[offset]:02x}" if offset >= 0 else "···"


def octet(ax: Axes, at: Box, text: str, hue: Hue, field: str) -> None:
    """Draw one byte of a field, or what stands for many. It keeps the field's number, for who points at it."""
    cell(ax, at, INKS[hue].tint if text != "···" else WASH, gid=field)
    mono(ax, at.x + at.wide / 2, at.y + HIGH / 2, text, fontsize=BODY)


def letter(ax: Axes, at: Box, byte: int, hue: Hue) -> None:
    """Write below a byte the character that it is in ASCII, or a dot where it is none that could be seen."""
    seen = 0x20 <= byte < 0x7F
    style: dict[str, Any] = {"color": INKS[hue].text, "fontweight": 600} if seen else {"color": MUTED}
    label(ax, at.x + at.wide / 2, at.y + HIGH + 3, chr(byte) if seen else "·", ha="center", **style)


def head(ax: Axes, over: Box, name: Name, hue: Hue) -> None:
    """Draw the bar over a field, its name, and the leader between them."""
    start, y, line = over.x + 1, over.y, INKS[hue].line
    rule(ax, (start, y - 2.5), (over.x + over.wide - 1, y - 2.5), line, 2.4)
    if name.text:
        up = (16 if name.x > start else 4) + 18 * name.level  # a name that was pushed left covers its own leader
        rule(ax, (start + 0.6, y - 3), (start + 0.6, y - up), line, 1.2)
        small(ax, name.x, y - 12 - 18 * name.level, name.text, INKS[hue], ha="left", bbox=PLAIN if name.level else None)


def expand(ax: Axes, drawing: Bytes, where: Mapping[int, Box], corner: tuple[float, float], width: float) -> float:
    """Open some bytes into their bits, each under a wedge that says where it comes from. Return the px they take."""
    opened, (left, y) = [bits for bits in drawing.bits if bits.offset in where], corner
    per_row = max(1, min(len(opened), int((width - left) // 150)))
    side = min(30.0, (width - left - 2) / (8.6 * per_row))
    for n, bits in enumerate(opened):
        x, top = left + n % per_row * side * 8.6, y + 22 + n // per_row * 92
        if n < per_row:
            byte, low = where[bits.offset], where[bits.offset].y + where[bits.offset].high
            across = [byte.x + 1, byte.x + byte.wide - 1, x + 8 * side - 1, x + 1]
            ax.fill(across, [low, low, top, top], color=WASH, linewidth=0, zorder=0)
        for bit in bits_of(bits, drawing.octets[bits.offset]):
            draw_bits(ax, bit, x, top, side)
    return 92.0 * -(-len(opened) // per_row)


class Bit(NamedTuple):
    """Some bits of a byte: their name, how many come before them, and themselves as 0 and 1."""

    name: str
    before: int
    digits: str


def bits_of(bits: Bits, byte: int) -> Iterator[Bit]:
    """Return a byte's bits under their names."""
    used, digits = 0, f"{byte:08b}"
    for name, width in bits.parts:
        yield Bit(name, used, digits[used : used + width])
        used += width


def draw_bits(ax: Axes, bit: Bit, x: float, top: float, side: float) -> None:
    """Draw some bits in cells, their name and their number below."""
    ink, x0, wide = INKS[CONTROL], x + bit.before * side, len(bit.digits) * side
    for n, digit in enumerate(bit.digits):
        cell(ax, Box(x0 + n * side, top, side, 28), ink.tint, zorder=2)
        mono(ax, x0 + (n + 0.5) * side, top + 14.5, digit, fontsize=BODY)
    rule(ax, (x0 + 2, top + 31.5), (x0 + wide - 2, top + 31.5), ink.line, 2)
    small(ax, x0 + wide / 2, top + 43, bit.name, ink)
    mono(ax, x0 + wide / 2, top + 59, str(int(bit.digits, 2)) if len(bit.digits) > 1 else "", color=MUTED)
