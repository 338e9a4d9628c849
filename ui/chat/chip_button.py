"""A small coloured word that opens a menu: the tools mode under the composer."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolButton, QWidget

from ui.theme import theme
from ui.widgets.buttons import ToolButton


class ChipButton(ToolButton):
    """Attributes: `quiet`, in grey instead of the accent."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.quiet = False
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(max(9, theme().tokens.type_small - 1))
        font.setWeight(QFont.Weight.DemiBold)
        return font

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._font())
        return QSize(metrics.horizontalAdvance(self.text()) + 15, metrics.height() + 5)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = theme().color
        active = self.underMouse() or self.isDown()
        painter.setPen(QPen(color("accent"), 1.5) if self.hasFocus() or active else Qt.PenStyle.NoPen)
        painter.setBrush(color("panel" if self.quiet else "accent_soft"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.75, 0.75, -0.75, -0.75), 6, 6)
        painter.setFont(self._font())
        painter.setPen(color("dim" if self.quiet else "accent"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
