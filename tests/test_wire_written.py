"""What is written: numbers and lengths, failures in words, and the annotated hexdump."""

import copy
import pickle

import pytest

from netlab.wire import Incomplete, Span, WireError, annotate, sized, uint


def test_failures_say_it_and_survive_copying() -> None:
    more, broken = Incomplete(1_000), WireError("too long", "RFC 6455 §5.5")
    assert str(more) == "at least 1,000 more bytes are needed"
    assert str(broken) == "too long (RFC 6455 §5.5)"
    for error in (more, broken):
        for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
            assert (str(twin), vars(twin)) == (str(error), vars(error))
    with pytest.raises(ValueError, match="at least 1 byte"):
        Incomplete(0)


def test_numbers_that_fit_and_numbers_that_do_not() -> None:
    assert uint(0x1234, 2) == b"\x12\x34"
    assert uint(0x1234, 4, order="little") == b"\x34\x12\x00\x00"
    assert sized(b"abc", 2, plus=2) == b"\x00\x05abc"  # the length counts itself
    for value, size, message in [
        (256, 1, r"TTL must be 0 to 255 to fit 1 byte, not 256"),
        (-1, 2, r"TTL must be 0 to 65,535 to fit 2 bytes, not -1"),
        (0, -1, r"the size of TTL must be 0 or more"),
    ]:
        with pytest.raises(ValueError, match=message):
            uint(value, size, "TTL")
    with pytest.raises(ValueError, match="the length must be 0 to 255 to fit 1 byte, not 256"):
        sized(bytes(256), 1)
    with pytest.raises(TypeError):
        uint(1.0, 1)  # type: ignore[arg-type]


def test_annotate_shows_gaps_long_fields_and_text() -> None:
    data = bytes(range(40)) + b"plain"
    spans = [
        Span(40, 45, "text", b"plain"),
        Span(1, 38, "long", b"\0"),
        Span(0, 1, "number", 300),
        Span(2, 3, "inner", "x"),
    ]
    assert annotate(data, spans).splitlines() == [
        "0000  00                       number  300",
        "0001  01 02 03 04 05 06 07 08  long",
        "0009  09 0a 0b 0c 0d 0e 0f 10",
        "0011  11 12 13 14 15 16 17 18",
        "0019  19 1a 1b 1c 1d 1e 1f 20",
        "      ... 5 more",
        "0002  02                       inner   x",
        "0026  26 27                    ?",
        "0028  70 6c 61 69 6e           text    'plain'",
    ]
    assert annotate(b"", []) == ""
    assert annotate(b"\x01", []) == "0000  01                       ?"
    with pytest.raises(ValueError, match="'late' is not within the 2 bytes"):
        annotate(b"ab", [Span(1, 3, "late", 0)])
