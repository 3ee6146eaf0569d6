"""Waiting: for a descriptor, and with an interrupt until what has been begun is done."""

from __future__ import annotations

import select
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Have a KeyboardInterrupt wait until this ``with`` is left: what is made in it is made whole, or not at all."""
    if threading.current_thread() is not threading.main_thread() or not callable(signal.getsignal(signal.SIGINT)):
        yield  # only the main thread is ever interrupted
        return
    came: list[int] = []
    usual = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
        if came:
            signal.raise_signal(signal.SIGINT)


def ready(fd: int, patience: float | None = None) -> bool:
    """Wait until ``fd`` can be read, at most so many s. Not with select(2), which takes no number above 1,023."""
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(None if patience is None else patience * 1000))
