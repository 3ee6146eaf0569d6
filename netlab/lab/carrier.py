"""Whoever makes a link late or lossy: an emulator (netlab/lab/emulator.py), or the kernel where it has netem.

Both sit in one hidden network, ``wires``, between the two halves of the link:

    client eth0 ═ w0 ──[ emulator, or a bridge with netem on both ports ]── w1 ═ eth0 server

Not on the hosts themselves, whose own queues then stay what the experiment makes them; and a sender whose packets
have left its interface does not hear from its kernel that they are still on their way.
"""

from __future__ import annotations

import marshal
import os
import socket
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from netlab.lab import rtnetlink
from netlab.lab.addressing import versions
from netlab.lab.failures import LabGoneError
from netlab.lab.waiting import uninterrupted

if TYPE_CHECKING:
    from netlab.lab.control import Control
    from netlab.lab.lab import Lab
    from netlab.lab.link import Line, Link
    from netlab.lab.netlink import Netlink

WIRES = "wires"
Counts = tuple[dict[str, int], dict[str, int]]


class Carrier(Protocol):
    """What a link needs of either."""

    def change(self, lines: Sequence[Line]) -> None:
        """Treat frames like this from now on, one line for each direction."""

    def counts(self) -> Counts | None:
        """Return what happened to the frames of each direction; None where nobody counted."""

    def close(self) -> None:
        """Hang up."""


class Emulator:
    """The notebook's end of the line to an emulator."""

    def __init__(self, control: Control, devices: list[str], lines: Sequence[Line], seed: int) -> None:
        self.control, self.lock = control, threading.Lock()
        self.socket, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(10)
        with far:
            control.ask("emulate", WIRES, devices, [line.late() for line in lines], seed, fds=(far.fileno(),))
        self.counts()  # once it answers, it is there

    def change(self, lines: Sequence[Line]) -> None:
        """Tell the emulator."""
        self._ask([line.late() for line in lines])

    def counts(self) -> Counts:
        """Ask the emulator."""
        return self._ask([None, None])

    def _ask(self, told: list[dict[str, float] | None]) -> Counts:
        self.control.check()
        with uninterrupted(), self.lock:  # a question and its answer stay together
            try:
                self.socket.send(marshal.dumps(told))
                answer = self.socket.recv(4096)
            except OSError:
                answer = b""
        if not answer:
            raise LabGoneError("the lab is gone: a link's emulator ended, and everything that ran in the lab with it")
        one, other = marshal.loads(answer)
        return one, other

    def close(self) -> None:
        """Hang up, and the emulator ends."""
        self.socket.close()


class Netem:
    """The kernel's own emulator, on the two ports of a bridge."""

    def __init__(self, netlink: Netlink, devices: list[str], bridge: str, mac: bytes, lines: Sequence[Line]) -> None:
        self.netlink = netlink
        self.ports = [rtnetlink.index(netlink, device) for device in devices]
        rtnetlink.bridge(netlink, bridge, mac)
        master = rtnetlink.index(netlink, bridge)
        for port in self.ports:
            rtnetlink.interface(netlink, port, up=True, master=master)
        self.change(lines)

    def change(self, lines: Sequence[Line]) -> None:
        """Tell the kernel. What goes to the far end leaves the hidden network through the port on that side."""
        for port, line in zip(reversed(self.ports), lines, strict=True):
            rtnetlink.netem(self.netlink, port, **line.late())

    def counts(self) -> None:
        """Say nothing: the kernel's counters are in ``tc -s qdisc``."""

    def close(self) -> None:
        """Do nothing: it goes with the network."""


class Wires:
    """The hidden network. It is made with the first link that needs it."""

    def __init__(self, lab: Lab) -> None:
        self.lab, self.count = lab, 0
        (self.host,) = lab.make([WIRES])
        for which in ("all", "default") if 6 in versions() else ():
            self.host.write(f"/proc/sys/net/ipv6/conf/{which}/disable_ipv6", "1")  # a cable says nothing of its own
        asked = os.environ.get("NETLAB_LINKS", "")  # "process" or "netem"; by default netem where the kernel has it
        self.netem = asked == "netem" or (asked != "process" and has_netem(self.host.netlink))

    def carry(self, link: Link, seed: int) -> Carrier:
        """Make a link: lead both ends in here, and have frames carried from one to the other."""
        netlink, devices = self.host.netlink, []
        for end in link.ends:
            devices.append(f"w{self.count}")
            self.count += 1
            rtnetlink.veth(end.host.netlink, end.place(), (devices[-1], self.lab.mac(), self.host.fd), link.mtu)
            end.find()
            rtnetlink.interface(netlink, rtnetlink.index(netlink, devices[-1]), up=True)
        if self.netem:
            return Netem(netlink, devices, f"b{self.count}", self.lab.mac(), link.lines)
        return self.lab.control.keep_open(Emulator(self.lab.control, devices, link.lines, seed))


def has_netem(netlink: Netlink) -> bool:
    """Return whether this kernel has netem: by trying, on an interface that nobody uses."""
    lo = rtnetlink.index(netlink, "lo")
    try:
        rtnetlink.netem(netlink, lo, delay=0, jitter=0, loss=0, reorder=0)
    except OSError:
        return False
    rtnetlink.unshape(netlink, lo)
    return True
