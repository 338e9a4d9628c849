"""THAU without a window: the API and the nights in one process, until somebody asks it to end."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

from thau_desktop.api.events import ApiEvent
from thau_desktop.app import Thau
from thau_desktop.sd_notify import notify, watchdog_seconds
from thau_desktop.training.night import NightEvent
from thau_desktop.training.schedule import Schedule

_BREATH = 1.0  # seconds

ServiceEvent = ApiEvent | NightEvent


def serve(
    thau: Thau,
    stop: threading.Event,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    beyond: bool = False,
    with_nights: bool = True,
) -> Iterator[ServiceEvent]:
    """Serve the API and train at night until `stop` is set; the first event is `Serving`.

    `beyond` lets it listen where other computers reach it. A training that runs ends with a checkpoint, and answers in
    the making come to their end. Raises `AlreadyServed`, or `ThauError` where it can't listen there.
    """
    from thau_desktop.api.serving import Address, Server  # late: FastAPI takes half a second

    told: queue.SimpleQueue[ServiceEvent] = queue.SimpleQueue()
    server = Server(thau, Address(host, port, beyond), told.put)
    problems: list[BaseException] = []

    def sleep_and_learn() -> None:
        try:
            for event in nights(thau, stop):
                told.put(event)
        except BaseException as problem:  # noqa: BLE001 - raised again in the thread that iterates
            problems.append(problem)
            stop.set()

    server.start()
    learning = threading.Thread(target=sleep_and_learn, name="nights")
    if with_nights:
        learning.start()
    notify("READY=1", f"STATUS=The API listens at {server.url}")
    try:
        yield from _until(stop, told, server.alive)
    finally:
        notify("STOPPING=1")
        stop.set()
        server.stop()
        if with_nights:
            learning.join()
    for problem in problems:
        raise problem


def _until(
    stop: threading.Event, told: queue.SimpleQueue[ServiceEvent], alive: threading.Event
) -> Iterator[ServiceEvent]:
    """What is told, until the end; systemd hears that the service lives as long as its event loop says so."""
    every = watchdog_seconds()
    next_beat = time.monotonic() + every
    while not stop.is_set():
        with suppress(queue.Empty):
            yield told.get(timeout=min(_BREATH, every or _BREATH))
        if every and time.monotonic() >= next_beat and alive.is_set():
            alive.clear()
            notify("WATCHDOG=1")
            next_beat = time.monotonic() + every


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
            while not woken.wait(_BREATH):  # on Windows a wait without an end hears no Ctrl+C
                thau.publisher.keep_up(stop)
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
