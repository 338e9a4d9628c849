"""Talking while a night trains, and while a picture is drawn: how long answers take, and how late the window is.

The whole app with its starter models; a timer beats in the window's thread meanwhile.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.facts import nights
from tests.benchmarks.heartbeat import Heartbeat
from tests.benchmarks.launch import used_home
from tests.benchmarks.report import Figure, middle
from tests.benchmarks.window import Window, pause, wait
from thau_desktop.store.examples import NewExample
from thau_desktop.training import intake
from ui.training.trainings import Trainings

QUESTIONS = ("¿Qué es la recursión?", "What is a stack?", "¿Qué es una base de datos?", "What is a compiler?")
WISHES = ("Dibuja un zorro rojo en la nieve", "Draw a blue car in the city")


def measure(quick: bool) -> Iterator[Figure]:
    """Seconds, ratios, and milliseconds that the event loop is late."""
    questions, wishes = (QUESTIONS[:1], WISHES[:1]) if quick else (QUESTIONS, WISHES)
    with tempfile.TemporaryDirectory(prefix="thau-bench-") as folder:
        home = used_home(Path(folder), 5)
        with Window(home, None) as window:
            window.open(None)
            window.ask("Hola")
            alone = middle(window.ask(question) for question in questions)
            yield Figure("an answer, alone", alone, "s")
            yield from _training(window, questions, alone)
            yield from _drawing(window, wishes)


def _training(window: Window, questions: tuple[str, ...], alone: float) -> Iterator[Figure]:
    thau = window.thau
    for fact in nights(1)[0]:
        intake.add(thau.examples, NewExample(fact.asked, fact.answer, "cli"))
    trainings = Trainings.of(thau, window.session.window)
    trainings.start()
    wait(lambda: trainings.live is not None and trainings.live.step > 2, 600)
    heart = Heartbeat()
    heart.start()
    beside = middle(window.ask(question) for question in questions)
    heart.stop()
    still = trainings.live is not None
    trainings.stop()
    wait(lambda: trainings.live is None, 120)
    yield Figure("the training went on meanwhile", float(still), least=1)
    yield Figure("an answer beside a training", beside, "s", note=f"{beside / alone:.1f} times as long")
    yield from heart.figures("talking beside a training")


def _drawing(window: Window, wishes: tuple[str, ...]) -> Iterator[Figure]:
    window.open(None)
    window.ask(wishes[0])  # the image model is read
    pause(0.5)
    heart = Heartbeat()
    heart.start()
    took = [window.ask(wish) for wish in wishes]
    heart.stop()
    yield Figure("a picture in the conversation", middle(took), "s")
    yield from heart.figures("while a picture is drawn")
