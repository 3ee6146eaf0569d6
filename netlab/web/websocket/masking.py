"""Masking: what a client does to each payload, and a server undoes, RFC 6455 §5.3.

Byte i of the payload is XORed with byte i mod 4 of the key. Doing it twice changes nothing, so one function masks
and unmasks:

>>> mask(b"Hello", bytes.fromhex("37fa213d")).hex(" ")              # §5.7
'7f 9f 4d 51 58'
>>> mask(bytes.fromhex("7f9f4d5158"), bytes.fromhex("37fa213d"))
b'Hello'

That is a line of Python, ``bytes(p ^ k for p, k in zip(payload, cycle(key)))``, and a slow one: it takes each byte in
hand. Two ways let Python's own loops in C do it. A short payload is read as one long number, and so is the key,
repeated; two numbers are XORed at once. For a long one the conversions into numbers and back cost more than they save.
There each fourth byte, from one of four starts on, meets the same byte of the key: four slices, and a table of 256
entries to translate each.
"""

from __future__ import annotations

from functools import cache

_number = int.from_bytes  # looked up once: it is a fifth of the time that a short payload takes

SHORT = 400  # bytes; from about there on the slices are faster


def mask(payload: bytes | bytearray, key: bytes) -> bytes:
    """Return ``payload`` masked, or unmasked, with the 4 bytes of ``key``."""
    return bytes(xor(payload, key))


def xor(payload: bytes | bytearray, key: bytes) -> bytes | bytearray:
    """Return the same, but a long one as a bytearray: whoever joins it to something else need not copy it twice."""
    size = len(payload)
    if not size:
        return b""
    if size < SHORT:
        return (_number(payload) ^ _number((key * (size // 4 + 1))[:size])).to_bytes(size)
    octets = bytearray(payload)
    for start, octet in enumerate(key):
        octets[start::4] = octets[start::4].translate(_xored(octet))
    return octets


@cache
def _xored(octet: int) -> bytes:
    """Return what each of the 256 bytes becomes when it is XORed with ``octet``."""
    return bytes(value ^ octet for value in range(256))
