"""How a connection ends, in numbers: the status codes of a close frame, RFC 6455 §7.4.

>>> encode_close(CloseCode.NORMAL, "bye").hex(" ")
'03 e8 62 79 65'
>>> decode_close(b"\\x03\\xe8bye")
(1000, 'bye')
>>> decode_close(b"")                                              # allowed: no code was sent (§7.1.5)
(1005, '')

Three codes are never sent. 1005, 1006 and 1015 are what an application is told when *no* close frame said why:
there was one without a code, there was none, or TLS failed before there could be any (§7.4.1).
"""

from __future__ import annotations

from enum import IntEnum

from netlab.wire import WireError, uint


class CloseCode(IntEnum):
    """Why a connection closes: RFC 6455 §7.4.1. Those up to 2999 are kept for the protocol and its extensions."""

    NORMAL = 1000
    GOING_AWAY = 1001  # a server stops, a browser leaves the page
    PROTOCOL_ERROR = 1002
    UNSUPPORTED_DATA = 1003  # binary, to an end that takes only text
    NO_STATUS_RECEIVED = 1005  # never sent
    ABNORMAL_CLOSURE = 1006  # never sent
    INVALID_PAYLOAD = 1007  # text that is not UTF-8
    POLICY_VIOLATION = 1008
    MESSAGE_TOO_BIG = 1009
    MANDATORY_EXTENSION = 1010  # the client wanted one that the server did not grant
    INTERNAL_ERROR = 1011
    SERVICE_RESTART = 1012  # this one and the next two were registered with IANA after the RFC
    TRY_AGAIN_LATER = 1013
    BAD_GATEWAY = 1014
    TLS_HANDSHAKE = 1015  # never sent

    def __repr__(self) -> str:
        """Return the code as everybody knows it: 1002."""
        return str(int(self))


NEVER_SENT = {CloseCode.NO_STATUS_RECEIVED, CloseCode.ABNORMAL_CLOSURE, CloseCode.TLS_HANDSHAKE}
SENT = frozenset(CloseCode) - NEVER_SENT
MOST_REASON = 123  # bytes: a control frame carries 125, and the code takes 2 (§5.5.1)


class Failed(WireError):  # noqa: N818 - the RFC's word for what becomes of the connection
    """The peer broke a rule, so the connection must be failed (§7.1.7): ``code`` is what our close frame will say."""

    def __init__(self, message: str, rule: str, code: int = CloseCode.PROTOCOL_ERROR) -> None:
        super().__init__(message, rule)
        self.code = code


def may_travel(code: int) -> bool:
    """Return whether a close frame may carry ``code``: 1000 to 1014 as registered, or 3000 to 4999 (§7.4.2).

    Frameworks register theirs from 3000 on; from 4000 on each application has its own.
    """
    return code in SENT or 3000 <= code <= 4999


def encode_close(code: int = CloseCode.NORMAL, reason: str = "") -> bytes:
    """Return the payload of a close frame. Raises ``ValueError`` for a code or a reason that may not be sent."""
    if not may_travel(code):
        raise ValueError(f"a close frame cannot say {code}: RFC 6455 §7.4 keeps it for other uses")
    text = reason.encode()
    if len(text) > MOST_REASON:
        raise ValueError(f"a reason has at most {MOST_REASON} bytes in UTF-8, not {len(text)}")
    return uint(code, 2, "the close code") + text


def decode_close(payload: bytes) -> tuple[int, str]:
    """Return the code and the reason that a close frame gives; 1005 where it gives none.

    Raises ``Failed``: one byte is half a code (§5.5.1), some codes may not travel (§7.4), and the reason is UTF-8.
    """
    if not payload:
        return CloseCode.NO_STATUS_RECEIVED, ""
    if len(payload) == 1:
        raise Failed("a close code takes 2 bytes, and the frame has 1", "RFC 6455 §5.5.1")
    code = int.from_bytes(payload[:2])
    if not may_travel(code):
        raise Failed(f"a close frame cannot say {code}", "RFC 6455 §7.4")
    try:
        return code, payload[2:].decode()
    except UnicodeDecodeError:
        raise Failed("the reason for closing is not UTF-8", "RFC 6455 §8.1", CloseCode.INVALID_PAYLOAD) from None
