"""What each module costs whoever imports it, over a bare Python: at most 40 ms, all that it imports included.

It is the processor's time that counts, and the least of several tries: what else the machine does must not decide. Nor
must what Python does the first time alone: it compiles a module, and keeps the bytecode (here in a folder of the
test's). Nor must its speed: where importing asyncio takes longer than 30 ms, a module may take longer in proportion.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST, YARDSTICK = 0.040, 0.030  # s: for a module; for asyncio, where the limit is just this
LEAST_TRIES, MOST_TRIES = 3, 60  # a busy while may last for seconds
CLOCK = "perf_counter" if sys.platform == "win32" else "process_time"  # Windows counts a process's time in 16 ms
CLOCKED = "from time import {clock} as clock; start = clock(); import {name}; print(clock() - start)"

pytestmark = pytest.mark.serial


def modules() -> list[str]:
    """Return the name of every module of netlab but those of ``show``, which alone may import matplotlib."""
    paths = [path.relative_to(ROOT).with_suffix("") for path in sorted((ROOT / "netlab").rglob("*.py"))]
    names = [".".join(path.parts).removesuffix(".__init__") for path in paths]
    return [name for name in names if not f"{name}.".startswith("netlab.show.") and not name.endswith("__main__")]


@pytest.fixture(scope="module")
def cost(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], float]:
    """Return what tells the seconds that a new interpreter takes to import a module."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env["PYTHONPYCACHEPREFIX"] = str(tmp_path_factory.mktemp("bytecode"))

    def seconds(name: str) -> float:
        command = [sys.executable, "-c", CLOCKED.format(name=name, clock=CLOCK)]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True, timeout=60)
        return float(done.stdout)

    return seconds


@pytest.fixture(scope="module")
def most(cost: Callable[[str], float]) -> float:
    """Return the seconds that a module may take on this machine, with this Python."""
    return MOST * max(1, min(cost("asyncio") for _ in range(15)) / YARDSTICK)


@pytest.mark.parametrize("name", modules())
def test_import(name: str, cost: Callable[[str], float], most: float, capsys: pytest.CaptureFixture[str]) -> None:
    taken = min(cost(name) for _ in range(LEAST_TRIES))
    for _ in range(LEAST_TRIES, MOST_TRIES):
        if taken > most:
            taken = min(taken, cost(name))
    with capsys.disabled():
        print(f"\n  import {name:40} {taken * 1e3:5.1f} ms of {most * 1e3:.0f}", end="")
    assert taken <= most
