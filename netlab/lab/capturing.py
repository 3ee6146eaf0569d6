"""A capture: every frame that an interface of a host sends or receives, with the kernel's own time to the nanosecond.

What tcpdump does with a packet socket (packet(7)): the kernel hands it a copy of each frame, and SO_TIMESTAMPNS says
when it passed. A thread puts the copies away while the experiment runs; nobody looks at them before it is over.
"""

from __future__ import annotations

import select
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from netlab.lab.emulator import ALL, ROOM, SOL_PACKET
from netlab.packet.pcap import Captured

if TYPE_CHECKING:
    from netlab.lab.host import Host
    from netlab.packet import Packet

TIMESTAMPNS = 64  # SO_TIMESTAMPNS_NEW: seconds and nanoseconds of 64 bits each, on every machine
STATISTICS, AUXDATA = 6, 8  # PACKET_STATISTICS, PACKET_AUXDATA
TAGGED = 1 << 4  # TP_STATUS_VLAN_VALID: the kernel has taken a VLAN tag out of the frame


class Capture:
    """What one interface sent and received. ``dropped`` counts the frames that the kernel had no room for.

    ``snaplen`` is how many bytes are kept of a frame; after ``limit`` frames it takes no more.
    """

    def __init__(self, snaplen: int, limit: int) -> None:
        self.snaplen, self.limit = snaplen, limit
        self.frames: list[Captured] = []
        self.dropped = 0

    def take(self, sock: socket.socket) -> bool:
        """Take in what has come; return whether more may come and has room."""
        try:
            while len(self.frames) < self.limit:
                octets, ancillary, _, _ = sock.recvmsg(65_600, 128)
                told = {kind: data for _, kind, data in ancillary}
                seconds, nanoseconds = struct.unpack("=qq", told[TIMESTAMPNS])
                stamp = seconds * 1_000_000_000 + nanoseconds
                status, tci, tpid = struct.unpack("=I12xHH", told[AUXDATA])
                if status & TAGGED:  # it stood behind the two addresses, and on the wire it still does
                    octets = octets[:12] + struct.pack("!HH", tpid, tci) + octets[12:]
                self.frames.append(Captured(stamp, octets[: self.snaplen], len(octets)))
        except BlockingIOError:
            return True
        except OSError:  # the interface went down, which is said once, and may come up again; or the lab was closed
            return sock.fileno() != -1
        return False

    def pcap(self) -> bytes:
        """Return the capture as a file for tshark, Wireshark or tcpdump, with times in nanoseconds."""
        from netlab.packet import write_pcap  # noqa: PLC0415 - only who looks at frames needs it

        return write_pcap(self.frames)

    def packets(self) -> list[tuple[int, Packet]]:
        """Return the frames decoded, each behind its time in ns since 1970."""
        from netlab.packet import decode  # noqa: PLC0415 - as above

        return [(time, decode(octets)) for time, octets, *_ in self.frames]


@contextmanager
def capture(host: Host, device: str = "eth0", *, snaplen: int = 262_144, limit: int = 1_000_000) -> Iterator[Capture]:
    """Capture what ``device`` of ``host`` sends and receives while the ``with`` lasts; complete when it is left.

    Raises ``ValueError`` where there is no such interface.
    """
    host.index(device)  # or says that there is none
    taken = Capture(snaplen, limit)
    with host.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
        sock.setsockopt(socket.SOL_SOCKET, TIMESTAMPNS, 1)
        sock.setsockopt(SOL_PACKET, AUXDATA, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)
        sock.setblocking(False)
        sock.bind((device, ALL))
        enough, leave = socket.socketpair()

        def watch() -> None:
            poll = select.poll()
            for one in (sock, enough):
                poll.register(one, select.POLLIN)
            while enough.fileno() not in dict(poll.poll()) and taken.take(sock):
                pass

        thread = threading.Thread(target=watch, name="netlab.lab capture", daemon=True)
        with enough, leave:
            thread.start()
            try:
                yield taken
            finally:
                leave.close()
                thread.join()
                taken.take(sock)  # what came while the thread was told
                if sock.fileno() != -1:  # the lab is still there
                    _, taken.dropped = struct.unpack("=II", sock.getsockopt(SOL_PACKET, STATISTICS, 8))
