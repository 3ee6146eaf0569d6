"""Panels of the chapter on WebSocket: what asking costs, a frame's bytes, and who knows the mask."""

from __future__ import annotations

from itertools import cycle, islice
from random import Random
from typing import Annotated, Literal

from netlab.live import Choices, Range, panel
from netlab.picture import Picture
from netlab.web.websocket import BINARY, Frame, encode, figures
from netlab.web.websocket.trials import KEY, attack
from netlab.wire import WireError

FIRST = {  # the first byte: FIN, and the opcode
    "text": 0x81,
    "first piece of a text": 0x01,
    "last piece": 0x80,
    "binary": 0x82,
    "ping": 0x89,
}


@panel
def polling(
    news: Annotated[int, Range(0, 20, 1, "a minute")] = 2, ask_every: Annotated[int, Range(1, 60, 1, "s")] = 1
) -> Picture:
    """How seldom must a page ask so that it sends as little as a WebSocket? And what becomes of the news then?"""
    times = sorted((17 + 24 * n + n // 5) % 60 for n in range(news))  # no two in the same second
    return figures.polling(figures.seldom(figures.polled(60, times), ask_every))


@panel
def octets(
    payload: Annotated[int, Choices(0, 5, 125, 126, 65_536, unit="bytes")] = 5,
    kind: Literal["text", "first piece of a text", "last piece", "binary", "ping"] = "text",
    sender: Literal["client", "server"] = "client",
) -> Picture:
    """Change one thing at a time. Which of the first two bytes changes, and which of its bits? One kind of frame may
    not be as long as the others: which, and who notices after how many bytes?
    """
    key = KEY if sender == "client" else b""
    said = bytes(islice(cycle(b"Hello"), payload))
    wire = bytes([FIRST[kind]]) + encode(Frame(BINARY, said), key)[1:]
    try:
        return figures.octets(wire, masked=bool(key))
    except WireError:
        return figures.refused(wire, masked=bool(key))


@panel
def masks(
    guessed: Annotated[int, Range(0, 4, 1, "bytes of the key")] = 4,
    throw: Annotated[int, Range(1, 99, 1, "of the dice")] = 10,
) -> Picture:
    """How many of the key's four bytes must a page guess until the cache keeps its answer? Does it help to throw the
    dice again?
    """
    dice = Random(throw)
    fresh, key = dice.randbytes(4), dice.randbytes(4)
    left = bytes(guessed) + key[guessed:]  # of a byte that the page has masked beforehand, nothing of the mask is left
    name = "a guessed key" if guessed == 4 else f"{guessed} of 4 bytes guessed"
    runs = {"no mask": None, "key 00000000": bytes(4), "a fresh key": fresh, name: left}
    return figures.masks({name: attack(mask) for name, mask in runs.items()})
