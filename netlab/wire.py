"""Bytes (being written)."""

from typing import NamedTuple


class Span(NamedTuple):
    """Bytes ``start`` to ``stop`` were read as ``name`` and meant ``value``."""

    start: int
    stop: int
    name: str
    value: int | bytes | str
