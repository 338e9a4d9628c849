"""How long each page stalls the window when it is first shown, a while after the start, as people do.

Each start is a process of its own, so that all is new to it but Python's compiled files: those are there in the
installed app, too. A timer beats in the window's thread meanwhile.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmarks.heartbeat import MOST, Heartbeat
from tests.benchmarks.launch import ROOT, used_home
from tests.benchmarks.report import Figure, middle, spread

STARTS = 5
_SETTLED, _SHOWN = 8.0, 1.5  # seconds


def measure(quick: bool) -> Iterator[Figure]:
    """Milliseconds: the longest stall of each page."""
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="thau-bench-") as folder:
        _start(Path(folder), 0)  # compiles
        for number in range(1, 2 if quick else STARTS + 1):
            for name, longest in _start(Path(folder), number).items():
                found.setdefault(name, []).append(longest)
    for name, values in found.items():
        yield Figure(f"longest stall while {name}: median", middle(values), "ms", most=MOST, note=spread(values))


def _start(folder: Path, number: int) -> dict[str, float]:
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-m", "tests.benchmarks.pages", str(folder / str(number))]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _first_times(home: Path) -> dict[str, float]:
    from tests.benchmarks.window import Window, pause

    found = {}
    with Window(used_home(home, 20), 150.0) as window:
        main = window.session.window
        found["the window settles"] = _longest(lambda: pause(_SETTLED))
        for name in ("gallery", "training", "models", "settings"):
            main.show_page("chat")
            pause(0.3)

            def open_it(name: str = name) -> None:
                main.show_page(name)
                pause(_SHOWN)

            found[f"the page “{name}” opens"] = _longest(open_it)
    return found


def _longest(do: Callable[[], None]) -> float:
    heart = Heartbeat()
    heart.start()
    do()
    heart.stop()
    return max(heart.late)


if __name__ == "__main__":
    print(json.dumps(_first_times(Path(sys.argv[1]))))
