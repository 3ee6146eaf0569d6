"""HTTP/1.1 messages up to their empty line: what every protocol that begins as HTTP reads first, RFC 9112, RFC 9110.

    request-line = method SP request-target SP HTTP-version CRLF        GET /chat HTTP/1.1
    status-line  = HTTP-version SP status-code SP [ reason ] CRLF       HTTP/1.1 101 Switching Protocols
    field-line   = field-name ":" OWS field-value OWS CRLF              Host: server.example.com
    CRLF                                                                the head ends; what follows is content

>>> from netlab.wire import Feed
>>> feed = Feed(limit=8192)
>>> feed.feed(b"GET /chat HTTP/1.1\\r\\nHost: server.example.com\\r\\n")
>>> feed.feed(b"Connection: keep-alive, Upgrade\\r\\n\\r\\n\\x81\\x05")
>>> request = next(feed.messages(decode_request))
>>> request.target, request.headers.get("host"), request.headers.tokens("connection")
('/chat', 'server.example.com', ['keep-alive', 'Upgrade'])
>>> feed.drain()                                        # not HTTP any more, and not ours
b'\\x81\\x05'

Whoever reads the same bytes in two ways can be led to see two different requests. So nothing is mended here: a line
that ends without CR, a blank before the colon, a field that goes on in the next line are refused, each by its rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from netlab.wire import Reader, WireError

MOST_FIELDS = 100  # in a head; its length is limited by the Feed that holds it
CRLF = b"\r\n"

TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110 §5.6.2
VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")  # no control characters: RFC 9110 §5.5
HOST = re.compile(r"(?:\[[0-9A-Za-z:.]+\]|[!$%&'()*+,\-.0-9;=A-Z_a-z~]*)(?::[0-9]*)?")  # and a port: RFC 9112 §3.2
REQUEST_LINE = re.compile(rf"({TOKEN.pattern}) ([\x21-\x7e]+) HTTP/([0-9])\.([0-9])")
# Servers leave out a blank before no reason. They should not, but nobody can read it in two ways.
STATUS_LINE = re.compile(rf"HTTP/([0-9])\.([0-9]) ([1-5][0-9]{{2}})(?: ({VALUE.pattern}))?")

Version = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Headers:
    """The fields of a head, in their order. Names are compared without regard to case (RFC 9110 §5.1).

    Raises ``ValueError`` for a field that would be more than its line: with a CR LF in it, it could be two.
    """

    fields: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for name, value in self.fields:
            if not TOKEN.fullmatch(name) or not VALUE.fullmatch(value) or value != value.strip(" \t"):
                raise ValueError(f"{name!r:.60}: {value!r:.60} is no header field: RFC 9110 §5.5")

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.fields)

    def all(self, name: str) -> list[str]:
        """Return the value of each line with that name."""
        name = name.lower()
        return [value for other, value in self.fields if other.lower() == name]

    def get(self, name: str) -> str | None:
        """Return the value of a field, that of several lines joined by commas (RFC 9110 §5.3); None without any."""
        lines = self.all(name)
        return ", ".join(lines) if lines else None

    def tokens(self, name: str) -> list[str]:
        """Return the elements of a field that is a list; empty ones do not count (RFC 9110 §5.6.1)."""
        return [word for line in self.all(name) for part in line.split(",") if (word := part.strip(" \t"))]

    def has(self, name: str, token: str) -> bool:
        """Return whether ``token`` is, in whatever case, one of the elements of a field."""
        return token.lower() in (word.lower() for word in self.tokens(name))


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks for. Raises ``ValueError`` for what would not be one line each on the wire."""

    method: str
    target: str
    headers: Headers = field(default_factory=Headers)
    version: Version = (1, 1)

    def __post_init__(self) -> None:
        if not REQUEST_LINE.fullmatch(line := self._line()):
            raise ValueError(f"this is no request line: {line!r:.90}")

    def encode(self) -> bytes:
        """Return the head's bytes."""
        return _encode(self._line(), self.headers)

    def _line(self) -> str:
        return " ".join((self.method, self.target, f"HTTP/{self.version[0]}.{self.version[1]}"))  # bytes: TypeError


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answers. Without a ``reason`` it says what everybody says: "Not Found". Raises as a request.

    Two that differ in their reasons only are equal: those are words for people, and no program should read them.
    """

    status: int
    headers: Headers = field(default_factory=Headers)
    reason: str | None = field(default=None, compare=False)
    version: Version = (1, 1)

    def __post_init__(self) -> None:
        if not STATUS_LINE.fullmatch(line := self._line()):
            raise ValueError(f"this is no status line: {line!r:.90}")

    def encode(self) -> bytes:
        """Return the head's bytes."""
        return _encode(self._line(), self.headers)

    def _line(self) -> str:
        reason = _phrase(self.status) if self.reason is None else self.reason
        return " ".join((f"HTTP/{self.version[0]}.{self.version[1]}", str(self.status), reason))


def _phrase(status: int) -> str:
    """Return what everybody says with a status; nothing for one that is not registered."""
    from http import HTTPStatus  # noqa: PLC0415 - 3 ms, which who only reads need not pay

    return HTTPStatus(status).phrase if status in set(HTTPStatus) else ""


def decode_request(r: Reader) -> Request:
    """Read a request's head. Raises ``WireError`` for what is none, or does not name one host (RFC 9112 §3.2)."""
    if r.peek(1, "request line") == b"\r" and r.peek(2, "request line") == CRLF:
        r.take(2, "empty line")  # "SHOULD ignore at least one" before a request: RFC 9112 §2.2
    begun = r.peek(1, "request line")
    if not TOKEN.match(begun.decode("latin-1")):  # TLS, say, in which no empty line may ever come
        raise WireError(f"no request begins with {begun!r}", "RFC 9112 §3")
    line, headers = _head(r, "request line", REQUEST_LINE, "RFC 9112 §3")
    method, target, major, minor = line.groups()
    version = (int(major), int(minor))
    hosts = headers.all("Host")
    if len(hosts) > 1 or (not hosts and version >= (1, 1)):
        raise WireError(f"a request names one host, not {len(hosts)}", "RFC 9112 §3.2")
    if hosts and not HOST.fullmatch(hosts[0]):
        raise WireError(f"{hosts[0]!r:.60} is no host", "RFC 9112 §3.2")
    return Request(method, target, headers, version)


def decode_response(r: Reader) -> Response:
    """Read a response's head. Raises ``WireError`` for what is none."""
    begun = r.peek(1, "status line")
    if begun != b"H":
        raise WireError(f"no response begins with {begun!r}", "RFC 9112 §4")
    line, headers = _head(r, "status line", STATUS_LINE, "RFC 9112 §4")
    major, minor, status, reason = line.groups()
    return Response(int(status), headers, reason or "", (int(major), int(minor)))


def _head(r: Reader, name: str, pattern: re.Pattern[str], rule: str) -> tuple[re.Match[str], Headers]:
    """Read a whole head: its first line, its fields, and the empty line. It waits for all of it, then looks.

    A recorder keeps each line as a span, a field's under its own name and with its value.
    """
    r.until(CRLF + CRLF)
    line = _line(r)
    first = pattern.fullmatch(line)
    if not first:
        raise WireError(f"this is no {name}: {line!r:.60}", rule)
    r.take(len(line) + 2, name, lambda raw: raw[:-2])
    fields: list[tuple[str, str]] = []
    while line := _line(r):
        if len(fields) == MOST_FIELDS:
            raise WireError(f"more than {MOST_FIELDS} fields", "RFC 9110 §5.4")
        fields.append(_field(line))
        r.take(len(line) + 2, fields[-1][0], lambda raw: raw.partition(b":")[2].strip())
    r.take(2, "empty line", lambda raw: b"")
    return first, Headers(tuple(fields))


def _line(r: Reader) -> str:
    """Return the next line without its end, and stay before it. Each byte is a character (RFC 9112 §2.2)."""
    line = r.peek(r.until(CRLF), "line")[:-2].decode("latin-1")
    if not VALUE.fullmatch(line):
        rule = "RFC 9112 §2.2" if "\r" in line or "\n" in line else "RFC 9110 §5.5"  # some would take it for the end
        raise WireError(f"a control character in {line!r:.60}", rule)
    return line


def _field(line: str) -> tuple[str, str]:
    """Return a field line's name and value."""
    if line[0] in " \t":
        raise WireError("a field goes on in the next line, as none does any more", "RFC 9112 §5.2")
    name, colon, value = line.partition(":")
    if not colon or not TOKEN.fullmatch(name):  # "no whitespace is allowed between the field name and colon"
        raise WireError(f"{name!r:.60} is no name with a colon behind it", "RFC 9112 §5.1")
    return name, value.strip(" \t")


def _encode(first: str, headers: Headers) -> bytes:
    lines = [first, *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1")
