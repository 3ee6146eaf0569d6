"""TCP: a stream of bytes, numbered, acknowledged, with room to spare. RFC 9293 §3.1.

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    +-------------------------------+-------------------------------+
    |          source port          |       destination port        |
    +-------------------------------+-------------------------------+
    |                        sequence number                        |
    +---------------------------------------------------------------+
    |                     acknowledgment number                     |
    +-------+-------+-+-+-+-+-+-+-+-+-------------------------------+
    | data  |       |C|E|U|A|P|R|S|F|                               |
    |offset | rsrvd |W|C|R|C|S|S|Y|I|            window             |     data offset: where the data begins, in words
    |       |       |R|E|G|K|H|T|N|N|                               |
    +-------+-------+-+-+-+-+-+-+-+-+-------------------------------+
    |           checksum            |        urgent pointer         |
    +-------------------------------+-------------------------------+
    |                       options, padding                        |     data offset - 5 words
    +---------------------------------------------------------------+

>>> from netlab.wire import Reader
>>> syn = decode(Reader(bytes.fromhex("c000 0050 00000001 00000000 7002 ffff 0000 0000  0204 05b4 0101 0402")))
>>> syn.flag_text, syn.mss, syn.sack_permitted, syn.window_scale
('SYN', 1460, True, None)

What the options say is found when somebody asks. ``options`` keeps them as the bytes that came, known or not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntFlag
from typing import NamedTuple

from netlab.packet import options as opts
from netlab.packet.layout import Layout, bits, new
from netlab.packet.options import Option
from netlab.packet.udp import Internet
from netlab.wire import Reader, WireError, checksum, uint

PROTOCOL = 6
RULE = "RFC 9293 §3.1"


class Flag(IntFlag):
    """The control bits, from the last to the first: RFC 9293 §3.1."""

    FIN = 0x01
    SYN = 0x02
    RST = 0x04
    PSH = 0x08
    ACK = 0x10
    URG = 0x20
    ECE = 0x40
    CWR = 0x80


FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = Flag


def flag_text(flags: int) -> str:
    """Return the names of the control bits that are set, in the order of their numbers: "SYN, ACK"."""
    return ", ".join(flag.name or "" for flag in Flag if flags & flag)


# The options' kinds: RFC 9293 §3.2, RFC 7323 §2.2 and §3.2, RFC 2018 §2 and §3.
END, NOP, MSS, WINDOW_SCALE, SACK_PERMITTED, SACK, TIMESTAMPS = 0, 1, 2, 3, 4, 5, 8
LENGTHS = {MSS: 2, WINDOW_SCALE: 1, SACK_PERMITTED: 0, TIMESTAMPS: 8}  # of their data, in bytes

SAID: dict[int, Callable[[list[int]], str]] = {
    END: lambda _: "eol",
    NOP: lambda _: "nop",
    MSS: lambda numbers: f"mss {numbers[0]}",
    WINDOW_SCALE: lambda numbers: f"wscale {numbers[0]}",
    SACK_PERMITTED: lambda _: "sackOK",
    SACK: lambda n: f"sack {len(n) // 2} " + "".join(f"{{{n[i]}:{n[i + 1]}}}" for i in range(0, len(n), 2)),
    TIMESTAMPS: lambda numbers: "TS val {} ecr {}".format(*numbers),
}


def option_text(option: Option) -> str:
    """Return an option in words, as tcpdump has them."""
    kind, data = option
    fits = len(data) % 8 == 0 if kind == SACK else len(data) == LENGTHS.get(kind, 0)
    if kind not in SAID or not fits:
        return f"unknown-{kind} 0x{data.hex()}"
    return SAID[kind]([int.from_bytes(data[at : at + 4]) for at in range(0, len(data), 4)])


def encode_options(
    mss: int | None = None,
    window_scale: int | None = None,
    *,
    sack_permitted: bool = False,
    sack: Sequence[tuple[int, int]] = (),
    timestamps: tuple[int, int] | None = None,
) -> bytes:
    """Return the bytes of a header's options, filled up to whole words. Raises ``ValueError`` for what does not fit.

    >>> encode_options(mss=1460, window_scale=7).hex(" ", 4)
    '020405b4 03030700'
    """
    given = [
        *([] if mss is None else [Option(MSS, uint(mss, 2, "MSS"))]),
        *([Option(SACK_PERMITTED)] if sack_permitted else []),
        *([] if timestamps is None else [Option(TIMESTAMPS, b"".join(uint(t, 4, "a timestamp") for t in timestamps))]),
        *([] if window_scale is None else [Option(WINDOW_SCALE, uint(window_scale, 1, "window scale"))]),
        *([Option(SACK, b"".join(uint(edge, 4, "an edge") for block in sack for edge in block))] if sack else []),
    ]
    return opts.padded(given, opts.TCP, 4)


HEADER = Layout(
    "TCP", "H source port", "H destination port", "I sequence number", "I acknowledgment number",
    "B data offset, rsrvd", "B control bits", "H window", "H checksum", "H urgent pointer",
    says={
        "data offset, rsrvd": lambda octet: f"{(octet >> 4) * 4} bytes",
        "control bits": flag_text,
        "checksum": "0x{:04x}".format,
    },
)  # fmt: skip


class TCP(NamedTuple):
    """A header. ``window`` counts bytes, before any scaling; ``rsrvd`` are four bits for times to come."""

    src_port: int = 0
    dst_port: int = 0
    seq: int = 0
    ack: int = 0
    rsrvd: int = 0
    flags: int = ACK
    window: int = 0xFFFF
    checksum: int = 0
    urgent_pointer: int = 0
    options: bytes = b""

    @property
    def data_offset(self) -> int:
        """Where the data begins, in words of 4 bytes."""
        return (HEADER.size + len(self.options)) // 4

    @property
    def flag_text(self) -> str:
        """The names of the control bits that are set."""
        return flag_text(self.flags)

    @property
    def mss(self) -> int | None:
        """The largest segment that its sender takes, in bytes of data (RFC 9293 §3.7.1)."""
        data = self._option(MSS)
        return None if data is None else int.from_bytes(data)

    @property
    def window_scale(self) -> int | None:
        """By how many bits the windows to come are to be shifted (RFC 7323 §2.2)."""
        data = self._option(WINDOW_SCALE)
        return None if data is None else data[0]

    @property
    def sack_permitted(self) -> bool:
        """Whether its sender understands SACK (RFC 2018 §2)."""
        return self._option(SACK_PERMITTED) is not None

    @property
    def sack(self) -> list[tuple[int, int]]:
        """What came behind a gap: of each block the first number, and the one after the last (RFC 2018 §3)."""
        data = self._option(SACK) or b""
        if len(data) % 8:
            raise WireError(f"blocks of SACK take 8 bytes each, and here are {len(data)}", "RFC 2018 §3")
        return [(int.from_bytes(data[n : n + 4]), int.from_bytes(data[n + 4 : n + 8])) for n in range(0, len(data), 8)]

    @property
    def timestamps(self) -> tuple[int, int] | None:
        """TSval, its sender's clock, and TSecr, the other's as it heard it last (RFC 7323 §3.2)."""
        data = self._option(TIMESTAMPS)
        return None if data is None else (int.from_bytes(data[:4]), int.from_bytes(data[4:]))

    def option_list(self) -> list[Option]:
        """Return the options, in their order. Raises ``WireError``, as those above do, where one breaks a rule."""
        return list(opts.split(self.options, opts.TCP))

    def _option(self, kind: int) -> bytes | None:
        """Return the data of the first option of that kind."""
        for option in self.option_list():
            if option.kind == kind:
                size = LENGTHS.get(kind, len(option.data))
                if len(option.data) != size:
                    raise WireError(
                        f"the option {kind} has data of {size} bytes, not {len(option.data)}", opts.TCP.rule
                    )
                return option.data
        return None

    def encode(self) -> bytes:
        """Return the header's bytes. Raises ``ValueError`` for a value that its field does not fit."""
        words, over = divmod(HEADER.size + len(self.options), 4)
        if over or words > 15:
            raise ValueError(f"options are whole words, 10 at most, and not {len(self.options)} bytes")
        offset = words << 4 | bits(self.rsrvd, 4, "rsrvd")
        return HEADER.pack(*self[:4], offset, *self[5:9]) + self.options

    def filled(self, body: bytes, carries: int | None, ip: Internet | None) -> TCP:
        """Return the header that fits its data: the checksum. Raises ``ValueError`` without addresses."""
        if ip is None:
            raise ValueError("the checksum of TCP covers the addresses: put it into IPv4 or IPv6")
        blank = self._replace(checksum=0).encode() + body
        return self._replace(checksum=checksum(ip.pseudo_header(PROTOCOL, len(blank)) + blank))


def decode(r: Reader) -> TCP:
    """Read a header. Raises ``WireError`` for one that says it is shorter than it is."""
    src_port, dst_port, seq, ack, offset, flags, window, check, urgent = HEADER.read(r)
    options = b""
    if offset >> 4 != 5:
        if offset < 0x50:
            raise WireError(f"a header of {offset >> 4} words has no room for its 5", RULE)
        options = opts.take(r, (offset >> 4) * 4 - 20, "TCP", opts.TCP, option_text)
    return new(TCP, (src_port, dst_port, seq, ack, offset & 15, flags, window, check, urgent, options))
