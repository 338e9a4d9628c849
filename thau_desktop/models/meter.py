"""How fast bytes come, and how long the rest will take."""

from __future__ import annotations

import time
from collections import deque

from thau_desktop.models.events import DownloadProgress

_WINDOW = 5.0  # seconds that a rate is taken over: long enough to be calm, short enough to be true
_SETTLE = 0.5  # seconds before which nothing can be said about a rate
_TELL_SECONDS = 0.2


class Meter:
    """Counts bytes. Attributes: `done` of `total`."""

    def __init__(self, done: int, total: int) -> None:
        self.done = done
        self.total = total
        self._seen: deque[tuple[float, int]] = deque([(time.monotonic(), 0)])
        self._came = 0
        self._told = 0.0

    def add(self, count: int) -> None:
        """More bytes came."""
        self.done += count
        self._came += count

    def take_back(self, count: int) -> None:
        """Bytes that were counted have to come again."""
        self.done -= count

    def due(self) -> bool:
        """Whether it is time to tell again."""
        return time.monotonic() - self._told >= _TELL_SECONDS

    def progress(self, file: str, stage: str = "downloading") -> DownloadProgress:
        """How far it is now."""
        now = self._told = time.monotonic()
        self._seen.append((now, self._came))
        while len(self._seen) > 2 and now - self._seen[0][0] > _WINDOW:
            self._seen.popleft()
        then, came = self._seen[0]
        rate = (self._came - came) / (now - then) if now - then >= _SETTLE else 0.0
        left = (self.total - self.done) / rate if rate > 0 else None
        return DownloadProgress(self.done, self.total, file, stage, rate, left)  # type: ignore[arg-type]
