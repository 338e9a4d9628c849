"""The loss of a running training as a line over its steps."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from thau_desktop.translation import _
from ui.theme import theme
from ui.words import decimal

_LINES = 3
_MOST_POINTS = 400


class LossCurve(QWidget):
    """Draws what `show_losses` was given last."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: list[tuple[float, float]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(96)
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(480, 140)

    def show_losses(self, losses: Sequence[float], first: int, steps: int) -> None:
        """Show the losses (nats a token) of the steps after `first`, of `steps` in all."""
        stride = max(1, len(losses) // _MOST_POINTS)
        top = max(losses, default=1.0) or 1.0
        means = [
            (start, sum(losses[start : start + stride]) / len(losses[start : start + stride]))
            for start in range(0, len(losses), stride)
        ]
        self._points = [((first + start + 1) / max(1, steps), mean / top) for start, mean in means]
        if losses:
            words = _("Loss {first} at first, {last} now").format(
                first=decimal(losses[0], 2), last=decimal(losses[-1], 3)
            )
            self.setAccessibleName(words)
            self.setToolTip(words)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(1, 4, -1, -4)
        painter.setPen(QPen(theme().color("line"), 1))
        for number in range(_LINES + 1):
            y = area.top() + number * area.height() / _LINES
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        if not self._points:
            return
        painter.setPen(QPen(theme().color("accent"), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        line = [QPointF(area.left() + x * area.width(), area.bottom() - y * area.height()) for x, y in self._points]
        painter.drawPolyline(QPolygonF(line))
