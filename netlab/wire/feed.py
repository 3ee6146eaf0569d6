"""From a stream's bytes, as the network cut them, to whole messages, as they were meant.

TCP delivers bytes, not messages: one ``recv`` may bring half a message or twenty. Decoding from the start again
for each piece would cost the square of a message's size. A feed does not: ``Incomplete(missing)`` says how many
bytes must come before another try can succeed, and until they have come nothing is tried. A piece that holds whole
messages is read where it lies; only what waits for more is gathered in a buffer, from whose front, once it has been
read, it is dropped by moving a pointer, not the bytes.

>>> from netlab.wire import Reader
>>> def line(r: Reader) -> bytes:
...     return r.take(r.until(b"\\r\\n"), "line")
>>> feed = Feed(limit=80)
>>> feed.feed(b"EHLO a\\r\\nMAIL FR")
>>> list(feed.messages(line)), feed.held
([b'EHLO a\\r\\n'], 7)
>>> feed.feed(b"OM:<b@c>\\r\\n")
>>> list(feed.messages(line)), feed.held
([b'MAIL FROM:<b@c>\\r\\n'], 0)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from netlab.wire.failures import Incomplete, WireError
from netlab.wire.reader import Reader

Message = TypeVar("Message")


class Feed:
    """A buffer: ``feed`` bytes in, iterate over ``messages`` out.

    No message may be longer than ``limit`` bytes. One that would be is refused as soon as that is known, which
    for a declared length is before its bytes have come: it breaks ``rule``. So a feed whose messages are taken
    out holds at most ``limit`` bytes and the piece that was fed last.
    """

    def __init__(self, limit: int, rule: str = "a limit of our own") -> None:
        if limit < 1:
            raise ValueError(f"a message of at most {limit} bytes says nothing")
        self.limit, self.rule = limit, rule
        self._reader = Reader(b"")  # it stands where the next message begins
        self._needed = 1  # bytes that must be there before another try can succeed
        self._broken: WireError | None = None

    @property
    def held(self) -> int:
        """How many bytes have come of a message that is not whole. (Not 0 when the peer closes: it was cut off.)"""
        return len(self._reader.data) - self._reader.at

    def feed(self, data: bytes | bytearray | memoryview) -> None:
        """Add ``data``, which the peer sent after all that it sent before. After an error it is not kept."""
        reader, at = self._reader, self._reader.at
        if self._broken:
            return
        if at == len(reader.data):
            reader.data = data if isinstance(data, bytes) else bytes(memoryview(data))
        elif isinstance(reader.data, bytearray):
            del reader.data[:at]
            reader.data += memoryview(data)
        else:
            reader.data = bytearray(reader.data[at:]) + memoryview(data)
        if at:
            reader.restart()

    def messages(self, decode: Callable[[Reader], Message]) -> Iterator[Message]:
        """Yield each message that is whole by now.

        ``decode`` may change between messages (leave the loop, then ask with another one), not within one.
        Raises the ``WireError`` that it raises, and from then on always the same: nobody knows where the next
        message would start. Raises ``ValueError`` if it read nothing, because it would do so for ever.
        """
        if self._broken:
            raise self._broken
        reader = self._reader
        while len(reader.data) - reader.at >= self._needed:
            start = reader.start = reader.at  # for fork: a message never points back into the one before it
            # It sees no further than the limit: a longer message ends as Incomplete, whether it has come or not.
            end, most = len(reader.data), start + self.limit
            reader.stop = end if end < most else most  # min() would be a tenth of a short message's time
            try:
                message = decode(reader)
            except Incomplete as more:
                self._wait(reader.stop - start + more.missing)
                return
            except WireError as error:
                self._break(error)
                raise
            if reader.at == start:
                raise ValueError("a decoder must read at least one byte of each message")
            self._needed = 1
            yield message

    def drain(self) -> bytes:
        """Return what is held, and hold it no longer: after an upgrade it belongs to the next protocol."""
        rest = bytes(self._reader.data[self._reader.at :])
        self._empty()
        return rest

    def _wait(self, needed: int) -> None:
        """Go back to where the message begins, and try again when its ``needed`` bytes, or more, are there."""
        self._needed, self._reader.at = needed, self._reader.start
        if needed > self.limit:
            size = f"a message of at least {needed:,} bytes, where {self.limit:,} are allowed"
            raise self._break(WireError(size, self.rule))

    def _break(self, error: WireError) -> WireError:
        """Remember and return what broke the stream, and keep nothing of what comes after it."""
        self._broken = error
        self._empty()
        return error

    def _empty(self) -> None:
        self._reader.data = b""
        self._reader.restart()
        self._needed = 1
