"""Explain my bytes: what somebody brought, field by field and rule by rule, by the parsers that the book teaches.

    parse_text, read_text    what was pasted, into bytes: hex, hexdumps, strings, base64
    PROTOCOLS, Protocol      what bytes can be explained as; a line makes another protocol join
    guess                    which of them these may be, and why
    explain, Explanation     each field with its place, value and rule; where it fails, and which rule is broken
    picture, printed         that as a picture, and as lines for a terminal
    is_capture, opened       a pcap or a pcapng: its first packets, in a line each
    for_page                 all of it in one call, for the page

>>> from netlab.explain import explain, parse_text, printed
>>> found = explain(parse_text("81 85 37 fa 21 3d 7f 9f 4d 51 58"))                # RFC 6455 §5.7
>>> print(printed(found))
WebSocket frames from a client: 11 bytes in 4 fields.
Why this: a text frame with a mask, whose length fits to the byte.
<BLANKLINE>
0000  81                       FIN, RSV, opcode  FIN, text  RFC 6455 §5.2
0001  85                       MASK, length      masked, 5  RFC 6455 §5.2
0002  37 fa 21 3d              masking key                  RFC 6455 §5.3
0006  7f 9f 4d 51 58           payload           'Hello'    RFC 6455 §5.2

The spans are those that the protocol's own parser records while it reads, so no explanation can disagree with it. A
name is fetched when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netlab.explain.captures import Capture, Line, is_capture, opened
    from netlab.explain.explaining import Explanation, Failure, explain
    from netlab.explain.guesses import Guess
    from netlab.explain.page import for_page
    from netlab.explain.pasted import Pasted, parse_text, read_text
    from netlab.explain.pictures import picture
    from netlab.explain.registry import PROTOCOLS, Guessed, Protocol, guess
    from netlab.explain.terminal import printed

__all__ = [
    "PROTOCOLS",
    "Capture",
    "Explanation",
    "Failure",
    "Guess",
    "Guessed",
    "Line",
    "Pasted",
    "Protocol",
    "explain",
    "for_page",
    "guess",
    "is_capture",
    "opened",
    "parse_text",
    "picture",
    "printed",
    "read_text",
]

HOMES = {
    "captures": ("Capture", "Line", "is_capture", "opened"),
    "explaining": ("Explanation", "Failure", "explain"),
    "guesses": ("Guess",),
    "page": ("for_page",),
    "pasted": ("Pasted", "parse_text", "read_text"),
    "pictures": ("picture",),
    "registry": ("PROTOCOLS", "Guessed", "Protocol", "guess"),
    "terminal": ("printed",),
}


def __getattr__(name: str) -> object:
    """Fetch a name from its home when it is first asked for (PEP 562)."""
    for home, names in HOMES.items():
        if name in names:
            return getattr(import_module(f"netlab.explain.{home}"), name)
    raise AttributeError(f"module 'netlab.explain' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Tell of all names, fetched or not, so that the reference shows them."""
    return __all__
