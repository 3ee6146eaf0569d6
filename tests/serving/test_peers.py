"""Peers that we did not write talk to our servers: curl, nc, Python's own clients."""

import asyncio
import subprocess
import urllib.request

import pytest

from netlab.serving import Address, Echo, Session, aio, blocking, running
from tests.programs import need

SHELLS = {"blocking": blocking.serve, "aio": aio.serve}
PAGE = b"what a server says " * 50_000  # 950 kB: more than one piece of anything

pytestmark = pytest.mark.parametrize("serve", SHELLS.values(), ids=SHELLS)


class Page(Session):
    """Just enough HTTP/1.1 to be read by anybody: one request, the whole page, and goodbye."""

    def __init__(self) -> None:
        self.request = b""

    def receive(self, data: bytes) -> bytes:
        self.request += data
        if b"\r\n\r\n" not in self.request:
            return b""
        self.closed = True
        status = b"200 OK" if self.request.startswith(b"GET ") else b"413 Content Too Large"
        return b"HTTP/1.1 %b\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (status, len(PAGE), PAGE)


def run(*command: object, said: bytes = b"") -> bytes:
    """Return what a program prints that reads ``said``."""
    return subprocess.run([*map(str, command)], input=said, capture_output=True, check=True, timeout=20).stdout


def curl(address: Address, *options: str, said: bytes = b"") -> bytes:
    return run(need("curl"), "-sS", "--noproxy", "*", *options, url(address), said=said)


def url(address: Address) -> str:
    return f"http://{address.host}:{address.port}/"


def test_curl_reads_a_page(serve) -> None:
    with running(serve, Page) as address:
        assert curl(address) == PAGE
    assert address.failures == ()


def test_curl_is_told_too_large_while_it_still_uploads(serve) -> None:
    """The server answers and closes before it has read the upload: the answer must not be lost (RFC 9112 §9.6)."""
    upload = ["-H", "Expect:", "--data-binary", "@-"]
    with running(serve, Page) as address:
        for _ in range(5):
            answer = curl(address, "-w", "%{http_code}", *upload, said=bytes(3 << 20))
            assert answer == PAGE + b"413"
    assert address.failures == ()


def test_nc_says_it_all_and_closes_its_side(serve) -> None:
    """-N: shut the network socket down after EOF on the input, as OpenBSD's nc does when asked."""
    said = b"line\n" * 1000
    with running(serve, Echo) as address:
        assert run(need("nc"), "-N", address.host, address.port, said=said) == said


def test_python_reads_a_page(serve) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with running(serve, Page) as address, opener.open(url(address), timeout=10) as response:
        assert response.read() == PAGE


def test_an_asyncio_client(serve) -> None:
    async def converse(address: Address) -> bytes:
        reader, writer = await asyncio.open_connection(*address)
        writer.writelines([b"a stream ", b"of bytes"])
        writer.write_eof()
        heard = await reader.read()
        writer.close()
        await writer.wait_closed()
        return heard

    with running(serve, Echo) as address:
        assert asyncio.run(converse(address)) == b"a stream of bytes"
