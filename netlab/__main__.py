"""What netlab says at a terminal: ``python -m netlab explain``, bytes that somebody has, field by field.

    python -m netlab explain 81 05 48 65 6c 6c 6f      hex, in any form: a hexdump, \\x.., base64 too
    python -m netlab explain trace.pcap --packet 7     a capture; without --packet it lists the packets
    xxd some.bin | python -m netlab explain -          what comes in: text as above, or a file's bytes
    python -m netlab explain --as tcp 0x0050c000...    as a protocol of your choice; --list shows them

It ends with 0 where all was read, with 1 where the bytes break a rule, end too early or are of no known protocol, and
with 2 where there was nothing to read: then with one sentence on stderr.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

FINE, BROKEN, REFUSED = 0, 1, 2
MOST_FILE = 100_000_000  # bytes that are read of a file


class Refusal(Exception):  # noqa: N818 - it is an end, not a fault of ours
    """It cannot be done as it was asked for, and this sentence says why."""


class Parser(ArgumentParser):
    """A parser of arguments that refuses in one sentence, and not with the usage."""

    def error(self, message: str) -> NoReturn:
        """Refuse."""
        raise Refusal(f"{message}: {self.prog} --help says how")


def parser() -> Parser:
    """Return what reads the arguments."""
    found = Parser("python -m netlab", description="The library behind the book: what it can do at a terminal.")
    asked = found.add_subparsers(title="what there is", dest="command", parser_class=Parser)
    one = asked.add_parser(
        "explain",
        help="bytes, field by field and rule by rule",
        description=__doc__,
        formatter_class=RawDescriptionHelpFormatter,
    )
    one.add_argument("what", nargs="*", metavar="FILE|HEX|-", help="a file, bytes as text, or - for what comes in")
    one.add_argument("--as", dest="protocol", default="", metavar="NAME", help="the protocol; else it is guessed")
    one.add_argument("--packet", type=int, metavar="N", help="of a capture the packet N, from 1 on")
    one.add_argument("--list", action="store_true", help="the protocols that there are")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments ask for, and return how it ended: 0, 1 or 2."""
    try:
        asked = parser().parse_args(arguments)
        if not asked.command:
            parser().print_help()
            return FINE
        lines, status = explained(asked)
    except Refusal as refusal:
        print(f"netlab: {refusal}", file=sys.stderr)
        return REFUSED
    return status if written(lines) else BROKEN


def written(lines: str) -> bool:
    """Print, and return whether somebody read it: ``head`` may have seen enough."""
    if callable(again := getattr(sys.stdout, "reconfigure", None)):
        again(errors="replace")  # a terminal without § shows ?
    try:
        print(lines, flush=True)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - Python flushes once more
        return False
    return True


def explained(asked: Namespace) -> tuple[str, int]:
    """Return what is to be printed, and how it ends. Raises ``Refusal``."""
    from netlab.explain import PROTOCOLS, explain, is_capture, opened, printed  # noqa: PLC0415 - help needs none
    from netlab.explain.registry import called  # noqa: PLC0415 - as above

    if asked.list:
        return "\n".join(f"{name:21}{one.title:34}{one.rfc}" for name, one in PROTOCOLS.items()), FINE
    try:
        if asked.protocol:
            called(asked.protocol)
        octets = brought(asked.what)
        if not is_capture(octets):
            if asked.packet is not None:
                raise Refusal("--packet needs a capture, a pcap or a pcapng, and this is none")
            found = explain(octets, asked.protocol)
        else:
            capture = opened(octets)
            if asked.packet is None and not asked.protocol:
                return "\n".join(filter(None, [*map(str, capture.lines), capture.note])), FINE
            found = capture.explain(1 if asked.packet is None else asked.packet, asked.protocol)
    except ValueError as error:
        raise Refusal(str(error)) from None
    return printed(found), BROKEN if found.failure or not found.protocol else FINE


def brought(what: Sequence[str]) -> bytes:
    """Return the bytes that the arguments name: a file's, those that come in, or those that they write.

    Raises ``Refusal`` where there are none, and ``ValueError`` for text that is not bytes.
    """
    from netlab.explain import is_capture, parse_text  # noqa: PLC0415 - help needs none

    if not what:
        raise Refusal("there is nothing to explain: name a file, or write bytes in hex, or - for what comes in")
    if list(what) == ["-"]:
        octets = sys.stdin.buffer.read(MOST_FILE)
        text = None if is_capture(octets) or b"\0" in octets else as_text(octets)
        return octets if text is None else parse_text(text)
    if len(what) == 1 and (octets_of := file(what[0])) is not None:
        return octets_of
    return parse_text(" ".join(what))


def as_text(octets: bytes) -> str | None:
    """Return bytes as the text that they are, ``None`` where they are none."""
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return None


def file(name: str) -> bytes | None:
    """Return a file's bytes, ``None`` where the name is rather hex. Raises ``Refusal`` for one that cannot be read."""
    path = Path(name)
    try:
        if path.is_file():
            with path.open("rb") as opened:
                return opened.read(MOST_FILE)
        if path.is_dir():
            raise Refusal(f"{name} is a folder")
    except (OSError, ValueError) as error:  # a name that is too long is none
        if not isinstance(error, OSError) or path.suffix:
            raise Refusal(f"{name:.80} cannot be read: {getattr(error, 'strerror', None) or error}") from None
        return None
    if path.suffix and not name.startswith(".") and len(name) < 200 and "\\" not in name:
        raise Refusal(f"there is no file {name}")
    return None


if __name__ == "__main__":
    sys.exit(main())
