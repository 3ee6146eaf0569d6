"""Cases about messages: how their fragments may follow each other, and what is text."""

from collections.abc import Iterator

from tests.web.conformance import BINARY, CONTINUATION, PING, PONG, TEXT, Case, F, binary, pings, pongs, text

PIECES, UTF8 = "RFC 6455 §5.4", "RFC 6455 §8.1"


def more(payload: bytes = b"") -> F:
    """Return a fragment in the middle."""
    return F(CONTINUATION, payload, fin=0)


def last(payload: bytes = b"") -> F:
    """Return the last fragment."""
    return F(CONTINUATION, payload)


HEL, LO, BYTES = F(TEXT, b"Hel", fin=0), last(b"lo"), F(BINARY, b"\xff", fin=0)


def fragmentation() -> Iterator[Case]:
    """Yield cases about the order of fragments, and of what may stand between them."""
    hello = text("Hello")
    legal = {
        "a text in two": ((HEL, LO), hello),
        "bytes in two": ((BYTES, last(b"\xfe")), binary(b"\xff\xfe")),
        "a text in three": ((F(TEXT, b"H", fin=0), more(b"el"), LO), hello),
        "bytes in ten": ((BYTES, *[more(b"\xff")] * 8, last(b"\xff")), binary(b"\xff" * 10)),
        "an empty fragment first": ((F(TEXT, fin=0), last(b"Hello")), hello),
        "an empty fragment in the middle": ((HEL, more(), LO), hello),
        "an empty fragment last": ((F(TEXT, b"Hello", fin=0), last()), hello),
        "three empty fragments": ((F(TEXT, fin=0), more(), last()), text("")),
        "a hundred empty fragments": ((HEL, *[more()] * 100, LO), hello),
        "a fragment of 65,536 bytes": ((F(BINARY, bytes(65_536), fin=0), last(b"x")), binary(bytes(65_536) + b"x")),
        "two messages in two": ((HEL, LO, BYTES, last()), (*hello, *binary(b"\xff"))),
        "a whole message after one in two": ((HEL, LO, F(TEXT, b"Hello")), (*hello, *hello)),
        "a ping in between": ((HEL, F(PING, b"?"), LO), (*pings(b"?"), *hello)),
        "a pong in between": ((HEL, F(PONG, b"!"), LO), (*pongs(b"!"), *hello)),
        "a ping, a pong and a ping in between": (
            (HEL, F(PING, b"1"), F(PONG), F(PING, b"2"), LO),
            (*pings(b"1"), *pongs(b""), *pings(b"2"), *hello),
        ),
        "a ping after each of five fragments": (
            (HEL, F(PING), more(b"l"), F(PING), more(b"o"), F(PING), more(b"!"), F(PING), last(), F(PING)),
            (*pings(*[b""] * 4), *text("Hello!"), *pings(b"")),
        ),
        "a ping of 125 bytes in between": ((HEL, F(PING, bytes(125)), LO), (*pings(bytes(125)), *hello)),
        "no end yet": ((HEL, more(b"lo")), ()),
    }
    for says, (steps, told) in legal.items():
        yield Case(says, PIECES, steps, told)
    for opcode, name in ((TEXT, "a text"), (BINARY, "bytes")):
        for begun, what in ((HEL, "a text"), (BYTES, "bytes")):
            for fin, kind in ((1, ""), (0, " that goes on")):
                within = (begun, F(opcode, b"lo", fin=fin))
                yield Case(f"{name}{kind} within {what}", PIECES, within, refused=1002)
    within = (HEL, F(TEXT))
    yield Case("an empty text within a text", PIECES, within, refused=1002, after=0)
    within = (HEL, more(b"l"), F(TEXT, b"o"))
    yield Case("a text after the second fragment", PIECES, within, refused=1002)
    within = (HEL, F(PING), F(TEXT, b"lo"))
    yield Case("a text within a text, after a ping", PIECES, within, pings(b""), refused=1002)
    for frame, name in ((LO, "a last fragment"), (last(), "an empty last fragment"), (more(b"lo"), "a fragment")):
        yield Case(f"{name} of nothing", PIECES, (frame,), refused=1002)
        yield Case(f"{name} after a whole text", PIECES, (F(TEXT, b"Hi"), frame), text("Hi"), refused=1002)
        yield Case(f"{name} after a text in two", PIECES, (HEL, LO, frame), hello, refused=1002)
        yield Case(f"{name} after a ping", PIECES, (F(PING, b"?"), frame), pings(b"?"), refused=1002)


VALID = {
    "κόσμε": "a Greek word",
    "\x00": "zero",
    "\x7f": "the last of one byte",
    "\x80": "the first of two bytes",
    "\u07ff": "the last of two bytes",
    "\u0800": "the first of three bytes",
    "\ud7ff": "the last before the surrogates",
    "\ue000": "the first after the surrogates",
    "\ufffd": "the replacement character",
    "\uffff": "the last of three bytes, no character",
    "\U00010000": "the first of four bytes",
    "\U0010ffff": "the last of all, no character",
    "\ufeff": "a byte order mark alone",
    "\ufeffHello": "a byte order mark and a word",
    "\ufffe\ufdd0\ufdef": "noncharacters",
    "".join(chr((plane << 16) + 0xFFFE) for plane in range(17)): "the last but one of each plane, no characters",
    "a\u00e9\u20ac\U0001f600": "characters of one, two, three and four bytes",
    "e\u0301": "a letter and its accent",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467": "a family",
    "\U000f0000\U00100000": "the private planes",
}
INVALID = {  # bytes: how many of them must have come
    "80": 1,  # what may only follow
    "bf": 1,
    "8080": 1,
    "48656c80": 4,
    "c0": 1,  # never used: two bytes for what fits one
    "c080": 1,
    "c1bf": 1,
    "e080": 2,  # three bytes for what fits two
    "e09fbf": 2,
    "f080": 2,  # four for three
    "f08fbfbf": 2,
    "eda080": 2,  # surrogates
    "edadbf": 2,
    "edbfbf": 2,
    "eda081edb080": 2,
    "f490": 2,  # beyond the last character
    "f4908080": 2,
    "f5": 1,
    "f7bfbfbf": 1,
    "f888808080": 1,
    "fc8480808080": 1,
    "fe": 1,
    "ff": 1,
    "c328": 2,  # something else where a byte should follow
    "e228a1": 2,
    "e28228": 3,
    "f0288cbc": 2,
    "f09028bc": 3,
    "f0908c28": 4,
    "c3c3": 2,
    "cebae1bdb9cf83cebcceb5eda080656469746564": 13,  # a Greek word, and then half a pair
    "e282ace282ff": 6,
}
CUT = ("c3", "e2", "e282", "f0", "f09f", "f09f98", "48656c6cc3")  # they may go on, and do not


def utf8() -> Iterator[Case]:
    """Yield cases about what is text."""
    for said, name in VALID.items():
        yield Case(f"{name}", UTF8, (F(TEXT, said.encode()),), text(said))
    for said in ("é", "€", "😀"):
        octets = said.encode()
        for at in range(1, len(octets)):
            halves = (F(TEXT, octets[:at], fin=0), last(octets[at:]))
            yield Case(f"{said} cut after {at} of {len(octets)} bytes", UTF8, halves, text(said))
        single = (F(TEXT, fin=0), *(more(bytes([octet])) for octet in octets), last())
        yield Case(f"{said} in fragments of one byte", UTF8, single, text(said))
        slow = (F(TEXT, octets[:1], fin=0), more(), F(PING, b"\xff"), last(octets[1:]))
        yield Case(f"{said} around nothing and a ping", UTF8, slow, (*pings(b"\xff"), *text(said)))
    for octets, by in INVALID.items():
        bad = bytes.fromhex(octets)
        yield Case(f"a text of {octets}", UTF8, (F(TEXT, bad),), refused=1007, after=by)
    for octets, by in (("80", 1), ("ff", 1), ("c080", 1), ("eda0", 2), ("f490", 2), ("e09f", 2)):
        bad = bytes.fromhex(octets)
        promise = F(TEXT, bad, size=1_000)
        yield Case(f"{octets} in a frame whose end does not come", UTF8, (promise,), refused=1007, after=by)
        yield Case(f"{octets} in a text that goes on", UTF8, (F(TEXT, bad, fin=0),), refused=1007, after=by)
        yield Case(f"{octets} in a second fragment", UTF8, (HEL, more(bad)), refused=1007, after=by)
    for octets in CUT:
        cut = bytes.fromhex(octets)
        yield Case(f"a text that ends with {octets}", UTF8, (F(TEXT, cut),), refused=1007, after=len(cut))
    for steps, says, by in (
        ((F(TEXT, b"\xe2", fin=0), last(b"x")), "a € that goes on as a letter", 1),
        ((F(TEXT, b"\xe2\x82", fin=0), last()), "a € that ends with an empty fragment", 0),
        ((F(TEXT, b"\xed", fin=0), more(b"\xa0")), "half a pair in two fragments", 1),
        ((F(TEXT, b"\xf4", fin=0), F(PING), more(b"\x90")), "beyond the last character, around a ping", 1),
    ):
        yield Case(says, UTF8, steps, pings(b"") if len(steps) == 3 else (), refused=1007, after=by)
    yield Case("bytes need not be text", "RFC 6455 §5.6", (F(BINARY, b"\xc0\x80\xff"),), binary(b"\xc0\x80\xff"))
    yield Case("bytes that end within a character", "RFC 6455 §5.6", (F(BINARY, b"\xe2\x82"),), binary(b"\xe2\x82"))
    after = (F(TEXT, "é".encode()), F(TEXT, b"\xa9"))
    yield Case("one text does not go on in the next", UTF8, after, text("é"), refused=1007, after=1)
