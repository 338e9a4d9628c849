"""The chat page's two sides: the conversations, which can be hidden and made wider, and the rest."""

from __future__ import annotations

from PySide6.QtCore import QSettings, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

_WIDTH = 255
_NARROWEST = 190
_RIGHT = 320
_BOTH = 640  # pixels that both sides need to be read with ease


class SideSplit(QSplitter):
    """Remembers width and visibility of its left side, which a narrow window hides. `list_shown` tells of either."""

    list_shown = Signal(bool)

    def __init__(self, left: QWidget, right: QWidget, state: QSettings) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._left = left
        self._state = state
        self._narrow = False
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
        self.show_list(self._wanted(), keep=False)

    def show_list(self, shown: bool, *, keep: bool = True) -> None:
        """Show or hide the left side; `keep`: also the next time."""
        self._left.setVisible(shown)
        if keep:
            self._state.setValue("chat/list_hidden", int(not shown))
        width = max(_NARROWEST, int(str(self._state.value("chat/list_width", _WIDTH))))
        self.setSizes([width, max(_RIGHT, self.width() - width)])
        self.list_shown.emit(shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = event.size().width() < _BOTH
        if narrow != self._narrow:
            self._narrow = narrow
            self.show_list(not narrow and self._wanted(), keep=False)

    def _wanted(self) -> bool:
        return not int(str(self._state.value("chat/list_hidden", 0)))

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
