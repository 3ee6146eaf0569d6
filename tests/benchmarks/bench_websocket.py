"""WebSocket beside its peers, in one run: frames and masks beside wsproto's and websockets'.

wsproto is Python all through, as netlab is. websockets masks in C, where its wheel has it; what it is beaten or not
beaten at is parsing, which it does in Python. Each side is fed the same octets, and keeps its parser between frames,
as a connection does.
"""

import random
from collections.abc import Callable
from typing import Any

import pytest
from websockets.frames import Frame as TheirFrame
from websockets.streams import StreamReader
from wsproto.frame_protocol import FrameProtocol, XorMaskerSimple

from netlab.web.websocket import BINARY, Frame, Frames, encode, mask
from netlab.web.websocket.masking import xor
from tests.benchmarks.turns import beside, best

pytestmark = pytest.mark.serial

KEY = bytes.fromhex("37fa213d")
SIZES = [0, 5, 16, 64, 125, 1 << 10, 1 << 16, 1 << 20]
ASKED = {0: 2.5, 5: 2.5, 16: 2.5, 64: 2.5, 125: 2.5, 1 << 10: 1.3, 1 << 16: 1.0}  # parse and build, beside wsproto
AIMED = {0: 5.0, 5: 5.0, 16: 5.0, 64: 5.0, 125: 5.0, 1 << 10: 3.0, 1 << 16: 1.5}


def payload(size: int) -> bytes:
    return random.Random(6455).randbytes(size)


def often(call: Callable[[], object], size: int) -> Callable[[], object]:
    """Return a function that calls so often that a turn takes a millisecond or so."""
    number = max(2, min(300, 600_000 // (size + 1)))
    return lambda: [call() for _ in range(number)]


def microseconds(seconds: float, size: int) -> str:
    return f"{seconds / len(often(int, size)()) * 1e6:,.2f} µs"  # type: ignore[arg-type]


class Ours:
    """A client that builds and a server that parses."""

    def __init__(self, size: int) -> None:
        self.octets, self.dice = payload(size), random.Random(1)
        self.frames = Frames(masked=True, most=1 << 21)
        self.wire = self.build()

    def build(self) -> bytes:
        return encode(Frame(BINARY, self.octets), self.dice.randbytes(4))

    def parse(self) -> Any:
        return list(self.frames.feed(self.wire))

    def both(self) -> Any:
        return list(self.frames.feed(self.build()))


class Wsproto:
    """The same in wsproto."""

    def __init__(self, size: int) -> None:
        self.octets = payload(size)
        self.client, self.server = FrameProtocol(True, []), FrameProtocol(False, [])
        self.wire = self.build()

    def build(self) -> bytes:
        return bytes(self.client.send_data(self.octets, True))

    def parse(self) -> Any:
        self.server.receive_bytes(self.wire)
        return list(self.server.received_frames())

    def both(self) -> Any:
        self.server.receive_bytes(self.build())
        return list(self.server.received_frames())


class Websockets:
    """Its parser, driven as its connection drives it: a generator over a reader that stays."""

    def __init__(self, size: int) -> None:
        self.wire, self.reader = Ours(size).wire, StreamReader()

    def parse(self) -> Any:
        self.reader.feed_data(self.wire)
        try:
            next(TheirFrame.parse(self.reader.read_exact, mask=True))
        except StopIteration as done:
            return done.value


def test_the_sides_do_the_same() -> None:
    for size in SIZES:
        octets = payload(size)
        assert Ours(size).parse()[0].payload == Ours(size).both()[0].payload == octets
        assert b"".join(frame.payload for frame in Wsproto(size).both()) == octets
        assert Websockets(size).parse().data == octets
        assert bytes(XorMaskerSimple(KEY).process(bytearray(octets))) == mask(octets, KEY)


@pytest.mark.parametrize("side", [Ours, Wsproto, Websockets])
@pytest.mark.parametrize("size", SIZES)
def test_parsing(benchmark: Any, size: int, side: Any) -> None:
    benchmark.group = f"parse a masked frame of {size} B"
    benchmark(side(size).parse)


@pytest.mark.parametrize("size", ASKED)
def test_parsing_and_building_is_faster_than_wsprotos(size: int, say: Callable[[str], None]) -> None:
    ours, theirs = beside(often(Ours(size).both, size), often(Wsproto(size).both, size), ASKED[size])
    took = f"netlab {microseconds(ours, size)}, wsproto {microseconds(theirs, size)}"
    say(f"parse + build {size:,} B: {took}: {theirs / ours:.1f} x as fast (asked: {ASKED[size]}, aim: {AIMED[size]})")
    assert theirs >= ASKED[size] * ours


def test_parsing_is_as_fast_as_that_of_websockets(say: Callable[[str], None]) -> None:
    ours, theirs = beside(often(Ours(16).parse, 16), often(Websockets(16).parse, 16), asked=1)
    took = f"netlab {microseconds(ours, 16)}, websockets {microseconds(theirs, 16)}"
    say(f"parse 16 B: {took}: {theirs / ours:.1f} x as fast (asked: 1, aim: 2)")
    assert theirs >= ours


@pytest.mark.parametrize("size", SIZES)
def test_masking_is_as_fast_as_wsprotos(size: int, say: Callable[[str], None]) -> None:
    octets = payload(size)
    turns = [lambda: xor(octets, KEY), lambda: XorMaskerSimple(KEY).process(octets)]  # it makes one for each frame
    ours, theirs = beside(*(often(turn, size) for turn in turns), asked=0.9)
    took = f"netlab {microseconds(ours, size)}, wsproto {microseconds(theirs, size)}"
    say(f"mask {size:,} B: {took}: {theirs / ours:.2f} x as fast (asked: 0.9)")
    assert theirs >= 0.9 * ours


@pytest.mark.parametrize("piece", [1, 1460])
def test_feeding_takes_time_in_proportion(piece: int, say: Callable[[str], None]) -> None:
    def feeding(total: int) -> Callable[[], object]:
        wire = encode(Frame(BINARY, payload(total)), KEY)

        def run() -> None:
            frames = Frames(masked=True, most=total)
            got = [frame for at in range(0, len(wire), piece) for frame in frames.feed(wire[at : at + piece])]
            assert len(got) == 1

        return run

    quarter, whole = best(feeding(1 << 18), feeding(1 << 20), turns=6)
    say(f"1 MiB in pieces of {piece:,} B: {whole * 1e3:.1f} ms, {whole / quarter:.1f} x a quarter of it")
    assert whole / quarter <= 8  # in proportion would be 4, to the square 16
