"""Bytes: how messages are read, fed, written, summed and shown. Every codec of the book is built from these.

    Reader      a cursor: ``take`` bytes, read a ``uint``, and stay within what a length field allows
    Recorder    the same cursor, which also remembers what it read as what: the figures' source
    Feed        a stream's bytes as the network cut them, handed on as whole messages
    uint, sized                 numbers into bytes, and bodies behind their length
    checksum, checksum_update   the Internet checksum (RFC 1071), and how to mend it (RFC 1624)
    annotate                    a hexdump with the names of the fields

A decoder is a function from a ``Reader`` to a message. It reads fields in the order in which they travel and
never asks whether enough bytes are there: the reader asks. So it ends in one of three ways. It returns the
message. It raises ``Incomplete(missing)``: at least so many more bytes must come first. It raises
``WireError(message, rule)``: the peer broke that rule, and more bytes cannot mend it.

One text frame of WebSocket, from RFC 6455 §5.7, without its many rules:

>>> def decode(r):
...     opcode = r.uint(1, "FIN, RSV, opcode") & 0x0F
...     return opcode, r.take(r.uint(1, "MASK, length") & 0x7F, "payload")
>>> wire = bytes.fromhex("81 05 48 65 6c 6c 6f")
>>> decode(Reader(wire))
(1, b'Hello')
>>> decode(Reader(wire[:4]))
Traceback (most recent call last):
    ...
netlab.wire.failures.Incomplete: at least 3 more bytes are needed

Read by a recorder, the same bytes tell what they were read as:

>>> recorder = Recorder(wire)
>>> message = decode(recorder)
>>> print(annotate(wire, recorder.spans))
0000  81                       FIN, RSV, opcode  129
0001  05                       MASK, length      5
0002  48 65 6c 6c 6f           payload           'Hello'
"""

from netlab.wire.failures import Incomplete, WireError
from netlab.wire.feed import Feed
from netlab.wire.hexdump import annotate
from netlab.wire.reader import Reader, Recorder, Span
from netlab.wire.sums import checksum, checksum_update
from netlab.wire.writer import sized, uint

__all__ = [
    "Feed",
    "Incomplete",
    "Reader",
    "Recorder",
    "Span",
    "WireError",
    "annotate",
    "checksum",
    "checksum_update",
    "sized",
    "uint",
]
