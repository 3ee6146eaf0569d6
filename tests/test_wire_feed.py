"""From pieces to messages: the same ones whatever the pieces, in linear work, within a limit."""

import random
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlab.wire import Feed, Incomplete, Reader, WireError, sized

T = TypeVar("T")
repeatable = settings(derandomize=True, deadline=None)


def block(r: Reader) -> bytes:
    """Read a length of 4 bytes and as many bytes."""
    return r.take(r.uint(4, "length"), "body")


def line(r: Reader) -> bytes:
    return r.take(r.until(b"\r\n"), "line")


def two_lines(r: Reader) -> bytes:
    return line(r) + line(r)


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


def keep(feed: Feed, wire: Iterable[bytes], decode: Callable[[Reader], T], got: list[T]) -> None:
    """Feed piece by piece and keep each message as it comes: an error later on does not take them back."""
    for piece in wire:
        feed.feed(piece)
        for message in feed.messages(decode):
            got.append(message)


@repeatable
@given(st.lists(st.binary(max_size=30), max_size=8), st.lists(st.integers(0, 200), max_size=6), st.randoms())
def test_the_messages_do_not_depend_on_the_pieces(bodies: list[bytes], cuts: list[int], dice: random.Random) -> None:
    blocks = b"".join(sized(body, 4) for body in bodies)
    texts = b"".join(body.replace(b"\r\n", b"") + b"\r\n" for body in bodies)
    for wire, decode in [(blocks, block), (texts, line), (texts, two_lines)]:
        whole, feed = Feed(1_000), Feed(1_000)
        whole.feed(wire)
        expected, got = list(whole.messages(decode)), list[bytes]()
        edges = sorted({0, len(wire), *(cut for cut in cuts if cut < len(wire))})
        for start, stop in pairwise(edges):
            feed.feed(wire[start:stop])
            if dice.random() < 0.8:  # a caller need not look each time
                got += feed.messages(decode)
        got += feed.messages(decode)
        assert got == expected
        assert feed.held == whole.held


@pytest.mark.parametrize("size", [1, 1460, 1 << 16])
@pytest.mark.parametrize("body", [12, 4_092, (1 << 20) - 4])
def test_feeding_a_mebibyte_takes_work_in_proportion(size: int, body: int) -> None:
    wire = sized(bytes(body), 4) * ((1 << 20) // (body + 4))
    feed, tries, got = Feed(1 << 20), 0, 0

    def counted(r: Reader) -> bytes:
        nonlocal tries
        tries += 1
        return block(r)

    for piece in pieces(wire, size):
        feed.feed(piece)
        for message in feed.messages(counted):
            got += len(message) + 4
        assert feed.held < body + 4
        assert len(feed._reader.data) < body + 4 + 2 * size  # what was read is not kept
    messages = len(wire) // (body + 4)
    assert got == len(wire)
    # A message is tried when its length may be there, when it may be whole, and at most once for a piece's end.
    assert tries <= 3 * messages
    assert tries <= messages + 2 * (len(wire) // size + 1)


class Searched(bytearray):
    """A buffer that counts the bytes in which a mark was looked for."""

    looked_at = 0

    def find(self, mark: bytes, start: int, stop: int) -> int:  # type: ignore[override]
        found = super().find(mark, start, stop)
        self.looked_at += (stop if found < 0 else found) - start
        return found


@pytest.mark.parametrize("decode", [line, two_lines])
def test_looking_for_a_mark_goes_on_where_it_gave_up(decode: Callable[[Reader], bytes]) -> None:
    wire = (b"x" * 998 + b"\r\n") * 40
    feed = Feed(1 << 20)
    feed._buffer = buffer = Searched()
    feed._reader = Reader(feed._buffer)
    lines = 0
    for piece in pieces(wire, 1):
        feed.feed(piece)
        lines += sum(message.count(b"\n") for message in feed.messages(decode))
    assert lines == 40
    # Each byte once, and for each try the end of a mark or, with two lines, the first of them again.
    assert buffer.looked_at <= (3 if decode is line else 502) * len(wire)


def test_nothing_is_tried_before_what_is_missing_has_come() -> None:
    feed, tries = Feed(1_000), []

    def decode(r: Reader) -> bytes:
        tries.append(r.left)
        if r.left < 100:
            raise Incomplete(100 - r.left)
        return r.take(100, "all")

    for n in range(1, 101):
        feed.feed(b"x")
        assert len(list(feed.messages(decode))) == (n == 100)
    assert tries == [1, 100]


@pytest.mark.parametrize("size", [1, 3, 1460])
def test_a_message_over_the_limit_is_refused_before_its_bytes_come(size: int) -> None:
    feed, got = Feed(limit=10, rule="RFC 6455 §10.4"), list[bytes]()
    wire = sized(b"123456", 4) + sized(b"1234567", 4)
    with pytest.raises(WireError, match=r"a message of at least 11 bytes, where 10 are allowed \(RFC 6455 §10.4\)"):
        keep(feed, pieces(wire, size), block, got)
    assert got == [b"123456"]


def test_a_line_that_never_ends_is_refused() -> None:
    feed = Feed(limit=100)
    feed.feed(b"x" * 98)
    assert list(feed.messages(line)) == []
    feed.feed(b"xx")
    with pytest.raises(WireError, match="at least 102 bytes"):
        list(feed.messages(line))


def test_after_an_error_it_stays_an_error_and_keeps_nothing() -> None:
    def decode(r: Reader) -> int:
        if r.uint(1, "version") != 4:
            raise WireError("not version 4", "RFC 791 §3.1")
        return 4

    feed, got = Feed(10), list[int]()
    with pytest.raises(WireError, match="not version 4") as first:
        keep(feed, [b"\x04\x04\x06\x04"], decode, got)
    assert got == [4, 4]
    for _ in range(3):
        feed.feed(b"\x04" * 1_000)
        assert feed.held == 0
        with pytest.raises(WireError) as again:
            list(feed.messages(decode))
        assert again.value is first.value


def test_another_decoder_takes_over_between_messages() -> None:
    feed = Feed(100)
    feed.feed(b"UPGRADE\r\n" + sized(b"body", 4) + b"re")
    for message in feed.messages(line):
        assert message == b"UPGRADE\r\n"
        break
    assert list(feed.messages(block)) == [b"body"]
    assert feed.held == 2
    assert feed.drain() == b"re"
    assert (feed.held, feed.drain()) == (0, b"")
    feed.feed(b"on\r\n")  # and nothing is remembered of what was drained
    assert list(feed.messages(line)) == [b"on\r\n"]


@pytest.mark.parametrize("size", [1, 7, 100])
def test_what_points_back_points_into_its_own_message(size: int) -> None:
    """A name of DNS may say "as at offset 1": from where its message starts, whatever is before it in the buffer."""

    def repeated(r: Reader) -> bytes:
        word = r.take(r.uint(1, "length"), "word")
        return word + r.fork(r.uint(1, "offset")).take(2, "again")

    feed, got = Feed(100), list[bytes]()
    keep(feed, pieces(b"\x02ab\x01\x03cde\x02\x02fg\x01", size), repeated, got)
    assert got == [b"abab", b"cdede", b"fgfg"]


def test_more_may_be_fed_while_messages_are_taken_out() -> None:
    feed, got = Feed(100), []
    feed.feed(b"1\r\n2\r\n3")
    for message in feed.messages(line):
        got.append(message)
        if message == b"2\r\n":
            feed.feed(b"\r\n4\r\n")
    assert got == [b"1\r\n", b"2\r\n", b"3\r\n", b"4\r\n"]


def test_a_callers_mistakes() -> None:
    feed = Feed(10)
    feed.feed(b"x")
    with pytest.raises(ValueError, match="at least one byte"):
        list(feed.messages(lambda r: r.left))
    with pytest.raises(TypeError):
        feed.feed("text")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at most 0 bytes"):
        Feed(0)
