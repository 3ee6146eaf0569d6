"""What the tests of the lab share: three hosts in a row, and an ordinary user."""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from netlab.lab import Host, Lab
from tests.programs import missing


@pytest.fixture
def path(lab: Lab) -> tuple[Host, Host, Host]:
    """Return client, router and server, in a row, with routes."""
    client, router, server = lab.hosts("client router server")
    lab.link(client, router)
    lab.link(router, server)
    lab.route()
    return client, router, server


@pytest.fixture
def crowded() -> Iterator[None]:
    """Have more files open than select(2), whose numbers end at 1,023, can wait for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 1400:
        pytest.skip(f"no more than {hard} files may be open")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    many = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    yield
    for fd in many:
        os.close(fd)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


ROOT = Path(__file__).parents[2]
NOBODY = 65_534  # the user who owns nothing


@pytest.fixture(scope="session")
def ordinary() -> Iterator[Callable[..., Any]]:
    """Yield ``ordinary("module", *words)``: what `python -m module words` writes as JSON, run by an ordinary user.

    Root runs it as nobody, on a copy of the project that nobody may read, with a Python that nobody may run.
    """
    if os.geteuid():
        yield lambda *words: _asked([sys.executable, "-m", *words], cwd=ROOT)
        return
    who = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    with tempfile.TemporaryDirectory() as text:
        copy = Path(text)
        copy.chmod(0o755)
        for part in ("netlab", "tests/lab"):
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        python = next(filter(lambda path: _runs(path, copy, who), (sys.executable, "/usr/bin/python3")), "")
        if not python:
            missing("a Python ≥ 3.11 that an ordinary user may run")
        subprocess.run([python, "-m", "compileall", "-q", "netlab"], cwd=copy, check=True)  # as it is once installed
        yield lambda *words: _asked([python, "-m", *words], cwd=copy, **who)


def _runs(python: str, cwd: Path, who: dict[str, Any]) -> bool:
    """Return whether the ordinary user may run this Python, and it is new enough."""
    test = [python, "-c", "import sys, netlab.lab; sys.exit(sys.version_info < (3, 11))"]
    try:
        return subprocess.run(test, cwd=cwd, env=_plain(), capture_output=True, check=False, **who).returncode == 0
    except OSError:
        return False


def _asked(argv: list[str], **how: Any) -> Any:
    """Return the JSON that a program writes."""
    done = subprocess.run(argv, env=_plain(), capture_output=True, text=True, timeout=60, check=False, **how)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _plain() -> dict[str, str]:
    """Return an environment that nobody made for this test."""
    return {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
