"""A hexdump that says what each byte is, for a terminal, an error report or a test that failed."""

from __future__ import annotations

from collections.abc import Sequence

from netlab.wire.reader import Span

COLUMNS = 8  # bytes to a row


def annotate(data: bytes, spans: Sequence[Span], rows: int = 4) -> str:
    """Return ``data`` in hex, a field to a row: its offset, bytes, name and value.

    A field longer than ``rows`` rows is cut short and says by how many bytes. Bytes that no span names are shown
    too, as "?": they were not read. Raises ``ValueError`` where a span is not within the data.

    >>> print(annotate(b"\\x05Helloxyz", [Span(0, 1, "length", 5), Span(1, 6, "text", b"Hello")]))
    0000  05                       length  5
    0001  48 65 6c 6c 6f           text    'Hello'
    0006  78 79 7a                 ?
    """
    for span in spans:
        if not 0 <= span.start <= span.stop <= len(data):
            raise ValueError(f"{span.name!r} is not within the {len(data)} bytes")
    fields = _tiled(spans, len(data))
    width = max((len(span.name) for span in fields), default=0)
    return "\n".join(row for span in fields for row in _rows(data, span, width, rows))


def _tiled(spans: Sequence[Span], size: int) -> list[Span]:
    """Return the spans in the order of the bytes, and one named "?" for each gap between them."""
    fields, at = [], 0
    for span in [*sorted(spans, key=lambda span: span[:2]), Span(size, size, "", b"")]:
        if span.start > at:
            fields.append(Span(at, span.start, "?", b""))
        if span.name or span.stop > span.start:
            fields.append(span)
        at = max(at, span.stop)
    return fields


def _rows(data: bytes, span: Span, width: int, rows: int) -> list[str]:
    """Return one field's rows, the first of them with its name."""
    lines: list[str] = []
    for start in range(span.start, min(span.stop, span.start + rows * COLUMNS), COLUMNS):
        octets = data[start : min(span.stop, start + COLUMNS)].hex(" ")
        words = "" if lines else f"{span.name:{width}}  {_said(span.value)}"
        lines.append(f"{start:04x}  {octets:{COLUMNS * 3 - 1}}  {words}".rstrip())
    hidden = span.stop - span.start - rows * COLUMNS
    return [*lines, f"      ... {hidden:,} more"] if hidden > 0 else lines


def _said(value: int | bytes | str) -> str:
    """Return a value in words: numbers and words as they are, bytes where they are text."""
    if not isinstance(value, bytes):
        return str(value)
    text = value.decode("ascii", "replace")
    return repr(text) if text.isprintable() and text.isascii() and text else ""
