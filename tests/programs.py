"""Programs that a test talks to: found, or the test is skipped with the program's name; in CI a missing one fails."""

import os
import shutil

import pytest


def need(name: str) -> str:
    """Return the path of the program ``name``; skip the test without it, or fail where CI must have it."""
    if path := shutil.which(name):
        return path
    if os.environ.get("CI"):
        pytest.fail(f"{name} is not installed, and in CI it must be")
    pytest.skip(f"{name} is not installed")
