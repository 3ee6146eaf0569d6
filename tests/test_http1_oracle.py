"""Heads of HTTP/1.1 as h11 reads them, too: on valid and on damaged ones, each difference by its name."""

import random
import re
from collections import Counter
from collections.abc import Callable, Sequence

import h11
import pytest

from netlab.http1 import HOST, MOST_FIELDS, TOKEN, Headers, Request, decode_request, decode_response
from netlab.wire import Incomplete, Reader, WireError
from tests.test_http1 import REAL, REFUSED, Decode, get
from tests.test_http1_hostile import hostile

WAITS, REFUSES = "waits", "refuses"
Head = tuple[str, str, str, tuple[tuple[str, str], ...], bytes]
"""Two words of the first line, the version, the fields, and what is behind the head."""
Outcome = Head | str


def ours(decode: Decode, wire: bytes) -> Outcome:
    """Return what we make of ``wire``."""
    r = Reader(wire)
    try:
        head = decode(r)
    except Incomplete:
        return WAITS
    except WireError:
        return REFUSES
    first = (head.method, head.target) if isinstance(head, Request) else (str(head.status), head.reason or "")
    return *first, f"{head.version[0]}.{head.version[1]}", head.headers.fields, wire[r.at :]


def theirs(decode: Decode, wire: bytes) -> Outcome:
    """Return what h11 makes of it."""
    if decode is decode_request:
        peer = h11.Connection(h11.SERVER)
    else:
        peer = h11.Connection(h11.CLIENT)
        asked = [("Host", "a"), ("Upgrade", "a"), ("Connection", "Upgrade")]  # so it will take a 101
        peer.send(h11.Request(method="GET", target="/", headers=asked))
        peer.send(h11.EndOfMessage())
    peer.receive_data(wire)
    try:
        event = peer.next_event()
    except h11.RemoteProtocolError:
        return REFUSES
    if event is h11.NEED_DATA:
        return WAITS
    assert isinstance(event, (h11.Request, h11.InformationalResponse, h11.Response))
    asks = isinstance(event, h11.Request)
    first = (event.method, event.target) if asks else (b"%d" % event.status_code, event.reason)
    fields = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers.raw_items())
    method, target, version = (word.decode("latin-1") for word in (*first, event.http_version))
    return method, target, version, fields, peer.trailing_data[0]


# ------------------------------------------------------------------------------------------------- why they may differ

Rule = Callable[[Decode, bytes, Outcome, Outcome], bool]


def lines(wire: bytes) -> list[bytes]:
    """Return the lines of a head as h11 sees it, each without its end; none where it does not end."""
    end = re.search(rb"\n\r?\n", wire)
    return [line.removesuffix(b"\r") for line in wire[: end.start()].split(b"\n")] if end else []


def values(wire: bytes, name: bytes) -> list[str]:
    """Return the values of the fields with that name."""
    found = [line.partition(b":") for line in lines(wire)[1:]]
    return [value.decode("latin-1").strip(" \t") for key, _, value in found if key.lower() == name]


def takes_lf_for_the_end_of_a_line(decode: Decode, wire: bytes, we: Outcome, they: Outcome) -> bool:
    """RFC 9112 §2.2 says MAY. We wait for an end in CRLF, and then refuse; what comes until then is all one head."""
    return we in (WAITS, REFUSES) and they != WAITS and bool(re.search(rb"(?<!\r)\n", wire))


def joins_a_field_that_goes_on(decode: Decode, wire: bytes, we: Outcome, they: Outcome) -> bool:
    """RFC 9112 §5.2 gives the choice: refuse it, or put blanks for the folding."""
    return we == REFUSES != they and any(line[:1] in (b" ", b"\t") for line in lines(wire)[2:])


def takes_most_control_characters(decode: Decode, wire: bytes, we: Outcome, they: Outcome) -> bool:
    """RFC 9110 §5.5: "Field values containing other CTL characters are also invalid", and may be kept all the same."""
    return we == REFUSES != they and any(re.search(rb"[\x01-\x08\x0e-\x1f\x7f]", line) for line in lines(wire))


def takes_any_host(decode: Decode, wire: bytes, we: Outcome, they: Outcome) -> bool:
    """RFC 9112 §3.2: a server MUST refuse "a Host header field with an invalid field value"."""
    return we == REFUSES != they and not all(HOST.fullmatch(host) for host in values(wire, b"host"))


def misses_no_host_but_that_of_1_1(decode: Decode, wire: bytes, we: Outcome, they: Outcome) -> bool:
    """A minor version that is not known is treated as the highest that is: HTTP/1.2 needs a Host, too."""
    return we == REFUSES and isinstance(they, tuple) and they[2] > "1.1" and not values(wire, b"host")


def knows_no_empty_line_before_a_request(decode: Decode, wire: bytes, we: Outcome, they: Outcome) -> bool:
    """RFC 9112 §2.2 says SHOULD."""
    return we != REFUSES == they and decode is decode_request and wire[:2] in (b"\r", b"\r\n")


def looks_at_the_content(decode: Decode, wire: bytes, we: Outcome, they: Outcome) -> bool:
    """It also reads the content, so it refuses lengths that it could not use, and drops those that it has twice."""
    about = values(wire, b"content-length") + values(wire, b"transfer-encoding")
    usual = len(about) == 1 and re.fullmatch(r"[0-9]{1,20}|chunked", about[0])
    if not isinstance(we, tuple) or not about or usual:
        return False
    return they == REFUSES or (isinstance(they, tuple) and without_content(we) == without_content(they))


def without_content(head: Head) -> Head:
    """Return what a head says of anything but its content."""
    about = {"content-length", "transfer-encoding"}
    return *head[:3], tuple(field for field in head[3] if field[0].lower() not in about), head[4]


def takes_statuses_beyond_599(decode: Decode, wire: bytes, we: Outcome, they: Outcome) -> bool:
    """RFC 9110: values "outside the range of 100 to 599 are invalid"."""
    return we == REFUSES and isinstance(they, tuple) and decode is decode_response and they[0] >= "600"


def counts_no_fields(decode: Decode, wire: bytes, we: Outcome, they: Outcome) -> bool:
    """It limits how long a head is, as our ``Feed`` does, but not how many fields are in it."""
    return we == REFUSES and isinstance(they, tuple) and len(they[3]) > MOST_FIELDS


def waits_for_more_of_what_is_no_head(decode: Decode, wire: bytes, we: Outcome, they: Outcome) -> bool:
    """Both refuse at once what begins with a control character or a blank; we, all that no head begins with."""
    first = wire.removeprefix(b"\r\n")[:1].decode("latin-1")
    begins = bool(TOKEN.match(first)) if decode is decode_request else first == "H"
    return we == REFUSES and they == WAITS and not begins


RULES: list[Rule] = [
    takes_lf_for_the_end_of_a_line,
    joins_a_field_that_goes_on,
    takes_most_control_characters,
    takes_any_host,
    misses_no_host_but_that_of_1_1,
    knows_no_empty_line_before_a_request,
    looks_at_the_content,
    takes_statuses_beyond_599,
    counts_no_fields,
    waits_for_more_of_what_is_no_head,
]


def explained(decode: Decode, wire: bytes, rules: Sequence[Rule] = RULES) -> str:
    """Return "same", or the name of the rule by which both may differ; "" where none says so."""
    we, they = ours(decode, wire), theirs(decode, wire)
    if we == they:
        return "same"
    return next((rule.__name__ for rule in rules if rule(decode, wire, we, they)), "")


# ----------------------------------------------------------------------------------------------------------- both agree


@pytest.mark.parametrize(("decode", "wire"), REAL.values(), ids=REAL)
def test_h11_reads_the_same(decode: Decode, wire: bytes) -> None:
    for behind in (b"", b"\x81\x05Hello"):
        read = ours(decode, wire + behind)
        assert isinstance(read, tuple)
        assert read == theirs(decode, wire + behind)
    for cut in range(1, len(wire)):
        assert ours(decode, wire[:cut]) == WAITS == theirs(decode, wire[:cut])


@pytest.mark.parametrize(("decode", "wire", "_"), REFUSED)
def test_h11_refuses_the_same_or_there_is_a_rule_that_says_why_not(decode: Decode, wire: bytes, _: str) -> None:
    assert explained(decode, wire)


@pytest.mark.fuzz
def test_h11_takes_and_refuses_the_same(inputs: int) -> None:
    dice, seen = random.Random(11), Counter[str]()
    for _ in range(inputs):
        decode, seed = dice.choice(list(REAL.values()))
        wire = hostile(dice, [seed])
        why = explained(decode, wire)
        assert why, f"{wire!r}: {ours(decode, wire)}, not {theirs(decode, wire)}"
        read = ours(decode, wire)
        seen.update([why, read if isinstance(read, str) else "takes"])
    assert min(seen[what] for what in ("takes", WAITS, REFUSES)) > inputs / 20
    assert seen["same"] > 0.8 * inputs


# ------------------------------------------------------------------------------------------------ each rule is needed

EXAMPLES: dict[str, tuple[Decode, bytes]] = {
    "takes_lf_for_the_end_of_a_line": (decode_request, b"GET / HTTP/1.1\nHost: a\n\n"),
    "joins_a_field_that_goes_on": (decode_request, get(b"X: a\r\n b\r\n")),
    "takes_most_control_characters": (decode_request, get(b"X: \x1b[31m\r\n")),
    "takes_any_host": (decode_request, get(host=b"Host: a/b\r\n")),
    "misses_no_host_but_that_of_1_1": (decode_request, b"GET / HTTP/1.2\r\n\r\n"),
    "knows_no_empty_line_before_a_request": (decode_request, b"\r\n" + get()),
    "looks_at_the_content": (decode_request, get(b"Content-Length: 1\r\nContent-Length: 2\r\n")),
    "takes_statuses_beyond_599": (decode_response, b"HTTP/1.1 999 Denied\r\n\r\n"),
    "counts_no_fields": (decode_request, get(b"X: a\r\n" * MOST_FIELDS)),
    "waits_for_more_of_what_is_no_head": (decode_response, b"SSH-2.0-OpenSSH_9.2p1\r\n"),
}


@pytest.mark.parametrize("rule", EXAMPLES)
def test_each_difference_is_there(rule: str) -> None:
    decode, wire = EXAMPLES[rule]
    assert explained(decode, wire) == rule
    others = [other for other in RULES if other.__name__ != rule]
    assert explained(decode, wire, others) == "", "no other rule would do"


def test_there_is_an_example_of_each_rule() -> None:
    assert list(EXAMPLES) == [rule.__name__ for rule in RULES]
    assert all(rule.__doc__ for rule in RULES)


def test_a_rule_explains_no_other_difference() -> None:
    """Of a head that h11 took and we did too, no rule says that its words may differ."""
    for decode, wire in REAL.values():
        read = ours(decode, wire)
        assert isinstance(read, tuple)
        other = (*read[:3], Headers((("X", "another"),)).fields, read[4])
        assert not any(rule(decode, wire, read, other) for rule in RULES)
