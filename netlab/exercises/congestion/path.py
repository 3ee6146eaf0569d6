"""Fill in what a path holds: five numbers that follow from three.

The right numbers are computed from ``Path``, the same that the chapter's figures are made of. So are the known
wrong ones: each is what the path would give to somebody who left one thing out.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isclose
from typing import Any, NamedTuple

from netlab.exercises.asking import shown
from netlab.exercises.exercise import Exercise, Wrong
from netlab.exercises.naming import by_name
from netlab.transport.congestion import Path

PATH = Path(rate=24e6, delay=0.025, queue=50)  # bit/s, s one way, packets: 50 ms there and back

ALSO_RIGHT = {"after_a_loss": ((PATH.full + 1) / 2,)}  # who counts the packet that was one too many


class Slip(NamedTuple):
    """Who gives this ``value`` has left something out, or put something in; ``shows`` says what."""

    value: float
    shows: str


def numbers(path: Path) -> dict[str, float]:
    """Return the five numbers of ``path`` by the names that the reader fills in; times in ms, the rest in packets."""
    return {
        "ms_per_packet": path.packet_time * 1000,
        "pipe": path.pipe,
        "full": path.full,
        "after_a_loss": path.full / 2,  # FlightSize / 2, RFC 5681 §3.1, equation 4
        "rtt_at_the_brim_ms": (path.rtt + path.queue * path.packet_time) * 1000,
    }


def slips(path: Path) -> dict[str, tuple[Slip, ...]]:
    """Return, for each of the five, the wrong numbers that people give for ``path``, and why they do."""
    ms, pipe, full, brim = (numbers(path)[name] for name in ("ms_per_packet", "pipe", "full", "rtt_at_the_brim_ms"))
    return {
        "ms_per_packet": (
            Slip(ms / 8, "A rate counts bits, a packet bytes: 1500 bytes are 12,000 bits."),
            Slip(1 / ms, "That is how many packets leave in one ms. How long does one take?"),
            Slip(ms / 1000, "That is in seconds."),
        ),
        "pipe": (
            Slip(pipe / 2, "That fills the way there. The ACK has to come back too: take the whole round trip."),
            Slip(pipe * 8, "A rate counts bits: divide by the bits of a packet, not by its bytes."),
            Slip(full, "That is pipe and queue together. The pipe is full when the queue is still empty."),
        ),
        "full": (
            Slip(pipe, "The queue stores packets too: nothing is lost before it has no room either."),
            Slip(path.queue, "The packets on their way count too, and not only those that wait."),
            Slip(full + 1, "That is the packet that finds no room. One fewer fits."),
        ),
        "after_a_loss": (
            Slip(pipe / 2, "Half of what was in flight, and when the loss comes the queue is in flight too."),
            Slip(1, "Back to 1 is what a timeout does, or Tahoe. Three duplicate ACKs only halve."),
            Slip(full * 0.7, "CUBIC keeps 0.7 of its window. Reno keeps half."),
            Slip(full, "That is before the loss."),
        ),
        "rtt_at_the_brim_ms": (
            Slip(path.rtt * 1000, "That is the empty path. At the brim each packet waits behind a full queue."),
            Slip(brim - path.rtt * 1000, "That is the wait alone. The way there and back comes on top of it."),
            Slip(brim / 1000, "That is in seconds."),
        ),
    }


def judge(answer: Any) -> Iterator[str]:
    """Yield what is wrong with the five numbers. Only the first wrong one: the others may follow from it."""
    right, known = numbers(PATH), slips(PATH)
    faults = by_name(answer, right)
    yield from faults
    if faults:
        return
    for name, value in right.items():
        given = answer[name]
        if isinstance(given, bool) or not isinstance(given, (int, float)):
            yield f"{name} is {shown(given)}, which is not a number."
        elif not any(isclose(given, one, rel_tol=1e-3) for one in (value, *ALSO_RIGHT.get(name, ()))):
            why = (slip.shows for slip in known[name] if isclose(given, slip.value, rel_tol=1e-3))
            yield f"{name} is not {given:g}. {next(why, 'Work it out from the rate, the round trip and the queue.')}"


def _but(**changed: float) -> dict[str, float]:
    return numbers(PATH) | changed


EXERCISE = Exercise(
    name="congestion.path",
    question="24 Mbit/s, a round trip of 50 ms, a queue of 50 packets: what does this path hold?",
    judge=judge,
    hint="24 Mbit/s is two packets of 1500 bytes in each ms.",
    idea="A window is packets, and packets are time: each one in the queue makes everybody wait for half a ms more.",
    wrong=(
        Wrong(_but(full=100, after_a_loss=50), "The queue stores packets too"),
        Wrong(_but(ms_per_packet=0.0625, pipe=800, full=850, after_a_loss=425), "A rate counts bits"),
        Wrong(_but(pipe=50, full=100, after_a_loss=50), "The ACK has to come back too"),
        Wrong(_but(after_a_loss=1), "what a timeout does, or Tahoe"),
        Wrong(_but(rtt_at_the_brim_ms=50), "That is the empty path"),
    ),
)
