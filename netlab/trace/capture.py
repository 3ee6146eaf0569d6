"""A trace as a capture file, which tshark, Wireshark and tcpdump read: each message in a frame of its own.

    Ethernet    to 6 | from 6 | type 0800
    IPv4        version, length 45 | 00 | total length 2 | id 2 | flags 4000 | TTL 40 | protocol |
                checksum 2 | source 4 | destination 4                                            RFC 791 §3.1
    UDP         source port 2 | destination port 2 | length 2 | checksum 2                       RFC 768
    TCP         source port 2 | destination port 2 | seq 4 | ack 4 | length, flags 2 | window 2 |
                checksum 2 | urgent pointer 2                                                    RFC 9293 §3.1

The checksums of UDP and TCP also cover a pseudo-header: the addresses, the protocol and the length, so that a
packet which was led astray does not pass. Sequence numbers start at 1, as after a SYN that took 0, and ``ack`` is
what had reached its sender in one piece by then: after a loss, Wireshark finds the duplicate ACKs by itself.

The file has a header of 24 bytes, each frame one of 16 (pcap-savefile(5)); its magic number a1b23c4d says that
the times are in nanoseconds. No packet is on any wire here and no clock is read: the same trace is the same file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import NamedTuple

from netlab.trace.event import Event
from netlab.wire import checksum, uint

PROTOCOLS = {"udp": 17, "tcp": 6}
LONGEST = {"udp": 65_535 - 20 - 8, "tcp": 65_535 - 20 - 20}  # bytes of data: IPv4's total length has 16 bits
SNAPLEN, ETHERNET = 262_144, 1  # bytes that are kept of a frame, at most; the type of link
# magic number, version 2.4, two fields that are no longer used, snapshot length, link type
FILE = uint(0xA1B23C4D, 4) + uint(2, 2) + uint(4, 2) + bytes(8) + uint(SNAPLEN, 4) + uint(ETHERNET, 4)
TEST_NET = bytes([192, 0, 2])  # 192.0.2.0/24: RFC 5737 §3
DYNAMIC = 49_152  # the first port that nobody can register: RFC 6335 §6
ACK, PSH = 0x10, 0x08  # flags: the acknowledgement number counts; hand the data on at once


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
    if protocol not in PROTOCOLS:
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
    return FILE + b"".join(_record(time, packet, epoch) for time, packet in taken)


def _sightings(event: Event, at: str | None) -> Iterator[float]:
    """Yield when the event is captured: where it leaves, or where it arrives, or not at all."""
    if at in (None, event.src):
        yield event.time
    elif at == event.dst and not event.lost:
        yield event.arrival


def _record(time: float, packet: bytes, epoch: int) -> bytes:
    """Return one frame with its header: seconds, nanoseconds, and its length twice (captured, and on the wire)."""
    seconds, nanoseconds = divmod(round(time * 1e9), 1_000_000_000)
    moment = uint(epoch + seconds, 4, "the time in seconds since 1970") + uint(nanoseconds, 4)
    return moment + 2 * uint(len(packet), 4) + packet


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
        ends[host] = End(address, ports.get(host, DYNAMIC + n))
    return ends


def frame(sent: Sent, src: End, dst: End, protocol: str, ident: int) -> bytes:
    """Return one message as an Ethernet frame."""
    event, seq, ack = sent
    if event.size > LONGEST[protocol]:
        room = f"one {protocol} packet, which holds {LONGEST[protocol]:,}"
        raise ValueError(f"{event.label!r} has {event.size:,} bytes, too many for {room}: send it in pieces")
    data = event.data.ljust(event.size, b"\0")
    segment = udp(src, dst, data) if protocol == "udp" else tcp(src, dst, data, seq, ack)
    return dst.mac + src.mac + uint(0x0800, 2) + ipv4(src, dst, PROTOCOLS[protocol], ident, segment) + segment


def ipv4(src: End, dst: End, protocol: int, ident: int, segment: bytes) -> bytes:
    """Return an IPv4 header for ``segment``: no options, never to be fragmented, 64 hops to live."""
    length = uint(20 + len(segment), 2, "total length")  # 5 words of header: the 5 of 45
    start = b"\x45\x00" + length + uint(ident % 0x10000, 2) + b"\x40\x00\x40" + uint(protocol, 1)
    addresses = src.address + dst.address
    # The checksum's own field counts as 0, and adding 0 changes no sum: it is left out here, and below.
    return start + uint(checksum(start + addresses), 2) + addresses


def udp(src: End, dst: End, data: bytes) -> bytes:
    """Return a UDP datagram. A checksum of 0 would mean that there is none, so it travels as ffff (RFC 768)."""
    start = _ports(src, dst) + uint(8 + len(data), 2)
    total = checksum(_pseudo(src, dst, 17, 8 + len(data)) + start + data)
    return start + uint(total or 0xFFFF, 2) + data


def tcp(src: End, dst: End, data: bytes, seq: int, ack: int) -> bytes:
    """Return a TCP segment with a header of 5 words, no options, and a window as wide as 16 bits go."""
    numbers = uint((1 + seq) % 2**32, 4) + uint((1 + ack) % 2**32, 4)
    start = _ports(src, dst) + numbers + uint(5 << 12 | (PSH | ACK if data else ACK), 2) + b"\xff\xff"
    total = checksum(_pseudo(src, dst, 6, 20 + len(data)) + start + data)
    return start + uint(total, 2) + b"\0\0" + data


def _ports(src: End, dst: End) -> bytes:
    """Return what UDP and TCP both begin with."""
    return uint(src.port, 2, "a port") + uint(dst.port, 2, "a port")


def _pseudo(src: End, dst: End, protocol: int, length: int) -> bytes:
    """Return the pseudo-header, which is summed and not sent: RFC 768, and RFC 9293 §3.1."""
    return src.address + dst.address + uint(protocol, 2) + uint(length, 2)


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
