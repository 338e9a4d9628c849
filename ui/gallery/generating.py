"""What is being drawn for the gallery and what waits: one request after another, whichever page is in view."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QImage

from thau_desktop.errors import ThauError
from thau_desktop.images.request import PictureRequest
from thau_desktop.messages import (
    DrawingFinished,
    DrawingNote,
    DrawingStep,
    Drawn,
    ImageReady,
    ModelLoading,
    ModelReady,
)
from thau_desktop.translation import _, ngettext_
from ui.times import remaining
from ui.words import decimal
from ui.worker import Worker, workers

if TYPE_CHECKING:
    from thau_desktop.app import Thau
    from ui.main_window import MainWindow


@dataclass(eq=False, slots=True)
class Drawing:
    """A request that waits or is being drawn.

    Attributes:
        number: the picture that is being drawn, from 0, at `step` of `steps` since `seconds`.
        note: the last sentence about how it is drawn.
        preview: the last that was seen of it.
        ids: the pictures that are done.
        stopping: somebody asked it to end.
    """

    request: PictureRequest
    number: int = 0
    step: int = 0
    steps: int = 0
    seconds: float = 0.0
    note: str = ""
    preview: QImage | None = None
    ids: list[int] = field(default_factory=list)
    stopping: bool = False
    slowest: float = 0.0  # seconds a step, of the last picture that has begun

    @property
    def fraction(self) -> float | None:
        """How far it is, 0 to 1; None before its first step."""
        if not self.steps:
            return None
        return min(1.0, (self.number + self.step / self.steps) / self.request.count)

    @property
    def per_step(self) -> float:
        """Seconds a step; 0 while nobody knows."""
        return self.seconds / self.step if self.step else self.slowest

    @property
    def left(self) -> float | None:
        """Seconds until the last picture is done; None while nobody knows."""
        if not self.steps or not self.per_step:
            return None
        later = max(0, self.request.count - self.number - 1)
        return self.per_step * (self.steps - self.step + later * self.steps)


class Drawings(QObject):
    """Runs one request after another. It belongs to the window, so that a page may come and go.

    Attributes: `current`, the one that is being drawn, or None; `waiting`, those that follow; `held`, whether these
    wait for a person because one before them failed.

    Signals: `changed` when another one runs or waits; `progressed` with the one that is being drawn; `made` with the
    id of a picture; `failed` with a `Drawing` and its error; `finished` with a `Drawing` that ended, however it did.
    """

    changed = Signal()
    progressed = Signal(object)
    made = Signal(int)
    failed = Signal(object, object)
    finished = Signal(object)

    def __init__(self, thau: Thau, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName("drawings")
        self._thau = thau
        self.current: Drawing | None = None
        self.waiting: list[Drawing] = []
        self.held = False
        self._worker: Worker | None = None

    @classmethod
    def of(cls, thau: Thau, window: MainWindow) -> Drawings:
        """The window's."""
        found = window.findChild(cls, "drawings", Qt.FindChildOption.FindDirectChildrenOnly)
        return found or cls(thau, window)

    # --- what a person does -----------------------------------------------------------------------------------

    def add(self, request: PictureRequest, *, first: bool = False) -> Drawing:
        """Draw now, or when those before it are done; `first` puts it before all that waits."""
        drawing = Drawing(request)
        self.waiting.insert(0 if first else len(self.waiting), drawing)
        self.held = False
        self._next()
        self.changed.emit()
        return drawing

    @Slot()
    def stop(self) -> None:
        """End what is being drawn; its finished pictures stay."""
        if self.current is not None and self._worker is not None:
            self.current.stopping = True
            self._worker.stop()
            self.progressed.emit(self.current)

    def remove(self, drawing: Drawing) -> None:
        """Take one that waits out of the queue."""
        if drawing in self.waiting:
            self.waiting.remove(drawing)
            self.held = self.held and bool(self.waiting)
            self.changed.emit()

    def move(self, drawing: Drawing, by: int) -> None:
        """Let one that waits come earlier (-1) or later (1)."""
        place = self.waiting.index(drawing)
        to = min(max(place + by, 0), len(self.waiting) - 1)
        if to != place:
            self.waiting.insert(to, self.waiting.pop(place))
            self.changed.emit()

    @Slot()
    def go_on(self) -> None:
        """Draw what waits although one before it failed."""
        self.held = False
        self._next()
        self.changed.emit()

    # --- inside -----------------------------------------------------------------------------------------------

    def _next(self) -> None:
        if self.current is not None or not self.waiting or self.held or workers().closing:
            return
        drawing = self.current = self.waiting.pop(0)
        studio, request = self._thau.studio, drawing.request

        def events(cancel: threading.Event) -> Iterator[Any]:
            return _without_model(studio.generate(request, cancel, source="gallery"))

        title = ngettext_("Drawing a picture", "Drawing {n} pictures", request.count).format(n=request.count)
        self._worker = Worker(events, self, title)
        self._worker.event.connect(self._on_event)
        self._worker.failed.connect(self._on_failed)
        self._worker.crashed.connect(self._on_crashed)
        self._worker.done.connect(self._on_done)

    @Slot(object)
    def _on_event(self, event: object) -> None:
        drawing = self.current
        if drawing is None:
            return
        match event:
            case DrawingNote(text):
                drawing.note = text
            case DrawingStep():
                self._take_step(drawing, event)
            case ImageReady(id=picture_id):
                drawing.ids.append(picture_id)
                self.made.emit(picture_id)
            case DrawingFinished():
                return
        self._tell(drawing)

    def _take_step(self, drawing: Drawing, event: DrawingStep) -> None:
        if event.number != drawing.number:
            drawing.slowest, drawing.preview = drawing.per_step, None
        drawing.number, drawing.step, drawing.steps = event.number, event.step, event.steps
        drawing.seconds = event.seconds
        if event.preview:
            image = QImage.fromData(event.preview)
            drawing.preview = drawing.preview if image.isNull() else image

    def _tell(self, drawing: Drawing) -> None:
        """Let the panel and the status pill know how far it is."""
        if self._worker is not None:
            self._worker.fraction, self._worker.note = drawing.fraction, progress_of(drawing) or drawing.note
            workers().changed.emit()
        self.progressed.emit(drawing)

    @Slot(object)
    def _on_failed(self, error: ThauError) -> None:
        drawing = self.current
        self.held = bool(self.waiting)
        self._on_done()
        self.failed.emit(drawing, error)

    @Slot(str)
    def _on_crashed(self, trace: str) -> None:
        self.held = bool(self.waiting)
        self._on_done()
        raise RuntimeError(trace)  # the application's hook logs and shows it

    @Slot()
    def _on_done(self) -> None:
        drawing, self.current, self._worker = self.current, None, None
        self._next()
        self.changed.emit()
        self.finished.emit(drawing)


def _without_model(events: Iterator[Any]) -> Iterator[Any]:
    """The events, without those that the status pill would take for the language model, and without pixels."""
    started = time.monotonic()
    try:
        for event in events:
            match event:
                case ModelLoading(model):
                    yield DrawingNote(_("Loading {model}…").format(model=model))
                case ModelReady(model=model):
                    took = _("{model} was loaded in {n} s.")
                    yield DrawingNote(took.format(model=model, n=decimal(time.monotonic() - started)))
                case Drawn():
                    continue
                case _:
                    yield event
    finally:
        close = getattr(events, "close", None)
        if close is not None:
            close()


def progress_of(drawing: Drawing) -> str:
    """ "Step 17 of 30 · 9 s left"; "" before the first step."""
    if not drawing.steps:
        return ""
    words = [_("Step {step} of {steps}").format(step=drawing.step, steps=drawing.steps)]
    if drawing.left is not None:
        words.append(remaining(drawing.left))
    return " · ".join(words)


def rate_of(drawing: Drawing) -> str:
    """How fast it is drawn: steps a second, or seconds a step where that is more than one; "" while nobody knows."""
    if not drawing.per_step:
        return ""
    if drawing.per_step > 1:
        return _("{n} s per step").format(n=decimal(drawing.per_step))
    return _("{n} steps per second").format(n=decimal(1 / drawing.per_step))
