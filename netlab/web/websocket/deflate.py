"""permessage-deflate: messages that travel compressed, RFC 7692.

DEFLATE (RFC 1951) replaces what was said before by "go back so far, copy so much". It writes *blocks*, which may end
at any bit. To end a message at a byte, an empty block that is not compressed is added: at the next byte it has its
length, 0, twice, the second time inverted. These four bytes are always the same, so they are not sent (RFC 7692
§7.2.1), and the receiver appends them (§7.2.2).

>>> deflater, inflater = Deflater(), Inflater()
>>> first, second = deflater.deflate(b"Hello"), deflater.deflate(b"Hello")
>>> first.hex(" "), second.hex(" ")
('f2 48 cd c9 c9 07 00', 'f2 00 11 00 00')
>>> inflater.inflate(first, room=100), inflater.inflate(second, room=100)
(b'Hello', b'Hello')

The second says only "go back 5, copy 5". This is *context takeover*: a message may point back into those before it, and
both ends must remember them, as far as the *window* reaches: 2^15 bytes, unless fewer *window bits* were agreed on.

What may be agreed on, for each direction (§7.1), ``Deflate`` says. The client offers, the server chooses:

>>> asked = offer(Deflate(server_max_window_bits=12))
>>> format(asked)
'permessage-deflate; server_max_window_bits=12; client_max_window_bits'
>>> terms, answer = agree([asked], Deflate(client_no_context_takeover=True))
>>> format(answer)
'permessage-deflate; client_no_context_takeover; server_max_window_bits=12'
>>> accepted(answer, Deflate(server_max_window_bits=12)) == terms
True
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields

from netlab.web.websocket.codes import CloseCode, Failed
from netlab.web.websocket.extensions import Extension, format
from netlab.wire import WireError

NAME = "permessage-deflate"
BITS = range(8, 16)
WRITTEN = {str(bits): bits for bits in BITS}  # without zeros in front, as the RFC asks for (§7.1.2.1)

# ---------------------------------------------------------------------------------------------------------- agreement


@dataclass(frozen=True, slots=True)
class Deflate:
    """What both ends keep to; or, before they have agreed, the most that one of them allows.

    Raises ``ValueError`` for a window of other than 8 to 15 bits.
    """

    server_no_context_takeover: bool = False  # each message of the server is compressed by itself
    client_no_context_takeover: bool = False
    server_max_window_bits: int = 15  # the server points back at most 2^15 bytes
    client_max_window_bits: int = 15

    def __post_init__(self) -> None:
        for bits in (self.server_max_window_bits, self.client_max_window_bits):
            if bits not in BITS:
                raise ValueError(f"a window has 8 to 15 bits, not {bits}")


PARAMETERS = [field.name for field in fields(Deflate)]  # they are called on the wire as they are here
FLAGS, WINDOWS = PARAMETERS[:2], PARAMETERS[2:]


def offer(ours: Deflate) -> Extension:
    """Return what a client asks for: what it wants to be limited, and that the server may limit the client's window."""
    return _extension(ours, {"client_max_window_bits"})


def agree(offers: Sequence[Extension], ours: Deflate) -> tuple[Deflate, Extension] | None:
    """Return what a server makes of a client's ``offers``: the terms and its answer; None if it can take none of them.

    The client's first choice that will do is taken. Of two limits the lower one holds. An offer is declined if it is
    malformed (§7), or if it does not say that our limit of the client's window would be understood: then the answer
    may not have it (§7.1.2.2).
    """
    for asked in offers:
        try:
            said = _said(asked, bare=True)
        except WireError:
            continue
        if ours.client_max_window_bits < 15 and "client_max_window_bits" not in said:
            continue
        terms = _stricter(ours, said)
        # A limit that the client asked for is confirmed, even if it is none. (Its own, then, need not be.)
        return terms, _extension(terms, said.keys() & {"server_max_window_bits"}, bare=False)
    return None


def accepted(answer: Extension, ours: Deflate) -> Deflate:
    """Return the terms that a client has after the server's ``answer`` to ``offer(ours)``.

    Raises ``WireError`` if the answer is malformed, or does not grant what was asked for: the handshake has failed.
    """
    said = _said(answer, bare=False)
    if ours.server_no_context_takeover and "server_no_context_takeover" not in said:
        raise WireError("the server was asked for server_no_context_takeover, and takes over", "RFC 7692 §7.1.1.1")
    granted = said.get("server_max_window_bits", 15)
    if granted > ours.server_max_window_bits:
        few = ours.server_max_window_bits
        raise WireError(f"the server was asked for {few} window bits, and takes {granted}", "RFC 7692 §7.1.2.1")
    return _stricter(ours, said)  # our own window may be smaller than the server allows (§7.1.2.2)


def _said(extension: Extension, bare: bool) -> dict[str, int]:
    """Return the parameters' values; 1 for one that has none. Raises ``WireError`` for what the RFC does not define.

    ``bare``: this is an offer, in which client_max_window_bits may have no value; then it allows 15.
    """
    said: dict[str, int] = {}
    if extension.name != NAME:
        raise WireError(f"{extension.name} is not {NAME}", "RFC 7692 §7")
    for key, value in extension.params:
        if key in said:
            raise WireError(f"{key} is there twice", "RFC 7692 §7")
        if key in FLAGS and value is None:
            said[key] = 1
        elif key in WINDOWS and value in WRITTEN:
            said[key] = WRITTEN[value]
        elif key == "client_max_window_bits" and value is None and bare:
            said[key] = 15
        else:
            wrong = format(Extension(NAME, ((key, value),)))
            raise WireError(f"{wrong!r} means nothing in {'an offer' if bare else 'an answer'}", "RFC 7692 §7")
    return said


def _stricter(ours: Deflate, said: dict[str, int]) -> Deflate:
    """Return the limits of both ends."""
    flags = {key: getattr(ours, key) or key in said for key in FLAGS}
    return Deflate(**flags, **{key: min(getattr(ours, key), said.get(key, 15)) for key in WINDOWS})


def _extension(terms: Deflate, always: set[str], bare: bool = True) -> Extension:
    """Return ``terms`` as they are written: what limits nothing is left out, except for what is ``always`` there."""
    params: list[tuple[str, str | None]] = [(key, None) for key in FLAGS if getattr(terms, key)]
    for key in WINDOWS:
        bits = getattr(terms, key)
        if bits < 15 or key in always:
            params.append((key, None if bare and bits == 15 else str(bits)))
    return Extension(NAME, tuple(params))


# -------------------------------------------------------------------------------------------------------- compression

TAIL = bytes.fromhex("00 00 ff ff")  # an empty block's length: 0, and 0 inverted
LAST = bytes.fromhex("01 00 00 ff ff")  # an empty block that says it is the last one
STEP = 4096  # bytes that zlib is given at once: when a stream ends, it copies those that follow


class Deflater:
    """Compresses one direction's messages. ``level`` is zlib's: 1 is fast, 9 is thorough, 0 only copies."""

    def __init__(self, bits: int = 15, takeover: bool = True, level: int = 6) -> None:
        self.bits, self.takeover, self.level = bits, takeover, level
        self._stream: zlib._Compress | None = None

    def deflate(self, data: bytes) -> bytes:
        """Return the payload of the message ``data``, which may then be cut into frames anywhere."""
        # zlib refuses to compress with 8 bits. But it leaves 262 bytes of its window unused (for the longest copy, and
        # 4 more), so with 9 bits it points back at most 512 - 262 = 250 bytes, and 8 bits would have allowed 256.
        stream = self._stream or zlib.compressobj(self.level, wbits=-max(self.bits, 9))  # negative: without a header
        self._stream = stream if self.takeover else None
        return (stream.compress(data) + stream.flush(zlib.Z_SYNC_FLUSH)).removesuffix(TAIL)


class Inflater:
    """Undoes the compression of one direction's messages, a piece at a time.

    For zlib a message is a stream of its own, which begins with the window as its dictionary and which a last block
    ends. That shows if the message was cut short: only where one block is over can another one begin. The sender may
    end a stream as well, and begin another within the message (§7.2.3.4); that makes no difference to the window.
    """

    def __init__(self, bits: int = 15, takeover: bool = True) -> None:
        self.bits, self.takeover = bits, takeover
        self._window = bytearray()  # what was inflated last: 2^bits bytes, or up to twice as many
        self._stream: zlib._Decompress | None = None

    def inflate(self, data: bytes, room: int, final: bool = True) -> bytes:
        """Return what a message's next bytes stand for; ``final`` says that they are its last.

        ``room`` is how many bytes that may be. No more than one above it are ever inflated, however many there are.
        Raises ``Failed`` with 1009 for more, with 1007 for bytes that are not DEFLATE or end within a block.
        """
        if room < 0:
            raise ValueError(f"there cannot be room for {room} bytes")
        rest = memoryview(data + TAIL + LAST if final else data)
        pieces: list[bytes] = []
        while rest:
            stream = self._running()
            try:
                piece = stream.decompress(rest[:STEP], room + 1)
            except zlib.error:
                raise _corrupt() from None
            room -= len(piece)
            if room < 0:
                raise Failed("it inflates to more than is allowed", "RFC 6455 §10.4", CloseCode.MESSAGE_TOO_BIG)
            self._remember(piece)
            pieces.append(piece)
            rest = rest[min(len(rest), STEP) - len(stream.unused_data) :]  # unused: what comes after a last block
        if final:
            if not stream.eof:  # what was appended was taken for something else
                raise _corrupt()
            self._stream = None
            if not self.takeover:
                self._window.clear()
        return b"".join(pieces)

    def _running(self) -> zlib._Decompress:
        """Return the stream that goes on; another one where it has ended, with the window as its dictionary."""
        if self._stream is None or self._stream.eof:
            window = bytes(self._window[-(1 << self.bits) :])
            self._stream = zlib.decompressobj(-self.bits, zdict=window)
        return self._stream

    def _remember(self, piece: bytes) -> None:
        """Move the window on. It is cut only when it is twice too long, so that a short piece costs little."""
        size = 1 << self.bits
        self._window += piece
        if len(self._window) > 2 * size:
            del self._window[:-size]


def pair_for(terms: Deflate, client: bool) -> tuple[Deflater, Inflater]:
    """Return what compresses an end's messages, and what undoes the compression of its peer's."""
    to_client = (terms.server_max_window_bits, not terms.server_no_context_takeover)
    to_server = (terms.client_max_window_bits, not terms.client_no_context_takeover)
    ours, theirs = (to_server, to_client) if client else (to_client, to_server)
    return Deflater(*ours), Inflater(*theirs)


def _corrupt() -> Failed:
    return Failed("this is not DEFLATE, or ends within a block", "RFC 7692 §7.2.2", CloseCode.INVALID_PAYLOAD)
