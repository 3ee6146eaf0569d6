"""Many runs, each with other numbers: on one core, on all, or on other machines, as whoever calls hands it over.

A run shares nothing with another one, so any executor of ``concurrent.futures`` may do them: threads, processes, or
that of a cluster (Dask's ``Client.get_executor()``), which speaks the same way::

    points = list(product(("reno", "cubic", "bbr"), (1e-3, 1e-2), (0.020, 0.200)))
    with ProcessPoolExecutor() as pool:
        runs = sweep(use_of_link, points, pool, tqdm(total=len(points)).update)

>>> [f"{share:.0%}" for share in sweep(use_of_link, [("reno", 0.01, 0.02), ("reno", 0.01, 0.2), ("bbr", 0.01, 0.2)])]
['56%', '6%', '86%']
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from random import Random
from typing import Any

from netlab.transport.congestion.bbr import Bbr
from netlab.transport.congestion.cubic import Cubic
from netlab.transport.congestion.packets import packets
from netlab.transport.congestion.path import Path
from netlab.transport.congestion.reno import Reno
from netlab.transport.congestion.timer import Rto

CONTROLLERS = {"reno": Reno, "cubic": Cubic, "bbr": Bbr}


def use_of_link(controller: str, loss: float, rtt: float, seconds: float = 10.0) -> float:
    """Return which share of 12 Mbit/s one sender uses, while ``loss`` of its packets are lost by chance.

    ``rtt`` is there and back, in s; the queue holds 24 packets. Raises ``ValueError`` for another controller.
    """
    if controller not in CONTROLLERS:
        raise ValueError(f"there is no controller {controller!r} here, only {', '.join(CONTROLLERS)}")
    cc, path = CONTROLLERS[controller](), Path(rate=12e6, delay=rtt / 2, queue=24)
    return packets(cc, path, seconds, sack=True, timer=Rto(0.2, 0.2), loss=loss, dice=Random(1), trace=False).goodput


def sweep(
    function: Callable[..., Any],
    points: Iterable[tuple[Any, ...]],
    executor: Any = None,
    progress: Callable[[int], object] = lambda done: None,
) -> list[Any]:
    """Return ``function(*point)`` for each of ``points``, in their order.

    Without an ``executor`` they run here, one after the other. ``progress(1)`` is called after each, as a bar's
    ``update`` wants it. Raises what the function does.
    """
    submit = (lambda *call: executor.submit(*call).result) if executor else partial
    found = []
    for result in [submit(function, *point) for point in points]:
        found.append(result())
        progress(1)
    return found
