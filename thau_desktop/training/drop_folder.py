"""Files that a person or a program drops into `training_queue/` are taken in, then put aside with a report.

A file that was written to within the last seconds is left for the next look: it may still be coming.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from thau_desktop.errors import DiskFull, StoreError, ThauError
from thau_desktop.paths import atomic_write
from thau_desktop.store.examples import Examples
from thau_desktop.training.importers import ExampleRefused
from thau_desktop.training.intake import IntakeFinished, take_in

TAKEN, REFUSED = "taken", "refused"
SETTLED_SECONDS = 3.0
_SUFFIXES = {".jsonl", ".json", ".ndjson", ".zip"}

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FileTakenIn:
    """A dropped file, where it lies now, and what it brought; `problem` where it could not be read at all."""

    path: Path
    finished: IntakeFinished
    problem: str = ""


def waiting(folder: Path, settled_seconds: float = SETTLED_SECONDS) -> list[Path]:
    """The files to take in, oldest first."""
    found: list[tuple[float, Path]] = []
    latest = time.time() - settled_seconds
    try:
        entries = [entry for entry in folder.iterdir() if entry.suffix.lower() in _SUFFIXES and entry.is_file()]
        found = [(entry.stat().st_mtime, entry) for entry in entries]
    except OSError as error:
        _logger.warning("%s can't be looked through: %s", folder, error)
    return [path for modified, path in sorted(found) if modified <= latest]


def take_in_dropped(
    examples: Examples, folder: Path, cancel: threading.Event | None = None, settled_seconds: float = SETTLED_SECONDS
) -> Iterator[FileTakenIn]:
    """Take in every file that waits. A stop leaves the file where it is; what it brought is not doubled next time.

    Raises `StoreError` or `DiskFull`; a file that can't be read is put aside and reported instead.
    """
    for path in waiting(folder, settled_seconds):
        finished, report, problem = IntakeFinished(0, 0, 0), "", ""
        try:
            for event in take_in(examples, path, cancel=cancel):
                if isinstance(event, ExampleRefused):
                    report += f"{event.number}: {event.reason}\n"
                elif isinstance(event, IntakeFinished):
                    finished = event
        except (StoreError, DiskFull):
            raise
        except ThauError as error:  # the file's trouble, not ours
            problem = report = str(error)
        if cancel is not None and cancel.is_set():
            return
        yield FileTakenIn(_put_aside(path, folder / (REFUSED if problem else TAKEN), report), finished, problem)


def _put_aside(path: Path, folder: Path, report: str) -> Path:
    """Move a file, under a name that is still free, and write beside it what could not be read of it."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        target = folder / path.name
        if target.exists():
            target = folder / f"{path.stem}-{datetime.now():%Y%m%d-%H%M%S-%f}{path.suffix}"
        path.replace(target)
        if report:
            atomic_write(target.with_name(f"{target.name}.report.txt"), report.encode("utf-8", "replace"))
        return target
    except OSError as error:  # it is read again next time, and brings nothing new
        _logger.warning("%s can't be put aside: %s", path, error)
        return path
