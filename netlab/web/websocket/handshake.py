"""The opening handshake, both sides of it: RFC 6455 §4.

A client asks in HTTP to speak something else, and the server agrees. From its empty line on, nothing is HTTP.

>>> sent = request("server.example.com", "/chat", nonce=b"the sample nonce")
>>> print(sent.encode().decode().strip())
GET /chat HTTP/1.1
Host: server.example.com
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
Sec-WebSocket-Version: 13
>>> response, terms, why = answer(sent)
>>> response.status, response.headers.get("Sec-WebSocket-Accept")                # §1.3
(101, 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
>>> check(response, sent) == terms
True

The accept key proves that the server understood *this* handshake, not who it is: whoever has read the RFC can compute
it. Whether the page may speak to it, a server learns from ``Origin``, and its user must log in (§10.2).
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from netlab.http1 import HOST, TOKEN, Headers, Request, Response
from netlab.web.websocket import extensions
from netlab.web.websocket.deflate import NAME, Deflate, accepted, agree, offer
from netlab.wire import WireError

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # made up for the RFC, so that no other protocol answers with it (§1.3)
VERSION = "13"  # of the protocol: drafts had the others
NONCE = 16  # bytes that a client throws for its key
KEY = re.compile(r"[A-Za-z0-9+/]{22}==")  # what so many are in base64

# A path, or the whole address of one, as a client of a proxy would write it (§4.2.1); and no fragment (§3).
RESOURCE = re.compile(r"(?:/|https?://[^/?#])[^#]*", re.IGNORECASE)

Field = tuple[str, str]


class Terms(NamedTuple):
    """What both ends have agreed on: a subprotocol, compression; None where there is none."""

    subprotocol: str | None = None
    deflate: Deflate | None = None


class Answer(NamedTuple):
    """A server's decision: the response, the terms, and the rule by which it refused, if it did (then no terms)."""

    response: Response
    terms: Terms | None
    why: WireError | None


def accept_key(key: str) -> str:
    """Return the Sec-WebSocket-Accept that answers the Sec-WebSocket-Key ``key`` (§4.2.2).

    >>> accept_key("dGhlIHNhbXBsZSBub25jZQ==")
    's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
    """
    from hashlib import sha1  # noqa: PLC0415 - 2 ms, for a handshake alone

    digest = sha1((key + GUID).encode("latin-1"), usedforsecurity=False).digest()  # it keeps no secret: §10.8
    return b64encode(digest).decode()


def anyone(origin: str | None) -> bool:
    """Let every page in. A server that knows its users by a cookie must not do so."""
    return True


def _be_words(subprotocols: Sequence[str]) -> None:
    """Raise ``ValueError`` where subprotocols are no words, or not different ones (§4.1); "chat" is four letters."""
    if isinstance(subprotocols, str):
        raise TypeError(f"subprotocols are a list of words, unlike {subprotocols!r:.60}")
    if not all(TOKEN.fullmatch(name) for name in subprotocols) or len(set(subprotocols)) < len(subprotocols):
        raise ValueError(f"subprotocols are different words, unlike {subprotocols!r:.60}")


# ------------------------------------------------------------------------------------------------------------- client


def request(
    host: str,
    resource: str = "/",
    *,
    nonce: bytes,
    origin: str | None = None,
    subprotocols: Sequence[str] = (),
    deflate: Deflate | None = None,
    headers: Sequence[Field] = (),
) -> Request:
    """Return a client's request (§4.1). ``nonce`` is 16 random bytes; ``headers`` are the caller's own, a cookie say.

    Raises ``ValueError`` for a nonce of another length, a resource that is none, what cannot be a header, or one that
    the handshake writes itself.
    """
    if len(nonce) != NONCE:
        raise ValueError(f"a key is made of {NONCE} random bytes, not {len(nonce)}")
    if not resource.startswith("/") or "#" in resource:
        raise ValueError(f"a resource begins with / and has no fragment, unlike {resource!r:.60}")
    if not host or not HOST.fullmatch(host):
        raise ValueError(f"{host!r:.60} is no host")
    _be_words(subprotocols)
    fields = [
        ("Host", host),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", b64encode(nonce).decode()),
        ("Sec-WebSocket-Version", VERSION),
    ]
    fields += [("Origin", origin)] if origin is not None else []
    fields += [("Sec-WebSocket-Protocol", ", ".join(subprotocols))] if subprotocols else []
    fields += [("Sec-WebSocket-Extensions", extensions.format(offer(deflate)))] if deflate else []
    for name, _ in headers:
        if name.lower().startswith("sec-websocket-") or Headers(tuple(fields)).all(name):
            raise ValueError(f"{name} is the handshake's own")
    return Request("GET", resource, Headers((*fields, *headers)))


def check(response: Response, sent: Request) -> Terms:
    """Return what a server's ``response`` to the request ``sent`` agrees to (§4.1).

    Raises ``WireError`` where it does not agree, or to something that was not asked for.
    """
    rule, headers = "RFC 6455 §4.1", response.headers
    if response.status != 101:
        raise WireError(f"the server answers {response.status}, where 101 would be a yes", rule)
    if (headers.get("Upgrade") or "").lower() != "websocket":
        raise WireError(f"the server upgrades to {headers.get('Upgrade')!r:.60}, not to websocket", rule)
    if not headers.has("Connection", "Upgrade"):
        raise WireError("the server's Connection does not say Upgrade", rule)
    key = sent.headers.get("Sec-WebSocket-Key") or ""
    if headers.get("Sec-WebSocket-Accept") != accept_key(key):
        raise WireError("Sec-WebSocket-Accept is not made of our key: this server did not read it", rule)
    subprotocol = headers.get("Sec-WebSocket-Protocol")
    if subprotocol is not None and subprotocol not in sent.headers.tokens("Sec-WebSocket-Protocol"):
        raise WireError(f"the server speaks {subprotocol!r:.60}, which we did not offer", rule)
    return Terms(subprotocol, _granted(headers, sent.headers))


def _granted(headers: Headers, sent: Headers) -> Deflate | None:
    """Return the compression that a server grants: none that was not offered, and no other extension at all."""
    granted, offered = headers.get("Sec-WebSocket-Extensions"), sent.get("Sec-WebSocket-Extensions")
    if granted is None:
        return None
    found = extensions.parse(granted)
    ours = [one for one in extensions.parse(offered) if one.name == NAME] if offered else []
    if len(found) > 1 or not ours or found[0].name != NAME:
        raise WireError(f"the server uses {granted!r:.60}, which we did not offer", "RFC 6455 §9.1")
    return accepted(found[0], _asked(ours[0]))


def _asked(offered: extensions.Extension) -> Deflate:
    """Return the limits that an offer of our own named."""
    said = dict(offered.params)
    return Deflate(
        "server_no_context_takeover" in said,
        "client_no_context_takeover" in said,
        int(said.get("server_max_window_bits") or 15),
        int(said.get("client_max_window_bits") or 15),
    )


# ------------------------------------------------------------------------------------------------------------- server


def answer(
    request: Request,
    *,
    allowed: Callable[[str | None], bool] = anyone,
    subprotocols: Sequence[str] = (),
    deflate: Deflate | None = None,
) -> Answer:
    """Return what a server answers (§4.2): yes, with the terms; or no, with a status and the rule that was broken.

    ``allowed`` is asked whether pages of this Origin may connect (None: whoever asks is no browser). Of its own
    ``subprotocols`` a server takes the first that the client offers. ``deflate`` is what it allows of compression.
    Raises ``ValueError`` for subprotocols that are none.
    """
    _be_words(subprotocols)
    for refusal in _refusals(request, allowed):
        return refusal
    headers = request.headers
    offered = headers.tokens("Sec-WebSocket-Protocol")
    terms = Terms(next((name for name in subprotocols if name in offered), None))
    fields = [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Accept", accept_key(headers.get("Sec-WebSocket-Key") or "")),
    ]
    if terms.subprotocol:
        fields.append(("Sec-WebSocket-Protocol", terms.subprotocol))
    asked = headers.get("Sec-WebSocket-Extensions")
    try:
        offers = extensions.parse(asked) if asked is not None else []
    except WireError as error:
        return _refuse(400, error.message, error.rule)
    if deflate and (agreed := agree(offers, deflate)):
        terms = terms._replace(deflate=agreed[0])
        fields.append(("Sec-WebSocket-Extensions", extensions.format(agreed[1])))
    return Answer(Response(101, Headers(tuple(fields))), terms, None)


def _refusals(request: Request, allowed: Callable[[str | None], bool]) -> Iterator[Answer]:
    """Yield the answer to each rule that a request breaks, in the order in which a server should look (§4.2.1)."""
    headers, rule = request.headers, "RFC 6455 §4.2.1"
    upgrade, version = ("Upgrade", "websocket"), headers.get("Sec-WebSocket-Version")
    if request.version[0] != 1 or request.version < (1, 1):
        yield _refuse(505, "the handshake is HTTP/1.1", rule)
    if request.method != "GET":
        yield _refuse(405, f"the method is GET, not {request.method:.20}", rule, ("Allow", "GET"))
    if not RESOURCE.fullmatch(request.target):
        yield _refuse(400, f"{request.target!r:.60} is no resource", rule)
    if len(headers.all("Host")) != 1 or not headers.get("Host"):
        yield _refuse(400, "Host does not say who is asked", rule)
    if len(headers.all("Origin")) > 1:  # whoever looks for a good one in them would find it
        yield _refuse(400, "a page has one Origin", rule)
    if not headers.has("Upgrade", "websocket"):
        yield _refuse(426, "Upgrade does not say websocket", rule, upgrade)
    if not headers.has("Connection", "Upgrade"):
        yield _refuse(426, "Connection does not say Upgrade", rule, upgrade)
    if version != VERSION:
        spoken = ("Sec-WebSocket-Version", VERSION)
        yield _refuse(426, f"we speak version {VERSION}, not {version!r:.20}", "RFC 6455 §4.4", upgrade, spoken)
    if not KEY.fullmatch(headers.get("Sec-WebSocket-Key") or ""):
        yield _refuse(400, f"Sec-WebSocket-Key is not {NONCE} bytes in base64", rule)
    if headers.all("Transfer-Encoding") or headers.get("Content-Length") not in (None, "0"):
        yield _refuse(400, "a request for an upgrade brings no content", rule)
    if not allowed(headers.get("Origin")):
        yield _refuse(403, f"pages of {headers.get('Origin')!r:.60} may not connect", "RFC 6455 §10.2")


def _refuse(status: int, why: str, rule: str, *fields: Field) -> Answer:
    """Return a refusal. The connection ends with it, and its content is empty.

    Whoever names a protocol to upgrade to has to say so in Connection, too (RFC 9110 §7.8).
    """
    connection = "Upgrade, close" if ("Upgrade", "websocket") in fields else "close"
    closing = (("Connection", connection), ("Content-Length", "0"))
    return Answer(Response(status, Headers((*fields, *closing))), None, WireError(why, rule))
