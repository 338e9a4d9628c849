"""The export or push to Ollama that this window runs, whichever page is in view."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from thau_desktop.errors import ThauError
from thau_desktop.export import stages
from thau_desktop.export.publisher import Format
from thau_desktop.messages import Exported, ExportProgress, Pushed
from thau_desktop.translation import _
from ui.settings.group_page import raise_bug
from ui.worker import Worker, workers

if TYPE_CHECKING:
    from thau_desktop.app import Thau
    from ui.main_window import MainWindow

_LOOK_EVERY = 60_000  # milliseconds


@dataclass(slots=True)
class Going:
    """Attributes: `title` says what and which; `stage` in words; `fraction` of the stage, None while nobody knows;
    `quiet`, nobody asked for it just now."""

    title: str
    quiet: bool = False
    stage: str = ""
    fraction: float | None = None
    stopping: bool = False


class Publishing(QObject):
    """One at a time. It belongs to the window, so that a page may come and go.

    Attributes: `going`, what runs, or None.
    Signals: `progressed` when it is further or at an end; `finished` with an `Exported` or a `Pushed` that is complete
    and was asked for; `failed` with an error.
    """

    progressed = Signal()
    finished = Signal(object)
    failed = Signal(object)  # ThauError

    def __init__(self, thau: Thau, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName("publishing")
        self._thau = thau
        self.going: Going | None = None
        self._worker: Worker | None = None
        self._clock = QTimer(self)
        self._clock.setInterval(_LOOK_EVERY)
        self._clock.timeout.connect(self.keep_up)

    @classmethod
    def of(cls, thau: Thau, window: MainWindow) -> Publishing:
        """The window's."""
        found = window.findChild(cls, "publishing", Qt.FindChildOption.FindDirectChildrenOnly)
        return found or cls(thau, window)

    def export(self, name: str, form: Format, quantization: str, output: Path | None = None) -> None:
        """Write a version to a file or a folder; nothing where something runs."""
        publisher = self._thau.publisher
        title = _("Exporting {version}").format(version=name)
        self._begin(Going(title), lambda cancel: publisher.export(name, form, quantization, output, cancel))

    def push(self, name: str) -> None:
        """Put a version into Ollama; nothing where something runs."""
        publisher = self._thau.publisher
        title = _("Putting {version} into Ollama").format(version=name)
        self._begin(Going(title), lambda cancel: publisher.push(name, "", cancel))

    def start(self) -> None:
        """From now on put new versions into Ollama, where the person wants that."""
        self._clock.start()

    @Slot()
    def keep_up(self) -> None:
        """Put the version in use into Ollama if that is due."""
        publisher = self._thau.publisher
        if self.going is None and not workers().closing and publisher.is_due():
            title = _("Putting {version} into Ollama").format(version=publisher.waiting())
            self._begin(Going(title, quiet=True), publisher.catch_up)

    @Slot()
    def stop(self) -> None:
        """End it; nothing half stays."""
        if self.going is not None and self._worker is not None:
            self.going.stopping = True
            self._worker.stop()
            self.progressed.emit()

    def _begin(self, going: Going, events: Any) -> None:
        if self.going is not None or workers().closing:
            return
        going.stage = _("Preparing…")
        self.going = going

        def iterated(cancel: threading.Event) -> Iterator[Any]:
            yield from events(cancel)

        self._worker = Worker(iterated, self, going.title)
        self._worker.event.connect(self._on_event)
        self._worker.failed.connect(self._on_failed)
        self._worker.crashed.connect(self._on_crashed)
        self._worker.done.connect(self._on_done)
        self.progressed.emit()

    @Slot(object)
    def _on_event(self, event: object) -> None:
        going, worker = self.going, self._worker
        if going is None or worker is None:
            return
        if isinstance(event, ExportProgress):
            going.stage = stages.in_words(event.stage)
            worker.fraction = going.fraction = event.done / event.total if event.total else None
            workers().changed.emit()
            self.progressed.emit()
        elif isinstance(event, Exported | Pushed) and event.state == "complete" and not going.quiet:
            self.finished.emit(event)

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
        self.going, self._worker = None, None
        self.progressed.emit()
