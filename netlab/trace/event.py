"""One message on its way: what a trace is a list of."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from netlab.picture import Hue

LONG = 60  # characters of a label that are said: nobody listens to more


class Event(NamedTuple):
    """``src`` sent ``label`` to ``dst`` at ``time``; ``delay`` seconds later it was there, unless it was lost.

    ``size`` is how many bytes it carried, of which ``data`` are the first: a simulator that only counts bytes gives
    no data, and a capture then shows zeros. In a TCP stream ``seq`` is the offset of its first byte, from 0; without
    it a message follows what its sender sent before, so only a retransmission has to say where it belongs.
    One with a ``hue`` of its own, such as ENCRYPTED, is drawn in it.
    """

    time: float  # s
    src: str
    dst: str
    label: str
    data: bytes = b""
    size: int = 0  # bytes
    delay: float = 0.020  # s
    lost: bool = False
    seq: int | None = None
    hue: Hue | None = None

    @property
    def arrival(self) -> float:
        """When it is there, in s (or would have been: whether it was lost is another question)."""
        return self.time + self.delay

    def clause(self, pair: bool) -> str:
        """Return the event in words; between a ``pair`` of hosts it goes without saying to whom."""
        label = self.label if len(self.label) <= LONG else f"{self.label[: LONG - 1]}…"
        size = f" ({self.size:,} B)" if self.size else ""
        to = "" if pair else f" to {self.dst}"
        lost = ", which is lost" if self.lost else ""
        return f"{self.src} sends {label}{size}{to} at {spoken(self.time)}{lost}"


def checked(event: Event) -> Event:
    """Return ``event``; raise ``ValueError``, with a sentence that names it, where it cannot have happened."""
    what = f"{event.label!r} from {event.src!r} to {event.dst!r}"
    if event.src == event.dst:
        raise ValueError(f"{what} goes nowhere: a message needs two hosts")
    if not 0 <= event.time < event.arrival < inf:  # as floats: after 30 years, a picosecond is no delay
        raise ValueError(f"{what} needs a time from 0 s on and a delay above 0 s, not {event.time} and {event.delay}")
    if event.size < len(event.data):
        raise ValueError(f"{what} has {len(event.data):,} bytes of data, which is more than its size, {event.size:,}")
    if event.seq is not None and event.seq < 0:
        raise ValueError(f"{what} needs a seq of 0 or more, not {event.seq}")
    return event


def spoken(time: float) -> str:
    """Return a time as one says it: 20 ms, 1.5 s.

    >>> spoken(0.0204), spoken(1.5), spoken(3600)
    ('20.4 ms', '1.5 s', '3,600 s')
    """
    return f"{time * 1000:.4g} ms" if time < 1 else f"{time:.4g} s" if time < 1000 else f"{time:,.0f} s"
