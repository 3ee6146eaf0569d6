"""Cases about compressed messages: RFC 7692."""

import zlib
from collections.abc import Iterator

from netlab.web.websocket.deflate import Deflate
from netlab.web.websocket.limits import Limits
from tests.web.conformance import (
    BINARY,
    CLOSE,
    CONTINUATION,
    NAMES,
    PING,
    PONG,
    TEXT,
    Case,
    F,
    Step,
    binary,
    pings,
    pongs,
    text,
)

AGREED = Deflate()
FRESH = Deflate(server_no_context_takeover=True, client_no_context_takeover=True)  # each message for itself
NARROW = Deflate(server_max_window_bits=9, client_max_window_bits=9)
HELLO = bytes.fromhex("f248cdc9c90700")  # RFC 7692 §7.2.3.1
AGAIN = bytes.fromhex("f200110000")  # the second one, which points into the first: RFC 7692 §7.2.3.2
RSV1 = 4
FRAMING, DEFLATE = "RFC 7692 §6", "RFC 7692 §7.2.2"


def squeeze(data: bytes, bits: int = 15) -> bytes:
    """Return a message's payload, as it is compressed alone."""
    z = zlib.compressobj(wbits=-bits)
    return (z.compress(data) + z.flush(zlib.Z_SYNC_FLUSH))[:-4]


def compression() -> Iterator[Case]:
    """Yield cases about compression, agreed on unless it is said otherwise."""
    yield from examples()
    yield from bits()
    yield from mixtures()
    yield from contexts()
    yield from damage()
    yield from bombs()


def agreed(says: str, rule: str, *steps: Step, deflate: Deflate = AGREED, **more: object) -> Case:
    """Return a case where compression was agreed on."""
    return Case(says, rule, steps, deflate=deflate, **more)  # type: ignore[arg-type]


def z(payload: bytes, opcode: int = TEXT, fin: int = 1) -> F:
    """Return a frame that begins a compressed message."""
    return F(opcode, payload, fin, RSV1)


def examples() -> Iterator[Case]:
    """Yield the RFC's examples."""
    hello = text("Hello")
    yield agreed("Hello", "RFC 7692 §7.2.3.1", z(HELLO), told=hello)
    halves = (z(HELLO[:3], fin=0), F(CONTINUATION, HELLO[3:]))
    yield agreed("Hello in two fragments", "RFC 7692 §7.2.3.1", *halves, told=hello)
    yield agreed("Hello again", "RFC 7692 §7.2.3.2", z(HELLO), z(AGAIN), told=hello * 2)
    yield agreed("Hello, not compressed", "RFC 7692 §7.2.3.3", z(bytes.fromhex("000500faff48656c6c6f00")), told=hello)
    final = bytes.fromhex("f348cdc9c9070000")
    yield agreed("Hello in a final block", "RFC 7692 §7.2.3.4", z(final), told=hello)
    blocks = bytes.fromhex("f24805000000ffffcac9c9070 0".replace(" ", ""))
    yield agreed("Hello in two blocks", "RFC 7692 §7.2.3.5", z(blocks), told=hello)
    yield agreed("nothing", "RFC 7692 §7.2.3.6", z(b"\x00"), told=text(""))
    yield agreed("no bytes", "RFC 7692 §7.2.3.6", z(b"\x00", BINARY), told=binary(b""))
    empty = (z(HELLO[:-1], fin=0), F(CONTINUATION, b"\x00"))
    yield agreed("Hello, its last byte in a fragment", "RFC 7692 §7.2.3.6", *empty, told=hello)
    yield agreed("a final block, then another message", "RFC 7692 §7.2.3.4", z(final), z(HELLO), told=hello * 2)


def bits() -> Iterator[Case]:
    """Yield cases about where RSV1 may be."""
    yield Case("RSV1 on a compressed text, not agreed on", "RFC 6455 §5.2", (z(HELLO),), refused=1002, at=1)
    first = z(HELLO[:3], fin=0)
    for fin, kind in ((1, "the last"), (0, "a middle")):
        wrong = (first, F(CONTINUATION, HELLO[3:], fin, RSV1))
        yield agreed(f"RSV1 on {kind} fragment", FRAMING, *wrong, refused=1002, at=1)
        wrong = (F(TEXT, b"Hel", fin=0), F(CONTINUATION, b"lo", fin, RSV1))
        yield agreed(f"RSV1 on {kind} fragment only", FRAMING, *wrong, refused=1002, at=1)
    for opcode in (PING, PONG, CLOSE):
        wrong = (F(opcode, b"\x03\xe8", rsv=RSV1),)
        yield agreed(f"RSV1 on a {NAMES[opcode]}", FRAMING, *wrong, refused=1002, at=1)
        yield agreed(f"RSV1 on a {NAMES[opcode]} within a text", FRAMING, first, *wrong, refused=1002, at=1)
    for rsv, name in ((2, "RSV2"), (1, "RSV3"), (6, "RSV1+RSV2"), (5, "RSV1+RSV3"), (7, "RSV1+RSV2+RSV3")):
        yield agreed(f"{name} on a text", "RFC 6455 §5.2", F(TEXT, HELLO, rsv=rsv), refused=1002, at=1)
    for opcode in (3, 0xB):
        yield agreed(f"RSV1 on opcode {opcode:X}", "RFC 6455 §5.2", F(opcode, rsv=RSV1), refused=1002, at=1)


def mixtures() -> Iterator[Case]:
    """Yield cases about compressed messages among others."""
    hello, plain = text("Hello"), F(TEXT, b"Hello")
    yield agreed("a text that is not compressed", FRAMING, plain, told=hello)
    yield agreed("not compressed, in two", FRAMING, F(TEXT, b"Hel", fin=0), F(CONTINUATION, b"lo"), told=hello)
    yield agreed("compressed, plain, compressed", FRAMING, z(HELLO), plain, z(AGAIN), told=hello * 3)
    halves = (z(HELLO[:3], fin=0), F(CONTINUATION, HELLO[3:]))
    yield agreed("compressed in two, then plain", FRAMING, *halves, plain, told=hello * 2)
    within = (halves[0], F(PING, b"?"), F(PONG, b"!"), halves[1])
    yield agreed("a ping and a pong in between", FRAMING, *within, told=(*pings(b"?"), *pongs(b"!"), *hello))
    yield agreed("a close in between", FRAMING, halves[0], F(CLOSE, b"\x03\xe8"), closed=(1000, ""))
    yield agreed("a text within a compressed one", "RFC 6455 §5.4", halves[0], plain, refused=1002)
    octets = bytes(range(256)) * 300
    ones = [F(CONTINUATION, bytes([octet]), fin=0) for octet in HELLO[1:]]
    yield agreed("in fragments of one byte", DEFLATE, z(HELLO[:1], fin=0), *ones, F(CONTINUATION), told=hello)
    yield agreed("76,800 bytes", DEFLATE, z(squeeze(octets), BINARY), told=binary(octets))
    empty = (z(b"", fin=0), F(CONTINUATION, HELLO))
    yield agreed("an empty fragment first", DEFLATE, *empty, told=hello)
    half = "€".encode()
    yield agreed(
        "a € in two blocks", DEFLATE, z(squeeze(half[:1]) + b"\0\0\xff\xff" + squeeze(half[1:])), told=text("€")
    )


def contexts() -> Iterator[Case]:
    """Yield cases about what one message may know of the ones before it, and how far back."""
    hello, ten = text("Hello"), [bytes([n]) * 600 + b"Hello" for n in range(10)]
    alone = "RFC 7692 §7.1.1.1"
    yield agreed("each for itself", alone, z(HELLO), z(HELLO), deflate=FRESH, told=hello * 2)
    yield agreed("each for itself, though it need not", alone, z(HELLO), z(HELLO), told=hello * 2)
    points = (z(HELLO), z(AGAIN))
    yield agreed("each for itself, but it points back", DEFLATE, *points, deflate=FRESH, told=hello, refused=1007)
    yield agreed("it points back to nothing", DEFLATE, z(AGAIN), refused=1007)
    for size in range(9, 16):
        one = zlib.compressobj(wbits=-size)
        wires = [(one.compress(data) + one.flush(zlib.Z_SYNC_FLUSH))[:-4] for data in ten]
        window = Deflate(server_max_window_bits=size, client_max_window_bits=size)
        frames = [z(wire, BINARY) for wire in wires]
        says = f"ten messages with a window of {1 << size:,} bytes"
        yield agreed(says, "RFC 7692 §7.1.2", *frames, deflate=window, told=binary(*ten))
    data = bytes(range(256)) * 4
    yield agreed(
        "a window of 512 bytes", "RFC 7692 §7.1.2", z(squeeze(data, 9), BINARY), deflate=NARROW, told=binary(data)
    )


def damage() -> Iterator[Case]:
    """Yield cases about what cannot be inflated."""
    for octets, says in (
        ("07", "a block of a kind that does not exist"),
        ("000500000048656c6c6f00", "a length and another that is not its complement"),
        ("ffffffff", "four bytes of ff"),
        ("f248cdc9c907ff", "Hello with a bad end"),
    ):
        bad = bytes.fromhex(octets)
        yield agreed(says, DEFLATE, z(bad), refused=1007)
    yield agreed("a block of a kind that does not exist, and no end", DEFLATE, z(b"\x07", fin=0), refused=1007)
    yield agreed(
        "damage in a second fragment", DEFLATE, z(HELLO[:3], fin=0), F(CONTINUATION, b"\xff\xff\xff"), refused=1007
    )
    yield agreed("damage in a second message", DEFLATE, z(HELLO), z(b"\x07"), told=text("Hello"), refused=1007)
    for said in (b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xe2\x82"):
        squeezed = squeeze(said)
        yield agreed(f"a text that inflates to {said.hex()}", "RFC 6455 §8.1", z(squeezed), refused=1007)
    yield agreed("bytes that inflate to no text", "RFC 6455 §5.6", z(squeeze(b"\xff"), BINARY), told=binary(b"\xff"))
    early = z(squeeze(b"\xff" + b"x" * 50) + b"\0\0\xff\xff", fin=0)
    yield agreed("no text, before it has ended", "RFC 6455 §8.1", early, refused=1007)


def bombs() -> Iterator[Case]:
    """Yield cases about what inflates to too much."""
    rule, most = "RFC 6455 §10.4", Limits(message=1_000)
    for size, code in ((999, None), (1_000, None), (1_001, 1009), (10_000_000, 1009)):
        data, told = bytes(size), () if code else binary(bytes(size))
        yield agreed(f"{size:,} zeros, of 1,000", rule, z(squeeze(data), BINARY), limits=most, told=told, refused=code)
    bomb = squeeze(bytes(1_000_000))
    pieces = (z(bomb[:500], BINARY, 0), F(CONTINUATION, bomb[500:]))
    yield agreed("1,000,000 zeros in two fragments, of 1,000", rule, *pieces, limits=most, refused=1009)
    plain = F(BINARY, bytes(1_001))
    yield agreed("1,001 bytes, not compressed, of 1,000", rule, plain, limits=most, refused=1009)
    yield agreed("a declared 2⁶³ - 1", rule, z(b"", BINARY)._replace(size=(1 << 63) - 1), refused=1009, at=10)
    noise = bytes(n * n % 251 for n in range(1_000))
    stored = z(b"\x00" + len(noise).to_bytes(2, "little") + (len(noise) ^ 0xFFFF).to_bytes(2, "little") + noise + b"\0")
    within = stored._replace(opcode=BINARY)
    yield agreed("1,000 bytes that were not made smaller, of 1,000", rule, within, limits=most, told=binary(noise))
    yield agreed(
        "a ping of 125 bytes is no message, of 10",
        rule,
        F(PING, bytes(125)),
        limits=Limits(message=10),
        told=pings(bytes(125)),
    )
