"""An explanation for a terminal: a hexdump, a field to a row, with its value and its rule."""

from __future__ import annotations

from netlab.explain.explaining import Explanation
from netlab.explain.pictures import MOST_SPANS, spans, value
from netlab.wire import Span, annotate

WIDEST = 44  # characters of a value


def printed(explanation: Explanation) -> str:
    """Return an explanation as lines: what it is and why, the dump, the notes. It has no end of line at its end."""
    found = spans(explanation)
    shown, hidden = found[:MOST_SPANS], found[MOST_SPANS:]
    size = hidden[0].start if hidden else len(explanation.octets)
    lines = [
        explanation.message + ".",
        f"Why this: {explanation.why}.",
        "",
        annotate(explanation.octets[:size], _ruled(shown, explanation)),
    ]
    if hidden:
        lines.append(f"... and {len(hidden):,} fields more")
    return "\n".join([*lines, *([""] if explanation.notes else []), *explanation.notes])


def _ruled(shown: list[Span], explanation: Explanation) -> list[Span]:
    """Return the spans, each value with the rule of its field behind it."""
    rules, values = explanation.rules or {}, [value(span, WIDEST) for span in shown]
    width = max(map(len, values), default=0)
    return [
        span._replace(value=f"{said:{width}}  {rules.get(span.name, '')}".rstrip())
        for span, said in zip(shown, values, strict=True)
    ]
