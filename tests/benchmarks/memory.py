"""What THAU takes in memory once the model is loaded: the window's process, and the model's child.

Resident memory counts pages that processes share (libraries, for the most part) in each of them; "its own" is what
ending that process alone would free.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from tests.benchmarks.launch import App, used_home
from tests.benchmarks.report import Figure
from tests.benchmarks.screen import Screen

MEGABYTE = 1024 * 1024
SETTLING = 2.0  # seconds


def measure(quick: bool) -> Iterator[Figure]:
    """Megabytes (2^20 bytes)."""
    with tempfile.TemporaryDirectory(prefix="thau-bench-") as folder, Screen() as screen:
        root = Path(folder)
        home = used_home(root / "home", 5 if quick else 50)
        with App(home, screen.display, root / "stamps") as app:
            app.wait_for("page")
            window = psutil.Process(app.process.pid)
            yield from _figures("window, its page shown", window)
            app.wait_for("ready")
            time.sleep(SETTLING)
            yield from _figures("window, the model loaded", window)
            children = sorted(window.children(recursive=True), key=lambda child: -child.memory_info().rss)
            yield from _figures("the model's process", children[0])
            rest = sum(child.memory_info().rss for child in children[1:])
            yield Figure("other children", rest / MEGABYTE, "MB", note=f"{len(children) - 1} processes")


def _figures(name: str, process: psutil.Process) -> Iterator[Figure]:
    found = process.memory_full_info()
    yield Figure(f"{name}: resident", found.rss / MEGABYTE, "MB", note=f"its own {found.uss / MEGABYTE:.0f} MB")
