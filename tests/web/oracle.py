"""Ours and wsproto on the same bytes, and the named reasons for which they may differ.

What each makes of a wire is a history: messages, pings and pongs, and how it ended. The bytes come from conversations
that are legal, and then are damaged. Where two histories differ, one of ``RULES`` must say from which byte on they may
do so; up to there they must be the same.
"""

import zlib
from collections.abc import Callable, Iterator
from itertools import pairwise
from random import Random
from typing import NamedTuple

from wsproto.extensions import PerMessageDeflate
from wsproto.frame_protocol import FrameProtocol, Opcode, ParseFailed

from netlab.web.websocket.codes import CloseCode, Failed
from netlab.web.websocket.connection import Connection
from netlab.web.websocket.deflate import Deflate
from netlab.web.websocket.events import Closed, Message, Ping, Pong
from netlab.web.websocket.limits import Limits
from tests.web.conformance import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, F

MOST = 1 << 16  # bytes of a message
LIMITS = Limits(message=MOST)
DICE = Random(6455)
OPEN, REFUSED, CLOSED = "open", "refused", "closed"

Pieces = list[bytes]
History = list[tuple[object, ...]]
"""What came, ("text", data) and the like, and last how it ended: (OPEN,), (CLOSED, code, reason), (REFUSED, code)."""


class Setting(NamedTuple):
    """Who listens, and what was agreed on."""

    client: bool
    deflate: Deflate | None = None


# ------------------------------------------------------------------------------------------------------- the two ends


def ours(setting: Setting, pieces: Pieces) -> History:
    """Return what our end makes of a stream."""
    connection = Connection(client=setting.client, dice=DICE, deflate=setting.deflate, limits=LIMITS)
    history: History = []
    for piece in pieces:
        for event in connection.events(piece):
            kind = type(event)
            if kind is Message:
                history.append(("text" if isinstance(event.data, str) else "bytes", event.data))
            elif kind is Ping:
                history.append(("ping", event.payload))
            elif kind is Pong:
                history.append(("pong", event.payload))
            elif kind is Closed:
                error = connection.error
                if error is None:
                    history.append((CLOSED, event.code, event.reason))
                else:
                    assert isinstance(error, Failed)
                    history.append((REFUSED, int(error.code)))
                return history
    history.append((OPEN,))
    return history


def theirs(setting: Setting, pieces: Pieces) -> History:
    """Return what wsproto makes of a stream."""
    return played(setting, pieces)[0]


def played(setting: Setting, pieces: Pieces) -> tuple[History, FrameProtocol]:
    """Return what wsproto makes of a stream, and the state that it is in."""
    proto = FrameProtocol(setting.client, [extension(setting.deflate)] if setting.deflate else [])
    history: History = []
    parts: list[str | bytes] = []
    try:
        for piece in pieces:
            proto.receive_bytes(piece)
            for frame in proto.received_frames():
                opcode, payload = frame.opcode, frame.payload
                if opcode is Opcode.TEXT or opcode is Opcode.BINARY:
                    parts.append(payload)
                    if frame.message_finished:
                        text = opcode is Opcode.TEXT
                        history.append(("text", "".join(parts)) if text else ("bytes", b"".join(parts)))
                        parts.clear()
                elif opcode is Opcode.CLOSE:
                    history.append((CLOSED, int(payload[0]), payload[1]))
                    return history, proto
                else:
                    history.append(("ping" if opcode is Opcode.PING else "pong", bytes(payload)))
    except ParseFailed as refusal:
        history.append((REFUSED, int(refusal.code)))
        return history, proto
    history.append((OPEN,))
    return history, proto


def extension(deflate: Deflate) -> PerMessageDeflate:
    """Return wsproto's extension, as it is once the handshake is over."""
    made = PerMessageDeflate(
        deflate.client_no_context_takeover,
        deflate.client_max_window_bits,
        deflate.server_no_context_takeover,
        deflate.server_max_window_bits,
    )
    made._enabled = True
    return made


# ------------------------------------------------------------------------------------------------ hostile conversations


def conversations(dice: Random, setting: Setting, count: int = 300) -> list[list[bytes]]:
    """Return legal conversations, as lists of frames as they travel to this end."""
    return [[frame.wire(not setting.client) for frame in talk(dice, setting)] for _ in range(count)]


def talk(dice: Random, setting: Setting) -> Iterator[F]:
    """Yield the frames of a legal conversation: messages in pieces, pings between them, often a close at the end."""
    squeezer = Squeezer(setting)
    for _ in range(dice.randrange(1, 4)):
        if dice.random() < 0.3:
            yield keyed(dice, F(dice.choice((PING, PONG)), dice.randbytes(dice.choice((0, 2, 5, 125)))))
        else:
            yield from message(dice, squeezer)
    if dice.random() < 0.4:
        code = dice.choice((1000, 1001, 1002, 1003, *range(1007, 1015), 3000, 4999, 999, 1004, 1005, 2999, 5000))
        payload = code.to_bytes(2) + dice.choice((b"", b"bye", "€".encode(), b"\xed\xa0\x80"))
        yield keyed(dice, F(CLOSE, b"" if dice.random() < 0.2 else payload))


WORDS = ("a", "Hello ", "é", "€", "😀", "\ud7ff", "\uffff")  # one bit beside \ud7ff begin the surrogates


def message(dice: Random, squeezer: "Squeezer") -> Iterator[F]:
    """Yield the frames of a message."""
    if dice.random() < 0.6:
        text = "".join(
            dice.choice(("a", "Hello ", "é", "€", "😀", "\ud7ff", "\uffff")) for _ in range(dice.randrange(7))
        )
        opcode, payload = TEXT, text.encode()
    else:
        opcode, payload = BINARY, dice.randbytes(dice.choice((0, 1, 4, 9, 126, 130)))
    rsv = 0
    if squeezer.agreed and dice.random() < 0.8:
        rsv, payload = 4, squeezer.squeeze(payload)
    cuts = sorted(dice.randrange(len(payload) + 1) for _ in range(dice.choice((0, 0, 0, 1, 1, 2))))
    parts = [payload[start:stop] for start, stop in pairwise((0, *cuts, len(payload)))]
    for n, part in enumerate(parts):
        yield keyed(dice, F(CONTINUATION if n else opcode, part, n == len(parts) - 1, 0 if n else rsv))
        if n < len(parts) - 1 and dice.random() < 0.2:
            yield keyed(dice, F(PING, b"?"))


def keyed(dice: Random, frame: F) -> F:
    return frame._replace(key=dice.randbytes(4), fin=int(frame.fin))


class Squeezer:
    """Compresses messages as the peer of a setting may do it."""

    def __init__(self, setting: Setting) -> None:
        self.agreed = setting.deflate
        self.bits, self.alone = 15, False
        if self.agreed and setting.client:
            self.bits, self.alone = self.agreed.server_max_window_bits, self.agreed.server_no_context_takeover
        elif self.agreed:
            self.bits, self.alone = self.agreed.client_max_window_bits, self.agreed.client_no_context_takeover
        self._z = zlib.compressobj(wbits=-self.bits)

    def squeeze(self, data: bytes) -> bytes:
        """Return the payload of one message."""
        octets = self._z.compress(data) + self._z.flush(zlib.Z_SYNC_FLUSH)
        if self.alone:
            self._z = zlib.compressobj(wbits=-self.bits)
        return octets[:-4]


def damaged(dice: Random, frames: list[bytes]) -> bytes:
    """Return a conversation with something wrong in it: now and then nothing, now and then nothing right."""
    kind = dice.random()
    if kind < 0.05:
        return dice.randbytes(dice.randrange(1, 30))
    frames = list(frames)
    if kind < 0.15:
        dice.shuffle(frames)
    elif kind < 0.20:
        del frames[dice.randrange(len(frames))]
    elif kind < 0.25:
        frames.insert(dice.randrange(len(frames) + 1), dice.choice(frames))
    elif kind < 0.55:  # one frame's head: its first byte, or its length
        n, at = dice.randrange(len(frames)), dice.randrange(2)
        head = bytearray(frames[n])
        head[at] ^= 1 << dice.randrange(8)
        if dice.random() < 0.2:
            head[at] = dice.randrange(256)
        frames[n] = bytes(head)
    wire = bytearray(b"".join(frames))
    if kind >= 0.55:
        for _ in range(dice.randrange(1, 3)):
            at = dice.randrange(len(wire) + 1)
            how = dice.random()
            if how < 0.4 and at < len(wire):
                wire[at] ^= 1 << dice.randrange(8)
            elif how < 0.6:
                del wire[at : at + dice.randrange(1, 4)]
            elif how < 0.8:
                wire[at:at] = dice.randbytes(dice.randrange(1, 4))
            else:
                del wire[at:]
    return bytes(wire)


def cut(dice: Random, wire: bytes) -> Pieces:
    """Return a wire in one to four pieces, none of them empty."""
    cuts = sorted({dice.randrange(len(wire) + 1) for _ in range(dice.randrange(4))} - {0, len(wire)})
    return [wire[start:stop] for start, stop in pairwise((0, *cuts, len(wire)))] if wire else []


# ------------------------------------------------------------------------------------------------------------ the rules


class Seen(NamedTuple):
    """A frame in a wire, legal or not: where it is, its head, and what has come of its payload."""

    at: int
    first: int
    second: int
    size: int
    payload_at: int
    payload: bytes

    @property
    def opcode(self) -> int:
        return self.first & 0x0F

    @property
    def final(self) -> bool:
        """It is whole, and the last of its message."""
        return self.first >= 0x80 and len(self.payload) == self.size


def walk(wire: bytes) -> Iterator[Seen]:
    """Yield the frames of a wire whose length is there, each where the one before it ends by its length."""
    at = 0
    while at + 2 <= len(wire):
        first, second = wire[at], wire[at + 1]
        width, size, key = {126: 2, 127: 8}.get(second & 0x7F, 0), second & 0x7F, b""
        start = at + 2 + width
        if start > len(wire):
            return
        if width:
            size = int.from_bytes(wire[at + 2 : start])
        if second & 0x80:
            key = wire[start : start + 4]
            start += 4
        body = wire[start : start + size]
        if key:
            body = bytes(octet ^ key[n % 4] for n, octet in enumerate(body))
        yield Seen(at, first, second, size, start, body)
        at = start + size


class Part(NamedTuple):
    """A frame of a message, what it stands for once it is inflated, and how it stands to the frames before it."""

    seen: Seen
    begins: bool
    compressed: bool
    """By RSV1 of the message's first frame."""
    after_control: bool
    """Between it and the data frame before it there was a control frame."""
    data: bytes
    ended: bool
    """In it the compressed stream has ended, by a block that says that it is the last."""
    cut: bool
    """With it the message ends, but within a block."""


TAIL, LAST = bytes.fromhex("0000ffff"), bytes.fromhex("010000ffff")


def ends_a_block(stream: "zlib._Decompress") -> bool:
    """Return whether a block may begin where a compressed message ends: then what is appended to it reads as two."""
    try:
        stream.decompress(TAIL + LAST)
    except zlib.error:
        return False
    return stream.eof and not stream.unused_data


def parts(setting: Setting, wire: bytes) -> Iterator[Part]:
    """Yield the frames of messages, each inflated, up to the first that cannot be."""
    squeezer = Squeezer(setting)
    stream = zlib.decompressobj(-squeezer.bits)
    compressed = after_control = False
    for seen in walk(wire):
        if seen.opcode >= CLOSE:
            after_control = True
            continue
        begins = seen.opcode != CONTINUATION
        if begins:
            compressed = setting.deflate is not None and seen.first & 0x40 != 0
        data, ended, cut, broken = seen.payload, False, False, False
        if compressed:
            try:
                data = stream.decompress(seen.payload)
                ended = stream.eof
                if seen.final and not ended:
                    cut = not ends_a_block(stream.copy())
                    data += stream.decompress(TAIL)
            except zlib.error:
                data, broken = b"", True
        yield Part(seen, begins, compressed, after_control, data, ended, cut)
        if broken:
            return
        if seen.final and squeezer.alone:
            stream = zlib.decompressobj(-squeezer.bits)
        after_control = False


Rule = Callable[[Setting, bytes], int | None]
"""From which byte of a wire on the two may differ, or None."""


def explained(setting: Setting, wire: bytes) -> str:
    """Return the name of the rule that explains why the two differ on ``wire``, or "" if none does."""
    for rule in RULES:
        at = rule(setting, wire)
        if at is not None:
            before = [wire[:at]] if at else []
            if ours(setting, before) == theirs(setting, before):
                return rule.__name__
    return ""


def waits_for_the_head(setting: Setting, wire: bytes) -> int | None:
    """wsproto judges a head when it is whole, we the byte that is wrong: so it must refuse it, with the same code."""
    judged = ours(setting, [wire])
    if judged[-1] != (REFUSED, CloseCode.PROTOCOL_ERROR) or theirs(setting, [wire])[-1] != (OPEN,):
        return None
    seen = list(walk(wire))
    at = seen[-1].payload_at + seen[-1].size if seen else 0
    if not 0 < len(wire) - at < 10:
        return None
    head = wire[at:]
    head += bytes([0 if setting.client else 0x80]) if len(head) == 1 else b""
    rest = {126: bytes.fromhex("0100"), 127: bytes.fromhex("0000000000010000")}.get(head[1] & 0x7F, b"")
    whole = wire[:at] + head + rest[len(head) - 2 :] + bytes(4)
    return at if theirs(setting, [whole]) == judged else None


def does_not_know_1014(_: Setting, wire: bytes) -> int | None:
    """1014 was registered after the RFC; wsproto's list ends with 1013, and it refuses what is not in it."""
    for seen in walk(wire):
        if seen.opcode == CLOSE and seen.payload[:2] == CloseCode.BAD_GATEWAY.to_bytes(2):
            return seen.at
    return None


def has_no_limit(setting: Setting, wire: bytes) -> int | None:
    """wsproto leaves it to the application to stop a message that is too large."""
    for seen in walk(wire):
        if seen.size > MOST and seen.opcode < CLOSE:
            return seen.at
    size = 0
    for part in parts(setting, wire):
        size = len(part.data) + (0 if part.begins else size)
        if size > MOST:
            return part.seen.at
    return None


def lets_half_a_pair_wait(setting: Setting, wire: bytes) -> int | None:
    """Python's decoder of UTF-8 waits for the third byte of ed a0 to ed bf, though none can make it a character."""
    text, last = False, b""
    for part in parts(setting, wire):
        if part.begins:
            text, last = part.seen.opcode == TEXT, b""
        whole = last + part.data
        for at in range(len(whole) - 1):
            if text and whole[at] == 0xED and 0xA0 <= whole[at + 1] <= 0xBF:
                return part.seen.at if part.compressed else part.seen.payload_at + at + 1 - len(last)
        last = whole[-1:]
    return None


def forgets_that_it_is_compressed(setting: Setting, wire: bytes) -> int | None:
    """After a control frame within a compressed message wsproto takes the rest of it for plain."""
    for part in parts(setting, wire):
        if part.compressed and part.after_control and not part.begins:
            return part.seen.at
    return None


def inflates_before_it_looks(setting: Setting, wire: bytes) -> int | None:
    """wsproto inflates what begins within another message before it sees that it may not begin there.

    It does so where the other message is compressed; or where this one is, and a control frame came between them.
    """
    before: Part | None = None
    for part in parts(setting, wire):
        if part.begins and before and before.seen.first < 0x80:  # noqa: SIM102
            if before.compressed or (part.compressed and part.after_control):
                return part.seen.at
        before = part
    return None


def hears_nothing_after_a_last_block(setting: Setting, wire: bytes) -> int | None:
    """RFC 7692 §7.2.3.4 lets a peer end the compressed stream and begin another; wsproto inflates nothing more."""
    return next((part.seen.at for part in parts(setting, wire) if part.ended), None)


def takes_half_a_message(setting: Setting, wire: bytes) -> int | None:
    """wsproto takes what has come of a message that ends within a block; we refuse it as corrupt."""
    return next((part.seen.at for part in parts(setting, wire) if part.cut), None)


RULES: tuple[Rule, ...] = (
    waits_for_the_head,
    does_not_know_1014,
    has_no_limit,
    lets_half_a_pair_wait,
    forgets_that_it_is_compressed,
    inflates_before_it_looks,
    hears_nothing_after_a_last_block,
    takes_half_a_message,
)
