"""Second looks: what a message says beyond its format, and the rules that only its sense can break.

Each function takes what a decoder returned, and yields notes: whether a checksum is right, what a close code means. It
raises ``WireError`` where the message breaks a rule that its format does not show.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netlab.wire import WireError

if TYPE_CHECKING:
    from netlab.http1 import Request, Response
    from netlab.packet.frame import Packet
    from netlab.packet.ipv4 import IPv4
    from netlab.web.websocket.frames import Frame

MOST_INFLATED = 1 << 16  # bytes that a compressed frame may become here


def packet(packet: Packet) -> Iterator[str]:
    """Say of each header with a checksum whether it is right, and what the lengths count that is not here."""
    if packet.missing:
        more = f"{_bytes(packet.missing)} more than are here"
        yield f"Its headers count {more}: they were cut off, or come in other pieces."
    for layer in packet.layers:
        if hasattr(layer, "checksum"):
            yield from _sum(type(layer).__name__, packet.checksum_ok(type(layer)))


def ipv4(header: IPv4) -> Iterator[str]:
    """Say whether the checksum of a header is right."""
    yield from _sum("IPv4", header.checksum_ok)


def _sum(name: str, right: bool | None) -> Iterator[str]:
    if right:
        yield f"The checksum of {name} is right."
    elif right is False:
        yield (
            f"The checksum of {name} is wrong: bytes were changed, or the packet was captured where it was sent, "
            "before the network card had computed it."
        )


def websocket(frame: Frame) -> Iterator[str]:
    """Look into a frame: text is UTF-8, a close has a code that may travel, RSV1 says that it is compressed.

    Raises ``Failed`` where it is not so: RFC 6455 §8.1, §7.4.
    """
    from netlab.web.websocket import frames  # noqa: PLC0415 - who explains packets does not pay for WebSocket
    from netlab.web.websocket.codes import CloseCode, decode_close  # noqa: PLC0415 - as above
    from netlab.web.websocket.messages import Utf8  # noqa: PLC0415 - as above

    if frame.rsv1:
        yield f"RSV1 is set: where permessage-deflate was agreed, this is compressed (RFC 7692 §6). {_inflated(frame)}"
    elif frame.opcode == frames.TEXT:
        Utf8().check(frame.payload, frame.fin)
    elif frame.opcode == frames.CLOSE:
        code, reason = decode_close(frame.payload)
        name = CloseCode(code).name.lower().replace("_", " ") if code in set(CloseCode) else "an application's own"
        yield f"It closes with {code}, {name}" + (f": {reason!r:.130}." if reason else ".")


def _inflated(frame: Frame) -> str:
    """Return what a compressed frame becomes, if it can be told from it alone."""
    from netlab.web.websocket.deflate import Inflater  # noqa: PLC0415 - as above

    try:
        octets = Inflater().inflate(frame.payload, MOST_INFLATED, frame.fin)
    except WireError as error:
        return f"By itself it cannot be inflated: {error.message}. It may point back into messages before it."
    return f"Inflated, it is {octets.decode('utf-8', 'replace')!r:.80}, {_bytes(len(octets))}."


def handshake(request: Request) -> Iterator[str]:
    """Check a request as a server does, and say what it must answer. Raises ``WireError``: RFC 6455 §4.2.1."""
    from netlab.web.websocket.handshake import accept_key, answer  # noqa: PLC0415 - as above

    if why := answer(request).why:
        raise why
    key = accept_key(request.headers.get("Sec-WebSocket-Key") or "")
    yield f"A server that agrees answers Sec-WebSocket-Accept: {key} (RFC 6455 §4.2.2)."


def upgraded(response: Response) -> Iterator[str]:
    """Say that what follows a switch of protocols is no HTTP any more."""
    if response.status == 101:
        yield f"Behind its empty line nothing is HTTP: it is {(response.headers.get('Upgrade') or 'unnamed')!r:.40}."


def _bytes(count: int) -> str:
    return f"{count:,} byte" + ("s" if count != 1 else "")
