"""The exercises on WebSocket: right answers of several kinds are taken, wrong ones get their reason."""

from collections.abc import Callable
from itertools import cycle, permutations
from math import inf, nan
from operator import xor
from time import process_time
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.exercises import Checker, Verdict
from netlab.exercises.websocket import EXERCISES
from netlab.exercises.websocket.fields import WIRE, numbers, slips
from netlab.exercises.websocket.order import EVENTS
from netlab.exercises.websocket.unmask import MIB, slowly
from netlab.web.websocket.codes import decode_close, may_travel
from netlab.wire import WireError

RIGHT_FIELDS = {"fin": 1, "opcode": 2, "mask": 1, "length": 256, "payload_at": 8, "frame_bytes": 264}
TALK = ["GET", "101", "text 1", "ping", "pong", "text 2", "client close", "server close", "FIN"]


def said(name: str, answer: Any) -> Verdict:
    return Checker().check(f"websocket.{name}", answer)


# ------------------------------------------------------------------------------------------ right answers, written here


def unmask_as_a_number(payload: bytes, key: bytes, offset: int = 0) -> bytes:
    turn, size = offset % 4, len(payload)
    row = ((key[turn:] + key[:turn]) * (size // 4 + 1))[:size]
    return (int.from_bytes(payload) ^ int.from_bytes(row)).to_bytes(size)


def unmask_in_slices(payload: bytes, key: bytes, offset: int = 0) -> bytes:
    """Each fourth byte meets the same byte of the key."""
    octets = bytearray(payload)
    for start in range(4):
        octet = key[(offset + start) % 4]
        octets[start::4] = octets[start::4].translate(bytes(value ^ octet for value in range(256)))
    return bytes(octets)


def unmask_little_end_first(payload: bytes, key: bytes, offset: int = 0) -> bytes:
    """A number whose low end comes first needs no cutting of the key's row: what is too much is at the high end."""
    row = int.from_bytes((key * (len(payload) // 4 + 2))[offset % 4 :][: len(payload)], "little")
    return (int.from_bytes(payload, "little") ^ row).to_bytes(len(payload), "little")


def close_by_ranges(payload: bytes) -> tuple[int, str]:
    """By the RFC's ranges, one after the other."""
    if payload == b"":
        return (1005, "")
    if len(payload) < 2:
        raise WireError("half a code", "RFC 6455 §5.5.1")
    code = payload[0] << 8 | payload[1]
    if code < 1000 or code in (1004, 1005, 1006) or 1015 <= code < 3000 or code >= 5000:
        raise WireError(f"no close frame says {code}", "RFC 6455 §7.4")
    try:
        return code, str(payload[2:], "utf-8")
    except ValueError as error:
        raise WireError("no UTF-8", "RFC 6455 §8.1") from error


class End(NamedTuple):
    """A code and a reason are a tuple by any name."""

    code: int
    reason: str


RIGHT: list[tuple[str, Any]] = [
    ("fields", RIGHT_FIELDS),
    ("fields", {**RIGHT_FIELDS, "fin": True, "mask": True, "length": 256.0, "note": "counted"}),
    ("order", TALK),
    ("order", tuple(TALK)),
    ("order", ", ".join(TALK)),
    ("order", "GET, 101, ping, text 1, server close, text 2, pong, client close, FIN"),
    ("unmask", unmask_as_a_number),
    ("unmask", unmask_in_slices),
    ("unmask", unmask_little_end_first),
    ("close", decode_close),
    ("close", close_by_ranges),
    ("close", lambda payload: End(*decode_close(payload))),
]


@pytest.mark.parametrize(("name", "answer"), RIGHT)
def test_a_right_answer_is_right_and_tells_the_idea(name: str, answer: Any) -> None:
    verdict = said(name, answer)
    assert verdict.right is True, verdict
    assert verdict.reason == EXERCISES[f"websocket.{name}"].idea


def test_every_exercise_has_a_right_answer_here() -> None:
    assert {f"websocket.{name}" for name, _ in RIGHT} == set(EXERCISES)


# -------------------------------------------------------------------------------------------------------- wrong answers


@pytest.mark.parametrize("wrong", [wrong.answer for wrong in EXERCISES["websocket.unmask"].wrong])
def test_a_wrong_unmasking_is_one_that_somebody_might_write(wrong: Callable[..., bytes]) -> None:
    assert wrong(bytes.fromhex("7f9f4d5158"), bytes.fromhex("37fa213d")) == b"Hello"


@pytest.mark.parametrize("wrong", [wrong.answer for wrong in EXERCISES["websocket.close"].wrong])
def test_a_wrong_reading_of_a_close_is_one_that_somebody_might_write(wrong: Callable[[bytes], Any]) -> None:
    assert wrong(b"\x03\xe8bye") == (1000, "bye")


# -------------------------------------------------------------------------------------------------------------- fields


def test_the_six_numbers_are_read_off_the_wire_that_the_page_shows() -> None:
    assert WIRE[:12] == bytes.fromhex("82 fe 01 00 37 fa 21 3d 37 fb 23 3e")
    assert numbers(WIRE) == RIGHT_FIELDS
    assert len(WIRE) == RIGHT_FIELDS["frame_bytes"]


SLIPS = [pytest.param(name, slip, id=f"{name}-{slip.value}") for name, known in slips(WIRE).items() for slip in known]


@pytest.mark.parametrize(("name", "slip"), SLIPS)
def test_each_slip_of_each_field_gets_its_reason(name: str, slip: Any) -> None:
    verdict = said("fields", RIGHT_FIELDS | {name: slip.value})
    assert verdict.right is False
    assert verdict.reason == f"{name} is not {slip.value}. {slip.shows}"


def test_the_known_slips_are_these() -> None:
    assert {name: [slip.value for slip in known] for name, known in slips(WIRE).items()} == {
        **{"fin": [0, 0x82], "opcode": [0x82, 8, 1], "mask": [0, 0xFE], "length": [126, 0xFE, 1, 100, 260]},
        **{"payload_at": [4, 6, 2, 14, 9], "frame_bytes": [256, 258, 260, 134]},
    }


@pytest.mark.parametrize("name", RIGHT_FIELDS)
@pytest.mark.parametrize("value", [-1, 7, 77, 8.5, inf, nan])
def test_any_other_number_is_refused_with_a_way_to_find_it(name: str, value: float) -> None:
    verdict = said("fields", RIGHT_FIELDS | {name: value})
    assert verdict.right is False
    assert len(verdict.reason) > len(f"{name} is not {value}. ") + 20


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ([1, 2, 1, 256, 8, 264], "by name, in a dict"),
        (264, "by name, in a dict"),
        ({}, "no number for fin, opcode, mask, length, payload_at, frame_bytes"),
        ({"length": 126}, "no number for fin, opcode"),
        (RIGHT_FIELDS | {"opcode": "binary"}, "opcode is 'binary', which is not a number"),
        (RIGHT_FIELDS | {"length": True}, "length is True, which is not a number"),
        (RIGHT_FIELDS | {"mask": False}, "mask is not 0. fe is 1111 1110"),
        (RIGHT_FIELDS | {"mask": None}, "mask is None, which is not a number"),
    ],
)
def test_numbers_that_are_not_filled_in_as_asked(answer: Any, says: str) -> None:
    verdict = said("fields", answer)
    assert verdict.right is False
    assert says in verdict.reason


# --------------------------------------------------------------------------------------------------------------- order

BEFORE = {  # RFC 6455 §1.4, §4.1, §5.4, §5.5, §7.1.1: what each of the nine needs
    "101": ["GET"],
    "text 1": ["101"],
    "ping": ["101"],
    "text 2": ["text 1"],
    "pong": ["ping"],
    "client close": ["text 2", "pong"],
    "server close": ["text 1", "ping"],
    "FIN": ["client close", "server close"],
}


def legal(order: list[str] | tuple[str, ...]) -> bool:
    return all(order.index(first) < order.index(then) for then, needs in BEFORE.items() for first in needs)


def test_what_two_ends_accept_is_what_the_rfc_allows_and_nothing_else() -> None:
    """Of all orders that begin with the handshake and end with TCP, the ends take some, and only those."""
    mine = Checker()
    orders = [(*TALK[:2], *middle, TALK[-1]) for middle in permutations(TALK[2:-1])]
    found = [order for order in orders if mine.check("websocket.order", order)]
    assert found == [order for order in orders if legal(order)]
    assert len(found) == 22  # 6 ways to shuffle text and ping; then 3 or 4 places for the server's close


@given(st.permutations(TALK))
def test_any_order_gets_a_yes_or_the_rule_that_it_broke(order: list[str]) -> None:
    verdict = said("order", order)
    assert verdict.right is legal(order)
    assert verdict.right or ("cannot come there" in verdict.reason and "RFC 6455 §" in verdict.reason)


@given(st.integers(0, 8), st.integers(0, 8))
def test_one_event_that_is_elsewhere_gets_a_yes_or_the_rule_that_it_broke(start: int, end: int) -> None:
    order = [*TALK]
    order.insert(end, order.pop(start))
    assert said("order", order).right is legal(order)


@pytest.mark.parametrize(
    ("order", "refused", "rule"),
    [
        ("101, GET, text 1, ping, pong, text 2, client close, server close, FIN", "101", "§4.2.2"),
        ("FIN, GET, 101, text 1, ping, pong, text 2, client close, server close", "FIN", "§7.1.1"),
        ("GET, 101, text 1, ping, pong, text 2, client close, FIN, server close", "FIN", "§7.1.1"),
        ("GET, 101, text 1, ping, pong, text 2, server close, FIN, client close", "FIN", "§7.1.1"),
        ("GET, ping, 101, text 1, pong, text 2, client close, server close, FIN", "ping", "§4.1"),
        ("GET, server close, 101, text 1, ping, pong, text 2, client close, FIN", "server close", "§4.1"),
        ("client close, GET, 101, text 1, ping, pong, text 2, server close, FIN", "client close", "§4.1"),
        ("GET, text 2, 101, text 1, ping, pong, client close, server close, FIN", "text 2", "§4.1"),
        ("GET, 101, text 2, text 1, ping, pong, client close, server close, FIN", "text 2", "§5.4"),
        ("GET, 101, pong, ping, text 1, text 2, client close, server close, FIN", "pong", "§5.5.3"),
        ("GET, 101, ping, text 1, text 2, client close, pong, server close, FIN", "pong", "§1.4"),
        ("GET, 101, ping, pong, client close, text 1, text 2, server close, FIN", "text 1", "§1.4"),
        ("GET, 101, text 1, ping, pong, client close, text 2, server close, FIN", "text 2", "§1.4"),
        ("GET, 101, text 1, text 2, server close, ping, pong, client close, FIN", "ping", "§1.4"),
        ("GET, 101, ping, pong, server close, text 1, text 2, client close, FIN", "text 1", "§5.5.1"),
        ("GET, 101, text 1, text 2, client close, ping, pong, server close, FIN", "ping", "§5.5.1"),
    ],
)
def test_an_order_is_refused_at_the_event_that_breaks_a_rule(order: str, refused: str, rule: str) -> None:
    verdict = said("order", order)
    assert verdict.right is False
    assert verdict.reason.startswith(f"{refused!r} cannot come there. ")
    assert f"(RFC 6455 {rule})" in verdict.reason


def test_the_events_are_listed_in_an_order_that_gives_nothing_away() -> None:
    assert list(EVENTS) == sorted(EVENTS)
    assert said("order", list(EVENTS)).right is False


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (7, "Give the 9 names in a list, and not 7"),
        ([1, 2], "Give the 9 names in a list"),
        ({"GET": 1}, "Give the 9 names in a list"),
        (["GET", "pnog"], "no event 'pnog': is it 'pong'?"),
        (["xyzzy"], "no event 'xyzzy'."),
        ([*TALK, "ping"], "'ping' is in the list 2 times"),
        ("GET, 101", "Still missing: FIN, client close, ping"),
    ],
)
def test_lists_that_are_not_the_nine(answer: Any, says: str) -> None:
    verdict = said("order", answer)
    assert verdict.right is False
    assert says in verdict.reason


# -------------------------------------------------------------------------------------------------------------- unmask

Unmask = Callable[..., Any]
fast = unmask_as_a_number


@pytest.mark.parametrize(
    ("unmask", "says"),
    [
        (lambda p, k, o=0: bytes(len(p)), "and not b'Hello'"),
        (lambda p, k, o=0: b"Hello", "XOR twice changes nothing"),
        (lambda p, k, o=0: bytes(max(len(p), 1)) if not p else fast(p, k), "Of nothing, nothing is left"),
        (lambda p, k, o=0: fast(p, k).lstrip(b"\0"), "Zeros are bytes too"),
        (lambda p, k, o=0: fast(p[:5], k) + p[5:], "A payload of 6 bytes comes out wrong"),
        (lambda p, k, o=0: fast(p, k, 3 if o == 3 else 0), "After 5 bytes the key is where"),
        (lambda p, k, o=0: fast(p, k, 2 if o else 0), "and not b'lo'"),
        (lambda p, k, o=0: fast(p, (k * 4)[o : o + 4]), "After 1,000,002 bytes the key is where"),
        (lambda p, k, o=0: fast(p, k, o if len(p) != 22 else 0), "Cut before byte 1:"),
        (lambda p, k, o=0: p if len(p) == MIB else fast(p, k, o), "1 MiB comes out wrong"),
        (lambda p, k, o=0: bytearray(fast(p, k, o)), "bytearray, and not bytes"),
        (lambda p, k, o=0: [*fast(p, k, o)], "and not bytes"),
        (lambda p, k, o=0: bytearray(p) if len(p) == MIB else fast(p, k, o), "1 MiB it made an object of"),
        (lambda p, k, o=0: {}[0] if len(p) == MIB else fast(p, k, o), "1 MiB it raised KeyError"),
        (lambda p, k, o=0: None, "does every way end in a return?"),
        (lambda p, k: fast(p, k, 0), "raised TypeError"),
        (lambda a, b, c=0: fast(a, b, c), "raised TypeError"),
        (lambda p, k, o=0: fast(p, k, o)[1 // len(p) :], "raised ZeroDivisionError"),
    ],
)
def test_each_rule_of_unmasking_is_held(unmask: Unmask, says: str) -> None:
    def named(payload: bytes, key: bytes, offset: int = 0) -> Any:
        return unmask(payload, key, offset) if offset else unmask(payload, key)

    positional = "TypeError" in says
    verdict = said("unmask", unmask if positional else named)
    assert verdict.right is False
    assert says in verdict.reason


def by_index(payload: bytes, key: bytes, offset: int = 0) -> bytes:
    out = bytearray(payload)
    for at in range(len(out)):
        out[at] ^= key[(at + offset) % 4]
    return bytes(out)


def by_map(payload: bytes, key: bytes, offset: int = 0) -> bytes:
    """No byte is seen by Python code, but each one becomes an object of Python."""
    return bytes(map(xor, payload, cycle(key[offset % 4 :] + key[: offset % 4])))


def by_appending(payload: bytes, key: bytes, offset: int = 0) -> bytes:
    """A row of four at a time is still too many rows."""
    return b"".join(fast(payload[at : at + 4], key, offset) for at in range(0, len(payload), 4))


@pytest.mark.parametrize("unmask", [slowly, by_index, by_map, by_appending])
def test_a_right_answer_that_is_slow_is_refused_for_that_alone(unmask: Unmask) -> None:
    verdict = said("unmask", unmask)
    assert verdict.right is False
    assert verdict.reason.startswith("Right, and slow: ")


@pytest.mark.serial
@pytest.mark.parametrize("unmask", [unmask_as_a_number, unmask_in_slices, unmask_little_end_first])
def test_what_is_taken_for_fast_is_at_least_five_times_as_fast_as_the_loop(unmask: Unmask) -> None:
    payload, key = bytes(range(256)) * (MIB // 256), bytes.fromhex("37fa213d")
    loop, rows = (min(_seconds(one, payload, key) for _ in range(3)) for one in (by_index, unmask))
    assert rows * 5 < loop


def _seconds(unmask: Unmask, payload: bytes, key: bytes) -> float:
    start = process_time()
    unmask(payload, key, 1)
    return process_time() - start


# --------------------------------------------------------------------------------------------------------------- close


def test_the_right_answers_agree_about_every_code() -> None:
    for code in range(1 << 16):
        try:
            answer = close_by_ranges(code.to_bytes(2) + b"x")
        except WireError:
            answer = None
        assert answer == ((code, "x") if may_travel(code) else None)


def with_code(code: int, keep: bool) -> Callable[[bytes], tuple[int, str]]:
    """Return the right function but for one code, which it keeps, or refuses."""

    def decode(payload: bytes) -> tuple[int, str]:
        if len(payload) < 2 or int.from_bytes(payload[:2]) != code:
            return decode_close(payload)
        if keep:
            return code, payload[2:].decode()
        raise WireError("no such code", "RFC 6455 §7.4")

    return decode


@pytest.mark.parametrize("code", [999, 1004, 1005, 1006, 1015, 1016, 2999, 5000])
def test_each_code_that_may_not_travel_has_to_be_refused(code: int) -> None:
    verdict = said("close", with_code(code, keep=True))
    assert verdict.right is False
    assert f"gave ({code}, ''), and should raise WireError." in verdict.reason


@pytest.mark.parametrize("code", [*range(1000, 1004), *range(1007, 1015), 3000, 3999, 4000, 4999])
def test_each_code_that_may_travel_has_to_be_kept(code: int) -> None:
    verdict = said("close", with_code(code, keep=False))
    assert verdict.right is False
    assert "raised WireError" in verdict.reason
    why = "03 e8 is 1000" if code == 1000 else "is registered" if code < 3000 else "4000 to 4999 for anybody"
    assert why in verdict.reason


def raises(error: Exception, when: Callable[[bytes], bool]) -> Callable[[bytes], tuple[int, str]]:
    """Return the right function, but for payloads for which it raises ``error``."""

    def decode(payload: bytes) -> tuple[int, str]:
        if when(payload):
            raise error
        return decode_close(payload)

    return decode


@pytest.mark.parametrize(
    ("decode", "says"),
    [
        ({}.get, "returned None"),
        (lambda p: decode_close(p)[0], "gave 1005, and not a code and a reason, (1005, '')"),
        (lambda p: [*decode_close(p)], "and not a code and a reason"),
        (lambda p: (decode_close(p)[0], p[2:]), "gave (1005, b''). An empty close frame is fine"),
        (lambda p: (decode_close(p)[0], ""), "What follows the two bytes of the code is the reason"),
        (lambda p: (decode_close(p)[0], p[2:].decode("latin-1")), "A reason is text in UTF-8"),
        (lambda p: (decode_close(p)[0], decode_close(p)[1][:64]), "A reason is kept whole"),
        (lambda p: (int.from_bytes(p, "little"), "") if len(p) == 2 else decode_close(p), "the high one first"),
        (lambda p: (p[0], "") if len(p) == 1 else decode_close(p), "gave (3, ''), and should raise WireError"),
        (lambda p: (1000, "") if b"\xed\xa0" in p else decode_close(p), "That reason is not UTF-8"),
        (raises(WireError("no code", "RFC 6455 §5.5.1"), lambda p: not p), "raised WireError"),
        (raises(IndexError("out of range"), lambda p: len(p) == 1), "raised IndexError"),
        (raises(ValueError("bad code"), lambda p: p[:2] == b"\x03\xed"), "1005 says that a close frame had no code"),
        (raises(ValueError("bad code"), lambda p: p[:2] == b"\x03\xe7"), "raise WireError(message, rule)"),
        (lambda p: (999, "") if p == b"\x03\xe7bye" else decode_close(p), "0 to 999 are not used"),
    ],
)
def test_each_rule_of_a_close_frame_is_held(decode: Callable[[bytes], Any], says: str) -> None:
    verdict = said("close", decode)
    assert verdict.right is False
    assert says in verdict.reason
