"""Privacy: what stays here, where it lies, how to take it along, go back to a copy, or delete it all."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from thau_desktop.privacy import PLACES, EverythingDeleted, PlaceMeasured, delete_everything
from thau_desktop.store.backup import Backup
from thau_desktop.store.restore import restore
from thau_desktop.translation import _
from ui.settings.backups_card import BackupsCard
from ui.settings.delete_dialog import DeleteDialog
from ui.settings.export_card import ExportCard
from ui.settings.group_page import GroupPage, Part, action_row, open_folder
from ui.settings.storage import PromiseCard, StorageCard
from ui.times import moment
from ui.widgets.ask import Ask
from ui.widgets.buttons import button
from ui.worker import run_in_background, workers

if TYPE_CHECKING:
    from thau_desktop.app import Thau

_LAST_WORDS = 2.0  # seconds


class PrivacyPage(GroupPage):
    """The group's fields between plain words and what can be done with the data.

    Attributes: `storage`, `export`, `backups`, the cards.
    """

    def __init__(self, thau: Thau, window: QWidget) -> None:
        super().__init__("privacy", {})
        self._thau = thau
        self._window = window
        self.storage = StorageCard(thau.paths)
        self.export = ExportCard(thau.paths)
        self.backups = BackupsCard(thau.paths)
        self.backups.restore.connect(self._on_restore)
        self.add(PromiseCard(), first=True)
        for part in (self.storage, self.export, self.backups, self._deletion()):
            self.add(part)

    def showEvent(self, event: QShowEvent) -> None:
        self.storage.measure_again()
        self.backups.look_again()
        super().showEvent(event)

    def _deletion(self) -> Part:
        part = Part(_("Leave nothing behind"), _("delete everything remove erase uninstall"))
        sentence = _("Conversations, pictures, examples, what THAU learned, settings and models. Then THAU quits.")
        delete = button(_("Delete everything…"), self._on_delete, icon_name="trash", kind="danger")
        part.inside.addWidget(action_row(_("Delete everything"), sentence, delete))
        return part

    def _on_delete(self) -> None:
        sizes = {place.name: self.storage.measured(place.name) for place in PLACES}
        known: dict[str, PlaceMeasured] = {name: found for name, found in sizes.items() if found is not None}
        dialog = DeleteDialog(self._thau.paths, known, self._window)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self._delete(dialog.kept)

    def _delete(self, keep: tuple[str, ...]) -> None:
        """Close everything, delete, quit: in one go, so that nothing asks a closed database in between."""
        _still(self._window)
        _end_workers()
        self._thau.close()
        for deleted in delete_everything(self._thau.paths, keep=keep):
            self._say_what_is_left(deleted)
        QApplication.exit(0)

    def _say_what_is_left(self, deleted: EverythingDeleted) -> None:
        if not deleted.left:
            return
        box = Ask(
            None,
            _("Delete everything"),
            _("Some files could not be deleted."),
            _("Another program may have them open. Delete the folder by hand."),
            choices=((_("Quit"), ""), (_("Open folder"), "accent")),
            icon="warning",
            tint="warn",
            details="\n".join(map(str, deleted.left)),
        )
        box.exec()
        if box.choice == 1:
            open_folder(self._thau.paths.home)

    @Slot(object)
    def _on_restore(self, backup: Backup) -> None:
        box = Ask(
            self._window,
            _("Restore a backup"),
            _("Go back to the conversations and examples of {date}?").format(date=moment(backup.made)),
            _("What is here now is kept as one more backup. THAU then quits; open it again to go on."),
            choices=((_("Cancel"), ""), (_("Restore and quit"), "accent")),
            icon="clock-counter-clockwise",
        )
        box.exec()
        if box.choice == 1:
            self.go_back_to(backup)

    def go_back_to(self, backup: Backup) -> None:
        """Restore and quit; a problem is said in place, with everything as it was."""
        for worker in workers().running:
            worker.stop()
        paths = self._thau.paths
        run_in_background(
            self,
            lambda: restore(paths.database, backup.path, paths.backups),
            lambda _kept: QApplication.exit(0),
            self.backups.show_problem,
        )


def _still(window: QWidget) -> None:
    """Stop every timer of the window: what they would look at is about to go."""
    for timer in window.window().findChildren(QTimer):
        timer.stop()


def _end_workers() -> None:
    """Stop what runs and let its last words arrive while there is still a database to write them to."""
    workers().stop_all()
    end = time.monotonic() + _LAST_WORDS
    while workers().running and time.monotonic() < end:
        QApplication.processEvents()
