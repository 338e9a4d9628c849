"""The training page: empty, and honest about it, until this version can learn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from thau_desktop.translation import _
from ui.widgets.empty_state import EmptyState

if TYPE_CHECKING:
    from thau_desktop.app import Thau
    from ui.main_window import MainWindow


class TrainingPage(QWidget):
    """Says what will be here and what works today."""

    def __init__(self, thau: Thau, window: MainWindow) -> None:
        super().__init__()
        self.setAccessibleName(_("Training"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        sentence = _(
            "Here THAU will learn at night from the answers that you corrected and approved. Learning comes with a"
            " later version. Your corrections and thumbs in conversations are kept from today on, so nothing you"
            " teach now is lost."
        )
        self.empty = EmptyState(
            "moon-stars", _("Nothing learned yet"), sentence, _("Open a conversation"), lambda: window.show_page("chat")
        )
        column.addWidget(self.empty)
