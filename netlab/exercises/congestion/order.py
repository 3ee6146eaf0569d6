"""Put the events of one loss in order, as RFC 5681 §3.2 tells them.

What is asked for is not one list but an order of causes: where neither of two events needs the other, both
orders are right. ``BECAUSE`` holds each "this before that" with its reason, and nothing else decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from netlab.exercises.exercise import Exercise, Wrong
from netlab.exercises.naming import in_order

EVENTS = {  # in the order of the alphabet, which is not the answer
    "ack of all": "one ACK covers everything that was sent before the repair",
    "avoidance": "cwnd = ssthresh, and congestion avoidance goes on from there",
    "drop": "the queue is full, and one packet is dropped",
    "duplicates 1 and 2": "the receiver repeats its last ACK, twice",
    "duplicate 3": "the receiver repeats its last ACK a third time",
    "later packets": "packets that were sent after the lost one reach the receiver",
    "limited transmit": "the sender answers each of the first two repeated ACKs with one new packet",
    "retransmit": "the sender sends the lost packet again",
    "ssthresh": "the sender sets ssthresh to half of what is in flight",
}

BECAUSE = (  # (what comes first, what comes after it, why); the first one that an answer breaks is its reason
    ("duplicate 3", "retransmit", "The sender cannot see the drop. All that it has are ACKs, and it waits for three."),
    ("duplicate 3", "ssthresh", "Two duplicates may be mere reordering: nothing is cut before the third has come."),
    ("drop", "later packets", "Only packets behind the lost one leave a gap that the receiver can notice."),
    ("later packets", "duplicates 1 and 2", "A duplicate ACK answers a packet: one from behind the gap has to arrive."),
    ("duplicates 1 and 2", "duplicate 3", "The third is called so because two came before it."),
    ("duplicates 1 and 2", "limited transmit", "Limited transmit answers the first two duplicates: they come first."),
    ("limited transmit", "ssthresh", "Limited transmit is what the sender does while it still waits for the third."),
    ("limited transmit", "retransmit", "Limited transmit is what the sender does while it still waits for the third."),
    ("retransmit", "ack of all", "The receiver cannot acknowledge everything while it misses one packet."),
    ("ssthresh", "ack of all", "The window is cut when the loss is noticed, a round trip before it is repaired."),
    ("ack of all", "avoidance", "Fast recovery lasts until new data is acknowledged (RFC 5681 §3.2, step 6)."),
)


def judge(answer: Any) -> Iterator[str]:
    """Yield what is wrong with the order ``answer``, a list of the nine names or one text with commas between."""
    events, faults = in_order(answer, EVENTS)
    yield from faults
    if faults:
        return
    for first, then, why in BECAUSE:
        if events.index(first) > events.index(then):
            yield f"{then!r} comes after {first!r}. {why}"


_AT_ONCE = "drop, retransmit, later packets, duplicates 1 and 2, limited transmit, duplicate 3, ssthresh"
_EARLY_CUT = "drop, ssthresh, later packets, duplicates 1 and 2, limited transmit, duplicate 3, retransmit"
_NO_CAUSE = "drop, duplicates 1 and 2, limited transmit, later packets, duplicate 3, ssthresh, retransmit"

EXERCISE = Exercise(
    name="congestion.order",
    question="Put the nine events of one loss in the order in which they happen.",
    judge=judge,
    hint="What does the third duplicate need in order to exist?",
    idea="A loss is heard in what arrives after it, one round trip late. No timer took part.",
    wrong=(
        Wrong(f"{_AT_ONCE}, ack of all, avoidance", "The sender cannot see the drop"),
        Wrong(f"{_EARLY_CUT}, ack of all, avoidance", "Two duplicates may be mere reordering"),
        Wrong(f"{_NO_CAUSE}, ack of all, avoidance", "from behind the gap has to arrive"),
    ),
)
