"""Words on the window: labels with a role, pills, labels that elide, and icons that stand beside them."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ui.theme import theme


def label(text: str, role: str = "", *, wrap: bool = False, select: bool = False) -> QLabel:
    """A label; `role` is "title", "heading", "large", "strong", "dim", "small", "section", "error" or "".

    A sentence, which may wrap, can be selected and copied; single words where `select` says so.
    """
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    made.setWordWrap(wrap)
    if select or wrap:
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def pill(text: str, kind: str = "accent") -> QLabel:
    """A small coloured word; `kind` is "accent", "good", "warn", "bad" or "plain"."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("pill", kind)
    made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
    return made


class ElidedLabel(QLabel):
    """One line that ends in … where there is no room; the whole text is its tool tip then."""

    def __init__(self, text: str = "", role: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        if role:
            self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setToolTip(self.text() if self._shown() != self.text() else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawText(self.contentsRect(), int(self.alignment()), self._shown())

    def _shown(self) -> str:
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.contentsRect().width())


class IconLabel(QWidget):
    """An icon that is only looked at, `size` pixels wide and high."""

    def __init__(self, name: str, color: str = "dim", size: int = 18, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(size, size)
        self._icon = theme().icon(name, color)
        theme().changed.connect(self._repaint)

    def set_icon(self, name: str, color: str = "dim") -> None:
        """Show another one."""
        self._icon = theme().icon(name, color)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        self._icon.paint(QPainter(self), self.rect())

    @Slot()
    def _repaint(self) -> None:
        self.update()
