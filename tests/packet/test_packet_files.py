"""Capture files: the ones that tshark and editcap write, the ones that they read, and what is wrong with a file."""

import subprocess
from pathlib import Path

import pytest

from netlab.packet import Captured, pcap, pcapng, read_capture, write_pcap, write_pcapng
from netlab.packet.pcapng import Block, Interface
from netlab.wire import Incomplete, Reader, Recorder, WireError, annotate, uint
from tests.packet.mixed import frames
from tests.programs import need

FRAMES = [
    Captured(1_700_000_000_000_000_000 + n * 1_000_000_007, one[:100], len(one)) for n, one in enumerate(frames())
]
COARSE = [one._replace(time=one.time // 1_000 * 1_000) for one in FRAMES]  # as far as microseconds tell


def test_both_kinds_of_file_come_back_as_they_were() -> None:
    for write, form in ((write_pcap, pcap), (write_pcapng, pcapng)):
        octets = write(FRAMES)
        assert read_capture(octets) == FRAMES
        assert form.decode(octets).encode() == octets
    assert read_capture(write_pcap([])) == read_capture(write_pcapng([])) == []


@pytest.mark.parametrize("order", ["big", "little"])
@pytest.mark.parametrize(("nanoseconds", "expected"), [(True, FRAMES), (False, COARSE)])
def test_a_pcap_of_either_order_and_clock(order: pcap.Order, nanoseconds: bool, expected: list[Captured]) -> None:
    header = pcap.Header(0xF000_0000 | 101, 100, nanoseconds, order, zone=1, accuracy=2)
    unit = 1 if nanoseconds else 1_000
    records = [pcap.Record(one.time // 10**9, one.time % 10**9 // unit, one.octets, one.length) for one in FRAMES]
    octets = pcap.File(header, records, b"rest").encode()
    assert pcap.decode(octets) == (header, records, b"rest")
    assert read_capture(octets) == [one._replace(linktype=101) for one in expected]
    recorder = Recorder(octets[:24])
    assert pcap.decode_header(recorder) == header
    assert "a1b2" in annotate(octets[:24], recorder.spans)


def test_a_file_that_is_cut_anywhere() -> None:
    for write, form, first in ((write_pcap, pcap, 24), (write_pcapng, pcapng, 28)):
        octets = write(FRAMES[:3])
        for cut in range(len(octets)):
            if cut < first:
                with pytest.raises(Incomplete):
                    read_capture(octets[:cut])
            else:
                assert form.decode(octets[:cut]).encode() == octets[:cut]
                assert read_capture(octets[:cut]) == FRAMES[: len(read_capture(octets[:cut]))]


# --------------------------------------------------------------------------------------------------------------- peers


def run(*words: object) -> str:
    return subprocess.run([*map(str, words)], capture_output=True, text=True, check=True, timeout=60).stdout


@pytest.mark.parametrize("write", [write_pcap, write_pcapng])
def test_tshark_reads_what_we_write(write: object, tmp_path: Path) -> None:
    (path := tmp_path / "ours").write_bytes(write(FRAMES))  # type: ignore[operator]
    said = run(
        need("tshark"),
        "-n",
        "-r",
        path,
        "-T",
        "fields",
        "-e",
        "frame.time_epoch",
        "-e",
        "frame.len",
        "-e",
        "frame.cap_len",
    )
    assert said.splitlines() == [
        f"{one.time // 10**9}.{one.time % 10**9:09}\t{one.length}\t{len(one.octets)}" for one in FRAMES
    ]


@pytest.mark.parametrize(
    ("form", "expected"), [("pcap", COARSE), ("nsecpcap", FRAMES), ("pcapng", FRAMES)], ids=["pcap", "nsec", "pcapng"]
)
def test_we_read_what_editcap_writes(form: str, expected: list[Captured], tmp_path: Path) -> None:
    (path := tmp_path / "ours").write_bytes(write_pcapng(FRAMES))
    run(need("editcap"), "-F", form, path, tmp_path / "theirs")
    theirs = (tmp_path / "theirs").read_bytes()
    assert read_capture(theirs) == expected
    assert (pcapng if form == "pcapng" else pcap).decode(theirs).encode() == theirs


def test_a_pcapng_of_several_links(tmp_path: Path) -> None:
    mixed = [*FRAMES[:2], Captured(5, FRAMES[3].octets[18:], len(FRAMES[3].octets) - 18, 101), FRAMES[4]]
    octets = write_pcapng(mixed)
    assert read_capture(octets) == mixed
    (tmp_path / "mixed").write_bytes(octets)
    said = run(need("tshark"), "-n", "-r", tmp_path / "mixed", "-T", "fields", "-e", "frame.interface_id")
    assert said.split() == ["0", "0", "1", "0"]
    with pytest.raises(ValueError, match="a pcap has one type of link, here 1 and not 101"):
        write_pcap(mixed)


# -------------------------------------------------------------------------------------------------------------- pcapng


def section(order: pcap.Order = "big", *blocks: tuple[int, bytes]) -> bytes:
    """Return a section in that order of bytes."""
    head = uint(0x1A2B3C4D, 4, "magic", order) + uint(1, 2, "major", order) + bytes(2) + b"\xff" * 8
    return b"".join(Block(kind, body, order).encode() for kind, body in [(pcapng.SECTION, head), *blocks])


def numbers(order: pcap.Order, *values: int) -> bytes:
    return b"".join(uint(value, 4, "value", order) for value in values)


def test_sections_of_both_orders_and_blocks_that_nobody_knows() -> None:
    octets = b""
    for order in ("big", "little"):
        interface = (1, uint(101, 2, "link", order) + bytes(2) + numbers(order, 3))
        simple = (3, numbers(order, 5) + b"abc\0")
        enhanced = (6, numbers(order, 0, 0, 7, 2, 9) + b"hi\0\0" + b"\0\1\0\1x\0\0\0")
        octets += section(order, interface, (0xBAD, b"what?!!!"), simple, enhanced)
    assert pcapng.decode(octets).encode() == octets
    assert read_capture(octets) == 2 * [Captured(0, b"abc", 5, 101), Captured(7_000, b"hi", 9, 101)]


@pytest.mark.parametrize(
    ("options", "interface"),
    [
        (b"", Interface(1, 0)),
        (b"\0\x09\0\1\x09\0\0\0", Interface(1, 0, 10**9)),
        (b"\0\x09\0\1\x8a\0\0\0", Interface(1, 0, 1024)),
        (b"\0\x02\0\3abc\0\0\x09\0\1\x03\0\0\0\0\0\0\0", Interface(1, 0, 1000)),
        (b"\0\x0e\0\x08\xff\xff\xff\xff\xff\xff\xff\xff", Interface(1, 0, 10**6, -1)),
        (b"\0\x09\0\2\x09\0\0\0\0\x0e\0\1\0\0\0\0", Interface(1, 0)),  # of sizes that they do not have
    ],
)
def test_the_clock_of_an_interface(options: bytes, interface: Interface) -> None:
    assert pcapng.decode_interface(Reader(b"\0\1\0\0\0\0\0\0" + options, "a rule"), "big") == interface
    assert interface.time(interface.ticks * 3) == (3 + interface.offset) * 10**9


SECTION = section()


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        (b"GIF89a..........", r"no file begins with 47494638 \(pcap-savefile\(5\)\)"),
        (write_pcap([])[:6] + b"\0\x05" + bytes(16), "this is version 2.5, not 2.4"),
        (write_pcap([]) + bytes(8) + b"\x7f\xff\xff\xff" * 2, "2,147,483,647 bytes of one frame, where 262,144 are"),
        (SECTION[:8] + b"what" + SECTION[12:], "77686174 tells no order of bytes"),
        (SECTION + numbers("big", 1, 8, 8), "a total length of 8 "),
        (SECTION + numbers("big", 1, 13, 13), "a total length of 13 "),
        (SECTION + numbers("big", 1, 1 << 30), "a total length of 1,073,741,824 "),
        (SECTION + numbers("big", 1, 12, 16), "a total length of 12 before the body and of 16 behind it"),
        (section("big", (6, numbers("big", 0, 0, 0, 0, 0))), "there is no interface 0, only 0"),
        (section("big", (3, bytes(4))), "there is no interface 0, only 0"),
        (section("big", (1, b"\0\1\0\0")), "interface takes 8 bytes, but body has only 4 left"),
        (
            section("big", (1, bytes(8)), (6, numbers("big", 0, 0, 0, 9, 9) + bytes(8))),
            "octets takes 9 bytes, but body",
        ),
    ],
)
def test_what_breaks_a_file(octets: bytes, message: str) -> None:
    with pytest.raises(WireError, match=message):
        read_capture(octets)


def test_what_is_no_file_at_all() -> None:
    with pytest.raises(WireError, match="no file begins with 61626364"):
        pcapng.decode(b"abcd")
    with pytest.raises(ValueError, match="a body is a multiple of 4 bytes, not 3"):
        Block(1, b"abc").encode()
    for time in (-1, 2**32 * 10**9):
        with pytest.raises(ValueError, match="the time in seconds since 1970 must be 0 to 4,294,967,295"):
            write_pcap([Captured(time, b"", 0)])
