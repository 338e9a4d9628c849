"""The gallery at 100,000 pictures: how long the page takes to open, how it scrolls and searches, and what it takes.

The rows are real rows in a real database; their thumbnails are a few hundred JPEGs that the others share as links.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from compileall import compile_dir
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

from tests.benchmarks.__main__ import ROOT
from tests.benchmarks.report import Figure, middle, percentile, spread
from thau_desktop.app import Thau
from thau_desktop.store.pictures import PictureFilter

MANY, FEW = 100_000, 2_000
OPEN, STALL, SEARCH, GROWTH = 300.0, 50.0, 50.0, 400.0  # milliseconds and MB: the bounds of the design
_MEGABYTE = 1024 * 1024
_PAINTED = 200  # thumbnails that are really different
_NOUNS = [
    "fox",
    "lighthouse",
    "boat",
    "cabin",
    "castle",
    "bridge",
    "forest",
    "meadow",
    "harbour",
    "mountain",
    "cat",
    "owl",
    "robot",
    "violin",
    "teapot",
]
_COLOURS = [
    "red",
    "blue",
    "green",
    "golden",
    "white",
    "black",
    "violet",
    "orange",
    "brown",
    "grey",
    "turquoise",
    "pink",
]
_PLACES = ["in the snow", "by the sea", "at sunset", "at night", "in the rain", "in spring", "on a cliff", "in fog"]
_STYLES = ["watercolour", "oil painting", "pixel art", "photograph"]


def measure(quick: bool) -> Iterator[Figure]:
    """Milliseconds and megabytes, of a window offscreen."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtWidgets import QApplication

    from thau_desktop.settings import Appearance, Settings
    from ui.main_window import MainWindow
    from ui.theme import Theme
    from ui.worker import workers

    application = QApplication.instance() or QApplication([])
    theme = Theme(Settings(appearance=Appearance(reduced_motion=True)))
    with tempfile.TemporaryDirectory(prefix="thau-bench-") as folder:
        compile_dir(ROOT / "ui", quiet=2)  # as an installation does
        with Thau(folder) as thau:
            many = FEW if quick else MANY
            fill(thau, many)
            thau.change("general", "first_run_done", True)
            window = MainWindow(thau.paths.home)
            window.resize(1280, 800)
            window.show()
            window.set_thau(thau)
            _until(lambda: not workers().calling)
            before = psutil.Process().memory_info().rss
            yield from _figures(thau, window, many, quick)
            grown = (psutil.Process().memory_info().rss - before) / _MEGABYTE
            page = window.page
            note = f"{page.thumbnails.bytes / _MEGABYTE:.0f} MB of them thumbnails"
            yield Figure("gallery: memory of page, scrolling and search", grown, "MB", most=GROWTH, note=note)
            window.close()
            window.deleteLater()
            workers().stop_all(20)
            application.processEvents()
    theme.setParent(None)


def fill(thau: Thau, many: int) -> None:
    """So many pictures, an hour apart; every two hundredth thumbnail is another one."""
    from PIL import Image, ImageDraw

    chance = random.Random(7)
    thumbnails = thau.gallery.thumbnail_path(1).parent
    thumbnails.mkdir(parents=True, exist_ok=True)
    painted: list[Path] = []
    for number in range(min(_PAINTED, many)):
        image = Image.effect_noise((256, 256), 60).convert("RGB")
        draw = ImageDraw.Draw(image)
        for _circle in range(12):
            x, y, radius = chance.randrange(256), chance.randrange(256), chance.randrange(10, 90)
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_colour(chance))
        painted.append(thumbnails / f"{number + 1}.jpg")
        image.save(painted[-1], "JPEG", quality=85)
    now = datetime.now(UTC)
    with thau.database.transaction() as connection:
        connection.executemany(
            "INSERT INTO pictures (file, prompt, model, width, height, steps, guidance, seed, parameters, source,"
            " favourite, bytes, seconds, created_at)"
            " VALUES (?, ?, ?, ?, ?, 30, 7.5, ?, '{}', 'gallery', ?, 400000, 4, ?)",
            (
                (
                    f"{number:06}.png",
                    _prompt(chance),
                    ("thau-image-v1", "SD 1.5", "SDXL")[number % 3],
                    *((512, 512) if number % 4 else (768, 512)),
                    number,
                    int(number % 40 == 0),
                    (now - timedelta(hours=many - number)).isoformat(timespec="microseconds"),
                )
                for number in range(many)
            ),
        )
    for number in range(len(painted), many):
        os.link(painted[number % len(painted)], thumbnails / f"{number + 1}.jpg")


def _colour(chance: random.Random) -> tuple[int, int, int]:
    return chance.randrange(256), chance.randrange(256), chance.randrange(256)


def _prompt(chance: random.Random) -> str:
    words = chance.choice(_COLOURS), chance.choice(_NOUNS), chance.choice(_PLACES), chance.choice(_STYLES)
    return "a {} {} {}, {}".format(*words)


def _figures(thau: Thau, window: object, many: int, quick: bool) -> Iterator[Figure]:
    from tests.benchmarks.heartbeat import Heartbeat

    started, worked = time.perf_counter(), time.thread_time()
    page = window.show_page("gallery")  # type: ignore[attr-defined]
    made = 1000 * (time.perf_counter() - started)
    grid = page.grid
    _until(lambda: len(page.model.ids) == many and bool(grid._seen))
    page.repaint()
    shown, worked = 1000 * (time.perf_counter() - started), 1000 * (time.thread_time() - worked)
    _until(lambda: all(page.thumbnails.pixmap(one) is not None for one in grid._seen))
    page.repaint()
    whole = 1000 * (time.perf_counter() - started)
    note = f"worked {worked:.0f}; the page itself {made:.0f}; with every thumbnail that is seen {whole:.0f}"
    yield Figure(f"gallery: page opens, {many:,} pictures", shown, "ms", most=OPEN, note=note)
    _until(lambda: not page.thumbnails.busy)
    for name, step, turns in (("by the wheel", 168, 400), ("by its bar, far", grid.places.height // 200, 200)):
        beats = Heartbeat()
        beats.start()
        bar, painting = grid.verticalScrollBar(), []
        for turn in range(turns // (10 if quick else 1)):
            bar.setValue((bar.value() + step) % max(1, bar.maximum()))
            begun = time.perf_counter()
            grid.viewport().repaint()
            painting.append(1000 * (time.perf_counter() - begun))
            _pause(0.016)
            if turn % 20 == 19:
                _until(lambda: not page.thumbnails.busy)
        beats.stop()
        yield from beats.figures(f"gallery: scrolling {name}")
        yield Figure(
            f"gallery: painting, scrolled {name}, p99", percentile(painting, 0.99), "ms", note=spread(painting)
        )
    yield from _searches(thau, page)
    begun = time.perf_counter()
    grid.selectAll()
    grid.viewport().repaint()
    yield Figure("gallery: selecting all", 1000 * (time.perf_counter() - begun), "ms", most=STALL)
    grid.clearSelection()
    begun = time.perf_counter()
    thau.pictures.add(file="new.png", prompt="a new one")
    page.refresh()
    _until(lambda: len(page.model.ids) == many + 1)
    yield Figure("gallery: a new picture is there", 1000 * (time.perf_counter() - begun), "ms")


def _searches(thau: Thau, page: object) -> Iterator[Figure]:
    """From the end of the delay after the last key to the pictures that were found."""
    store, shown = [], []
    for words in ("fox", "red fox", "owl sno", "turquoise", "a", "golden lighthouse cliff water", "nothing like it"):
        begun = time.perf_counter()
        found = thau.pictures.ids(PictureFilter(text=words))
        store.append(1000 * (time.perf_counter() - begun))
        begun = time.perf_counter()
        page.bar.want(text=words)  # type: ignore[attr-defined]
        _until(lambda words=words: page._found.wanted.text == words)  # type: ignore[attr-defined,misc]
        page.grid.viewport().repaint()  # type: ignore[attr-defined]
        shown.append(1000 * (time.perf_counter() - begun))
        assert len(page.model.ids) == len(found)  # type: ignore[attr-defined]
    page.bar.clear()  # type: ignore[attr-defined]
    _until(lambda: not page._found.wanted.text)  # type: ignore[attr-defined]
    note = f"median {middle(shown):.0f}; in the store {spread(store)}"
    yield Figure("gallery: a search is answered, longest", max(shown), "ms", most=SEARCH, note=note)


def _until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Let the event loop run, without keeping it or the other threads busy, until the condition holds."""
    from PySide6.QtCore import QEventLoop, Qt, QTimer

    loop, timer, end = QEventLoop(), QTimer(), time.monotonic() + seconds
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(lambda: loop.quit() if condition() or time.monotonic() > end else None)
    if not condition():
        timer.start(1)
        loop.exec()
    assert condition(), "it did not happen in time"


def _pause(seconds: float) -> None:
    end = time.monotonic() + seconds
    _until(lambda: time.monotonic() >= end)
