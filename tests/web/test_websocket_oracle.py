"""Ours beside wsproto and websockets on hostile conversations; and the same events however the network cuts them."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import PayloadTooBig, ProtocolError
from websockets.frames import Frame as TheirFrame
from websockets.streams import StreamReader

from netlab.web.websocket.codes import Failed
from netlab.web.websocket.connection import Connection
from netlab.web.websocket.deflate import Deflate
from netlab.web.websocket.events import Message
from netlab.web.websocket.frames import Frame, Frames, Opcode
from netlab.web.websocket.limits import Limits
from netlab.web.websocket.messages import Messages
from tests.web import oracle
from tests.web.conformance import BINARY, CLOSE, CONTINUATION, PING, TEXT, F
from tests.web.oracle import MOST, REFUSED, RULES, Setting, conversations, cut, damaged, explained, ours, theirs, walk

AGREED, FRESH = Deflate(), Deflate(True, True, 10, 10)
SETTINGS = {
    "server": Setting(client=False),
    "client": Setting(client=True),
    "server, deflate": Setting(client=False, deflate=AGREED),
    "client, deflate": Setting(client=True, deflate=AGREED),
    "server, deflate afresh": Setting(client=False, deflate=FRESH),
    "client, deflate afresh": Setting(client=True, deflate=FRESH),
    "server, we afresh": Setting(client=False, deflate=Deflate(True, False, 9, 15)),
    "client, we afresh": Setting(client=True, deflate=Deflate(False, True, 15, 9)),
}

# -------------------------------------------------------------------------------------------------------------- wsproto


@pytest.mark.fuzz
@pytest.mark.parametrize("name", SETTINGS)
def test_wsproto_takes_and_refuses_the_same(name: str, inputs: int) -> None:
    setting, dice, seen = SETTINGS[name], Random(name), Counter[object]()
    talks = conversations(dice, setting)
    for _ in range(inputs // 4):
        wire = damaged(dice, dice.choice(talks))
        pieces = cut(dice, wire)
        we, they = ours(setting, pieces), theirs(setting, pieces)
        why = "same" if we == they else explained(setting, wire)
        assert why, f"{wire.hex()} in {[len(piece) for piece in pieces]}: {we}, not {they}"
        seen.update([why, we[-1][0], *(event[0] for event in we[:-1]), *([we[-1]] if we[-1][0] == REFUSED else [])])
    # Everything was seen often, on the way and at the end, and both agreed nearly always.
    often = inputs // 4 / 50
    for what in ("text", "bytes", "ping", "pong", "open", "closed", (REFUSED, 1002), (REFUSED, 1007)):
        assert seen[what] > often, what
    assert seen["same"] > inputs // 4 * (0.85 if setting.deflate else 0.97)


HEL, LO = F(TEXT, b"Hel", fin=0), F(CONTINUATION, b"lo")
HELLO = bytes.fromhex("f248cdc9c90700")
EXAMPLES: dict[str, tuple[Setting, list[F | bytes]]] = {
    "waits_for_the_head": (SETTINGS["client"], [b"\x83"]),
    "does_not_know_1014": (SETTINGS["client"], [F(CLOSE, (1014).to_bytes(2))]),
    "has_no_limit": (SETTINGS["client"], [F(BINARY, b"x", size=MOST + 1)]),
    "lets_half_a_pair_wait": (SETTINGS["client"], [F(TEXT, b"\xed\xa0", fin=0)]),
    "forgets_that_it_is_compressed": (
        SETTINGS["client, deflate"],
        [F(TEXT, HELLO[:3], fin=0, rsv=4), F(PING), F(CONTINUATION, HELLO[3:])],
    ),
    "inflates_before_it_looks": (SETTINGS["client, deflate"], [F(TEXT, HELLO, fin=0, rsv=4), F(TEXT, b"1234")]),
    "hears_nothing_after_a_last_block": (
        SETTINGS["client, deflate"],
        [F(TEXT, bytes.fromhex("f348cdc9c9070000"), rsv=4), F(TEXT, HELLO, rsv=4)],
    ),
    "takes_half_a_message": (SETTINGS["client, deflate"], [F(TEXT, HELLO[:-1], rsv=4)]),
}


@pytest.mark.parametrize("rule", EXAMPLES)
def test_each_difference_is_there(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    setting, frames = EXAMPLES[rule]
    wire = b"".join(frame if isinstance(frame, bytes) else frame.wire(not setting.client) for frame in frames)
    assert ours(setting, [wire]) != theirs(setting, [wire])
    assert explained(setting, wire) == rule
    monkeypatch.setattr(oracle, "RULES", [other for other in RULES if other.__name__ != rule])
    assert explained(setting, wire) == "", "no other rule would do"


def test_there_is_an_example_of_each_rule() -> None:
    assert list(EXAMPLES) == [rule.__name__ for rule in RULES]
    assert all(rule.__doc__ for rule in RULES)


def test_what_is_the_same_is_explained_by_no_rule() -> None:
    dice = Random(7)
    for setting in SETTINGS.values():
        for frames in conversations(dice, setting, count=100):
            wire = b"".join(frames)
            if ours(setting, [wire]) == theirs(setting, [wire]):
                assert oracle.waits_for_the_head(setting, wire) is None
                assert oracle.takes_half_a_message(setting, wire) is None
                assert oracle.hears_nothing_after_a_last_block(setting, wire) is None


# ----------------------------------------------------------------------------------------------------------- websockets

Fields = tuple[int, bool, bytes]


def our_frames(client: bool, pieces: list[bytes]) -> tuple[list[Fields], int | None]:
    """Return what our parser finds, and the code with which it refuses the rest."""
    frames, found = Frames(masked=not client, most=MOST), list[Fields]()
    try:
        for piece in pieces:
            for frame in frames.feed(piece):
                found.append((int(frame.opcode), frame.fin, frame.payload))
    except Failed as failure:
        return found, int(failure.code)
    return found, None


def their_frames(client: bool, pieces: list[bytes]) -> tuple[list[Fields], int | None]:
    """Return the same of websockets."""
    reader, found = StreamReader(), list[Fields]()
    reader.feed_data(b"".join(pieces))

    def parse() -> Iterator[None]:
        while True:
            frame = yield from TheirFrame.parse(reader.read_exact, mask=not client, max_size=MOST)
            found.append((int(frame.opcode), frame.fin, bytes(frame.data)))

    try:
        next(parse())
    except ProtocolError:
        return found, 1002
    except PayloadTooBig:
        return found, 1009
    return found, None


def takes_long_lengths(frame: oracle.Seen) -> bool:
    """websockets does not ask for the shortest form of a length."""
    least = {126: 126, 127: 1 << 16}.get(frame.second & 0x7F, 0)
    return frame.size < least


def calls_the_first_bit_too_much(frame: oracle.Seen) -> bool:
    """For websockets a length of 2⁶³ and more breaks its own limit (1009); it is no length at all (1002)."""
    return frame.size >= 1 << 63


def judges_what_is_whole(frame: oracle.Seen) -> bool:
    """websockets looks at the reserved bits, and at what a control frame may be, when all of it has come."""
    return frame.first & 0x70 != 0 or (frame.opcode >= CLOSE and (frame.first < 0x80 or frame.second & 0x7F > 125))


WEBSOCKETS_RULES = (takes_long_lengths, calls_the_first_bit_too_much, judges_what_is_whole)


@pytest.mark.fuzz
@pytest.mark.parametrize("client", [False, True], ids=["server", "client"])
def test_websockets_finds_the_same_frames(client: bool, inputs: int) -> None:
    dice, hits = Random(5), Counter[str]()
    talks = conversations(dice, Setting(client))
    for _ in range(inputs // 4):
        wire = damaged(dice, dice.choice(talks))
        pieces = cut(dice, wire)
        we, they = our_frames(client, pieces), their_frames(client, pieces)
        if we == they:
            hits["same"] += 1
            continue
        # They differ at the frame that we refuse: there is a rule for it, or its head is not whole.
        assert we[0] == they[0][: len(we[0])]
        assert we[1] is not None
        frame = next((seen for n, seen in enumerate(walk(wire)) if n == len(we[0])), None)
        if frame is None:
            assert they == (we[0], None), wire.hex()
            hits["head"] += 1
        else:
            names = [rule.__name__ for rule in WEBSOCKETS_RULES if rule(frame)]
            assert names, wire.hex()
            hits.update(names)
    assert hits["same"] > inputs // 4 * 0.6


@pytest.mark.parametrize(
    ("rule", "frame"),
    [
        (takes_long_lengths, F(TEXT, b"Hello", width=2)),
        (calls_the_first_bit_too_much, F(TEXT, b"Hello", size=1 << 63)),
        (judges_what_is_whole, F(TEXT, b"Hello", rsv=2, size=6)),
        (judges_what_is_whole, F(PING, bytes(126), size=127)),
        (judges_what_is_whole, F(PING, fin=0, size=1)),
    ],
)
def test_each_difference_from_websockets_is_there(rule: Callable[[oracle.Seen], bool], frame: F) -> None:
    wire = frame.wire(masked=True)
    we, they = our_frames(False, [wire]), their_frames(False, [wire])
    assert we == ([], 1002)
    assert they != we
    assert [other for other in WEBSOCKETS_RULES for seen in walk(wire) if other(seen)] == [rule]


# -------------------------------------------------------------------------------------------------------------- garbage


@pytest.mark.fuzz
def test_garbage_raises_nothing_and_is_not_kept(inputs: int) -> None:
    dice, most, ended = Random(1), 300, 0
    heads = [bytes([first, second]) for first in (0x01, 0x02, 0x00, 0x81, 0x89, 0xC1) for second in (0x85, 0xFE, 0xA0)]
    for n in range(inputs // 2):
        deflate = AGREED if n % 3 == 0 else None
        server = Connection(client=False, deflate=deflate, limits=Limits(message=most))
        for _ in range(dice.randrange(1, 6)):
            server.receive(b"".join(dice.choice(heads) + dice.randbytes(dice.randrange(1, 90)) for _ in range(3)))
            assert server._frames.held <= most + 100 + 14
            assert len(server._messages._octets) <= most
        ended += server.state == "ENDING"
        server.receive(b"")
        assert server.state == "CLOSED"
    assert inputs / 4 < ended < inputs / 2


@pytest.mark.fuzz
def test_garbage_makes_frames_or_failures(inputs: int) -> None:
    dice, refused = Random(2), 0
    for n in range(inputs):
        frames = Frames(masked=n % 2 == 0, compressed=n % 3 == 0, most=50, whole=n % 5 != 0)
        first: Failed | None = None
        try:
            for _ in range(3):
                for frame in frames.feed(dice.randbytes(dice.randrange(1, 20))):
                    assert type(frame) is Frame
                    assert len(frame.payload) <= 125
        except Failed as failure:
            first = failure
        if first:
            refused += 1
            with pytest.raises(Failed) as again:
                list(frames.feed(b"more"))
            assert again.value is first
            assert frames.held == 0
    assert inputs / 2 < refused < inputs


# ----------------------------------------------------------------------------------------------------------------- cuts


@pytest.mark.parametrize("name", SETTINGS)
@given(seed=st.integers(0, 1 << 30), cuts=st.lists(st.integers(0, 400), max_size=12))
def test_any_cutting_gives_the_same_events(name: str, seed: int, cuts: list[int]) -> None:
    setting, dice = SETTINGS[name], Random(seed)
    (talk,) = conversations(dice, setting, count=1)
    wire = damaged(dice, talk) if seed % 2 else b"".join(talk)
    edges = sorted({0, len(wire), *(at for at in cuts if at < len(wire))})
    pieces = [wire[start:stop] for start, stop in pairwise(edges)]
    whole = ours(setting, [wire] if wire else [])  # no bytes at all would mean that TCP ended
    assert ours(setting, pieces) == whole
    assert ours(setting, [bytes([octet]) for octet in wire]) == whole


@given(seed=st.integers(0, 1 << 30), cuts=st.lists(st.integers(0, 400), max_size=12))
def test_frames_are_the_same_whole_or_handed_on_in_parts(seed: int, cuts: list[int]) -> None:
    setting, dice = SETTINGS["server"], Random(seed)
    (talk,) = conversations(dice, setting, count=1)
    wire = b"".join(talk)
    edges = sorted({0, len(wire), *(at for at in cuts if at < len(wire))})
    pieces = [wire[start:stop] for start, stop in pairwise(edges)]
    whole, parts = Frames(masked=True), Frames(masked=True, whole=False)
    expected = list(Frames(masked=True).feed(wire))
    assert [frame for piece in pieces for frame in whole.feed(piece)] == expected
    joined: list[Frame] = []
    going_on = False
    for piece in pieces:
        for part in parts.feed(piece):
            if going_on:
                first = joined.pop()
                joined.append(first._replace(payload=first.payload + part.payload, fin=part.fin))
            else:
                joined.append(part)
            going_on = parts.partial
    assert joined == expected


# --------------------------------------------------------------------------------------------------------- linear work


def fed(wire: bytes, size: int) -> Iterator[bytes]:
    for at in range(0, len(wire), size):
        yield wire[at : at + size]


@pytest.mark.parametrize("size", [1, 1460])
def test_a_mebibyte_that_comes_in_pieces_is_tried_three_times(size: int) -> None:
    mega = 1 << 20
    frames, tries, found = Frames(masked=True, most=mega), 0, list[Frame]()
    decode = frames._decode

    def counted(r: object) -> Frame:
        nonlocal tries
        tries += 1
        return decode(r)  # type: ignore[arg-type]

    frames._decode = counted
    for piece in fed(F(BINARY, bytes(mega)).wire(masked=True), size):
        found += frames.feed(piece)
    assert [len(frame.payload) for frame in found] == [mega]
    assert tries <= 6


def seconds(size: int, piece: int, opcode: int) -> float:
    """Return the processor time of a server that is sent a message in pieces."""
    server = Connection(client=False, limits=Limits(message=1 << 20))
    wire = F(opcode, b"x" * size).wire(masked=True)
    start = time.process_time()
    events = [event for part in fed(wire, piece) for event in server.receive(part)]
    took = time.process_time() - start
    assert [len(event.data) for event in events if isinstance(event, Message)] == [size]
    return took


@pytest.mark.serial
@pytest.mark.parametrize(("piece", "opcode"), [(1, TEXT), (1460, TEXT), (1460, BINARY)])
def test_four_times_as_many_bytes_take_four_times_as_long(piece: int, opcode: int) -> None:
    quarter, whole = seconds(1 << 18, piece, opcode), seconds(1 << 20, piece, opcode)
    assert whole < 10 * quarter, "linear would be 4 times, quadratic 16"


def test_what_has_come_of_a_message_is_not_moved() -> None:
    messages = Messages(most=1 << 20)
    octets = messages._octets
    assert messages.add(Frame(Opcode.BINARY, b"x", fin=False)) is None
    for _ in range(10_000):
        assert messages.add(Frame(Opcode.CONTINUATION, b"x", fin=False)) is None
    assert messages._octets is octets
    assert messages.add(Frame(Opcode.CONTINUATION)) == Message(b"x" * 10_001)
    assert octets == b""
