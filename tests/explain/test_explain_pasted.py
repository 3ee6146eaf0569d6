"""What is pasted becomes the bytes that were meant, in whatever form; and where it is wrong, the place is named."""

import subprocess
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from netlab.explain import parse_text, read_text
from netlab.packet import Captured, write_pcap
from tests.explain.forms import DUMPS, PACKED, PLAIN
from tests.packet.mixed import frames
from tests.programs import need

SAID = b"\x81\x05Hello, beef cafe and more\n"  # the bytes of the dumps below; some of its letters are hex digits

# As the tools themselves printed them: xxd 2024-05, hexdump and od of Debian 13, tshark 4.4, tcpdump's form.
PRINTED = {
    "xxd": """00000000: 8105 4865 6c6c 6f2c 2062 6565 6620 6361  ..Hello, beef ca
00000010: 6665 2061 6e64 206d 6f72 650a            fe and more.
""",
    "hexdump -C": """00000000  81 05 48 65 6c 6c 6f 2c  20 62 65 65 66 20 63 61  |..Hello, beef ca|
00000010  66 65 20 61 6e 64 20 6d  6f 72 65 0a              |fe and more.|
0000001c
""",
    "od -tx1": """0000000 81 05 48 65 6c 6c 6f 2c 20 62 65 65 66 20 63 61
0000020 66 65 20 61 6e 64 20 6d 6f 72 65 0a
0000034
""",
    "od -Ax -tx1z": """000000 81 05 48 65 6c 6c 6f 2c 20 62 65 65 66 20 63 61  >..Hello, beef ca<
000010 66 65 20 61 6e 64 20 6d 6f 72 65 0a              >fe and more.<
00001c
""",
    "xxd -i": """unsigned char said[] = {
  0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x2c, 0x20, 0x62, 0x65, 0x65,
  0x66, 0x20, 0x63, 0x61, 0x66, 0x65, 0x20, 0x61, 0x6e, 0x64, 0x20, 0x6d,
  0x6f, 0x72, 0x65, 0x0a
};
unsigned int said_len = 28;
""",
    "xxd -p": "810548656c6c6f2c2062656566206361666520616e64206d6f72650a\n",
    "base64": "gQVIZWxsbywgYmVlZiBjYWZlIGFuZCBtb3JlCg==\n",
    "tcpdump -X": """12:00:00.000000 IP 192.0.2.1.5353 > 192.0.2.2.53: UDP, length 0
\t0x0000:  8105 4865 6c6c 6f2c 2062 6565 6620 6361  ..Hello,.beef.ca
\t0x0010:  6665 2061 6e64 206d 6f72 650a            fe.and.more.
""",
    "repr": repr(SAID),
}


@pytest.mark.parametrize("tool", PRINTED)
def test_what_a_tool_prints_is_read(tool: str) -> None:
    assert parse_text(PRINTED[tool]) == SAID
    assert parse_text(PRINTED[tool].replace("\n", "\r\n")) == SAID


@pytest.mark.parametrize("form", [*DUMPS, *PLAIN])
@given(data=st.binary(min_size=1, max_size=70))
@example(data=b"beef" * 9)
@example(data=b"    ")
@example(data=b"||||")
@example(data=b"\\\\")
@example(data=b"\0" * 40)
def test_bytes_go_round_in_each_form(form: Callable[[bytes], str], data: bytes) -> None:
    text = form(data)
    assert parse_text(text) == data
    assert parse_text(f"\n{text}\n\n") == data


@pytest.mark.parametrize("form", PACKED)
@given(data=st.binary(min_size=6, max_size=70))
def test_base64_goes_round_where_it_is_no_hex(form: Callable[[bytes], str], data: bytes) -> None:
    letters = b64encode(data).decode().rstrip("=")
    assume(sum(letter in "0123456789abcdefABCDEF" for letter in letters) <= 0.6 * len(letters))
    assert read_text(form(data)) == (data, "base64")


def test_what_tshark_prints_of_a_packet_is_the_packet(tmp_path: Path) -> None:
    for frame in (frames()[0], frames()[8], frames()[50]):
        (tmp_path / "one.pcap").write_bytes(write_pcap([Captured(0, frame, len(frame))]))
        command = [need("tshark"), "-r", str(tmp_path / "one.pcap"), "-x"]
        printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
        assert read_text(printed) == (frame, "a hexdump")


def test_equal_rows_that_a_star_stands_for_are_there_again() -> None:
    printed = (
        "00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n*\n00000040  01\n00000041"
    )
    assert parse_text(printed) == bytes(64) + b"\1"


def test_a_dump_may_begin_anywhere() -> None:
    assert parse_text("00000100: 8105\n00000102: 4865") == b"\x81\x05He"
    assert parse_text("0100  81 05 00 00 00 00 00 00\n0108  48") == b"\x81\x05\0\0\0\0\0\0H"


def test_hex_whose_first_word_could_be_an_offset_is_hex() -> None:
    assert parse_text("4500 001c 0001") == bytes.fromhex("4500001c0001")
    assert parse_text("45000028\n00010000") == bytes.fromhex("4500002800010000")
    assert parse_text("8105 48 65") == b"\x81\x05He"
    assert read_text("0000 81 05").form == "a hexdump"


def test_http_that_is_pasted_gets_its_line_ends_back() -> None:
    assert parse_text("GET / HTTP/1.1\nHost: a\n\n") == b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    assert parse_text("HTTP/1.1 204 No Content\r\n\r\n") == b"HTTP/1.1 204 No Content\r\n\r\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("81 05\n48 6g", "'g' at line 2, column 5 is no hex digit"),
        ("81 05\r\n48 6g", "'g' at line 2, column 5 is no hex digit"),
        ("  8105zz", "'z' at line 1, column 7 is no hex digit"),
        ("0x81, 0x0q", "'q' at line 1, column 10 is no hex digit"),
        ("81 5 48", "'5' at line 1, column 4 is an odd number of digits: a byte takes two"),
        ("81 0548656c6 6c", "'0548656c6' at line 1, column 4 is an odd number of digits: a byte takes two"),
        ("0x", "'0x' at line 1, column 1 is an odd number of digits: a byte takes two"),
        ("x = { 0x81,\n 0xzz }", "'z' at line 2, column 4 is no hex digit"),
        ("/* a\nb */ 81 g", "'g' at line 2, column 9 is no hex digit"),
        ("é", "'é' at line 1, column 1 is no hex digit"),
        ("", "there is nothing to read: paste bytes in hex, a hexdump or base64"),
        (" ,\n", "there is nothing to read: paste bytes in hex, a hexdump or base64"),
        ("# 81", "there is nothing to read: paste bytes in hex, a hexdump or base64"),
        ("\\x8", "'\\\\x8' at line 1, column 1 is no escape of a byte: \\x and two hex digits is"),
        ("\\x81\n\\q", "'\\\\q' at line 2, column 1 is no escape of a byte: \\x and two hex digits is"),
        ("\\777", "'\\\\777' at line 1, column 1 is no escape of a byte: \\x and two hex digits is"),
        ("b'\\x81é'", "'é' at line 1, column 7 is no byte: only characters of ASCII are"),
        ("gQVIZWxsbyEh!", "'g' at line 1, column 1 is no hex digit"),
        ("gQVIZWxsbyEhz", "13 letters of base64 are one too many or three too few: four make three bytes"),
        ("GET / HTTP/1.1\nHost: €", "'€' at line 2, column 7 is no byte"),
        (
            "00000000: 8105\n00000010: 48",
            "line 2 begins at 0x10, but the bytes before it end at 0x2: is a row missing?",
        ),
        ("00000000: 8105\nhm\n00000002: 48", "line 2 is no row of a hexdump: it does not begin with an offset"),
        ("00000000: 8105\n\nhm", "line 3 is no row of a hexdump: it does not begin with an offset"),
        ("0x0000:  8105\nnext\n0x0000:  48", "a second dump begins at line 3: paste one packet at a time"),
        ("0000  81 05 4x", "'x' at line 1, column 14 is no hex digit"),
        ("0000  81 05  4x letters that are too many", "'x' at line 1, column 15 is no hex digit"),
        ("0000  81 054865", "'054865' at line 1, column 10 is no byte, which is two hex digits"),
        ("00000000: " + "81" * 300, "line 1 has 300 bytes, and a row of a hexdump has 256 at most"),
        ("00000000: 00\n*\nffffffff: 01", "line 3 begins at 0xffffffff: 1,000,000 bytes are the most"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole sentence is compared
        parse_text(text)
    assert str(caught.value) == sentence


def test_swapped_words_are_refused_with_what_would_not_swap_them() -> None:
    with pytest.raises(ValueError, match=r"line 1 has words of two bytes.*hexdump -C"):
        parse_text("0000000 0581 6548 6c6c 2c6f 6220 6565 2066 6163\n0000010 6566\n0000012")


def test_too_much_is_refused_before_it_is_read() -> None:
    with pytest.raises(ValueError, match="1,000,001 characters are too many to paste"):
        parse_text("0" * 1_000_001)
    assert len(parse_text("0" * 1_000_000)) == 500_000
