"""What a frame is made of, drawn: its bytes under their names, and how long its head is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from netlab.picture import (
    CLIENT,
    FRESH,
    QUEUED,
    SERVER,
    Axis,
    Bits,
    Bytes,
    Curve,
    Level,
    Lines,
    Panel,
    Panels,
    Picture,
    Remark,
)
from netlab.web.websocket.frames import MOST_HEAD, Frame, Opcode, decode
from netlab.web.websocket.trials import Head
from netlab.wire import Incomplete, Recorder, Span, WireError

RULES = {
    "FIN, RSV, opcode": "RFC 6455 §5.2",
    "MASK, length": "RFC 6455 §5.2",
    "extended length": "RFC 6455 §5.2",
    "masking key": "RFC 6455 §5.3",
    "payload": "RFC 6455 §5.6",
}
HUES = {"masking key": QUEUED, "payload": FRESH}
OPENED = (Bits(0, [("FIN", 1), ("RSV", 3), ("opcode", 4)]), Bits(1, [("MASK", 1), ("length", 7)]))
DIGITS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def spelled(number: int) -> str:
    """Return a number as a sentence has it: in letters up to twelve."""
    return DIGITS[number] if number < len(DIGITS) else f"{number:,}"


def octets(wire: bytes, *, masked: bool = True) -> Picture:
    """Draw one frame byte by byte; where it is masked, how its text comes out of the mask.

    Of a long payload only the first bytes are taken out of the mask. Raises ``Incomplete`` or ``WireError`` for what
    is no frame from a client (or, not ``masked``, from a server).
    """
    r = Recorder(wire)
    frame = decode(r, masked=masked)
    spans = [named(span) for span in r.spans]
    strip = Bytes(wire[: r.at], spans, OPENED, HUES, RULES)
    parts = "; ".join(f"{span.name}: {shown(wire[span.start : span.stop])}" for span in spans)
    size, head = len(frame.payload), r.at - len(frame.payload)
    sentence = f"A frame of {r.at:,} bytes, {head} of them before the payload. {parts}."
    if not masked or not frame.payload:
        return Picture(title(frame, r.at), strip, sentence, CAPTION)
    most = size if size <= SHOWN else ROW
    key, travels, said = wire[head - 4 : head], wire[head : head + most], frame.payload[:most]
    part = "the payload" if most == size else f"the payload's first {most} bytes"
    repeated = (key * (most // 4 + 1))[:most]
    panels = [
        Panel("as it travels", strip),
        Panel(part, Bytes(travels, [Span(0, most, "", "")], hues={"": FRESH})),
        Panel("XOR the key, again and again", Bytes(repeated, [Span(0, most, "", "")], hues={"": QUEUED})),
        Panel("is what was said", Bytes(said, [Span(0, most, "", "")], hues={"": FRESH}, letters=True)),
    ]
    sentence += f" XORed with the key, again and again, {part} {travels.hex(' ')} is {said.hex(' ')}"
    text = f", {said.decode()!r}." if said.isascii() else "."
    return Picture(title(frame, r.at), Panels(panels, stacked=True), sentence + text, CAPTION)


def refused(wire: bytes, *, masked: bool = True) -> Picture:
    """Draw the head of a frame that breaks a rule: what was read of it until then, and the rule.

    Raises ``ValueError`` for a frame that breaks none.
    """
    r = Recorder(wire[:MOST_HEAD])
    try:
        decode(r, masked=masked)
    except Incomplete:
        raise ValueError(f"this frame breaks no rule as far as it goes: {shown(wire)}") from None
    except WireError as broken:
        at = max(span.stop for span in r.spans)
        read = "; ".join(f"{span.name}: {shown(wire[span.start : span.stop])}" for span in r.spans)
        strip = Bytes(wire[:MOST_HEAD], [named(span) for span in r.spans], OPENED[:at], HUES, RULES)
        return Picture(
            f"Refused after {spelled(at)} byte{'' if at == 1 else 's'}",
            strip,
            f"Of a frame of {len(wire):,} bytes {at} are read. {read}. It is refused: {broken}.",
            "Grey is what nobody reads any more: a rule was broken, and what comes after it need not come.",
        )
    raise ValueError(f"this frame breaks no rule: {shown(wire)}")


SHOWN, ROW = 20, 16  # bytes of a payload that are spelled out: all of so many, else the first row


def shown(octets: bytes) -> str:
    """Return bytes in hex, of many only the first few."""
    return octets.hex(" ") if len(octets) <= SHOWN else f"{octets[:4].hex(' ')} … {len(octets):,} bytes"


CAPTION = (
    "Point at a byte or at a field. The very first bit says whether the frame is the last of its message; the first "
    "bit of the second byte says whether a key of four bytes follows, so that seven are left for the length."
)


def title(frame: Frame, whole: int) -> str:
    """Return how much it takes to say how much."""
    what = f"{spelled(len(frame.payload))} {'letters' if frame.payload.isascii() else 'bytes'}"
    return f"{what}, {spelled(whole)} bytes".capitalize()


def named(span: Span) -> Span:
    """Return a span with what it means instead of its number: the drawing shows the bits, a list shows the sense."""
    number = span.value if isinstance(span.value, int) else 0
    if span.name == "FIN, RSV, opcode":
        return span._replace(value=OPCODES.get(number & 0x0F, "reserved"))
    if span.name == "MASK, length":
        return span._replace(value=f"{'a key, ' if number >> 7 else ''}{number & 0x7F}")
    if isinstance(span.value, bytes) and len(span.value) > SHOWN:  # not the same bytes once more
        return span._replace(value=f"{len(span.value):,} bytes")
    return span


OPCODES = {opcode.value: opcode.name.lower() for opcode in Opcode}


def overhead(found: Sequence[Head]) -> Picture:
    """Draw how long a frame's head is, by the size of its payload.

    Raises ``ValueError`` for fewer than two sizes, or one of 0 bytes, which a log axis does not have.
    """
    found = sorted(found)
    if len(found) < 2 or found[0].size < 1:
        raise ValueError(f"the head of {len(found)} payloads makes no curve: take two sizes or more, each above 0")
    steps = [(a, b) for a, b in pairwise(found) if a.server != b.server]
    grows = "; ".join(
        f"from {a.size:,} to {b.size:,} bytes of payload, from {a.server} and {a.client} to {b.server} and {b.client}"
        for a, b in steps
    )
    shares = [(head.size, head.client, 100 * head.client / (head.client + head.size)) for head in found]
    small, large = shares[0], next((share for share in shares if share[2] < 10), shares[-1])
    first = [found[0], *(b for _, b in steps)]
    remarks = [Remark(b.size, b.server, f"{b.server}", (6, 10)) for b in first]
    remarks += [Remark(b.size, b.client, f"{b.client}", (6, 10)) for b in first]
    return Picture(
        f"The header grows at {' and at '.join(f'{b.size:,}' for _, b in steps)}",
        Lines(
            [
                Curve("client", [(head.size, head.client) for head in found], CLIENT, "steps"),
                Curve("server", [(head.size, head.server) for head in found], SERVER, "steps"),
            ],
            Axis("payload", "bytes", log=True),
            Axis("header", "bytes", low=0, high=max(head.client for head in found) + 4),
            levels=[Level(b.size, f"{b.size:,}", across="x") for _, b in steps],
            remarks=remarks,
        ),
        f"A server's header has {found[0].server} bytes and a client's {found[0].client}, at first. They grow {grows}. "
        f"Of a client's frame with {small[0]:,} byte{'s' if small[0] > 1 else ''} of payload the header is "
        f"{small[2]:.0f} %, with {large[0]:,} bytes {large[2]:.1f} %.",
        "The client's line is the server's, four bytes higher: the key. One byte more of payload, and the length no "
        "longer fits into seven bits, then no longer into sixteen.",
        note="encoded, frame by frame; RFC 6455 §5.2",
        height=280,
    )
