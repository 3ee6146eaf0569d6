"""Write what reads the payload of a close frame (RFC 6455 §5.5.1, §7.4): a code, and a reason in UTF-8.

Which codes may travel is told by the RFC, and for those that were registered after it by ``codes.may_travel``, the
chapter's own.
"""

from __future__ import annotations

from collections.abc import Iterator

from netlab.exercises.asking import Asked, Missed, shown
from netlab.exercises.exercise import Exercise, Wrong
from netlab.web.websocket.codes import decode_close
from netlab.wire import WireError

KEPT = (1000, 1001, 1002, 1003, *range(1007, 1015), 3000, 3999, 4000, 4999)
NEVER = {
    1004: "1004 is reserved: nobody has said what it means (RFC 6455 §7.4.1).",
    1005: "1005 says that a close frame had no code, so no close frame says 1005 (RFC 6455 §7.4.1).",
    1006: "1006 says that there was no close frame, so no close frame says 1006 (RFC 6455 §7.4.1).",
    1015: "1015 says that TLS failed, before any frame could travel (RFC 6455 §7.4.1).",
}
UNKNOWN = {
    0: "0 to 999 are not used (RFC 6455 §7.4.2).",
    999: "0 to 999 are not used (RFC 6455 §7.4.2).",
    1016: "1016 to 2999 are kept for what the protocol may become (RFC 6455 §7.4.2).",
    2999: "1016 to 2999 are kept for what the protocol may become (RFC 6455 §7.4.2).",
    5000: "After 4999 there is nothing (RFC 6455 §7.4.2).",
    65535: "After 4999 there is nothing (RFC 6455 §7.4.2).",
}
CUT, REASON = b"\xe2\x82", "до свидания"  # two bytes of the three of a €; and more bytes than characters
LONGEST = "so long, and thanks for all the fish. " * 4  # the most that there is room for are 123 bytes


def judge(decode: Asked) -> Iterator[str]:
    """Yield what is wrong with ``decode_close(payload)``: bytes in, the code and the reason out."""
    yield from _no_code(decode)
    yield from _reasons(decode)
    for code in KEPT:
        yield from _gives(decode, code.to_bytes(2), (code, ""), _may(code))
    for code, why in (UNKNOWN | NEVER).items():
        yield from _refuses(decode, code.to_bytes(2), why)
        yield from _refuses(decode, code.to_bytes(2) + b"bye", why)
    for reason in (b"\xff", CUT, b"\xed\xa0\x80", b"bye \xc0\x80"):
        yield from _refuses(decode, b"\x03\xe8" + reason, "That reason is not UTF-8 (RFC 6455 §8.1).")


def _no_code(decode: Asked) -> Iterator[str]:
    """The payloads that are too short for a code: one of them is fine."""
    yield from _gives(decode, b"", (1005, ""), "An empty close frame is fine, and is told as 1005 (RFC 6455 §7.1.5).")
    yield from _refuses(decode, b"\x03", "A code takes two bytes, and here is half of one (RFC 6455 §5.5.1).")


def _reasons(decode: Asked) -> Iterator[str]:
    """What follows the code is text, of any length that fits."""
    yield from _gives(decode, b"\x03\xe8", (1000, ""), "03 e8 is 1000: two bytes, the high one first.")
    yield from _gives(decode, b"\x03\xe8bye", (1000, "bye"), "What follows the two bytes of the code is the reason.")
    yield from _gives(decode, b"\x03\xe8" + REASON.encode(), (1000, REASON), "A reason is text in UTF-8.")
    yield from _gives(decode, b"\x03\xe8" + LONGEST[:123].encode(), (1000, LONGEST[:123]), "A reason is kept whole.")


def _may(code: int) -> str:
    if code < 3000:
        return f"{code} is registered: a close frame may carry it (RFC 6455 §7.4.1, and IANA's list since)."
    return "3000 to 3999 are for libraries, 4000 to 4999 for anybody (RFC 6455 §7.4.2)."


def _gives(decode: Asked, payload: bytes, wanted: tuple[int, str], why: str) -> Iterator[str]:
    """Yield what is wrong if ``decode`` does not return exactly that."""
    try:
        given = decode.value(payload)
    except Missed as missed:
        yield f"{missed} {why}"
        return
    if given is None:
        yield f"{_call(decode, payload)} returned None: does every way through the function end in a return?"
    elif not isinstance(given, tuple) or len(given) != 2:
        yield f"{_call(decode, payload)} gave {shown(given)}, and not a code and a reason, {wanted}."
    elif given != wanted or isinstance(given[0], bool):
        yield f"{_call(decode, payload)} gave {shown(given)}. {why}"


def _refuses(decode: Asked, payload: bytes, why: str) -> Iterator[str]:
    """Yield what is wrong if ``decode`` does anything but raise ``WireError``."""
    try:
        given = decode.value(payload)
    except Missed as missed:
        if not isinstance(missed.__cause__, WireError):
            yield f"{missed} {why} That is the peer's fault: raise WireError(message, rule)."
        return
    yield f"{_call(decode, payload)} gave {shown(given)}, and should raise WireError. {why}"


def _call(decode: Asked, payload: bytes) -> str:
    return decode.call((payload,), {})


# ------------------------------------------------------------------------------------------------- what people write


def believes(payload: bytes) -> tuple[int, str]:
    """Take whatever number comes."""
    if len(payload) == 1:
        raise WireError("half a code", "RFC 6455 §5.5.1")
    try:
        return int.from_bytes(payload[:2]) if payload else 1005, payload[2:].decode()
    except UnicodeDecodeError:
        raise WireError("no UTF-8", "RFC 6455 §8.1") from None


def calls_it_normal(payload: bytes) -> tuple[int, str]:
    """Believe that who says nothing means 1000."""
    return decode_close(payload) if payload else (1000, "")


def takes_the_list(payload: bytes) -> tuple[int, str]:
    """Take all that the RFC lists, though it lists some codes in order to forbid them."""
    code, reason = believes(payload)
    if payload and not (1000 <= code <= 1015 or 3000 <= code <= 4999):
        raise WireError("no such code", "RFC 6455 §7.4")
    return code, reason


def lets_it_through(payload: bytes) -> tuple[int, str]:
    """Leave it to whoever calls to know that text may fail to decode."""
    code, _ = decode_close(payload[:2])
    return code, payload[2:].decode()


def patches(payload: bytes) -> tuple[int, str]:
    """Make the best of a reason that is no text."""
    code, _ = decode_close(payload[:2])
    return code, payload[2:].decode(errors="replace")


EXERCISE = Exercise(
    name="websocket.close",
    question="Write decode_close(payload): the code and the reason that a close frame gives, or WireError.",
    judge=judge,
    hint="A set of codes and a range, in that order. And nothing at all is not the same as half a code.",
    idea="Some numbers exist for what happens without a close frame. Who takes them off the wire believes a liar.",
    wrong=(
        Wrong(takes_the_list, "1004 is reserved"),
        Wrong(calls_it_normal, "An empty close frame is fine"),
        Wrong(believes, "0 to 999 are not used"),
        Wrong(lets_it_through, "raise WireError(message, rule)"),
        Wrong(patches, "should raise WireError. That reason is not UTF-8"),
    ),
    written=True,
)
