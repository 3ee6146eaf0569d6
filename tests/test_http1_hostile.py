"""Heads of HTTP/1.1 from whoever means harm: time in proportion to their length, and two failures, whatever it is."""

import random
from itertools import pairwise
from time import process_time

import pytest

from netlab.http1 import Request, Response, decode_request
from netlab.wire import Feed, Incomplete, Reader, Recorder, WireError
from tests.test_http1 import REAL, Decode, get

LONG = 1 << 18
HOSTILE = {
    "one long target": b"GET /" + b"a" * LONG + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "one long method": b"G" * LONG + b"\r\n\r\n",
    "blanks in the request line": b"GET" + b" " * LONG + b"\r\n\r\n",
    "a long value": get(b"X: " + b"a " * (LONG // 2) + b"\r\n"),
    "blanks alone": get(b"X:" + b" \t" * (LONG // 2) + b"\0\r\n"),
    "a long name": get(b"X" * LONG + b"\r\n"),
    "a long host": get(host=b"Host: " + b"a" * LONG + b"@\r\n"),
    "many fields": get(b"X: a\r\n" * (LONG // 6)),
    "many empty lines": b"\r\n\r" * (LONG // 3),
    "many CR": b"GET / HTTP/1.1" + b"\r" * LONG + b"\r\n\r\n",
    "long lines without an end": get()[:-2] + (b"X: " + b"a" * (LONG // 98) + b"\r\n") * 98,
}


@pytest.mark.serial
@pytest.mark.parametrize("wire", HOSTILE.values(), ids=HOSTILE)
def test_hostile_heads_take_time_in_proportion(wire: bytes) -> None:
    """The square of a quarter of a million would be minutes."""
    began = process_time()
    feed = Feed(2 * LONG)
    try:
        for at in range(0, len(wire), 8):
            feed.feed(wire[at : at + 8])
            list(feed.messages(decode_request))
    except WireError:
        pass
    assert process_time() - began < 5


def hostile(dice: random.Random, seeds: list[bytes]) -> bytes:
    """Return a real head with a few bytes or lines changed, taken out, put in, or said twice."""
    wire = bytearray(dice.choice(seeds))
    for _ in range(dice.randrange(4)):
        at = dice.randrange(len(wire))
        match dice.randrange(4):
            case 0:
                wire[at : at + dice.randrange(3)] = dice.randbytes(dice.randrange(3))
            case 1:
                wire[at:at] = dice.choice([b" ", b"\t", b"\r\n", b"\n", b"\r", b"\0", b":", b",", b"\r\n\r\n", b"\xe9"])
            case 2:
                stop = at + dice.randrange(40)
                wire[at:at] = wire[at:stop]
            case _:
                del wire[at : at + dice.randrange(1, 4)]
        wire = wire or bytearray(b"\r")
    return bytes(wire) + dice.randbytes(dice.randrange(3))


def outcome(reader: Reader, decode: Decode) -> object:
    """Return the message and what is left, or the failure; anything else that is raised fails the test."""
    try:
        return decode(reader), reader.left
    except (Incomplete, WireError) as failure:
        return type(failure).__name__, str(failure)


@pytest.mark.fuzz
def test_hostile_heads_raise_only_the_two_failures(inputs: int) -> None:
    dice = random.Random(9112)
    ends = {"whole": 0, "Incomplete": 0, "WireError": 0}
    for _ in range(inputs):
        decode, seed = dice.choice(list(REAL.values()))
        wire = hostile(dice, [seed])
        plain = outcome(Reader(wire), decode)
        assert plain == outcome(Recorder(wire), decode)
        ends[str(plain[0]) if isinstance(plain[0], str) else "whole"] += 1  # type: ignore[index]
        cuts = sorted(dice.randrange(len(wire) + 1) for _ in range(dice.randrange(4)))
        pieces = [wire[start:stop] for start, stop in pairwise([0, *cuts, len(wire)])]
        assert history(pieces, decode) == history([wire], decode)
    assert min(ends.values()) > inputs / 20  # each way to end was taken often


def history(pieces: list[bytes], decode: Decode) -> tuple[list[Request | Response], str, int]:
    """Return the messages of a stream, what broke it, and how many bytes of an unfinished one were held at its end."""
    feed, got = Feed(limit=400), list[Request | Response]()
    try:
        for piece in pieces:
            feed.feed(piece)
            got += feed.messages(decode)
    except WireError as error:
        return [], str(error), feed.held
    return got, "", feed.held
