"""What the gallery shows while files are dragged over it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from thau_desktop.translation import _
from ui.theme import theme


class DropVeil(QWidget):
    """Lies over its parent and says what happens when they are let go; it takes no events itself."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_over(self) -> None:
        """Cover the parent."""
        parent = self.parentWidget()
        assert parent is not None
        self.setGeometry(parent.rect())
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = theme().color("bg")
        veil.setAlpha(215)
        painter.fillRect(self.rect(), veil)
        place = QRectF(self.rect()).adjusted(16, 16, -16, -16)
        painter.setPen(QPen(theme().color("accent"), 2, Qt.PenStyle.DashLine))
        painter.setBrush(theme().color("accent_soft"))
        painter.drawRoundedRect(place, 12, 12)
        font = QFont(painter.font())
        font.setPixelSize(theme().tokens.type_large)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(theme().color("text"))
        painter.drawText(place.toRect(), Qt.AlignmentFlag.AlignCenter, _("Let go to import the pictures"))
        center = place.toRect().center()
        icon = theme().icon("download-simple", "accent")
        icon.paint(painter, center.x() - 16, center.y() - 64, 32, 32)
