"""THAU's window in a process of its own, started on a screen and a home, and ended again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

from tests.benchmarks.filling import fill
from thau_desktop.app import Thau

ROOT = Path(__file__).parent.parent.parent
_ENDING = 30.0  # seconds


def used_home(folder: Path, conversations: int) -> Path:
    """A home as somebody has it who has used THAU: past the welcome, with conversations of 40 messages."""
    with Thau(folder) as thau:
        thau.change("general", "first_run_done", True)
        for number in range(conversations):
            fill(thau.conversations, 40, f"Conversation {number}")
    return folder


class App:
    """A started application. With `stamps`, a file that is not there yet, it writes down its moments.

    Attributes: `process`; `started`, `time.monotonic()` just before its process was made.
    """

    def __init__(self, home: Path, display: str, stamps: Path | None = None) -> None:
        command = [sys.executable, "main.py"] if stamps is None else [sys.executable, "-m", "tests.benchmarks.stamped"]
        environment = {**os.environ, "THAU_HOME": str(home), "DISPLAY": display}
        for name in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY"):
            environment.pop(name, None)
        self._stamps = stamps
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [*command, *([str(stamps)] if stamps else [])],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def wait_for(self, name: str, seconds: float = 120.0) -> float:
        """`time.monotonic()` of a moment: "painted", "page" or "ready". Raises `TimeoutError` or `RuntimeError`."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for line in self._lines():
                what, _space, at = line.partition(" ")
                if what == name:
                    return float(at)
            if self.process.poll() is not None:
                raise RuntimeError(f"THAU ended with {self.process.returncode} before it was “{name}”")
            time.sleep(0.02)
        raise TimeoutError(f"THAU was not “{name}” within {seconds} s")

    def _lines(self) -> list[str]:
        if self._stamps is None or not self._stamps.exists():
            return []
        text = self._stamps.read_text(encoding="utf-8")
        return [line for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def close(self) -> None:
        """Ask it to quit, and wait until it has."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(_ENDING)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self) -> App:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
