"""Events: who sent what to whom, and when. Sequence pictures, sentences and captures are made of a trace.

A simulator says what is sent at the moment when it is sent. What becomes of it is not its business:

>>> trace = Trace()
>>> for n, label in enumerate(["SYN", "SYN-ACK", "ACK"]):
...     src, dst = ("client", "server") if n % 2 == 0 else ("server", "client")
...     event = trace.sent(n * 0.020, src, dst, label, delay=0.020)
>>> trace
client sends SYN at 0 ms; server sends SYN-ACK at 20 ms; client sends ACK at 40 ms.
>>> trace.between("client", "server", since=0.020).hosts
('server', 'client')
>>> trace.pcap()[:4].hex()                        # a file for Wireshark, with times in nanoseconds
'a1b23c4d'

Times are in seconds, sizes in bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Literal

from netlab.trace.event import Event, checked, spoken

if TYPE_CHECKING:
    from netlab.picture import Bracket, Conversation, Hue, Note, Picture

__all__ = ["Event", "Trace"]


@dataclass(repr=False, slots=True)
class Trace:
    """A list of ``events``, in the order in which they were told. What is made of it is in the order of time.

    Raises ``ValueError`` for an event that cannot have happened: back in time, to its own sender, of less than
    no delay.
    """

    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.events = [checked(event) for event in self.events]

    def sent(
        self,
        time: float,
        src: str,
        dst: str,
        label: str,
        *,
        data: bytes = b"",
        size: int | None = None,
        delay: float = 0.020,
        lost: bool = False,
        seq: int | None = None,
        hue: Hue | None = None,
    ) -> Event:
        """Add that ``src`` sent ``label`` to ``dst``, and return the event (which says what the rest means).

        Without a ``size`` it is as long as its ``data``.
        """
        size = len(data) if size is None else size
        self.events.append(checked(Event(time, src, dst, label, data, size, delay, lost, seq, hue)))
        return self.events[-1]

    def __len__(self) -> int:
        return len(self.events)

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)

    def __repr__(self) -> str:
        """What happened, in words: a notebook should not print a thousand records."""
        return self.sentence()

    @property
    def hosts(self) -> tuple[str, ...]:
        """Everybody who sent or was sent something, in the order in which they were first heard of."""
        return tuple(dict.fromkeys(host for event in self.events for host in (event.src, event.dst)))

    def between(self, *hosts: str, since: float = 0.0, until: float = inf) -> Trace:
        """Return what these ``hosts`` (none: all) sent each other, from ``since`` on and before ``until``.

        Raises ``ValueError`` for a host that is not in the trace.
        """
        for host in hosts:
            if host not in self.hosts:
                raise ValueError(f"there is no host {host!r} in this trace, only {', '.join(self.hosts) or 'nobody'}")
        among = set(hosts or self.hosts)
        return Trace([e for e in self.events if {e.src, e.dst} <= among and since <= e.time < until])

    def conversation(
        self, brackets: Sequence[Bracket] = (), notes: Sequence[Note] = (), capture: bytes = b""
    ) -> Conversation:
        """Return the trace as a drawing: arrows between hosts, down the clock. Raises ``ValueError`` if it is empty.

        Of each message's data the first bytes go with it. A ``capture`` goes too, unless it is too large for a page.
        """
        from netlab.picture import Conversation, Message  # noqa: PLC0415 - 20 ms that a simulator need not pay
        from netlab.picture.diagrams import KEPT, LARGEST  # noqa: PLC0415 - as above

        messages = [
            Message(e.time, e.src, e.dst, e.label, e.size, e.lost, e.delay, e.hue, e.data[:KEPT])
            for e in self._in_time()
        ]
        return Conversation(messages, brackets, notes, capture if len(capture) <= LARGEST else b"")

    def picture(
        self,
        title: str,
        caption: str,
        *,
        sentence: str = "",
        note: str = "",
        brackets: Sequence[Bracket] = (),
        notes: Sequence[Note] = (),
        capture: bytes = b"",
    ) -> Picture:
        """Return the trace as a ``Picture``, whose sentence, unless another is given, tells it message by message.

        A page offers the ``capture`` below it: ``trace.pcap("tcp")``, or "udp". The trace does not know which, and
        offers none by itself. One too large for a page is left out.
        """
        from netlab.picture import Picture  # noqa: PLC0415 - as above

        drawing = self.conversation(brackets, notes, capture)
        return Picture(title, drawing, sentence or self.sentence(), caption, note)

    def sentence(self, most: int = 400) -> str:
        """Return the trace in words, for whoever cannot see the picture, in about ``most`` characters.

        What goes beyond is counted, never silently left out. Between two hosts it goes without saying to whom.
        """
        told, pair = "", len(self.hosts) == 2
        events = self._in_time()
        for n, event in enumerate(events):
            clause = event.clause(pair)
            if told and len(told) + len(clause) > most:
                more = f"{len(events) - n:,} more message{'s' if len(events) - n > 1 else ''}"
                return f"{told}; and {more}, the last at {spoken(events[-1].time)}."
            told += f"; {clause}" if told else clause
        return f"{told or 'nobody sends anything'}."

    def pcap(
        self,
        protocol: Literal["udp", "tcp"] = "udp",
        *,
        at: str | None = None,
        addresses: Mapping[str, str] | None = None,
        ports: Mapping[str, int] | None = None,
        epoch: int = 0,
    ) -> bytes:
        """Return the trace as a capture file, each message in a frame of its own: Ethernet, IPv4, then ``protocol``.

        ``at`` is the host where the capture is taken: it shows what that host sends, when it sends it, and what
        reaches it, when it arrives. So a message that was lost is in its sender's capture and not in its receiver's.
        With None every message is captured where it is sent, the lost ones too.

        ``addresses`` (IPv4) and ``ports`` are given by host. A host without gets an address of RFC 5737 §3, which is
        kept for documentation, and a port of the dynamic range (RFC 6335 §6). Time 0 is ``epoch`` s after 1970.

        Raises ``ValueError`` for a host or protocol that is not there, an address or port that is not one, and a
        message too long for a packet.
        """
        from netlab.trace.capture import capture  # noqa: PLC0415 - 20 ms with the room of packets, for captures alone

        events, hosts = self._in_time(), self.hosts
        return capture(events, hosts, protocol, at=at, addresses=addresses or {}, ports=ports or {}, epoch=epoch)

    def _in_time(self) -> list[Event]:
        return sorted(self.events, key=lambda event: event.time)
