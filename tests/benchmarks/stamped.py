"""Starts THAU's window as `python main.py` does and writes down when things happened: `python -m … FILE`.

Only the standard library is imported here: a spawned child imports its parent's main module, and this stands in
for `main.py`, which is as light.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from thau_desktop.app import Thau  # never at run time: the window imports it only once it has painted


def run(file: Path) -> int:
    """Run the window; each line of `file` is a name and `time.monotonic()`. Returns the exit status."""
    from PySide6.QtCore import QObject, QTimer

    import main
    import ui.application as application  # the first thing that `main.main` would do
    from thau_desktop.messages import ModelReady
    from thau_desktop.paths import Paths
    from ui.worker import workers

    def stamp(name: str) -> None:
        with file.open("a", encoding="utf-8") as out:
            out.write(f"{name} {time.monotonic()}\n")

    class Stamped(application.Session):
        def __init__(self, paths: Paths, parent: QObject | None = None) -> None:
            super().__init__(paths, parent)
            self.window.painted.connect(lambda: stamp("painted"))
            workers().noted.connect(lambda event: stamp("ready") if isinstance(event, ModelReady) else None)

        def _on_open(self, thau: Thau) -> None:
            super()._on_open(thau)
            QTimer.singleShot(0, self, lambda: stamp("page"))

    application.Session = Stamped  # type: ignore[misc]
    sys.argv = ["main.py"]
    return main.main()


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1])))
