"""Everything into one zip: where to, how far it is, stop, and where it lies in the end."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from thau_desktop.errors import ThauError
from thau_desktop.paths import Paths
from thau_desktop.takeout import ExportFinished, ExportProgress, export_everything
from thau_desktop.translation import _, ngettext_
from ui.settings.group_page import Part, action_row, open_folder, raise_bug
from ui.times import remaining
from ui.widgets.buttons import button
from ui.widgets.labels import label
from ui.words import size_of
from ui.worker import Worker

_SURE = 1.0  # seconds before a rate says anything about the time that is left


class ExportCard(Part):
    """`start(target)` writes the zip in the background. Attributes: `finished`, the last zip written."""

    def __init__(self, paths: Paths) -> None:
        super().__init__(_("Take it with you"), _("export everything zip backup download"))
        self._paths = paths
        self._worker: Worker | None = None
        self._began = 0.0
        self.finished: ExportFinished | None = None
        self._go = button(_("Export everything…"), self._on_go, icon_name="export")
        sentence = _(
            "One zip with your conversations and examples as JSON, your pictures, your settings, what THAU learned, "
            "and the whole database. Downloaded models and backups stay here."
        )
        self.inside.addWidget(action_row(_("Export everything"), sentence, self._go))
        self._bar = QProgressBar()
        self._bar.setRange(0, 1000)
        self._bar.setAccessibleName(_("Progress of the export"))
        self._said = label("", "small", wrap=True)
        self._stop = button(_("Stop"), self._on_stop)
        self._open = button(_("Show in folder"), self._on_open, kind="link")
        self._progress = self._lay_out()
        self.inside.addWidget(self._progress)
        self._progress.hide()

    def start(self, target: Path) -> None:
        """Write everything to `target`."""
        self.finished = None
        self._began = time.monotonic()
        self._worker = Worker(
            lambda cancel: export_everything(self._paths, target, cancel), self, _("Exporting everything")
        )
        self._worker.event.connect(self._on_event)
        self._worker.failed.connect(self._on_failed)
        self._worker.crashed.connect(self._on_crashed)
        self._worker.done.connect(self._on_done)
        self._go.setEnabled(False)
        self._show(_("Copying the database…"), running=True)
        self._bar.setValue(0)

    def _lay_out(self) -> QWidget:
        widget = QWidget()
        column = QVBoxLayout(widget)
        column.setContentsMargins(16, 4, 16, 12)
        column.setSpacing(6)
        column.addWidget(self._bar)
        across = QHBoxLayout()
        across.addWidget(self._said, 1)
        across.addWidget(self._open)
        across.addWidget(self._stop)
        column.addLayout(across)
        return widget

    def _show(self, words: str, *, running: bool = False, bad: bool = False) -> None:
        self._progress.show()
        self._bar.setVisible(running)
        self._stop.setVisible(running)
        self._open.setVisible(self.finished is not None)
        self._said.setText(words)
        if self._said.property("role") != ("error" if bad else "small"):
            self._said.setProperty("role", "error" if bad else "small")
            self._said.style().polish(self._said)

    def _on_go(self) -> None:
        proposed = Path.home() / f"thau-{date.today():%Y-%m-%d}.zip"
        chosen, _filter = QFileDialog.getSaveFileName(
            self, _("Export everything"), str(proposed), _("Zip files (*.zip)")
        )
        if chosen:
            self.start(Path(chosen) if chosen.lower().endswith(".zip") else Path(f"{chosen}.zip"))

    def _on_stop(self) -> None:
        if self._worker is not None:
            self._worker.stop()

    def _on_open(self) -> None:
        if self.finished is not None:
            open_folder(self.finished.path)

    @Slot(object)
    def _on_event(self, event: ExportProgress | ExportFinished) -> None:
        if isinstance(event, ExportFinished):
            self.finished = event
            return
        self._bar.setValue(int(1000 * event.fraction))
        seconds = time.monotonic() - self._began
        words = _("{done} of {total}").format(done=size_of(event.done), total=size_of(event.total))
        if seconds > _SURE and event.done:
            rate = event.done / seconds
            left = remaining(max(0, event.total - event.done) / rate)
            words = f"{words} · {size_of(int(rate))}/s · {left}"
        self._said.setText(words)

    @Slot(object)
    def _on_failed(self, error: ThauError) -> None:
        self._go.setEnabled(True)
        self._show(str(error), bad=True)

    @Slot(str)
    def _on_crashed(self, trace: str) -> None:
        self._go.setEnabled(True)
        self._show(_("The export stopped because of an error in THAU. Nothing was changed."), bad=True)
        raise_bug(trace)

    @Slot()
    def _on_done(self) -> None:
        self._go.setEnabled(True)
        done = self.finished
        if done is None:
            self._show(_("The export was stopped. Nothing was written."))
            return
        words = _("Saved as {path} ({size}).").format(path=done.path, size=size_of(done.size))
        if done.skipped:
            left = ngettext_("{n} file could not be read.", "{n} files could not be read.", len(done.skipped))
            words = f"{words} {left.format(n=len(done.skipped))}"
        self._show(words)
