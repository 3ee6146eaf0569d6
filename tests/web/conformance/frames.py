"""Cases about single frames: their lengths and masks, pings and pongs, reserved bits and reserved opcodes."""

from collections.abc import Iterator

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
    binary,
    pings,
    pongs,
    text,
)

BITS = "RFC 6455 §5.2"
RESERVED = [*range(0x3, 0x8), *range(0xB, 0x10)]
BEGUN = F(TEXT, b"Hel", fin=0)
HELLO = F(TEXT, b"Hello")


def framing() -> Iterator[Case]:
    """Yield cases about lengths and masks."""
    for size in (0, 1, 125, 126, 127, 128, 65_535, 65_536):
        yield Case(f"a text of {size:,} bytes", BITS, (F(TEXT, b"*" * size),), text("*" * size))
        yield Case(f"{size:,} bytes", BITS, (F(BINARY, b"\xfe" * size),), binary(b"\xfe" * size))
    for size, width in ((0, 2), (5, 2), (125, 2), (0, 8), (5, 8), (126, 8), (65_535, 8)):
        long = F(BINARY, bytes(size), width=width)
        yield Case(f"the length {size:,} in {width} bytes", BITS, (long,), refused=1002, at=2 + width)
    for name, size in (("2⁶³", 1 << 63), ("2⁶⁴ - 1", (1 << 64) - 1)):
        yield Case(f"the length {name}", BITS, (F(BINARY, b"x", size=size),), refused=1002, at=10)
    for opcode, name in NAMES.items():
        wrong = F(opcode, b"\x03\xe8", wrong=True)
        yield Case(f"a {name} with the other side's mask bit", "RFC 6455 §5.1", (wrong,), refused=1002, at=2)
    yield Case(
        "the other side's mask bit after a good message",
        "RFC 6455 §5.1",
        (HELLO, F(TEXT, b"Hello", wrong=True)),
        text("Hello"),
        refused=1002,
        at=2,
    )
    for key in (bytes(4), b"\xff" * 4, b"Hell", b"\x01\x00\x00\x00"):
        yield Case(f"the masking key {key.hex()}", "RFC 6455 §5.3", (F(TEXT, b"Hello", key=key),), text("Hello"))
    keys = tuple(F(BINARY, b"12345", key=bytes([n, n + 1, n + 2, n + 3])) for n in range(9))
    yield Case("each frame has a key of its own", "RFC 6455 §5.3", keys, binary(*[b"12345"] * 9))
    sizes = [n % 7 for n in range(100)]
    many = tuple(F(BINARY, bytes(size)) for size in sizes)
    yield Case("a hundred messages in a row", BITS, many, binary(*map(bytes, sizes)))
    told = (*text("Hello"), *binary(b"\xff"))
    yield Case("text and bytes take turns", "RFC 6455 §5.6", (HELLO, F(BINARY, b"\xff")) * 3, told * 3)


def ping_and_pong() -> Iterator[Case]:
    """Yield cases about signs of life."""
    ping, pong, control = "RFC 6455 §5.5.2", "RFC 6455 §5.5.3", "RFC 6455 §5.5"
    for size in (0, 1, 5, 124, 125):
        yield Case(f"a ping of {size} bytes", ping, (F(PING, b"x" * size),), pings(b"x" * size))
        yield Case(f"a pong of {size} bytes that nobody asked for", pong, (F(PONG, b"x" * size),), pongs(b"x" * size))
    yield Case(
        "a ping of every byte that is no text", ping, (F(PING, b"\x00\xff\xfe\xc0"),), pings(b"\x00\xff\xfe\xc0")
    )
    ten = [b"%d" % n for n in range(10)]
    yield Case("ten pings at once", ping, tuple(F(PING, one) for one in ten), pings(*ten))
    yield Case("ten pongs at once", pong, tuple(F(PONG, one) for one in ten), pongs(*ten))
    yield Case(
        "ping, pong, ping", pong, (F(PING, b"1"), F(PONG, b"2"), F(PING)), (*pings(b"1"), *pongs(b"2"), *pings(b""))
    )
    yield Case("a ping, then a message", ping, (F(PING, b"?"), HELLO), (*pings(b"?"), *text("Hello")))
    for opcode, name in ((PING, "ping"), (PONG, "pong"), (CLOSE, "close")):
        for size in (126, 127, 65_535, 65_536):
            long = F(opcode, b"\x03\xe8" * (size // 2) + bytes(size % 2))
            yield Case(f"a {name} of {size:,} bytes", control, (long,), refused=1002, at=2)
        yield Case(
            f"a {name} of 2 bytes, its length in 2", control, (F(opcode, b"\x03\xe8", width=2),), refused=1002, at=2
        )
        yield Case(f"half a {name}", control, (F(opcode, b"\x03\xe8", fin=0),), refused=1002, at=1)
        halves = (BEGUN, F(opcode, b"\x03\xe8", fin=0))
        yield Case(f"half a {name} within a text", control, halves, refused=1002, at=1)


def reserved_bits() -> Iterator[Case]:
    """Yield cases about RSV1 to RSV3, none of which was agreed on."""
    for rsv in range(1, 8):
        bits = "+".join(f"RSV{n}" for n in (1, 2, 3) if rsv & 8 >> n)
        for opcode, name in NAMES.items():
            before = (BEGUN,) if opcode == CONTINUATION else ()
            frame = F(opcode, b"\x03\xe8", rsv=rsv)
            yield Case(f"{bits} on a {name}", BITS, (*before, frame), refused=1002, at=1)
        after = (HELLO, F(TEXT, b"Hello", rsv=rsv))
        yield Case(f"{bits} after a good message", BITS, after, text("Hello"), refused=1002, at=1)
    for rsv, name in ((4, "RSV1"), (2, "RSV2"), (1, "RSV3")):
        within = (BEGUN, F(PING, b"?", rsv=rsv))
        yield Case(f"{name} on a ping within a text", BITS, within, refused=1002, at=1)
        first = F(TEXT, b"Hel", fin=0, rsv=rsv)
        yield Case(f"{name} on a first fragment", BITS, (first,), refused=1002, at=1)


def opcodes() -> Iterator[Case]:
    """Yield cases about the ten opcodes that have no meaning yet."""
    for opcode in RESERVED:
        name = f"the reserved opcode {opcode:X}"
        yield Case(name, BITS, (F(opcode, b"Hello"),), refused=1002, at=1)
        yield Case(f"{name}, not final", BITS, (F(opcode, fin=0),), refused=1002, at=1)
        after = (HELLO, F(opcode))
        yield Case(f"{name} after a good message", BITS, after, text("Hello"), refused=1002, at=1)
    for opcode in (0x3, 0x7, 0xB, 0xF):
        yield Case(f"the reserved opcode {opcode:X} within a text", BITS, (BEGUN, F(opcode)), refused=1002, at=1)
