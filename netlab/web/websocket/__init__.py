"""WebSocket: a stream has no edges, and the other end may be lying (RFC 6455, RFC 7692).

After a handshake in HTTP both ends may speak at any time, in frames. The rooms, from the bytes up to the server:

    codes         how a connection ends, in numbers; Failed, the peer's fault with such a number
    masking       what a client does to each payload, and why the page cannot undo it
    frames        Frame, encode, decode, and Frames for a stream of them
    extensions, deflate    compression: how it is agreed on, and what it may cost
    messages      what frames add up to: text that is text, within a limit
    limits        how large, how often, how late
    events        what can happen, and what moves a connection from state to state
    connection    one end after the handshake, without a socket
    handshake, ends        how it begins: every check of either side
    session       a server's conversation, for any shell of netlab.serving
    client        a client on a connected socket
    naive, lies   a parser that believes everything, and what it should not have believed
    trials, exchange       what the chapter tries, and what two ends say to each other
    figures       the chapter's pictures

>>> from random import Random
>>> client, server = pair(dice=Random(6455))                       # two ends, joined in memory
>>> client.send("Hello")
>>> wire = client.outgoing()
>>> len(wire), server.receive(wire)
(11, [Message(data='Hello')])

Sizes are in bytes, times in seconds.
"""

from netlab.web.websocket.client import WebSocketClient
from netlab.web.websocket.codes import CloseCode, Failed, decode_close, encode_close
from netlab.web.websocket.connection import Connection
from netlab.web.websocket.deflate import Deflate
from netlab.web.websocket.ends import ClientEnd, ServerEnd, pair
from netlab.web.websocket.events import Closed, Event, Opened, Ping, Pong
from netlab.web.websocket.frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Frame,
    Frames,
    Opcode,
    decode,
    encode,
)
from netlab.web.websocket.handshake import Terms, accept_key
from netlab.web.websocket.limits import Limits
from netlab.web.websocket.masking import mask
from netlab.web.websocket.messages import Message
from netlab.web.websocket.session import App, WebSocket, echo

__all__ = [
    "BINARY",
    "CLOSE",
    "CONTINUATION",
    "PING",
    "PONG",
    "TEXT",
    "App",
    "ClientEnd",
    "CloseCode",
    "Closed",
    "Connection",
    "Deflate",
    "Event",
    "Failed",
    "Frame",
    "Frames",
    "Limits",
    "Message",
    "Opcode",
    "Opened",
    "Ping",
    "Pong",
    "ServerEnd",
    "Terms",
    "WebSocket",
    "WebSocketClient",
    "accept_key",
    "decode",
    "decode_close",
    "echo",
    "encode",
    "encode_close",
    "mask",
    "pair",
]
