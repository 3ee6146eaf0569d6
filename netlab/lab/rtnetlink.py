"""What the lab asks of the kernel about interfaces, addresses, routes and queues, one function a request.

    ip link add eth0 type veth …      veth, bridge, interface
    ip address add 10.0.1.1/24 …      address
    ip route add default via …        route
    tc qdisc replace dev eth0 root …  shape, netem, unshape

Each takes a ``Netlink`` of the host that it is about. The layouts are those of the kernel's headers
<linux/rtnetlink.h>, <linux/if_link.h> and <linux/pkt_sched.h>; rtnetlink(7) describes the first. What the kernel
refuses is an ``OSError``.
"""

from __future__ import annotations

import socket
import struct
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network

from netlab.lab.netlink import CREATE, DUMP, EXCLUSIVE, REPLACE, Message, Netlink, attribute

Address = IPv4Address | IPv6Address
Interface = IPv4Interface | IPv6Interface  # an address and its network: 10.0.1.1/24
Network = IPv4Network | IPv6Network

NEWLINK, DELLINK, GETLINK = 16, 17, 18
NEWADDR, DELADDR, GETADDR = 20, 21, 22
NEWROUTE, DELROUTE, GETROUTE = 24, 25, 26
GETNEIGH = 30
NEWQDISC, DELQDISC = 36, 37

UP = 1  # IFF_UP
MAC, NAME, MTU, MASTER, INFO, NET_NS_FD = 1, 3, 4, 10, 18, 28  # attributes of a link
INFO_KIND, INFO_DATA, VETH_PEER = 1, 2, 1  # attributes within INFO, and within its data
NODAD = 0x02  # IFA_F_NODAD: an IPv6 address that need not ask whether somebody else has it
MAIN, BOOT, UNIVERSE, LINK, UNICAST = 254, 3, 0, 253, 1  # a route's table, origin, two scopes and its type
ROOT, TBF_HANDLE, FIFO_HANDLE = 0xFFFF_FFFF, 0x1_0000, 0x2_0000
MOST = 0xFFFF_FFFF  # what a number of 32 bits holds
TICK = 64e-9  # s: the unit in which the kernel takes a bucket's size (PSCHED_SHIFT 6)


def link(index: int, up: bool | None = None) -> bytes:
    """Return the fixed fields of a request about the interface ``index``: struct ifinfomsg."""
    return struct.pack("=BxHiII", 0, 0, index, int(bool(up)) * UP, 0 if up is None else UP)


def index(netlink: Netlink, name: str) -> int:
    """Return the number of the interface ``name``."""
    (found,) = netlink.ask(GETLINK, link(0) + attribute(NAME, name))
    number: int = struct.unpack_from("=i", found.body, 4)[0]
    return number


def veth(netlink: Netlink, near: tuple[str, bytes, int], far: tuple[str, bytes, int], mtu: int) -> None:
    """Make a cable: two interfaces, what goes into one comes out of the other. Both are down.

    An end is its name, its MAC and a descriptor of its network.
    """

    def end(name: str, mac: bytes, fd: int) -> bytes:
        return attribute(NAME, name) + attribute(MTU, mtu) + attribute(MAC, mac) + attribute(NET_NS_FD, fd)

    peer = attribute(VETH_PEER, link(0) + end(*far))
    info = attribute(INFO_KIND, "veth") + attribute(INFO_DATA, peer)
    netlink.ask(NEWLINK, link(0) + end(*near) + attribute(INFO, info), CREATE | EXCLUSIVE)


def bridge(netlink: Netlink, name: str, mac: bytes) -> None:
    """Make a switch of the kernel's."""
    info = attribute(INFO, attribute(INFO_KIND, "bridge"))
    netlink.ask(NEWLINK, link(0, True) + attribute(NAME, name) + attribute(MAC, mac) + info, CREATE | EXCLUSIVE)


def interface(
    netlink: Netlink, number: int, up: bool | None = None, mtu: int | None = None, master: int | None = None
) -> None:
    """Change an interface: up or down, its MTU in bytes, the bridge that it is a port of (0: none)."""
    body = link(number, up)
    body += attribute(MTU, mtu) if mtu is not None else b""
    body += attribute(MASTER, master) if master is not None else b""
    netlink.ask(NEWLINK, body)


def delete(netlink: Netlink, number: int) -> None:
    """Remove an interface; a veth's other end goes with it."""
    netlink.ask(DELLINK, link(number))


def address(netlink: Netlink, number: int, given: Interface, add: bool = True) -> None:
    """Give an interface an address, or take it away."""
    flags = NODAD if given.version == 6 else 0
    body = struct.pack("=BBBBi", family(given), given.network.prefixlen, flags, 0, number)
    body += attribute(2, given.packed) + attribute(1, given.packed)  # IFA_LOCAL, IFA_ADDRESS
    if given.version == 4 and given.network.prefixlen < 31:
        body += attribute(4, given.network.broadcast_address.packed)  # IFA_BROADCAST
    netlink.ask(NEWADDR if add else DELADDR, body, CREATE | EXCLUSIVE if add else 0)


def route(netlink: Netlink, to: Network, via: Address | None, number: int | None, add: bool = True) -> None:
    """Add a route ``to`` a network, or remove it: ``via`` a router, or by the interface ``number`` itself."""
    scope = LINK if via is None and to.version == 4 else UNIVERSE
    body = struct.pack("=BBBBBBBBI", family(to), to.prefixlen, 0, 0, MAIN, BOOT, scope, UNICAST, 0)
    body += attribute(1, to.network_address.packed) if to.prefixlen else b""  # RTA_DST
    body += attribute(5, via.packed) if via else b""  # RTA_GATEWAY
    body += attribute(4, number) if number is not None else b""  # RTA_OIF
    netlink.ask(NEWROUTE if add else DELROUTE, body, CREATE | EXCLUSIVE if add else 0)


def family(of: Address | Interface | Network) -> int:
    """Return the address family of ``of``."""
    return int(socket.AF_INET if of.version == 4 else socket.AF_INET6)


# -------------------------------------------------------------------------------------------------------------- queues


def queue(number: int, handle: int, parent: int, kind: str, options: bytes) -> bytes:
    """Return a request about the queue of an interface: struct tcmsg, then its kind and options, where they matter."""
    fields = struct.pack("=BxxxiIII", 0, number, handle, parent, 0)
    return fields + (attribute(1, kind) if kind else b"") + (attribute(2, options) if options else b"")


def shape(netlink: Netlink, number: int, rate: float, packets: int, frame: int) -> None:
    """Send ``rate`` bit/s through an interface; ``packets`` may wait, the next one is dropped from the tail.

    A token bucket (tbf) holds two frames of ``frame`` bytes, or a quarter of a millisecond's worth, so that a sender
    cannot run ahead; the queue in it is a plain fifo that counts packets. What is counted of a packet is its Ethernet
    frame, without preamble and checksum: 1,514 bytes for 1,500 of IP.
    """
    rate_bytes = max(1, round(rate / 8))
    burst = min(max(2 * frame, round(rate_bytes * 0.000_25)), MOST)
    bucket = min(round(burst / rate_bytes / TICK), MOST)
    # struct tc_tbf_qopt: two tc_ratespec (overhead 0, link layer Ethernet), limit, buffer, mtu
    spec = struct.pack("=BBHhHI", 0, 1, 0, 0, 0, min(rate_bytes, MOST))
    limit = min(packets * frame, MOST)
    options = attribute(1, struct.pack("=12s12xIII", spec, limit, bucket, 0)) + attribute(6, burst)
    if rate_bytes > MOST:
        options += attribute(4, struct.pack("=Q", rate_bytes))  # TCA_TBF_RATE64
    netlink.ask(NEWQDISC, queue(number, TBF_HANDLE, ROOT, "tbf", options), CREATE | REPLACE)
    fifo = queue(number, FIFO_HANDLE, TBF_HANDLE | 1, "pfifo", struct.pack("=I", packets))
    netlink.ask(NEWQDISC, fifo, CREATE | REPLACE)


def unshape(netlink: Netlink, number: int) -> None:
    """Let an interface send as fast as it can again."""
    netlink.ask(DELQDISC, queue(number, 0, ROOT, "", b""))


def netem(
    netlink: Netlink, number: int, *, delay: float, jitter: float, loss: float, reorder: float, packets: int = 100_000
) -> None:
    """Have the kernel itself delay (s), lose and reorder (probabilities) what an interface sends."""

    def share(probability: float) -> int:
        return round(probability * MOST)

    def ticks(seconds: float) -> int:
        return round(seconds / TICK)

    # struct tc_netem_qopt: latency, limit, loss, gap, duplicate, jitter. The times that count follow, in ns.
    options = struct.pack("=IIIIII", ticks(delay), packets, share(loss), 1 if reorder else 0, 0, ticks(jitter))
    for kind, seconds in ((10, delay), (11, jitter)):  # TCA_NETEM_LATENCY64, TCA_NETEM_JITTER64
        options += attribute(kind, struct.pack("=q", round(seconds * 1e9)))
    if reorder:
        options += attribute(3, struct.pack("=II", share(reorder), 0))  # TCA_NETEM_REORDER
    netlink.ask(NEWQDISC, queue(number, TBF_HANDLE, ROOT, "netem", options), CREATE | REPLACE)


def whole_packets(sock: socket.socket, name: str) -> None:
    """Have the interface ``name``, of the network of ``sock``, send what a cable would carry.

    Between virtual interfaces the kernel spares itself the checksums and the cutting into packets, because it trusts
    its own memory: a capture then shows wrong checksums and segments longer than the MTU.
    """
    import ctypes  # noqa: PLC0415 - the one place where an ioctl wants a pointer
    import fcntl  # noqa: PLC0415 - Windows has none, and imports this module all the same

    off = ctypes.create_string_buffer(struct.pack("=II", 0x17, 0))  # ETHTOOL_STXCSUM: 0. All else depends on it.
    request = struct.pack("16sP16x", name.encode(), ctypes.addressof(off))
    fcntl.ioctl(sock, 0x8946, request)  # SIOCETHTOOL


def dump(netlink: Netlink, kind: int) -> list[Message]:
    """Return all that the kernel knows of one kind: links, addresses, routes or neighbours."""
    size = {GETLINK: 16, GETADDR: 8, GETROUTE: 12, GETNEIGH: 12}[kind]
    return netlink.ask(kind, bytes(size), DUMP)
