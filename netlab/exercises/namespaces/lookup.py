"""Write the lookup that every host does for every packet: of all routes that fit, the one with the longest prefix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network
from random import Random
from typing import Any

from netlab.exercises.asking import Asked, shown
from netlab.exercises.exercise import Exercise, Wrong

Routes = Sequence[tuple[str, str]]

RED = [("10.0.0.0/24", "eth0"), ("0.0.0.0/0", "gateway")]
CLOSER = [("0.0.0.0/0", "gateway"), ("10.0.0.0/8", "far"), ("10.0.0.0/24", "near"), ("10.0.0.128/25", "next door")]


def judge(lookup: Asked) -> Iterator[str]:
    """Yield what is wrong with ``lookup(routes, to)``: pairs of network and way, an address; a way or None."""
    yield from _gives(lookup, RED, "10.0.0.3", "Red's neighbours are on 10.0.0.0/24.")
    yield from _gives(lookup, RED, "203.0.113.10", "0.0.0.0/0 is everything: the default route.")
    yield from _gives(lookup, RED[:1], "203.0.113.10", "No route fits: that is None, and the kernel's ENETUNREACH.")
    yield from _gives(lookup, [], "10.0.0.3", "Of no routes, none fits.")
    yield from _gives(lookup, RED[::-1], "10.0.0.3", "Two routes fit, and the order of a table means nothing.")
    yield from _gives(lookup, CLOSER, "10.0.0.200", "Three fit besides the default. The longest prefix says most.")
    yield from _gives(lookup, CLOSER, "10.9.9.9", "It is in 10.0.0.0/8, and in no longer prefix than that.")
    yield from _gives(
        lookup, CLOSER, "10.0.0.100", "Bits are compared, not the numbers between dots: 100 is below 128."
    )
    yield from _gives(lookup, RED[:1], "10.0.1.7", "24 bits must be the same, and 10.0.1 is not 10.0.0.")
    dice = Random(56)
    for _ in range(20):
        sizes = dice.sample(range(33), 6)
        to = dice.getrandbits(32)
        routes = [(str(IPv4Network((to ^ dice.getrandbits(2), size), strict=False)), f"by /{size}") for size in sizes]
        yield from _gives(lookup, routes, str(IPv4Address(to)), "Of all that fit, the longest prefix wins.")


def longest(routes: Routes, to: str) -> str | None:
    """Return what the lookup should."""
    fits = [(IPv4Network(network), way) for network, way in routes if IPv4Address(to) in IPv4Network(network)]
    return max(fits, key=lambda fit: fit[0].prefixlen)[1] if fits else None


def _gives(lookup: Asked, routes: Routes, to: str, why: str) -> Iterator[str]:
    given, wanted = lookup.value(list(routes), to), longest(routes, to)
    if given != wanted:
        yield f"{lookup.call((list(routes), to), {})} gave {shown(given)}, and not {shown(wanted)}. {why}"


# ------------------------------------------------------------------------------------------------- what people write


def first_that_fits(routes: Routes, to: str) -> str | None:
    """Read the table from the top."""
    return next((way for network, way in routes if IPv4Address(to) in IPv4Network(network)), None)


def always_finds(routes: Routes, to: str) -> str | None:
    """Believe that there is always a route."""
    return longest(routes, to) or (routes[0][1] if routes else None)


def by_numbers(routes: Routes, to: str) -> Any:
    """Compare as many of the numbers between dots as the prefix has whole ones."""

    def fits(network: str) -> bool:
        base, size = network.split("/")
        return base.split(".")[: int(size) // 8] == to.split(".")[: int(size) // 8]

    found = [(int(network.split("/")[1]), way) for network, way in routes if fits(network)]
    return max(found)[1] if found else None


EXERCISE = Exercise(
    name="namespaces.lookup",
    question="Write lookup(routes, to): the way of the route with the longest prefix that fits, or None.",
    judge=judge,
    hint="ipaddress.ip_network knows its prefixlen, and `address in network` does the rest. Take the max.",
    idea="A default route is nothing special: its prefix has length 0, fits everything, and loses to all others.",
    wrong=(
        Wrong(first_that_fits, "the order of a table means nothing"),
        Wrong(always_finds, "that is None"),
        Wrong(by_numbers, "Bits are compared"),
    ),
    written=True,
)
