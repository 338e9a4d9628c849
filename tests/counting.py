"""What work costs, counted in things that neither a slow nor a busy machine changes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

from thau_desktop.store.database import Database


def calls(work: Callable[[], object]) -> int:
    """How many functions are called for it in this thread, Python's and C's."""
    count = 0

    def called(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def steps(database: Database, work: Callable[[], object]) -> int:
    """How many instructions SQLite runs for it on this thread's connection, to the nearest ten."""
    count = 0

    def ten_more() -> int:
        nonlocal count
        count += 10
        return 0  # go on

    database.connection().set_progress_handler(ten_more, 10)
    try:
        work()
    finally:
        database.connection().set_progress_handler(None, 0)
    return count
