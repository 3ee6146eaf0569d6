"""Pictures as values: what is to be seen, before anybody draws it.

A ``Picture`` is words and a drawing. The words say the message (``title``), the same to somebody who cannot
see it (``sentence``) and what to look for (``caption``). The drawing is one of a small vocabulary of records:

    Lines     curves on two axes: lines, steps, dots, dashes        Bytes      a hexdump with its fields' names
    Bars      one number for each of a few names                    Header     the same, 32 bits to a row
    Spreads   fastest, median and 99th percentile of each           States     a state machine, from its table
    Phase     two flows' shares of one link, as a moving point      Timeline   what lasts from when to when
    Grid      who accepts what                                      Topology   hosts, links and addresses
    Panels    several drawings on the same axes                     Conversation  who sent what to whom, when

A notebook draws it with matplotlib (``netlab.show``), a page draws it from ``data()``, a test compares it with
``==``. Nothing here knows how.

>>> window = Lines([Curve("cwnd", [(0, 10), (1, 20)])], Axis("time", "s"), Axis("window", "packets"))
>>> picture = Picture("It doubles", window, sentence="From 10 to 20 packets in 1 s.", caption="Each round.")
>>> picture
It doubles. From 10 to 20 packets in 1 s.
>>> picture.data()["drawing"]["curves"][0]["points"]
[[0, 10], [1, 20]]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, get_args

from netlab.picture.charts import Area, Axis, Bar, Bars, Curve, Level, Lines, Phase, Remark, Spread, Spreads
from netlab.picture.diagrams import (
    Bracket,
    Conversation,
    Grid,
    Host,
    Link,
    Message,
    Note,
    States,
    Step,
    Stretch,
    Timeline,
    Topology,
)
from netlab.picture.hues import (
    CLIENT,
    CONTROL,
    DELIVERED,
    ENCRYPTED,
    FRESH,
    GREY,
    INSIDE,
    KERNEL,
    LOST,
    OK,
    OURS,
    PEER,
    QUEUED,
    SERVER,
    STALE,
    Hue,
)
from netlab.picture.octets import Bits, Bytes, Field, Header

if TYPE_CHECKING:
    from netlab.wire import Span  # as in octets: only for mypy

__all__ = [
    "CLIENT",
    "CONTROL",
    "DELIVERED",
    "ENCRYPTED",
    "FRESH",
    "GREY",
    "INSIDE",
    "KERNEL",
    "LOST",
    "OK",
    "OURS",
    "PEER",
    "QUEUED",
    "SERVER",
    "STALE",
    "Area",
    "Axis",
    "Bar",
    "Bars",
    "Bits",
    "Bracket",
    "Bundle",
    "Bytes",
    "Conversation",
    "Curve",
    "Drawing",
    "Field",
    "Grid",
    "Header",
    "Host",
    "Hue",
    "Level",
    "Lines",
    "Link",
    "Message",
    "Note",
    "Panel",
    "Panels",
    "Phase",
    "Picture",
    "Remark",
    "Spread",
    "Spreads",
    "States",
    "Step",
    "Stretch",
    "Timeline",
    "Topology",
]

One = Lines | Bars | Spreads | Phase | Bytes | Header | Conversation | States | Grid | Timeline | Topology
KINDS = ", ".join(kind.__name__ for kind in get_args(One))


class Panel(NamedTuple):
    """One of several drawings, under its own title."""

    title: str
    drawing: One
    share: float = 1.0  # of the height, where panels stand one above the other


@dataclass(frozen=True, slots=True)
class Panels:
    """Small multiples: side by side on the same axes (stacked on a phone), or ``stacked`` on one clock."""

    panels: Sequence[Panel]
    stacked: bool = False

    def __post_init__(self) -> None:
        if not self.panels:
            raise ValueError("panels need at least one panel")
        for panel in self.panels:
            if not isinstance(panel.drawing, One):
                raise TypeError(f"a panel holds one of {KINDS}, not a {type(panel.drawing).__name__}")
            if not panel.share > 0:
                raise ValueError(f"the panel {panel.title!r} needs a share of the height above 0")


Drawing = One | Panels
Bundle = tuple[dict[str, str], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Picture:
    """One message and the drawing that proves it.

    ``title`` states the message; ``sentence`` says it to who cannot see, and is the alt text; ``caption`` (MyST)
    points at what to look for; ``note`` tells what was plotted under which conditions; ``badge`` where measured
    points come from ("live on Linux 6.18", "recorded 2026-11"). ``height`` is in px; diagrams know their own.

    Raises ``ValueError`` where one of the first three is missing (nobody should have to guess what to see), and
    ``TypeError`` where one is no text or the drawing is no drawing.
    """

    title: str
    drawing: Drawing
    sentence: str
    caption: str
    note: str = ""
    badge: str = ""
    height: int = 300

    painter: ClassVar[Callable[[Picture], Bundle] | None] = None  # set by whoever can draw: netlab.show

    def __post_init__(self) -> None:
        for word in ("title", "sentence", "caption", "note", "badge"):
            if not isinstance(text := getattr(self, word), str):
                raise TypeError(f"a picture's {word} is text, not a {type(text).__name__}")
            if word in ("title", "sentence", "caption") and not text.strip():
                raise ValueError(f"a picture needs a {word}")
        if not isinstance(self.drawing, Drawing):
            raise TypeError(f"a picture's drawing is one of {KINDS}, or Panels, not a {type(self.drawing).__name__}")
        if not self.height > 0:
            raise ValueError(f"a picture cannot be {self.height} px high")

    def __repr__(self) -> str:
        """Return title and sentence: what a screen reader, a terminal and a test see."""
        return f"{self.title}. {self.sentence}"

    def _repr_mimebundle_(self, **_: Any) -> Bundle:
        """Show the picture in a notebook; before ``import netlab.show`` there is nobody to draw it."""
        painter = type(self).painter
        return painter(self) if painter else ({"text/plain": repr(self)}, {})

    def data(self) -> dict[str, Any]:
        """Return the picture as JSON takes it: what a page draws from."""
        plain = as_data(self)
        assert isinstance(plain, dict)
        return plain


def as_data(value: Any) -> Any:
    """Return ``value`` as dicts, lists, strings and numbers; a drawing names its kind, bytes are hex.

    Points stay lists, because there are many and their order is their meaning; every other record is a dict.
    """
    if hasattr(value, "__dataclass_fields__"):
        kind = {"kind": type(value).__name__.lower()}
        plain = kind | {field.name: as_data(getattr(value, field.name)) for field in fields(value)}
        return plain | ({"spans": [as_read(span) for span in value.spans]} if isinstance(value, Bytes) else {})
    if hasattr(value, "_asdict"):
        return {name: as_data(part) for name, part in value._asdict().items()}
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    if isinstance(value, Mapping):
        return {str(name): as_data(part) for name, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [as_data(part) for part in value]
    return value


def as_read(span: Span) -> dict[str, Any]:
    """Return a span as data. Its value may be anything: bytes say that they are, all else is what a picture says of it.

    So text that reads like bytes stays text, and a number of 64 bits keeps them all.
    """
    value: Any = span.value
    said = {"hex": value.hex()} if isinstance(value, (bytes, bytearray)) else "" if value is None else f"{value}"
    return {"start": span.start, "stop": span.stop, "name": span.name, "value": said}
