"""A recorder that also knows where it looked last: there is what broke the rule.

Parsers refuse a field as soon as they have read it, or look ahead before they read. Either way the last look is at what
is wrong. Only the headers of ``netlab.packet`` are read whole and then judged; ``fields.GUILTY`` knows those.

>>> r = Watcher(bytes.fromhex("81 05"))
>>> r.uint(1, "FIN, RSV, opcode"), r.looked
(129, Looked(start=0, stop=1, name='FIN, RSV, opcode'))
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple, Self

from netlab.wire import Incomplete, Recorder, WireError


class Looked(NamedTuple):
    """Bytes ``start`` to ``stop`` were read, or looked at, as ``name``."""

    start: int
    stop: int
    name: str


class Watcher(Recorder):
    """A recorder with a memory of its last look. The readers that ``sub`` makes share it."""

    __slots__ = ("_last",)

    def __init__(self, data: bytes | bytearray | memoryview, rule: str = "", name: str = "message") -> None:
        super().__init__(data, rule, name)
        self._last = [Looked(0, 0, name)]

    @property
    def looked(self) -> Looked:
        """What was looked at last."""
        return self._last[0]

    def take(self, size: int, name: str, says: Callable[[bytes], int | bytes | str] | None = None) -> bytes:
        """Return the next bytes, and remember where they are."""
        begin = self.at
        chunk = super().take(size, name, says)
        self._look(begin, self.at, name)
        return chunk

    def uint(
        self,
        size: int,
        name: str,
        says: Callable[[int], int | str] | None = None,
        order: Literal["big", "little"] = "big",
    ) -> int:
        """Return the next bytes as a number, and remember where they are."""
        begin = self.at
        number = super().uint(size, name, says, order)
        self._look(begin, self.at, name)
        return number

    def peek(self, size: int, name: str) -> bytes:
        """Return the next bytes, stay before them, and remember them."""
        chunk = super().peek(size, name)
        self._look(self.at, self.at + size, name)
        return chunk

    def sub(self, size: int, name: str, rule: str) -> Self:
        """Return a watcher of the next bytes, which remembers for this one too."""
        inner = super().sub(size, name, rule)
        inner._last = self._last
        return inner

    def end(self) -> None:
        """Raise where a byte is left over: what is left is looked at then."""
        if self.rule and self.left:
            self._look(self.at, self.stop, self.name)
        super().end()

    def _look(self, start: int, stop: int, name: str) -> None:
        self._last[0] = Looked(start, stop, name)

    def _short(self, size: int, name: str) -> Incomplete | WireError:
        """Remember what there is of bytes that are not all there."""
        self._look(self.at, self.stop, name)
        return super()._short(size, name)
