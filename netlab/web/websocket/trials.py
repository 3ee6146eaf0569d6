"""Experiments with frames, which ``figures`` draws: cut one anywhere, plant one in a cache, measure its head.

A stream may be cut between any two bytes, and the naive parser rarely notices:

>>> found = cut_everywhere(bytes.fromhex("818537fa213d7f9f4d5158"))
>>> len(found), sum(cut.naive is not None for cut in found), sum(cut.early for cut in found)
(10, 9, 0)

A page chooses what it says. Does it also choose which bytes travel? Then it can write into a cache on the way:

>>> attack(key=None).kept
{'bank.example/app.js': b"alert('!')"}
>>> attack(key=bytes.fromhex("37fa213d")).kept
{}
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from netlab.web.websocket.frames import BINARY, TEXT, Frame, Frames, encode
from netlab.web.websocket.masking import mask
from netlab.web.websocket.naive import GullibleCache, parse

KEY = bytes.fromhex("37fa213d")  # RFC 6455 §5.7 uses this one

# --------------------------------------------------------------------------------------------------------------- cuts


class Cut(NamedTuple):
    """What becomes of a frame of which only the first ``at`` bytes have come."""

    at: int
    naive: bytes | None
    """The payload that the naive parser makes of them; None where it crashes, which at least somebody notices."""
    used: int
    """How many bytes it says that it has used."""
    early: bool
    """Our own parser gave an answer before the rest came."""
    frames: tuple[Frame, ...]
    """What our own says once the rest has come, too."""


def cut_everywhere(wire: bytes, *, masked: bool = True) -> list[Cut]:
    """Cut one frame between any two of its bytes, and ask both parsers what they make of it.

    Raises ``ValueError`` for what is not one whole frame: a wrong answer could not be told from a right one.
    """
    frames = list(Frames(masked=masked).feed(wire))
    if len(frames) != 1 or encode(frames[0], wire[-len(frames[0].payload) - 4 :][:4] if masked else b"") != wire:
        raise ValueError(f"to be cut, the bytes must be one frame, and these are {len(frames)}: {wire[:20].hex(' ')}")
    return [_cut(wire, at, masked) for at in range(1, len(wire))]


def _cut(wire: bytes, at: int, masked: bool) -> Cut:
    ours = Frames(masked=masked)
    first = list(ours.feed(wire[:at]))
    whole = (*first, *ours.feed(wire[at:]))
    try:
        _, payload, used = parse(wire[:at])
    except IndexError:
        return Cut(at, None, 0, bool(first), whole)
    return Cut(at, payload, used, bool(first), whole)


# -------------------------------------------------------------------------------------------------------------- cache


ASKS = (
    b"GET /app.js HTTP/1.1\r\nHost: bank.example\r\n\r\n"  # what the page says, on a connection to its own accomplice
)
ANSWERS = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nalert('!')"  # and what the accomplice answers


class Attack(NamedTuple):
    """A page's attempt to write into a cache between it and its accomplice."""

    key: bytes | None
    guessed: bool
    wire: bytes
    """The page's frame, as the cache saw it."""
    payload: bytes
    """The part of it that carries what the page said."""
    kept: dict[str, bytes]
    """What the cache keeps from now on, and hands to everybody who asks for it."""

    @property
    def readable(self) -> bool:
        """Whether the page's question travels as it would without WebSocket."""
        return self.payload == ASKS


def attack(key: bytes | None, *, guessed: bool = False) -> Attack:
    """Have a page send a question in a frame, through a cache that is gullible, to an accomplice who answers it.

    ``key`` is the frame's mask, None for none. A page that has ``guessed`` it masks its question beforehand: what is
    masked twice is not masked. Raises ``ValueError`` where there is nothing to guess.
    """
    if guessed and key is None:
        raise ValueError("a page can guess a mask only where there is one")
    says = mask(ASKS, key) if guessed and key else ASKS
    wire = encode(Frame(BINARY, says), key or b"")
    cache = GullibleCache()
    cache.upstream(wire)
    cache.downstream(encode(Frame(BINARY, ANSWERS)))
    return Attack(key, guessed, wire, wire[-len(says) :], cache.kept)


# -------------------------------------------------------------------------------------------------------------- heads


class Head(NamedTuple):
    """Bytes before a payload of ``size`` bytes, in a server's frame and in a client's, which carries a key."""

    size: int
    server: int
    client: int


def heads(sizes: Sequence[int]) -> list[Head]:
    """Return how long the heads are for such payloads, by writing a frame with each."""
    return [Head(size, *(len(encode(Frame(TEXT, bytes(size)), key)) - size for key in (b"", KEY))) for size in sizes]
