"""A small sheet beside the widget that opened it."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from ui.widgets.overlay import Overlay

_GAP = 8
_EDGE = 8


class Popover(Overlay):
    """`width` pixels wide, as high as it must be; it stays inside the window."""

    def __init__(self, anchor: QWidget, *, width: int = 320, below: bool = False) -> None:
        super().__init__(anchor.window())
        self._anchor = anchor
        self._below = below
        self._width = width

    def place(self) -> None:
        """At the right of the anchor, feet in line, or under it, left edges in line."""
        layout = self.column
        layout.activate()
        needed = layout.heightForWidth(self._width) if layout.hasHeightForWidth() else layout.sizeHint().height()
        self.sheet.resize(self._width, needed)
        corner = QPoint(0, self._anchor.height() + _GAP)
        if not self._below:
            corner = QPoint(self._anchor.width() + _GAP, self._anchor.height() - needed)
        spot = self._anchor.mapTo(self._host, corner)
        x = max(_EDGE, min(spot.x(), self.width() - self._width - _EDGE))
        y = max(_EDGE, min(spot.y(), self.height() - needed - _EDGE))
        self.sheet.move(x, y)
        self.update()
