"""Layouts: the fixed part of a header as a table, and what every header of this room is read and written with.

A layout names the fields in the order in which they travel, each with its size as ``struct`` writes it: B, H, I, Q are
numbers of 1, 2, 4, 8 bytes, and 6s is 6 bytes as they are.

>>> from netlab.wire import Reader, Recorder, annotate
>>> UDP = Layout("UDP", "H source port", "H destination port", "H length", "H checksum")
>>> octets = UDP.pack(5353, 53, 8, 0xFFFF)
>>> UDP.read(Reader(octets))
(5353, 53, 8, 65535)

A plain reader takes the header in one step, which is what makes it fast. A recorder takes field by field, and so has
a span for each:

>>> recorder = Recorder(octets)
>>> fields = UDP.read(recorder)
>>> print(annotate(octets, recorder.spans))
0000  14 e9                    UDP.source port       5353
0002  00 35                    UDP.destination port  53
0004  00 08                    UDP.length            8
0006  ff ff                    UDP.checksum          65535
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Any, Literal

from netlab.wire import Incomplete, Reader, WireError, uint

Order = Literal["big", "little"]
Said = Callable[[Any], int | bytes | str]
new = tuple.__new__  # new(IPv4, fields) is IPv4(*fields) in less than half the time, and a packet is three of these


class Layout:
    """The fields of a header called ``name``; ``says`` tells what a figure shows of some of them.

    ``size`` is how many bytes they take together.
    """

    def __init__(self, name: str, *fields: str, order: Order = "big", says: Mapping[str, Said] | None = None) -> None:
        self.name, self.order = name, order
        codes, _, self.names = zip(*(field.partition(" ") for field in fields), strict=True)
        self._struct = struct.Struct((">" if order == "big" else "<") + "".join(codes))
        self._unpack = self._struct.unpack_from
        self.size = self._struct.size
        self.sizes = [struct.calcsize(f">{code}") for code in codes]
        self._octets = [code.endswith("s") for code in codes]
        self._says = [(says or {}).get(field) for field in self.names]

    def read(self, r: Reader) -> tuple[Any, ...]:
        """Return the next header's fields. Raises as the reader does where they are not all there."""
        start, stop = r.at, r.at + self.size
        if stop > r.stop:
            raise short(r, self.size, self.name)
        if r.__class__ is Reader:
            r.at = stop
            return self._unpack(r.data, start)
        return tuple(map(self._field, [r] * len(self.names), self.names, self.sizes, self._octets, self._says))

    def _field(self, r: Reader, name: str, size: int, octets: bool, says: Said | None) -> int | bytes:
        if octets:
            return r.take(size, f"{self.name}.{name}", says)
        return r.uint(size, f"{self.name}.{name}", says, self.order)  # type: ignore[arg-type]

    def pack(self, *values: int | bytes) -> bytes:
        """Return the header's bytes. Raises ``ValueError``, with the field's name, for a value that does not fit."""
        for value, name, size, octets in zip(values, self.names, self.sizes, self._octets, strict=True):
            if octets and len(value) != size:  # type: ignore[arg-type] # struct would cut it, or fill it up
                raise ValueError(f"the {name} takes {size} bytes, not {len(value)}")  # type: ignore[arg-type]
        try:
            return self._struct.pack(*values)
        except struct.error:
            for value, name, size, octets in zip(values, self.names, self.sizes, self._octets, strict=True):
                if not octets:
                    uint(value, size, f"the {name}")  # type: ignore[arg-type] # the one that does not fit raises
            raise TypeError(f"{self.name} has fields of bytes, and {values!r:.90} are others") from None


def bits(value: int, width: int, name: str) -> int:
    """Return ``value``, which goes into ``width`` bits of a byte that it shares. Raises ``ValueError`` if it is more.

    >>> bits(2, 3, "flags") << 13 | bits(185, 13, "fragment offset")
    16569
    """
    if not 0 <= value < 1 << width:
        raise ValueError(f"{name} has {width} bits, which {value:,} does not fit")
    return value


def ends(r: Reader, stop: int, name: str, rule: str) -> None:
    """Let the reader end at ``stop``, because a length says so, and firmly: what is behind it is no part of ``name``.

    Where the capture was cut before that, its end stays open: the bytes that are missing were sent.
    """
    if stop <= r.stop:
        r.stop, r.name, r.rule = stop, name, rule


def short(r: Reader, size: int, name: str) -> Incomplete | WireError:
    """Return what is wrong with ``size`` bytes here, some of which are missing: what the reader says of them."""
    try:
        r.peek(size, name)
    except (Incomplete, WireError) as failure:
        return failure
    raise ValueError(f"{size} bytes of {name} are there")
