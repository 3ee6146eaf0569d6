"""Put the ten steps into an order in which nothing is used before it is there. The model takes them, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from netlab.exercises.exercise import Exercise, Wrong
from netlab.exercises.naming import in_order
from netlab.networks.namespaces.model import Model
from netlab.networks.namespaces.steps import STEPS, outside

NAMED = {step.name: step for step in STEPS}
NAMES = tuple(sorted(NAMED))  # an order that gives nothing away


def judge(answer: Any) -> Iterator[str]:
    """Yield what is wrong with an order of the ten names, a list or one text with commas between."""
    names, faults = in_order(answer, NAMES)
    yield from faults
    if faults:
        return
    model = Model()
    outside(model)
    for name in names:
        try:
            NAMED[name].take(model)
        except ValueError as refused:
            yield f"{name!r} cannot come there: {refused}."
            return


EXERCISE = Exercise(
    name="namespaces.order",
    question="Put the ten steps in an order in which none needs what is not there yet.",
    judge=judge,
    hint="An address needs an interface, an interface a namespace; a gateway must be on a network that is up.",
    idea="Things come before what uses them. Forwarding and masquerade use nothing of red's: they are free.",
    wrong=(
        Wrong("a namespace, lo up, a cable, an address, a default route, both ends up, a bridge, blue as well, "
              "forwarding, masquerade", "red is on no network with 10.0.0.1"),
        Wrong("a namespace, lo up, a cable, an address, both ends up, blue as well, a bridge, a default route, "
              "forwarding, masquerade", "host has no interface br0"),
        Wrong("a cable, a namespace, lo up, an address, both ends up, a bridge, blue as well, a default route, "
              "forwarding, masquerade", "there is no namespace red"),
    ),
)  # fmt: skip
