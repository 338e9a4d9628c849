"""How late the event loop is: a timer that beats every 5 ms, and looks at the clock each time."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from typing import Literal

from PySide6.QtCore import QObject, Qt, QTimer, Slot

from tests.benchmarks.report import Figure, percentile

INTERVAL = 5  # milliseconds
P99, MOST = 20.0, 50.0  # milliseconds: the design's numbers


class Heartbeat(QObject):
    """Beats from `start` to `stop`, in the thread of its making. All numbers are milliseconds.

    Attributes:
        late: of each beat, how much later than 5 ms after the one before it came.
        worked: of each beat, how long the thread had worked since the one before, whatever else the machine did.
    """

    def __init__(self) -> None:
        super().__init__()
        self.late: list[float] = []
        self.worked: list[float] = []
        self._last = 0.0, 0.0
        self._timer = QTimer(self, interval=INTERVAL)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        self._last = time.perf_counter(), time.thread_time()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def figures(self, name: str, by: Literal["late", "worked"] = "late", bound: bool = True) -> Iterator[Figure]:
        """p99 and the longest of what was `late`, or of what the thread `worked`; the other stands beside it."""
        values, others = (self.late, self.worked) if by == "late" else (self.worked, self.late)
        other = "worked" if by == "late" else "late"
        note = f"p50 {statistics.median(values):.1f}; {other} {percentile(others, 0.99):.1f}; {len(values):,} beats"
        yield Figure(f"{name}: {by}, p99", percentile(values, 0.99), "ms", most=P99 if bound else None, note=note)
        note = f"{other} {max(others):.1f}"
        yield Figure(f"{name}: {by}, longest", max(values), "ms", most=MOST if bound else None, note=note)

    @Slot()
    def _beat(self) -> None:
        now = time.perf_counter(), time.thread_time()
        self.late.append(max(0.0, 1000 * (now[0] - self._last[0]) - INTERVAL))
        self.worked.append(1000 * (now[1] - self._last[1]))
        self._last = now
