"""The training page: how things stand, what waits, what runs, and the versions that came of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from thau_desktop.errors import ThauError
from thau_desktop.store.examples import Example, NewExample
from thau_desktop.store.versions import parsed
from thau_desktop.training import exporting, intake
from thau_desktop.training.intake import IntakeProgress
from thau_desktop.training.night import Finished
from thau_desktop.translation import _, ngettext_
from ui.command_palette import Entry
from ui.times import local, moment
from ui.training.add_dialog import AddDialog
from ui.training.compare_dialog import CompareDialog
from ui.training.export_dialog import ExportDialog
from ui.training.import_report import Imported, ImportReport, gathered
from ui.training.live_card import LiveCard
from ui.training.nights import due_in_words
from ui.training.publishing import Publishing
from ui.training.publishing_card import PublishingCard
from ui.training.queue_card import QueueCard
from ui.training.report_dialog import ReportDialog
from ui.training.trainings import Trainings
from ui.training.versions_card import VersionsCard
from ui.widgets.ask import Ask
from ui.widgets.buttons import button, icon_button
from ui.widgets.labels import label
from ui.words import grouped
from ui.worker import Worker, workers

if TYPE_CHECKING:
    from thau_desktop.app import Thau
    from ui.main_window import MainWindow

_LOOK_EVERY = 1000  # milliseconds
_SIDE = 344


class TrainingPage(QWidget):
    """Attributes: `trainings`; `train`, the button, and `more` beside it; `queue`, `live`, `publishing_card` and
    `versions`, the cards."""

    def __init__(self, thau: Thau, window: MainWindow) -> None:
        super().__init__()
        self.setAccessibleName(_("Training"))
        self._thau = thau
        self._window = window
        self._version = -1
        self.trainings = Trainings.of(thau, window)
        self.trainings.progressed.connect(self._on_progress)
        self.trainings.finished.connect(self._on_finished)
        self.trainings.failed.connect(window.show_error)
        self._title = label("", "title", wrap=True)
        self._note = label("", "dim", wrap=True)
        self.train = button(_("Train now"), lambda: self.trainings.start(), icon_name="play", kind="accent")
        self.live = LiveCard(self.trainings)
        self.queue = QueueCard(thau)
        self.queue.add.connect(self.add)
        self.queue.edit.connect(self.edit)
        self.queue.changed.connect(self._on_changed)
        self.publishing = Publishing.of(thau, window)
        self.publishing.failed.connect(window.show_error)
        self.publishing_card = PublishingCard(self.publishing)
        self.versions = VersionsCard(thau)
        self.versions.setFixedWidth(_SIDE)
        self.versions.use.connect(self._use)
        self.versions.export.connect(self.export_version)
        self.versions.push.connect(self.publishing.push)
        self.versions.delete.connect(self.delete_version)
        self.versions.report.connect(self.report)
        self.versions.roll_back.connect(self._roll_back)
        self.versions.compare.connect(lambda: CompareDialog(thau, self).exec())
        left = QVBoxLayout()
        left.setSpacing(16)
        left.addWidget(self.publishing_card)
        left.addWidget(self.live, 2)
        left.addWidget(self.queue, 3)
        across = QHBoxLayout()
        across.setSpacing(16)
        across.addLayout(left, 1)
        across.addWidget(self.versions)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 20)
        column.setSpacing(16)
        column.addLayout(self._head())
        column.addLayout(across, 1)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY)
        self._timer.timeout.connect(self._look)

    def activate(self) -> None:
        """Show how things stand."""
        self.look_again()

    def stop(self) -> None:
        """Escape stops what runs."""
        self.trainings.stop()

    def find(self) -> None:  # type: ignore[override]
        """Ctrl+F goes to the filter."""
        self.queue.search.setFocus()

    def actions(self) -> list[Entry]:  # type: ignore[override]
        """What the command palette offers while this page is in view."""
        group = _("Training")
        found = [
            Entry(_("Teach something"), group, self.add, "plus"),
            Entry(_("Import examples"), group, self.import_files, "download-simple"),
            Entry(_("Export examples"), group, self.export_file, "export"),
        ]
        if self.train.isEnabled():
            found.insert(0, Entry(_("Train now"), group, self.trainings.start, "play"))
        if self.more.isEnabled():
            found += [Entry(each.text(), group, each.trigger, "play") for each in self.more.menu().actions()]
        shown = (self.versions.back, "arrow-counter-clockwise"), (self.versions.side_by_side, "columns")
        return found + [
            Entry(each.accessibleName(), group, each.click, icon) for each, icon in shown if each.isVisible()
        ]

    @Slot()
    def add(self) -> None:
        """Ask for an example and take it in."""
        dialog = AddDialog(self)
        if not dialog.exec():
            return
        new = NewExample(dialog.question.toPlainText(), dialog.answer.toPlainText(), "window")
        try:
            taken = intake.add(self._thau.examples, new)
        except ThauError as error:
            self._window.show_error(error)
            return
        self.look_again()
        if not taken.new:
            self._window.toast(_("This example is there already."))

    @Slot(object)
    def edit(self, example: Example) -> None:
        """Let a person write an example anew."""
        dialog = AddDialog(self, example.instruction, example.output)
        if not dialog.exec():
            return
        try:
            intake.edit(self._thau.examples, example.id, dialog.question.toPlainText(), dialog.answer.toPlainText())
        except ThauError as error:
            self._window.show_error(error)
            return
        self._on_changed(_("The example was changed"), [example])

    @Slot(str, object)
    def _on_changed(self, told: str, before: list[Example]) -> None:
        self.look_again()
        self._window.toast(told, _("Undo"), lambda: self._restore(before))

    def _restore(self, before: list[Example]) -> None:
        self._thau.examples.restore(before)
        self.look_again()

    def import_files(self) -> None:
        """Ask for files and take them in."""
        names, _filter = QFileDialog.getOpenFileNames(
            self, _("Import examples"), "", _("Examples (*.jsonl *.json *.zip)")
        )
        for name in names:
            self.take(Path(name))

    def export_file(self) -> None:
        """Ask for a file and write the examples that are shown into it."""
        name, _filter = QFileDialog.getSaveFileName(
            self, _("Export examples"), "thau-examples.jsonl", _("Examples (*.jsonl)")
        )
        if not name:
            return
        examples, words, state = self._thau.examples, self.queue.search.text(), self.queue.state.currentData()

        def events(cancel: threading.Event) -> Iterator[int]:
            yield exporting.export(examples, Path(name), state, words, cancel)

        worker = Worker(events, self, _("Exporting examples"))
        worker.event.connect(self._on_exported)
        worker.failed.connect(self._window.show_error)

    @Slot(str)
    def export_version(self, name: str) -> None:
        """Ask how and where to, and write a version there."""
        dialog = ExportDialog(self._thau, name, self)
        if dialog.exec():
            self.publishing.export(name, *dialog.chosen, dialog.folder)

    @Slot(int)
    def report(self, run_id: int) -> None:
        """Show what a training was."""
        ReportDialog(self._thau, self._thau.runs.get(run_id), self).exec()

    @Slot(str)
    def delete_version(self, name: str) -> None:
        """Ask, then delete a version."""
        ask = Ask(
            self,
            _("Delete a version"),
            _("Delete {version}?").format(version=name),
            _("Its files go, and it can't be used again. What it learned stays in the versions after it."),
            choices=((_("Cancel"), ""), (_("Delete"), "danger")),
            icon="trash",
            tint="bad",
        )
        if not ask.exec() or ask.choice != 1:
            return
        try:
            self._thau.lineage.delete(name)
        except ThauError as error:
            self._window.show_error(error)
        self.look_again()

    @Slot()
    def look_again(self) -> None:
        """Read everything that is shown."""
        self._version = self._thau.database.data_version()
        self._tell()
        self.queue.look_again()
        self.versions.look_again()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _head(self) -> QHBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._note)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addLayout(words, 1)
        row.addWidget(button(_("Import"), self.import_files, icon_name="download-simple"))
        row.addWidget(button(_("Export"), self.export_file, icon_name="export"))
        row.addWidget(self.train)
        row.addWidget(self._otherwise())
        return row

    def _learn(self, recipe: str) -> None:
        try:
            self.trainings.start(recipe=recipe)
        except ThauError as error:
            self._window.show_error(error)

    def _otherwise(self) -> QWidget:
        """A button with a menu: what else can be learned than what waits."""
        self.more = icon_button("caret-down", _("Train otherwise"))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.more)
        menu.setToolTipsVisible(True)
        tools = menu.addAction(_("Learn when to draw"), partial(self._learn, "tools"))
        tools.setToolTip(_("Thirty examples that come along: fifteen with a picture, fifteen without."))
        anew = menu.addAction(_("Learn everything anew"), partial(self._learn, "consolidate"))
        anew.setToolTip(_("From the base, with all that was learned: it undoes drift."))
        self.more.setMenu(menu)
        return self.more

    def _tell(self) -> None:
        """How things stand, in one sentence."""
        name = self._thau.settings.model.name
        known = parsed(name)
        pending = self._thau.examples.counts()["pending"] - self._thau.examples.for_review()
        new = ngettext_("{n} new example", "{n} new examples", pending).format(n=grouped(pending))
        version = f"v{known[1]}" if known else name
        sentence = _("{version} in use · {examples}").format(version=version, examples=new)
        due = due_in_words(self._thau.next_training(), datetime.now().astimezone())
        self._title.setText(" · ".join(filter(None, (sentence, due))))
        last = self._thau.runs.last_ended()
        self._note.setText(_last(last.state, last.ended_at, last.version) if last is not None else _first())
        self.train.setEnabled(pending > 0 and self.trainings.live is None)
        self.more.setEnabled(self.trainings.live is None)

    @Slot()
    def _look(self) -> None:
        if self._thau.database.data_version() != self._version:
            self.look_again()

    @Slot()
    def _on_progress(self) -> None:
        self.train.setEnabled(False)
        self.more.setEnabled(False)
        if self.trainings.live is None:
            self.look_again()

    @Slot(object)
    def _on_finished(self, finished: Finished) -> None:
        version = finished.version.rpartition("-")[2]
        told = {
            "promoted": _("{version} is in use: it learned what was new and lost nothing.").format(version=version),
            "rejected": _("The training was rejected; {version} stays in use.").format(version=version),
            "stopped": _("The training was stopped; it goes on from there the next time."),
        }
        self._window.toast(told.get(finished.outcome, " ".join(finished.reasons)))

    def take(self, path: Path) -> None:
        """Take in the examples of a file."""
        examples = self._thau.examples

        def events(cancel: threading.Event) -> Iterator[IntakeProgress | Imported]:
            return gathered(intake.take_in(examples, path, cancel=cancel))

        worker = Worker(events, self, _("Importing examples"))
        worker.event.connect(lambda event: self._on_intake(worker, path.name, event))
        worker.failed.connect(self._window.show_error)
        worker.done.connect(self.look_again)

    @Slot(object)
    def _on_exported(self, count: int) -> None:
        self._window.toast(ngettext_("{n} example exported", "{n} examples exported", count).format(n=grouped(count)))

    def _on_intake(self, worker: Worker, name: str, event: IntakeProgress | Imported) -> None:
        if isinstance(event, IntakeProgress):
            worker.fraction = event.position / max(1, event.size)
            workers().changed.emit()
        elif event.lines:
            self._window.toast(event.summary, _("Details"), lambda: ImportReport(name, event, self).exec())
        else:
            self._window.toast(event.summary)

    @Slot(str)
    def _use(self, name: str) -> None:
        try:
            self._thau.lineage.use(name)
        except ThauError as error:
            self._window.show_error(error)
        self.look_again()

    @Slot()
    def _roll_back(self) -> None:
        before = self._thau.settings.model.name
        try:
            name = self._thau.lineage.roll_back()
        except ThauError as error:
            self._window.show_error(error)
            return
        self.look_again()
        self._window.toast(_("{version} answers again").format(version=name), _("Undo"), lambda: self._use(before))


def _first() -> str:
    return _(
        "Correct an answer, approve one, or add an example: THAU learns what waits here, compares itself with the"
        " version in use, and changes only if it lost nothing."
    )


def _last(state: str, ended_at: str | None, version: str) -> str:
    when = moment(local(ended_at)) if ended_at else ""
    told = {
        "promoted": _("The last training gave {version}. {when}"),
        "rejected": _("The last training was rejected. {when}"),
        "skipped": _("The last training was skipped. {when}"),
        "stopped": _("The last training was stopped. {when}"),
        "failed": _("The last training failed. {when}"),
    }
    return told[state].format(version=version, when=when)
