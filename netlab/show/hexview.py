"""The fields of some bytes as a list in the page: point at a field or at a byte, and both light up.

The bytes are the picture's own: each of its cells carries the number of its field (``data-f``), and so does the
field's row. A script (the book's ``hex.js``) joins them, by mouse, touch and keyboard. Without script, and in print,
the list still says what every field means and which rule made it so.
"""

from __future__ import annotations

from html import escape

from netlab.picture import Bytes
from netlab.show.octets import Part, parts
from netlab.show.style import legible

FOLDED = 12  # a longer list waits behind its summary


def fields(drawing: Bytes) -> str:
    """Return the named fields as an HTML list: where they are, their names, their values, their rules."""
    rules = drawing.rules or {}
    rows = [
        row(n, part, drawing.octets, rules.get(part.name, "")) for n, part in enumerate(parts(drawing)) if part.name
    ]
    if not rows:
        return ""
    listed = f'<ol aria-label="The fields of {len(drawing.octets)} bytes">{"".join(rows)}</ol>'
    if len(rows) <= FOLDED:
        return listed
    return f"<details><summary>All {len(rows)} fields</summary>{listed}</details>"


def row(n: int, part: Part, octets: bytes, rule: str) -> str:
    """Return one field's row."""
    at = f"{part.start}–{part.stop - 1}" if part.stop > part.start + 1 else f"{part.start}"
    value = part.value if part.says else shown(octets[part.start : part.stop])
    return (
        f'<li data-f="{n}" class="nl-{part.hue.value}"><span class="at">{at}</span>'
        f'<span class="name">{escape(legible(part.name))}</span><code>{escape(legible(value))}</code>'
        f'<span class="rule">{escape(legible(rule))}</span></li>'
    )


def shown(octets: bytes, most: int = 12) -> str:
    """Return bytes in hex, of many only the first.

    >>> shown(bytes(20), most=2)
    '00 00 … 20 bytes'
    """
    return octets.hex(" ") if len(octets) <= most else f"{octets[:most].hex(' ')} … {len(octets)} bytes"
