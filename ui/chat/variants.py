"""‹2/3›: which of several answers, or of several wordings of a question, is shown, and the way to the others."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.chat.buttons import IconButton
from ui.chat.shown import Shown
from ui.chat.style import Style

_BUTTON = 22
_HEIGHT = 26


class Variants(QWidget):
    """Hidden where there is only one. `step` asks for the one before (-1) or after (1)."""

    step = Signal(int)

    def __init__(self, style: Style, earlier: str, later: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._style = style
        self._words = ""
        self._earlier = IconButton(style, "caret-left", earlier, self, size=_BUTTON)
        self._later = IconButton(style, "caret-right", later, self, size=_BUTTON)
        self._earlier.clicked.connect(lambda: self.step.emit(-1))
        self._later.clicked.connect(lambda: self.step.emit(1))

    def set_shown(self, shown: Shown) -> None:
        """Follow the message."""
        self._words = f"{shown.variant}/{shown.variants}"
        self.setVisible(shown.variants > 1)
        self._earlier.setEnabled(shown.variant > 1)
        self._later.setEnabled(shown.variant < shown.variants)
        self.setAccessibleName(self._words)
        self.update()

    def fit(self) -> int:
        """Take the room that it needs; returns its width."""
        words = QFontMetrics(self._style.small_font).horizontalAdvance(self._words) + 4
        self._earlier.move(0, (_HEIGHT - _BUTTON) // 2)
        self._later.move(_BUTTON + words, (_HEIGHT - _BUTTON) // 2)
        self.resize(2 * _BUTTON + words, _HEIGHT)
        return self.width()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self._style.small_font)
        painter.setPen(self._style.theme.color("dim"))
        area = QRect(_BUTTON, 0, self.width() - 2 * _BUTTON, _HEIGHT)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self._words)
