"""The export or push that runs, then what came of it: where it is and the two lines that a person types to use it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from thau_desktop.messages import Exported, Pushed
from thau_desktop.translation import _
from ui.settings.group_page import open_folder
from ui.theme import theme
from ui.training.publishing import Publishing
from ui.widgets.buttons import button, icon_button
from ui.widgets.card import Card
from ui.widgets.labels import label
from ui.words import size_of


class PublishingCard(Card):
    """Follows the window's export; hidden while there is neither one nor a result.

    Attributes: `result`, what came of the last one; `lines`, the label with the two lines.
    """

    def __init__(self, publishing: Publishing) -> None:
        super().__init__(spacing=8)
        self.setAccessibleName(_("Export"))
        self._publishing = publishing
        self.result: Exported | Pushed | None = None
        self._title = label("", "heading")
        self._stage = label("", "small")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(_("Progress of the export"))
        self.stop = button(_("Stop"), publishing.stop)
        self._path = label("", "small", wrap=True)
        self.lines = label("", wrap=True)
        self.lines.setFont(theme().mono(12))
        self.copy = button(_("Copy the lines"), self._on_copy, icon_name="copy")
        self.open = button(_("Open the folder"), self._on_open, icon_name="arrow-square-out")
        self.close_it = icon_button("x", _("Close"), self._on_close)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._title, 1)
        top.addWidget(self._stage)
        top.addWidget(self.stop)
        top.addWidget(self.close_it)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.copy)
        buttons.addWidget(self.open)
        buttons.addStretch()
        self.column.addLayout(top)
        self.column.addWidget(self._bar)
        self.column.addWidget(self._path)
        self.column.addWidget(self.lines)
        self.column.addLayout(buttons)
        publishing.progressed.connect(self._show)
        publishing.finished.connect(self._on_finished)
        self._show()

    @Slot()
    def _show(self) -> None:
        going, result = self._publishing.going, self.result
        self.setVisible(going is not None or result is not None)
        has_lines = going is None and result is not None and bool(result.commands)
        shown: dict[QWidget, bool] = {
            **dict.fromkeys((self._stage, self._bar, self.stop), going is not None),
            **dict.fromkeys((self._path, self.close_it), going is None),
            **dict.fromkeys((self.lines, self.copy), has_lines),
        }
        for widget, visible in shown.items():
            widget.setVisible(visible)
        self.open.setVisible(going is None and isinstance(result, Exported))
        if going is not None:
            self._title.setText(_("Stopping…") if going.stopping else going.title)
            self._stage.setText(going.stage)
            self.stop.setEnabled(not going.stopping)
            self._bar.setRange(0, 1000 if going.fraction is not None else 0)
            self._bar.setValue(round(1000 * (going.fraction or 0.0)))
        elif isinstance(result, Exported):
            self._title.setText(_("Exported: {size}").format(size=size_of(result.bytes)))
            self._path.setText(result.path)
        elif result is not None:
            self._title.setText(
                _("{name} is in Ollama, as {latest}, too.").format(name=result.name, latest=result.latest)
            )
            self._path.setText(_("Type one of these in a terminal to talk with it:"))
        if has_lines and result is not None:
            self.lines.setText("\n".join(result.commands))

    @Slot(object)
    def _on_finished(self, result: Exported | Pushed) -> None:
        self.result = result
        if isinstance(result, Exported) and self.window().isActiveWindow():
            self._on_open()  # nobody wants a folder to come up over other work

    @Slot()
    def _on_open(self) -> None:
        if isinstance(self.result, Exported):
            open_folder(Path(self.result.path))

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.lines.text())
        self.copy.setText(_("Copied"))

    @Slot()
    def _on_close(self) -> None:
        self.result = None
        self.copy.setText(_("Copy the lines"))
        self._show()
