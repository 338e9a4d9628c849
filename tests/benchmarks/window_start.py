"""How soon the window is there: on a screen, from the start of the process, in a used home and in a new one.

The disk is warm (a first start is not counted). "On the screen" is when the X server shows the window of an untouched
`python main.py`; the other moments are written down by the window itself, started through `stamped.py`.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmarks.launch import App, used_home
from tests.benchmarks.report import Figure, middle, spread
from tests.benchmarks.screen import Screen, Watch

WINDOW_SECONDS, MODEL_SECONDS = 1.0, 4.0
RUNS = 5
_MOMENTS = {  # name: from which moment, to which, the bound
    "the window has painted": ("started", "painted", WINDOW_SECONDS),
    "its first page can be used": ("started", "page", None),
    "the model is ready, after the window": ("mapped", "ready", MODEL_SECONDS),
}


def measure(quick: bool) -> Iterator[Figure]:
    """Seconds, each the median of several starts."""
    runs = 2 if quick else RUNS
    with tempfile.TemporaryDirectory(prefix="thau-bench-") as folder, Screen() as screen:
        root = Path(folder)
        used = used_home(root / "used", 5 if quick else 50)
        _seconds_to_map(used, screen.display)
        homes: dict[str, Callable[[str], Path]] = {
            "used home": lambda _run: used,
            "new home": lambda run: root / f"new {run}",
        }
        for name, home in homes.items():
            mapped = [_seconds_to_map(home(f"{run}"), screen.display) for run in range(runs)]
            yield _figure(f"{name}: on the screen (python main.py)", mapped, WINDOW_SECONDS)
            moments = [
                _moments(home(f"stamped {run}"), screen.display, root / f"{name} {run}.stamps") for run in range(runs)
            ]
            for what, (start, end, most) in _MOMENTS.items():
                yield _figure(f"{name}: {what}", [found[end] - found[start] for found in moments], most)


def _figure(name: str, seconds: list[float], most: float | None) -> Figure:
    return Figure(name, middle(seconds), "s", most=most, note=spread(seconds))


def _seconds_to_map(home: Path, display: str) -> float:
    watch = Watch(display)
    with App(home, display) as app:
        seconds = watch.wait() - app.started
        time.sleep(1)  # it opens the database now; asked to quit at once, it would be measured less often whole
    watch.close()
    return seconds


def _moments(home: Path, display: str, stamps: Path) -> dict[str, float]:
    watch = Watch(display)
    with App(home, display, stamps) as app:
        found = {"started": app.started, "mapped": watch.wait()}
        for name in ("painted", "page", "ready"):
            found[name] = app.wait_for(name)
    watch.close()
    return found
