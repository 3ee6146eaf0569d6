"""A sweep over losses, round trips and controllers, wherever it runs."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from itertools import product
from pathlib import Path

import pytest

from netlab.transport.congestion.sweep import sweep, use_of_link
from tests.programs import missing

ROOT = Path(__file__).parents[2]
POINTS = list(
    product(
        ("reno", "cubic", "bbr"),
        (0.0, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2),
        (0.010, 0.020, 0.040, 0.060, 0.080, 0.1, 0.2),
    )
)
SMALL = [(*point, 0.5) for point in POINTS[::13]]


SETTING = """
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from netlab.transport.congestion.sweep import sweep, use_of_link
from tests.transport.test_congestion_sweep import SMALL

def run(executor):
    bar = []
    found = sweep(use_of_link, SMALL, executor, bar.append)
    print(found == sweep(use_of_link, SMALL), bar == [1] * len(SMALL))

if __name__ == "__main__":
"""

PROCESSES = """
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        run(pool)
"""

CLUSTER = """
    from distributed import Client, LocalCluster
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None, host="127.0.0.1") as cluster:
        with Client(cluster) as client:
            run(client.get_executor())
"""


@pytest.mark.parametrize("where", [PROCESSES, CLUSTER], ids=["processes", "a Dask cluster"])
def test_elsewhere_it_is_the_same_as_here(where: str, tmp_path: Path) -> None:
    """In a Python of its own: what executors leave running until their program ends is not ours to end."""
    if where == CLUSTER and not find_spec("distributed"):
        missing("distributed")
    script = tmp_path / "script.py"
    script.write_text(SETTING + where)
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=100, check=False, env=env)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["True", "True"], done.stderr


def test_a_bar_hears_of_each() -> None:
    heard: list[int] = []
    sweep(use_of_link, SMALL[:3], progress=heard.append)
    assert heard == [1, 1, 1]


def test_what_losses_and_ways_leave() -> None:
    shares = dict(zip(POINTS, sweep(use_of_link, [(*point, 2) for point in POINTS]), strict=True))
    assert len(POINTS) == 210
    assert all(0 <= share <= 1 for share in shares.values())
    assert shares["reno", 1e-2, 0.2] < 0.15
    assert shares["bbr", 1e-2, 0.2] > 0.5
    assert shares["reno", 1e-2, 0.010] > 3 * shares["reno", 1e-2, 0.2], "whoever is far away gets less"


def test_threads_and_the_order_of_points() -> None:
    with ThreadPoolExecutor(2) as pool:
        assert sweep(pow, [(2, n) for n in range(20)], pool) == [2**n for n in range(20)]
        with pytest.raises(ValueError, match="only reno, cubic, bbr"):
            sweep(use_of_link, [("vegas", 0.0, 0.1)], pool)


def test_what_goes_wrong_comes_through() -> None:
    with pytest.raises(ValueError, match="there is no controller 'vegas' here, only reno, cubic, bbr"):
        sweep(use_of_link, [("vegas", 0.0, 0.1)])
