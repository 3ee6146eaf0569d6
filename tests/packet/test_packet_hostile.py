"""Packets and files that were cut, bent or made up: two failures, the same bytes again, and no time to speak of."""

import random
from collections import Counter
from collections.abc import Callable
from time import process_time

import pytest

from netlab.packet import (
    ETHERNET,
    RAW,
    TCP,
    Captured,
    HopByHop,
    IPv4,
    Packet,
    arp,
    decode,
    ethernet,
    extensions,
    icmp,
    ipv4,
    ipv6,
    pcap,
    pcapng,
    read,
    read_capture,
    tcp,
    udp,
    write_pcap,
    write_pcapng,
)
from netlab.wire import Incomplete, Reader, Recorder, Span, WireError
from tests.packet.mixed import frames

HEADERS: dict[Callable[[Reader], object], bytes] = {  # a decoder, and octets of which it reads all
    ethernet.decode: frames()[0][:14],
    ethernet.decode_vlan: frames()[3][14:18],
    arp.decode: frames()[0][14:],
    ipv4.decode: frames()[39][14:50],
    ipv6.decode: frames()[18][14:54],
    extensions.decode_hop_by_hop: frames()[50][54:62],
    extensions.decode_routing: frames()[51][62:86],
    extensions.decode_destination_options: frames()[51][86:94],
    extensions.decode_fragment: frames()[52][54:62],
    udp.decode: frames()[4][34:],
    tcp.decode: frames()[8][34:],
    icmp.decode: frames()[35][34:38],
    icmp.decode6: frames()[46][54:58],
}


@pytest.mark.parametrize(("decoder", "octets"), HEADERS.items(), ids=lambda one: getattr(one, "__module__", ""))
def test_a_header_that_is_cut_anywhere_waits_for_the_rest(decoder: Callable[[Reader], Packet], octets: bytes) -> None:
    reader = Reader(octets)
    header = decoder(reader)
    assert header.encode() == octets
    assert reader.left == 0
    assert decoder(Recorder(octets)) == header
    for cut in range(len(octets)):
        for kind in (Reader, Recorder):
            with pytest.raises(Incomplete) as caught:
                decoder(kind(octets[:cut]))
            assert 1 <= caught.value.missing <= len(octets) - cut
            with pytest.raises(WireError):
                decoder(kind(octets[:cut], "a rule", "packet"))


def test_a_frame_that_is_cut_anywhere_keeps_what_there_is() -> None:
    for frame in frames():
        whole = decode(frame)
        for cut in range(len(frame)):
            part = decode(frame[:cut])
            assert part.encode() == frame[:cut]
            assert part == read(Recorder(frame[:cut]))
            assert whole.layers[: len(part.layers)] == part.layers
            assert part.failure == "" or part.failure.endswith(("more bytes are needed", "more byte is needed"))
            if part.layers == whole.layers and cut < len(frame) - len(whole.trailer):
                assert part.missing == len(frame) - len(whole.trailer) - cut + whole.missing or not part.ip
                assert None in {part.checksum_ok(TCP), part.checksum_ok(type(part.layers[-1]))}
            assert part.summary


def test_the_spans_of_a_frame_are_all_of_its_bytes() -> None:
    for frame in frames():
        for octets in (frame, frame[: len(frame) // 2]):
            recorder = Recorder(octets)
            read(recorder)
            at = 0
            for span in recorder.spans:
                assert isinstance(span, Span)
                assert span.start == at
                at = span.stop
            assert at == len(octets)


# ---------------------------------------------------------------------------------------------------------------- fuzz


def bent(octets: bytes, dice: random.Random) -> bytes:
    """Return ``octets`` with some of them changed, taken out, put in, or said twice."""
    data = bytearray(octets)
    for _ in range(dice.randrange(5)):
        at = dice.randrange(len(data) + 1)
        match dice.randrange(4):
            case 0:
                data[at : at + 1] = bytes([dice.choice([0, 1, 4, 0x45, 0x60, 0xFF, dice.randrange(256)])])
            case 1:
                data[at:at] = dice.randbytes(dice.randrange(9))
            case 2:
                data[at:at] = data[at : at + dice.randrange(40)]
            case _:
                del data[at : at + dice.randrange(1, 20)]
    return bytes(data)


def failure(call: Callable[[], object]) -> str:
    """Return which of the two failures a call ended in; anything else that is raised fails the test."""
    try:
        call()
    except (Incomplete, WireError) as error:
        return type(error).__name__
    return "none"


@pytest.mark.fuzz
def test_bent_frames_encode_to_the_same_bytes(inputs: int) -> None:
    dice, ends = random.Random(791), Counter[str]()
    for _ in range(inputs):
        octets = bent(dice.choice(frames())[: dice.choice([40, 80, 1_600])], dice)
        linktype, octets = dice.choice([(ETHERNET, octets), (ETHERNET, octets), (RAW, octets[14:]), (113, octets)])
        packet = decode(octets, linktype)
        assert packet.encode() == octets
        recorder = Recorder(octets)
        assert read(recorder, linktype) == packet
        assert recorder.spans == [] or recorder.spans[-1].stop == len(octets)
        assert packet.missing >= 0
        assert packet.summary
        for layer in packet.layers:
            assert packet.checksum_ok(type(layer)) in (True, False, None)
            if isinstance(layer, TCP | IPv4 | HopByHop):
                ends[f"options: {failure(layer.option_list)}"] += 1
            if isinstance(layer, TCP):
                ends[failure(lambda tcp=layer: (tcp.mss, tcp.window_scale, tcp.sack, tcp.timestamps))] += 1  # type: ignore[misc]
        ends["cut" if "needed" in packet.failure else packet.failure.partition("(")[2] or "whole"] += 1
    assert min(ends["whole"], ends["cut"], ends["options: WireError"], ends["WireError"]) > inputs // 500, ends
    assert {"RFC 791 §3.1)", "RFC 8200 §3)", "RFC 9293 §3.1)", "RFC 768)"} <= ends.keys()


@pytest.mark.fuzz
@pytest.mark.parametrize("decoder", HEADERS, ids=lambda one: f"{one.__module__}.{one.__name__}")
def test_bent_headers_raise_only_the_two_failures(decoder: Callable[[Reader], Packet], inputs: int) -> None:
    dice, ends = random.Random(768), Counter[str]()
    for _ in range(inputs // len(HEADERS)):
        octets = bent(HEADERS[decoder], dice)
        for reader in (Reader(octets), Recorder(octets, "a rule")):
            try:
                header = decoder(reader)
            except (Incomplete, WireError) as error:
                ends[type(error).__name__] += 1
            else:
                assert header.encode() == octets[: reader.at]
                ends["whole"] += 1
    assert set(ends) == {"whole", "Incomplete", "WireError"}


FILES = [
    write(Captured(n * 1_500_000_000, frame[:100], len(frame)) for n, frame in enumerate(frames()[:12]))
    for write in (write_pcap, write_pcapng)
]


@pytest.mark.fuzz
@pytest.mark.parametrize(("octets", "form"), [*zip(FILES, (pcap, pcapng), strict=True)], ids=["pcap", "pcapng"])
def test_bent_files_raise_only_the_two_failures(octets: bytes, form: object, inputs: int) -> None:
    dice, ends = random.Random(4), Counter[str]()
    for _ in range(inputs // 2):
        data = bent(octets[: dice.choice([60, 300, 2_000])], dice)
        try:
            file = form.decode(data)  # type: ignore[attr-defined]
        except (Incomplete, WireError) as error:
            ends[type(error).__name__] += 1
        else:
            assert file.encode() == data
            ends["whole"] += 1
        failure(lambda data=data: read_capture(data))  # type: ignore[misc]
    assert min(ends["whole"], ends["WireError"]) > inputs // 100, ends


# ---------------------------------------------------------------------------------------------------------------- time


@pytest.mark.parametrize(
    "octets",
    [
        frames()[50][:20] + b"\0" * 65_000,
        bytes(12) + b"\x81\0\0\0" * 16_000,
        frames()[50][:14] + b"\x60\0\0\0\xff\xf0\x3c\x40" + bytes(32) + b"\x3c\0\1\4\0\0\0\0" * 8_000,
        frames()[8][:46] + b"\xff" + frames()[8][47:] + b"\1" * 60_000,
    ],
    ids=["zeros", "tags", "headers", "options"],
)
def test_a_long_frame_takes_time_in_proportion(octets: bytes) -> None:
    began = process_time()
    for _ in range(3):
        packet = decode(octets)
        assert packet.encode() == octets
        assert packet.summary
    assert process_time() - began < 3
