"""A connection, without its socket: bytes and the time in, events and bytes out; RFC 6455 §5 to §7.

One class serves both ends. What differs is who masks: the client what it sends, the server nothing (§5.1).

>>> from random import Random
>>> client, server = Connection(client=True, dice=Random(6455)), Connection(client=False)
>>> client.send("Hello")
>>> server.receive(client.outgoing())
[Message(data='Hello')]
>>> client.ping(b"?")
>>> server.receive(client.outgoing())
[Ping(payload=b'?')]
>>> client.receive(server.outgoing())                              # the answer owed to a ping goes out by itself
[Pong(payload=b'?')]

A connection ends in order when each side has sent a close frame, and the server then closes TCP (§7.1). What moves
it from state to state is the table ``MOVES``, from which the chapter's diagram is drawn.

>>> client.close(1000, "bye")
>>> server.receive(client.outgoing()), server.state
([Closed(code=1000, reason='bye', why='')], 'ENDING')
>>> client.receive(server.outgoing()), client.receive(b""), client.state
([Closed(code=1000, reason='', why='')], [], 'CLOSED')

A peer that breaks a rule is told so with the code that the RFC has for it, and nothing more is read from it.

>>> server = Connection(client=False)
>>> server.receive(bytes.fromhex("810548656c6c6f"))                # not masked
[Closed(code=1006, reason='', why='a client masks what it sends, and this frame is not masked (RFC 6455 §5.1)')]
>>> server.outgoing()[2:4].hex()                                   # 1002
'03ea'
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netlab.web.websocket.codes import MOST_REASON, CloseCode, Failed, decode_close, encode_close
from netlab.web.websocket.deflate import Deflate, Deflater, pair_for
from netlab.web.websocket.events import (
    BROKEN,
    CAME,
    CLOSED,
    CLOSING,
    CONNECTING,
    ENDING,
    MOVES,
    OPEN,
    SENT,
    TCP_ENDED,
    TIME_OVER,
    Closed,
    Event,
    Ping,
    Pong,
)
from netlab.web.websocket.frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Frame, Frames, Opcode, encode
from netlab.web.websocket.limits import Allowance, Limits, Timer
from netlab.web.websocket.messages import Messages
from netlab.wire import WireError

if TYPE_CHECKING:
    from random import Random

LIMITS = Limits()


class Connection:
    """One end. ``dice`` throws a client's masking keys: seeded in a test, ``random.SystemRandom()`` in earnest.

    It starts OPEN, with what a handshake has agreed on as ``deflate``; where there is one still to come, see
    ``ends``. Raises ``ValueError`` for a client without dice.
    """

    def __init__(
        self, *, client: bool, dice: Random | None = None, deflate: Deflate | None = None, limits: Limits = LIMITS
    ) -> None:
        if client and dice is None:
            raise ValueError("a client throws dice for its masking keys: hand it a Random, or a SystemRandom")
        self.client, self.limits = client, limits
        self.state = OPEN
        self.error: WireError | None = None
        """The rule that the peer broke, if it did."""
        self._dice = dice
        self._out = bytearray()
        self._timer, self._allowance = Timer(), Allowance(limits.frames)
        self._pinged = False
        self._agree(deflate)

    def _agree(self, deflate: Deflate | None) -> None:
        """Set up what reads and writes, as the handshake has agreed."""
        self._deflater: Deflater | None = None
        inflater = None
        if deflate:
            self._deflater, inflater = pair_for(deflate, self.client)
        most = self.limits.message
        # What cannot be compressed grows by 5 bytes for each 16 KiB or so.
        longest = most + most // 1000 + 64 if deflate else most
        self._frames = Frames(masked=not self.client, compressed=bool(deflate), most=longest, whole=False)
        self._messages = Messages(most, inflater)

    # --------------------------------------------------------------------------------------------------- what we say

    def send(self, data: str | bytes, fragment: int | None = None) -> None:
        """Send a message: text, or bytes; in frames of at most ``fragment`` bytes, if that is given.

        Raises ``ValueError`` where the connection is not OPEN, ``TypeError`` for what is neither text nor bytes.
        """
        if not isinstance(data, str | bytes | bytearray | memoryview):
            raise TypeError(f"a message is text or bytes, not {data!r:.60}")
        if self.state != OPEN:
            raise ValueError(f"nothing can be sent: the connection is {self.state}")
        if fragment is not None and fragment < 1:
            raise ValueError(f"a fragment has at least 1 byte, not {fragment}")
        opcode, octets = (TEXT, data.encode()) if isinstance(data, str) else (BINARY, bytes(data))
        if self._deflater:
            octets = self._deflater.deflate(octets)
        size = fragment or len(octets) or 1
        for at in range(0, len(octets) or 1, size):
            first, last = at == 0, at + size >= len(octets)
            rsv1 = first and self._deflater is not None
            self._say(opcode if first else CONTINUATION, octets[at : at + size], last, rsv1)

    def ping(self, payload: bytes = b"") -> None:
        """Ask for a sign of life. Raises ``ValueError`` for more than 125 bytes, or where we are not OPEN."""
        if self.state != OPEN:
            raise ValueError(f"nobody can be pinged: the connection is {self.state}")
        self._say(PING, payload)

    def close(self, code: int | None = CloseCode.NORMAL, reason: str = "") -> None:
        """Begin the closing handshake (§7.1.2); code None sends an empty close frame. Later calls change nothing.

        Raises ``ValueError`` for a code or a reason that may not travel, or before the connection is OPEN.
        """
        payload = b"" if code is None else encode_close(code, reason)
        if self.state == CONNECTING:
            raise ValueError("there is nothing to close yet: the connection is CONNECTING")
        if self.state == OPEN:
            self._say(CLOSE, payload)
            self._move(SENT)

    def outgoing(self) -> bytes:
        """Return the bytes that are owed to the peer, and owe them no longer."""
        out = bytes(self._out)
        self._out.clear()
        return out

    def _say(self, opcode: Opcode, payload: bytes = b"", fin: bool = True, rsv1: bool = False) -> None:
        key = self._dice.randbytes(4) if self.client and self._dice else b""  # "a fresh masking key" (§5.3)
        self._out += encode(Frame(opcode, payload, fin, rsv1), key)

    # --------------------------------------------------------------------------------------------------- what we hear

    def receive(self, data: bytes) -> list[Event]:
        """Take what came, ``b""`` for the end of TCP, and return what it means. Raises nothing, whatever came.

        What the peer is owed for it is in ``outgoing``.
        """
        return list(self.events(data))

    def events(self, data: bytes) -> Iterator[Event]:
        """Do the same event by event, so that a message can be answered before the close frame behind it is read."""
        if not data:
            yield from self._end(TCP_ENDED, "TCP ended without a close frame")
            return
        try:
            yield from self._read(data)
        except WireError as error:
            yield self._fail(error)

    def _read(self, data: bytes) -> Iterator[Event]:
        """Yield what the frames in ``data`` mean."""
        if self.state == OPEN and self.limits.keepalive:
            self._pinged = False
            self._timer.restart()
        for frame in self._frames.feed(data) if self.state in (OPEN, CLOSING) else ():
            if not self._frames.partial:  # a frame counts once, in however many pieces it came
                self._allowance.spend()
            yield from self._take(frame)
            if self.state == ENDING:  # what follows a close frame is not read (§5.5.1)
                return

    def _take(self, frame: Frame) -> Iterator[Event]:
        """Do what a frame asks for, and yield what it means to the application."""
        if frame.opcode < CLOSE:
            message = self._messages.add(frame)
            if message:
                yield message
        elif frame.opcode == PING:
            self._say(PONG, frame.payload)  # with the same bytes, and unless a close frame has come (§5.5.2, §5.5.3)
            yield Ping(frame.payload)
        elif frame.opcode == PONG:
            yield Pong(frame.payload)
        else:
            code, reason = decode_close(frame.payload)
            if self.state == OPEN:
                self._say(CLOSE, frame.payload[:2])  # the code is sent back, the reason need not be (§5.5.1)
            self._move(CAME)
            yield Closed(code, reason)

    def _fail(self, error: WireError) -> Event:
        """Fail the connection (§7.1.7): say why, if a close frame may still be sent, and listen no more."""
        self.error = error
        if self.state == OPEN:
            code = error.code if isinstance(error, Failed) else CloseCode.PROTOCOL_ERROR
            self._say(CLOSE, encode_close(code, error.message.encode()[:MOST_REASON].decode(errors="ignore")))
        self._move(BROKEN)
        return Closed(CloseCode.ABNORMAL_CLOSURE, why=str(error))

    # ------------------------------------------------------------------------------------------------ time and states

    @property
    def hang_up(self) -> bool:
        """Whether TCP should be closed now. The server closes it first, a client waits for that (§7.1.1)."""
        return self.state == CLOSED or (self.state == ENDING and (not self.client or self.error is not None))

    @property
    def deadline(self) -> float | None:
        """When to call ``tick``, in seconds on its clock, or None; 0.0 asks for a first look at the clock."""
        times = [time for time in (self._timer.deadline, self._allowance.deadline) if time is not None]
        return min(times, default=None)

    def tick(self, now: float) -> list[Event]:
        """Take note that it is ``now``: a peer that is late is pinged, or given up."""
        self._allowance.tick(now)
        waits = self.limits.keepalive if self.state == OPEN else None if self.state == CLOSED else self.limits.patience
        if not self._timer.over(now, waits):
            return []
        if self.state == OPEN and not self._pinged:
            self._pinged = True
            self._timer.start(now, waits)
            self._say(PING)
            return []
        return self._end(TIME_OVER, f"the peer was silent for {waits:g} s")

    def _end(self, how: str, why: str) -> list[Event]:
        """Close without a word; tell the application, unless it knows."""
        told = self.state in (ENDING, CLOSED)
        if self.state != CLOSED:
            self._move(how)
        return [] if told else [Closed(CloseCode.ABNORMAL_CLOSURE, why=why)]

    def _move(self, event: str) -> None:
        """Go to the next state, by the table; whatever the peer does next, it has its time for it."""
        self.state = MOVES[self.state, event]
        self._timer.restart()
