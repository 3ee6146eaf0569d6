"""A cursor over bytes that knows where it must stop, and its twin that remembers what it read.

A reader's end is *open* or *firm*. The end of what has come of a stream is open: more may follow, so reading past
it raises ``Incomplete``. The end that a length field sets is firm: nothing that follows can move it, so reading
past it raises ``WireError``, and so does leaving a byte of it unread. ``sub`` makes a reader with a firm end.

The option "IP address lease time" of DHCP is a code, a length, and 4 bytes of seconds (RFC 2132 §9.2):

>>> def lease(r):
...     code = r.uint(1, "code")
...     with r.sub(r.uint(1, "length"), "lease time", "RFC 2132 §9.2") as body:
...         return body.uint(4, "seconds")
>>> lease(Reader(bytes.fromhex("33 04 00015180")))
86400
>>> lease(Reader(bytes.fromhex("33 04 0001")))
Traceback (most recent call last):
    ...
netlab.wire.failures.Incomplete: at least 2 more bytes are needed
>>> lease(Reader(bytes.fromhex("33 02 00015180")))
Traceback (most recent call last):
    ...
netlab.wire.failures.WireError: seconds takes 4 bytes, but lease time has only 2 left (RFC 2132 §9.2)
>>> lease(Reader(bytes.fromhex("33 05 0001518000")))
Traceback (most recent call last):
    ...
netlab.wire.failures.WireError: lease time has 1 byte too many (RFC 2132 §9.2)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple, Self

from netlab.wire.failures import Incomplete, WireError


class Span(NamedTuple):
    """Bytes ``start`` to ``stop`` were read as ``name`` and meant ``value``.

    What is within something has its name first: "lease time.seconds".
    """

    start: int
    stop: int
    name: str
    value: int | bytes | str


class Reader:
    """A cursor ``at`` a byte of ``data``, which reads from ``start`` up to ``stop``.

    Without a ``rule`` its end is open. With one it is firm: the data is a whole datagram, say, and ``rule`` is
    what anyone breaks who reads past its end or leaves something over. ``name`` is what the bytes are.

    Every read names its field, for the errors and for the recording twin. ``says``, which only the twin
    calls, turns the value into what a figure should show (an address in dots, an opcode's name).

    Raises ``TypeError`` where ``data`` is not bytes, and everywhere ``ValueError`` for a negative size.
    """

    __slots__ = ("_sought", "at", "data", "name", "rule", "start", "stop")

    def __init__(self, data: bytes | bytearray | memoryview, rule: str = "", name: str = "message") -> None:
        self.data: bytes | bytearray = data if isinstance(data, (bytes, bytearray)) else bytes(memoryview(data))
        self.rule, self.name = rule, name
        self.start = self.at = 0
        self.stop = len(self.data)
        self._sought = (b"", 0, 0)

    @property
    def left(self) -> int:
        """How many bytes there are before the end. (Before an open end: as far as they have come.)"""
        return self.stop - self.at

    # take and uint repeat four lines instead of sharing them: a call more would make each field a fifth slower.

    def take(self, size: int, name: str, says: Callable[[bytes], int | bytes | str] | None = None) -> bytes:
        """Return the next ``size`` bytes."""
        start, stop = self.at, self.at + size
        if not start <= stop <= self.stop:  # start <= stop refuses negative sizes; a size of 2⁶³ costs no memory
            raise self._short(size, name)
        self.at = stop
        chunk = self.data[start:stop]
        return chunk if chunk.__class__ is bytes else bytes(chunk)

    def uint(
        self,
        size: int,
        name: str,
        says: Callable[[int], int | str] | None = None,
        order: Literal["big", "little"] = "big",
    ) -> int:
        """Return the next ``size`` bytes as an unsigned number, in network byte order unless told otherwise."""
        start, stop = self.at, self.at + size
        if not start <= stop <= self.stop:
            raise self._short(size, name)
        self.at = stop
        return self.data[start] if size == 1 else int.from_bytes(self.data[start:stop], order)

    def rest(self, name: str, says: Callable[[bytes], int | bytes | str] | None = None) -> bytes:
        """Return all that is left. Before an open end that is whatever came so far, so ask a firm reader."""
        return self.take(self.left, name, says)

    def peek(self, size: int, name: str) -> bytes:
        """Return the next ``size`` bytes and stay before them: how long a number of QUIC is, its first byte tells."""
        chunk = Reader.take(self, size, name)
        self.at -= size
        return chunk

    def until(self, mark: bytes) -> int:
        r"""Return how many bytes there are up to the end of the next ``mark``: ``r.take(r.until(b"\r\n"), "line")``.

        Where there is none, an open reader raises ``Incomplete`` with what is missing at least of the mark, a firm
        one ``WireError``. Asked again for the same mark from the same place, it goes on where it gave up. It remembers
        one place: who looks for several marks in one message finds the first ones anew with each piece of a stream, so
        look for the end of a head, not of each of its lines.
        """
        if not mark:
            raise ValueError("an empty mark is everywhere")
        what, where, searched = self._sought
        searched = searched if (what, where) == (mark, self.at) else self.at
        found = self.data.find(mark, searched, self.stop)
        if found >= 0:
            return found + len(mark) - self.at
        if self.rule:
            raise WireError(f"{mark!r} does not come before {self.name} ends", self.rule)
        # The last bytes may be the first of a mark, so they are looked at again, and are not missing.
        self._sought = mark, self.at, max(searched, self.stop - len(mark) + 1)
        begun = next(n for n in reversed(range(len(mark))) if self.data.endswith(mark[:n], self.at, self.stop))
        raise Incomplete(len(mark) - begun)

    def sub(self, size: int, name: str, rule: str) -> Self:
        """Return a reader of the next ``size`` bytes with a firm end, and move past them.

        All of them must be there: the first thing that a length tells is what to wait for. Used with ``with``, the
        reader ends there, and what it has not read breaks ``rule`` too.
        """
        start = self.at
        if not start <= start + size <= self.stop:
            raise self._short(size, name)
        self.at = start + size
        inner = type(self)(self.data, rule, name)
        inner.start, inner.at, inner.stop = start, start, start + size
        return inner

    def fork(self, offset: int) -> Reader:
        """Return a second reader of the same bytes, ``offset`` from their start: where a name of DNS points back to.

        It records nothing, because what it reads has been read before. Raises as ``take`` does past the end.
        """
        twin = Reader(self.data, self.rule, self.name)
        twin.start = twin.at = self.start
        twin.stop = self.stop
        if not 0 <= offset <= twin.left:
            raise twin._short(offset, "the offset")
        twin.at += offset
        return twin

    def restart(self) -> None:
        """Stand at the first byte again, and look anew: the bytes have moved, or are others."""
        self.start = self.at = 0
        self.stop = len(self.data)
        self._sought = (b"", 0, 0)

    def end(self) -> None:
        """Raise ``WireError`` if a byte is left over; ``ValueError`` if the end is open, where any may follow."""
        if not self.rule:
            raise ValueError(f"the end of {self.name} is open: only a reader with a rule can be at its end")
        if self.left:
            raise WireError(f"{self.name} has {_bytes(self.left)} too many", self.rule)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, failed: object, *_: object) -> None:
        if not failed:
            self.end()

    def _short(self, size: int, name: str) -> Incomplete | WireError:
        """Return what is wrong with reading ``size`` bytes here: they are not there yet, or never will be."""
        if size < 0:
            raise ValueError(f"the size of {name} must be 0 or more, not {size}")
        if not self.rule:
            return Incomplete(size - self.left)
        return WireError(f"{name} takes {_bytes(size)}, but {self.name} has only {self.left} left", self.rule)


class Recorder(Reader):
    """A reader that keeps, as ``spans``, what it read as what: in the order of reading, none of them empty.

    The readers that ``sub`` makes write into the same list and put their name before the field's, so the
    spans of a message are one flat list. What a failed decode had read until then stays readable.
    """

    __slots__ = ("_within", "spans")

    def __init__(self, data: bytes | bytearray | memoryview, rule: str = "", name: str = "message") -> None:
        super().__init__(data, rule, name)
        self.spans: list[Span] = []
        self._within = ""

    def take(self, size: int, name: str, says: Callable[[bytes], int | bytes | str] | None = None) -> bytes:
        """Return the next ``size`` bytes, and keep their span."""
        chunk = super().take(size, name)
        self._keep(size, name, says(chunk) if says else chunk)
        return chunk

    def uint(
        self,
        size: int,
        name: str,
        says: Callable[[int], int | str] | None = None,
        order: Literal["big", "little"] = "big",
    ) -> int:
        """Return the next ``size`` bytes as a number, and keep their span."""
        number = super().uint(size, name, None, order)
        self._keep(size, name, says(number) if says else number)
        return number

    def sub(self, size: int, name: str, rule: str) -> Self:
        """Return a recorder of the next ``size`` bytes that writes into this one's ``spans``."""
        inner = super().sub(size, name, rule)
        inner.spans, inner._within = self.spans, f"{self._within}{name}."
        return inner

    def _keep(self, size: int, name: str, value: int | bytes | str) -> None:
        if size:
            self.spans.append(Span(self.at - size, self.at, self._within + name, value))


def _bytes(count: int) -> str:
    return f"{count:,} byte" + ("s" if count != 1 else "")
