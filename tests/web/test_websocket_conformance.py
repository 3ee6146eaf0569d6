"""The conformance table, played: each case as a server and as a client; at once, frame by frame and byte by byte."""

import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from random import Random

import pytest

from netlab.web.websocket.codes import Failed
from netlab.web.websocket.connection import Connection
from netlab.web.websocket.events import CLOSED, CLOSING, ENDING, OPEN, Closed, Event, Ping
from netlab.wire import Reader
from tests.web.conformance import CLOSE, NAMES, PING, PONG, Case, F, Gone, Say, Tick, lines, table
from tests.words import rfcs

TABLE = table()
CASES = [(category, case) for category, cases in TABLE.items() for case in cases]
ROLES = {"server": False, "client": True}
LONG = 3_000  # bytes; of a longer frame only the beginning comes byte by byte

every_case = pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{category}: {case.says}") for category, case in CASES]
)
each_role = pytest.mark.parametrize("role", ROLES)


@dataclass
class Played:
    """What became of a case."""

    connection: Connection
    events: list[Event] = field(default_factory=list)
    out: bytes = b""
    refused_at: int | None = None
    """How many bytes of its frame had come when the peer was refused."""


def sent(wire: bytes, masked: bool) -> Iterator[tuple[int, bytes]]:
    """Yield what we sent, as opcode and payload: short frames without fragments, and masked if a client sent them."""
    r = Reader(wire)
    while r.left:
        first, second = r.uint(1, "FIN, RSV, opcode"), r.uint(1, "MASK, length")
        assert first & 0xF0 == 0x80
        assert second & 0x80 == (0x80 if masked else 0)
        key = r.take(4, "key") if masked else bytes(4)
        payload = r.take(second & 0x7F, "payload")
        yield first & 0x0F, bytes(byte ^ key[n % 4] for n, byte in enumerate(payload))


def play(case: Case, client: bool, cut: str) -> Played:
    """Play a case: what comes between two deeds of ours comes at once, or frame by frame, or byte by byte."""
    played = Played(Connection(client=client, dice=Random(1), deflate=case.deflate, limits=case.limits))
    connection = played.connection
    for comes, group in groupby(case.steps, lambda step: isinstance(step, F)):
        steps = list(group)
        if comes:
            wires = [step.wire(masked=not client) for step in steps if isinstance(step, F)]
            for wire in [b"".join(wires)] if cut == "at once" else wires:
                feed(played, wire, bytewise=cut == "bytes")
            continue
        for step in steps:
            if isinstance(step, Say):
                connection.close(step.code, step.reason)
            elif isinstance(step, Tick):
                played.events += connection.tick(step.now)
            else:
                played.events += connection.receive(b"")
            played.out += connection.outgoing()
    return played


def feed(played: Played, wire: bytes, bytewise: bool) -> None:
    """Feed a frame; what comes first of a long one byte by byte, and the rest of it in larger pieces."""
    at = 0
    while at < len(wire):
        step = (1 if at < LONG else 1_021) if bytewise else len(wire)
        played.events += played.connection.receive(wire[at : at + step])
        played.out += played.connection.outgoing()
        at = min(at + step, len(wire))
        if played.connection.error and played.refused_at is None:
            played.refused_at = at


def told(events: list[Event]) -> list[Event]:
    """Return the events, without the words in which they say why it ended."""
    return [event._replace(why="") if isinstance(event, Closed) else event for event in events]


@every_case
@each_role
@pytest.mark.parametrize("cut", ["at once", "frames", "bytes"])
def test_it_becomes_of_it_what_the_table_says(case: Case, role: str, cut: str) -> None:
    client = ROLES[role]
    played = play(case, client, cut)
    ours = played.connection
    gone, we = any(isinstance(s, Gone) for s in case.steps), next((s for s in case.steps if isinstance(s, Say)), None)
    if case.closed:
        end: list[Event] = [Closed(*case.closed)]
    else:
        end = [Closed(1006)] if case.refused or case.lost else []
    assert told(played.events) == [*case.told, *end]
    assert ours.state == (CLOSED if gone else ENDING if case.closed or case.refused else CLOSING if we else OPEN)

    # What we owe the peer: an answer to each ping, and one close frame at most.
    owed = list(sent(played.out, client))
    assert [payload for opcode, payload in owed if opcode == PONG] == [
        e.payload for e in case.told if isinstance(e, Ping)
    ]
    assert [NAMES[opcode] for opcode, _ in owed if opcode not in (PONG, CLOSE)] == []
    closes = [payload for opcode, payload in owed if opcode == CLOSE]
    first_said = we and (not case.closed or case.steps.index(we) == 0)
    if we and first_said:
        assert closes == [we.code.to_bytes(2) + we.reason.encode()]
    elif case.refused:
        (payload,) = closes
        assert int.from_bytes(payload[:2]) == case.refused
        assert payload[2:].decode(), "it says why"
    elif case.closed:
        assert closes == [b"" if case.closed[0] == 1005 else case.closed[0].to_bytes(2)]
    else:
        assert closes == []
    if closes and not first_said:
        assert owed[-1][0] == CLOSE, "nothing is said after a close frame"

    # The rule that was broken, where and when.
    assert bool(ours.error) == bool(case.refused)
    if case.refused:
        assert isinstance(ours.error, Failed)
        assert ours.error.code == case.refused
        assert same(case.rule, ours.error.rule), f"{case.rule}, not {ours.error.rule}"
        assert played.events[-1].why == str(ours.error)
        if cut == "bytes" and case.at is not None:
            assert played.refused_at == case.at
        if cut == "bytes" and case.after is not None:
            last = next(step for step in reversed(case.steps) if isinstance(step, F))
            assert played.refused_at == len(last.head(masked=not client)) + case.after
    if ours.state in (ENDING, CLOSED):
        assert (ours.receive(F(PING, b"late").wire(masked=not client)), ours.outgoing()) == ([], b"")


def same(rule: str, other: str) -> bool:
    """Return whether one of two rules is a part of the other, or they are of two RFCs."""
    return rule.split()[1] != other.split()[1] or rule.startswith(other) or other.startswith(rule)


# ---------------------------------------------------------------------------------------------------------- the table

COUNTS = {
    "framing": 39,
    "ping and pong": 36,
    "reserved bits": 55,
    "opcodes": 34,
    "fragmentation": 41,
    "UTF-8": 96,
    "close": 79,
    "limits": 34,
    "compression": 73,
}


def test_the_table_has_enough_of_everything() -> None:
    assert {category: len(cases) for category, cases in TABLE.items()} == COUNTS
    assert sum(COUNTS.values()) == len(CASES) == 487


def test_no_two_cases_are_the_same() -> None:
    names = [(category, case.says) for category, case in CASES]
    assert len(set(names)) == len(names)
    plays = [(case.steps, case.limits, case.deflate) for _, case in CASES]
    assert [CASES[n][1].says for n, play in enumerate(plays) if play in plays[:n]] == []


def test_each_case_names_a_section_that_there_is() -> None:
    known = rfcs.load()
    for _, case in CASES:
        ((number, section),) = rfcs.citations(case.rule)
        assert section in known[number].sections, case.rule


def test_the_table_can_be_shown() -> None:
    shown = list(lines())
    assert len(shown) == len(CASES) + len(TABLE)
    assert "  refused: 1007  RFC 6455 §8.1      a text of c080" in shown


@pytest.mark.parametrize("size", [(1 << 63) - 1, 1 << 62, 1 << 40])
@each_role
def test_a_declared_length_allocates_nothing(size: int, role: str) -> None:
    client = ROLES[role]
    connection = Connection(client=client, dice=Random(1))
    wire = F(2, b"Hello", size=size).wire(masked=not client)
    tracemalloc.start()
    events = connection.receive(wire)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [type(event) for event in events] == [Closed]
    assert peak < 20_000
