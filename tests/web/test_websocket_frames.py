"""Frames, masks and close codes: the RFC's examples, the laws that hold for all of them, and what is refused."""

import json
import zlib
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.web.websocket import lies, naive
from netlab.web.websocket.codes import (
    MOST_REASON,
    NEVER_SENT,
    SENT,
    CloseCode,
    Failed,
    decode_close,
    encode_close,
    may_travel,
)
from netlab.web.websocket.frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    MOST,
    PING,
    PONG,
    TEXT,
    Frame,
    Frames,
    Opcode,
    decode,
    encode,
)
from netlab.web.websocket.lies import LIES
from netlab.web.websocket.masking import SHORT, mask
from netlab.wire import Incomplete, Reader, Recorder

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "frames.json").read_text(encoding="utf-8"))
KEY = bytes.fromhex("37fa213d")
every_vector = pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["id"])

keys = st.binary(min_size=4, max_size=4)
sizes = st.sampled_from([0, 1, 2, 5, 124, 125, 126, 127, 128, 65_535, 65_536])


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    """A frame that may be sent."""
    opcode = draw(st.sampled_from(Opcode))
    payload = draw(st.binary(max_size=125))
    if opcode >= CLOSE:
        return Frame(opcode, payload)
    return Frame(opcode, draw(st.sampled_from([payload, bytes(126), bytes(65_536)])), draw(st.booleans()))


def wires(vector: dict[str, Any]) -> list[bytes]:
    return [bytes.fromhex(text) for text in vector["frames_hex"]]


# --------------------------------------------------------------------------------------------------- the RFC's examples


@every_vector
def test_an_example_whole_byte_by_byte_and_with_more_behind_it(vector: dict[str, Any]) -> None:
    masked, payload = vector["expect"]["masked"], b""
    for n, wire in enumerate(wires(vector)):
        r = Reader(wire + b"trailing")
        frame = decode(r, masked=masked)
        assert r.data[r.at :] == b"trailing"
        assert frame.opcode == (CONTINUATION if n else vector["expect"]["opcode_first"])
        assert frame.fin == (n == len(wires(vector)) - 1)
        for cut in range(len(wire)):
            with pytest.raises(Incomplete) as caught:
                decode(Reader(wire[:cut]), masked=masked)
            assert 1 <= caught.value.missing <= len(wire) - cut
        single = Frames(masked=masked)
        assert [found for octet in wire for found in single.feed(bytes([octet]))] == [frame]
        assert single.held == 0
        payload += frame.payload
    assert payload.hex() == vector["expect"]["payload_hex"]


@every_vector
def test_an_example_is_what_we_would_send(vector: dict[str, Any]) -> None:
    masked = vector["expect"]["masked"]
    key = bytes.fromhex(vector["expect"]["mask_key_hex"]) if masked else b""
    for wire in wires(vector):
        assert encode(decode(Reader(wire), masked=masked), key) == wire


@every_vector
def test_an_example_is_refused_by_the_end_that_never_hears_it(vector: dict[str, Any]) -> None:
    masked = vector["expect"]["masked"]
    for wire in wires(vector):
        with pytest.raises(Failed) as caught:
            decode(Reader(wire[:2]), masked=not masked)
        assert (caught.value.code, caught.value.rule) == (1002, "RFC 6455 §5.1")


@pytest.mark.parametrize("vector", VECTORS["headers"], ids=lambda vector: vector["id"])
def test_the_head_of_a_longer_frame(vector: dict[str, Any]) -> None:
    head, payload = bytes.fromhex(vector["head_hex"]), b"x" * vector["size"]
    assert encode(Frame(BINARY, payload)) == head + payload
    assert decode(Reader(head + payload), masked=False) == Frame(BINARY, payload)
    with pytest.raises(Incomplete) as caught:
        decode(Reader(head), masked=False)
    assert caught.value.missing == vector["size"]


def test_a_frame_is_read_as_it_is_drawn() -> None:
    recorder = Recorder(encode(Frame(BINARY, bytes(256)), KEY))
    decode(recorder, masked=True)
    assert [(span.name, span.stop - span.start) for span in recorder.spans] == [
        ("FIN, RSV, opcode", 1),
        ("MASK, length", 1),
        ("extended length", 2),
        ("masking key", 4),
        ("payload", 256),
    ]
    assert recorder.spans[-1].value == bytes(256), "it says what was meant, not how it travelled"


# ----------------------------------------------------------------------------------------------------------------- laws


@given(frames(), st.one_of(st.just(b""), keys))
def test_what_is_written_is_read(frame: Frame, key: bytes) -> None:
    wire = encode(frame, key)
    assert decode(Reader(wire), masked=bool(key)) == frame
    assert list(Frames(masked=bool(key)).feed(wire)) == [frame]


@given(sizes, keys)
def test_a_head_is_as_short_as_can_be(size: int, key: bytes) -> None:
    head = 2 if size < 126 else 4 if size < 65_536 else 10
    assert len(encode(Frame(BINARY, bytes(size)))) == head + size
    assert len(encode(Frame(BINARY, bytes(size)), key)) == head + 4 + size


@given(st.one_of(st.binary(max_size=20), st.binary(min_size=SHORT - 5, max_size=SHORT + 9)), keys)
def test_a_mask_is_an_xor_by_turns(payload: bytes, key: bytes) -> None:
    masked = bytes(octet ^ turn for octet, turn in zip(payload, cycle(key), strict=False))
    assert mask(payload, key) == masked
    assert mask(masked, key) == payload
    assert mask(bytearray(payload), key) == masked
    assert type(mask(payload, key)) is bytes


@given(st.integers(0, 3), st.sampled_from([SHORT - 1, SHORT, SHORT + 1, 65_536]))
def test_masks_of_long_payloads(more: int, size: int) -> None:
    payload = bytes(n % 251 for n in range(size + more))
    assert mask(payload, KEY) == bytes(octet ^ KEY[n % 4] for n, octet in enumerate(payload))


# -------------------------------------------------------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("frame", "key", "says"),
    [
        (Frame(PING, bytes(126)), b"", "a PING is whole, plain, and of at most 125 bytes"),
        (Frame(PONG, bytes(126)), KEY, "a PONG is whole"),
        (Frame(CLOSE, bytes(126)), b"", "a CLOSE is whole"),
        (Frame(PING, b"", fin=False), b"", "a PING is whole"),
        (Frame(PING, b"", rsv1=True), b"", "a PING is whole"),
        (Frame(TEXT, b"Hello"), b"abc", "a masking key has 4 bytes, not 3"),
        (Frame(TEXT, b"Hello"), b"abcde", "a masking key has 4 bytes, not 5"),
    ],
)
def test_a_frame_that_may_not_be_sent(frame: Frame, key: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        encode(frame, key)


@pytest.mark.parametrize(("compressed", "count"), [(False, 9), (True, 13)], ids=["plain", "compressed"])
def test_of_256_first_bytes_few_are_legal(compressed: bool, count: int) -> None:
    legal = 0
    for first in range(256):
        opcode, fin, rsv = first & 0x0F, bool(first & 0x80), first >> 4 & 7
        data, control = opcode in (0, 1, 2), opcode in (8, 9, 10)
        if (rsv == 0 and (data or (control and fin))) or (compressed and rsv == 4 and opcode in (1, 2)):
            legal += 1
            wire = bytes([first, 0x81]) + KEY + mask(b"x", KEY)
            expected = Frame(Opcode(opcode), b"x", fin, rsv == 4)
            assert decode(Reader(wire), masked=True, compressed=compressed) == expected
        else:
            with pytest.raises(Failed) as caught:
                decode(Reader(bytes([first])), masked=True, compressed=compressed)
            assert caught.value.code == CloseCode.PROTOCOL_ERROR
    assert legal == count


@pytest.mark.parametrize(
    ("wire", "says"),
    [
        ("83", "the opcode 0x3 is reserved (RFC 6455 §5.2)"),
        ("f1", "nothing was agreed that gives a meaning to RSV1, RSV2, RSV3 of a TEXT (RFC 6455 §5.2)"),
        ("a9", "nothing was agreed that gives a meaning to RSV2 of a PING (RFC 6455 §5.2)"),
        ("09", "a PING comes in one piece (RFC 6455 §5.5)"),
        ("8105", "a client masks what it sends, and this frame is not masked (RFC 6455 §5.1)"),
        ("89fe", "a PING carries at most 125 bytes (RFC 6455 §5.5)"),
        ("81fe0005", "the length 5 does not need 2 bytes (RFC 6455 §5.2)"),
        ("81ff000000000000ffff", "the length 65,535 does not need 8 bytes (RFC 6455 §5.2)"),
        ("81ff8000000000000000", "the length 9,223,372,036,854,775,808 has its first bit set (RFC 6455 §5.2)"),
    ],
)
def test_it_says_what_is_wrong(wire: str, says: str) -> None:
    with pytest.raises(Failed) as caught:
        decode(Reader(bytes.fromhex(wire)), masked=True)
    assert str(caught.value) == says


def test_a_limit_is_for_data_only() -> None:
    assert decode(Reader(bytes.fromhex("890568656c6c6f")), masked=False, most=3).payload == b"hello"
    assert decode(Reader(bytes.fromhex("8103686579")), masked=False, most=3).payload == b"hey"
    with pytest.raises(Failed, match="4 bytes where we take 3") as caught:
        decode(Reader(bytes.fromhex("8104")), masked=False, most=3)
    assert caught.value.code == CloseCode.MESSAGE_TOO_BIG
    with pytest.raises(Incomplete):
        decode(Reader(bytes.fromhex("827f7fffffffffffffff")), masked=False)
    assert MOST == (1 << 63) - 1


# ---------------------------------------------------------------------------------------------------------------- parts


def test_what_has_come_of_a_long_frame_is_handed_on() -> None:
    parts = Frames(masked=True, whole=False)
    wire = encode(Frame(TEXT, b"Hello"), KEY)
    assert list(parts.feed(wire[:8])) == [Frame(TEXT, b"He", fin=False)]
    assert (parts.partial, parts.held) == (True, 0)
    assert list(parts.feed(wire[8:10])) == [Frame(CONTINUATION, b"ll", fin=False)]
    assert list(parts.feed(wire[10:])) == [Frame(CONTINUATION, b"o", fin=True)]
    assert not parts.partial


def test_a_ping_is_never_handed_on_in_parts() -> None:
    parts = Frames(masked=False, whole=False)
    assert list(parts.feed(bytes.fromhex("890548"))) == []
    assert (parts.partial, parts.held) == (False, 3)
    assert list(parts.feed(b"ello")) == [Frame(PING, b"Hello")]


def test_a_compressed_frame_in_parts_is_marked_once() -> None:
    parts = Frames(masked=False, compressed=True, whole=False)
    assert list(parts.feed(bytes.fromhex("c103f2"))) == [Frame(TEXT, b"\xf2", False, rsv1=True)]
    assert list(parts.feed(b"HH")) == [Frame(CONTINUATION, b"HH", True, rsv1=False)]


# ---------------------------------------------------------------------------------------------------------- close codes


def test_which_codes_may_travel() -> None:
    travel = {code for code in range(70_000) if may_travel(code)}
    assert travel == {*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)}
    assert not may_travel(-1)
    assert set(CloseCode) == SENT | NEVER_SENT
    assert {1005, 1006, 1015} == NEVER_SENT
    assert f"{CloseCode.PROTOCOL_ERROR!r}" == "1002"


@given(st.sampled_from(sorted(SENT)) | st.integers(3000, 4999), st.text(max_size=30))
def test_a_close_is_read_as_it_was_written(code: int, reason: str) -> None:
    assert decode_close(encode_close(code, reason)) == (code, reason)


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_536, -1])
def test_a_code_that_may_not_travel(code: int) -> None:
    with pytest.raises(ValueError, match=f"cannot say {code}"):
        encode_close(code)
    if 0 <= code < 65_536:
        with pytest.raises(Failed, match=f"cannot say {code}") as caught:
            decode_close(code.to_bytes(2))
        assert (caught.value.code, caught.value.rule) == (1002, "RFC 6455 §7.4")


def test_a_reason_has_123_bytes() -> None:
    assert len(encode_close(1000, "é" * 61 + "x")) == 2 + MOST_REASON
    with pytest.raises(ValueError, match="at most 123 bytes in UTF-8, not 124"):
        encode_close(1000, "é" * 62)


def test_half_a_code_and_a_reason_that_is_no_text() -> None:
    with pytest.raises(Failed, match="takes 2 bytes, and the frame has 1") as half:
        decode_close(b"\x03")
    with pytest.raises(Failed, match="not UTF-8") as bad:
        decode_close(b"\x03\xe8\xff")
    assert (half.value.code, bad.value.code) == (1002, 1007)
    assert decode_close(b"") == (1005, "")


# ------------------------------------------------------------------------------------------------------- lies and naive


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.says)
def test_each_lie_is_refused_at_once_and_each_truth_taken(lie: lies.Lie) -> None:
    assert lies.ours(lie.wire) == lie.code
    assert lies.ours(lie.wire + lie.rest) == lie.code
    assert lies.verdict(lie, lies.ours) == ("taken" if lie.code is None else str(int(lie.code)))
    assert lies.verdict(lie, lies.naive) == "taken"


def test_thirty_lies_one_excess_and_seven_truths() -> None:
    assert len(LIES) == len({lie.says for lie in LIES}) == len({lie.wire for lie in LIES}) == 38
    assert [lie.code for lie in LIES].count(None) == 7
    assert [lie.code for lie in LIES].count(1009) == 1


def test_a_server_that_waits_for_the_end_is_late() -> None:
    lie = next(lie for lie in LIES if lie.rest)
    assert lies.verdict(lie, lambda wire: 1007 if wire.endswith(lie.rest) else None) == "late"


@pytest.mark.parametrize("size", [0, 5, 125, 126, 65_535, 65_536])
@pytest.mark.parametrize("key", [b"", KEY])
def test_the_naive_parser_reads_what_is_whole_and_legal(size: int, key: bytes) -> None:
    wire = encode(Frame(BINARY, bytes(size)), key)
    assert naive.parse(wire) == (BINARY, bytes(size), len(wire))


def test_the_naive_parser_is_silent_about_most_cuts() -> None:
    wire = encode(Frame(TEXT, b"Hello"), KEY)
    crashes = 0
    for cut in range(1, len(wire)):
        try:
            assert naive.parse(wire[:cut]) != (TEXT, b"Hello", cut)
        except IndexError:
            crashes += 1
    assert (crashes, len(wire) - 1) == (1, 10)


def test_the_naive_server_is_gone_where_it_crashes() -> None:
    assert lies.naive(b"\x81") is None
    with pytest.raises(IndexError):
        naive.parse(b"\x81")


def test_the_naive_inflater_inflates_whatever_comes() -> None:
    assert naive.inflate(bytes.fromhex("f248cdc9c90700")) == b"Hello"
    z = zlib.compressobj(wbits=-15)
    bomb = z.compress(bytes(10_000_000)) + z.flush(zlib.Z_SYNC_FLUSH)
    assert len(bomb) < 10_000
    assert len(naive.inflate(bomb[:-4])) == 10_000_000


def test_the_gullible_cache_keeps_what_looks_like_an_answer() -> None:
    cache = naive.GullibleCache()
    cache.downstream(b"HTTP/1.1 200 OK\r\n\r\nnobody asked")
    cache.upstream(b"no question")
    cache.upstream(b"GET /without-a-host HTTP/1.1\r\n\r\n")
    assert cache.kept == {}
    cache.upstream(b"\x81\x30GET /app.js HTTP/1.1\r\nHost: bank.example\r\n\r\n")
    cache.downstream(b"\x81\x05Hello")
    cache.downstream(b"\x81\x30HTTP/1.1 200 OK\r\n\r\nalert()")
    cache.downstream(b"HTTP/1.1 200 OK\r\n\r\nonce is enough")
    assert cache.kept == {"bank.example/app.js": b"alert()"}
