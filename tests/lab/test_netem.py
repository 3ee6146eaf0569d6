"""Where the kernel has netem, it makes links late and lossy instead of our own process: do the two agree?

The machine's kernel may have none. Debian's user-mode-linux is a whole kernel, with netem, that runs as a program and
sees the machine's files (and here may write none of them): the lab is tried on it as on any other.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.programs import need

pytestmark = pytest.mark.serial
ROOT = Path(__file__).parents[2]
SLOW = 0.002  # s: a kernel in a program wakes its own programs late; test_measured.py asks for less on a real one


@pytest.fixture(scope="module", name="seen")
def _seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Start the other kernel, with otherkernel.py as its first process, and return what that says at its end."""
    kernel = need("linux.uml")
    start = [kernel, "mem=512M", "rootfstype=hostfs", "rootflags=/", "ro", "quiet", "con=null", "con0=null,fd:1"]
    start += [f"PYTHONPATH={ROOT}", f"init={sys.executable}", "--", "-m", "tests.lab.otherkernel"]
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path_factory.mktemp("uml"))}
    with subprocess.Popen(
        start, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=env, start_new_session=True
    ) as uml:
        try:
            said = uml.communicate(timeout=120)[0].decode(errors="replace")
        finally:
            if uml.poll() is None:
                os.killpg(uml.pid, signal.SIGKILL)
    last = next((line for line in reversed(said.splitlines()) if line.startswith("{")), None)
    assert last, said
    found: dict[str, Any] = json.loads(last)
    return found


def test_the_lab_takes_what_the_kernel_has(seen: dict[str, Any]) -> None:
    assert seen["little"] == {"carrier": "Emulator", "address6": ""}
    assert seen["much"] == {"carrier": "Netem", "address6": "fd00:0:0:2::2"}


def test_both_are_late_by_the_delay(seen: dict[str, Any]) -> None:
    for how in ("netem", "process"):
        assert seen[how]["delays"]["count"] == 500
        assert 0 <= seen[how]["delays"]["p50"] <= SLOW


def test_both_disturb_alike(seen: dict[str, Any]) -> None:
    netem, process = (seen[how]["disturbed"] for how in ("netem", "process"))
    assert process["jitter"] == pytest.approx(
        [0.006, 0.010, 0.014], abs=0.0015
    )  # 4 standard deviations of 500 throws, or more
    assert process["jitter"] == pytest.approx(netem["jitter"], abs=0.0015 + SLOW)
    for disturbed in (netem, process):
        assert 0.05 < 1 - disturbed["left"] < 0.15
        assert 0.05 < disturbed["overtook"] < 0.15
