"""An explanation as a picture: the bytes under their fields' names, with the rule of each.

>>> from netlab.explain.explaining import explain
>>> print(picture(explain(bytes.fromhex("83 05 48"), "websocket-server")).drawing.spans[0].name)
FIN, RSV, opcode breaks RFC 6455 §5.2
"""

from __future__ import annotations

from netlab.explain.explaining import Explanation, Failure
from netlab.explain.fields import BITS, plain
from netlab.picture import DELIVERED, GREY, LOST, Bits, Bytes, Picture
from netlab.wire import Span

MOST_OCTETS = 16_384  # bytes that a picture has
MOST_SPANS = 400
MOST_TOLD = 24  # fields that the sentence names
LONGEST_VALUE = 48  # characters, or bytes
FEW = 48  # bytes, of which some may be opened into their bits
MOST_OPENED = 4  # bytes whose bits are drawn

CAPTION = "Point at a byte or at a field: each has its name, its value and the rule that made it."
BROKEN = "The brown field is where reading ended. What stands before it was read, what stands behind it was not."


def spans(explanation: Explanation) -> list[Span]:
    """Return all that there is to show: the fields, what was not read, and in its place what failed."""
    found, failure = [*explanation.spans, *explanation.rest], explanation.failure
    if failure and failure.start < failure.stop:
        kept = [span for span in found if span.stop <= failure.start or span.start >= failure.stop]
        value = next(
            (span.value for span in found if span.start == failure.start and span.stop == failure.stop), failure.message
        )
        found = [*kept, Span(failure.start, failure.stop, named(failure), value)]
    return sorted(found, key=lambda span: span[:2])


def named(failure: Failure) -> str:
    """Return what a field is called that failed: by the rule that it breaks."""
    if failure.rule:
        return f"{failure.field} breaks {failure.rule}"
    return f"{failure.field}, cut off"


def picture(explanation: Explanation) -> Picture:
    """Return the bytes as a picture. Of many, and of many fields, it has the first, and its sentence says so."""
    octets = explanation.octets[:MOST_OCTETS]
    shown = _clipped(spans(explanation), len(octets))
    hues = {span.name: DELIVERED if plain(span.name) == "payload" else GREY for span in explanation.rest}
    hues |= {span.name: DELIVERED for span in shown if plain(span.name) in ("payload", "content")}
    rules = dict(explanation.rules or {})
    if explanation.failure:
        hues[named(explanation.failure)] = LOST
        rules[named(explanation.failure)] = explanation.failure.rule
    words = explanation.protocol is None or explanation.protocol.ending != b""
    drawing = Bytes(octets, shown, _opened(explanation), hues, rules, 48 if words else 20, letters=words)
    caption = f"{CAPTION} {BROKEN}" if explanation.failure else CAPTION
    return Picture(explanation.message, drawing, sentence(explanation), caption)


def _clipped(found: list[Span], size: int) -> list[Span]:
    """Return the first of the spans, cut where the picture ends."""
    kept = [span._replace(stop=min(span.stop, size), value=_short(span)) for span in found if span.start < size]
    if len(kept) <= MOST_SPANS:
        return kept
    hidden = len(kept) - MOST_SPANS
    return [*kept[:MOST_SPANS], Span(kept[MOST_SPANS].start, kept[-1].stop, f"{hidden:,} more fields", "")]


def _short(span: Span) -> int | bytes | str:
    """Return a value that a picture has room for: text as text, and of many bytes only how many there are."""
    said = span.value
    if isinstance(said, int):
        return said
    if words := value(span, LONGEST_VALUE) if plain(span.name) != "masking key" else "":
        return words
    return said if len(said) <= LONGEST_VALUE else f"{len(said):,} bytes"


def _opened(explanation: Explanation) -> list[Bits]:
    """Return the bytes whose bits are worth seeing: of a few bytes those that share fields, of many what failed."""
    failure = explanation.failure
    guilty = failure.field if failure else ""
    few = len(explanation.octets) <= FEW
    found = [span for span in explanation.spans if plain(span.name) in BITS and (few or span.name == guilty)]
    opened = [(span, *BITS[plain(span.name)]) for span in found[:MOST_OPENED]]
    return [Bits(span.start + offset, parts) for span, offset, parts in opened]


def sentence(explanation: Explanation) -> str:
    """Return what the picture shows, in words: the fields with their places and values, and the notes."""
    found = spans(explanation)
    told = [f"{_place(span)} {span.name}{_value(span)}" for span in found[:MOST_TOLD]]
    if len(found) > MOST_TOLD:
        told.append(f"and {len(found) - MOST_TOLD:,} fields more")
    fields = "; ".join(told) or f"bytes 0–{len(explanation.octets) - 1} are not named"
    return " ".join([f"{fields[0].upper()}{fields[1:]}.", *explanation.notes])


def _place(span: Span) -> str:
    return f"bytes {span.start}–{span.stop - 1}" if span.stop > span.start + 1 else f"byte {span.start}"


def _value(span: Span) -> str:
    """Return a value behind a colon: words and numbers as they are, bytes as text where they are text."""
    said = value(span, 60)
    return f": {said}" if said else ""


def value(span: Span, most: int) -> str:
    """Return what a field says, in at most ``most`` characters; bytes only where they are text."""
    if not isinstance(span.value, bytes):
        said = str(span.value)
    else:
        text = span.value[: most + 1].decode("ascii", "replace")
        said = repr(text) if text.isprintable() and text.isascii() and text else ""
    return said if len(said) <= most else f"{said[: most - 1]}…"
