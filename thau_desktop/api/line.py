"""One model, one line: requests are answered in the order in which they came, and too many are sent away at once."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from thau_desktop.api.problems import Problem
from thau_desktop.translation import _

WAITING = 16  # requests that may wait for a model
_LONGEST = 120  # seconds that anybody is told to stay away
_REMEMBERED = 20  # runs from which the time to wait is guessed


class Line:
    """Belongs to one event loop. Attributes: `waiting` may stand here beside the one that is served."""

    def __init__(self, waiting: int = WAITING) -> None:
        self._most = waiting + 1
        self._places: list[Place] = []
        self._seconds: deque[float] = deque(maxlen=_REMEMBERED)

    @property
    def busy(self) -> bool:
        return bool(self._places)

    @property
    def waiting(self) -> int:
        return max(0, len(self._places) - 1)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Place]:
        """A place in the line, given up at the end. Raises `Problem` 429 where too many wait."""
        if len(self._places) >= self._most:
            seconds = self._until_free()
            raise Problem(
                429,
                "too_many_requests",
                _("{n} requests are waiting already.").format(n=self.waiting),
                _("Try again in {seconds} seconds.").format(seconds=seconds),
                {"Retry-After": str(seconds)},
            )
        place = Place(self._places)
        self._places.append(place)
        try:
            yield place
        finally:
            self._places.remove(place)
            if place.served_since:
                self._seconds.append(time.monotonic() - place.served_since)
            for other in self._places:
                other.moved.set()

    def _until_free(self) -> int:
        usual = sum(self._seconds) / len(self._seconds) if self._seconds else 1.0
        return min(_LONGEST, max(1, math.ceil(usual)))


class Place:
    """One request in a line. Attributes: `served_since`, 0 while it waits; `moved`, set when one before it has left."""

    def __init__(self, places: list[Place]) -> None:
        self._places = places
        self.moved = asyncio.Event()
        self.served_since = 0.0

    async def ahead(self) -> AsyncIterator[int]:
        """How many are before this one, each time it changes, until none is."""
        told = 0
        while before := self._places.index(self):
            self.moved.clear()
            if before != told:
                yield before
                told = before
            if self._places.index(self) == before:
                await self.moved.wait()
        self.served_since = time.monotonic()
