"""The library's own lines, shown where they are spoken of: a chapter quotes no copy that could grow old."""

from __future__ import annotations

from collections.abc import Callable
from inspect import getsource
from textwrap import dedent
from typing import Any


class Source:
    """What classes or functions look like in their file; a notebook and a page show it in colours.

    Raises ``TypeError`` where there is nothing to show, or what is to be shown was not written in Python.

    >>> from netlab.wire import checksum
    >>> Source(checksum)                                                              # doctest: +ELLIPSIS
    def checksum(...
    """

    def __init__(self, *things: Callable[..., Any]) -> None:
        if not things:
            raise TypeError("there is nothing to show")
        self.text = "\n".join(dedent(getsource(thing)) for thing in things)

    def __repr__(self) -> str:
        """Return the lines as they are."""
        return self.text.rstrip()

    def _repr_markdown_(self) -> str:
        """Return them as a block of code, which a notebook colours."""
        return f"```python\n{self!r}\n```"
