"""Numbers into bytes, and bodies behind their length: what an encoder is made of, beside ``+`` and ``join``.

A value that does not fit its field is a caller's mistake. It raises a sentence, never wraps round: a length that
lost its upper bits would be a message that nobody can read.

>>> uint(86400, 4, "seconds").hex()
'00015180'
>>> sized(uint(86400, 4, "seconds"), 1).hex(" ")
'04 00 01 51 80'
>>> uint(300, 1, "TTL")
Traceback (most recent call last):
    ...
ValueError: TTL must be 0 to 255 to fit 1 byte, not 300
"""

from __future__ import annotations

from operator import index
from typing import Literal


def uint(value: int, size: int, name: str = "a number", order: Literal["big", "little"] = "big") -> bytes:
    """Return ``value`` as ``size`` bytes, in network byte order unless told otherwise.

    Raises ``ValueError``, with the field's ``name`` and range, where it does not fit; ``TypeError`` where it is not
    a whole number.
    """
    if size < 0:
        raise ValueError(f"the size of {name} must be 0 or more, not {size}")
    value = index(value)  # 3.0 is refused, an IntEnum is welcome
    try:
        return value.to_bytes(size, order)
    except OverflowError:
        fit = f"0 to {(1 << 8 * size) - 1:,} to fit {size} byte{'s' if size != 1 else ''}"
        raise ValueError(f"{name} must be {fit}, not {value:,}") from None


def sized(body: bytes, width: int, name: str = "the length", plus: int = 0) -> bytes:
    """Return ``body`` behind its length, which takes ``width`` bytes and so is written before it is known.

    Some protocols count more than the body: ``plus`` is how much, such as the length field itself. Raises
    ``ValueError`` where the length does not fit.
    """
    return uint(len(body) + plus, width, name) + body
