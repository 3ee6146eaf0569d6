"""Whether this machine gives a lab: asked by trying, once."""

from __future__ import annotations

import platform
from functools import cache
from typing import NamedTuple

from netlab.lab.failures import UnavailableError


class Available(NamedTuple):
    """The answer. It counts as true where there is a lab; else ``step`` is what was refused, ``errno`` with what."""

    yes: bool
    step: str = ""
    errno: int = 0
    sentence: str = ""

    def __bool__(self) -> bool:
        return self.yes


@cache
def available() -> Available:
    """Return whether labs can be made here: make one, with two hosts, a link and a packet socket (some 60 ms, once).

    No guess is made at the cause of a refusal: the step and its errno say what is known.
    """
    try:
        return _try()
    except UnavailableError as refused:
        return Available(False, refused.step, refused.errno or 0, str(refused))


def _try() -> Available:
    from netlab.lab.lab import Lab  # noqa: PLC0415 - not where there is none

    step = "starting the helper"
    try:
        with Lab() as lab:
            step = "making network namespaces"
            one, other = lab.hosts("one other")
            step = "a link with a rate and a delay (veth, tbf, AF_PACKET)"
            lab.link(one, other, rate=1e9, delay=0)
    except UnavailableError:
        raise
    except OSError as refused:
        raise UnavailableError(step, refused.errno or 0, refused.strerror or str(refused)) from refused
    return Available(True, sentence=f"labs are made by {system()}")


def system() -> str:
    """Return the kernel's name and version: "Linux 6.18"."""
    release = platform.release().split("-")[0].split(".")
    return f"{platform.system()} {'.'.join(release[:2])}"
