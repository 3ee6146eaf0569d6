"""The protocols that bytes can be explained as. One line makes another join.

A protocol's parser is named and not imported: whoever explains a frame of Ethernet does not pay for WebSocket.

>>> PROTOCOLS["udp"].title, PROTOCOLS["udp"].decoder, PROTOCOLS["udp"].rfc
('UDP datagram', 'netlab.packet.udp:decode', 'RFC 768')
>>> [found.name for found in guess(bytes.fromhex("81 05 48 65 6c 6c 6f"))]
['websocket-server']
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, NamedTuple

from netlab.explain import guesses
from netlab.explain.guesses import Guess


class Protocol(NamedTuple):
    """A protocol: its ``name`` for machines, its ``title`` for people, and who reads it.

    ``decoder`` is "module:function", a function from a ``Reader`` and the ``keywords`` to a message. What follows is
    optional: ``look``, a function in ``netlab.explain.looks`` from that message to notes, which may find it broken;
    ``rest``, what the bytes behind the message are called; ``repeats``, where one message follows another;
    ``over``, in what it travels ("TCP"): there it is looked for; ``ending``, what the last field ends with that was
    cut off, for a parser that reads nothing before it has seen that.
    """

    name: str
    title: str
    rfc: str
    decoder: str
    guess: Callable[[bytes], Guess]
    chapter: str = ""
    keywords: Mapping[str, Any] = {}
    look: str = ""
    rest: str = "payload"
    repeats: bool = False
    over: str = ""
    ending: bytes = b""


WEBSOCKET = ("RFC 6455", "netlab.web.websocket.frames:decode")
CHAPTER = "web/websocket"
HEAD = b"\r\n\r\n"

KNOWN = (
    Protocol("frame", "Ethernet frame, whole", "RFC 894", "netlab.explain.layers:frame", guesses.frame, look="packet"),
    Protocol("ip", "IP packet, whole", "RFC 791", "netlab.explain.layers:ip", guesses.ip, look="packet"),
    Protocol("ethernet", "Ethernet header", "RFC 894", "netlab.packet.ethernet:decode", guesses.ethernet),
    Protocol("arp", "ARP packet", "RFC 826", "netlab.packet.arp:decode", guesses.arp),
    Protocol("ipv4", "IPv4 header", "RFC 791", "netlab.packet.ipv4:decode", guesses.ipv4, look="ipv4"),
    Protocol("ipv6", "IPv6 header", "RFC 8200", "netlab.packet.ipv6:decode", guesses.ipv6),
    Protocol("udp", "UDP datagram", "RFC 768", "netlab.packet.udp:decode", guesses.udp),
    Protocol("tcp", "TCP segment", "RFC 9293", "netlab.packet.tcp:decode", guesses.tcp),
    Protocol("icmp", "ICMP message", "RFC 792", "netlab.packet.icmp:decode", guesses.icmp, rest="message body"),
    Protocol("icmpv6", "ICMPv6 message", "RFC 4443", "netlab.packet.icmp:decode6", guesses.icmp6, rest="message body"),
    Protocol("websocket-client", "WebSocket frames from a client", *WEBSOCKET, guesses.websocket_client, CHAPTER,
             {"masked": True, "compressed": True}, "websocket", repeats=True),
    Protocol("websocket-server", "WebSocket frames from a server", *WEBSOCKET, guesses.websocket_server, CHAPTER,
             {"masked": False, "compressed": True}, "websocket", repeats=True),
    Protocol("websocket-handshake", "Handshake of a WebSocket client", "RFC 6455", "netlab.http1:decode_request",
             guesses.handshake, CHAPTER, look="handshake", rest="behind the head", ending=HEAD),
    Protocol("http-request", "HTTP/1.1 request, its head", "RFC 9112", "netlab.http1:decode_request", guesses.request,
             rest="content", over="TCP", ending=HEAD),
    Protocol("http-response", "HTTP/1.1 response, its head", "RFC 9112", "netlab.http1:decode_response",
             guesses.response, look="upgraded", rest="content", over="TCP", ending=HEAD),
)  # fmt: skip

PROTOCOLS: dict[str, Protocol] = {protocol.name: protocol for protocol in KNOWN}


class Guessed(NamedTuple):
    """A protocol that the bytes may be of, how likely (1 to 100), and why."""

    name: str
    score: int
    why: str


def guess(data: bytes) -> list[Guessed]:
    """Return the protocols that ``data`` may be of, the likeliest first; none where nothing speaks for any."""
    found = [Guessed(name, *protocol.guess(data)) for name, protocol in PROTOCOLS.items()]
    return sorted((one for one in found if one.score > 0), key=lambda one: -one.score)


def called(name: str) -> Protocol:
    """Return the protocol of that name. Raises ``ValueError`` where there is none, with the names that there are."""
    if name not in PROTOCOLS:
        raise ValueError(f"there is no protocol {name!r:.40}: take one of {', '.join(PROTOCOLS)}")
    return PROTOCOLS[name]


def fetched(path: str) -> Callable[..., Any]:
    """Return the function at "module:function"."""
    module, _, function = path.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), function)
    return found
