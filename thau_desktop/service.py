"""Nights without a window: the same schedule and the same training, until somebody asks the process to end."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from thau_desktop.app import Thau
from thau_desktop.training.night import NightEvent
from thau_desktop.training.schedule import Schedule

_BREATH = 1.0  # seconds


def nights(thau: Thau, stop: threading.Event) -> Iterator[NightEvent]:
    """Yield the events of every training that comes due, until `stop` is set; one that runs ends with a checkpoint.

    Settings that another process changes hold from the next look at the clock.
    """
    woken = threading.Event()
    due = threading.Event()

    def begin() -> None:
        due.set()
        woken.set()

    def wake_at_the_end() -> None:
        stop.wait()
        woken.set()

    schedule = Schedule(lambda: thau.settings_file.load().training, thau.last_training, begin)
    watch = threading.Thread(target=wake_at_the_end, name="end of the service", daemon=True)
    watch.start()
    schedule.start()
    try:
        while True:
            while not woken.wait(_BREATH):
                pass  # on Windows a wait without an end hears no Ctrl+C
            woken.clear()
            if stop.is_set():
                return
            if due.is_set():
                due.clear()
                yield from thau.trainer.train(None, stop, cause="schedule")
    finally:
        stop.set()
        schedule.stop()
        watch.join()
