"""Write the unmasking of a payload (RFC 6455 §5.3), right first and then fast.

Byte i of a payload is XORed with byte i mod 4 of the key. A payload that comes in pieces is unmasked in pieces, so
whoever unmasks the second one has to know how many bytes came before it: that is ``offset``.

Fast is told by steps of the interpreter and not by seconds, for a count is the same on every machine. Whoever takes
each byte of 1 MiB in hand takes many more steps than there are bytes; who leaves the rows to C takes a few dozen.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from random import Random
from typing import Any

from netlab.exercises.asking import STEPS, Asked, Missed, shown
from netlab.exercises.exercise import Exercise, Wrong
from netlab.web.websocket.masking import mask

KEY = bytes.fromhex("37fa213d")  # RFC 6455 §5.7
HELLO = bytes.fromhex("7f9f4d5158")  # b"Hello", masked with it
MIB = 1 << 20


def judge(unmask: Asked) -> Iterator[str]:
    """Yield what is wrong with ``unmask(payload, key, offset=0)``: bytes in, bytes out."""
    yield from _one_piece(unmask)
    yield from _from_an_offset(unmask)
    yield from _in_pieces(unmask)
    yield from _fast(unmask)


def _one_piece(unmask: Asked) -> Iterator[str]:
    """The RFC's example, back again, nothing at all, zeros, and what a byte loop says of all short lengths."""
    given = _octets(unmask, HELLO, KEY)
    if given != b"Hello":
        yield f"unmask({HELLO!r}, {KEY!r}) gave {shown(given)}, and not b'Hello' (RFC 6455 §5.7)."
    if (again := _octets(unmask, b"Hello", KEY)) != HELLO:
        yield f"unmask(b'Hello', {KEY!r}) gave {shown(again)}. What unmasks also masks: XOR twice changes nothing."
    if (empty := _octets(unmask, b"", KEY)) != b"":
        yield f"unmask(b'', {KEY!r}) gave {shown(empty)}. Of nothing, nothing is left."
    if (zeros := _octets(unmask, KEY, KEY)) != bytes(4):
        yield f"unmask({KEY!r}, {KEY!r}) gave {shown(zeros)}. Zeros are bytes too, and here are four of them."
    dice = Random(6455)
    for size in (1, 2, 3, 4, 6, 7, 8, 9, 64, 1000):
        payload, key = dice.randbytes(size), dice.randbytes(4)
        if _octets(unmask, payload, key) != slowly(payload, key):
            yield f"A payload of {_count(size)} comes out wrong. Byte i meets byte i mod 4 of the key, for every i."


def _from_an_offset(unmask: Asked) -> Iterator[str]:
    """The key goes on where the piece before has left it, and starts anew with every four bytes."""
    given = _octets(unmask, HELLO[3:], KEY, 3)
    if given == slowly(HELLO[3:], KEY):
        yield f"{_lo} gave {shown(given)}: you start with the key's first byte, and 3 bytes came before."
    if given == slowly(HELLO[3:], KEY, 1):
        yield f"{_lo} gave {shown(given)}: you turn the key the wrong way round. Start with key[offset % 4]."
    if given != b"lo":
        yield f"{_lo} gave {shown(given)}, and not b'lo': 3 bytes of Hello came before these."
    for offset in (4, 5, 1_000_002):
        if _octets(unmask, HELLO, KEY, offset) != slowly(HELLO, KEY, offset):
            yield f"After {offset:,} bytes the key is where it was after {offset % 4}: the payload comes out wrong."
    if _octets(unmask, payload=HELLO[3:], key=KEY, offset=3) != b"lo":
        yield "With payload=, key= and offset= by their names, the answer is another one."


_lo = f"unmask({HELLO[3:]!r}, {KEY!r}, 3)"


def _in_pieces(unmask: Asked) -> Iterator[str]:
    """Wherever a payload is cut, the pieces are unmasked into what the whole is."""
    payload = Random(5).randbytes(23)
    whole = _octets(unmask, payload, KEY)
    for cut in range(len(payload) + 1):
        a, b = payload[:cut], payload[cut:]
        if _octets(unmask, a, KEY) + _octets(unmask, b, KEY, len(a)) != whole:
            yield f"Cut before byte {cut}: unmask(a + b, key) is not unmask(a, key) + unmask(b, key, len(a))."


class OneByOne(bytes):
    """Bytes that count each one which is taken in hand, by a step of the interpreter; even C has to ask here."""

    def __iter__(self) -> Iterator[int]:
        for at in range(len(self)):
            yield self[at]


def _fast(unmask: Asked) -> Iterator[str]:
    """1 MiB in fewer steps than half its bytes: no loop over bytes can do it, in Python or by map and zip."""
    payload = bytes(range(256)) * (MIB // 256)
    try:
        given = unmask.value(OneByOne(payload), KEY, 1)
    except Missed as missed:
        if missed.__cause__:  # it raised something, and did not run out of steps
            yield f"With a payload of 1 MiB it raised {type(missed.__cause__).__name__}."
        else:
            yield f"Right, and slow: 1 MiB takes more than {STEPS:,} steps. Do not take each byte in hand."
        return
    if not isinstance(given, bytes):
        yield f"Of 1 MiB it made an object of the kind {type(given).__name__}, and not bytes."
    if given != mask(payload, KEY[1:] + KEY[:1]):
        yield "1 MiB comes out wrong, though short payloads do not."


def _octets(unmask: Asked, *args: Any, **named: Any) -> bytes:
    """Return what ``unmask`` returns. Raises ``Missed`` where that is not bytes."""
    value = unmask.value(*args, **named)
    if value is None:
        raise Missed(f"{unmask.call(args, named)} returned None: does every way end in a return?")
    if not isinstance(value, bytes):
        raise Missed(f"{unmask.call(args, named)} returned {shown(value)}, and not bytes.")
    return value


def _count(size: int) -> str:
    return f"{size:,} byte" + ("s" if size > 1 else "")


# ------------------------------------------------------------------------------------------------- what people write


def slowly(payload: bytes, key: bytes, offset: int = 0) -> bytes:
    """Take each byte in hand: right, and the slowest way there is. The other answers are measured by it."""
    return bytes(octet ^ key[(offset + at) % 4] for at, octet in enumerate(payload))


def forgets_the_offset(payload: bytes, key: bytes, offset: int = 0) -> bytes:
    """Start every piece with the key's first byte."""
    return slowly(payload, key)


def turns_it_back(payload: bytes, key: bytes, offset: int = 0) -> bytes:
    """Rotate the key by the offset, the wrong way round."""
    return slowly(payload, key, -offset)


def loses_zeros(payload: bytes, key: bytes, offset: int = 0) -> bytes:
    """Write a number in as few bytes as it needs: zeros in front are lost."""
    turned = (key[offset % 4 :] + key[: offset % 4]) * (len(payload) // 4 + 1)
    number = int.from_bytes(payload) ^ int.from_bytes(turned[: len(payload)])
    return number.to_bytes((number.bit_length() + 7) // 8)


def in_a_cycle(payload: bytes, key: bytes, offset: int = 0) -> bytes:
    """Shorter than with an index, and twice as fast: still byte by byte."""
    return bytes(a ^ b for a, b in zip(payload, cycle(key[offset % 4 :] + key[: offset % 4])))


EXERCISE = Exercise(
    name="websocket.unmask",
    question="Write unmask(payload, key, offset=0) for a piece of a payload, of which offset bytes came before.",
    judge=judge,
    hint="Integers XOR whole rows at once: int.from_bytes, ^, to_bytes. Turn the key by offset % 4 first.",
    idea="A loop costs the interpreter's steps and not the XOR: hand C a whole row, and a MiB takes as many as a byte.",
    wrong=(
        Wrong(forgets_the_offset, "you start with the key's first byte"),
        Wrong(slowly, "Do not take each byte in hand"),
        Wrong(turns_it_back, "the wrong way round"),
        Wrong(loses_zeros, "Zeros are bytes too"),
    ),
    written=True,
)
