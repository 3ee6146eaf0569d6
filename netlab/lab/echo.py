"""Echo requests, and what became of each: what ``ping`` does, for many hosts at once.

    answers = pings([(red, "10.0.0.3"), (red, "203.0.113.10")], patience=0.5)
    answers[0].kind                                                    # "ok", or how it failed

All requests leave before any answer is waited for, so that many silences take no longer than one. The sockets are
ping sockets (icmp(7)): the kernel numbers the requests, and hands out the answers, without a raw socket. IP_RECVERR
keeps what went wrong in the socket's error queue, with who said so (ip(7)).
"""

from __future__ import annotations

import errno
import select
import socket
import struct
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from netlab.lab.host import Host

RECVERR, ERRQUEUE = 11, 0x2000  # IP_RECVERR, MSG_ERRQUEUE
MTU_DISCOVER, DO = 10, 2  # IP_MTU_DISCOVER, IP_PMTUDISC_DO: never cut this packet
LOCAL, ICMP = 1, 2  # who an error is from: this host's own kernel, or a message that came (sock_extended_err)
REQUEST = struct.pack("!BBHHH", 8, 0, 0, 0, 0)  # type 8, echo; the kernel fills in the rest
KINDS = {errno.ENETUNREACH: "net", errno.EHOSTUNREACH: "host", errno.EMSGSIZE: "size"}
NOBODY = "0.0.0.0"  # who is said to have told, where it was no message


class Echo(NamedTuple):
    """What became of a request: ``ok``, ``silence``, or the error's ``kind``: net, host, size, or its errno's name.

    ``by`` is the address that told of it in an ICMP message, "" where the sender's own kernel knew. ``number`` is what
    came with it: of a packet that was too large, the size in bytes that would do.
    """

    kind: str
    by: str = ""
    number: int = 0

    @property
    def ok(self) -> bool:
        """Whether it was answered."""
        return self.kind == "ok"


def pings(
    asks: Sequence[tuple[Host, str]], *, size: int = 56, patience: float = 0.5, whole: bool = False
) -> list[Echo]:
    """Send one request for each (host, address), ``size`` bytes in each, and return what became of them.

    After ``patience`` s without an answer or an error it is silence. ``whole`` forbids routers to cut the packet.
    """
    found: dict[int, Echo] = {}
    with ExitStack() as stack:
        poll = select.poll()
        waiting: dict[int, tuple[int, socket.socket]] = {}
        for at, (host, address) in enumerate(asks):
            sock = stack.enter_context(host.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP))
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_IP, RECVERR, 1)
            if whole:
                sock.setsockopt(socket.IPPROTO_IP, MTU_DISCOVER, DO)
            try:
                sock.sendto(REQUEST + bytes(size), (address, 0))
            except OSError as error:
                found[at] = _queued(sock) or Echo(_kind(error.errno))
                continue
            waiting[sock.fileno()] = at, sock
            poll.register(sock, select.POLLIN)  # and POLLERR, unasked
        end = time.monotonic() + patience
        while waiting:
            left = end - time.monotonic()
            for fd, _ in poll.poll(max(0, left) * 1000):
                at, sock = waiting[fd]
                if echo := _queued(sock) or _answered(sock):
                    found[at] = echo
                    poll.unregister(waiting.pop(fd)[1])
            if left <= 0:  # looked at once more: this process may have been kept waiting itself
                break
    return [found.get(at, Echo("silence")) for at in range(len(asks))]


def _answered(sock: socket.socket) -> Echo | None:
    """Return that the answer is there, or which error is; None for neither."""
    try:
        sock.recv(65_536)
    except BlockingIOError:
        return None
    except OSError as error:  # which the queue did not hold any more
        return Echo(_kind(error.errno))
    return Echo("ok")


def _queued(sock: socket.socket) -> Echo | None:
    """Return the error that waits in the queue of ``sock``, and who said so; None where there is none."""
    try:
        _, told, _, _ = sock.recvmsg(65_536, 512, ERRQUEUE)
    except BlockingIOError:
        return None
    for level, kind, data in told:
        if (level, kind) == (socket.IPPROTO_IP, RECVERR):
            # struct sock_extended_err: errno, origin, type, code, padding, info, data; then the address of who told
            number, origin, _, _, _, info, _ = struct.unpack_from("=IBBBBII", data)
            by = socket.inet_ntoa(data[20:24]) if origin == ICMP and len(data) >= 24 else NOBODY
            return Echo(_kind(number), "" if by == NOBODY else by, info)
    return None


def _kind(number: int | None) -> str:
    return KINDS.get(number or 0) or errno.errorcode.get(number or 0, str(number))
