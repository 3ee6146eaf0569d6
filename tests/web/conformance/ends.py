"""Cases about how it ends: close frames, the end of TCP, and what is too much."""

from collections.abc import Iterator

from netlab.web.websocket.limits import Limits
from tests.web.conformance import BINARY, CLOSE, CONTINUATION, PING, TEXT, Case, F, Gone, Say, Tick, binary, pings, text

LEGAL = (*range(1000, 1004), *range(1007, 1015), 3000, 3999, 4000, 4999)
NEVER = {0: "2", 1: "2", 999: "2", 1004: "1", 1005: "1", 1006: "1", 1015: "1", 1016: "2", 1100: "2", 2000: "2"}
NEVER |= {2999: "2", 5000: "2", 65_535: "2"}
FRAME = "RFC 6455 §5.5.1"


def bye(code: int, reason: bytes = b"") -> F:
    """Return a close frame."""
    return F(CLOSE, code.to_bytes(2) + reason)


def close() -> Iterator[Case]:
    """Yield cases about the closing handshake."""
    yield from codes()
    yield from reasons()
    yield from orders()


def codes() -> Iterator[Case]:
    """Yield cases about close codes."""
    for code in LEGAL:
        section = 1 if code < 1012 else 2
        yield Case(f"close {code}", f"RFC 6455 §7.4.{section}", (bye(code),), closed=(code, ""))
    for code, section in NEVER.items():
        yield Case(f"close {code}", f"RFC 6455 §7.4.{section}", (bye(code),), refused=1002, after=2)
    yield Case("close without a code", "RFC 6455 §7.1.5", (F(CLOSE),), closed=(1005, ""))
    for octet in (b"\x03", b"\x00", b"\xff"):
        yield Case(f"half a close code, {octet.hex()}", FRAME, (F(CLOSE, octet),), refused=1002, after=1)


def reasons() -> Iterator[Case]:
    """Yield cases about the reason for closing."""
    for size in (1, 2, 122, 123):
        said = "x" * size
        yield Case(f"a reason of {size} bytes", FRAME, (bye(1000, said.encode()),), closed=(1000, said))
    yield Case("a reason of 124 bytes", "RFC 6455 §5.5", (bye(1000, bytes(124)),), refused=1002, at=2)
    for said in ("κόσμε", "é€😀", "\ufeff", "\x00"):
        yield Case(f"the reason {said!a}", "RFC 6455 §7.1.6", (bye(1000, said.encode()),), closed=(1000, said))
    for bad in ("ff", "c080", "eda080", "f4908080", "e282", "4869f09f98"):
        octets = bytes.fromhex(bad)
        yield Case(f"a reason of {bad}", "RFC 6455 §8.1", (bye(1000, octets),), refused=1007, after=2 + len(octets))
    both = bye(999, b"\xff")
    yield Case("a bad code and a bad reason", "RFC 6455 §7.4.2", (both,), refused=1002)


def orders() -> Iterator[Case]:
    """Yield cases about what comes before and after a close frame."""
    hello, begun = F(TEXT, b"Hello"), F(TEXT, b"Hel", fin=0)
    for after, name in (
        (hello, "a text"),
        (F(PING, b"?"), "a ping"),
        (bye(1001), "another close"),
        (F(3), "a reserved opcode"),
        (F(TEXT, wrong=True), "the other side's mask bit"),
        (F(TEXT, b"\xff"), "what is no text"),
    ):
        yield Case(f"{name} after a close is not read", FRAME, (bye(1000), after), closed=(1000, ""))
    yield Case("a message, then a close", FRAME, (hello, bye(1000)), text("Hello"), closed=(1000, ""))
    yield Case("a ping, then a close", FRAME, (F(PING, b"?"), bye(1000)), pings(b"?"), closed=(1000, ""))
    yield Case("a close within a text", "RFC 6455 §5.4", (begun, bye(1001, b"sorry")), closed=(1001, "sorry"))
    yield Case("a close within a €", "RFC 6455 §5.4", (F(TEXT, b"\xe2", fin=0), bye(1000)), closed=(1000, ""))
    both = "RFC 6455 §7.1.5"
    yield Case("both at once", both, (Say(1000, "bye"), bye(1001, b"me too")), closed=(1001, "me too"))
    yield Case("both at once, without a code", both, (Say(), F(CLOSE)), closed=(1005, ""))
    yield Case("an answer to ours", FRAME, (Say(4000, "bye"), bye(4000)), closed=(4000, ""))
    yield Case("we close", "RFC 6455 §7.1.2", (Say(3000, "bye"),))
    yield Case("we close twice", FRAME, (Say(3000, "bye"), Say(3001, "again")))
    yield Case("we close after they did", FRAME, (bye(1000), Say(3001, "again")), closed=(1000, ""))
    yield Case("a message after our close", FRAME, (Say(), hello), text("Hello"))
    yield Case("a ping after our close is answered", "RFC 6455 §5.5.2", (Say(), F(PING, b"?")), pings(b"?"))
    yield Case("our close within their text", "RFC 6455 §5.4", (begun, Say(), F(CONTINUATION, b"lo")), text("Hello"))
    broken = (Say(), F(TEXT, b"\xff"))
    yield Case("what is no text, after our close", "RFC 6455 §8.1", broken, refused=1007, after=1)
    broken = (Say(), F(3))
    yield Case("a reserved opcode after our close", "RFC 6455 §5.2", broken, refused=1002, at=1)
    broken = (Say(), bye(1005))
    yield Case("close 1005 after our close", "RFC 6455 §7.4.1", broken, refused=1002, after=2)
    yield Case("TCP ends", "RFC 6455 §7.1.5", (Gone(),), lost=True)
    yield Case("TCP ends twice", "RFC 6455 §7.1.5", (Gone(), Gone()), lost=True)
    yield Case("TCP ends after a message", "RFC 6455 §7.1.5", (hello, Gone()), text("Hello"), lost=True)
    yield Case("TCP ends within a message", "RFC 6455 §7.1.5", (begun, Gone()), lost=True)
    yield Case("TCP ends within a frame", "RFC 6455 §7.1.5", (F(BINARY, b"x", size=9), Gone()), lost=True)
    yield Case("TCP ends after our close", "RFC 6455 §7.1.5", (Say(), Gone()), lost=True)
    yield Case("TCP ends after their close", "RFC 6455 §7.1.4", (bye(1000), Gone()), closed=(1000, ""))
    yield Case("TCP ends after both have closed", "RFC 6455 §7.1.4", (Say(), bye(1000), Gone()), closed=(1000, ""))


def limits() -> Iterator[Case]:
    """Yield cases about what is too much."""
    yield from sizes()
    yield from rates()


def sizes() -> Iterator[Case]:
    """Yield cases about messages that are too large."""
    rule, ten = "RFC 6455 §10.4", Limits(message=10)

    def case(says: str, *frames: F, told: tuple = (), **more: object) -> Case:
        return Case(f"{says}, of 10", rule, frames, told, limits=ten, **more)  # type: ignore[arg-type]

    full, half = F(BINARY, bytes(10)), F(BINARY, bytes(5), fin=0)
    yield case("10 bytes", full, told=binary(bytes(10)))
    yield case("11 bytes", F(BINARY, bytes(11)), refused=1009, at=2)
    yield case("10 bytes twice", full, full, told=binary(bytes(10), bytes(10)))
    yield case("10 bytes, then 11", full, F(BINARY, bytes(11)), told=binary(bytes(10)), refused=1009, at=2)
    yield case("5 + 5 bytes", half, F(CONTINUATION, bytes(5)), told=binary(bytes(10)))
    yield case("5 + 6 bytes", half, F(CONTINUATION, bytes(6)), refused=1009, after=6)
    yield case("5 + 6 bytes, not final", half, F(CONTINUATION, bytes(6), fin=0), refused=1009, after=6)
    yield case(
        "5 + 5 bytes, then none", half, F(CONTINUATION, bytes(5), fin=0), F(CONTINUATION), told=binary(bytes(10))
    )
    ones = [F(CONTINUATION, b"\0", fin=0)] * 5
    yield case("5 + 1 + 1 + 1 + 1 + 1 bytes", half, *ones, F(CONTINUATION), told=binary(bytes(10)))
    yield case("5 + 1 + 1 + 1 + 1 + 1 + 1 bytes", half, *ones, F(CONTINUATION, b"\0"), refused=1009, after=1)
    yield case("200 empty fragments", half, *[F(CONTINUATION, fin=0)] * 200, F(CONTINUATION), told=binary(bytes(5)))
    yield case("5 letters of 2 bytes", F(TEXT, "ééééé".encode()), told=text("ééééé"))
    yield case("6 letters of 2 bytes", F(TEXT, "éééééé".encode()), refused=1009, at=2)
    yield case("a ping of 125 bytes is no message", F(PING, bytes(125)), told=pings(bytes(125)))
    within = (half, F(PING, bytes(125)), F(CONTINUATION, bytes(5)))
    yield case("a ping of 125 bytes within a message", *within, told=(*pings(bytes(125)), *binary(bytes(10))))
    yield case("a reason of 123 bytes is no message", bye(1000, b"x" * 123), closed=(1000, "x" * 123))
    yield case("a declared 126", F(BINARY, b"x", size=126), refused=1009, at=4)
    yield case("a declared 65,536", F(BINARY, b"x", size=65_536), refused=1009, at=10)
    for name, size in (("2⁶³ - 1", (1 << 63) - 1), ("2⁶²", 1 << 62), ("2³¹", 1 << 31), ("2³² + 5", (1 << 32) + 5)):
        yield Case(f"a declared {name}", rule, (F(BINARY, b"Hello", size=size),), refused=1009, at=10)
    mega = 1 << 20
    yield Case("1 MiB, the usual limit", rule, (F(BINARY, bytes(mega)),), binary(bytes(mega)))
    yield Case("1 MiB and a byte", rule, (F(BINARY, b"x", size=mega + 1),), refused=1009, at=10)


def rates() -> Iterator[Case]:
    """Yield cases about too many frames, where three may come in a second."""
    rule, ping = "RFC 6455 §10.4", F(PING, b"Hello")
    three, told = Limits(frames=3), pings(b"Hello")

    def case(says: str, *steps: F | Tick, told: tuple = (), **more: object) -> Case:
        return Case(f"{says}, of 3 in a second", rule, steps, told, limits=three, **more)  # type: ignore[arg-type]

    yield case("3 pings", *[ping] * 3, told=told * 3)
    yield case("4 pings", *[ping] * 4, told=told * 3, refused=1008, after=5)
    texts = [F(TEXT, b"Hello")] * 4
    yield case("3 texts", *texts[:3], told=text(*["Hello"] * 3))
    yield case("4 texts", *texts, told=text(*["Hello"] * 3), refused=1008)
    pieces = (F(TEXT, b"Hello", fin=0), *[F(CONTINUATION, b"Hello", fin=0)] * 3)
    yield case("4 fragments", *pieces, refused=1008)
    empty = (F(TEXT, fin=0), *[F(CONTINUATION, fin=0)] * 3)
    yield case("4 empty fragments", *empty, refused=1008)
    late = (Tick(7), ping, ping, Tick(7.9), ping, ping)
    yield case("2 pings, and 2 after 0.9 s", *late, told=told * 3, refused=1008, after=5)
    good = (Tick(7), ping, ping, ping, Tick(8), ping, ping, ping)
    yield case("3 pings, and 3 after 1 s", *good, told=told * 6)
    good = (Tick(7), ping, ping, ping, Tick(9_999), ping, ping, ping, ping)
    yield case("3 pings, and 4 after some hours", *good, told=told * 6, refused=1008, after=5)
    yield case("2 pings and a close", ping, ping, bye(1000), told=told * 2, closed=(1000, ""))
