"""Bytes as tools print them, written anew here: what a reader pastes. Each function takes bytes and returns text."""

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator


def rows(data: bytes, width: int = 16) -> Iterator[tuple[int, bytes]]:
    for at in range(0, len(data), width):
        yield at, data[at : at + width]


def seen(data: bytes) -> str:
    """Return bytes as the letters at a dump's end."""
    return "".join(chr(octet) if 0x20 <= octet < 0x7F else "." for octet in data)


def words(data: bytes) -> str:
    """Return bytes two by two."""
    return " ".join(data[n : n + 2].hex() for n in range(0, len(data), 2))


def xxd(data: bytes) -> str:
    return "\n".join(f"{at:08x}: {words(row):39}  {seen(row)}" for at, row in rows(data))


def hexdump(data: bytes) -> str:
    """Return what hexdump -C prints, but for the ``*`` that stands for equal rows."""
    lines = [f"{at:08x}  {row[:8].hex(' '):23}  {row[8:].hex(' '):23}  |{seen(row)}|" for at, row in rows(data)]
    return "\n".join([*lines, f"{len(data):08x}"])


def od(data: bytes) -> str:
    """Return what od -tx1 prints: its offsets are octal."""
    return "\n".join([*(f"{at:07o} {row.hex(' ')}" for at, row in rows(data)), f"{len(data):07o}"])


def wireshark(data: bytes) -> str:
    return "\n".join(f"{at:04x}   {row.hex(' '):47}   {seen(row)}".rstrip() for at, row in rows(data))


def tcpdump(data: bytes) -> str:
    lines = [f"\t0x{at:04x}:  {words(row):39}  {seen(row)}" for at, row in rows(data)]
    return "\n".join(["12:00:00.000000 IP 192.0.2.1.5353 > 192.0.2.2.53: UDP, length 8", *lines])


def array(data: bytes) -> str:
    """Return what xxd -i and Wireshark call a C array."""
    lines = [f"  {', '.join(f'0x{octet:02x}' for octet in row)}" for _, row in rows(data, 12)]
    return "unsigned char peer0_0[] = { /* Packet 1 */\n" + ",\n".join(lines) + "\n};\nunsigned int peer0_0_len = 3;"


def escaped(data: bytes) -> str:
    return "".join(f"\\x{octet:02x}" for octet in data)


DUMPS: list[Callable[[bytes], str]] = [xxd, hexdump, od, wireshark, tcpdump]
PLAIN: list[Callable[[bytes], str]] = [
    bytes.hex,
    lambda data: data.hex(" "),
    lambda data: data.hex(":").upper(),
    lambda data: data.hex("-"),
    lambda data: f"0x{data.hex()}",
    lambda data: ", ".join(f"0x{octet:x}" if octet < 16 else f"{octet:#04x}" for octet in data),
    lambda data: "\r\n".join(row.hex(" ", 2) for _, row in rows(data, 7)) + "  # a comment",
    lambda data: "[" + "; ".join(f"{octet:02X}" for octet in data) + "]",
    array,
    escaped,
    repr,
    lambda data: f'"{escaped(data)}"',
]
PACKED: list[Callable[[bytes], str]] = [
    lambda data: b64encode(data).decode(),
    lambda data: urlsafe_b64encode(data).decode().rstrip("="),
    lambda data: "-----BEGIN SOMETHING-----\n" + b64encode(data).decode() + "\n-----END SOMETHING-----\n",
]
