"""The reader and its twin, on RFC bytes and on a small nested format of our own, and under fire."""

import json
import random
import re
import tracemalloc
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlab.wire import Feed, Incomplete, Reader, Recorder, Span, WireError, sized, uint

VECTORS = json.loads((Path(__file__).parent / "vectors" / "frames.json").read_text(encoding="utf-8"))["vectors"]
repeatable = settings(derandomize=True, deadline=None)

# ---------------------------------------------------------------------------------- RFC 6455 §5.7, its lengths alone


def frame(r: Reader) -> tuple[int, bytes, bytes]:
    """Read a WebSocket frame as it travels: first byte, mask, masked payload."""
    first = r.uint(1, "FIN, RSV, opcode", says=lambda byte: f"opcode {byte & 15}")
    second = r.uint(1, "MASK, length")
    size = second & 0x7F
    if size > 125:
        size = r.uint(2 if size == 126 else 8, "extended length")
    mask = r.take(4, "mask", says=lambda four: four.hex()) if second & 0x80 else b""
    return first, mask, r.take(size, "payload")


FRAMES = [bytes.fromhex(text) for vector in VECTORS for text in vector["frames_hex"]]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_frames_of_the_rfc_whole_cut_and_with_trailing_bytes(vector: dict[str, Any]) -> None:
    payload = b""
    for wire in map(bytes.fromhex, vector["frames_hex"]):
        first, mask, body = frame(r := Reader(wire + b"trailing"))
        assert r.data[r.at :] == b"trailing"
        assert frame(Reader(wire, "RFC 6455 §5.2")) == (first, mask, body)
        for cut in range(len(wire)):
            with pytest.raises(Incomplete) as caught:
                frame(Reader(wire[:cut]))
            assert 1 <= caught.value.missing <= len(wire) - cut
        payload += bytes(byte ^ mask[n % 4] for n, byte in enumerate(body)) if mask else body
    assert payload.hex() == vector["expect"]["payload_hex"]


@pytest.mark.parametrize("wire", FRAMES, ids=bytes.hex)
def test_waiting_for_what_is_missing_always_gets_further(wire: bytes) -> None:
    there, tries = 0, 0
    while True:
        tries += 1
        try:
            frame(Reader(wire[:there]))
        except Incomplete as more:
            there += more.missing
        else:
            break
    assert there == len(wire)  # what is asked for is never more than the message needs
    assert tries <= 6  # fields, not bytes


# ------------------------------------------------------------------- a nested format: 2 bytes of length, then items

RULE = "Example §2"
Item = int | bytes | list[Any]


def encode(items: list[Item]) -> bytes:
    return sized(b"".join(map(encode_item, items)), 2)


def encode_item(item: Item) -> bytes:
    if isinstance(item, int):
        return b"\x01" + sized(uint(item, 4), 1)
    return b"\x02" + sized(item, 1) if isinstance(item, bytes) else b"\x03" + encode(item)


def decode(r: Reader, depth: int = 0) -> list[Item]:
    """Read a length and the items within it: 1 is a number, 2 text, 3 a list of items."""
    items: list[Item] = []
    if depth > 20:
        raise WireError("lists within lists, 20 deep", RULE)
    with r.sub(r.uint(2, "length"), "list", RULE) as inner:
        while inner.left:
            kind = inner.uint(1, "type")
            if kind == 1:
                with inner.sub(inner.uint(1, "length"), "number", RULE) as body:
                    items.append(body.uint(4, "value"))
            elif kind == 2:
                items.append(inner.sub(inner.uint(1, "length"), "text", RULE).rest("characters"))
            elif kind == 3:
                items.append(decode(inner, depth + 1))
            else:
                raise WireError(f"nobody knows type {kind}", RULE)
    return items


item_lists = st.recursive(
    st.lists(st.integers(0, 2**32 - 1) | st.binary(max_size=20), max_size=4),
    lambda lists: st.lists(st.integers(0, 9) | lists, max_size=3),
    max_leaves=8,
)


@repeatable
@given(item_lists, st.binary(max_size=9))
def test_round_trip_every_cut_and_trailing_bytes(items: list[Item], trailing: bytes) -> None:
    wire = encode(items)
    assert decode(r := Reader(wire + trailing)) == items
    assert r.left == len(trailing)
    for cut in range(len(wire)):
        with pytest.raises(Incomplete) as caught:
            decode(Reader(wire[:cut]))
        assert caught.value.missing == (2 - cut if cut < 2 else len(wire) - cut)  # once the length is known, exactly


@repeatable
@given(item_lists)
def test_the_twin_reads_the_same_and_its_spans_tile_the_message(items: list[Item]) -> None:
    wire = encode(items)
    twin = Recorder(wire)
    assert decode(twin) == items
    assert b"".join(wire[span.start : span.stop] for span in twin.spans) == wire
    for span in twin.spans:
        if isinstance(span.value, int):
            assert int.from_bytes(wire[span.start : span.stop]) == span.value
        else:
            assert wire[span.start : span.stop] == span.value


def test_a_span_has_the_names_of_what_it_is_within() -> None:
    twin = Recorder(encode([7, [b"hi"]]))
    decode(twin)
    assert twin.spans == [
        Span(0, 2, "length", 13),
        Span(2, 3, "list.type", 1),
        Span(3, 4, "list.length", 4),
        Span(4, 8, "list.number.value", 7),
        Span(8, 9, "list.type", 3),
        Span(9, 11, "list.length", 4),
        Span(11, 12, "list.list.type", 2),
        Span(12, 13, "list.list.length", 2),
        Span(13, 15, "list.list.text.characters", b"hi"),
    ]


def test_a_span_says_what_the_value_means_and_the_reader_gets_the_value() -> None:
    twin = Recorder(bytes.fromhex("818537fa213d7f9f4d5158"))
    assert frame(twin)[:2] == (0x81, bytes.fromhex("37fa213d"))
    assert [span.value for span in twin.spans][:3] == ["opcode 1", 0x85, "37fa213d"]


def test_what_was_read_before_an_error_stays_readable() -> None:
    twin = Recorder(bytes.fromhex("0004 01 02 0000"))
    with pytest.raises(WireError):
        decode(twin)
    assert [span.name for span in twin.spans] == ["length", "list.type", "list.length"]


# ---------------------------------------------------------------------------------------------------- ends and places


def test_past_a_firm_end_nothing_can_come_any_more() -> None:
    for wire, message in [
        ("0003 01 02 0000", "number takes 2 bytes, but list has only 1 left"),  # a length longer than what holds it
        ("0004 01 02 0000", "value takes 4 bytes, but number has only 2 left"),
        ("0007 01 05 0000000000", "number has 1 byte too many"),
        ("0002 03 00", "length takes 2 bytes, but list has only 1 left"),
    ]:
        with pytest.raises(WireError, match=re.escape(f"{message} (Example §2)")) as caught:
            decode(Reader(bytes.fromhex(wire) + bytes(99)))
        assert caught.value.rule == RULE


def test_a_datagram_has_a_firm_end_from_the_start() -> None:
    with Reader(b"\x00\x07", "RFC 768", "datagram") as r:
        assert r.uint(2, "port") == 7
        with pytest.raises(WireError, match=r"port takes 2 bytes, but datagram has only 0 left \(RFC 768\)"):
            r.uint(2, "port")
    with pytest.raises(WireError, match="datagram has 1,000 bytes too many"):
        Reader(bytes(1000), "RFC 768", "datagram").end()
    with pytest.raises(ValueError, match="the end of message is open"):
        Reader(b"").end()


def test_an_error_within_is_not_hidden_by_what_it_left_over() -> None:
    with pytest.raises(KeyError), Reader(bytes(9), RULE) as r:
        raise KeyError(r.at)


def test_little_endian_peek_rest_and_fork() -> None:
    r = Reader(bytearray(b"\x01\x02\x03\x04\x05"))
    assert r.peek(2, "both") == b"\x01\x02"
    assert (r.uint(2, "little", order="little"), r.at, r.left) == (0x0201, 2, 3)
    inner = r.sub(2, "pair", RULE)
    assert inner.fork(1).take(1, "again") == b"\x04"
    assert inner.fork(2).left == 0
    assert (inner.at, inner.rest("all"), inner.rest("nothing")) == (2, b"\x03\x04", b"")
    assert type(r.take(1, "last")) is bytes
    assert r.fork(0).fork(4).uint(1, "from the start") == 5
    with pytest.raises(Incomplete, match="at least 1 more byte is needed"):
        r.fork(6)
    with pytest.raises(WireError, match="the offset takes 3 bytes, but pair has only 2 left"):
        inner.fork(3)
    with pytest.raises(Incomplete):
        r.peek(1, "none")


def test_what_is_peeked_at_forked_or_empty_is_not_recorded() -> None:
    twin = Recorder(b"abc")
    twin.peek(2, "peeked")
    twin.fork(1).take(1, "forked")
    twin.take(0, "empty")
    assert (twin.spans, twin.at) == ([], 0)


def test_until_a_mark() -> None:
    r = Reader(b"one\r\ntwo\r\nthr")
    assert [r.take(r.until(b"\r\n"), "line") for _ in range(2)] == [b"one\r\n", b"two\r\n"]
    for tail, missing in [(b"thr", 4), (b"thr\r", 3), (b"thr\r\n", 2), (b"\r\n\r", 1), (b"\r\r", 3), (b"", 4)]:
        with pytest.raises(Incomplete) as caught:
            Reader(tail).until(b"\r\n\r\n")
        assert caught.value.missing == missing
    with pytest.raises(WireError, match=r"does not come before head ends \(RFC 9112 §2.1\)"):
        Reader(b"no end", "RFC 9112 §2.1", "head").until(b"\r\n\r\n")
    with pytest.raises(WireError):  # a mark that only begins within the firm end is not within it
        Reader(b"ab\r\n").sub(3, "head", RULE).until(b"\r\n")


# ------------------------------------------------------------------------------------------------- a caller's mistakes


def test_sizes_and_data_that_cannot_be() -> None:
    r = Recorder(b"abc")
    for read in (
        lambda: r.take(-1, "x"),
        lambda: r.uint(-1, "x"),
        lambda: r.sub(-1, "x", RULE),
        lambda: r.peek(-2, "x"),
    ):
        with pytest.raises(ValueError, match="the size of x must be 0 or more"):
            read()
    with pytest.raises(ValueError, match="offset"):
        r.fork(-1)
    with pytest.raises(ValueError, match="empty mark"):
        r.until(b"")
    with pytest.raises(TypeError):
        Reader("text")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        r.take(1.0, "x")  # type: ignore[arg-type]
    assert Reader(memoryview(b"abc")).rest("all") == b"abc"


# -------------------------------------------------------------------------------------------------------------- fuzz


def hostile(dice: random.Random) -> bytes:
    """Return random bytes, or a good message with a few bytes changed, taken out or put in."""
    if dice.random() < 0.3:
        return dice.randbytes(dice.randrange(40))
    wire = bytearray(encode([dice.randrange(2**32), dice.randbytes(5), [[1, b"x"], 2]]))
    for _ in range(dice.randrange(1, 4)):
        at = dice.randrange(len(wire))
        wire[at : at + dice.randrange(3)] = dice.randbytes(dice.randrange(3))
    return bytes(wire) + dice.randbytes(dice.randrange(3))


def outcome(reader: Reader) -> object:
    """Return the message or the failure; anything else that is raised fails the test."""
    try:
        return decode(reader)
    except (Incomplete, WireError) as failure:
        return type(failure), str(failure)


@pytest.mark.fuzz
def test_hostile_bytes_raise_only_the_two_failures(inputs: int) -> None:
    dice = random.Random(1071)
    ends = {"whole": 0, "Incomplete": 0, "WireError": 0}
    for _ in range(inputs):
        wire = hostile(dice)
        plain = outcome(Reader(wire))
        assert plain == outcome(Recorder(wire))
        ends[plain[0].__name__ if isinstance(plain, tuple) else "whole"] += 1
    assert min(ends.values()) > inputs / 20  # each way to end was taken often


@pytest.mark.fuzz
def test_a_hostile_stream_breaks_at_the_same_place_however_it_is_cut(inputs: int) -> None:
    dice = random.Random(9293)
    broken = messages = 0
    for _ in range(inputs):
        wire = encode([dice.randrange(2**32)]) * dice.randrange(3) + hostile(dice)
        cuts = sorted(dice.randrange(len(wire) + 1) for _ in range(dice.randrange(6)))
        whole = history([wire])
        assert history([wire[start:stop] for start, stop in pairwise([0, *cuts, len(wire)])]) == whole
        broken += whole[1] != ""
        messages += len(whole[0])
    assert inputs / 3 < broken < inputs * 0.95  # both ends were seen often,
    assert messages > inputs / 2  # and messages before them


def history(pieces: list[bytes]) -> tuple[list[Any], str, int]:
    """Return the messages of a stream, what broke it, and how many bytes of an unfinished one were held at its end."""
    feed, got = Feed(limit=45), list[Any]()
    try:
        for piece in pieces:
            feed.feed(piece)
            for message in feed.messages(decode):
                got.append(message)
    except WireError as error:
        return got, str(error), feed.held
    return got, "", feed.held


def test_a_declared_length_allocates_nothing() -> None:
    tracemalloc.start()
    try:
        for size in (2**31, 2**63, 2**200):
            for read in (Reader.take, Reader.uint, Recorder.take):
                with pytest.raises(Incomplete) as caught:
                    read(Recorder(b"abc"), size, "payload")
                assert caught.value.missing == size - 3
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()
