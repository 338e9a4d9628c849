"""One thread beside the window for reading code and pictures; results arrive in the window's own thread."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot


class Background(QObject):
    """Works requests off in their order. Whoever asked may be gone when the answer comes: then it is dropped."""

    _ready = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        thread = ThreadPoolExecutor(1, thread_name_prefix="transcript")
        self._thread = thread
        self._numbers = itertools.count()
        self._waiting: dict[int, weakref.WeakMethod[Callable[[Any], None]]] = {}
        self._ready.connect(self._deliver)
        self.destroyed.connect(lambda: thread.shutdown(wait=False, cancel_futures=True))

    def request(self, function: Callable[..., Any], *arguments: Any, receive: Callable[[Any], None]) -> None:
        """Call `function(*arguments)` there and `receive(result)`, a bound method, here."""
        number = next(self._numbers)
        self._waiting[number] = weakref.WeakMethod(receive)
        future = self._thread.submit(function, *arguments)
        future.add_done_callback(lambda done: self._announce(number, done))

    def _announce(self, number: int, done: Future[Any]) -> None:
        if done.cancelled():
            return
        try:
            self._ready.emit(number, done.result())
        except RuntimeError:
            # The window closed while the thread was at work: nobody waits any more.
            self._waiting.clear()

    @Slot(int, object)
    def _deliver(self, number: int, result: Any) -> None:
        receive = self._waiting.pop(number)()
        if receive is not None:
            receive(result)
