"""A queue of a million examples: taking them in, telling how things stand, opening the page."""

from __future__ import annotations

import json
import os
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.report import Figure, middle
from thau_desktop import status
from thau_desktop.app import Thau
from thau_desktop.training import intake

MANY = 1_000_000


def measure(quick: bool) -> Iterator[Figure]:
    """Lines a second, milliseconds of a status, of the page."""
    many = 20_000 if quick else MANY
    with tempfile.TemporaryDirectory(prefix="thau-queue-") as folder:
        home = Path(folder) / "home"
        path = write(Path(folder) / "examples.jsonl", many)
        with Thau(home) as thau:
            thau.change("general", "first_run_done", True)
            started = time.perf_counter()
            for _event in intake.take_in(thau.examples, path):
                pass
            yield Figure(f"{many:,} lines taken in", many / (time.perf_counter() - started), "lines/s", least=20_000)
            took = []
            for _turn in range(20):
                started = time.perf_counter()
                status.training(thau)
                thau.examples.counts()
                thau.examples.for_review()
                took.append(time.perf_counter() - started)
            yield Figure("status", 1000 * middle(took), "ms", most=10)
            yield from _page(home, thau, many)


def write(path: Path, many: int) -> Path:
    """Lines of the length that people's facts have."""
    rng = random.Random(7)
    words = ["".join(rng.choices("abcdefghilmnoprstuv", k=rng.randint(2, 9))) for _word in range(4000)]
    with path.open("w", encoding="utf-8") as file:
        for number in range(many):
            asked, answer = " ".join(rng.choices(words, k=5)), " ".join(rng.choices(words, k=6))
            file.write(json.dumps({"instruction": f"¿{asked} {number}?", "output": answer}, ensure_ascii=False) + "\n")
    return path


def _page(home: Path, thau: Thau, many: int) -> Iterator[Figure]:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from ui.main_window import MainWindow
    from ui.theme import Theme
    from ui.training.page import TrainingPage

    application = QApplication([])
    Theme(thau.settings)
    window = MainWindow(home)
    window.resize(1280, 800)
    window.set_thau(thau)
    window.show()
    application.processEvents()
    started = time.perf_counter()
    page = window.show_page("training")
    application.processEvents()
    yield Figure("the page is shown", 1000 * (time.perf_counter() - started), "ms", most=300)
    assert isinstance(page, TrainingPage)
    worst = 0.0
    while page.queue.model.rowCount() < many:
        before = time.perf_counter()
        application.processEvents()
        worst = max(worst, time.perf_counter() - before)
        time.sleep(0.001)
    yield Figure("all its rows are there", 1000 * (time.perf_counter() - started), "ms")
    yield Figure("the longest stall meanwhile", 1000 * worst, "ms", most=50)
    window.hide()
