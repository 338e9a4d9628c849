"""A short message at the foot of the window that goes by itself, with one thing to do (Undo)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Slot
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from thau_desktop.translation import _
from ui.widgets.buttons import button

_SECONDS = 5.0
_SECONDS_TO_UNDO = 8.0
_EDGE = 24
_GAP = 8


class Toast(QFrame):
    """One message at a time; a new one replaces the old. The time stops while the mouse or the keyboard is on it.

    Attributes: `action`, its button.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("toast", True)
        self._host = parent
        self._above: QWidget | None = None
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 8)
        row.setSpacing(12)
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self.action = button("")
        self.action.clicked.connect(self._act)
        row.addWidget(self._words)
        row.addWidget(self.action)
        self._on_action: Callable[[], object] | None = None
        self._undoes = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        parent.installEventFilter(self)
        self.action.installEventFilter(self)
        self.hide()

    @property
    def text(self) -> str:
        return self._words.text()

    def say(self, text: str, action: str = "", on_action: Callable[[], object] | None = None) -> None:
        """Show `text`, and a button that calls `on_action` if there is something to do."""
        self._words.setText(text)
        self.setAccessibleName(text)
        self._on_action = on_action
        self._undoes = bool(action) and action == _("Undo")
        self.action.setText(action)
        self.action.setAccessibleName(action)
        self.action.setToolTip("Ctrl+Z" if self._undoes else "")
        self.action.setVisible(bool(action))
        self._row.setContentsMargins(16, 8, 8 if action else 16, 8)
        self.action.setMinimumHeight(0)
        self._words.setMinimumHeight(28)
        self.adjustSize()
        self._place()
        self.show()
        self.raise_()
        self._timer.start(int(1000 * (_SECONDS_TO_UNDO if action else _SECONDS)))
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def stand_over(self, widget: QWidget | None) -> None:
        """Never cover that widget of the page, which may grow; without one, stand at the window's foot."""
        if widget is self._above:
            return
        if self._above is not None:
            self._above.removeEventFilter(self)
        self._above = widget
        if widget is not None:
            widget.installEventFilter(self)
            widget.destroyed.connect(self._forget)
        if self.isVisible():
            self._place()

    @Slot()
    def _forget(self) -> None:
        self._above = None

    @Slot()
    def undo(self) -> None:
        """Ctrl+Z: press the button if it says Undo."""
        if self.isVisible() and self._undoes:
            self.action.click()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is not self.action and event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            if self.isVisible():
                self._place()
        elif watched is self.action and event.type() == QEvent.Type.FocusIn:
            self._timer.stop()
        elif watched is self.action and event.type() == QEvent.Type.FocusOut:
            self._go_on()
        return False

    def enterEvent(self, event: QEvent) -> None:
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        self._go_on()

    def _go_on(self) -> None:
        if self.isVisible() and not self.action.hasFocus():
            self._timer.start(int(1000 * _SECONDS))

    @Slot()
    def _act(self) -> None:
        self.hide()
        self._timer.stop()
        if self._on_action is not None:
            self._on_action()

    def _place(self) -> None:
        room = self._host.rect()
        foot = room.height() - _EDGE
        if self._above is not None and self._above.isVisible():
            corner = self._above.mapTo(self._host, QPoint(0, 0))
            room.setLeft(corner.x())
            room.setWidth(self._above.width())
            foot = corner.y() - _GAP
        self._words.setWordWrap(False)
        size = self.sizeHint()
        if size.width() > room.width() - 2 * _EDGE:
            self._words.setWordWrap(True)
            size.setWidth(room.width() - 2 * _EDGE)
            size.setHeight(self._row.heightForWidth(size.width()))
        self.resize(size)
        self.move(room.x() + (room.width() - size.width()) // 2, foot - size.height())
