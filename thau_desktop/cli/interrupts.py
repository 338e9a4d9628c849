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
    """The first Ctrl+C sets `cancel`, the second raises `KeyboardInterrupt`; with `terminate` SIGTERM sets it, too.

    A system that asks twice is no more impatient than once: it kills when it has had enough.
    """

    def stop(number: int, _frame: object) -> None:
        if not cancel.is_set():
            cancel.set()
        elif number == signal.SIGINT:  # setting it again could wait for the lock that this very thread holds
            raise KeyboardInterrupt

    numbers = (signal.SIGINT, signal.SIGTERM) if terminate else (signal.SIGINT,)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
