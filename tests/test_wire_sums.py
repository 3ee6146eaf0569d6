"""The Internet checksum: the RFCs' numbers, the kernel's packets, the RFC's own loop, scapy."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scapy.utils import checksum as scapy_checksum

from netlab.wire import checksum, checksum_update

VECTORS = json.loads((Path(__file__).parent / "vectors" / "checksum.json").read_text(encoding="utf-8"))["vectors"]
VECTOR: dict[str, dict[str, Any]] = {vector["id"]: vector for vector in VECTORS}
repeatable = settings(derandomize=True, deadline=None, max_examples=300)


def rfc1071(data: bytes) -> int:
    """RFC 1071 §4.1, line by line: add words, add a left-over byte, fold, complement."""
    total = sum(data[at] << 8 | data[at + 1] for at in range(0, len(data) - 1, 2))
    if len(data) % 2:
        total += data[-1] << 8
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def test_the_example_of_rfc_1071() -> None:
    vector = VECTOR["cksum.rfc1071"]
    data = bytes.fromhex(vector["data_hex"])
    assert checksum(data) == int(vector["checksum"], 16) == 0xFFFF ^ int(vector["ones_complement_sum"], 16)
    odd = vector["odd_split"]  # summed in two groups of odd length: the second one's bytes change places
    first, second = (0xFFFF ^ checksum(bytes.fromhex(odd[f"group{n}_hex"])) for n in (1, 2))
    assert (f"{first:04x}", f"{second:04x}") == (odd["group1_sum"], odd["group2_sum"])
    swapped = (second & 0xFF) << 8 | second >> 8
    assert (first + swapped) % 0xFFFF == int(odd["total"], 16)


def test_a_header_and_its_checksum() -> None:
    vector = VECTOR["cksum.ip.wikipedia"]
    header = bytes.fromhex(vector["header_hex"])
    assert checksum(header[:10] + bytes(2) + header[12:]) == int(vector["checksum"], 16)
    assert checksum(header) == 0


@pytest.mark.parametrize("name", ["icmp.echo.book", "icmp.echo_reply.book"])
def test_icmp_messages(name: str) -> None:
    message = bytes.fromhex(VECTOR[name]["hex"])
    assert checksum(message[:2] + bytes(2) + message[4:]) == int(VECTOR[name]["checksum"], 16)


def test_packets_of_the_kernel_have_nothing_wrong_with_them() -> None:
    echo, igmp = VECTOR["cap.icmp.echo"], VECTOR["cap.igmp3.join"]
    packets = [bytes.fromhex(text) for text in (echo["request_ip_hex"], echo["reply_ip_hex"], igmp["ip_hex"])]
    for packet in packets:
        header = (packet[0] & 15) * 4
        assert checksum(packet[:header]) == checksum(packet[header:]) == 0
        broken = packet[:8] + bytes([packet[8] ^ 1]) + packet[9:]
        assert checksum(broken[:header]) != 0
    assert checksum(bytes.fromhex(VECTOR["icmp.fragneeded"]["hex"])) == 0


@repeatable
@given(st.binary(max_size=70))
@example(b"")
@example(bytes(20))
@example(b"\xff" * 20)
@example(b"\xff\xff\x00")
@example(b"\x00\x00\x01")
@example(b"\xff\xfe\x00\x01")
def test_as_the_rfcs_loop_and_scapy_have_it(data: bytes) -> None:
    assert checksum(data) == rfc1071(data) == scapy_checksum(data)
    assert checksum(bytearray(data)) == checksum(memoryview(data)) == checksum(data)


@pytest.mark.parametrize("size", [*range(254, 262), *range(510, 520), 1499, 1500, 65_535])
@pytest.mark.parametrize("pattern", [bytes(range(256)), b"\xff", b"\0", b"\xff\xfe\0\1", b"\1" + bytes(300)])
def test_long_data(size: int, pattern: bytes) -> None:
    """Longer than 256 bytes the halves are added first: around that edge, with carries, and with nothing to carry."""
    data = (pattern * 65_536)[:size]
    assert checksum(data) == rfc1071(data) == scapy_checksum(data)


@repeatable
@given(st.binary(min_size=2, max_size=64))
def test_order_of_words_does_not_matter_and_swapped_bytes_swap_the_sum(data: bytes) -> None:
    """RFC 1071 §2 (A) and (B)."""
    data += bytes(len(data) % 2)
    words = [data[at : at + 2] for at in range(0, len(data), 2)]
    assert checksum(b"".join(reversed(words))) == checksum(data)
    assert checksum(b"".join(word[::-1] for word in words)).to_bytes(2) == checksum(data).to_bytes(2)[::-1]


def test_the_example_of_rfc_1624_that_rfc_1141_gets_wrong() -> None:
    vector = VECTOR["cksum.rfc1624"]
    old, m, new, rest = (int(vector[name], 16) for name in ("HC", "m", "m_new", "other_sum"))
    assert checksum((rest).to_bytes(2) + m.to_bytes(2)) == old
    assert (
        checksum_update(old, m, new) == int(vector["expect_eqn3"], 16) == checksum(rest.to_bytes(2) + new.to_bytes(2))
    )
    wrong = old + m + (~new & 0xFFFF)  # equation 2: HC' = HC + m + ~m'
    assert (wrong & 0xFFFF) + (wrong >> 16) == int(vector["wrong_eqn2"], 16)


def test_nothing_changed_changes_nothing() -> None:
    """A reported erratum of RFC 1624 (4782) says that equation 3 fails here. It does not."""
    assert checksum_update(0x0000, 0x5555, 0x5555) == 0x0000
    assert checksum_update(0x0000, 0x5555, 0x5556) == checksum((0xAAAA).to_bytes(2) + (0x5556).to_bytes(2)) == 0xFFFE


@repeatable
@given(
    st.binary(min_size=8, max_size=40), st.integers(0, 18), st.sampled_from([2, 4]), st.binary(min_size=4, max_size=4)
)
@example(bytes(6) + b"\x45\x00", 0, 4, b"\xff\xff\xff\xff")
@example(b"\xaa\xaa\x55\x55" + bytes(4), 1, 2, b"\x55\x55\x00\x00")
def test_an_update_is_what_summing_again_gives(data: bytes, word: int, size: int, field: bytes) -> None:
    data += bytes(len(data) % 2)
    at = min(2 * word, len(data) - size)
    old, new = data[at : at + size], field[:size]
    changed = data[:at] + new + data[at + size :]
    if any(changed):  # a packet of zeros has the checksum ffff, which no update can tell from 0
        assert checksum_update(checksum(data), int.from_bytes(old), int.from_bytes(new)) in {checksum(changed)}


def test_a_router_and_a_nat_mend_the_header() -> None:
    header = bytearray.fromhex(VECTOR["cksum.ip.wikipedia"]["header_hex"])
    total = checksum_update(0xB861, 0x4011, 0x3F11)  # TTL 64 -> 63; the protocol shares its word
    total = checksum_update(total, 0xC0A80001, 0xCB007105)  # 192.168.0.1 -> 203.0.113.5
    header[8], header[10:12], header[12:16] = 63, total.to_bytes(2), bytes([203, 0, 113, 5])
    assert checksum(header) == 0


@pytest.mark.parametrize("wrong", [(0x10000, 0, 0), (-1, 0, 0), (0, -1, 0), (0, 0, -1)])
def test_what_cannot_be_a_checksum_or_a_field(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="a checksum is 0 to 0xffff"):
        checksum_update(*wrong)


def test_text_has_no_checksum() -> None:
    with pytest.raises(TypeError):
        checksum("text")  # type: ignore[arg-type]
