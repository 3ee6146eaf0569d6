"""What the bytes are, and where they fail: by vectors of the RFCs, and by the parsers' own spans."""

import json
from pathlib import Path

import pytest

from netlab.explain import (
    PROTOCOLS,
    Explanation,
    Guess,
    Protocol,
    explain,
    for_page,
    guess,
    parse_text,
    picture,
    printed,
)
from netlab.explain.explaining import MOST_OCTETS
from netlab.explain.fields import ETHERTYPES, ICMP, ICMP6, NUMBERS, OPCODES, rule, said
from netlab.explain.registry import fetched
from netlab.explain.watching import Watcher
from netlab.http1 import Headers, Response
from netlab.packet import ETHERNET, RAW, TCP, Ethernet, HopByHop, IPv4, build, decode, icmp, read
from netlab.packet.frame import INSIDE
from netlab.picture import DELIVERED, LOST
from netlab.web.websocket import Deflate, Frame, Opcode, encode, encode_close
from netlab.web.websocket.deflate import Deflater
from netlab.web.websocket.handshake import answer, request
from netlab.wire import Incomplete, Recorder, WireError
from tests.packet.mixed import frames

VECTORS = {
    one["id"]: one for one in json.loads((Path(__file__).parents[1] / "vectors" / "frames.json").read_text())["vectors"]
}
HELLO = bytes.fromhex("81 05 48 65 6c 6c 6f")  # RFC 6455 §5.7
GET = request("server.example.com", "/chat", nonce=b"the sample nonce").encode()


def names(found: Explanation) -> list[str]:
    return [span.name for span in found.spans]


def values(found: Explanation) -> dict[str, object]:
    return {span.name: span.value for span in found.spans}


# ----------------------------------------------------------------------------------------------------------- guesses


@pytest.mark.parametrize("name", [name for name in VECTORS if "frames_hex" in VECTORS[name]])
def test_the_frames_of_the_rfc_are_guessed_and_read(name: str) -> None:
    vector = VECTORS[name]
    octets = bytes.fromhex("".join(vector["frames_hex"]))
    found = explain(octets)
    side = "client" if vector["expect"]["masked"] else "server"
    assert found.protocol is PROTOCOLS[f"websocket-{side}"]
    assert found.failure is None
    payloads = b"".join(span.value for span in found.spans if span.name.endswith("payload"))  # type: ignore[misc]
    assert payloads.hex() == vector["expect"].get("payload_hex", payloads.hex())
    assert sum(span.stop - span.start for span in found.spans) == len(octets)


def test_every_frame_of_a_capture_is_guessed_and_so_are_the_packets_in_it() -> None:
    for octets in frames():
        packet = decode(octets)
        kind = packet.layers[0]
        assert isinstance(kind, Ethernet)
        if kind.type in ETHERTYPES:
            assert guess(octets)[0].name == "frame", packet.summary
        inner = octets[14:]
        if isinstance(packet.layers[-1], TCP | icmp.ICMP) and type(packet.layers[1]) is IPv4:
            assert guess(inner)[0].name == "ip"


@pytest.mark.parametrize(
    ("octets", "name"),
    [
        (frames()[0][14:], "arp"),
        (frames()[2][34:], "udp"),
        (frames()[8][34:], "tcp"),
        (build(icmp.ICMP(), payload=bytes(8)).encode(), "icmp"),
        (GET, "websocket-handshake"),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "http-request"),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", "http-response"),
        (HELLO + HELLO, "websocket-server"),
        (HELLO[:4], "websocket-server"),
        (b"\x81\x85", "websocket-client"),
        (bytes.fromhex("83 05 48 65 6c 6c 6f"), "websocket-server"),  # an opcode that is reserved
    ],
)
def test_what_is_the_likeliest_is_first(octets: bytes, name: str) -> None:
    found = guess(octets)
    assert found[0].name == name
    assert found == sorted(found, key=lambda one: -one.score)
    assert all(1 <= one.score <= 100 and one.why for one in found)


def test_what_nobody_knows_is_shown_all_the_same() -> None:
    found = explain(b"\xfe\xff plain words")
    assert (found.protocol, found.failure, [*found.spans]) == (None, None, [])
    assert found.message == "14 bytes of a protocol that nobody here recognises"
    assert picture(found).drawing.letters  # type: ignore[union-attr]
    assert guess(b"") == []


def test_a_protocol_joins_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Protocol("echo", "Header of UDP again", "RFC 768", "netlab.packet.udp:decode", lambda data: Guess(99, "so"))
    monkeypatch.setitem(PROTOCOLS, "echo", line)
    found = explain(frames()[2][34:])
    assert (found.protocol, found.why) == (line, "so")
    assert names(found)[0] == "UDP.source port"
    with pytest.raises(ValueError, match="there is no protocol 'gopher': take one of frame, ip, "):
        explain(b"x", "gopher")


def test_every_protocol_of_the_registry_is_there() -> None:
    for name, protocol in PROTOCOLS.items():
        assert name == protocol.name
        assert callable(fetched(protocol.decoder))
        assert not protocol.look or callable(fetched(f"netlab.explain.looks:{protocol.look}"))
        assert rule("x", protocol.rfc) == protocol.rfc
        assert protocol.guess(b"").score == 0


# ------------------------------------------------------------------------------------------------- what is read, whole


@pytest.mark.parametrize("octets", frames(), ids=range(len(frames())))
def test_the_spans_of_a_packet_are_those_that_its_parser_records(octets: bytes) -> None:
    for name, data, linktype in (("frame", octets, ETHERNET), ("ip", octets[14:], RAW)):
        recorder = Recorder(data)
        packet = read(recorder, linktype)
        found = explain(data, name)
        theirs = [(span.start, span.stop, span.name) for span in recorder.spans]
        ours = [(span.start, span.stop, span.name) for span in found.spans]
        if not packet.failure:
            assert ours == theirs
            assert found.failure is None
        else:
            assert found.failure is not None
            assert ours[: len(theirs) - 1] == theirs[:-1]
            assert found.failure.message in packet.failure or str(found.failure.missing) in packet.failure


@pytest.mark.parametrize("name", ["ethernet", "ipv4", "udp", "tcp", "arp", "icmp", "icmpv6", "ipv6"])
def test_a_header_alone_tells_what_it_carries(name: str) -> None:
    begins = {"ethernet": (2, 0, 14), "ipv4": (2, 14, 34), "udp": (2, 34, 42), "tcp": (8, 34, 74), "arp": (0, 14, 42),
              "icmp": (35, 34, 38), "icmpv6": (46, 54, 58), "ipv6": (18, 14, 54)}  # fmt: skip
    n, start, stop = begins[name]
    octets = frames()[n][start:]
    found = explain(octets, name)
    assert found.why == "it was asked for"
    assert found.failure is None
    assert max(span.stop for span in found.spans) == stop - start
    rest = [(span.start, span.stop) for span in found.rest]
    assert rest == ([(stop - start, len(octets))] if len(octets) > stop - start else [])
    assert all(found.rules and found.rules[span.name].startswith(("RFC", "IEEE")) for span in found.spans)


def test_trailing_bytes_are_told() -> None:
    found = explain(frames()[2][34:] + b"more", "udp")
    assert [(span.name, span.value) for span in found.rest] == [("payload", "200 bytes"), ("left over", "4 bytes")]
    assert explain(b"GET / HTTP/1.1\r\nHost: a\r\n\r\nabc").rest[0].name == "content"
    assert explain(HELLO * 150).rest[0].name == "further messages"


def test_a_message_of_http_in_a_segment_is_read_too() -> None:
    ends = Ethernet(type=0x0800), IPv4(src=b"\n\0\0\1", dst=b"\n\0\0\2")
    head = Response(200, Headers((("Server", "netlab"),))).encode()
    found = explain(build(*ends, TCP(80, 49152), payload=head + b"Hi").encode())
    assert names(found)[-4:] == ["HTTP.status line", "HTTP.Server", "HTTP.empty line", "HTTP.content"]
    assert found.rules
    assert [found.rules[name] for name in names(found)[-4:-1]] == [
        "RFC 9112 §4", "RFC 9112 §5.1", "RFC 9112 §2.1",
    ]  # fmt: skip
    part = explain(build(*ends, TCP(80, 49152), payload=head[:-2]).encode())
    assert names(part)[-2:] == ["TCP.urgent pointer", "payload"]
    assert part.failure is None


def test_frame_after_frame_has_its_number() -> None:
    found = explain(HELLO + bytes.fromhex("89 01 30"))
    assert names(found)[3:] == ["2. FIN, RSV, opcode", "2. MASK, length", "2. payload"]
    assert found.rules
    assert found.rules["2. payload"] == "RFC 6455 §5.2"
    assert values(found)["2. FIN, RSV, opcode"] == "FIN, ping"


# -------------------------------------------------------------------------------------------------------- second looks


def test_checksums_are_looked_at() -> None:
    right, wrong = explain(frames()[8]), explain(frames()[6])
    assert [*right.notes] == ["The checksum of IPv4 is right.", "The checksum of TCP is right."]
    assert next(note for note in wrong.notes if "UDP" in note).startswith("The checksum of UDP is wrong: ")
    assert explain(frames()[2][14:34], "ipv4").notes[0] == "The checksum of IPv4 is right."
    cut = explain(frames()[2][:60])
    assert "182 bytes more than are here" in cut.notes[0]


def test_a_compressed_frame_is_inflated_or_said_to_need_others() -> None:
    deflater = Deflater()
    first, second = (encode(Frame(Opcode.TEXT, deflater.deflate(b"Hello"), rsv1=True)) for _ in range(2))
    assert "(RFC 7692 §6). Inflated, it is 'Hello', 5 bytes." in explain(first).notes[0]
    assert "By itself it cannot be inflated" in explain(second).notes[0]
    bomb = Deflater(Deflate().client_max_window_bits).deflate(bytes(10_000_000))
    assert "By itself it cannot be inflated: it inflates to more than is allowed" in explain(
        encode(Frame(Opcode.BINARY, bomb, rsv1=True))
    ).notes[0]  # fmt: skip


def test_a_close_says_why() -> None:
    closed = encode(Frame(Opcode.CLOSE, encode_close(1000, "bye")))
    assert [*explain(closed).notes] == ["It closes with 1000, normal: 'bye'."]
    assert [*explain(bytes.fromhex("88 00")).notes] == ["It closes with 1005, no status received."]
    assert [*explain(bytes.fromhex("88 02 0f a0")).notes] == ["It closes with 4000, an application's own."]


def test_a_handshake_gets_its_answer() -> None:
    assert explain(GET).notes[0] == (
        "A server that agrees answers Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo= (RFC 6455 §4.2.2)."
    )
    agreed = answer(request("a", nonce=bytes(16))).response.encode()
    assert explain(agreed + HELLO).notes[0] == "Behind its empty line nothing is HTTP: it is 'websocket'."
    assert explain(agreed + HELLO).rest[0].value == "7 bytes"
    assert explain(b"HTTP/1.1 404 Not Found\r\n\r\n").notes == []


# ------------------------------------------------------------------------------------------------------ what is broken

IP = "45000020 00000000 40110000 0a000001 0a000002"
BROKEN = [  # the bytes, the protocol, the first byte and field that break the rule, and the rule
    ("83 05 48", "websocket-server", 0, "FIN, RSV, opcode", "RFC 6455 §5.2"),
    ("a1 05 48", "websocket-server", 0, "FIN, RSV, opcode", "RFC 6455 §5.2"),
    ("81 85 48", "websocket-server", 1, "MASK, length", "RFC 6455 §5.1"),
    ("81 05 48", "websocket-client", 1, "MASK, length", "RFC 6455 §5.1"),
    ("89 7e 00 80", "websocket-server", 1, "MASK, length", "RFC 6455 §5.5"),
    ("81 7e 00 05", "websocket-server", 2, "extended length", "RFC 6455 §5.2"),
    ("82 7f 80 00000000000000", "websocket-server", 2, "extended length", "RFC 6455 §5.2"),
    ("81 02 c3 28", "websocket-server", 2, "payload", "RFC 6455 §8.1"),
    ("88 01 03", "websocket-server", 2, "payload", "RFC 6455 §5.5.1"),
    ("88 02 03 ed", "websocket-server", 2, "payload", "RFC 6455 §7.4"),
    ("81 01 41 83 00", "websocket-server", 3, "FIN, RSV, opcode", "RFC 6455 §5.2"),
    ("65" + IP[2:], "ipv4", 0, "IPv4.version, IHL", "RFC 791 §3.1"),
    ("44" + IP[2:], "ip", 0, "IPv4.version, IHL", "RFC 791 §3.1"),
    ("45000010" + IP[8:], "ipv4", 2, "IPv4.total length", "RFC 791 §3.1"),
    ("50" + "00" * 39, "ipv6", 0, "IPv6.version, traffic class, flow label", "RFC 8200 §3"),
    (IP + "0001 0002 0007 0000 00000000", "ip", 24, "UDP.length", "RFC 768"),
    ("0001 0002 0007 0000", "udp", 4, "UDP.length", "RFC 768"),
    ("0001 0002 00000000 00000000 4000 0000 0000 0000", "tcp", 12, "TCP.data offset, rsrvd", "RFC 9293 §3.1"),
    ("45000018" + IP[8:] + "0001 0002 0008 0000", "ip", 20, "UDP", "RFC 791 §3.1"),
    ("45000014" + IP[8:] + "0001", "ip", 20, "UDP", "RFC 791 §3.1"),
    ("45000014" + IP[8:], "ip", 19, "UDP", "RFC 791 §3.1"),
    (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n".hex(), "http-request", 16, "line", "RFC 9112 §5.1"),
    (b"GET /\r\n\r\n".hex(), "http-request", 0, "line", "RFC 9112 §3"),
    (b"\x16\x03".hex(), "http-request", 0, "request line", "RFC 9112 §3"),
    (b"GET / HTTP/1.1\r\nHOST: /\r\n\r\n".hex(), "http-request", 16, "HOST", "RFC 9112 §3.2"),
    (b"GET / HTTP/1.1\r\nA: b\r\n\r\n".hex(), "http-request", 22, "empty line", "RFC 9112 §3.2"),
    (b"HTTP/1.1 700 X\r\n\r\n".hex(), "http-response", 0, "line", "RFC 9112 §4"),
    (GET.replace(b"GET", b"POST").hex(), "websocket-handshake", 0, "request line", "RFC 6455 §4.2.1"),
    (GET.replace(b"dGhl", b"").hex(), "websocket-handshake", 87, "Sec-WebSocket-Key", "RFC 6455 §4.2.1"),
    (GET.replace(b": 13", b": 8").hex(), "websocket-handshake", 132, "Sec-WebSocket-Version", "RFC 6455 §4.4"),
    (GET.replace(b"n: Upgrade", b"n: close").hex(), "websocket-handshake", 66, "Connection", "RFC 6455 §4.2.1"),
]  # fmt: skip


@pytest.mark.parametrize(("octets", "protocol", "at", "field", "rule"), BROKEN)
def test_the_byte_that_breaks_a_rule_is_named_with_it(
    octets: str, protocol: str, at: int, field: str, rule: str
) -> None:
    found = explain(bytes.fromhex(octets), protocol)
    failure = found.failure
    assert failure
    assert (failure.start, failure.field.removeprefix("2. "), failure.rule) == (at, field, rule)
    assert failure.stop > failure.start
    assert f"broken at byte {at}: {failure.message} ({rule})" in found.message
    drawn = picture(found)
    assert drawn.title == found.message
    guilty = [span for span in drawn.drawing.spans if span.name == f"{failure.field} breaks {rule}"]  # type: ignore[union-attr]
    assert [(span.start, span.stop) for span in guilty] == [(failure.start, failure.stop)]
    assert [name for name, hue in drawn.drawing.hues.items() if hue is LOST] == [guilty[0].name]  # type: ignore[union-attr]
    assert f"breaks {rule}" in drawn.sentence
    assert f"breaks {rule}" in printed(found)


def test_a_failure_in_a_later_message_has_its_number() -> None:
    found = explain(HELLO + b"\x83\0", "websocket-server")
    assert found.failure
    assert (found.failure.start, found.failure.field) == (7, "2. FIN, RSV, opcode")


def test_what_is_left_over_in_a_part_is_where_it_breaks() -> None:
    r = Watcher(b"\2abcd")
    with pytest.raises(WireError), r.sub(r.uint(1, "length") + 2, "name", "RFC 768") as body:
        body.take(2, "label")
    assert r.looked == (3, 5, "name")
    assert [span.name for span in r.spans] == ["length", "name.label"]
    assert Watcher(b"").looked.name == "message"


def test_what_was_read_before_the_failure_is_still_there() -> None:
    assert names(explain(bytes.fromhex(IP + "0001 0002 0007 0000"), "ip"))[-4:] == [
        "UDP.source port", "UDP.destination port", "UDP.length", "UDP.checksum",
    ]  # fmt: skip
    assert names(explain(HELLO + b"\x83\0"))[:4] == [
        "FIN, RSV, opcode", "MASK, length", "payload", "2. FIN, RSV, opcode",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("octets", "protocol", "missing"),
    [
        (frames()[8][14:34], "ipv4", 0),
        (frames()[8][34:74], "tcp", 0),
        (frames()[8], "frame", 0),
        (frames()[0], "frame", 0),
        (frames()[51], "frame", 0),
        (HELLO, "websocket-server", 0),
        (bytes.fromhex("818537fa213d7f9f4d5158"), "websocket-client", 0),
        (GET, "websocket-handshake", 0),
    ],
)
def test_bytes_that_are_cut_anywhere_keep_each_field_that_is_there(octets: bytes, protocol: str, missing: int) -> None:
    whole = explain(octets, protocol)
    assert whole.failure is None
    for cut in range(1, len(octets)):
        part = explain(octets[:cut], protocol)
        there = [span for span in whole.spans if span.stop <= cut]
        if part.failure and not part.failure.rule:
            assert 1 <= part.failure.missing <= len(octets) - cut
            assert [span[:3] for span in part.spans] == [span[:3] for span in there]
            assert part.message.endswith(str(Incomplete(part.failure.missing)))
            assert part.failure.start == max((span.stop for span in there), default=0)
            shown = picture(part).drawing.spans  # type: ignore[union-attr]
            assert len(shown) == len(there) + (part.failure.start < cut)
        else:  # what is missing is payload, of which nobody waits for more
            assert protocol == "frame"


# ------------------------------------------------------------------------------------------------------ words, pictures


def test_the_names_of_numbers_are_the_tables_of_the_parsers() -> None:
    assert {number: kind.__name__ for number, kind in INSIDE[Ethernet].items()} == ETHERTYPES
    inside = {number: kind.__name__ for kind in INSIDE for number, kind in INSIDE[kind].items() if number < 256}
    assert inside == {number: name for number, name in NUMBERS.items() if number != 59}
    assert {int(code): code.name.lower() for code in Opcode} == OPCODES
    assert set(ICMP) & {0, 3, 8, 11} == {0, 3, 8, 11}
    assert set(ICMP6) >= {1, 2, 3, 128, 129}
    assert said("IPv4.protocol", 58) == 58  # ICMPv6 does not travel in IPv4
    assert said("FIN, RSV, opcode", "no number") == "no number"
    assert said("Ethernet.type", b"x") == b"x"
    assert HopByHop.__name__ in NUMBERS.values()


def test_a_picture_says_all_that_it_shows() -> None:
    drawn = picture(explain(HELLO))
    assert drawn.title == "WebSocket frames from a server: 7 bytes in 3 fields"
    assert drawn.sentence == "Byte 0 FIN, RSV, opcode: FIN, text; byte 1 MASK, length: 5; bytes 2–6 payload: 'Hello'."
    assert drawn.drawing.hues == {"payload": DELIVERED}  # type: ignore[union-attr]
    assert [bits.offset for bits in drawn.drawing.bits] == [0, 1]  # type: ignore[union-attr]
    assert drawn.drawing.rules["FIN, RSV, opcode"] == "RFC 6455 §5.2"  # type: ignore[union-attr]
    json.dumps(drawn.data())


def test_of_many_bytes_and_fields_the_first_are_shown() -> None:
    long = explain(encode(Frame(Opcode.BINARY, bytes(100_000))))
    assert long.failure is None
    assert len(picture(long).data()["drawing"]["octets"]) == 2 * 16_384
    assert "100,000 bytes" in json.dumps(picture(long).data())
    tags = explain(bytes(12) + b"\x81\0\0\0" * 900 + b"\x08\x06")
    assert len(picture(tags).drawing.spans) == 401  # type: ignore[union-attr]
    assert "more fields" in picture(tags).drawing.spans[-1].name  # type: ignore[union-attr]
    assert "fields more" in picture(tags).sentence
    assert printed(tags).count("\n") < 430
    huge = explain(b"\x82\x7f" + (1 << 20).to_bytes(8) + bytes(1 << 20))
    assert len(huge.octets) == MOST_OCTETS
    assert huge.failure
    assert "Of 1,048,586 bytes the first 262,144 are read." in huge.notes


def test_the_page_gets_all_of_it_in_one_dict() -> None:
    told = for_page("81 05 48 65 6c 6c 6f")
    json.dumps(told)
    assert told["protocol"] == "websocket-server"
    assert told["guesses"][0] == {
        "name": "websocket-server", "title": "WebSocket frames from a server",
        "why": "a text frame without a mask, whose length fits to the byte",
    }  # fmt: skip
    assert (told["state"], told["rule"], told["at"], told["packets"]) == ("whole", "", None, None)
    assert (told["chapter"], told["rfc"], told["form"]) == ("web/websocket", "RFC 6455", "hex")
    assert told["message"] == "WebSocket frames from a server: 7 bytes in 3 fields."
    broken = for_page(b"\x83\x05", "websocket-server")
    assert (broken["state"], broken["rule"], broken["at"]) == ("broken", "RFC 6455 §5.2", 0)
    assert broken["form"] == "a file"
    cut = for_page(bytearray(HELLO[:4]))
    assert (cut["state"], cut["missing"], cut["rule"]) == ("cut", 3, "")
    assert for_page("fe ff")["state"] == "unknown"
    assert for_page("fg") == {"error": "'g' at line 1, column 2 is no hex digit."}
    assert for_page(b"") == {"error": "There is not one byte to explain."}
    assert for_page("81", "gopher")["error"].startswith("There is no protocol 'gopher'")
    assert parse_text("81") == b"\x81"
