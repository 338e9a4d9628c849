"""A thin bar: how much of this machine's memory a model takes."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import theme

_WIDTH, _HEIGHT = 96, 6


class MemoryBar(QWidget):
    """`share` 1 is all of it; `kind` is the token of its colour."""

    def __init__(self, share: float, kind: str) -> None:
        super().__init__()
        self._share = min(1.0, share)
        self._kind = kind
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def show_share(self, share: float, kind: str) -> None:
        """Show another share, in another colour."""
        self._share, self._kind = min(1.0, share), kind
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        area = QRectF(self.rect())
        painter.setBrush(theme().color("line"))
        painter.drawRoundedRect(area, 3, 3)
        area.setWidth(max(_HEIGHT, area.width() * self._share))
        painter.setBrush(theme().color(self._kind))
        painter.drawRoundedRect(area, 3, 3)
