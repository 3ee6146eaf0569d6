"""Read a frame's head off its bytes: six numbers, of which the first four stand in them and two have to be counted.

The right numbers are what netlab's own decoder reads from the bytes, and where. The known wrong ones are what
somebody reads who leaves one thing out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from netlab.exercises.asking import shown
from netlab.exercises.exercise import Exercise, Wrong
from netlab.exercises.naming import by_name
from netlab.web.websocket.frames import BINARY, Frame, decode, encode
from netlab.wire import Recorder

KEY = bytes.fromhex("37fa213d")
WIRE = encode(Frame(BINARY, bytes(range(256))), KEY)  # 82 fe 01 00 37 fa 21 3d 37 fb 23 3e ...


class Slip(NamedTuple):
    """Who gives this ``value`` has left something out, or read something else; ``shows`` says what."""

    value: int
    shows: str


def numbers(wire: bytes) -> dict[str, int]:
    """Return the six numbers of a client's frame, by the names that the reader fills in; sizes in bytes."""
    recorder = Recorder(wire)
    frame = decode(recorder, masked=True)
    spans = {span.name: span for span in recorder.spans}
    return {
        "fin": int(frame.fin),
        "opcode": int(frame.opcode),
        "mask": int(spans["MASK, length"].value) >> 7,
        "length": len(frame.payload),
        "payload_at": spans["payload"].start,
        "frame_bytes": recorder.at,
    }


def slips(wire: bytes) -> dict[str, tuple[Slip, ...]]:
    """Return, for each of the six, the wrong numbers that people read in ``wire``, and what they have overlooked."""
    first, second = wire[0], wire[1]
    size, at = (numbers(wire)[name] for name in ("length", "payload_at"))
    return {
        "fin": (
            Slip(0, "82 is 1000 0010 in bits, and FIN is the first of them."),
            Slip(first, "That is the whole first byte. FIN is its first bit."),
        ),
        "opcode": (
            Slip(first, "That is the whole first byte. The opcode is its last four bits, and FIN the first."),
            Slip(first >> 4, "Those are the first four bits, FIN and RSV. The opcode is the last four."),
            Slip(1, "1 would be text. The last four bits of 82 are 0010."),
        ),
        "mask": (
            Slip(0, "fe is 1111 1110 in bits, and MASK is the first of them. A client has no choice anyway."),
            Slip(second, "That is the whole second byte. MASK is its first bit."),
        ),
        "length": (
            Slip(second & 0x7F, "126 is no length here: it says that the length follows in two bytes."),
            Slip(second, "The first bit of fe is MASK. The other seven are 126: the length follows in two bytes."),
            Slip(1, "Both bytes, 01 00, are the length, and the first of them is the high one."),
            Slip(100, "01 00 is hexadecimal."),
            Slip(size + 4, "The key does not count: the length is the payload's."),
        ),
        "payload_at": (
            Slip(at - 4, "There stands the key, 37 fa 21 3d. What is masked brings its 4 bytes of key along."),
            Slip(at - 2, "Count the two bytes of the length too: 82 fe, then 01 00, then the key."),
            Slip(2, "Two bytes are the least that a head has. This one has a longer length and a key."),
            Slip(at + 6, "8 bytes of length follow a 127. This is a 126, and two bytes follow it."),
            Slip(at + 1, "Offsets count from 0: what stands before the payload is what its offset is."),
        ),
        "frame_bytes": (
            Slip(size, "That is the payload alone. The head travels too."),
            Slip(size + 2, "The head is more than its first two bytes."),
            Slip(size + 4, "The key is a part of the head too."),
            Slip(126 + at, "126 is no length here: it says that the length follows in two bytes."),
        ),
    }


def judge(answer: Any) -> Iterator[str]:
    """Yield what is wrong with the six numbers. Only the first wrong one: the others may follow from it."""
    right, known = numbers(WIRE), slips(WIRE)
    faults = by_name(answer, right)
    yield from faults
    if faults:
        return
    for name, value in right.items():
        given = answer[name]
        if not isinstance(given, int | float) or (isinstance(given, bool) and name not in ("fin", "mask")):
            yield f"{name} is {shown(given)}, which is not a number."
        elif given != value:
            why = (slip.shows for slip in known[name] if given == slip.value)
            yield f"{name} is not {int(given) if given in (0, 1) else given}. {next(why, _ELSE[name])}"


_ELSE = {
    "fin": "It is one bit, the first of 82.",
    "opcode": "It is the last four bits of 82.",
    "mask": "It is one bit, the first of fe.",
    "length": "fe is MASK and a 126, so it is what the next two bytes say.",
    "payload_at": "Two bytes, then the longer length, then the key: where are you now?",
    "frame_bytes": "Head and payload: where does the next frame begin?",
}


def _but(**changed: int) -> dict[str, int]:
    return numbers(WIRE) | changed


EXERCISE = Exercise(
    name="websocket.fields",
    question="A client's frame begins 82 fe 01 00 37 fa 21 3d: what does its head say?",
    judge=judge,
    hint="fe is 1 and 126.",
    idea="A head is as long as its second byte says: 2 bytes, 2 or 8 more for a long payload, 4 more for a key.",
    wrong=(
        Wrong(_but(length=126, frame_bytes=134), "126 is no length here"),
        Wrong(_but(length=254, frame_bytes=262), "The first bit of fe is MASK"),
        Wrong(_but(opcode=130), "That is the whole first byte"),
        Wrong(_but(payload_at=4, frame_bytes=260), "There stands the key"),
        Wrong(_but(frame_bytes=256), "The head travels too"),
    ),
)
