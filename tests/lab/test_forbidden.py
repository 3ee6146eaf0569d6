"""Where the kernel gives less: no user namespaces, or no networks. Really so: the counts allowed are set to 0.

Inside a user namespace its root may allow no more of them: /proc/sys/user, namespaces(7).
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.programs import need

pytestmark = [pytest.mark.serial, pytest.mark.usefixtures("here")]
ROOT = Path(__file__).parents[2]
AS_ROOT = ("--map-root-user",)
AS_USER = ("--map-user=1000", "--map-group=1000", "--keep-caps")
WITHOUT = 'for kind in $0; do echo 0 >/proc/sys/user/max_${kind}_namespaces; done; exec "$@"'
FULL = 28  # ENOSPC: no more of them


def without(kinds: str, who: tuple[str, ...], *command: str) -> str:
    """Return what a Python says where there are no more namespaces of these ``kinds``."""
    argv = [need("unshare"), "--user", *who, "sh", "-c", WITHOUT, kinds, sys.executable, *command]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


ASK = "import json; from netlab.lab import available; print(json.dumps(available()))"


@pytest.mark.parametrize(
    ("kinds", "who", "step"),
    [
        ("user", AS_USER, "unshare(CLONE_NEWUSER), a user namespace"),
        ("user net", AS_ROOT, "unshare(CLONE_NEWNET)"),
        ("user mnt", AS_ROOT, "unshare(CLONE_NEWNS)"),
        ("pid", AS_ROOT, "unshare(CLONE_NEWPID)"),
    ],
)
def test_the_step_that_is_refused_is_named(kinds: str, who: tuple[str, ...], step: str) -> None:
    yes, named, errno, sentence = json.loads(without(kinds, who, "-c", ASK))
    assert (yes, named, errno) == (False, step, FULL)
    assert sentence == f"no lab on this machine: {step} failed: No space left on device (errno {FULL})"


TRY = """
import json
from netlab.lab import Lab
with Lab() as lab:
    a, b = lab.hosts("a b")
    lab.link(a, b, delay=0.001)
    with a.socket() as sock, b.socket() as listener:
        listener.bind((b.address, 80))
        listener.listen()
        sock.connect((b.address, 80))
    try:
        a.write("/dev/shm/netlab", "x")
        refused = ""
    except OSError as error:
        refused = error.strerror
print(json.dumps([a.address, refused]))
"""


def test_root_needs_no_user_namespace() -> None:
    assert json.loads(without("user", AS_ROOT, "-c", TRY)) == ["10.0.1.1", "Read-only file system: /dev/shm/netlab"]


def test_every_notebook_is_served_from_recordings() -> None:
    without("user net", AS_ROOT, "book/_ext/fresh_run.py", "book")


def test_the_labs_own_tests_are_skipped_by_name() -> None:
    said = without("user net", AS_ROOT, "-c", SKIPS)
    assert "SKIPPED" in said
    assert "a lab (no lab on this machine: unshare(CLONE_NEWNET) failed" in said


SKIPS = """
import os, sys, pytest
os.environ.pop("CI", None)
words = ["-q", "-rs", "-p", "no:cacheprovider", "tests/lab/test_lab.py"]
sys.exit(pytest.main(words))
"""


def test_an_experiment_that_may_not_run_is_read(tmp_path: Path) -> None:
    seen: dict[str, Any] = {"commands": [], "kernel": "Linux 6.1", "date": "2026-11-28", "data": 7}
    (tmp_path / "x.json").write_text(json.dumps(seen))
    code = (
        f"from netlab.lab import *; import pathlib; print(observe('x', print, folder=pathlib.Path({str(tmp_path)!r})))"
    )
    said = without("user net", AS_ROOT, "-c", code)
    assert "data=7, live=False, badge='recorded 2026-11-28 on Linux 6.1'" in said
    assert "unshare(CLONE_NEWNET) failed" in said
