"""The chat page's two sides: the conversations, which can be hidden and made wider, and the rest."""

from __future__ import annotations

from PySide6.QtCore import QSettings, Qt, Signal, Slot
from PySide6.QtWidgets import QSplitter, QWidget

_WIDTH = 255
_NARROWEST = 190
_RIGHT = 420


class SideSplit(QSplitter):
    """Remembers width and visibility of its left side. `list_shown` tells when that is shown or hidden."""

    list_shown = Signal(bool)

    def __init__(self, left: QWidget, right: QWidget, state: QSettings) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._left = left
        self._state = state
        self.setHandleWidth(1)
        left.setMinimumWidth(_NARROWEST)
        right.setMinimumWidth(_RIGHT)
        self.addWidget(left)
        self.addWidget(right)
        self.setStretchFactor(0, 0)
        self.setStretchFactor(1, 1)
        self.setCollapsible(1, False)
        self.splitterMoved.connect(self._on_moved)

    def restore(self) -> None:
        """As it was when THAU was closed."""
        self.show_list(not int(str(self._state.value("chat/list_hidden", 0))))

    def show_list(self, shown: bool) -> None:
        """Show or hide the left side."""
        self._left.setVisible(shown)
        self._state.setValue("chat/list_hidden", int(not shown))
        width = max(_NARROWEST, int(str(self._state.value("chat/list_width", _WIDTH))))
        self.setSizes([width, max(_RIGHT, self.width() - width)])
        self.list_shown.emit(shown)

    @Slot()
    def toggle(self) -> None:
        """Show the left side if it is hidden, else hide it."""
        self.show_list(self._left.isHidden())

    @Slot()
    def _on_moved(self) -> None:
        width = self.sizes()[0]
        if width:
            self._state.setValue("chat/list_width", width)
        else:
            self.show_list(False)  # dragged to the edge
