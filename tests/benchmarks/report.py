"""What every benchmark yields: figures, each with its bound beside it, as a row of a table and as JSON."""

from __future__ import annotations

import math
import os
import platform
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

BUSY = 0.3  # load per core from which figures say more about the machine's other work than about THAU


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number; it has a bound where `most` or `least` is given."""

    name: str
    value: float
    unit: str = ""
    most: float | None = None
    least: float | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the bound is kept; None where there is none."""
        if self.most is None and self.least is None:
            return None
        over = self.most is not None and not self.value <= self.most
        under = self.least is not None and not self.value >= self.least
        return not over and not under

    @property
    def bound(self) -> str:
        """The bound in words, "" where there is none."""
        words = [
            f"≤ {self.most:g}" if self.most is not None else "",
            f"≥ {self.least:g}" if self.least is not None else "",
        ]
        return " ".join(word for word in words if word)

    def row(self) -> str:
        """The figure as a line of a table."""
        mark = {None: "", True: "✓ met", False: "✗ MISSED"}[self.met]
        return f"  {self.name:54} {number(self.value):>9} {self.unit:7} {self.bound:>8}  {mark:9} {self.note}".rstrip()


Measure = Callable[[bool], Iterator[Figure]]  # True: a short run, to see that it works


class Unavailable(Exception):
    """This machine lacks what the benchmark needs."""


def number(value: float) -> str:
    """Three digits that matter."""
    if math.isnan(value) or value == int(value):
        return f"{value:,.0f}"
    digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return f"{value:,.{digits}f}"


def report(name: str, measure: Measure, quick: bool) -> dict[str, Any]:
    """Run a benchmark, print its table as its figures come, and return all of it for the file.

    `status` is "met", "missed", "skipped" or "failed"; what was measured before a failure is kept.
    """
    print(f"\n{name}{'  (quick: the figures count for nothing)' if quick else ''}  —  load {load()}", flush=True)
    figures: list[Figure] = []
    status, error = "", ""
    started = time.monotonic()
    try:
        for figure in measure(quick):
            figures.append(figure)
            print(figure.row(), flush=True)
    except Unavailable as reason:
        status, error = "skipped", str(reason)
        print(f"  skipped: {reason}", flush=True)
    except Exception:  # noqa: BLE001 - the other benchmarks still have to run
        status, error = "failed", traceback.format_exc()
        print(f"  FAILED\n{error}", file=sys.stderr, flush=True)
    missed = any(figure.met is False for figure in figures)
    return {
        "status": status or ("missed" if missed else "met"),
        "error": error,
        "quick": quick,
        "seconds": round(time.monotonic() - started, 1),
        "load_after": load(),
        "figures": [asdict(figure) | {"met": figure.met} for figure in figures],
    }


def machine() -> dict[str, Any]:
    """What the figures were made on."""
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "processor": _processor(),
        "cores": cores(),
        "load": load(),
    }


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def load() -> str:
    """The mean number of running processes in the last minute, with a warning where it is high."""
    if not hasattr(os, "getloadavg"):
        return "unknown"
    mean = os.getloadavg()[0]
    return f"{mean:.1f} on {cores()} cores" + (" (BUSY)" if mean > BUSY * cores() else "")


def middle(values: Iterable[float]) -> float:
    """The median."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def spread(values: Iterable[float]) -> str:
    """The least and the greatest, as a note."""
    found = sorted(values)
    return f"{number(found[0])} to {number(found[-1])}, {len(found)} runs"


def percentile(values: Iterable[float], share: float) -> float:
    """The value that `share` (0 to 1) of all stay at or under."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, math.ceil(share * len(ordered)) - 1))]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()
