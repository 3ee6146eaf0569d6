"""``python -m netlab``: what it prints, how it ends, and that it never ends in a traceback."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from netlab import __main__ as program
from netlab.packet import Captured, write_pcap
from tests.explain.forms import hexdump
from tests.packet.mixed import frames

HELLO = bytes.fromhex("810548656c6c6f")
SHOWN = """WebSocket frames from a server: 7 bytes in 3 fields.
Why this: a text frame without a mask, whose length fits to the byte.

0000  81                       FIN, RSV, opcode  FIN, text  RFC 6455 §5.2
0001  05                       MASK, length      5          RFC 6455 §5.2
0002  48 65 6c 6c 6f           payload           'Hello'    RFC 6455 §5.2
"""


class Run:
    """Runs the program in this process, and keeps what it said."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.capsys, self.monkeypatch = capsys, monkeypatch

    def __call__(self, *arguments: str, comes_in: bytes = b"") -> tuple[int, str, str]:
        stdin = io.TextIOWrapper(io.BytesIO(comes_in))
        self.monkeypatch.setattr("sys.stdin", stdin)
        status = program.main(arguments)
        return status, *self.capsys.readouterr()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    return Run(capsys, monkeypatch)


def test_alone_it_prints_its_help(run: Run) -> None:
    status, out, err = run()
    assert (status, err) == (0, "")
    assert out.startswith("usage: python -m netlab")
    assert "explain" in out


def test_a_real_process_says_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "netlab", "explain", "-"], input=HELLO.hex(), capture_output=True, encoding="utf-8",
        env={"PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(Path(__file__).parents[2])}, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, SHOWN, "")


@pytest.mark.parametrize(
    ("arguments", "comes_in"),
    [
        (["81 05 48 65 6c 6c 6f"], b""),
        (["81", "05", "48", "65", "6c6c6f"], b""),
        ([r"\x81\x05Hello"], b""),
        (["-"], hexdump(HELLO).encode()),
        (["-"], HELLO),
        (["-"], HELLO.hex().encode()),
    ],
)
def test_hex_and_what_comes_in_are_explained(run: Run, arguments: list[str], comes_in: bytes) -> None:
    assert run("explain", *arguments, comes_in=comes_in) == (0, SHOWN, "")


def test_a_file_is_bytes_and_a_capture_is_packets(run: Run, tmp_path: Path) -> None:
    (tmp_path / "raw").write_bytes(HELLO)
    assert run("explain", str(tmp_path / "raw")) == (0, SHOWN, "")
    octets = write_pcap([Captured(0, frame, len(frame)) for frame in frames()[:3]])
    (tmp_path / "a.pcap").write_bytes(octets)
    status, out, err = run("explain", str(tmp_path / "a.pcap"))
    assert (status, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == ["1", "2", "3"]
    assert run("explain", "-", comes_in=octets) == (0, out, "")
    status, out, err = run("explain", str(tmp_path / "a.pcap"), "--packet", "2")
    assert (status, err) == (0, "")
    assert "ARP.opcode                   2, reply" in out
    assert run("explain", str(tmp_path / "a.pcap"), "--as", "ethernet")[1].startswith("Ethernet header: 42 bytes")


def test_broken_bytes_end_with_1(run: Run) -> None:
    status, out, err = run("explain", "--as", "websocket-server", "83 05 48")
    assert (status, err) == (1, "")
    assert out.startswith(
        "WebSocket frames from a server, broken at byte 0: the opcode 0x3 is reserved (RFC 6455 §5.2)"
    )
    assert run("explain", "81 05")[0] == 1
    assert run("explain", "fe ff")[0] == 1


def test_the_list_has_every_protocol(run: Run) -> None:
    status, out, _ = run("explain", "--list")
    assert status == 0
    assert "websocket-client     WebSocket frames from a client    RFC 6455\n" in out


def test_what_cannot_be_done_is_said_in_one_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.pcap").write_bytes(write_pcap([Captured(0, frames()[0], 42)]))
    (tmp_path / "empty.bin").write_bytes(b"")
    capture = str(tmp_path / "a.pcap")
    for arguments, sentence in [
        (["explain", "8g"], "'g' at line 1, column 2 is no hex digit"),
        (["explain"], "there is nothing to explain: name a file, or write bytes in hex, or - for what comes in"),
        (["explain", "nothing.pcap"], "there is no file nothing.pcap"),
        (["explain", str(tmp_path)], f"{tmp_path} is a folder"),
        (["explain", str(tmp_path / "empty.bin")], "there is not one byte to explain"),
        (["explain", capture, "--packet", "2"], "there is no packet 2: this file has packets 1 to 1."),
        (["explain", capture, "--packet", "0"], "there is no packet 0: this file has packets 1 to 1."),
        (["explain", "81", "--packet", "1"], "--packet needs a capture, a pcap or a pcapng, and this is none"),
        (["explain", "81", "--packet", "x"],
         "argument --packet: invalid int value: 'x': python -m netlab explain --help says how"),
        (["explain", "--what"], "unrecognized arguments: --what: python -m netlab --help says how"),
        (["explode"], "argument command: invalid choice: 'explode' (choose from"),
        (["explain", "--as", "gopher", "81"], "there is no protocol 'gopher': take one of frame, ip,"),
        (["explain", "a" * 5000 + "g"], "'g' at line 1, column 5001 is no hex digit"),
        (["explain", "81\0"], "'\\x00' at line 1, column 3 is no hex digit"),
    ]:  # fmt: skip
        status, out, err = run(*arguments)
        assert (status, out) == (2, "")
        assert err.startswith(f"netlab: {sentence}")
        assert err.count("\n") == 1


def test_a_file_that_cannot_be_read_is_said(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.bin").write_bytes(HELLO)
    monkeypatch.setattr(Path, "open", refuse)
    assert run("explain", str(tmp_path / "a.bin"))[2].endswith("a.bin cannot be read: Permission denied\n")


def test_an_output_that_is_closed_is_no_failure_of_ours(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed:
        def write(self, text: str) -> None:
            raise BrokenPipeError

    monkeypatch.setattr("sys.stdout", Closed())
    assert program.main(["explain", HELLO.hex()]) == 1
    sys.stdout.close()


def test_who_stops_reading_gets_no_traceback() -> None:
    script = f"{sys.executable} -m netlab explain {'00' * 3000} --as websocket-server | true"
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=False, timeout=60,
                          cwd=Path(__file__).parents[2])  # fmt: skip
    assert done.stderr == ""
