"""From a stream's bytes, as the network cut them, to whole messages, as they were meant.

TCP delivers bytes, not messages: one ``recv`` may bring half a message or twenty. Decoding from the start again
for each piece would cost the square of a message's size. A feed does not: ``Incomplete(missing)`` says how many
bytes must come before another try can succeed, and until they have come nothing is tried. What has been read is
dropped from the front of the buffer, which moves a pointer, not the bytes.

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
        self._buffer = bytearray()
        self._reader = Reader(self._buffer)  # it stands where the next message begins
        self._needed = 1  # bytes that must be there before another try can succeed
        self._broken: WireError | None = None

    @property
    def held(self) -> int:
        """How many bytes have come of a message that is not whole. (Not 0 when the peer closes: it was cut off.)"""
        return len(self._buffer) - self._reader.at

    def feed(self, data: bytes | bytearray | memoryview) -> None:
        """Add ``data``, which the peer sent after all that it sent before. After an error it is not kept."""
        if self._reader.at:
            del self._buffer[: self._reader.at]
            self._reader = Reader(self._buffer)  # a new one, because the old one remembers places that have moved
        if self._broken is None:
            self._buffer += memoryview(data)

    def messages(self, decode: Callable[[Reader], Message]) -> Iterator[Message]:
        """Yield each message that is whole by now.

        ``decode`` may change between messages (leave the loop, then ask with another one), not within one.
        Raises the ``WireError`` that it raises, and from then on always the same: nobody knows where the next
        message would start. Raises ``ValueError`` if it read nothing, because it would do so for ever.
        """
        if self._broken:
            raise self._broken
        while self.held >= self._needed:
            start = self._reader.at
            message = self._try(decode)
            if message is None:
                return
            if self._reader.at == start:
                raise ValueError("a decoder must read at least one byte of each message")
            yield message[0]

    def drain(self) -> bytes:
        """Return what is held, and hold it no longer: after an upgrade it belongs to the next protocol."""
        rest = bytes(self._buffer[self._reader.at :])
        self._empty()
        return rest

    def _try(self, decode: Callable[[Reader], Message]) -> tuple[Message] | None:
        """Return the next message (in a tuple, for it may be None itself), or None and be back where it begins."""
        reader, start = self._reader, self._reader.at
        reader.start = start  # for fork: a message never points back into the one before it
        # It sees no further than the limit. So a message that is longer ends as Incomplete, whether it has come or not.
        reader.stop = min(len(self._buffer), start + self.limit)
        try:
            message = decode(reader)
        except Incomplete as more:
            self._needed = reader.stop - start + more.missing
            reader.at = start
        except WireError as error:
            self._break(error)
            raise
        else:
            self._needed = 1
            return (message,)
        if self._needed > self.limit:
            raise self._break(
                WireError(f"a message of at least {self._needed:,} bytes, where {self.limit:,} are allowed", self.rule)
            )
        return None

    def _break(self, error: WireError) -> WireError:
        """Remember and return what broke the stream, and keep nothing of what comes after it."""
        self._broken = error
        self._empty()
        return error

    def _empty(self) -> None:
        self._buffer.clear()
        self._reader, self._needed = Reader(self._buffer), 1
