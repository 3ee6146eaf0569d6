"""A link: a cable between two hosts, and what is the matter with it.

    a: eth0   queue ─▶ rate ──┐                     ┌── rate ◀─ queue   eth0 :b
              (pfifo)  (tbf)  │  delay, loss, …     │   (tbf)  (pfifo)
                              └──── carrier ────────┘

Each direction is a ``Line`` of its own. Its rate and its queue are the sending interface's, and the kernel does them:
a token bucket lets frames out, those that come too early wait in a fifo, and the fifo drops from its tail. What happens
on the way, delay and loss, is its carrier's (netlab/lab/carrier.py); a cable without has none.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from netlab.lab import rtnetlink
from netlab.lab.waiting import uninterrupted

if TYPE_CHECKING:
    from netlab.lab.carrier import Carrier
    from netlab.lab.host import Host

FRAME = 14  # bytes of Ethernet before the packet
FASTEST = 1e15  # bit/s: where no kernel counts any more
LONGEST = 1_000_000  # packets
QUEUE = 1000  # packets: what Linux gives an interface (txqueuelen)


@dataclass(frozen=True, slots=True)
class Line:
    """What one direction of a link is like. ``None`` is what a plain cable does: as fast as it goes, at once.

    Raises ``ValueError`` for what no line can be like.
    """

    rate: float | None = None  # bit/s of Ethernet frames: 1,514 bytes for a packet of 1,500
    queue: int | None = None  # packets that may wait for the rate, at most
    delay: float | None = None  # s, one way
    jitter: float = 0.0  # s, more or less than the delay
    loss: float = 0.0  # probability
    reorder: float = 0.0  # probability that a frame is handed on at once, before those that wait

    def __post_init__(self) -> None:
        if self.rate is not None and not 8 <= self.rate <= FASTEST:
            raise ValueError(
                f"a link's rate is in bit/s and at least 8, at most {FASTEST:g}, or None for as fast as it goes: "
                f"not {self.rate}"
            )
        if self.queue is not None and not (isinstance(self.queue, int) and 1 <= self.queue <= LONGEST):
            raise ValueError(f"a link's queue holds a whole number of packets, from 1 to {LONGEST:,}: not {self.queue}")
        if self.queue is not None and self.rate is None:
            raise ValueError("packets queue where a rate holds them up: a link with a queue needs a rate")
        if self.delay is not None and not 0 <= self.delay <= 60:
            raise ValueError(f"a link's delay is from 0 to 60 s, one way: not {self.delay}")
        if not 0 <= self.jitter <= (self.delay or 0):
            raise ValueError(
                f"a link's jitter is from 0 s to its delay, which is {self.delay or 0} s: not {self.jitter}"
            )
        for name in ("loss", "reorder"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"a link's {name} is a probability, from 0 to 1: not {getattr(self, name)}")
        if self.reorder and not self.delay:
            raise ValueError("a frame overtakes others that wait: a link that reorders needs a delay")

    @property
    def emulated(self) -> bool:
        """Whether it takes more than a rate and a queue, which the interface itself has."""
        return self.delay is not None or bool(self.loss)

    def late(self) -> dict[str, Any]:
        """Return what an emulator is told."""
        return {"delay": self.delay or 0.0, "jitter": self.jitter, "loss": self.loss, "reorder": self.reorder}

    def __str__(self) -> str:
        """Return the line in a few words, for a diagram."""
        words = [
            self.rate and f"{scaled(self.rate)}bit/s",
            self.delay and f"{self.delay * 1e3:g} ms",
            self.queue and f"queue {self.queue}",
            self.loss and f"loss {self.loss:.3g}",
        ]
        return ", ".join(word for word in words if word)


def scaled(number: float) -> str:
    """Return a number with the prefix that makes it short.

    >>> scaled(20e6), scaled(1_500)
    ('20 M', '1.5 k')
    """
    size, prefix = next(
        ((size, name) for size, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")) if number >= size), (1, "")
    )
    return f"{number / size:.4g} {prefix}"


@dataclass(slots=True, eq=False)
class End:
    """One end of a link: an interface of a host, and the address that it got there."""

    host: Host
    device: str
    mac: bytes
    index: int = 0  # which the kernel gives
    addresses: list[rtnetlink.Interface] = field(default_factory=list)

    def address(self, version: int = 4) -> str:
        """Return the address without its network; "" if there is none."""
        return next((str(given.ip) for given in self.addresses if given.version == version), "")

    def place(self) -> tuple[str, bytes, int]:
        """Return the end as the kernel is told of it: name, MAC, network."""
        return self.device, self.mac, self.host.fd

    def find(self) -> None:
        """Learn the interface's number, once it is made."""
        self.index = self.host.index(self.device)

    def remove(self) -> None:
        """Remove the interface, if it was ever made."""
        if self.index:
            with suppress(OSError):  # the lab is gone, or the other end went first and took it along
                rtnetlink.delete(self.host.netlink, self.index)

    def shape(self, line: Line, mtu: int) -> None:
        """Have the interface send at the line's rate."""
        if line.rate is None:
            return
        queue = line.queue or QUEUE
        self.host.say(f"tc qdisc replace dev {self.device} root handle 1: tbf rate {line.rate:.0f}bit …")
        self.host.say(f"tc qdisc replace dev {self.device} parent 1:1 pfifo limit {queue}")
        rtnetlink.shape(self.host.netlink, self.index, line.rate, queue, mtu + FRAME)


@dataclass(slots=True, eq=False)
class Link:
    """A link and its two ends; ``lines[0]`` leads from ``a`` to ``b``, ``lines[1]`` back.

    ``carrier`` is the socket to whoever emulates it: None where the kernel does all.
    """

    a: End
    b: End
    lines: tuple[Line, Line]
    mtu: int
    carrier: Carrier | None = None

    @property
    def ends(self) -> tuple[End, End]:
        """Both ends."""
        return self.a, self.b

    def change(
        self,
        toward: Host | None = None,
        *,
        rate: float | None = None,
        queue: int | None = None,
        delay: float | None = None,
        jitter: float | None = None,
        loss: float | None = None,
        reorder: float | None = None,
    ) -> None:
        """Change what is given and keep the rest, while traffic flows; ``toward`` one end, or both ways.

        Raises ``ValueError`` for what no line can be like, for a host that is at neither end, and for a delay or
        loss on a link that was made without: a cable has no room for an emulator.
        """
        given = {"rate": rate, "queue": queue, "delay": delay, "jitter": jitter, "loss": loss, "reorder": reorder}
        wanted: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        chosen = [toward in (None, end.host) for end in reversed(self.ends)]
        if not any(chosen):
            raise ValueError(f"{toward} is at neither end of this link")
        with uninterrupted(), self.a.host.lab.control.lock:  # one change after the other
            lines = [replace(line, **wanted) if yes else line for line, yes in zip(self.lines, chosen, strict=True)]
            if self.carrier is None and any(line.emulated for line in lines):
                raise ValueError(
                    "this link was made as a plain cable: make it with a delay (0 will do) to change that later"
                )
            for end, line, old in zip(self.ends, lines, self.lines, strict=True):
                if line != old:
                    end.shape(line, self.mtu)
            if self.carrier:
                self.carrier.change(lines)
            self.lines = (lines[0], lines[1])

    def up(self) -> None:
        """Plug the cable in again; routes that were lost are added again."""
        for end in self.ends:
            end.host.up(end.device)
        for end in self.ends:
            end.host.restore()

    def down(self) -> None:
        """Pull the cable out: both interfaces go down, and the routes through them go."""
        for end in self.ends:
            end.host.down(end.device)

    def counts(self) -> tuple[dict[str, int], dict[str, int]] | None:
        """Return what happened to frames from ``a`` to ``b``, and back; None where the kernel carries them."""
        return self.carrier.counts() if self.carrier else None
