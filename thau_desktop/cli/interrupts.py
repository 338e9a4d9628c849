"""Ctrl+C in a command that makes something: the first stops it and keeps what is done, the second leaves."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def first_interrupt_stops(cancel: threading.Event) -> Iterator[None]:
    """The first Ctrl+C sets `cancel`, the second raises `KeyboardInterrupt`."""

    def stop(_number: int, _frame: object) -> None:
        if cancel.is_set():
            raise KeyboardInterrupt
        cancel.set()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
