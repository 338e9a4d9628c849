"""Small buttons of the transcript: an icon or a few words, painted without a style sheet, for there are many."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from ui.chat.style import Style
from ui.widgets.buttons import pressed_by


class _Button(QAbstractButton):
    """Ground on hover, a ring on keyboard focus."""

    def __init__(self, style: Style, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.look = style
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not pressed_by(self, event):
            super().keyPressEvent(event)

    def paint_ground(self, painter: QPainter) -> None:
        """What is under the icon or the words."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = self.look.theme.color
        if self.isEnabled() and (self.underMouse() or self.isDown()):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("press" if self.isDown() else "hover"))
            painter.drawRoundedRect(self.rect(), 6, 6)
        if self.hasFocus():
            painter.setPen(QPen(color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 6, 6)


class IconButton(_Button):
    """An icon; `hint` is its tooltip and its accessible name."""

    def __init__(self, style: Style, icon: str, hint: str, parent: QWidget | None = None, *, size: int = 26) -> None:
        super().__init__(style, parent)
        self._icon = icon
        self._token = "dim"
        self._glyph = 16
        self.setFixedSize(size, size)
        self.describe(icon, hint)

    def describe(self, icon: str, hint: str, token: str = "dim") -> None:
        """Show another icon, or the same in the colour of another token."""
        self._icon, self._token = icon, token
        self.setAccessibleName(hint)
        self.setToolTip(hint)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.paint_ground(painter)
        token = "text" if self._token == "dim" and self.underMouse() and self.isEnabled() else self._token
        edge = (self.width() - self._glyph) // 2
        icon = self.look.theme.icon(self._icon, token if self.isEnabled() else "faint")
        icon.paint(painter, QRect(edge, edge, self._glyph, self._glyph))


class WordButton(_Button):
    """A few words; `token` is their colour, `strong` makes them semibold, `filled` puts them on the accent."""

    def __init__(
        self,
        style: Style,
        words: str,
        parent: QWidget | None = None,
        *,
        token: str = "dim",
        strong: bool = False,
        filled: bool = False,
        icon: str = "",
    ) -> None:
        super().__init__(style, parent)
        self._token = "on_accent" if filled else token
        self._strong = strong or filled
        self._filled = filled
        self._icon = icon
        self.setText(words)
        self.setAccessibleName(words)

    def font_used(self) -> QFont:
        """The font of the words."""
        font = QFont(self.look.small_font)
        font.setWeight(QFont.Weight.DemiBold if self._strong else QFont.Weight.Normal)
        return font

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font_used())
        width = metrics.horizontalAdvance(self.text()) + (32 if self._filled else 16) + (20 if self._icon else 0)
        return QSize(width, metrics.height() + (14 if self._filled else 8))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = self.look.theme.color
        if self._filled:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("accent_hover" if self.underMouse() else "accent"))
            painter.drawRoundedRect(self.rect(), 7, 7)
            if self.hasFocus():
                painter.setPen(QPen(color("text"), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 6, 6)
        else:
            self.paint_ground(painter)
        painter.setFont(self.font_used())
        ink: QColor = color("text" if self._token == "dim" and self.underMouse() else self._token)
        painter.setPen(ink)
        area = self.rect()
        if self._icon:
            self.look.theme.icon(self._icon, self._token).paint(painter, QRect(7, (self.height() - 14) // 2, 14, 14))
            area = area.adjusted(20, 0, 0, 0)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self.text())


class RoundButton(IconButton):
    """An icon on a disc that floats above the text."""

    def __init__(self, style: Style, icon: str, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(style, icon, hint, parent, size=36)

    def paint_ground(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = self.look.theme.color
        painter.setPen(QPen(color("accent" if self.hasFocus() else "line"), 2 if self.hasFocus() else 1))
        painter.setBrush(color("hover" if self.underMouse() else "card"))
        painter.drawEllipse(self.rect().adjusted(1, 1, -1, -1))
