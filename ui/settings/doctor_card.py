"""What works on this machine, what does not, and what to do: the checks of `thau doctor`, one row each."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QWidget

from thau_desktop.doctor import Check, examine
from thau_desktop.errors import ThauError
from thau_desktop.paths import Paths
from thau_desktop.translation import N_, _, ngettext_
from ui.settings.group_page import Part, action_row, raise_bug
from ui.widgets.buttons import button
from ui.widgets.labels import IconLabel, label
from ui.worker import Worker

_NAMES = {
    "python": "Python",
    "packages": N_("Packages"),
    "optional packages": N_("Optional packages"),
    "torch": "PyTorch",
    "device": N_("Device"),
    "memory": N_("Memory"),
    "disk": N_("Disk"),
    "folder": N_("Folder"),
    "settings": N_("Settings"),
    "database": N_("Database"),
    "starter model": N_("Starter model"),
    "model": N_("Model"),
    "window": N_("Window"),
    "screen": N_("Screen"),
    "ollama": "Ollama",
    "language": N_("Language"),
}
_ICONS = {"ok": ("check-circle", "good"), "warn": ("warning", "warn"), "fail": ("x-circle", "bad")}


class DoctorCard(Part):
    """`examine_again` looks at everything in the background. Attributes: `checks`, what was found so far."""

    def __init__(self, paths: Paths) -> None:
        super().__init__(_("This machine"), _("doctor diagnosis problem gpu driver memory ollama"))
        self._paths = paths
        self._worker: Worker | None = None
        self.checks: list[Check] = []
        self._go = button(_("Examine"), self.examine_again, icon_name="heartbeat")
        self._copy = button(_("Copy"), self._on_copy, icon_name="copy")
        self._copy.setAccessibleName(_("Copy what was found"))
        self._copy.hide()
        sentence = _("Processor, graphics card, memory, disk, model and folders: what works and what does not.")
        self.inside.addWidget(action_row(_("Is everything all right?"), sentence, self._copy, self._go))
        self._said = label("", "dim", wrap=True)
        self._said.setContentsMargins(16, 0, 16, 8)
        self._said.hide()
        self.inside.addWidget(self._said)
        self._table = QWidget()
        self._table.hide()
        self.inside.addWidget(self._table)

    def examine_again(self) -> None:
        """Run every check; each appears when it is made."""
        self.checks = []
        self._go.setEnabled(False)
        self._say(_("Examining…"))
        self.inside.removeWidget(self._table)
        self._table.hide()
        self._table.deleteLater()
        self._table = QWidget()
        self._grid = QGridLayout(self._table)
        self._grid.setContentsMargins(16, 4, 16, 12)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(10)
        self._grid.setColumnStretch(2, 1)
        self.inside.addWidget(self._table)
        self._worker = Worker(lambda cancel: examine(self._paths, cancel), self, _("Examining this machine"))
        self._worker.event.connect(self._on_check)
        self._worker.failed.connect(self._on_failed)
        self._worker.crashed.connect(self._on_crashed)
        self._worker.done.connect(self._on_done)

    def _say(self, words: str) -> None:
        self._said.setText(words)
        self._said.show()

    def _on_copy(self) -> None:
        lines = [f"{check.state:4}  {check.name}: {check.what} {check.advice}".rstrip() for check in self.checks]
        QGuiApplication.clipboard().setText("\n".join(lines))

    @Slot(object)
    def _on_check(self, check: Check) -> None:
        row = len(self.checks)
        self.checks.append(check)
        top = Qt.AlignmentFlag.AlignTop
        name, color = _ICONS[check.state]
        sign = IconLabel(name, color)
        sign.setAccessibleName({"ok": _("good"), "warn": _("warning"), "fail": _("problem")}[check.state])
        self._grid.addWidget(sign, row, 0, top)
        self._grid.addWidget(label(_(_NAMES.get(check.name, check.name)), "strong"), row, 1, top)
        self._grid.addWidget(label(f"{check.what}\n{check.advice}".rstrip(), wrap=True), row, 2, top)
        self._table.show()

    @Slot(object)
    def _on_failed(self, error: ThauError) -> None:
        self._go.setEnabled(True)
        self._say(str(error))

    @Slot(str)
    def _on_crashed(self, trace: str) -> None:
        self._go.setEnabled(True)
        self._say(_("The examination stopped because of an error in THAU."))
        raise_bug(trace)

    @Slot()
    def _on_done(self) -> None:
        self._go.setEnabled(True)
        self._go.setText(_("Examine again"))
        self._copy.show()
        bad = sum(check.state != "ok" for check in self.checks)
        if bad:
            self._say(ngettext_("{n} thing needs you.", "{n} things need you.", bad).format(n=bad))
        else:
            self._say(_("Everything is all right."))
