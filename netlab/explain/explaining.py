"""What some bytes are: read by the protocol's own parser, which records each field, up to where it fails.

>>> found = explain(bytes.fromhex("81 05 48 65 6c 6c 6f"))
>>> print(found.message)
WebSocket frames from a server: 7 bytes in 3 fields
>>> [(span.name, span.value) for span in found.spans]
[('FIN, RSV, opcode', 'FIN, text'), ('MASK, length', '5'), ('payload', b'Hello')]
>>> print(explain(bytes.fromhex("81 05 48 65")).message)
WebSocket frames from a server, cut off after 4 bytes: at least 3 more bytes are needed
>>> print(explain(bytes.fromhex("83 05 48"), "websocket-server").message)
WebSocket frames from a server, broken at byte 0: the opcode 0x3 is reserved (RFC 6455 §5.2)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from netlab.explain import fields
from netlab.explain.registry import Protocol, called, fetched, guess
from netlab.explain.watching import Watcher
from netlab.wire import Incomplete, Span, WireError

MOST_OCTETS = 262_144  # that are looked at: no packet of a capture has more
MOST_MESSAGES = 100  # that follow each other
MOST_NOTES = 12
LONGEST_NAME = 60  # characters: a header field of HTTP may be called anything
MOST_FILLED = 4_096  # bytes of a header that may be missing, for what is there of it to be told


@dataclass(frozen=True, slots=True)
class Failure:
    """Where the bytes fail: at the bytes ``start`` to ``stop``, which are, or should be, the ``field``.

    They break ``rule``, and ``message`` says how; or they are cut off, with ``missing`` bytes at least, and no rule.
    """

    start: int
    stop: int
    field: str
    message: str
    rule: str = ""
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the ``octets`` are: fields in ``spans``, as their parser recorded them; ``rules`` tell why each is there.

    ``protocol`` is ``None`` where nobody knows, and ``why`` says how it was chosen. ``rest`` are spans of what was not
    read: what a header carries, what is left over. ``failure`` is ``None`` where all is well. ``size`` counts all
    bytes, of which no more than the first 262,144 are among the octets.
    """

    octets: bytes
    protocol: Protocol | None
    why: str
    spans: Sequence[Span] = ()
    rest: Sequence[Span] = ()
    rules: Mapping[str, str] | None = None
    failure: Failure | None = None
    notes: Sequence[str] = ()
    size: int = 0

    @property
    def message(self) -> str:
        """The whole in one line: what it is, and where it fails."""
        if not self.protocol:
            return f"{_bytes(self.size)} of a protocol that nobody here recognises"
        title, failure = self.protocol.title, self.failure
        if not failure:
            read = len(self.spans)
            return f"{title}: {_bytes(self.size)} in {read:,} field{'s' * (read != 1)}"
        if not failure.rule:
            return f"{title}, cut off after {_bytes(len(self.octets))}: {failure.message}"
        return f"{title}, broken at byte {failure.start:,}: {failure.message} ({failure.rule})"


def explain(data: bytes | bytearray | memoryview, protocol: str = "", why: str = "it was asked for") -> Explanation:
    """Return what ``data`` is: of the ``protocol`` of that name, as ``why`` says, or of the one that is guessed.

    Bytes that break a rule, or that end too early, raise nothing: the explanation says so. Raises ``ValueError`` for
    no bytes at all, and for a protocol that is not there.
    """
    octets, size = bytes(memoryview(data)[:MOST_OCTETS]), len(data)
    if not octets:
        raise ValueError("there is not one byte to explain")
    found = guess(octets) if not protocol else []
    if not protocol and not found:
        return Explanation(octets, None, "it begins like nothing that is known here", size=size)
    chosen = called(protocol or found[0].name)
    reading = _Reading(octets, chosen)
    spans = [span._replace(value=fields.said(span.name, span.value)) for span in reading.spans]
    notes = list(dict.fromkeys(reading.notes))[:MOST_NOTES]
    if size > len(octets):
        notes.append(f"Of {size:,} bytes the first {len(octets):,} are read.")
    rules = _rules(spans, chosen)
    why = found[0].why if found else why
    return Explanation(octets, chosen, why, spans, reading.rest(), rules, reading.failure, notes, size)


def _rules(spans: Iterable[Span], protocol: Protocol) -> dict[str, str]:
    """Return the rule of each field. In a packet the payload has none: it is whoever's it is."""
    word = re.split(r"\W", protocol.title)[0]
    otherwise = "" if protocol.look == "packet" else fields.RULES.get(word, protocol.rfc)
    return {span.name: rule for span in spans if (rule := fields.rule(span.name, otherwise))}


class _Reading:
    """Reads ``octets`` as ``protocol``, message after message, into ``spans``, ``notes``, and a ``failure`` or none."""

    def __init__(self, octets: bytes, protocol: Protocol) -> None:
        self.octets, self.protocol = octets, protocol
        self.decode = partial(fetched(protocol.decoder), **protocol.keywords)
        self.look = fetched(f"netlab.explain.looks:{protocol.look}") if protocol.look else None
        self.spans: list[Span] = []
        self.notes: list[str] = []
        self.failure: Failure | None = None
        self.reader = Watcher(octets)
        for number in range(1, MOST_MESSAGES + 1):
            begin = self.reader.at
            self._message(number)
            if self.failure or not protocol.repeats or not self.reader.left or self.reader.at == begin:
                break

    def _message(self, number: int) -> None:
        """Read one message, and keep its spans under its number."""
        r = self.reader
        begin = r.start = r.at
        r.spans = []
        spans = r.spans
        try:
            message = self.decode(r)
            for note in self.look(message) if self.look else ():
                self.notes.append(note)
        except Incomplete as error:
            spans = self._there(begin, error)
            at = max((span.stop for span in spans), default=begin)
            self.failure = Failure(at, len(self.octets), r.looked.name, str(error), missing=error.missing)
        except WireError as error:
            self.failure = self._broken(error)
        prefix = f"{number}. " if number > 1 else ""
        if self.failure:
            self.failure = replace(self.failure, field=prefix + self.failure.field)
        self.spans += [span._replace(name=f"{prefix}{span.name:.{LONGEST_NAME}}") for span in spans]

    def _there(self, begin: int, error: Incomplete) -> list[Span]:
        """Return what is there of a message that is cut off.

        A header may be read all at once, and not at all if it is not all there. So it is read again as if something
        followed, and the fields count that end before it.
        """
        filler = self.protocol.ending or bytes(error.missing if error.missing <= MOST_FILLED else 0)
        r = Watcher(self.octets + filler)
        r.at = r.start = begin
        failing(partial(self.decode, r))
        return [span for span in r.spans if span.stop <= len(self.octets)]

    def _broken(self, error: WireError) -> Failure:
        """Return where a rule was broken: in the field that the rule is about, else where the parser looked last."""
        r, name = self.reader, fields.guilty(error)
        start, stop, field = r.looked
        for span in r.spans:
            if name and fields.plain(span.name).lower() == name:
                start, stop, field = span.start, span.stop, span.name
        if start == stop:  # it should be where others are, or where nothing is
            start = min(start, len(self.octets) - 1)
        return Failure(start, max(stop, start + 1), field, error.message, error.rule)

    def rest(self) -> list[Span]:
        """Return spans of what was not read: what the message carries, and what is behind it."""
        r, whole = self.reader, len(self.octets)
        if self.failure:
            return []
        name = "further messages" if self.protocol.repeats else self.protocol.rest
        parts = [(r.at, r.stop, name), (r.stop, whole, "left over")]
        return [Span(start, stop, said, _bytes(stop - start)) for start, stop, said in parts if start < stop]


def failing(call: Callable[[], Any]) -> Incomplete | WireError | None:
    """Return the failure that a decoder ended in, ``None`` where it did not fail."""
    try:
        call()
    except (Incomplete, WireError) as error:
        return error
    return None


def _bytes(count: int) -> str:
    return f"{count:,} byte" + ("s" if count != 1 else "")
