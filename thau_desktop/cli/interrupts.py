"""Ctrl+C in a command that makes something: the first stops it and keeps what is done, the second leaves.

A service is also asked to end by the system, with SIGTERM.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def first_interrupt_stops(cancel: threading.Event, terminate: bool = False) -> Iterator[None]:
    """The first Ctrl+C sets `cancel`, the second raises `KeyboardInterrupt`; with `terminate` SIGTERM does the same."""

    def stop(_number: int, _frame: object) -> None:
        if cancel.is_set():
            raise KeyboardInterrupt
        cancel.set()

    numbers = (signal.SIGINT, signal.SIGTERM) if terminate else (signal.SIGINT,)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
