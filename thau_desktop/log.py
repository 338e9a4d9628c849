"""Log files: small, kept a few times, and never in anybody's way."""

from __future__ import annotations

import contextlib
import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

LOG_BYTES, LOG_FILES = 2_000_000, 3


class LogFile(RotatingFileHandler):
    """A log of at most `LOG_BYTES` and `LOG_FILES` older ones. It is opened with the first line.

    On a full disk or in a folder that can't be written it is silent: what matters there is told where it failed.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8", delay=True)
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))

    def close(self) -> None:
        with contextlib.suppress(OSError):  # of lines that were still to be written
            super().close()

    def handleError(self, record: logging.LogRecord) -> None:
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)
