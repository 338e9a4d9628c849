"""The room at the right of the grid for the form that draws; the form itself is made after the pictures are seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout

from ui.theme import restyle

if TYPE_CHECKING:
    from thau_desktop.app import Thau
    from ui.gallery.panel import GeneratePanel
    from ui.main_window import MainWindow

_WIDTH = 320  # pixels, until the form says how wide it is


class FormDock(QFrame):
    """Attributes: `panel`, the form, or None; `shown`, whether it is wanted. `made` when it has drawn a picture."""

    made = Signal()

    def __init__(self, thau: Thau, window: MainWindow) -> None:
        super().__init__()
        self._thau = thau
        self._window = window
        self.panel: GeneratePanel | None = None
        self.shown = False
        self.setProperty("side", "right")
        self.setFixedWidth(_WIDTH)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self.hide()

    def show_form(self, shown: bool, *, now: bool) -> None:
        """Show or hide it; if it is not made yet, only its room is shown unless it is to be made `now`."""
        self.shown = shown
        self.setVisible(shown)
        if shown and now and self.panel is None:
            QTimer.singleShot(0, self, self.fill_if_shown)

    @Slot()
    def fill_if_shown(self) -> None:
        """Make it if it is wanted."""
        if self.shown:
            self.fill()

    def fill(self) -> GeneratePanel:
        """The form, made now if it must be."""
        if self.panel is None:
            from ui.gallery.panel import GeneratePanel

            self.panel = GeneratePanel(self._thau, self._window)
            self.panel.made.connect(lambda _id: self.made.emit())
            self.setProperty("side", None)  # the form has a line of its own
            self.setMinimumWidth(0)
            self.setMaximumWidth(16777215)
            self._row.addWidget(self.panel)
            restyle(self)
        return self.panel
