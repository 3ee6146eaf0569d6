"""Programs that a test talks to: found, or the test is skipped with the program's name; in CI a missing one fails."""

import os
import shutil
from typing import NoReturn

import pytest


def need(name: str) -> str:
    """Return the path of the program ``name``; skip the test without it, or fail where CI must have it."""
    return shutil.which(name) or missing(name)


def missing(name: str) -> NoReturn:
    """Skip the test that cannot do without ``name``, or fail it in CI."""
    if os.environ.get("CI"):
        pytest.fail(f"{name} is not installed, and in CI it must be")
    pytest.skip(f"{name} is not installed")
