"""Hexdumps with offsets, as tools print them: xxd, hexdump -C, od -tx1, tcpdump -X, and Wireshark.

    00000000: 8105 4865 6c6c 6f                        ..Hello           xxd
    00000000  81 05 48 65 6c 6c 6f                    |..Hello|          hexdump -C
    0000   81 05 48 65 6c 6c 6f                       ..Hello            Wireshark
            0x0000:  8105 4865 6c6c 6f                ..Hello            tcpdump -X, below a line of words

The offsets prove that no row is missing. The letters at the end are the same bytes once more, and some of them look
like hex: the letters begin where they *are* the bytes before them.

>>> dump("0000  62 65 65 66   beef").hex()
'62656566'
>>> dump("0000  81 05" + chr(10) + "0010  48 65")
Traceback (most recent call last):
    ...
ValueError: line 2 begins at 0x10, but the bytes before it end at 0x2: is a row missing?
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from netlab.explain.places import MOST_TEXT

ROW = re.compile(r"[ \t]*(?:0[xX])?(?P<offset>[0-9a-fA-F]{4,16})(?P<colon>:?)(?:(?P<gap>[ \t]+)(?P<rest>.*))?")
LINES = re.compile(r"\r\n|\n|\r")
PAIR = re.compile(r"[0-9a-fA-F]{2}(?![^ \t])")
WORDS = re.compile(r"(?:[0-9a-fA-F]{4}(?:[ \t]+|$))+")  # two bytes each, in the order of the machine that wrote them
HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")
WIDEST = 256  # bytes of a row: no tool prints more
SEEN = bytes(octet if 0x20 <= octet < 0x7F else ord(".") for octet in range(256))  # as a dump shows each byte


class Row(NamedTuple):
    """One row: its line, from 1; its offset as it is written; whether a colon follows; the rest, from ``column`` on."""

    line: int
    offset: str
    colon: bool
    rest: str
    column: int


def _rows(text: str) -> Iterator[Row | str]:
    """Yield each line that begins as a row does, and the others as they are."""
    for number, line in enumerate(LINES.split(text), 1):
        found = ROW.fullmatch(line.rstrip().lstrip("\ufeff"))
        rest = found["rest"] or "" if found else ""
        if found and (found["colon"] or not rest or PAIR.match(rest) or _swapped(found["offset"], rest)):
            yield Row(number, found["offset"], bool(found["colon"]), rest, found.start("rest") + 1)
        else:
            yield line


def _swapped(offset: str, rest: str) -> bool:
    """Return whether this is a row of hexdump without -C, or of od -x: words of two bytes, whose order is swapped."""
    return len(offset) == 7 and WORDS.fullmatch(rest) is not None


def is_dump(text: str) -> bool:
    """Return whether ``text`` is a dump, and no hex without offsets.

    A colon tells. Without one the first offset is 0, or the second follows from the first.
    """
    rows: list[Row] = []
    for row in _rows(text):
        if isinstance(row, Row) and row.rest:
            rows.append(row)
        if len(rows) == 2:
            break
    if not rows:
        return False
    first = rows[0]
    step = int(rows[1].offset, 16) - int(first.offset, 16) if len(rows) == 2 else 0
    return first.colon or not first.offset.strip("0") or step in (8, 16, 32)  # as wide as tools print


def dump(text: str) -> bytes:
    """Return the bytes of a dump. Raises ``ValueError`` with the line where a row is missing, or is none."""
    found = _Dump()
    for number, row in enumerate(_rows(text), 1):
        if isinstance(row, Row):
            found.add(row)
        elif row.strip() == "*":
            found.repeats = True
        elif row.strip() and found.octets:
            found.other = found.other or number
    if found.other:
        raise ValueError(f"line {found.other} is no row of a hexdump: it does not begin with an offset")
    return bytes(found.octets)


@dataclass
class _Dump:
    """What has been read of a dump."""

    octets: bytearray = field(default_factory=bytearray)
    start: int = 0  # the offset of the first row
    base: int = 16  # od counts in octal
    row: bytes = b""  # the last row, which a "*" repeats
    repeats: bool = False
    other: int = 0  # the first line that is no row

    def add(self, row: Row) -> None:
        """Add a row. Raises ``ValueError`` where it does not follow."""
        if _swapped(row.offset, row.rest):
            raise ValueError(
                f"line {row.line} has words of two bytes, swapped as some machines do: "
                "print bytes, with hexdump -C, xxd or od -tx1"
            )
        if self.octets:
            self._follow(row)
        elif row.rest:
            self.start = int(row.offset, 16)
        if self.other:
            raise ValueError(f"line {self.other} is no row of a hexdump: it does not begin with an offset")
        if row.rest:
            self.row = octets(row)
            self.octets += self.row

    def _follow(self, row: Row) -> None:
        """Check that a row begins where the one before it ended; fill what a "*" stands for."""
        end = self.start + len(self.octets)
        if self.base == 16 and int(row.offset, 16) != end and _octal(row.offset) == end:
            self.base = 8
        offset = int(row.offset, 16) if self.base == 16 else _octal(row.offset)
        if offset == 0:
            raise ValueError(f"a second dump begins at line {row.line}: paste one packet at a time")
        if self.repeats and end <= offset:
            if offset - self.start > MOST_TEXT:
                raise ValueError(f"line {row.line} begins at {offset:#x}: {MOST_TEXT:,} bytes are the most")
            self.octets += (self.row * ((offset - end) // len(self.row) + 1))[: offset - end]
            self.repeats = False
        elif offset != end:
            raise ValueError(
                f"line {row.line} begins at {offset:#x}, but the bytes before it end at {end:#x}: is a row missing?"
            )


def _octal(offset: str) -> int:
    """Return an offset as od writes it; -1 where it is not octal."""
    return -1 if re.search("[89a-fA-F]", offset) else int(offset, 8)


def octets(row: Row) -> bytes:
    """Return the bytes of a row, without its letters. Raises ``ValueError`` for what is neither."""
    words = [*re.finditer(r"\S+", row.rest)]
    count = next((n for n, word in enumerate(words) if not _is_hex(word[0], row)), len(words))
    found = bytes.fromhex("".join(word[0] for word in words[:count]))
    if len(found) > WIDEST:
        raise ValueError(f"line {row.line} has {len(found):,} bytes, and a row of a hexdump has {WIDEST} at most")
    size = 0
    for word in words[:count]:  # letters may look like hex: where do they repeat the bytes before them?
        if size and row.rest[: word.start()].endswith("  ") and _shows(row.rest[word.start() :], found[:size]):
            return found[:size]
        size += len(word[0]) // 2
    if count < len(words):
        _letters(row, words[count], found)
    return found


def _is_hex(word: str, row: Row) -> bool:
    """Return whether a word is bytes: without a colon behind the offset, exactly one."""
    return bool(HEX.fullmatch(word)) and (row.colon or len(word) == 2)


def _shows(letters: str, found: bytes) -> bool:
    """Return whether ``letters`` are the bytes, as a dump shows them."""
    shown = found.translate(SEEN).decode().strip()
    return letters.strip() == shown or (letters[0] in "|>" and letters[1:].rstrip("|<").strip() == shown)


def _letters(row: Row, word: re.Match[str], found: bytes) -> None:
    """Raise ``ValueError`` where what follows the bytes is a slip, and not their letters."""
    gap = row.rest[: word.start()]
    letters = row.rest[word.start() :]
    if found and (gap.endswith(("  ", "\t")) or letters[0] in "|>") and len(letters) <= len(found) + 2:
        return
    bad = re.search(r"[^0-9a-fA-F]", word[0])
    column = row.column + word.start() + (bad.start() if bad else 0)
    if bad:
        raise ValueError(f"{bad[0]!r} at line {row.line}, column {column} is no hex digit")
    raise ValueError(f"{word[0][:20]!r} at line {row.line}, column {column} is no byte, which is two hex digits")
