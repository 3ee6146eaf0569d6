"""Whatever comes, there is a sentence: cut, bent, made up, or as large as a file can claim to be; and in time."""

import json
import random
import string
import tracemalloc
from collections import Counter
from collections.abc import Callable
from time import process_time

import pytest

from netlab.explain import PROTOCOLS, explain, for_page, is_capture, opened, parse_text, picture, printed
from netlab.explain.captures import MOST_BLOCKS, MOST_PACKETS
from netlab.packet import Captured, pcap, pcapng, write_pcap, write_pcapng
from netlab.packet.pcapng import ENHANCED, INTERFACE, SECTION, Block
from netlab.web.websocket.handshake import request
from netlab.wire import uint
from tests.explain.forms import DUMPS, PACKED, PLAIN
from tests.packet.mixed import frames
from tests.packet.test_packet_hostile import bent

SEEDS = [
    *frames()[::5], *(octets[14:] for octets in frames()[::7]), bytes.fromhex("810548656c6c6f890130"),
    bytes.fromhex("818537fa213d7f9f4d5158"), bytes.fromhex("c107f248cdc9c90700"), bytes.fromhex("880203e8"),
    request("server.example.com", "/chat", nonce=b"the sample nonce").encode(),
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x05Hello",
]  # fmt: skip
FILES = [
    write([Captured(n, frame[:100], len(frame)) for n, frame in enumerate(frames()[:9])])
    for write in (write_pcap, write_pcapng)
]
STATES = {"whole", "broken", "cut", "unknown"}


def fine(told: dict[str, object]) -> str:
    """Return how it ended. It is all JSON, and what is said is said in sentences."""
    json.dumps(told)
    if "error" in told:
        sentence = str(told["error"])
        assert sentence[:1] == sentence[:1].upper()
        assert sentence.endswith(".")
        assert len(sentence) < 400
        return "error"
    assert str(told["message"]).endswith(".")
    assert len(str(told["message"])) < 400
    assert told["picture"]
    assert told["state"] in STATES
    assert bool(told["rule"]) == (told["state"] == "broken")
    return str(told["state"])


# ---------------------------------------------------------------------------------------------------------------- fuzz


@pytest.mark.fuzz
def test_bent_bytes_are_explained_all_the_same(inputs: int) -> None:
    dice, ends = random.Random(6455), Counter[str]()
    for n in range(inputs // 4):
        octets = bent(dice.choice(SEEDS)[: dice.choice([20, 80, 400])], dice)
        protocol = dice.choice([*PROTOCOLS, *[""] * len(PROTOCOLS)])
        if not octets:
            continue
        found = explain(octets, protocol)
        drawn = picture(found)
        assert drawn.drawing.octets == octets  # type: ignore[union-attr]
        at = 0
        for span in [*found.spans, *found.rest]:
            assert at <= span.start < span.stop <= len(octets)
            at = span.stop
        if not found.failure and found.protocol:
            assert at == len(octets), "each byte is accounted for"
        assert printed(found)
        if n % 8 == 0:
            ends[fine(for_page(octets, protocol))] += 1
    assert min(ends[state] for state in STATES) > inputs // 4000, ends


@pytest.mark.fuzz
def test_bent_text_is_read_or_refused_with_its_place(inputs: int) -> None:
    dice, ends = random.Random(16), Counter[str]()
    forms = [*DUMPS, *PLAIN, *PACKED]
    for _ in range(inputs // 4):
        text = list(dice.choice(forms)(dice.choice(SEEDS)[: dice.choice([3, 20, 60])]))
        for _ in range(dice.randrange(4)):
            at = dice.randrange(len(text) + 1)
            text[at : at + dice.randrange(2)] = dice.choice([*string.printable, "é", "\0", "€", "\u2028", "0x", "*\n"])
        try:
            ends["read" if isinstance(parse_text("".join(text)), bytes) else "?"] += 1
        except ValueError as error:
            said = str(error)
            assert len(said) < 300
            assert "line " in said or "base64" in said or "nothing to read" in said, said
            ends["refused"] += 1
    assert min(ends["read"], ends["refused"]) > inputs // 40, ends


@pytest.mark.fuzz
@pytest.mark.parametrize("file", FILES, ids=["pcap", "pcapng"])
def test_bent_captures_end_in_a_sentence(file: bytes, inputs: int) -> None:
    dice, ends = random.Random(101), Counter[str]()
    for _ in range(inputs // 40):
        octets = bent(file[: dice.choice([30, 200, 2_000])], dice)
        told = for_page(octets, "", dice.choice([None, 1, 2, 99, -1]))
        ends[fine(told)] += 1
        if told.get("packets"):
            assert len(told["picture"]["drawing"]["octets"]) > 0
    assert min(ends["whole"], ends["error"]) > inputs // 2000, ends


@pytest.mark.fuzz
def test_noise_is_explained_or_refused(inputs: int) -> None:
    dice = random.Random(0)
    for _ in range(inputs // 20):
        noise = dice.randbytes(dice.randrange(1, 60))
        fine(for_page(noise, dice.choice(["", *PROTOCOLS])))
        fine(for_page(noise.decode("latin-1")))


# ------------------------------------------------------------------------------------------------------------- captures


def test_a_capture_is_a_line_for_each_packet() -> None:
    for file in FILES:
        assert is_capture(file)
        capture = opened(file)
        assert [line.number for line in capture.lines] == [*range(1, 10)]
        assert str(capture.lines[0]) == "1  0.000000  ARP, Request who-has 192.0.2.2 tell 192.0.2.1, length 28"
        assert capture.note == ""
        third = capture.explain(3)
        assert third.notes[0] == "The capture kept 100 of 242 bytes."
        assert third.why == "the file says so"
        with pytest.raises(ValueError, match="there is no packet 10: this file has packets 1 to 9"):
            capture.explain(10)
    told = for_page(FILES[0], packet=2)
    assert (told["packet"], len(told["packets"])) == (2, 9)
    assert told["packets"][1]["summary"].startswith("ARP, Reply")
    assert fine(for_page(" ".join(f"{octet:02x}" for octet in FILES[0]))) == "whole"


def test_another_type_of_link_is_told() -> None:
    cooked = for_page(write_pcap([Captured(0, bytes(16) + frames()[2][14:], 300, 113)], 113))
    assert cooked["state"] == "unknown"
    assert cooked["why"] == "its type of link is 113"
    assert "113 (Linux cooked), which is not read here" in cooked["notes"][0]
    for kind in (12, 14, 101, 228):
        raw = for_page(write_pcap([Captured(0, frames()[2][14:], 228, kind)], kind))
        assert (raw["protocol"], raw["state"]) == ("ip", "whole")
        assert raw["packets"][0]["summary"].startswith("IP 192.0.2.1.40000 >")


def test_an_empty_capture_and_an_empty_packet_are_told() -> None:
    assert for_page(write_pcap([])) == {"error": "There is no packet 1: this file has no packet."}
    assert for_page(write_pcap([Captured(0, b"", 60)])) == {"error": "Of packet 1 the file keeps not one byte."}
    assert for_page(FILES[0][:20])["error"].startswith("This capture cannot be read: at least 4 more bytes")
    assert "this is version 1.0, not 2.4" in for_page(FILES[0][:4] + b"\0\1\0\0" + bytes(16))["error"]
    broken = for_page(write_pcap([Captured(0, frames()[0], 42)]) + b"\xff" * 16)
    assert broken["notes"][0].startswith("Behind packet 1 the file cannot be read: 4,294,967,295 bytes of one frame")


HEAD = pcap.Header().encode()
DESCRIBED = Block(SECTION, uint(0x1A2B3C4D, 4) + uint(1, 2) + bytes(10)).encode()
ETHER = Block(INTERFACE, uint(1, 2) + bytes(6)).encode()
EMPTY = Block(ENHANCED, bytes(20)).encode()
BOMBS: dict[str, Callable[[], bytes]] = {  # files of 100 MB; each is made when it is needed, and let go
    "empty packets": lambda: HEAD + bytes(16) * 6_250_000,
    "tags": lambda: HEAD + pcap.Record(0, 0, bytes(12) + b"\x81\0\0\0" * 65_000, 260_012).encode(pcap.Header()) * 384,
    "empty blocks": lambda: DESCRIBED + ETHER + EMPTY * 3_125_000,
    "blocks that nobody knows": lambda: DESCRIBED + ETHER + Block(99, b"").encode() * 8_000_000,
    "interfaces": lambda: DESCRIBED + ETHER * 5_000_000,
    "options": lambda: DESCRIBED + Block(INTERFACE, uint(1, 2) + bytes(6) + b"\0\1\0\0" * 4_000_000).encode() * 6,
    "zeros": lambda: bytes(100_000_000),
    "a head without an end": lambda: b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 16_000_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_large_file_takes_little_time(name: str) -> None:
    file = BOMBS[name]()
    began = process_time()
    told = for_page(file)
    assert process_time() - began < 15, "a few seconds, and more where coverage is measured"
    fine(told)
    if told.get("packets"):
        assert len(told["packets"]) <= MOST_PACKETS
        assert "are shown" in told["notes"][0]


@pytest.mark.parametrize("name", [name for name in BOMBS if name != "tags"])
def test_a_large_file_takes_little_memory(name: str) -> None:
    file = BOMBS[name]()
    tracemalloc.start()
    for_page(file)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60e6, "beside the file itself, which is not copied"


def test_too_many_blocks_and_descriptions_are_told() -> None:
    assert f"{MOST_BLOCKS:,} blocks are looked at" in for_page(BOMBS["blocks that nobody knows"]())["error"]
    assert "interfaces are described in more than 1,000,000 bytes" in for_page(BOMBS["options"]())["error"]
    some = for_page(DESCRIBED + ETHER + Block(ENHANCED, uint(0, 4) + bytes(8) + uint(4, 4) * 2 + b"abcd").encode()
                    + Block(99, b"").encode() * MOST_BLOCKS)  # fmt: skip
    assert "Behind packet 1 the file cannot be read" in some["notes"][0]
    assert pcapng.MOST == 1 << 24


# ------------------------------------------------------------------------------------------------------ text, and time


@pytest.mark.parametrize(
    "text",
    [
        "0" * 999_999,
        "0x1," * 250_000,
        "81 " * 333_000 + "g",
        "\\x81" * 250_000,
        "\\" * 999_999,
        "00000000: " + "00 " * 300_000,
        "0000  " + "00  " * 249_000,
        "\n".join(f"{at:08x}: 20202020 20202020 20202020 20202020  {' ' * 16}" for at in range(0, 250_000, 16)),
        "*\n" * 490_000 + "00000000: 00",
        "{" * 999_999,
        "/*" * 499_999,
        "#\n" * 499_999,
        "GET / HTTP/1.1\n" + "a: b\n" * 190_000,
        "GET " * 249_999,
        "'" * 999_999,
        "b'" + "\\x" * 400_000,
        "A=" * 499_999,
        " " * 999_999 + "g",
        "8100" * 65_536,
    ],
    ids=range(19),
)
def test_a_million_characters_take_time_in_proportion(text: str) -> None:
    began = process_time()
    ended = fine(for_page(text))
    assert process_time() - began < 8
    assert ended in {"error", *STATES}
