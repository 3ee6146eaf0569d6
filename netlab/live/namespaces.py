"""Panels of the chapter on network namespaces. They ask the model, beside which the chapter sets the kernel."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from netlab.live import Choices, Range, panel
from netlab.networks.namespaces import FAULTS, figures
from netlab.picture import Picture

NAMES = [fault.name for fault in FAULTS]


@panel
def network(step: Annotated[int, Range(0, 9, 1)] = 9) -> Picture:
    """Go back to the first step, and up again. Before each, say which ping it will change, and how."""
    return figures.built(step)


@panel
def faults(
    first_fault: Annotated[str, Choices(*NAMES)] = "no forwarding",
    second_fault: Annotated[str, Choices(*NAMES)] = "no way back",
) -> Picture:
    """Two faults at once: which of them is seen? Find a pair of which the pings show both."""
    return figures.together(NAMES.index(first_fault), NAMES.index(second_fault))


@panel
def sizes(
    mtu: Annotated[int, Range(600, 1500, 10, "bytes")] = 1400,
    big_ping: Annotated[int, Range(560, 1472, 4, "bytes")] = 1472,
) -> Picture:
    """What is the largest ping that passes all three? And does TCP get through where that ping does?"""
    drawn = figures.sizes(figures.narrowed(mtu, big_ping), mtu=mtu, ping=big_ping)
    measured = (mtu, big_ping) == (1400, 1472)
    kernel = "the kernel says the same" if measured else "the kernel was not asked about these sizes"
    return replace(drawn, note=f"{drawn.note}; worked out by three rules: {kernel}")
