"""Frames: the one format in which everything travels once the handshake is over, RFC 6455 §5.2.

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    +-+-+-+-+-------+-+-------------+-------------------------------+
    |F|R|R|R| opcode|M|   length    |   0, 2 or 8 bytes of length   |
    |I|S|S|S|  (4)  |A|    (7)      |  (length = 126: 2, 127: 8)    |
    |N|V|V|V|       |S|             |                               |
    | |1|2|3|       |K|             |                               |
    +-+-+-+-+-------+-+-------------+-------------------------------+
    |  0 or 4 bytes of masking key  |  payload                      |
    +-------------------------------+-------------------------------+

>>> encode(Frame(TEXT, b"Hello")).hex(" ")                          # §5.7
'81 05 48 65 6c 6c 6f'
>>> decode(Reader(bytes.fromhex("818537fa213d7f9f4d5158")), masked=True)
Frame(opcode=<Opcode.TEXT: 1>, payload=b'Hello', fin=True, rsv1=False)

A frame that breaks a rule is refused as soon as the byte is there that breaks it: here the second, for a server
never masks. What would come after it need not come.

>>> decode(Reader(bytes.fromhex("8185")), masked=False)
Traceback (most recent call last):
    ...
netlab.web.websocket.codes.Failed: a server does not mask, and this frame is masked (RFC 6455 §5.1)
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from functools import partial
from typing import NamedTuple

from netlab.web.websocket.codes import CloseCode, Failed
from netlab.web.websocket.masking import mask, xor
from netlab.wire import Feed, Incomplete, Reader, uint

MOST_CONTROL = 125  # bytes of payload that a control frame may carry (§5.5)
MOST_HEAD = 14  # bytes before the payload: 2, then 8 of length, then 4 of masking key
MOST = (1 << 63) - 1  # bytes of payload that the format can name: of 64 bits the first must be 0 (§5.2)


class Opcode(IntEnum):
    """What a frame is: RFC 6455 §11.8. From 8 on they are control frames, about the connection and not of it."""

    CONTINUATION = 0x0
    TEXT = 0x1
    BINARY = 0x2
    CLOSE = 0x8
    PING = 0x9
    PONG = 0xA


CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = Opcode


class Frame(NamedTuple):
    """One frame, unmasked: the mask is how a frame travels, not what it says."""

    opcode: Opcode
    payload: bytes = b""
    fin: bool = True
    """It is the last of its message."""
    rsv1: bool = False
    """It begins a compressed message, where compression was agreed (RFC 7692 §6)."""


# ------------------------------------------------------------------------------------------------------------- encode


def encode(frame: Frame, key: bytes = b"") -> bytes:
    """Return the frame's bytes; a client masks them with ``key``, 4 bytes that nobody could foresee (RFC 6455 §5.3).

    The length is written in as few bytes as it needs. Raises ``ValueError`` for a frame that may not be sent.
    """
    opcode, payload, fin, rsv1 = frame
    size = len(payload)
    if opcode >= CLOSE and (size > MOST_CONTROL or rsv1 or not fin):
        raise ValueError(f"a {opcode.name} is whole, plain, and of at most {MOST_CONTROL} bytes: {frame!r:.90}")
    if len(key) not in (0, 4):
        raise ValueError(f"a masking key has 4 bytes, not {len(key)}")
    first, masked = fin << 7 | rsv1 << 6 | opcode, 0x80 if key else 0
    if size <= 125:
        head = bytes((first, masked | size))
    elif size < 1 << 16:
        head = bytes((first, masked | 126)) + uint(size, 2)
    else:
        head = bytes((first, masked | 127)) + uint(size, 8)
    return head + key + xor(payload, key) if key else head + payload


# ------------------------------------------------------------------------------------------------------------- decode


def decode(r: Reader, *, masked: bool, compressed: bool = False, most: int = MOST) -> Frame:
    """Read one frame.

    ``masked`` is what we must insist on: a server, true; a client, false (§5.1). ``compressed`` allows RSV1. A frame
    that declares more than ``most`` bytes of payload is refused before they come, with the code 1009.
    """
    (opcode, fin, rsv1), size = _head(r, masked, COMPRESSED if compressed else PLAIN, most)
    if not masked:
        return Frame(opcode, r.take(size, "payload"), fin, rsv1)
    key = r.take(4, "masking key")
    payload = r.take(size, "payload", lambda octets: mask(octets, key))
    return Frame(opcode, bytes(xor(payload, key)), fin, rsv1)


Meaning = tuple[Opcode, bool, bool]  # opcode, FIN, RSV1


def _legal(rsv1: bool) -> dict[int, Meaning]:
    """Return what each first byte means that a frame may have: of 256, nine; with RSV1 on new messages, thirteen."""
    meanings: dict[int, Meaning] = {0x80 | opcode: (opcode, True, False) for opcode in Opcode}
    meanings |= {int(opcode): (opcode, False, False) for opcode in (CONTINUATION, TEXT, BINARY)}
    if rsv1:
        meanings |= {0x40 | first: (op, fin, True) for first, (op, fin, _) in meanings.items() if op in (TEXT, BINARY)}
    return meanings


PLAIN, COMPRESSED = _legal(rsv1=False), _legal(rsv1=True)


def _head(r: Reader, masked: bool, legal: dict[int, Meaning], most: int) -> tuple[Meaning, int]:
    """Read a frame's head up to the masking key; return what its first byte means, and how long the payload is."""
    first = r.uint(1, "FIN, RSV, opcode")
    meaning = legal.get(first)
    if meaning is None:
        raise _illegal(first)
    second = r.uint(1, "MASK, length")
    if second >> 7 != masked:
        raise Failed(UNMASKED if masked else MASKED, "RFC 6455 §5.1")
    size = second & 0x7F
    if size > 125:
        size = _longer(r, size, meaning[0])
    if size > most and meaning[0] < CLOSE:  # a limit of messages: control frames are short anyway
        raise Failed(f"{size:,} bytes where we take {most:,}", "RFC 6455 §10.4", CloseCode.MESSAGE_TOO_BIG)
    return meaning, size


UNMASKED = "a client masks what it sends, and this frame is not masked"
MASKED = "a server does not mask, and this frame is masked"


def _illegal(first: int) -> Failed:
    """Return what is wrong with a frame whose first byte is not legal."""
    opcode = first & 0x0F
    if opcode not in set(Opcode):
        return Failed(f"the opcode {opcode:#x} is reserved", "RFC 6455 §5.2")
    if first & 0x70:
        bits = ", ".join(f"RSV{n}" for n, bit in enumerate((0x40, 0x20, 0x10), 1) if first & bit)
        return Failed(f"nothing was agreed that gives a meaning to {bits} of a {Opcode(opcode).name}", "RFC 6455 §5.2")
    return Failed(f"a {Opcode(opcode).name} comes in one piece", "RFC 6455 §5.5")


def _longer(r: Reader, size: int, opcode: Opcode) -> int:
    """Read the length of a payload beyond 125 bytes, which takes 2 bytes more, or 8."""
    if opcode >= CLOSE:
        raise Failed(f"a {opcode.name} carries at most {MOST_CONTROL} bytes", "RFC 6455 §5.5")
    width, least = (2, 126) if size == 126 else (8, 1 << 16)
    size = r.uint(width, "extended length")
    if size < least:  # "the minimal number of bytes MUST be used"
        raise Failed(f"the length {size:,} does not need {width} bytes", "RFC 6455 §5.2")
    if size > MOST:
        raise Failed(f"the length {size:,} has its first bit set", "RFC 6455 §5.2")
    return size


# ------------------------------------------------------------------------------------------------------------- stream


class _Rest(NamedTuple):
    """What is to come of a data frame: its FIN, its payload's bytes, and the key, turned so that it fits the next."""

    fin: bool
    size: int
    key: bytes


class Frames:
    """A stream's bytes into frames, however the network cut them.

    >>> frames = Frames(masked=False)
    >>> [list(frames.feed(bytes([octet]))) for octet in bytes.fromhex("890130")]
    [[], [], [Frame(opcode=<Opcode.PING: 9>, payload=b'0', fin=True, rsv1=False)]]

    With ``whole=False`` nobody waits for the end of a long data frame. What has come of it is handed on as if its
    sender had cut it there: fragments mean nothing by themselves (§5.4). Control frames are always whole.
    """

    def __init__(self, *, masked: bool, compressed: bool = False, most: int = 1 << 20, whole: bool = True) -> None:
        self.masked, self.compressed, self.most = masked, compressed, most
        self._feed = Feed(max(most, MOST_CONTROL) + MOST_HEAD)
        self._whole = partial(decode, masked=masked, compressed=compressed, most=most)
        self._decode = self._whole if whole else self._next
        self._rest: _Rest | None = None  # what is to come of a frame whose beginning was handed on

    @property
    def held(self) -> int:
        """How many bytes have come of a frame that is not whole, and were not handed on."""
        return self._feed.held

    @property
    def partial(self) -> bool:
        """Whether the frame that was handed on last was a part, and the rest of it is still to come."""
        return self._rest is not None

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Take ``data`` and yield each frame that is there by now. Raises ``Failed``, now and from then on."""
        self._feed.feed(data)
        return self._feed.messages(self._decode)

    def _next(self, r: Reader) -> Frame:
        """Read a frame, or what has come of one."""
        if self._rest:
            return self._part(r, CONTINUATION, False, self._rest)
        try:
            return self._whole(r)
        except Incomplete:
            r.at = r.start
        (opcode, fin, rsv1), size = _head(r, self.masked, COMPRESSED if self.compressed else PLAIN, self.most)
        key = r.take(4, "masking key") if self.masked else b""
        if opcode >= CLOSE:
            raise Incomplete(size - r.left)
        return self._part(r, opcode, rsv1, _Rest(fin, size, key))

    def _part(self, r: Reader, opcode: Opcode, rsv1: bool, rest: _Rest) -> Frame:
        """Return what has come of a data frame: its last part, or one that ends within it."""
        if not r.left:
            raise Incomplete(1)
        octets = r.take(min(rest.size, r.left), "payload")
        left, turn = rest.size - len(octets), len(octets) % 4
        self._rest = _Rest(rest.fin, left, rest.key[turn:] + rest.key[:turn]) if left else None
        return Frame(opcode, mask(octets, rest.key) if rest.key else octets, rest.fin and not left, rsv1)
