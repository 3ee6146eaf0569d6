"""Messages: what frames add up to, RFC 6455 §5.4, §5.6, §8.1.

A message may come in several frames, of which the last has FIN and only the first says whether it is text. Between
them control frames may stand, other messages may not.

>>> messages = Messages()
>>> messages.add(Frame(TEXT, b"Hel", fin=False))
>>> messages.add(Frame(CONTINUATION, b"lo"))
Message(data='Hello')

Text is UTF-8. That holds for the message, not for each frame: a character may be cut between two. But as soon as no
byte that follows could make it right, the message is refused, though its end has not come.

>>> messages.add(Frame(TEXT, b"\\xe2\\x82", fin=False))               # two bytes of three: it may become a €
>>> messages.add(Frame(CONTINUATION, b"x", fin=False))
Traceback (most recent call last):
    ...
netlab.web.websocket.codes.Failed: no text in UTF-8 goes on with these bytes (RFC 6455 §8.1)
"""

from __future__ import annotations

from codecs import getincrementaldecoder
from typing import NamedTuple

from netlab.web.websocket.codes import CloseCode, Failed
from netlab.web.websocket.deflate import Inflater
from netlab.web.websocket.frames import CONTINUATION, TEXT, Frame

MOST = 1 << 20  # bytes of a message, inflated, unless told otherwise


class Message(NamedTuple):
    """What the peer's application sent: text, or bytes."""

    data: str | bytes


class Messages:
    """Frames in, messages out. ``inflater`` undoes the compression, where one was agreed (RFC 7692).

    A message may have ``most`` bytes. More is refused with the code 1009 as soon as they are there, not at its end.
    """

    def __init__(self, most: int = MOST, inflater: Inflater | None = None) -> None:
        self.most, self.inflater = most, inflater
        self._begun: Frame | None = None  # the first frame of the message that is not whole yet
        self._octets = bytearray()
        self._utf8 = Utf8()

    def add(self, frame: Frame) -> Message | None:
        """Add a data frame, and return the message if it was the last of one. Raises ``Failed``."""
        first = self._begun or frame
        if self._begun and frame.opcode != CONTINUATION:
            raise Failed(f"a {frame.opcode.name} begins before the last message has ended", "RFC 6455 §5.4")
        if not self._begun and frame.opcode == CONTINUATION:
            raise Failed("there is no message that could be continued", "RFC 6455 §5.4")
        octets, room = frame.payload, self.most - len(self._octets)
        if first.rsv1 and self.inflater:
            octets = self.inflater.inflate(octets, room, frame.fin)
        if len(octets) > room:
            raise Failed(f"a message of more than {self.most:,} bytes", "RFC 6455 §10.4", CloseCode.MESSAGE_TOO_BIG)
        if first.opcode == TEXT:
            self._utf8.check(octets, frame.fin)
        if not frame.fin:
            self._begun = first
            self._octets += octets
            return None
        whole = bytes(self._octets + octets) if self._begun else octets
        self._begun = None
        self._octets.clear()
        return Message(whole.decode() if first.opcode == TEXT else whole)


class Utf8:
    """Whether bytes, as they come, can still become text in UTF-8 (RFC 3629)."""

    def __init__(self) -> None:
        self._decoder = getincrementaldecoder("utf-8")()

    def check(self, octets: bytes, final: bool) -> None:
        """Go on with ``bytes``. Raises ``Failed`` if no text goes on like this, or ends like this."""
        try:
            self._decoder.decode(octets, final)
        except UnicodeDecodeError:
            raise _invalid("ends" if final else "goes on") from None
        begun, _ = self._decoder.getstate()
        if begun and not _can_end(begun):
            raise _invalid("goes on")


def _can_end(begun: bytes) -> bool:
    """Return whether some bytes make a whole character of the ``begun`` one.

    Python's decoder waits for the third byte before it refuses ed a0, half of a surrogate pair. What may follow a
    first byte is a range that reaches down to 80 or up to bf, and after that anything from 80 to bf (RFC 3629 §4):
    so it is enough to try the lowest and the highest.
    """
    for filler in (b"\x80", b"\xbf"):
        for more in (1, 2, 3):
            try:
                (begun + filler * more).decode()
            except UnicodeDecodeError:
                continue
            return True
    return False


def _invalid(how: str) -> Failed:
    return Failed(f"no text in UTF-8 {how} with these bytes", "RFC 6455 §8.1", CloseCode.INVALID_PAYLOAD)
