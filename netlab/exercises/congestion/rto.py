"""Write the retransmission timer: how long to wait for an ACK before sending again (RFC 6298 §2).

The four rules that are checked, in the RFC's own numbers:

    2.1  before the first sample R, RTO is 1 s
    2.2  after it, SRTT = R, RTTVAR = R/2, RTO = SRTT + max(G, 4·RTTVAR), where G is the clock's tick
    2.3  after each further one, RTTVAR = ¾·RTTVAR + ¼·|SRTT − R|, and only then SRTT = ⅞·SRTT + ⅛·R
    2.4  an RTO below 1 s is rounded up to 1 s
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isclose

from netlab.exercises.asking import Asked
from netlab.exercises.exercise import Exercise, Wrong


def judge(rto: Asked) -> Iterator[str]:
    """Yield what is wrong with ``rto(samples, *, least=1.0, tick=0.0)``: seconds in, seconds out."""
    yield from _one_sample(rto)
    yield from _more_samples(rto)
    yield from _tick(rto)
    if not rto.refuses([-0.1]):
        yield "rto([-0.1]) should raise ValueError: no round trip is shorter than nothing."


def _one_sample(rto: Asked) -> Iterator[str]:
    """Rules 2.1, 2.2 and 2.4: nothing measured, one thing measured, and the least that there may be."""
    if not near(rto([]), 1.0):
        yield f"rto([]) gave {rto([]):g}. Before anything is measured the timer is 1 s (rule 2.1)."
    first = rto([0.1], least=0)
    if near(first, 0.1):
        yield "rto([0.1], least=0) gave 0.1. After one sample RTTVAR is not 0 but half of that sample (rule 2.2)."
    if near(first, 0.2):
        yield "rto([0.1], least=0) gave 0.2. Four times RTTVAR comes on top of SRTT, not twice the sample (rule 2.2)."
    if not near(first, 0.1 + 4 * 0.05):
        yield f"rto([0.1], least=0) gave {first:g}. SRTT = 0.1 and RTTVAR = 0.05: 0.1 + 4 × 0.05 (rule 2.2)."
    if not near(rto([0.1]), 1.0) or not near(rto([0.1], least=0.4), 0.4):
        yield f"rto([0.1]) gave {rto([0.1]):g}. The timer is never below `least`, which is 1 s (rule 2.4)."


def _more_samples(rto: Asked) -> Iterator[str]:
    """Rule 2.3: a jump, a scale, and a path that has come to rest."""
    jump = rto([0.1, 0.3], least=0)
    if near(jump, 0.125 + 4 * 0.08125):
        yield "rto([0.1, 0.3], least=0) gave 0.45: you updated SRTT first. RTTVAR needs the old one (rule 2.3)."
    if near(jump, 0.15 + 4 * 0.06875):
        yield "rto([0.1, 0.3], least=0) gave 0.425: the gains are swapped. ⅛ is for SRTT, ¼ for RTTVAR (rule 2.3)."
    if near(jump, 0.3 + 4 * 0.15):
        yield "rto([0.1, 0.3], least=0) gave 0.9. SRTT remembers: the new sample counts for one eighth (rule 2.3)."
    if not near(jump, 0.125 + 4 * 0.0875):
        yield f"rto([0.1, 0.3], least=0) gave {jump:g}. SRTT = 0.125 and RTTVAR = 0.0875 (rule 2.3)."
    if not near(rto([0.1, 0.2], least=0), 0.1125 + 4 * 0.0625):
        yield f"rto([0.1, 0.2], least=0) gave {rto([0.1, 0.2], least=0):g} instead of 0.3625 (rule 2.3)."
    samples = [0.1, 0.3, 0.2, 0.25]
    if not near(rto([7 * sample for sample in samples], least=0), 7 * rto(samples, least=0)):
        yield "Seven times longer samples should give a seven times longer timer: is there a constant in the way?"
    if not isclose(rto([0.2] * 50, least=0), 0.2, rel_tol=0.01):
        yield "Fifty samples of 0.2 s leave nothing to vary: the timer should come down to 0.2 s (rule 2.3)."


def _tick(rto: Asked) -> Iterator[str]:
    """The G of rule 2.2: a clock that ticks every 0.1 s cannot promise less than one tick of variation."""
    calm, shaken = rto([0.2] * 50, least=0, tick=0.1), rto([0.1], least=0, tick=0.01)
    if isclose(calm, 0.2, rel_tol=0.01):
        yield "With tick=0.1 and a calm path the timer is SRTT + tick: max(tick, 4·RTTVAR) is added (rule 2.3)."
    if not isclose(calm, 0.3, rel_tol=0.01) or not near(shaken, 0.3):
        yield f"rto([0.1], least=0, tick=0.01) gave {shaken:g}. The larger of tick and 4·RTTVAR counts, not both."


def near(a: float, b: float) -> bool:
    """Return whether two times are the same but for rounding."""
    return isclose(a, b, rel_tol=1e-6, abs_tol=1e-9)


def srtt_first(samples: Sequence[float], *, least: float = 1.0, tick: float = 0.0) -> float:
    """Update SRTT before RTTVAR: reads well, and measures the deviation from a mean that already moved."""
    if not samples:
        return 1.0
    srtt, rttvar = samples[0], samples[0] / 2
    for sample in samples[1:]:
        srtt += (sample - srtt) / 8
        rttvar += (abs(srtt - sample) - rttvar) / 4
    return max(least, srtt + max(tick, 4 * rttvar))


def without_least(samples: Sequence[float], *, least: float = 1.0, tick: float = 0.0) -> float:
    """Forget that the timer has a least value, and that there may be no sample yet."""
    srtt, rttvar = (samples[0], samples[0] / 2) if samples else (0.0, 0.25)
    return srtt + max(tick, 4 * rttvar)


def twice_the_mean(samples: Sequence[float], *, least: float = 1.0, tick: float = 0.0) -> float:
    """Wait for twice the mean, as if every path varied in proportion to its length."""
    return max(least, 2 * sum(samples) / len(samples)) if samples else 1.0


EXERCISE = Exercise(
    name="congestion.rto",
    question="Write rto(samples, *, least=1.0, tick=0.0): the retransmission timer, in s, after these samples.",
    judge=judge,
    hint="The order of the two updates matters.",
    idea="RTTVAR first, with the old SRTT; then SRTT; then the larger of the result and the least timer.",
    wrong=(
        Wrong(srtt_first, "you updated SRTT first"),
        Wrong(without_least, "never below `least`"),
        Wrong(twice_the_mean, "not twice the sample"),
    ),
    written=True,
)
