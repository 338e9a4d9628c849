"""Every request is told to whoever watches, and what writes goes into the log: who, what, how it ended, no content."""

from __future__ import annotations

import itertools
import logging
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from thau_desktop.api.access import Application, Message, Receive, Scope, Send
from thau_desktop.api.events import ApiEvent, RequestBegan, RequestEnded

_READ_ONLY = frozenset({"GET", "HEAD", "OPTIONS"})
_PATH_LENGTH = 80

_logger = logging.getLogger(__name__)


class Journal:
    """The outermost layer. Attributes: `statuses`, how many requests ended with each."""

    def __init__(self, inside: Application, tell: Callable[[ApiEvent], None]) -> None:
        self._inside = inside
        self._tell = tell
        self._numbers = itertools.count(1)
        self.statuses: Counter[int] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._inside(scope, receive, send)
            return
        number, began, status = next(self._numbers), time.monotonic(), 0
        method, path = scope["method"], _printable(scope["path"])

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self._tell(RequestBegan(number, method, path, datetime.now().astimezone().isoformat(timespec="seconds")))
        try:
            await self._inside(scope, receive, sending)
        finally:
            seconds = time.monotonic() - began
            self.statuses[status] += 1
            self._tell(RequestEnded(number, status, round(seconds, 4)))
            if method not in _READ_ONLY:
                _logger.info("%s %s: %d after %.2f s", method, path, status, seconds)


def _printable(path: str) -> str:
    """A path that can break no line of a log."""
    return "".join(letter if letter.isprintable() else "?" for letter in path[:_PATH_LENGTH])
