"""permessage-deflate: the RFC's examples, any cutting, two peers, bombs, damage, and what is agreed on with whom."""

import json
import random
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from itertools import pairwise, product
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from websockets.extensions.permessage_deflate import PerMessageDeflate as Websockets
from websockets.frames import Frame as TheirFrame
from websockets.frames import Opcode as TheirOpcode
from wsproto.extensions import PerMessageDeflate as Wsproto
from wsproto.frame_protocol import CloseReason, FrameProtocol, Opcode, RsvBits

from netlab.web.websocket import deflate
from netlab.web.websocket.codes import Failed
from netlab.web.websocket.deflate import BITS, STEP, TAIL, Deflate, Deflater, Inflater, pair_for
from netlab.web.websocket.frames import Frames
from netlab.web.websocket.messages import Messages

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "websocket_deflate.json").read_text())["vectors"]
LONG = " ".join(f"{n} {n * n}" for n in range(3000)).encode()  # 36 kB, which deflate to 17
MEGABYTE = 1 << 20


def pieces(data: bytes, cuts: list[int]) -> Iterator[tuple[bytes, bool]]:
    """Yield the pieces of a message's payload, and whether it is the last one."""
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for start, stop in pairwise(edges):
        yield data[start:stop], False
    yield b"", True


def inflated(inflater: Inflater, data: bytes, cuts: list[int], room: int = MEGABYTE) -> bytes:
    """Return what a message inflates to when it comes in pieces."""
    got = b""
    for piece, final in pieces(data, cuts):
        got += inflater.inflate(piece, room - len(got), final)
    return got


def code(inflater: Inflater, data: bytes, room: int = MEGABYTE, final: bool = True) -> int:
    """Return the close code with which a message is refused."""
    with pytest.raises(Failed) as failure:
        inflater.inflate(data, room, final)
    return int(failure.value.code)


def streams(*parts: bytes, last: bool) -> bytes:
    """Return ``parts`` in a DEFLATE stream each. ``last``: each says with BFINAL that it ends."""
    wire, before = b"", b""
    for part in parts:
        stream = zlib.compressobj(wbits=-15, zdict=before)
        wire += stream.compress(part) + stream.flush(zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH)
        before += part
    return wire + b"\0" if last else wire.removesuffix(TAIL)


# ------------------------------------------------------------------------------------------------- the RFC's examples


def heard(wire: list[bytes]) -> tuple[list[str], bytes]:
    """Return the messages that a client hears, and what it holds of the next."""
    frames, messages = Frames(masked=False, compressed=True, whole=False), Messages(inflater=Inflater())
    got = [messages.add(frame) for piece in wire for frame in frames.feed(piece)]
    return [str(message.data) for message in got if message], frames._feed.drain()


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
@pytest.mark.parametrize("more", ["", "81", "c1", "c10500"])
def test_the_examples_whole_byte_by_byte_and_with_bytes_of_the_next_frame(vector: dict[str, Any], more: str) -> None:
    wire = bytes.fromhex("".join(vector["frames_hex"]) + more)
    assert heard([wire])[0] == heard([bytes([octet]) for octet in wire])[0] == vector["expect"]
    assert heard([wire[:-1], wire[-1:]])[0] == vector["expect"]


def test_the_examples_are_what_zlib_makes_of_their_words() -> None:
    made = {
        "one_block": streams(b"Hello", last=False),
        "fragments": streams(b"Hello", last=False),
        "same_window": streams(b"Hello", b"Hello", last=False).replace(TAIL, b""),
        "bfinal": streams(b"Hello", last=True),
        "empty": streams(b"", last=False),
    }
    stream = zlib.compressobj(wbits=-15)
    made["two_blocks"] = stream.compress(b"He") + stream.flush(zlib.Z_SYNC_FLUSH)
    made["two_blocks"] += (stream.compress(b"llo") + stream.flush(zlib.Z_SYNC_FLUSH)).removesuffix(TAIL)
    stream = zlib.compressobj(0, wbits=-15)
    made["no_compression"] = (stream.compress(b"Hello") + stream.flush(zlib.Z_SYNC_FLUSH)).removesuffix(TAIL)
    payloads = {v["id"].split(".")[-1]: b"".join(bytes.fromhex(f)[2:] for f in v["frames_hex"]) for v in VECTORS}
    assert made == payloads


def test_our_deflater_makes_the_examples() -> None:
    def hexes(deflater: Deflater, *messages: bytes) -> list[str]:
        return [deflater.deflate(message).hex() for message in messages]

    assert hexes(Deflater(), b"Hello", b"Hello", b"", b"") == ["f248cdc9c90700", "f200110000", "00", "00"]
    assert hexes(Deflater(takeover=False), b"Hello", b"Hello", b"") == ["f248cdc9c90700", "f248cdc9c90700", "00"]
    assert hexes(Deflater(level=0), b"Hello") == ["000500faff48656c6c6f00"]


def test_a_level_is_zlibs() -> None:
    users = json.dumps([{"name": f"user {n * 7919 % 1000}", "seen": n} for n in range(1000)]).encode()
    copied, fast, usual = [len(Deflater(level=level).deflate(users)) for level in (0, 1, 6)]
    assert len(users) + 20 > copied > len(users) > fast > usual
    assert len(Deflater().deflate(users)) == usual
    with pytest.raises(ValueError, match="option"):
        Deflater(level=10).deflate(b"x")


# -------------------------------------------------------------------------------------------------- pieces and blocks

said = st.lists(st.sampled_from([b"", b"Hello", b"{'a': 1}", LONG]) | st.binary(max_size=300), max_size=6)
cuts = st.lists(st.integers(0, 1 << 16), max_size=6)


@settings(max_examples=150)
@given(said, st.sampled_from(BITS), st.booleans(), st.integers(0, 9), cuts)
@example([bytes([n % 251 for n in range(600)])] * 2, 8, True, 9, [])
def test_what_is_deflated_inflates_however_it_is_cut(
    messages: list[bytes], bits: int, takeover: bool, level: int, cut: list[int]
) -> None:
    deflater, inflater = Deflater(bits, takeover, level), Inflater(bits, takeover)
    for message in messages:
        payload = deflater.deflate(message)
        assert payload, "an empty message is an empty block"
        assert inflated(inflater, payload, cut) == message


@settings(max_examples=150)
@given(said, st.booleans(), cuts, st.booleans())
def test_a_message_may_have_several_blocks_and_end_streams(
    parts: list[bytes], last: bool, cut: list[int], takeover: bool
) -> None:
    inflater = Inflater(takeover=takeover)
    for _ in range(2):
        assert inflated(inflater, streams(*parts, last=last) or b"\0", cut) == b"".join(parts)
    assert inflated(inflater, Deflater().deflate(b"Hello"), cut) == b"Hello"


@pytest.mark.parametrize("last", [False, True])
def test_the_window_outlives_a_message_and_a_stream_that_ends(last: bool) -> None:
    inflater, again = Inflater(), bytes.fromhex("f200110000")  # "go back 5, copy 5"
    assert inflater.inflate(streams(b"Hello", last=last), 5) == b"Hello"
    assert [inflater.inflate(again, 5) for _ in range(3)] == [b"Hello"] * 3
    within = streams(b"Hello", b"Hello", b"Hello", last=last)
    assert inflater.inflate(within, 15) == b"Hello" * 3
    assert len(within) < len(streams(b"Hello", last=last)) + 2 * 12
    alone = Inflater(takeover=False)
    assert alone.inflate(within, 15) == b"Hello" * 3  # within a message it may point back
    assert code(alone, again) == 1007  # and not into the one before it


@pytest.mark.parametrize("bits", BITS)
def test_no_message_points_further_back_than_was_agreed(bits: int) -> None:
    """zlib only looks beyond what it has given out in the same call: so it is asked for one byte at a time."""

    def fits(payload: bytes, window: int) -> bool:
        stream, rest = zlib.decompressobj(-window), payload
        try:
            while rest:
                stream.decompress(rest, 1)
                rest = stream.unconsumed_tail
        except zlib.error:
            return False
        return True

    for distance in (1 << bits, (1 << bits) - 1, (1 << bits) - 10, 251, 250, 249, 200):
        data = random.Random(distance).randbytes(distance) * 2
        assert fits(Deflater(bits).deflate(data), bits), distance
    if bits > 9:  # (with 8 zlib compresses as with 9)
        far = random.Random(bits).randbytes(200 + (1 << bits - 1)) * 2  # this test can fail, then
        assert not fits(Deflater(bits).deflate(far), bits - 1)


@pytest.mark.parametrize("bits", [9, 10])
def test_who_points_further_back_than_was_agreed_is_refused(bits: int) -> None:
    data, two = random.Random(9).randbytes(600), Deflater()
    for before, payload in ((b"\0", Deflater().deflate(data * 2)), (two.deflate(data), two.deflate(data))):
        inflater, cut = Inflater(bits), list(range(len(payload)))
        assert inflater.inflate(before, 600) in (b"", data)
        if bits == 10:
            assert inflated(inflater, payload, cut).endswith(data)
        else:
            with pytest.raises(Failed, match="not DEFLATE"):
                inflated(inflater, payload, cut)


def test_an_inflater_that_takes_nothing_over_holds_nothing() -> None:
    inflater = Inflater(takeover=False)
    assert inflater.inflate(Deflater().deflate(LONG), MEGABYTE) == LONG
    assert not inflater._window
    assert inflater._stream is None


# ------------------------------------------------------------------------------------------------------ limits, bombs


def bomb() -> bytes:
    stream = zlib.compressobj(wbits=-15)
    whole = b"".join(stream.compress(bytes(MEGABYTE)) for _ in range(100)) + stream.flush(zlib.Z_SYNC_FLUSH)
    return whole.removesuffix(TAIL)


BOMB = bomb()


@pytest.mark.parametrize("cut", [[], list(range(0, 110_000, 500))], ids=["whole", "pieces of 500 bytes"])
def test_a_bomb_is_stopped_in_little_memory(cut: list[int]) -> None:
    assert 90_000 < len(BOMB) < 110_000
    tracemalloc.start()
    try:
        with pytest.raises(Failed, match=r"more than is allowed \(RFC 6455 §10.4\)") as failure:
            inflated(Inflater(), BOMB, cut)
        assert failure.value.code == 1009
        assert tracemalloc.get_traced_memory()[1] < 4 * MEGABYTE
    finally:
        tracemalloc.stop()


@pytest.mark.serial
def test_a_bomb_is_stopped_at_once() -> None:
    def seconds(work: Callable[[], object]) -> float:
        start = time.process_time()
        work()
        return time.process_time() - start

    whole = seconds(lambda: zlib.decompressobj(-15).decompress(BOMB + TAIL))
    assert 10 * min(seconds(lambda: code(Inflater(), BOMB)) for _ in range(3)) < whole


@pytest.mark.parametrize("data", [b"", b"x", b"Hello", LONG, bytes(70_000)])
def test_a_message_may_have_as_much_as_there_is_room_for_and_no_byte_more(data: bytes) -> None:
    payload = Deflater().deflate(data)
    for cut in ([], [1], [len(payload) // 2], list(range(len(payload)))):
        assert inflated(Inflater(), payload, cut, len(data)) == data
        if data:
            with pytest.raises(Failed) as failure:
                inflated(Inflater(), payload, cut, len(data) - 1)
            assert failure.value.code == 1009


def test_an_end_of_a_stream_costs_no_look_at_all_that_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[int] = []

    class Counting:
        def __init__(self, *args: Any, **more: Any) -> None:
            self.stream = zlib.decompressobj(*args, **more)

        def decompress(self, data: bytes, most: int) -> bytes:
            given.append(len(data))
            assert most == 1, "no more than one byte above the room that there is"
            return self.stream.decompress(data, most)

        def __getattr__(self, name: str) -> Any:
            return getattr(self.stream, name)

    monkeypatch.setattr(deflate, "zlib", SimpleNamespace(decompressobj=Counting, error=zlib.error))
    ends = 5000
    assert Inflater().inflate(b"\x03\x00" * ends + b"\0", 0) == b""
    assert ends <= len(given) <= ends + 10
    assert max(given) <= STEP


def test_many_small_pieces_hold_no_more_than_two_windows() -> None:
    inflater, payload, most = Inflater(10), Deflater(10).deflate(LONG * 3), 0
    got = 0
    for octet in payload:
        got += len(inflater.inflate(bytes([octet]), MEGABYTE, False))
        most = max(most, len(inflater._window))
    assert got + len(inflater.inflate(b"", MEGABYTE)) == 3 * len(LONG)
    assert 1 << 10 < most <= 3 << 10


@pytest.mark.parametrize("room", [-1, -MEGABYTE])
def test_less_room_than_none_is_a_mistake_of_ours(room: int) -> None:
    with pytest.raises(ValueError, match=f"there cannot be room for {room} bytes"):
        Inflater().inflate(b"\0", room)


# ------------------------------------------------------------------------------------------------------------- damage


@pytest.mark.parametrize(
    "payload", ["07", "ff", "ffffff", "000500faf0", "f248cdc9c907000007", "", "f348cdc9c90700", "000500faff4865"]
)
def test_what_is_not_deflate_is_refused_as_invalid(payload: str) -> None:
    assert code(Inflater(), bytes.fromhex(payload)) == 1007


@pytest.mark.parametrize("data", [b"Hello", bytes(1000), LONG[:500]])
def test_a_message_that_was_cut_short_is_refused(data: bytes) -> None:
    payload = Deflater().deflate(data)
    assert [code(Inflater(), payload[:size]) for size in range(len(payload))] == [1007] * len(payload)


def test_peers_take_a_message_that_was_cut_short_and_stumble_over_the_next() -> None:
    """Why it is refused at once: the bytes that the RFC appends are still taken for something else."""
    hello = Deflater().deflate(b"Hello")
    for make in (websockets, wsproto):
        peer = make(Deflate(), client=False)
        assert peer.inflate(hello[:-1]) == b"Hello"
        with pytest.raises(Exception, match=r"decompression failed|invalid frame payload"):
            peer.inflate(hello)


def test_a_peer_may_swallow_what_is_appended() -> None:
    """A block that says it has four bytes more gets them. That is how the RFC has it undone, odd as it is."""
    for kind in (b"\0", b"\1"):
        assert Inflater().inflate(kind + bytes.fromhex("0400fbff"), 4) == TAIL


def hostile(dice: random.Random, good: bytes) -> bytes:
    """Return random bytes, or a good payload with a few bytes changed, taken out or put in."""
    if dice.random() < 0.3:
        return dice.randbytes(dice.randrange(40))
    wire = bytearray(good)
    for _ in range(dice.randrange(1, 4)):
        at = dice.randrange(len(wire))
        wire[at : at + dice.randrange(3)] = dice.randbytes(dice.randrange(3))
    return bytes(wire)


@pytest.mark.fuzz
def test_garbage_raises_nothing_but_failed_and_the_same_however_it_is_cut(inputs: int) -> None:
    dice, ends = random.Random(7692), {"taken": 0, "1007": 0}
    good = [streams(b"Hello", LONG[:90], b"Hello", last=last) for last in (False, True)]
    for n in range(inputs):
        wire = hostile(dice, good[n % 2])
        cut = [dice.randrange(len(wire) + 1) for _ in range(dice.randrange(4))]
        outcomes = []
        for where in ([], cut):
            try:
                outcomes.append(inflated(Inflater(), wire, where))
            except Failed as failure:
                outcomes.append(str(failure.code).encode())
        assert outcomes[0] == outcomes[1]
        ends["1007" if outcomes[0] == b"1007" else "taken"] += 1
    assert min(ends.values()) > inputs / 20


# -------------------------------------------------------------------------------------------------------------- peers


class Peer(Protocol):
    """The compression of a library: what it makes of a message, and of a message's payload."""

    deflate: Callable[[bytes], bytes]
    inflate: Callable[[bytes], bytes]


def websockets(terms: Deflate, client: bool) -> Peer:
    to_client = (terms.server_no_context_takeover, terms.server_max_window_bits)
    to_server = (terms.client_no_context_takeover, terms.client_max_window_bits)
    remote, local = (to_client, to_server) if client else (to_server, to_client)
    end = Websockets(remote[0], local[0], remote[1], max(local[1], 9))  # it refuses 8, as zlib does

    def inflate(payload: bytes) -> bytes:
        half = len(payload) // 2
        begin = end.decode(TheirFrame(TheirOpcode.BINARY, payload[:half], fin=False, rsv1=True))
        return bytes(begin.data) + bytes(end.decode(TheirFrame(TheirOpcode.CONT, payload[half:])).data)

    return SimpleNamespace(
        deflate=lambda data: bytes(end.encode(TheirFrame(TheirOpcode.BINARY, data)).data), inflate=inflate
    )


def wsproto(terms: Deflate, client: bool) -> Peer:
    end = Wsproto(
        terms.client_no_context_takeover,
        max(terms.client_max_window_bits, 9),
        terms.server_no_context_takeover,
        max(terms.server_max_window_bits, 9),
    )
    proto, plain = FrameProtocol(client, [end]), RsvBits(False, False, False)

    def inflate(payload: bytes) -> bytes:
        end.frame_inbound_header(proto, Opcode.BINARY, RsvBits(True, False, False), len(payload))
        got = [end.frame_inbound_payload_data(proto, payload), end.frame_inbound_complete(proto, True)]
        for part in got:
            if isinstance(part, CloseReason):
                raise ValueError("invalid frame payload")
        return b"".join(part for part in got if isinstance(part, bytes))

    return SimpleNamespace(
        deflate=lambda data: end.frame_outbound(proto, Opcode.BINARY, plain, data, True)[1], inflate=inflate
    )


TERMS = [Deflate(*limits) for limits in product((False, True), (False, True), BITS, BITS)]


@pytest.mark.parametrize("client", [False, True], ids=["our server", "our client"])
@pytest.mark.parametrize("make", [websockets, wsproto])
@settings(max_examples=150)
@given(st.sampled_from(TERMS), said, cuts)
@example(Deflate(server_max_window_bits=8, client_max_window_bits=8), [LONG, LONG[100:], b"", b""], [5, 300])
def test_a_peer_understands_us_and_we_it(
    make: Callable[..., Peer], client: bool, terms: Deflate, messages: list[bytes], cut: list[int]
) -> None:
    (deflater, inflater), peer = pair_for(terms, client), make(terms, not client)
    for message in messages:
        assert peer.inflate(deflater.deflate(message)) == message
        assert inflated(inflater, peer.deflate(message), cut) == message


@pytest.mark.parametrize("client", [False, True])
def test_the_terms_are_one_ends_ours_and_the_others_theirs(client: bool) -> None:
    terms = Deflate(True, False, 9, 12)
    deflater, inflater = pair_for(terms, client)
    assert (deflater.bits, deflater.takeover) == ((12, True) if client else (9, False))
    assert (inflater.bits, inflater.takeover) == ((9, False) if client else (12, True))
    other = pair_for(terms, not client)
    for message in (LONG, b"Hello", LONG):
        assert other[1].inflate(deflater.deflate(message), MEGABYTE) == message
