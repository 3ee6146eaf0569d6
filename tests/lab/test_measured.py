"""How good the lab is, in numbers that an ordinary user measures: measured.py says how."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.programs import need

pytestmark = pytest.mark.serial
Ordinary = Callable[..., Any]


@pytest.fixture(name="measured")
def _measured(here: None, ordinary: Ordinary) -> Callable[[str], Any]:
    return lambda name: ordinary("tests.lab.measured", name)[name]


def test_labs_come_and_go_in_milliseconds(measured: Ordinary) -> None:
    best = {name: min(times) for name, times in measured("starts").items()}
    assert best["three"] <= 0.050
    assert best["linked"] <= 0.100
    assert best["fifty"] <= 0.500
    assert best["closed"] <= 0.050


@pytest.mark.parametrize("name", ["goodput", "rate"])
def test_a_links_rate_is_what_was_asked_for(measured: Ordinary, name: str) -> None:
    assert measured(name) == pytest.approx(1, abs=0.01)


def test_frames_are_late_by_the_delay(measured: Ordinary) -> None:
    late = measured("delays")
    assert late["count"] == 500
    assert 0 <= late["p50"] <= 0.0005


def test_frames_are_handed_on_fast(measured: Ordinary) -> None:
    frames = measured("forwarding")
    assert frames["router"] >= 50_000
    assert frames["emulator"] >= 50_000


def test_ping_agrees_with_the_delay(measured: Ordinary) -> None:
    need("ping")
    seen = measured("ping")
    assert 0.0400 <= seen["min"] <= 0.0415


def test_iperf3_agrees_with_the_rate(measured: Ordinary) -> None:
    need("iperf3")
    assert measured("iperf3") == pytest.approx(1, abs=0.01)
