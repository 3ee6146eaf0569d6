"""Places in a text that was pasted: where something is wrong, as an editor counts.

>>> at("81 05" + chr(10) + "48 6g", 10)
'line 2, column 5'
"""

import re

MOST_TEXT = 1_000_000  # characters that may be pasted; also the bytes that a dump's offsets may claim
LINE = re.compile(r"[^\r\n]+")


def at(text: str, place: int) -> str:
    """Return the line and the column, each from 1, of the character at ``place``."""
    before = text[:place].replace("\r\n", "\n").replace("\r", "\n")
    return f"line {before.count(chr(10)) + 1}, column {place - _begin(text, place) + 1}"


def _begin(text: str, place: int) -> int:
    """Return where the line begins that ``place`` is in."""
    return max(text.rfind("\n", 0, place), text.rfind("\r", 0, place)) + 1
