"""Extensions of WebSocket, as the opening handshake names them: RFC 6455 §9.1.

A client lists those that it could use, the best first. The server answers with those that will be used.

    Sec-WebSocket-Extensions = extension-list
    extension-list  = 1#extension                                     ("1#": one or more, with commas between them)
    extension       = extension-token *( ";" extension-param )
    extension-param = token [ "=" (token | quoted-string) ]

>>> parse("permessage-deflate; client_max_window_bits, x-chat; level=7")[1]
Extension(name='x-chat', params=(('level', '7'),))
>>> format(_)
'x-chat; level=7'

The name of the field is not known here: a head that has it twice means what one line with a comma would mean.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from netlab.wire import WireError

RULE = "RFC 6455 §9.1"

TCHAR = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]"  # what a token is made of
# Between the parts there may be blanks. What is in quotes must be a token as well, once the backslashes are gone.
NAME = re.compile(rf"[ \t]*({TCHAR}+)")
PARAM = re.compile(rf'[ \t]*;[ \t]*({TCHAR}+)(?:[ \t]*=[ \t]*(?:({TCHAR}+)|"((?:\\?{TCHAR})+)"))?')
END = re.compile(r"[ \t]*(?:,|\Z)")
TOKEN = re.compile(rf"{TCHAR}+")


class Extension(NamedTuple):
    """An extension and its parameters, in the order in which they came. One without "=" has the value None."""

    name: str
    params: tuple[tuple[str, str | None], ...] = ()


def parse(value: str) -> list[Extension]:
    """Return the extensions in ``value``, a header's. Raises ``WireError`` where it does not follow the grammar.

    Nothing between two commas is allowed (RFC 9110 §5.6.1), nothing at all is not. It takes time in proportion to
    the value's length, whatever is in it: no pattern can match the same characters in two ways.
    """
    found, at = [], 0
    while at < len(value):
        if name := NAME.match(value, at):
            at, params = name.end(), []
            while param := PARAM.match(value, at):
                at = param.end()
                key, token, quoted = param.groups()
                params.append((key, token if quoted is None else quoted.replace("\\", "")))
            found.append(Extension(name[1], tuple(params)))
        end = END.match(value, at)
        if not end:
            raise WireError(f"no list of extensions goes on with {value[at : at + 20]!r}", RULE)
        at = end.end()
    if not found:
        raise WireError("a list of extensions names at least one", RULE)
    return found


def format(extension: Extension) -> str:
    """Return ``extension`` as it stands in the header. Raises ``ValueError`` for what is no token."""
    for word in (extension.name, *(word for param in extension.params for word in param if word is not None)):
        if not TOKEN.fullmatch(word):
            raise ValueError(f"{word!r} cannot stand in the header: it is no token")
    said = (key if value is None else f"{key}={value}" for key, value in extension.params)
    return "; ".join((extension.name, *said))
