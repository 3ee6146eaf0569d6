"""One or two small pictures of every kind, drawn from data that is computed here or read from real bytes.

python -m tests.gallery FOLDER      writes each picture as a page would show it, at both widths
"""

import random
import sys
import zlib
from collections.abc import Iterator
from math import sqrt
from pathlib import Path

from netlab.picture import (
    CONTROL,
    ENCRYPTED,
    FRESH,
    GREY,
    INSIDE,
    LOST,
    OURS,
    PEER,
    QUEUED,
    SERVER,
    STALE,
    Area,
    Axis,
    Bar,
    Bars,
    Bits,
    Bracket,
    Bytes,
    Conversation,
    Curve,
    Field,
    Grid,
    Header,
    Host,
    Level,
    Lines,
    Link,
    Message,
    Note,
    Panel,
    Panels,
    Phase,
    Picture,
    Remark,
    Spread,
    Spreads,
    States,
    Step,
    Stretch,
    Timeline,
    Topology,
)
from netlab.wire import Reader, Recorder, checksum

PIPE, QUEUE = 40, 24  # packets: 12 Mbit/s, a round trip of 40 ms, and the queue before the narrow link
TIME = Axis("time", "s")

Points = list[tuple[float, float]]


def reno(seconds: float, queue: int = QUEUE) -> tuple[Points, Points, Points]:
    """Return a toy window against time, the wait in the queue, and the losses: one step per round trip."""
    window, waits, lost = Points(), Points(), Points()
    now, cwnd, ssthresh = 0.0, 10.0, 1e9
    while now < seconds:
        rtt = max(cwnd, PIPE) / 1000  # a packet takes 1 ms on the narrow link
        window.append((now, cwnd))
        waits.append((now, rtt * 1e3 - PIPE))
        now += rtt
        if cwnd > PIPE + queue:
            lost.append(window[-1])
            cwnd = ssthresh = cwnd / 2
        else:
            cwnd = min(cwnd * 2, ssthresh) if cwnd < ssthresh else cwnd + 1
    return window, waits, lost


def sawtooth(queue: int = QUEUE, *, names: bool = True) -> Lines:
    """Return the window's sawtooth over what the pipe and its queue hold."""
    window, _, lost = reno(8, queue)
    x, y = lost[2]
    said = [Remark(*lost[0], "slow start overshoots", (12, 4)), Remark(x, y / 2, "half", (12, -10))]
    return Lines(
        [Curve("Reno", window)],
        TIME,
        Axis("congestion window", "packets", low=0),
        levels=[Level(PIPE, "pipe full"), Level(PIPE + queue, "queue full")],
        areas=[Area(PIPE, PIPE + queue, hue=QUEUED, across="y")],
        crosses=lost,
        remarks=said if names else (),
    )


def stacked() -> Panels:
    """Return the window above the wait that it causes, on one clock."""
    waits = Lines([Curve("", reno(8)[1])], TIME, Axis("wait in the queue", "ms", low=0))
    return Panels([Panel("", sawtooth(), share=2.6), Panel("", waits)], stacked=True)


def mean_window(loss: float) -> float:
    """Return the mean window per packet sent where every 1/p-th packet is lost: counted, not by the formula."""
    cwnd, sent, weights, rounds = 10.0, 0.0, 0.0, 0
    for _ in range(4000):
        sent, weights, rounds = sent + cwnd, weights + cwnd, rounds + 1
        cwnd = cwnd / 2 if sent >= 1 / loss else cwnd + 1
        sent = 0 if sent >= 1 / loss else sent
    return weights / rounds


def law() -> Lines:
    """Return how the window falls with loss: counted, beside the square root law."""
    losses = [10 ** (n / 4 - 4) for n in range(9)]
    return Lines(
        [
            Curve("√(3/2p)", [(p, sqrt(1.5 / p)) for p in losses], GREY, "dashed"),
            Curve("counted", [(p, mean_window(p)) for p in losses], OURS, "rings"),
        ],
        Axis("packets lost", log=True),
        Axis("mean window", "packets", log=True),
    )


def backoff() -> Lines:
    """Return the retransmission timer, which doubles with each timeout (RFC 6298 §5.5), up to a limit of 60 s."""
    points, now, timer = Points(), 0.0, 1.0
    while now < 150:
        points.append((now, timer))
        now, timer = now + timer, min(timer * 2, 60)
    points.append((now, timer))
    sent = [Curve("sent again", [(x, y) for x, y in points[1:-1]], OURS, "dots")]
    return Lines(
        [Curve("RTO", points, OURS, "steps"), *sent],
        TIME,
        Axis("timer", "s", low=0),
        areas=[Area(63, 150, "at its limit")],
    )


def two_flows(start: tuple[float, float], *, halve: bool) -> Phase:
    """Return how two windows share one path: both grow by one, then both halve, or both lose ten."""
    a, b = start
    points = [(a, b)]
    for _ in range(6):
        while a + b < PIPE + QUEUE:
            a, b = a + 1, b + 1
        points.append((a, b))
        a, b = (a / 2, b / 2) if halve else (a - 10, b - 10)
        points.append((a, b))
    return Phase(points, PIPE + QUEUE, "packets", remarks=[Remark(*start, "start", (-4, 12))])


def waits(load: float, packets: int = 20_000) -> Spread:
    """Return the wait before a link on which packets of 1 ms arrive at random: Lindley's recursion."""
    dice, wait, seen = random.Random(48), 0.0, []
    for _ in range(packets):
        wait = max(0.0, wait + 1 - dice.expovariate(load))
        seen.append(wait + 1)
    seen.sort()
    name = f"{load:.0%} busy".replace("%", " %")
    return Spread(name, seen[0], seen[packets // 2], seen[packets * 99 // 100], OURS if load > 0.9 else GREY)


def query() -> Bytes:
    """Return a DNS query for www.example.com, read by a recorder (RFC 1035 §4.1)."""
    wire = bytes.fromhex("1a2b 0100 0001 0000 0000 0000 03777777 076578616d706c65 03636f6d 00 0001 0001")
    r = Recorder(wire)
    for name in ("ID", "flags", "QDCOUNT", "ANCOUNT", "NSCOUNT", "ARCOUNT"):
        r.uint(2, name)
    r.take(r.until(b"\0"), "QNAME", lambda name: "www.example.com")
    r.uint(2, "QTYPE", lambda code: "A")
    r.uint(2, "QCLASS", lambda code: "IN")
    rules = {"ID": "RFC 1035 §4.1.1", "QNAME": "RFC 1035 §4.1.2", "QTYPE": "RFC 1035 §3.2.2"}
    return Bytes(wire, r.spans, rules=rules, hues={"QNAME": SERVER})


def frame() -> Bytes:
    """Return a masked WebSocket frame that says Hello (RFC 6455 §5.7), its first two bytes opened into bits."""
    wire = bytes.fromhex("81 85 37 fa 21 3d 7f 9f 4d 51 58")
    r = Recorder(wire)
    r.uint(1, "FIN, opcode")
    r.uint(1, "MASK, length")
    key = r.take(4, "masking key", lambda key: key.hex())
    r.take(5, "payload", lambda data: bytes(b ^ key[n % 4] for n, b in enumerate(data)).decode())
    parts = [Bits(0, [("FIN", 1), ("RSV", 3), ("opcode", 4)]), Bits(1, [("MASK", 1), ("length", 7)])]
    return Bytes(wire, r.spans, parts, hues={"payload": FRESH, "masking key": QUEUED})


def status() -> Bytes:
    """Return a line of HTTP/1.1 with its letters below, its end among them (RFC 9112 §4)."""
    wire = b"HTTP/1.1 404 Not Found\r\n"
    r = Recorder(wire)
    for size, name in ((9, "version"), (4, "status"), (9, "reason"), (2, "line end")):
        r.take(size, name)
    return Bytes(wire, r.spans, hues={"status": LOST, "line end": GREY}, letters=True)


def syn() -> Header:
    """Return the header of a SYN, its numbers read from the bytes (RFC 9293 §3.1)."""
    r = Reader(bytes.fromhex("c822 01bb 2d6b 0a4c 0000 0000 5002 faf0 5a1c 0000"))
    ports, number, ack = [r.uint(2, "port") for _ in range(2)], r.uint(4, "sequence"), r.uint(4, "ack")
    bits, window, total, urgent = (r.uint(2, name) for name in ("bits", "window", "checksum", "urgent"))
    flags = [
        Field(name, 1, f"{bits >> place & 1}", hue=OURS if bits >> place & 1 else GREY)
        for place, name in zip(range(7, -1, -1), ("CWR", "ECE", "URG", "ACK", "PSH", "RST", "SYN", "FIN"), strict=True)
    ]
    return Header(
        [
            Field("source port", 16, f"{ports[0]}"),
            Field("destination port", 16, f"{ports[1]}"),
            Field("sequence number", 32, f"{number}"),
            Field("acknowledgment number", 32, f"{ack}", GREY),
            Field("data offset", 4, f"{bits >> 12}"),
            Field("reserved", 4, "0", GREY),
            *flags,
            Field("window", 16, f"{window}", FRESH),
            Field("checksum", 16, f"0x{total:04x}", GREY),
            Field("urgent pointer", 16, f"{urgent}", GREY),
        ]
    )


def ethernet() -> Header:
    """Return an Ethernet header, whose addresses cross the edges of the rows."""
    return Header(
        [Field("destination", 48, "ff:ff:ff:ff:ff:ff"), Field("source", 48, hue=OURS), Field("type", 16, "0x0800")]
    )


def handshake() -> Conversation:
    """Return a TLS 1.3 handshake over TCP on a path of 20 ms one way (RFC 8446 §2)."""
    flight = {"EncryptedExtensions": 32, "Certificate": 842, "CertificateVerify": 286, "Finished": 58}
    secret = [Message(0.06, "server", "client", name, size, hue=ENCRYPTED) for name, size in flight.items()]
    return Conversation(
        [
            Message(0.00, "client", "server", "SYN", 60),
            Message(0.02, "server", "client", "SYN, ACK", 60),
            Message(0.04, "client", "server", "ACK, ClientHello", 557),
            Message(0.06, "server", "client", "ServerHello", 127),
            *secret,
            Message(0.08, "client", "server", "Finished", 58, hue=ENCRYPTED),
            Message(0.08, "client", "server", "GET /", 112, hue=ENCRYPTED),
            Message(0.10, "server", "client", "200 OK", 1080, hue=ENCRYPTED),
        ],
        [Bracket(0, 0.04, "1 RTT\nTCP"), Bracket(0.04, 0.08, "1 RTT\nTLS 1.3")],
    )


def lost_syn() -> Conversation:
    """Return what a lost SYN costs: the first retransmission timer is 1 s (RFC 6298 §2.1)."""
    return Conversation(
        [
            Message(0.00, "client", "server", "SYN", 60, lost=True),
            Message(1.00, "client", "server", "SYN again", 60),
            Message(1.02, "server", "client", "SYN, ACK", 60),
            Message(1.04, "client", "server", "ACK", 52),
        ],
        notes=[
            Note(0, "client", "SYN-SENT"),
            Note(1.02, "server", "SYN-RECEIVED"),
            Note(1.04, "client", "ESTABLISHED"),
        ],
    )


def proxy() -> Conversation:
    """Return two requests through a cache that is near, to an origin that is far."""
    near, far = 0.010, 0.040
    return Conversation(
        [
            Message(0.00, "browser", "cache", "GET /logo", 300, delay=near),
            Message(0.01, "cache", "origin", "GET /logo", 340, delay=far),
            Message(0.05, "origin", "cache", "200 OK", 1200, delay=far),
            Message(0.09, "cache", "browser", "200 OK", 1240, delay=near),
            Message(0.50, "browser", "cache", "GET /logo", 300, delay=near),
            Message(0.51, "cache", "browser", "200, Age: 0", 1250, delay=near),
        ],
        notes=[Note(0.09, "cache", "stored")],
    )


def lease() -> States:
    """Return the client's states of DHCP (RFC 2131 §4.4, figure 5, without its short cuts)."""
    table = [
        Step("INIT", "send DISCOVER", "SELECTING"),
        Step("SELECTING", "OFFER", "REQUESTING"),
        Step("REQUESTING", "ACK", "BOUND"),
        Step("REQUESTING", "NAK", "INIT"),
        Step("BOUND", "T1", "RENEWING"),
        Step("RENEWING", "ACK", "BOUND"),
        Step("RENEWING", "T2", "REBINDING"),
        Step("REBINDING", "ACK", "BOUND"),
        Step("REBINDING", "expiry, NAK", "INIT"),
    ]
    at = {
        "INIT": (0, 0),
        "SELECTING": (1, 0),
        "REQUESTING": (2, 0),
        "BOUND": (2, 1),
        "RENEWING": (1, 1),
        "REBINDING": (0, 1),
    }
    return States(table, at, hot=[("INIT", "SELECTING"), ("SELECTING", "REQUESTING"), ("REQUESTING", "BOUND")])


def phases() -> States:
    """Return Reno's three phases (RFC 5681 §3), placed by distance from the first."""
    return States(
        [
            Step("slow start", "cwnd ≥ ssthresh", "congestion avoidance"),
            Step("slow start", "three duplicate ACKs", "fast recovery"),
            Step("slow start", "timeout", "slow start"),
            Step("congestion avoidance", "three duplicate ACKs", "fast recovery"),
            Step("congestion avoidance", "timeout", "slow start"),
            Step("fast recovery", "new ACK", "congestion avoidance"),
            Step("fast recovery", "timeout", "slow start"),
        ],
        hot=[("congestion avoidance", "fast recovery"), ("fast recovery", "congestion avoidance")],
    )


def sums() -> Grid:
    """Return which damage which sum notices, tried out on 64 bytes."""
    good = bytes(range(64))
    harm = {
        "one bit flipped": bytes([good[0] ^ 1]) + good[1:],
        "two bytes swapped": bytes([good[1], good[0]]) + good[2:],
        "two 16-bit words swapped": good[2:4] + good[:2] + good[4:],
        "the last byte missing": good[:-1],
    }
    notices = [[checksum(bad) != checksum(good), zlib.crc32(bad) != zlib.crc32(good)] for bad in harm.values()]
    missed = [(r, c) for r, row in enumerate(notices) for c, notice in enumerate(row) if not notice]
    return Grid(list(harm), ["Internet checksum", "CRC-32"], notices, wrong=missed)


def half_life() -> Timeline:
    """Return what a client does during a lease of an hour: T1 is half of it, T2 seven eighths (RFC 2131 §4.4.5)."""
    whole = 3600.0
    t1, t2 = whole / 2, whole * 7 / 8
    return Timeline(
        [
            Stretch("BOUND", 0, t1, "uses its address", FRESH),
            Stretch("RENEWING", t1, t2, "asks its server", CONTROL),
            Stretch("REBINDING", t2, whole, "asks all", STALE),
        ],
        marks=[(t1, "T1"), (t2, "T2"), (whole, "expiry")],
    )


def path() -> Topology:
    """Return two hosts and the two routers between them."""
    return Topology(
        [Host("client", (0, 0), hue=OURS), Host("r1", (1, 0), "router"), Host("r2", (2, 0), "router"),
         Host("server", (3, 0), hue=SERVER)],
        [Link("client", "r1", "1 Gbit/s", ("10.0.0.2", "10.0.0.1")),
         Link("r1", "r2", "12 Mbit/s\n24 packets", hue=QUEUED),
         Link("r2", "server", "1 Gbit/s", ("192.0.2.1", "192.0.2.2"))],
    )  # fmt: skip


def home() -> Topology:
    """Return two hosts behind one address."""
    inside = [Host("alice", (0, 0), hue=INSIDE), Host("bob", (0, 1), hue=INSIDE)]
    outside = [Host("nat", (1, 0.5), "router", "1 public address"), Host("server", (2, 0.5), hue=PEER)]
    links = [
        Link("alice", "nat", ends=("10.0.0.2", "")),
        Link("bob", "nat", ends=("10.0.0.3", "")),
        Link("nat", "server", ends=("203.0.113.1", "192.0.2.2")),
    ]
    return Topology([*inside, *outside], links, zones={"private: 10.0.0.0/24": ["alice", "bob"]})


def overhead() -> Bars:
    """Return what travels with one keystroke over SSH's TCP connection, layer by layer, without SSH's own share."""
    return Bars(
        [
            Bar("the keystroke", 1, "1 byte", OURS),
            Bar("TCP header", 20),
            Bar("IPv4 header", 20),
            Bar("Ethernet header, FCS", 18),
        ],
        Axis("bytes in the frame"),
    )


def drawings() -> Iterator[tuple[str, str, object, int]]:
    """Return a name, a title, a drawing and a height for each picture."""
    yield "lines", "Reno fills the queue, then halves", sawtooth(), 300
    yield "law", "Four times the loss, half the window", law(), 300
    yield "steps", "Each timeout doubles the wait", backoff(), 260
    yield "stacked", "The queue's wait follows the window", stacked(), 400
    yield (
        "beside",
        "A longer queue, a longer wait",
        Panels([Panel(f"room for {n}", sawtooth(n, names=False)) for n in (12, 60)]),
        260,
    )
    yield "phase", "Halving halves the difference", two_flows((40, 14), halve=True), 380
    yield "phases", "Halving is fair, subtracting is not", Panels([Panel("halve", two_flows((40, 14), halve=True)),
        Panel("subtract ten", two_flows((40, 14), halve=False))]), 380  # fmt: skip
    yield "bars", "One byte costs 58 more", overhead(), 300
    yield "spreads", "The last tenth of the link costs the most", Spreads([waits(n) for n in (0.5, 0.8, 0.95)],
        Axis("through the link", "ms")), 300  # fmt: skip
    yield "query", "A query is 33 bytes", query(), 300
    yield "frame", "Eleven bytes say Hello", frame(), 300
    yield "letters", "A line ends in two bytes that are no letters", status(), 300
    yield "syn", "A SYN is a header and nothing else", syn(), 300
    yield "ethernet", "Fourteen bytes before every packet", ethernet(), 300
    yield "handshake", "After ServerHello, nobody else can read", handshake(), 300
    yield "lost", "One lost SYN costs a second", lost_syn(), 300
    yield "proxy", "The second time, nobody asks the origin", proxy(), 300
    yield "lease", "A lease is a walk round this table", lease(), 300
    yield "machine", "Recovery leads back to avoidance", phases(), 300
    yield "grid", "The checksum does not see the order", sums(), 300
    yield "timeline", "Half of the lease is quiet", half_life(), 300
    yield "path", "The narrow link is in the middle", path(), 300
    yield "home", "Two hosts, one address", home(), 300


def pictures() -> dict[str, Picture]:
    """Return the gallery."""
    note = "computed, not measured"
    return {
        name: Picture(title, drawing, f"A small example of {name}.", "Look at the shape.", note, height=height)  # type: ignore[arg-type]
        for name, title, drawing, height in drawings()
    }


if __name__ == "__main__":
    from netlab.show.paint import figure, look

    folder = Path(sys.argv[1])
    for name, picture in pictures().items():
        if len(sys.argv) > 2 and name not in sys.argv[2:]:
            continue
        for width in (680, 344):
            made = figure(picture, width)
            with look():
                made.savefig(folder / f"{name}-{width}.png", dpi=108)
