"""The copies of the database, newest first: make one now, or go back to one."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from thau_desktop.errors import ThauError
from thau_desktop.paths import Paths
from thau_desktop.store.backup import Backup, backup_now, backups
from thau_desktop.translation import N_, _
from ui.settings.group_page import Part, action_row
from ui.times import moment
from ui.widgets.buttons import button
from ui.widgets.card import line
from ui.widgets.labels import label
from ui.words import size_of
from ui.worker import run_in_background

_SHOWN = 5
_KINDS = {"daily": N_("Daily"), "migration": N_("Before an update"), "manual": N_("By hand")}


class BackupsCard(Part):
    """`restore` asks to go back to a backup; the page confirms and does it."""

    restore = Signal(object)  # Backup

    def __init__(self, paths: Paths) -> None:
        super().__init__(_("Backups"), _("backup restore copy daily"))
        self._paths = paths
        self._all = False
        self._now = button(_("Back up now"), self._on_now, icon_name="clock-counter-clockwise")
        sentence = _("THAU copies your conversations and examples once a day and keeps the last seven.")
        self.inside.addWidget(action_row(_("Copies of the database"), sentence, self._now))
        self.problem = label("", "error", wrap=True)
        self.problem.setContentsMargins(16, 0, 16, 8)
        self.problem.hide()
        self.inside.addWidget(self.problem)
        self._list: QWidget | None = None

    def look_again(self) -> None:
        """Read the list from disk in the background."""
        run_in_background(self, lambda: backups(self._paths.backups), self._show)

    def show_problem(self, error: ThauError) -> None:
        """Say in place what went wrong."""
        self._now.setEnabled(True)
        self.problem.setText(str(error))
        self.problem.show()

    def _show(self, found: list[Backup]) -> None:
        if self._list is not None:
            self._list.hide()
            self._list.deleteLater()
        self._list = QWidget()
        column = QVBoxLayout(self._list)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for backup in found if self._all else found[:_SHOWN]:
            column.addWidget(line())
            column.addWidget(self._row(backup))
        if len(found) > _SHOWN and not self._all:
            column.addWidget(line())
            column.addWidget(button(_("Show all {n}").format(n=len(found)), lambda: self._show_all(found), kind="link"))
        self.inside.addWidget(self._list)

    def _show_all(self, found: list[Backup]) -> None:
        self._all = True
        self._show(found)

    def _row(self, backup: Backup) -> QWidget:
        back = button(_("Restore…"), lambda: self.restore.emit(backup))
        back.setAccessibleName(_("Restore the backup of {date}").format(date=moment(backup.made)))
        kind = _(_KINDS.get(backup.kind, backup.kind))
        return action_row(moment(backup.made), f"{kind} · {size_of(backup.size)}", back)

    def _on_now(self) -> None:
        self._now.setEnabled(False)
        self.problem.hide()
        run_in_background(
            self, lambda: backup_now(self._paths.database, self._paths.backups), self._on_made, self.show_problem
        )

    def _on_made(self, _path: object) -> None:
        self._now.setEnabled(True)
        self.look_again()
