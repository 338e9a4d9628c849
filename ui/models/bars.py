"""A small chart of bars that lie: a name, a bar, a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import theme

_BAR, _GAP, _NAME_SHARE, _NUMBER = 8, 10, 0.32, 76


@dataclass(frozen=True, slots=True)
class Bar:
    """`value` 0 draws nothing; `words` is the number as people read it; `color`, a token."""

    name: str
    value: float
    words: str
    color: str = "accent"


class Bars(QWidget):
    """Draws what `show_bars` was given last, the longest over the whole width."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self.bars: tuple[Bar, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def show_bars(self, bars: Sequence[Bar]) -> None:
        """Show these."""
        self.bars = tuple(bars)
        self.setAccessibleName(f"{self._title}: " + ", ".join(f"{bar.name} {bar.words}" for bar in bars))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(280, max(1, len(self.bars)) * self._row())

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top, most = 0.0, max((bar.value for bar in self.bars), default=0.0) or 1.0
        names = self.width() * _NAME_SHARE
        room = self.width() - names - _NUMBER - 2 * _GAP
        for bar in self.bars:
            line = QRectF(0, top, self.width(), self._row())
            painter.setPen(theme().color("text"))
            name = self.fontMetrics().elidedText(bar.name, Qt.TextElideMode.ElideRight, int(names))
            painter.drawText(line.adjusted(0, 0, names - self.width(), 0), Qt.AlignmentFlag.AlignVCenter, name)
            track = QRectF(names + _GAP, top + (self._row() - _BAR) / 2, room, _BAR)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("line"))
            painter.drawRoundedRect(track, _BAR / 2, _BAR / 2)
            if bar.value > 0:
                track.setWidth(max(_BAR, room * bar.value / most))
                painter.setBrush(theme().color(bar.color))
                painter.drawRoundedRect(track, _BAR / 2, _BAR / 2)
            painter.setPen(theme().color("dim"))
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, bar.words)
            top += self._row()

    def _row(self) -> int:
        return self.fontMetrics().height() + 8
