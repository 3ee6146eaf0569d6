"""Options: what a header of IPv4, TCP or IPv6 has room for behind its fixed part. All three write them alike.

    +--------+--------+------------ - - -
    |  kind  | length |  data                    one byte of kind, one of length, then the data
    +--------+--------+------------ - - -

In IPv4 and TCP the length counts all three, and two kinds are a single byte: 0, the end of the list, behind which
there is only padding, and 1, which does nothing but fill (RFC 791 §3.1, RFC 9293 §3.2). In IPv6 it counts the data
alone, and only kind 0 is a single byte, which fills (RFC 8200 §4.2).

>>> [option.kind for option in split(bytes.fromhex("01 01 080a 00000001 00000000"), TCP)]
[1, 1, 8]
>>> list(split(bytes.fromhex("02 01 05b4"), TCP))
Traceback (most recent call last):
    ...
netlab.wire.failures.WireError: the option 2 says that it is 1 byte long (RFC 9293 §3.2)

A header keeps its options as the bytes that came, so a peer that wrote them oddly is still seen as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from netlab.wire import Reader, WireError, uint


class Dialect(NamedTuple):
    """How a protocol writes options: its ``single`` bytes, the kind that ``ends`` the list, what a length adds."""

    single: frozenset[int]
    ends: int | None
    plus: int
    rule: str


IPV4 = Dialect(frozenset({0, 1}), 0, 2, "RFC 791 §3.1")
TCP = Dialect(frozenset({0, 1}), 0, 2, "RFC 9293 §3.2")
IPV6 = Dialect(frozenset({0}), None, 0, "RFC 8200 §4.2")


class Option(NamedTuple):
    """One option, whatever it means."""

    kind: int
    data: bytes = b""

    def encode(self, dialect: Dialect) -> bytes:
        """Return its bytes. Raises ``ValueError`` for data that no length can tell."""
        if self.kind in dialect.single:
            if self.data:
                raise ValueError(f"the option {self.kind} is a single byte and has no data")
            return uint(self.kind, 1, "kind")
        return uint(self.kind, 1, "kind") + uint(len(self.data) + dialect.plus, 1, "an option's length") + self.data


def split(octets: bytes, dialect: Dialect) -> Iterator[Option]:
    """Yield each option in ``octets``; the last may be the one that ends them. Raises ``WireError`` for a bad one."""
    r = Reader(octets, dialect.rule, "options")
    while r.left:
        kind = r.uint(1, "kind")
        if kind in dialect.single:
            yield Option(kind)
            if kind == dialect.ends:
                return
            continue
        length = r.uint(1, "length")
        if length < dialect.plus:
            raise WireError(
                f"the option {kind} says that it is {length} byte{'s' if length != 1 else ''} long", dialect.rule
            )
        yield Option(kind, r.take(length - dialect.plus, f"the option {kind}"))


def take(r: Reader, size: int, name: str, dialect: Dialect, says: Callable[[Option], str] | None = None) -> bytes:
    """Return the next ``size`` bytes, a header's options, as they came; a recorder gets a span for each of them.

    ``says`` turns an option into words. One that breaks a rule is no failure here: who asks for it is told.
    """
    if r.__class__ is Reader:
        return r.take(size, "options")
    octets, stop = r.peek(size, "options"), r.at + size
    try:
        for option in split(octets, dialect):
            said = says(option) if says else f"kind {option.kind}"
            r.take(len(option.encode(dialect)), f"{name}.option", lambda _, said=said: said)  # type: ignore[misc]
    except WireError as error:
        broken = str(error)
        r.take(stop - r.at, f"{name}.options", lambda _: broken)
    else:
        r.take(stop - r.at, f"{name}.padding")
    return octets


def padded(options: list[Option], dialect: Dialect, unit: int) -> bytes:
    """Return the bytes of ``options``, filled up with zeros to whole ``unit`` s: words of 4 bytes, say."""
    octets = b"".join(option.encode(dialect) for option in options)
    return octets + bytes(-len(octets) % unit)
