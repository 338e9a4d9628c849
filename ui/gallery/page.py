"""The gallery page: empty, and honest about it, until this version can draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from thau_desktop.translation import _
from ui.widgets.empty_state import EmptyState

if TYPE_CHECKING:
    from thau_desktop.app import Thau
    from ui.main_window import MainWindow


class GalleryPage(QWidget):
    """Says what will be here and what works today."""

    def __init__(self, thau: Thau, window: MainWindow) -> None:
        super().__init__()
        self.setAccessibleName(_("Gallery"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        sentence = _(
            "Here you will see every picture that THAU drew, search their descriptions and draw more. Drawing comes"
            " with the next version. Today THAU already writes the description: ask for a picture in a conversation."
        )
        self.empty = EmptyState("image", _("No pictures yet"), sentence, _("Ask for a picture"), window.new_chat)
        column.addWidget(self.empty)
