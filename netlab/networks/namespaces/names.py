"""A name server that knows two names: as much of DNS as a container's network needs (RFC 1035 §4.1).

Question and answer are the same message. The answer repeats the question, and adds a record for each address::

     ID | flags | questions | answers | authority | additional       6 × 16 bits    §4.1.1
     name | type | class                                                            §4.1.2
     name | type | class | TTL (32 bits) | length | address                         §4.1.3

A name is written as its labels, each behind its length, and ends with a length of 0. A record's name is not written
again: c0 0c says "as at byte 12" (§4.1.4).

>>> asked = ask("blue", 7)
>>> asked.hex(" ")
'00 07 01 00 00 01 00 00 00 00 00 00 04 62 6c 75 65 00 00 01 00 01'
>>> read(answer(asked, {"blue": "10.0.0.3"}))
Reply(number=7, name='blue', failure='', addresses=('10.0.0.3',))
>>> read(answer(asked, {})).failure
'no such name'
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address
from typing import NamedTuple

from netlab.wire import Reader, WireError, uint

RESPONSE, RECURSION, NO_SUCH_NAME = 0x8000, 0x0100, 3  # the flags QR and RD; the RCODE of a name that is not there
A, INTERNET = 1, 1  # the type of an IPv4 address, and its class
FIRST = b"\xc0\x0c"  # the name that stands behind the header
LONGEST = 63  # bytes of a label
SECONDS = 60  # how long whoever asked may remember the answer
RULE = "RFC 1035 §4.1"


class Reply(NamedTuple):
    """What a message says: its ``number``, the ``name`` asked for, why there is no answer, and the addresses."""

    number: int
    name: str
    failure: str
    addresses: tuple[str, ...]


def ask(name: str, number: int) -> bytes:
    """Return a question for the IPv4 address of ``name``; ``number`` is by whom it knows its answer."""
    return _head(number, RECURSION, 0) + _question(name)


def answer(question: bytes, table: Mapping[str, str]) -> bytes:
    """Return the answer to a question, from a table of names and addresses.

    Raises ``WireError`` for what is no question of this kind.
    """
    asked = read(question)
    found = [address for name, address in table.items() if name == asked.name.lower()]
    flags = RESPONSE | RECURSION | (0 if found else NO_SUCH_NAME)
    record = FIRST + uint(A, 2) + uint(INTERNET, 2) + uint(SECONDS, 4) + uint(4, 2)
    records = [record + IPv4Address(address).packed for address in found]
    return _head(asked.number, flags, len(records)) + _question(asked.name) + b"".join(records)


def read(message: bytes) -> Reply:
    """Return what a question, or its answer, says. Raises ``WireError`` for anything else."""
    r = Reader(message, RULE, "DNS message")
    number, flags, asked, answers, _, _ = (r.uint(2, name) for name in NUMBERS)
    if asked != 1:
        raise WireError(f"{asked} questions, and not one", f"{RULE}.2")
    labels = []
    while size := r.uint(1, "length"):
        if size > LONGEST:
            raise WireError(f"a label of {size} bytes, and not of 63 at most", "RFC 1035 §2.3.4")
        labels.append(r.take(size, "label").decode("latin-1"))
    r.take(4, "type, class")
    addresses = tuple(_address(r) for _ in range(answers))
    if r.left:
        raise WireError(f"{r.left} bytes behind the last record", RULE)
    failure = "" if not flags & 0xF else "no such name" if flags & 0xF == NO_SUCH_NAME else f"RCODE {flags & 0xF}"
    return Reply(number, ".".join(labels), failure, addresses)


NUMBERS = ("ID", "flags", "questions", "answers", "authority", "additional")


def _head(number: int, flags: int, answers: int) -> bytes:
    return b"".join(uint(value, 2) for value in (number, flags, 1, answers, 0, 0))


def _question(name: str) -> bytes:
    labels = b"".join(uint(len(label), 1) + label.encode("latin-1") for label in name.split("."))
    return labels + b"\0" + uint(A, 2) + uint(INTERNET, 2)


def _address(r: Reader) -> str:
    """Read one record, as we write them."""
    if r.take(2, "name") != FIRST:
        raise WireError("a record about another name", f"{RULE}.4")
    r.take(8, "type, class, TTL")
    with r.sub(r.uint(2, "length"), "address", f"{RULE}.3") as body:
        return str(IPv4Address(body.take(4, "address")))
