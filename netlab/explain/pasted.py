r"""What somebody pasted, into bytes: hex in the forms in which tools print it, string escapes, base64, a head of HTTP.

    81 05 48   8105 48   0x81, 0x05   81:05:48   {0x81, 0x05}          hex, however it is parted
    00000000  81 05 48 65 6c 6c 6f                    |..Hello|         a dump (``netlab.explain.dumps``)
    b"\x81\x05Hello"                                                    a string, as Python and C write it
    gQVIZWxsbw==                                                        base64, either alphabet
    GET / HTTP/1.1                                                      lines of text, which end with CR LF

>>> parse_text("81:05:48:65:6c:6c:6f") == parse_text(r"\x81\x05Hello") == parse_text("gQVIZWxsbw==")
True
>>> parse_text("81 05\n48 6g")
Traceback (most recent call last):
    ...
ValueError: 'g' at line 2, column 5 is no hex digit

What cannot be read is never skipped. Whoever pasted it is told where it is.
"""

from __future__ import annotations

import re
from binascii import a2b_base64
from collections.abc import Iterator
from typing import NamedTuple

from netlab.explain.dumps import dump, is_dump
from netlab.explain.places import LINE, MOST_TEXT, at

SEPARATORS = " \t\r\n\f\v\u00a0\u2028\ufeff,:;|._-[](){}<>'\""
SPACES = str.maketrans(dict.fromkeys(SEPARATORS, " "))
WORD = re.compile(rf"[^{re.escape(SEPARATORS)}]+")
COMMENT = re.compile(r"/\*.*?\*/|#[^\r\n]*", re.DOTALL)
BASE64 = re.compile(r"[A-Za-z0-9+/\-_]+={0,2}")
HEAD = re.compile(r"\s*(?:[A-Z]{3,10} \S+ HTTP/1\.[01]|HTTP/1\.[01] [1-5]\d\d\b[^\r\n]*)\s*(?:[\r\n]|$)")
QUOTED = re.compile(r"""\s*\(?\s*(?:[A-Za-z_][\w \[\]*]*=\s*)?[bB]?(["'])(?P<inside>.*)\1[\s),;+\\]*""")
STRING = re.compile(r"\s*[bB][\"']")
ESCAPE = re.compile(r"\\x([0-9a-fA-F]{2})|\\([0-7]{1,3})|\\([abfnrtv\\'\"])|([^\\])|(\\.?.?.?)", re.DOTALL)
LETTERS = dict(zip("abfnrtv\\'\"", b"\a\b\f\n\r\t\v\\'\"", strict=True))


class Pasted(NamedTuple):
    """The bytes, and as what they were read: "hex", "a hexdump", "a string", "base64" or "text"."""

    octets: bytes
    form: str


def parse_text(text: str) -> bytes:
    """Return the bytes that ``text`` writes. Raises ``ValueError`` as ``read_text`` does."""
    return read_text(text).octets


def read_text(text: str) -> Pasted:
    """Return the bytes that ``text`` writes, and in which form.

    Raises ``ValueError`` with a sentence that says where it is wrong, by line and column, and what is wrong there; or
    that there is nothing, or more than a million characters.
    """
    if len(text) > MOST_TEXT:
        raise ValueError(f"{len(text):,} characters are too many to paste, {MOST_TEXT:,} are the most: open a file")
    if not text.strip(SEPARATORS):
        raise ValueError("there is nothing to read: paste bytes in hex, a hexdump or base64")
    if HEAD.match(text):
        return Pasted(_lines(text), "text")
    if is_dump(text):  # first, for among its letters a backslash may be
        return Pasted(dump(text), "a hexdump")
    if "\\" in text or STRING.match(text):
        return Pasted(bytes(_escaped(text)), "a string")
    if (packed := _packed(text)) is not None:
        return Pasted(packed, "base64")
    return Pasted(_hex(text), "hex")


# ---------------------------------------------------------------------------------------------------------------- hex


def _hex(text: str) -> bytes:
    """Return the bytes of hex that is parted in any way, or not at all."""
    plain = _code(text)
    try:
        octets = bytes.fromhex(plain.translate(SPACES))
    except ValueError:  # a prefix, a lonely digit, or no hex at all: look at each word
        octets = b"".join(_word(plain, word) for word in WORD.finditer(plain))
    if not octets:
        raise ValueError("there is nothing to read: paste bytes in hex, a hexdump or base64")
    return octets


def _code(text: str) -> str:
    """Return what is left without comments, and of a program's array what is in its braces. All stays in its place."""
    plain = COMMENT.sub(_blank, text)
    begin = plain.find("{")
    end = plain.find("}", begin)
    if begin < 0 or end < 0:
        return plain
    return LINE.sub(lambda line: " " * len(line[0]), plain[:begin]) + plain[begin:end]


def _blank(found: re.Match[str]) -> str:
    """Return blanks in the place of a comment, and its line ends, so that lines and columns stay what they were."""
    return LINE.sub(lambda line: " " * len(line[0]), found[0])


def _word(text: str, word: re.Match[str]) -> bytes:
    """Return the bytes of one word of hex: "0x81", "8105". Raises ``ValueError`` where it is none."""
    prefixed = word[0][:2] in ("0x", "0X")
    digits = word[0][2:] if prefixed else word[0]
    if bad := re.search(r"[^0-9a-fA-F]", digits):
        place = word.start() + (2 if prefixed else 0) + bad.start()
        raise ValueError(f"{bad[0]!r} at {at(text, place)} is no hex digit")
    if prefixed and len(digits) == 1:  # 0x5, as a program writes it
        return bytes.fromhex(f"0{digits}")
    if not digits or len(digits) % 2:
        raise ValueError(f"{word[0][:20]!r} at {at(text, word.start())} is an odd number of digits: a byte takes two")
    return bytes.fromhex(digits)


# ------------------------------------------------------------------------------------------------------------- base64


def _packed(text: str) -> bytes | None:
    """Return the bytes of base64, ``None`` where ``text`` is rather hex.

    A slip of the finger makes hex look like base64, whose letters have all the digits. So it must be whole lines
    without a blank, and either end with ``=`` or have many letters that hex has not: of 64 it shares 22.
    """
    lines = [line.strip() for line in LINE.findall(text) if line.strip() and not line.startswith("-----")]
    joined = "".join(lines).lstrip("\ufeff")
    digits = len(re.findall(r"[0-9a-fA-F]", joined))
    if not BASE64.fullmatch(joined) or not re.search(r"[^0-9a-fA-F_\-]", joined):
        return None
    if not joined.endswith("=") and (digits > 0.6 * len(joined) or len(joined) < 8 or re.match("0[xX]", joined)):
        return None
    letters = joined.rstrip("=").replace("-", "+").replace("_", "/")
    if len(letters) % 4 == 1:
        raise ValueError(f"{len(letters):,} letters of base64 are one too many or three too few: four make three bytes")
    return a2b_base64(letters + "=" * (-len(letters) % 4), strict_mode=True)


# ------------------------------------------------------------------------------------------------------ strings, text


def _escaped(text: str) -> Iterator[int]:
    """Yield each byte of a string with escapes; of one in quotes, blanks too."""
    for line in LINE.finditer(text):
        quoted = QUOTED.fullmatch(line[0])
        inside = quoted["inside"] if quoted else line[0]
        begin = line.start() + (quoted.start("inside") if quoted else 0)
        for one in ESCAPE.finditer(inside):
            yield from _character(text, begin + one.start(), one, quoted is not None)


def _character(text: str, place: int, one: re.Match[str], quoted: bool) -> Iterator[int]:
    """Yield the byte that one character, or one escape, stands for."""
    hexed, octal, letter, plain, wrong = one.groups()
    if wrong is not None or (octal and int(octal, 8) > 255):
        raise ValueError(f"{one[0]!r} at {at(text, place)} is no escape of a byte: \\x and two hex digits is")
    if plain is None:
        yield int(hexed, 16) if hexed else int(octal, 8) if octal else LETTERS[letter]
    elif quoted or not plain.isspace():
        if not plain.isascii():
            raise ValueError(f"{plain!r} at {at(text, place)} is no byte: only characters of ASCII are")
        yield ord(plain)


def _lines(text: str) -> bytes:
    """Return lines of text as HTTP sends them, each with CR LF at its end, which pasting loses."""
    lines = re.split(r"\r\n|\r|\n", text.lstrip())
    for number, line in enumerate(lines, 1):
        for column, character in enumerate(line, 1):
            if ord(character) > 255:
                raise ValueError(f"{character!r} at line {number}, column {column} is no byte")
    return "\r\n".join(lines).encode("latin-1")
