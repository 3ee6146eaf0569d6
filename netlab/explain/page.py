"""What the page's worker asks: text or a file in, one dict out that JSON takes. It never raises, whatever comes."""

from __future__ import annotations

from typing import Any

from netlab.explain.captures import Capture, is_capture, opened
from netlab.explain.explaining import Explanation, explain
from netlab.explain.pasted import read_text
from netlab.explain.pictures import picture
from netlab.explain.registry import PROTOCOLS, guess
from netlab.wire import Incomplete, WireError

MOST_FILE = 100_000_000  # bytes of a file that are looked at


def for_page(
    source: str | bytes | bytearray | memoryview, protocol: str = "", packet: int | None = None
) -> dict[str, Any]:
    """Return what the page shows of text that was pasted, or of a file's bytes.

    On success: ``protocol`` (its name, "" where nobody knows), ``title``, ``why``, ``message`` (a sentence), ``notes``
    (sentences), ``form`` (as what the text was read), ``guesses`` (name, title, why of each), ``packets`` (of a
    capture: n, seconds, length, summary of each; else None) and ``packet`` (which of them this is), ``picture``
    (``Picture.data()``), ``chapter`` (its address, or ""), ``rfc``, ``state`` ("whole", "broken", "cut", "unknown"),
    ``rule`` (the one that is broken, or ""), ``at`` (the byte that breaks it, or None), ``missing`` (bytes).

    ``protocol`` "" is the best guess, ``packet`` counts from 1. What cannot be read gives ``{"error": sentence}``.
    """
    try:
        return _answer(source, protocol, packet)
    except (ValueError, TypeError, Incomplete, WireError) as error:
        return {"error": _sentence(str(error))}


def _answer(source: str | bytes | bytearray | memoryview, protocol: str, packet: int | None) -> dict[str, Any]:
    octets, form = read_text(source) if isinstance(source, str) else (_octets(source), "a file")
    if not is_capture(octets):
        return _told(explain(octets, protocol), form, [])
    capture, number = opened(octets), packet or 1
    found = _told(capture.explain(number, protocol), form, [capture.note] if capture.note else [])
    return found | {"packets": _listed(capture), "packet": number}


def _octets(source: bytes | bytearray | memoryview) -> bytes:
    """Return a file's bytes, not copied where they need not be."""
    return source if isinstance(source, bytes) else bytes(memoryview(source)[:MOST_FILE])


def _listed(capture: Capture) -> list[dict[str, Any]]:
    return [{"n": n, "seconds": seconds, "length": length, "summary": summary}
            for n, seconds, length, summary in capture.lines]  # fmt: skip


def _told(found: Explanation, form: str, notes: list[str]) -> dict[str, Any]:
    """Return an explanation as a dict."""
    protocol, failure = found.protocol, found.failure
    state = "unknown" if not protocol else "whole" if not failure else "broken" if failure.rule else "cut"
    return {
        "protocol": protocol.name if protocol else "",
        "title": protocol.title if protocol else "",
        "why": found.why,
        "message": _sentence(found.message),
        "notes": [*notes, *found.notes],
        "form": form,
        "guesses": [{"name": one.name, "title": PROTOCOLS[one.name].title, "why": one.why}
                    for one in guess(found.octets)],
        "packets": None,
        "packet": None,
        "picture": picture(found).data(),
        "chapter": protocol.chapter if protocol else "",
        "rfc": protocol.rfc if protocol else "",
        "state": state,
        "rule": failure.rule if failure else "",
        "at": failure.start if failure else None,
        "missing": failure.missing if failure else 0,
    }  # fmt: skip


def _sentence(text: str) -> str:
    """Return ``text`` as a sentence: it begins with a capital letter and ends with a full stop."""
    return f"{text[:1].upper()}{text[1:]}".rstrip(".") + "."
