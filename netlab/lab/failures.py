"""What can go wrong with a lab besides what one may do with it: the machine gives none, or it ended too early."""

from __future__ import annotations


class UnavailableError(OSError):
    """This machine gives no lab. ``step`` names what was tried when it refused, ``errno`` its reason."""

    def __init__(self, step: str, errno: int = 0, reason: str = "") -> None:
        super().__init__(errno, reason, step)
        self.step = step

    def __str__(self) -> str:
        why = f": {self.strerror} (errno {self.errno})" if self.errno else f": {self.strerror}" if self.strerror else ""
        return f"no lab on this machine: {self.step} failed{why}"


class LabGoneError(ConnectionError):
    """The lab has ended, by ``close`` or because its helper died: nothing in it exists any more."""


class ProgramError(OSError):
    """A program on a host ended with another code than 0; the sentence has the last of what it said."""
