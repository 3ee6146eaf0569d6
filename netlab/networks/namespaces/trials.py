"""What the chapter tries in the finished network: one ping at five places, a port, a name, three sizes.

Each is an experiment for ``netlab.lab.observe``. Frames come back as hex, so that a picture is drawn, and a test
asks somebody else's decoder, from what was on the wire.
"""

from __future__ import annotations

import errno
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

from netlab.networks.namespaces import names
from netlab.networks.namespaces.kernel import PATIENCE, Kernel
from netlab.networks.namespaces.steps import TARGETS, build

if TYPE_CHECKING:
    from socket import socket

    from netlab.lab import Capture, Host, Lab

PLACES = (("red", "eth0"), ("host", "vred"), ("host", "br0"), ("host", "wan"), ("server", "eth0"))
IPV4, ECHO, REPLY, SYN = b"\x08\x00", b"\x08", b"\x00", b"\x02"  # at bytes 12, 34 and 34 of a frame; TCP's flags, at 47
DATAGRAM = 2  # a kind of socket, as the kernel counts them
PUBLIC, PRIVATE = ("203.0.113.5", 8080), ("10.0.0.2", 80)  # where the world asks, and who answers
PUBLISH = (
    "add chain ip nat in { type nat hook prerouting priority dstnat; }",
    f"add rule ip nat in iifname wan tcp dport {PUBLIC[1]} dnat to {PRIVATE[0]}:{PRIVATE[1]}",
)
NAMES = {"red": "10.0.0.2", "blue": "10.0.0.3"}


def finished(lab: Lab, mark: str = "") -> Kernel:
    """Return a new network with all ten steps taken."""
    net = Kernel(lab, mark)
    build(net)
    return net


def journey(lab: Lab) -> list[list[Any]]:
    """Ping the server once; return what passed at five places, there and back: host, interface, ns, and frame."""
    net = finished(lab)
    net.pings()  # so that ARP is done with
    with ExitStack() as stack:
        taken = [(place, watched(stack, net[place[0]], place[1])) for place in PLACES]
        ping(net["red"], TARGETS["server"])
    return [
        [*place, frame.time, frame.octets.hex()]
        for kind, way in ((ECHO, taken), (REPLY, taken[::-1]))
        for place, capture in way
        for frame in capture.frames
        if frame.octets[12:14] == IPV4 and frame.octets[34:35] == kind
    ]


def watched(stack: ExitStack, host: Host, device: str) -> Capture:
    """Return a capture that ends with ``stack``."""
    from netlab.lab import capture  # noqa: PLC0415 - who only reads recordings needs no lab

    return stack.enter_context(capture(host, device))


def ping(host: Host, address: str, size: int = 56, whole: bool = False) -> list[Any]:
    """Send one echo request; return what became of it, who told, and the size that would do."""
    from netlab.lab import pings  # noqa: PLC0415

    (echo,) = pings([(host, address)], size=size, patience=PATIENCE, whole=whole)
    return list(echo)


# ------------------------------------------------------------------------------------------------------------- a port


def published(lab: Lab) -> dict[str, Any]:
    """Publish red's port 80 as the host's 8080; return who gets through, whom red sees, and a SYN on both sides."""
    net = finished(lab)
    net["host"].run(["nft", "; ".join(PUBLISH)])
    seen: dict[str, str] = {}
    with ExitStack() as stack:
        wires = [watched(stack, net["host"], device) for device in ("wan", "br0")]
        listener = stack.enter_context(net["red"].socket())
        listener.bind(("", PRIVATE[1]))
        listener.listen()
        for name, to in (("server", PUBLIC), ("blue", PRIVATE), ("host", PRIVATE), ("host", PUBLIC)):
            seen[f"{name} to {to[0]}:{to[1]}"] = visit(net[name], to, listener)
    syns = [next(f for f in wire.frames if f.octets[47:48] == SYN) for wire in wires]
    return {"visits": seen, "syns": [frame.octets.hex() for frame in syns]}


def visit(host: Host, to: tuple[str, int], listener: socket) -> str:
    """Connect to an address; return who the listener says it was, or the error's name."""
    with host.socket() as sock:
        sock.settimeout(PATIENCE)
        if number := sock.connect_ex(to):
            return errno.errorcode[number]
        heard, peer = listener.accept()
        heard.close()
        return str(peer[0])


# ------------------------------------------------------------------------------------------------------------- a name


def named(lab: Lab) -> list[list[str]]:
    """Have red ask a name server on the bridge for three names; return each question and its answer, as hex."""
    net = finished(lab)
    rows = []
    with net["host"].socket(kind=DATAGRAM) as server, net["red"].socket(kind=DATAGRAM) as client:
        server.bind((TARGETS["host"], 53))
        for sock in (server, client):
            sock.settimeout(PATIENCE)
        client.connect((TARGETS["host"], 53))
        for number, name in enumerate(("blue", "red", "green")):
            client.send(names.ask(name, number))
            question, peer = server.recvfrom(512)
            server.sendto(names.answer(question, NAMES), peer)
            rows.append([question.hex(), client.recv(512).hex()])
    return rows


# --------------------------------------------------------------------------------------------------------- three sizes

NARROW = {"port": ("host", "vblue", "blue"), "blue's eth0": ("blue", "eth0", "blue"), "wan": ("host", "wan", "server")}
SMALL, LARGE = 5, 100_000  # bytes


def sizes(lab: Lab) -> dict[str, dict[str, Any]]:
    """Give one interface an MTU of 1400, in each of three places; return what pings and TCP make of it.

    ``small`` and ``big`` are pings with 56 and 1472 bytes; ``hello`` 5 bytes of TCP, ``up`` 100 kB from red, ``down``
    100 kB to red: each the bytes that arrived. What pings find out is not to help TCP, so each has its own network.
    """
    found = {}
    for number, (place, (host, device, target)) in enumerate(NARROW.items()):
        one, other = (finished(lab, f"-{number}{mark}") for mark in "ab")
        for net in (one, other):
            narrow(net[host], device)
        red, far = other["red"], other[target]
        found[place] = {
            "small": ping(one["red"], TARGETS[target], 56, whole=True),
            "big": ping(one["red"], TARGETS[target], 1472, whole=True),
            "hello": carry(red, far, TARGETS[target], SMALL),
            "down": carry(red, far, TARGETS[target], LARGE, back=True),
            "up": carry(red, far, TARGETS[target], LARGE),  # last: it learns of the size, for all that come after
        }
    return found


def narrow(host: Host, device: str, mtu: int = 1400) -> None:
    """Have an interface carry packets of ``mtu`` bytes at most."""
    from netlab.lab.rtnetlink import interface  # noqa: PLC0415

    host.say(f"ip link set {device} mtu {mtu}")
    interface(host.netlink, host.index(device), mtu=mtu)


def carry(host: Host, far: Host, address: str, size: int, back: bool = False) -> int:
    """Connect, and send ``size`` bytes there, or ``back``; return how many arrived before nothing came any more."""
    with far.socket() as listener, host.socket() as sock:
        listener.listen()
        sock.settimeout(PATIENCE)
        sock.connect((address, listener.getsockname()[1]))
        with listener.accept()[0] as conn:
            source, sink = (conn, sock) if back else (sock, conn)
            source.setblocking(False)
            sink.settimeout(PATIENCE)
            left, arrived = bytes(size), 0
            while arrived < size:
                with suppress(BlockingIOError):  # the kernel holds what it can; now it is for the other end to read
                    left = left[source.send(left) :] if left else left
                try:
                    arrived += len(sink.recv(65_536))
                except TimeoutError:
                    break
            return arrived
