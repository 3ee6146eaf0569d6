"""The two ends of a connection, with the handshake that begins it: RFC 6455 §4.

They begin CONNECTING. Both speak HTTP until the server has agreed, and frames from the byte after that.

>>> from random import Random
>>> client, server = ClientEnd("chat.example", dice=Random(6455)), ServerEnd()
>>> server.receive(client.outgoing())
[Opened(terms=Terms(subprotocol=None, deflate=None))]
>>> client.receive(server.outgoing()), client.state
([Opened(terms=Terms(subprotocol=None, deflate=None))], 'OPEN')
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from netlab.http1 import Headers, Request, Response, decode_request, decode_response
from netlab.web.websocket.connection import LIMITS, Connection
from netlab.web.websocket.deflate import Deflate
from netlab.web.websocket.events import AGREED, CONNECTING, Event, Opened
from netlab.web.websocket.handshake import Field, Terms, answer, anyone, check, request
from netlab.web.websocket.limits import Limits
from netlab.wire import Feed, Reader, WireError

if TYPE_CHECKING:
    from random import Random

MOST_HEAD = 16_384  # bytes of a request or a response up to its empty line


class _Beginning(Connection):
    """A connection that begins with a handshake. What the two ends do when a head has come is ``_heard``."""

    def __init__(self, *, client: bool, dice: Random | None, limits: Limits) -> None:
        super().__init__(client=client, dice=dice, limits=limits)
        self.state = CONNECTING
        self.terms: Terms | None = None
        """What was agreed on, once it was: the subprotocol, the compression."""
        self._heads = Feed(MOST_HEAD, "RFC 9112 §3")

    def _read(self, data: bytes) -> Iterator[Event]:
        """Read the head, then what may have come behind it."""
        if self.state == CONNECTING:
            self._heads.feed(data)
            for terms in self._heads.messages(self._heard):
                self.terms = terms
                self._agree(terms.deflate)
                self._move(AGREED)
                data = self._heads.drain()
                yield Opened(terms)
                break
            else:
                return
        yield from super()._read(data)

    def _heard(self, r: Reader) -> Terms:
        """Read the peer's head and return what is agreed. Raises ``WireError`` where nothing is."""
        raise NotImplementedError


class ServerEnd(_Beginning):
    """The end that answers. Its arguments are what ``handshake.answer`` takes, and what it puts up with."""

    def __init__(
        self,
        *,
        allowed: Callable[[str | None], bool] = anyone,
        subprotocols: Sequence[str] = (),
        deflate: Deflate | None = None,
        limits: Limits = LIMITS,
    ) -> None:
        super().__init__(client=False, dice=None, limits=limits)
        self.request: Request | None = None
        """What the client asked for, once it has: its target, its origin, its cookies."""
        self._answer = partial(answer, allowed=allowed, subprotocols=subprotocols, deflate=deflate)

    def _heard(self, r: Reader) -> Terms:
        self.request = decode_request(r)
        response, terms, why = self._answer(self.request)
        self._out += response.encode()
        if why:
            raise why
        return terms or Terms()

    def _fail(self, error: WireError) -> Event:
        if self.state == CONNECTING and not self._out:  # it was no request, so nobody has answered it yet
            self._out += Response(400, Headers((("Connection", "close"),))).encode()
        return super()._fail(error)


class ClientEnd(_Beginning):
    """The end that asks. Its arguments are what ``handshake.request`` takes, the dice, and what it puts up with."""

    def __init__(
        self,
        host: str,
        resource: str = "/",
        *,
        dice: Random,
        origin: str | None = None,
        subprotocols: Sequence[str] = (),
        deflate: Deflate | None = None,
        headers: Sequence[Field] = (),
        limits: Limits = LIMITS,
    ) -> None:
        super().__init__(client=True, dice=dice, limits=limits)
        self.request = request(
            host,
            resource,
            nonce=dice.randbytes(16),
            origin=origin,
            subprotocols=subprotocols,
            deflate=deflate,
            headers=headers,
        )
        self._out += self.request.encode()

    def _heard(self, r: Reader) -> Terms:
        return check(decode_response(r), self.request)


def pair(dice: Random, *, deflate: Deflate | None = None, limits: Limits = LIMITS) -> tuple[ClientEnd, ServerEnd]:
    """Return a client and a server that have shaken hands in memory.

    >>> from random import Random
    >>> client, server = pair(Random(6455))
    >>> client.send("Hello")
    >>> server.receive(client.outgoing())
    [Message(data='Hello')]
    """
    client = ClientEnd("chat.example", dice=dice, deflate=deflate, limits=limits)
    server = ServerEnd(deflate=deflate, limits=limits)
    server.receive(client.outgoing())
    client.receive(server.outgoing())
    return client, server
