"""The downloads and imports that this window runs, whichever page is in view."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from thau_desktop.errors import ThauError
from thau_desktop.models.events import DownloadEvent, DownloadFinished, DownloadProgress
from thau_desktop.translation import _
from ui.settings.group_page import raise_bug
from ui.worker import Worker, workers

if TYPE_CHECKING:
    from thau_desktop.app import Thau

Events = Callable[[threading.Event], Iterator[DownloadEvent]]


@dataclass(slots=True)
class Live:
    """One that runs. `name` asks for it; `progress` is the last that was told; `pausing`, it was told to stop."""

    name: str
    progress: DownloadProgress | None = None
    pausing: bool = False


class Downloads(QObject):
    """Starts, follows and pauses them. It belongs to the window, so that a page may come and go.

    Attributes: `live`, those that run, by name. Signals: `progressed` with a name; `changed` when one begins or ends;
    `finished` when a model is here; `failed` with the name and the error.
    """

    progressed = Signal(str)
    changed = Signal()
    finished = Signal(object)  # DownloadFinished
    failed = Signal(str, object)  # ThauError

    def __init__(self, thau: Thau, parent: QObject, name: str) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._thau = thau
        self.live: dict[str, Live] = {}
        self._workers: dict[str, Worker] = {}

    @classmethod
    def of(cls, thau: Thau, window: QObject, name: str = "downloads") -> Downloads:
        """The window's; those of another `name` are told of apart."""
        found = window.findChild(cls, name, Qt.FindChildOption.FindDirectChildrenOnly)
        return found or cls(thau, window, name)

    def start(self, name: str) -> None:
        """Fetch a model, or go on with it; nothing where that runs."""
        self.run(name, partial(self._thau.library.download, name), _("Downloading {model}").format(model=_short(name)))

    def run(self, name: str, events: Events, title: str) -> None:
        """Follow any events of a download under a name."""
        if name in self.live or workers().closing:
            return
        self.live[name] = Live(name)
        worker = self._workers[name] = Worker(events, self, title)
        worker.event.connect(partial(self._on_event, name))
        worker.failed.connect(partial(self._on_failed, name))
        worker.crashed.connect(partial(self._on_crashed, name))
        worker.done.connect(partial(self._on_done, name))
        self.changed.emit()

    def pause(self, name: str) -> None:
        """Stop one; what came stays."""
        if name in self.live:
            self.live[name].pausing = True
            self._workers[name].stop()
            self.progressed.emit(name)

    def _on_event(self, name: str, event: DownloadEvent) -> None:
        if isinstance(event, DownloadProgress):
            self.live[name].progress = event
            self.progressed.emit(name)
        elif isinstance(event, DownloadFinished) and event.state == "complete":
            self.finished.emit(event)

    def _on_failed(self, name: str, error: ThauError) -> None:
        self._on_done(name)
        self.failed.emit(name, error)

    def _on_crashed(self, name: str, trace: str) -> None:
        self._on_done(name)
        raise_bug(trace)

    def _on_done(self, name: str) -> None:
        del self.live[name], self._workers[name]
        self.changed.emit()


def _short(name: str) -> str:
    return name.rpartition("/")[2]
