"""Thirty lies, seven truths, one absurdity: what a client may say after the handshake, and what a server should do.

Each is a string of bytes. A lie breaks one sentence of RFC 6455; a truth looks as if it did. They are asked of any
server that is a function from bytes to the code with which it refuses them, or None:

>>> unmasked = next(lie for lie in LIES if lie.says == "a text without a mask")
>>> unmasked.wire.hex(" "), unmasked.code, ours(unmasked.wire)
('81 05 48 65 6c 6c 6f', 1002, 1002)
>>> verdict(unmasked, ours), verdict(unmasked, naive)
('1002', 'taken')
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from netlab.web.websocket.codes import CloseCode, Failed
from netlab.web.websocket.connection import Connection
from netlab.web.websocket.ends import ClientEnd
from netlab.web.websocket.events import CONNECTING, Closed, Pong
from netlab.web.websocket.frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Frames
from netlab.web.websocket.masking import mask
from netlab.web.websocket.messages import Message
from netlab.web.websocket.naive import parse
from netlab.wire import uint

if TYPE_CHECKING:
    from socket import socket

CHUNK = 65_536  # bytes per recv
REFUSALS = (1002, 1003, 1007, 1008, 1009)  # with any other code a server only says goodbye, as it was asked to

Judge = Callable[[bytes], int | None]
"""A server: bytes in, the code with which it refuses them out, or None if it does not (or not yet)."""


class Lie(NamedTuple):
    """What a client sends. ``code`` is how it must be refused, None if it must not; ``rule`` is who says so."""

    says: str
    wire: bytes
    code: int | None
    rule: str
    kind: str = ""
    """What it has in common with others, in a row of a table; nothing: it stands alone."""
    rest: bytes = b""
    """What ends a message that ``wire`` has begun. Who refuses the lie only now is late."""


KEY = bytes.fromhex("37fa213d")  # any would do: RFC 6455 §5.7 uses this one


def frame(first: int, payload: bytes = b"", size: int | None = None, width: int = 0) -> bytes:
    """Return a masked frame with any ``first`` byte, which may declare another ``size``, in 0, 2 or 8 bytes."""
    size = len(payload) if size is None else size
    length = uint(size, 1) if not width else uint(126 if width == 2 else 127, 1) + uint(size, width)
    return bytes([first, 0x80 | length[0]]) + length[1:] + KEY + mask(payload, KEY)


def close(code: int, reason: bytes = b"") -> bytes:
    """Return a close frame with any ``code``."""
    return frame(FIN | CLOSE, uint(code, 2) + reason)


FIN, RSV1, RSV2, RSV3 = 0x80, 0x40, 0x20, 0x10
BEGUN, END = frame(TEXT, b"Hel"), frame(FIN | CONTINUATION)
EURO = "€".encode()
BAD, TEXTS = CloseCode.PROTOCOL_ERROR, CloseCode.INVALID_PAYLOAD

LIES = (
    Lie("RSV1, with no extension agreed", frame(FIN | RSV1 | TEXT, b"Hello"), BAD, "RFC 6455 §5.2", "RSV bits"),
    Lie("RSV2", frame(FIN | RSV2 | TEXT, b"Hello"), BAD, "RFC 6455 §5.2", "RSV bits"),
    Lie("RSV3", frame(FIN | RSV3 | TEXT, b"Hello"), BAD, "RFC 6455 §5.2", "RSV bits"),
    Lie("the reserved opcode 3", frame(FIN | 3, b"Hello"), BAD, "RFC 6455 §5.2", "reserved opcodes"),
    Lie("the reserved opcode B", frame(FIN | 11, b"Hello"), BAD, "RFC 6455 §5.2", "reserved opcodes"),
    Lie("a text without a mask", bytes.fromhex("810548656c6c6f"), BAD, "RFC 6455 §5.1", "frames without a mask"),
    Lie("a ping without a mask", bytes.fromhex("890548656c6c6f"), BAD, "RFC 6455 §5.1", "frames without a mask"),
    Lie(
        "the length 5 in 2 bytes",
        frame(FIN | TEXT, b"Hello", 5, width=2),
        BAD,
        "RFC 6455 §5.2",
        "a length in too many bytes",
    ),
    Lie(
        "the length 126 in 8 bytes",
        frame(FIN | TEXT, bytes(126), 126, width=8),
        BAD,
        "RFC 6455 §5.2",
        "a length in too many bytes",
    ),
    Lie("a length of 2⁶³", frame(FIN | TEXT, b"Hello", 1 << 63, width=8), BAD, "RFC 6455 §5.2"),
    Lie(
        "a ping of 126 bytes",
        frame(FIN | PING, bytes(126), width=2),
        BAD,
        "RFC 6455 §5.5",
        "long or cut control frames",
    ),
    Lie("half a ping", frame(PING, b"Hel"), BAD, "RFC 6455 §5.5", "long or cut control frames"),
    Lie("half a close", frame(CLOSE, b"\x03\xe8"), BAD, "RFC 6455 §5.5", "long or cut control frames"),
    Lie("a continuation of nothing", frame(FIN | CONTINUATION, b"lo"), BAD, "RFC 6455 §5.4", "fragments out of order"),
    Lie("a text within a text", BEGUN + frame(FIN | TEXT, b"lo"), BAD, "RFC 6455 §5.4", "fragments out of order"),
    Lie("bytes within a text", BEGUN + frame(FIN | BINARY, b"lo"), BAD, "RFC 6455 §5.4", "fragments out of order"),
    Lie("half a close code", frame(FIN | CLOSE, b"\x03"), BAD, "RFC 6455 §5.5.1"),
    Lie("close code 999", close(999), BAD, "RFC 6455 §7.4.2", "close codes that never travel"),
    Lie("close code 1004", close(1004), BAD, "RFC 6455 §7.4.1", "close codes that never travel"),
    Lie("close code 1005", close(1005), BAD, "RFC 6455 §7.4.1", "close codes that never travel"),
    Lie("close code 1006", close(1006), BAD, "RFC 6455 §7.4.1", "close codes that never travel"),
    Lie("close code 1015", close(1015), BAD, "RFC 6455 §7.4.1", "close codes that never travel"),
    Lie("close code 2999", close(2999), BAD, "RFC 6455 §7.4.2", "close codes that never travel"),
    Lie("close code 5000", close(5000), BAD, "RFC 6455 §7.4.2", "close codes that never travel"),
    Lie("a reason that is not UTF-8", close(1000, b"\xff"), TEXTS, "RFC 6455 §8.1"),
    Lie("a text of ff", frame(FIN | TEXT, b"\xff"), TEXTS, "RFC 6455 §8.1", "texts that are not UTF-8"),
    Lie(
        "a text of c0 80, zero in two bytes",
        frame(FIN | TEXT, b"\xc0\x80"),
        TEXTS,
        "RFC 6455 §8.1",
        "texts that are not UTF-8",
    ),
    Lie(
        "a text of ed a0 80, half a pair",
        frame(FIN | TEXT, b"\xed\xa0\x80"),
        TEXTS,
        "RFC 6455 §8.1",
        "texts that are not UTF-8",
    ),
    Lie("a text that ends within a €", frame(FIN | TEXT, EURO[:2]), TEXTS, "RFC 6455 §8.1", "texts that are not UTF-8"),
    Lie("ff in a text that goes on", frame(TEXT, b"\xff"), TEXTS, "RFC 6455 §8.1", rest=END),
    Lie("a length of 2⁶³ - 1", frame(FIN | TEXT, b"Hello", (1 << 63) - 1, width=8), 1009, "RFC 6455 §10.4"),
    Lie("a € cut in two", frame(TEXT, EURO[:1]) + frame(FIN | CONTINUATION, EURO[1:]), None, "RFC 6455 §8.1"),
    Lie("a ping within a text", BEGUN + frame(FIN | PING) + END, None, "RFC 6455 §5.4"),
    Lie("a pong that nobody asked for", frame(FIN | PONG, b"Hello"), None, "RFC 6455 §5.5.3"),
    Lie("a text of nothing", frame(FIN | TEXT), None, "RFC 6455 §5.6"),
    Lie("a close without a code", frame(FIN | CLOSE), None, "RFC 6455 §7.1.5"),
    Lie("close code 1012, registered since", close(1012), None, "RFC 6455 §7.4.2", "close codes 1012 and 4999"),
    Lie("close code 4999", close(4999), None, "RFC 6455 §7.4.2", "close codes 1012 and 4999"),
)


def ours(wire: bytes) -> int | None:
    """Judge as ``Connection`` does."""
    server = Connection(client=False)
    server.receive(wire)
    return None if server.error is None else server.error.code if isinstance(server.error, Failed) else int(BAD)


def naive(wire: bytes) -> int | None:
    """Judge as the naive parser does: it takes what it can take, and refuses nothing by intent."""
    while wire:
        try:
            _, _, used = parse(wire)
        except IndexError:  # it crashed, which is no refusal: the server is gone, and the client was told nothing
            return None
        wire = wire[used:]
    return None


def over(sock: socket, wire: bytes) -> int | None:
    """Judge as the echo server at the other end of a connected socket does: shake hands, tell it, and speak on.

    A server that echoes what comes next has taken what came before. (Within a message nothing can come next but a
    ping.) Raises ``OSError`` as the socket does, and ``WireError`` where there is no WebSocket to talk to.
    """
    end = ClientEnd("localhost", dice=Random(1))
    sock.sendall(end.outgoing())
    while end.state == CONNECTING:
        end.receive(sock.recv(CHUNK))
    if end.error:
        raise end.error
    sock.sendall(wire + (frame(FIN | PING) if _goes_on(wire) else frame(FIN | TEXT, NEXT.encode())))
    while True:
        for event in end.receive(sock.recv(CHUNK)):
            if isinstance(event, Closed):
                return event.code if event.code in REFUSALS else None
            if event in (Pong(b""), Message(NEXT)):
                return None


NEXT = "are you still there?"


def _goes_on(wire: bytes) -> bool:
    """Return whether a message has begun in ``wire``, and not ended."""
    try:
        data = [one for one in Frames(masked=True).feed(wire) if one.opcode < CLOSE]
    except Failed:
        return False
    return bool(data) and not data[-1].fin


def verdict(lie: Lie, judge: Judge) -> str:
    """Return what a server makes of a lie, or a truth: the code that it refuses it with, "late" or "taken"."""
    code = judge(lie.wire)
    if code is None and lie.rest and judge(lie.wire + lie.rest) is not None:
        return "late"
    return "taken" if code is None else f"{code}"
