"""Consumes a turn as the window does: a `Worker` iterates it in a thread, its events arrive in the event loop."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QEventLoop

from thau_desktop.errors import ThauError
from thau_desktop.messages import Finished, ReasoningDelta, TextDelta, ToolCallStarted, TurnEvent
from ui.worker import Worker

_FIRST = (TextDelta, ReasoningDelta, ToolCallStarted)

Start = Callable[[threading.Event], Iterable[TurnEvent]]


@dataclass(frozen=True, slots=True)
class Heard:
    """A turn as the window heard it.

    Attributes:
        first: seconds from asking until the first words arrived in the window's thread.
        decoding: seconds from the first words to the last, as they left the turn; what is saved after them is no part
            of it, as it is none of an engine alone.
    """

    first: float
    decoding: float
    finished: Finished

    @property
    def rate(self) -> float:
        """Tokens a second, without the first."""
        return (self.finished.tokens - 1) / self.decoding


def application() -> QCoreApplication:
    """The event loop's owner; it must outlive what listens."""
    return QCoreApplication.instance() or QCoreApplication(sys.argv[:1])


def hear(start: Start, only_first: bool = False) -> Heard:
    """Run a turn; with `only_first` it is stopped at its first words."""
    loop = QEventLoop()
    problems: list[object] = []
    ended: list[Finished] = []
    first, left, last = 0.0, 0.0, 0.0

    def events(cancel: threading.Event) -> Iterator[TurnEvent]:
        nonlocal left, last
        for event in start(cancel):
            # The window joins words 30 times a second, so only here is it known when the first ones were there.
            if isinstance(event, _FIRST):
                last = time.perf_counter()
                left = left or last
            yield event

    def on_event(event: TurnEvent) -> None:
        nonlocal first
        if not first and isinstance(event, _FIRST):
            first = time.perf_counter()
            if only_first:
                worker.stop()
        if isinstance(event, Finished):
            ended.append(event)

    began = time.perf_counter()
    worker = Worker(events)
    worker.event.connect(on_event)
    worker.failed.connect(problems.append)
    worker.crashed.connect(problems.append)
    for ending in (worker.done, worker.failed, worker.crashed):
        ending.connect(lambda *_: loop.quit())
    loop.exec()
    for problem in problems:
        raise problem if isinstance(problem, ThauError) else RuntimeError(str(problem))
    finished = ended[0]
    if finished.error or not first:
        raise RuntimeError(f"the turn ended without words: {finished}")
    return Heard(first - began, last - left, finished)
