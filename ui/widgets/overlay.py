"""A sheet over the window. It is a child of the window and no window of its own, so that its round corners and its
shadow need no compositor and every desktop places it right.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout, QWidget

from ui.theme import theme

_SHADOW = 16
_RADIUS = 12


class Overlay(QWidget):
    """Covers its window; a click beside the sheet, Escape, or the keyboard going elsewhere closes it.

    Attributes: `sheet`, what is seen; `column`, the layout to put things in. `closed` when it is gone.
    """

    closed = Signal()

    def __init__(self, window: QWidget, *, margin: int = 14) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.sheet = QFrame(self)
        self.column = QVBoxLayout(self.sheet)
        self.column.setContentsMargins(margin, margin, margin, margin)
        self.column.setSpacing(8)
        self._host = window
        self._before = QApplication.focusWidget()
        self._closing = False
        window.installEventFilter(self)
        theme().changed.connect(self.update)

    def place(self) -> None:
        """Put `sheet` where it belongs; called again when the window changes its size."""
        raise NotImplementedError

    def open(self, focus: QWidget | None = None) -> None:
        """Show it, with the keyboard in `focus`."""
        self.setGeometry(self._host.rect())
        self.place()
        self.show()
        self.raise_()
        (focus or self).setFocus(Qt.FocusReason.PopupFocusReason)
        QApplication.instance().focusChanged.connect(self._on_focus)  # type: ignore[union-attr]

    def close(self) -> bool:
        """Take it away and give the keyboard back."""
        if self._closing:
            return True
        self._closing = True
        QApplication.instance().focusChanged.disconnect(self._on_focus)  # type: ignore[union-attr]
        here = QApplication.focusWidget()
        if self._before is not None and (here is None or here is self or self.isAncestorOf(here)):
            self._before.setFocus(Qt.FocusReason.PopupFocusReason)
        self.closed.emit()
        return super().close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._host:
            self.setGeometry(self._host.rect())
            self.place()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.sheet.geometry().contains(event.position().toPoint()):
            self.close()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = QRectF(self.sheet.geometry())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 6 if theme().dark else 2))
        for step in range(_SHADOW, 0, -2):
            grown = place.adjusted(-step, -step + 3, step, step + 3)
            painter.drawRoundedRect(grown, _RADIUS + step, _RADIUS + step)
        painter.setPen(theme().color("line"))
        painter.setBrush(theme().color("card"))
        painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)

    def _on_focus(self, _old: QWidget | None, now: QWidget | None) -> None:
        # None: another program has the keyboard; the sheet is still there when it comes back.
        if now is not None and now is not self and not self.isAncestorOf(now):
            self.close()
