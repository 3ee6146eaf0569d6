"""Bytes with their names: in hex as they travel, or 32 bits to a row as their RFC draws them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from netlab.picture.hues import CONTROL, Hue

if TYPE_CHECKING:
    from netlab.wire import Span  # a name for mypy: a picture of anything else should not pay for the codecs


class Bits(NamedTuple):
    """The byte at ``offset`` opened up: (name, how many bits), from the most significant bit on."""

    offset: int
    parts: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Bytes:
    """``octets`` in hex as they travel, named by the ``spans`` that their parser recorded; ``rules`` name RFC sections.

    With ``letters``, each byte that is a printable character of ASCII has it below.
    """

    octets: bytes
    spans: Sequence[Span]
    bits: Sequence[Bits] = ()
    hues: Mapping[str, Hue] | None = None
    rules: Mapping[str, str] | None = None
    elide: int = 20
    letters: bool = False

    def __post_init__(self) -> None:
        if not self.octets:
            raise ValueError("a hexdump needs at least one byte")
        for span in self.spans:
            if not 0 <= span.start <= span.stop <= len(self.octets):
                raise ValueError(f"{span.name!r} is not within the {len(self.octets)} bytes")
        for bits in self.bits:
            if not 0 <= bits.offset < len(self.octets) or sum(width for _, width in bits.parts) != 8:
                raise ValueError(f"the bits at byte {bits.offset} are not the 8 of one of the {len(self.octets)} bytes")


class Field(NamedTuple):
    """``bits`` of a header, named as its RFC names them, with the ``value`` they have here."""

    name: str
    bits: int
    value: str = ""
    hue: Hue = CONTROL


@dataclass(frozen=True, slots=True)
class Header:
    """A header as its RFC draws it, 32 bits to a row."""

    fields: Sequence[Field]

    def __post_init__(self) -> None:
        if not self.fields or any(field.bits < 1 for field in self.fields):
            raise ValueError("a header needs at least one field, and each field at least one bit")
