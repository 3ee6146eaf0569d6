"""An experiment, run by the kernel here and now where that can be, and read from its recording where it cannot.

    seen = observe("sawtooth", sawtooth, seconds=20)      # sawtooth(lab) returns what JSON can hold
    seen.data, seen.badge                                 # the same shape either way; "live on Linux 6.18"

A recording lies in the book, in ``_data/recordings``, as ``sawtooth.json``: what was seen, by which commands, on which
kernel and when. It is the same JSON that a live run is passed through, so who reads it cannot tell the two apart.

The environment's NETLAB_LIVE decides: unset, what takes up to 5 s is run where a lab can be made; ``1`` runs
everything, and fails where it cannot; ``0`` runs nothing; ``record`` runs everything and writes the recordings anew.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from netlab.lab.lab import Lab
from netlab.lab.probe import available, system
from netlab.lab.program import path

PATIENCE = 5.0  # s: what a reader waits for an experiment
LARGEST = 100_000  # bytes of a recording
MODES = ("", "0", "1", "record")


class Observation(NamedTuple):
    """What an experiment saw. ``badge`` says in a picture where it comes from; ``why`` it is not live, "" if it is."""

    data: Any
    live: bool
    badge: str
    commands: list[str]  # by which the same network is made by hand
    why: str = ""


def observe(
    name: str,
    experiment: Callable[[Lab], object],
    *,
    seconds: float = 1.0,
    needs: str | Sequence[str] = (),
    folder: Path | None = None,
) -> Observation:
    """Run ``experiment`` in a new lab, or read the recording ``name`` where this machine or its owner will not.

    ``seconds`` is how long it takes; ``needs`` are programs without which it cannot be; ``folder`` is where
    recordings lie: by default the book's that one stands in.

    Raises ``FileNotFoundError`` where there is no recording either, and whatever the experiment raises.
    """
    mode = os.environ.get("NETLAB_LIVE", "")
    if mode not in MODES:
        raise ValueError(f"NETLAB_LIVE is 0, 1, record or not set: not {mode!r}")
    needs = needs.split() if isinstance(needs, str) else needs
    missing = [program for program in needs if not shutil.which(program, path=path())]
    why = (
        "NETLAB_LIVE is 0" if mode == "0"
        else f"it takes {seconds:g} s" if mode == "" and seconds > PATIENCE
        else f"{missing[0]} is not installed" if missing
        else available().sentence if not available()
        else ""
    )  # fmt: skip
    if why and mode in ("1", "record"):
        raise OSError(f"NETLAB_LIVE is {mode}, and {name!r} cannot be run: {why}")
    if why:
        return recorded(name, folder, why)
    seen = _run(name, experiment)
    if mode == "record":
        write(name, seen, folder)
    return Observation(seen["data"], True, f"live on {system()}", seen["commands"])


def _run(name: str, experiment: Callable[[Lab], object]) -> dict[str, Any]:
    """Return a recording of an experiment, as JSON gives it back."""
    start = time.monotonic()
    with Lab() as lab:
        data = experiment(lab)
        commands = lab.commands
    seen = {
        "experiment": f"{getattr(experiment, '__module__', '')}.{getattr(experiment, '__qualname__', '')}".strip("."),
        "commands": commands,
        "kernel": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "date": date.today().isoformat(),
        "seconds": round(time.monotonic() - start, 1),
        "data": data,
    }
    if odd := _odd(data, "its result"):
        raise TypeError(f"the experiment {name!r} returned what JSON cannot hold: {odd}")
    again: dict[str, Any] = json.loads(json.dumps(seen))
    return again


def _odd(value: object, place: str) -> str:
    """Return what in ``value`` JSON cannot hold, and where; "" if it can hold it all."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return ""
    if isinstance(value, dict):
        names = (f"{place} has the key {name!r}" for name in value if not isinstance(name, (str, int, float)))
        inner = (_odd(one, f"{place}[{name!r}]") for name, one in value.items())
        return next(filter(None, (*names, *inner)), "")
    if isinstance(value, (list, tuple)):
        return next(filter(None, (_odd(one, f"{place}[{n}]") for n, one in enumerate(value))), "")
    return f"{place} is a {type(value).__name__}"


def recorded(name: str, folder: Path | None = None, why: str = "") -> Observation:
    """Return the recording ``name``. Raises ``ValueError`` where it is no recording, or a broken one."""
    path = (folder or recordings()) / f"{name}.json"
    if not path.is_file():
        raise FileNotFoundError(
            2, f"there is no recording {name!r}, and it cannot be run here: {why or 'nobody asked'}"
        )
    try:
        seen = json.loads(path.read_text(encoding="utf-8"))
        data, commands, day, kernel = (seen[part] for part in ("data", "commands", "date", "kernel"))
        kernel = ".".join(kernel.split("-")[0].split(".")[:2])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is no recording, or a broken one: {error!r}") from error
    return Observation(data, False, f"recorded {day} on {kernel}", commands, why)


def write(name: str, seen: Mapping[str, Any], folder: Path | None = None) -> None:
    """Write a recording. Raises ``ValueError`` where it is too large for a page to load."""
    text = as_text(seen)
    if len(text) > LARGEST:
        raise ValueError(f"the recording {name!r} has {len(text):,} bytes, and a page loads at most {LARGEST:,}")
    ((folder or recordings()) / f"{name}.json").write_text(text, encoding="utf-8")


def as_text(seen: Mapping[str, Any]) -> str:
    """Return a recording as JSON that a person can read and a version control system compare: a line per item."""
    lines = [f" {json.dumps(key)}: {_rows(value)}" for key, value in seen.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _rows(value: Any, depth: int = 1) -> str:
    """Return ``value``, lists of many and what holds them spread over lines."""
    pad = " " * (depth + 1)
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) <= 110 or not value:
        return flat
    if isinstance(value, dict):
        inner = ",\n".join(f"{pad}{json.dumps(key)}: {_rows(one, depth + 1)}" for key, one in value.items())
        return f"{{\n{inner}\n{pad[:-1]}}}"
    if isinstance(value, list):
        if all(isinstance(one, (int, float)) or one is None for one in value):
            return flat  # a column of numbers stays a line
        inner = ",\n".join(f"{pad}{_rows(one, depth + 1)}" for one in value)
        return f"[\n{inner}\n{pad[:-1]}]"
    return flat


def recordings() -> Path:
    """Return where the book's recordings lie: looked for from the current folder upwards."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        for found in (folder / "_data/recordings", folder / "book/_data/recordings"):
            if found.is_dir():
                return found
    raise FileNotFoundError(2, f"no book lies around {here}: there is no folder _data/recordings")
