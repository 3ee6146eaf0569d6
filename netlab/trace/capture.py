"""A trace as a capture file, which tshark, Wireshark and tcpdump read: each message in a frame of its own.

The headers are those of ``netlab.packet``: Ethernet, IPv4 that is never to be fragmented, and UDP or TCP. Sequence
numbers start at 1, as after a SYN that took 0, and ``ack`` is what had reached its sender in one piece by then: after
a loss, Wireshark finds the duplicate ACKs by itself.

No packet is on any wire here and no clock is read: the same trace is the same file, with times in nanoseconds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import NamedTuple

from netlab.packet import TCP, UDP, Captured, Ethernet, IPv4, build, write_pcap
from netlab.packet.ipv4 import DF
from netlab.packet.tcp import ACK, PSH
from netlab.trace.event import Event
from netlab.wire import uint

LONGEST = {"udp": 65_535 - 20 - 8, "tcp": 65_535 - 20 - 20}  # bytes of data: IPv4's total length has 16 bits
TEST_NET = bytes([192, 0, 2])  # 192.0.2.0/24: RFC 5737 §3
DYNAMIC = 49_152  # the first port that nobody can register: RFC 6335 §6


class End(NamedTuple):
    """Where a host is: its IPv4 address, as 4 bytes, and the one port that it uses."""

    address: bytes
    port: int

    @property
    def mac(self) -> bytes:
        """A made-up Ethernet address; its first byte, 02, says that it is."""
        return b"\x02\x00" + self.address


class Sent(NamedTuple):
    """An event with its numbers: from 0, where it begins, and how much its sender had got from the other side."""

    event: Event
    seq: int
    ack: int


def capture(
    events: Sequence[Event],
    hosts: Sequence[str],
    protocol: str,
    *,
    at: str | None,
    addresses: Mapping[str, str],
    ports: Mapping[str, int],
    epoch: int,
) -> bytes:
    """Return the file. The arguments are those of ``Trace.pcap``, which says what they mean and what raises."""
    if protocol not in LONGEST:
        raise ValueError(f"a capture is of udp or tcp, not {protocol!r}")
    for host in [*addresses, *ports, *([] if at is None else [at])]:
        if host not in hosts:
            raise ValueError(f"there is no host {host!r} in this trace, only {', '.join(hosts) or 'nobody'}")
    ends = _ends(hosts, addresses, ports)
    taken: list[tuple[float, bytes]] = []  # by this host, or by each sender
    for n, sent in enumerate(numbered(events)):
        packet = frame(sent, ends[sent.event.src], ends[sent.event.dst], protocol, n)
        taken.extend((time, packet) for time in _sightings(sent.event, at))
    taken.sort(key=lambda one: one[0])  # by time alone: what was sent first stays first within an instant
    start = epoch * 1_000_000_000
    return write_pcap(Captured(start + round(time * 1e9), packet, len(packet)) for time, packet in taken)


def _sightings(event: Event, at: str | None) -> Iterator[float]:
    """Yield when the event is captured: where it leaves, or where it arrives, or not at all."""
    if at in (None, event.src):
        yield event.time
    elif at == event.dst and not event.lost:
        yield event.arrival


def _ends(hosts: Sequence[str], addresses: Mapping[str, str], ports: Mapping[str, int]) -> dict[str, End]:
    """Return where each host is: as given, or at the next address that is free."""
    from ipaddress import IPv4Address  # noqa: PLC0415 - only a capture needs it, and it takes milliseconds

    given = {host: IPv4Address(text).packed for host, text in addresses.items()}
    if len(set(given.values())) < len(given):
        raise ValueError("two hosts cannot have the same address")
    # .0 is the network and .255 its broadcast address, so neither is a host's.
    free = (address for n in range(1, 255) if (address := TEST_NET + bytes([n])) not in given.values())
    ends = {}
    for n, host in enumerate(hosts):
        address = given.get(host) or next(free, b"")
        if not address:
            raise ValueError(
                f"192.0.2.0/24 has addresses for 254 hosts, not for {len(hosts)}: give some of them others"
            )
        port = ports.get(host, DYNAMIC + n)
        uint(port, 2, "a port")  # or raises
        ends[host] = End(address, port)
    return ends


def frame(sent: Sent, src: End, dst: End, protocol: str, ident: int) -> bytes:
    """Return one message as an Ethernet frame."""
    event, seq, ack = sent
    if event.size > LONGEST[protocol]:
        room = f"one {protocol} packet, which holds {LONGEST[protocol]:,}"
        raise ValueError(f"{event.label!r} has {event.size:,} bytes, too many for {room}: send it in pieces")
    data = event.data.ljust(event.size, b"\0")
    ip = IPv4(identification=ident % 0x10000, flags=DF, src=src.address, dst=dst.address)
    if protocol == "udp":
        return build(Ethernet(dst.mac, src.mac), ip, UDP(src.port, dst.port), payload=data).encode()
    segment = TCP(src.port, dst.port, (1 + seq) % 2**32, (1 + ack) % 2**32, flags=PSH | ACK if data else ACK)
    return build(Ethernet(dst.mac, src.mac), ip, segment, payload=data).encode()


@dataclass
class _Stream:
    """One direction's bytes: up to where they were ``sent``, and ``got`` in one piece; the rest came ``early``."""

    sent: int = 0
    got: int = 0
    early: list[tuple[int, int]] = field(default_factory=list)

    def send(self, event: Event) -> int:
        """Return the offset of the event's first byte: its own, where it says so, else where the last ones end."""
        seq = self.sent if event.seq is None else event.seq
        self.sent = max(self.sent, seq + event.size)
        return seq

    def arrive(self, seq: int, size: int) -> None:
        """Take bytes in; they count from where no byte before them is missing (RFC 9293 §3.4)."""
        heappush(self.early, (seq, seq + size))
        while self.early and self.early[0][0] <= self.got:
            self.got = max(self.got, heappop(self.early)[1])


def numbered(events: Sequence[Event]) -> Iterator[Sent]:
    """Yield each event as it is sent, with the numbers that TCP would give it.

    What arrives at the instant in which something is sent has arrived before: an answer takes no time to write.
    """
    streams: defaultdict[tuple[str, str], _Stream] = defaultdict(_Stream)
    arrivals = [(event.arrival, 0, n) for n, event in enumerate(events) if not event.lost]
    seqs: dict[int, int] = {}
    # In the order of time; at one instant 0, an arrival, comes before 1, a sending.
    for _, sending, n in sorted(arrivals + [(event.time, 1, n) for n, event in enumerate(events)]):
        event = events[n]
        stream = streams[event.src, event.dst]
        if sending:
            seqs[n] = stream.send(event)
            yield Sent(event, seqs[n], streams[event.dst, event.src].got)
        else:
            stream.arrive(seqs.pop(n), event.size)
