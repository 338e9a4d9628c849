"""An export in a process of its own: how long it took and how it ended, whatever it wrote."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from thau_desktop.messages import Exported, ExportEvent
from thau_desktop.process import run_in_child


def exported(
    function: Callable[..., Iterator[ExportEvent]],
    args: tuple[Any, ...],
    path: Path,
    cancel: threading.Event | None,
    started: float | None = None,
) -> Iterator[ExportEvent]:
    """Yield what `function(*args, cancel=event)` yields in a child. Where it writes nothing, it was stopped."""
    started = time.monotonic() if started is None else started
    for event in run_in_child(function, args, cancel, name="export"):
        if isinstance(event, Exported):
            yield replace(event, seconds=time.monotonic() - started)
            return
        yield event
    yield stopped(path, started)


def stopped(path: Path, started: float) -> Exported:
    """The last event of an export that wrote nothing."""
    return Exported(str(path), 0, time.monotonic() - started, state="stopped")
