"""One thread beside the window for reading code and pictures; results arrive in the window's own thread."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot


class _Post(QObject):
    """Sends results across. It has no parent: whoever still works holds it, so that it never goes while it sends, and
    Qt itself sees to it that nothing reaches a receiver that is gone."""

    ready = Signal(int, object)


class Background(QObject):
    """Works requests off in their order. Whoever asked may be gone when the answer comes: then it is dropped."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        thread = ThreadPoolExecutor(1, thread_name_prefix="transcript")
        self._thread = thread
        self._numbers = itertools.count()
        self._waiting: dict[int, weakref.WeakMethod[Callable[[Any], None]]] = {}
        self._post = _Post()
        self._post.ready.connect(self._deliver)
        self.destroyed.connect(lambda: thread.shutdown(wait=False, cancel_futures=True))

    def request(self, function: Callable[..., Any], *arguments: Any, receive: Callable[[Any], None]) -> None:
        """Call `function(*arguments)` there and `receive(result)`, a bound method, here."""
        number = next(self._numbers)
        self._waiting[number] = weakref.WeakMethod(receive)
        future, post = self._thread.submit(function, *arguments), self._post

        def announce(done: Future[Any]) -> None:
            if not done.cancelled():
                post.ready.emit(number, done.result())

        future.add_done_callback(announce)

    @Slot(int, object)
    def _deliver(self, number: int, result: Any) -> None:
        receive = self._waiting.pop(number)()
        if receive is not None:
            receive(result)
