"""What each module costs whoever imports it, over a bare Python: at most 40 ms, all that it imports included.

It is the processor's time that counts, and the least of several tries: what else the machine does must not decide.
A topic's figures may take half as long again, for they bring the room of pictures, and its exercises, for they bring
the topic and what checks answers; a notebook that has either loads matplotlib, which takes many times that.
Nor must its speed: where importing asyncio takes longer than 30 ms, a module may take longer in the same proportion.
"""

import subprocess
import sys
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


def cost(name: str) -> float:
    """Return the seconds that a new interpreter takes to import ``name``."""
    command = [sys.executable, "-c", CLOCKED.format(name=name, clock=CLOCK)]
    return float(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout)


@pytest.fixture(scope="module")
def most() -> float:
    """Return the seconds that a module may take on this machine, with this Python."""
    return MOST * max(1, min(cost("asyncio") for _ in range(15)) / YARDSTICK)


@pytest.mark.parametrize("name", modules())
def test_import(name: str, most: float, capsys: pytest.CaptureFixture[str]) -> None:
    most *= 1.5 if {"figures", "exercises"} & set(name.split(".")) else 1
    taken = min(cost(name) for _ in range(LEAST_TRIES))
    for _ in range(LEAST_TRIES, MOST_TRIES):
        if taken > most:
            taken = min(taken, cost(name))
    with capsys.disabled():
        print(f"\n  import {name:40} {taken * 1e3:5.1f} ms of {most * 1e3:.0f}", end="")
    assert taken <= most
