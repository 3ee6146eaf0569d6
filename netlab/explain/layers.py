"""A packet with all that is in it, as ``netlab.packet`` reads it, but failing where it fails.

``netlab.packet.read`` never fails: where a header broke a rule, the rest is payload. Whoever explains bytes wants to
know where, and what had been read by then. So this goes from header to header by the same tables, and lets the failure
pass. What TCP or UDP carries is read as well, if a protocol of the registry knows it.

>>> from netlab.wire import Recorder
>>> r = Recorder(bytes.fromhex("45000020 00000000 40110000 0a000001 0a000002  14e90035 00080000 6869 0000"))
>>> packet = ip(r)
>>> [type(layer).__name__ for layer in packet.layers], r.spans[-1].name, r.spans[-1].value
(['IPv4', 'UDP'], 'trailer', b'hi\\x00\\x00')
"""

from __future__ import annotations

from netlab.explain.registry import PROTOCOLS, Protocol, fetched
from netlab.packet.frame import ETHERNET, FOLLOWS, LINKS, RAW, Layer, Packet
from netlab.wire import Incomplete, Reader, Recorder, WireError

SURE = 75  # how likely a guess must be before what a packet carries is read


def frame(r: Reader) -> Packet:
    """Read a frame of Ethernet, whole. Raises ``Incomplete`` and ``WireError`` as its headers' decoders do."""
    return _packet(r, ETHERNET)


def ip(r: Reader) -> Packet:
    """Read an IP packet of either version, whole. Raises as a frame does."""
    return _packet(r, RAW)


def _packet(r: Reader, linktype: int) -> Packet:
    """Read header after header, for as long as one says what follows, and then what is left."""
    layers: list[Layer] = []
    whole = r.stop
    decoder = LINKS.get(linktype)
    while decoder:
        layers.append(layer := decoder(r))
        follows = FOLLOWS.get(type(layer))
        decoder = follows.get(layer.carries) if follows else None  # type: ignore[union-attr,arg-type]
    payload = bytes(r.data[r.at : r.stop])
    _carried(r, type(layers[-1]).__name__)
    r.rest("payload")
    r.stop = whole
    return Packet(tuple(layers), payload, r.rest("trailer"))


def _carried(r: Reader, layer: str) -> None:
    """Read the message in a segment, where one begins there and is whole; else stay before it."""
    begin, octets = r.at, bytes(r.data[r.at : r.stop])
    found = [(one.guess(octets).score, name) for name, one in PROTOCOLS.items() if one.over == layer and octets]
    score, name = max(found, default=(0, ""))
    if score < SURE:
        return
    known = len(r.spans) if isinstance(r, Recorder) else 0
    try:
        _message(r, PROTOCOLS[name])
    except (Incomplete, WireError):  # the rest of it is in other segments: it stays payload
        r.at = begin
        if isinstance(r, Recorder):
            del r.spans[known:]


def _message(r: Reader, protocol: Protocol) -> None:
    """Read a message that ends with its segment at the latest, and what stands behind it."""
    word = protocol.title.split()[0].partition("/")[0]
    inner = r.sub(r.left, word, protocol.rfc)
    fetched(protocol.decoder)(inner, **protocol.keywords)
    inner.rest(protocol.rest)
