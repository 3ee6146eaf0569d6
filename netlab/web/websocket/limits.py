"""What an end puts up with: how large, how often, and how late.

A machine without a clock asks to be woken, and is told the time when it is. Between two ticks nobody knows what time
it is. So a timer that is restarted asks for a tick at once (its deadline is 0.0, which is in the past on every clock)
and only then counts its seconds.

>>> timer = Timer()
>>> timer.deadline, timer.over(now=50.0, waits=10.0), timer.deadline
(0.0, False, 60.0)
>>> timer.over(now=60.0, waits=10.0)
True
"""

from __future__ import annotations

from dataclasses import dataclass

from netlab.web.websocket.codes import CloseCode, Failed

AT_ONCE = 0.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What an end puts up with. Raises ``ValueError`` for a limit that allows nothing."""

    message: int = 1 << 20
    """Octets of a message, inflated: more is refused with 1009."""
    frames: int | None = None
    """Frames in a second: more is refused with 1008. None: as many as come."""
    patience: float = 10.0
    """Seconds for the peer's part of a handshake, be it the opening or the closing one."""
    keepalive: float | None = None
    """Seconds of silence, then a ping is sent; and after as many more the peer is given up. None: silence is fine."""

    def __post_init__(self) -> None:
        for name in ("message", "frames", "patience", "keepalive"):
            limit = getattr(self, name)
            if limit is not None and not limit > 0:
                raise ValueError(f"a limit is above 0, unlike {name}: {limit}")


class Timer:
    """Runs from the first look at the clock after a restart."""

    def __init__(self) -> None:
        self.deadline: float | None = AT_ONCE

    def restart(self) -> None:
        """Count anew, from the next tick on."""
        self.deadline = AT_ONCE

    def start(self, now: float, waits: float | None) -> None:
        """Count ``waits`` seconds from ``now`` on. (None: for ever.)"""
        self.deadline = None if waits is None else now + waits

    def over(self, now: float, waits: float | None) -> bool:
        """Return whether the time is over; where it does not run yet, start it."""
        if self.deadline == AT_ONCE:
            self.start(now, waits)
            return False
        return self.deadline is not None and now >= self.deadline


class Allowance:
    """How many frames may still come in this second, of ``most`` in each. (None: as many as like to.)

    >>> allowance = Allowance(2)
    >>> allowance.tick(now=7.0)
    >>> for n in range(3):
    ...     allowance.spend()
    Traceback (most recent call last):
        ...
    netlab.web.websocket.codes.Failed: more than 2 frames in a second (RFC 6455 §10.4)
    """

    def __init__(self, most: int | None) -> None:
        self.most = most
        self.left = most or 0
        self._until = AT_ONCE

    def spend(self) -> None:
        """Count a frame. Raises ``Failed`` where it is one too many."""
        if self.most is not None:
            self.left -= 1
            if self.left < 0:
                raise Failed(
                    f"more than {self.most:,} frames in a second", "RFC 6455 §10.4", CloseCode.POLICY_VIOLATION
                )

    @property
    def deadline(self) -> float | None:
        """When there is more to spend again; None where nothing was spent."""
        return None if self.most is None or self.left == self.most else self._until

    def tick(self, now: float) -> None:
        """Begin another second, if this one is over."""
        if self.most is not None and now >= self._until:
            self.left, self._until = self.most, now + 1.0
