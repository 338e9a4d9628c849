"""What happens to the work that runs when the window is closed: go on in the tray, or stop. Asked once."""

from __future__ import annotations

from typing import Literal

from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QSystemTrayIcon, QVBoxLayout, QWidget

from thau_desktop.translation import _
from ui.widgets.buttons import button
from ui.widgets.labels import label

Choice = Literal["tray", "quit", "stay"]


class CloseDialog(QDialog):
    """Attributes: `running`, what runs in words; `choice`; and `remember`, the box that keeps it."""

    def __init__(self, running: list[str], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Something is still running"))
        self.choice: Choice = "stay"
        self.running = running
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(_("Something is still running"), "heading"))
        for title in running:
            column.addWidget(label(f"·  {title}", "strong"))
        tray = QSystemTrayIcon.isSystemTrayAvailable()
        sentence = (
            _("THAU can go on in the tray and tell you when it is done. If you quit, it stops; what is done is kept.")
            if tray
            else _("If you quit, it stops; what is done is kept.")
        )
        words = label(sentence, "dim", wrap=True)
        words.setMinimumWidth(400)
        column.addWidget(words)
        self.remember = QCheckBox(_("Do the same next time"))
        column.addWidget(self.remember)
        self.remember.setVisible(tray)  # once it has a parent: before, it would be a window of its own
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch()
        safe = button(_("Cancel"), self.reject)
        row.addWidget(safe)
        row.addWidget(button(_("Stop and quit"), lambda: self._choose("quit"), kind="" if tray else "accent"))
        if tray:
            go_on = button(_("Go on in the tray"), lambda: self._choose("tray"), kind="accent")
            go_on.setDefault(True)
            row.addWidget(go_on)
            safe = go_on
        column.addLayout(row)
        safe.setFocus()

    def _choose(self, choice: Choice) -> None:
        self.choice = choice
        self.accept()
