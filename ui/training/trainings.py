"""The training that this window runs, whichever page is in view."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import QObject, Qt, Signal, Slot

from thau_desktop.errors import ThauError
from thau_desktop.store.versions import parsed
from thau_desktop.training.events import EvaluationProgress, StepDone, TrainingStarted
from thau_desktop.training.night import Finished, RunStarted
from thau_desktop.translation import _
from ui.settings.group_page import raise_bug
from ui.worker import Worker, workers

if TYPE_CHECKING:
    from thau_desktop.app import Thau
    from ui.main_window import MainWindow


@dataclass(slots=True)
class Live:
    """A training that runs.

    Attributes: `scheduled`, nobody asked for it just now; `version`, what it will be if it is promoted, such as "v4";
    `replay`, the share of what is old; `device` and precision, `memory` in bytes; `losses` of the steps after `first`;
    `asked` of `questions` were asked; `begun` is when the first step began, in seconds of the monotonic clock.
    """

    scheduled: bool = False
    stage: Literal["preparing", "training", "evaluating"] = "preparing"
    version: str = ""
    new: int = 0
    replay: float | None = None
    device: str = ""
    memory: int = 0
    step: int = 0
    steps: int = 0
    first: int = 0
    losses: list[float] = field(default_factory=list)
    tokens_per_second: float = 0.0
    asked: int = 0
    questions: int = 0
    begun: float = 0.0
    stopping: bool = False

    @property
    def fraction(self) -> float | None:
        """How far the stage is, 0 to 1; None while nobody knows."""
        if self.stage == "training" and self.steps:
            return self.step / self.steps
        if self.stage == "evaluating" and self.questions:
            return self.asked / self.questions
        return None

    @property
    def left(self) -> float | None:
        """Seconds until the steps are done; None while nobody knows."""
        made = self.step - self.first
        if self.stage != "training" or made < 2:
            return None
        return (time.monotonic() - self.begun) / made * (self.steps - self.step)

    def take(self, event: object) -> None:
        """Follow one event."""
        match event:
            case RunStarted(new=new):
                self.new = new
            case TrainingStarted(steps=steps, done=done):
                self.stage, self.steps, self.step, self.first = "training", steps, done, done
                self.begun = time.monotonic()
                self.device, self.memory = f"{event.device} · {event.precision}", event.memory
            case StepDone():
                self.step, self.tokens_per_second = event.step, event.tokens_per_second
                self.losses.append(event.loss)
            case EvaluationProgress(asked=asked, total=total):
                self.stage, self.asked, self.questions = "evaluating", asked, total


class Trainings(QObject):
    """Starts, follows and stops a training. It belongs to the window, so that a page may come and go.

    Attributes: `live`, the training that runs, or None.
    Signals: `progressed` when it is further; `finished` with how it ended; `failed` with an error.
    """

    progressed = Signal()
    finished = Signal(object)  # Finished
    failed = Signal(object)  # ThauError

    def __init__(self, thau: Thau, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName("trainings")
        self._thau = thau
        self.live: Live | None = None
        self._worker: Worker | None = None

    @classmethod
    def of(cls, thau: Thau, window: MainWindow) -> Trainings:
        """The window's."""
        found = window.findChild(cls, "trainings", Qt.FindChildOption.FindDirectChildrenOnly)
        return found or cls(thau, window)

    @Slot()
    def start(self, scheduled: bool = False, recipe: str = "") -> None:
        """Train now on what waits, when a person asks on however little; nothing where a training runs.

        With the name of a recipe by that one. Raises `RecipeError`, `ModelMissing` or `ModelBroken`.
        """
        if self.live is not None or workers().closing:
            return
        trainer = self._thau.trainer
        chosen = trainer.recipe(recipe) if recipe else None
        self.live = Live(scheduled)

        def events(cancel: threading.Event) -> Iterator[Any]:
            cause = "schedule" if scheduled else "person"
            return trainer.train(chosen, cancel, cause=cause, force=not scheduled)

        self._worker = Worker(events, self, _("Training"))
        self._worker.event.connect(self._on_event)
        self._worker.failed.connect(self._on_failed)
        self._worker.crashed.connect(self._on_crashed)
        self._worker.done.connect(self._on_done)
        self.progressed.emit()

    @Slot()
    def stop(self) -> None:
        """End it; it goes on from its checkpoint the next time."""
        if self.live is not None and self._worker is not None:
            self.live.stopping = True
            self._worker.stop()
            self.progressed.emit()

    @Slot(object)
    def _on_event(self, event: object) -> None:
        live = self.live
        if live is None:
            return
        live.take(event)
        if isinstance(event, RunStarted):
            self._look_up(live, event.run_id)
        if self._worker is not None:
            self._worker.fraction = live.fraction
            workers().changed.emit()
        self.progressed.emit()
        if isinstance(event, Finished):
            self.finished.emit(event)

    def _look_up(self, live: Live, run_id: int) -> None:
        """What the store knows of the run."""
        run = self._thau.runs.get(run_id)
        known = parsed(run.incumbent)
        live.version = self._thau.versions.next_name(known[0]).rpartition("-")[2] if known else ""
        live.replay = run.recipe.get("replay_share")

    @Slot(object)
    def _on_failed(self, error: ThauError) -> None:
        self._on_done()
        self.failed.emit(error)

    @Slot(str)
    def _on_crashed(self, trace: str) -> None:
        self._on_done()
        raise_bug(trace)

    @Slot()
    def _on_done(self) -> None:
        self.live, self._worker = None, None
        self.progressed.emit()
