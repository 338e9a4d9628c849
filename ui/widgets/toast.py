"""A short message at the foot of the window that goes by itself, with one thing to do (Undo)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

_SECONDS = 5.0
_SECONDS_TO_UNDO = 8.0


class Toast(QFrame):
    """One message at a time; a new one replaces the old. The time stops while the mouse is on it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("toast", True)
        self._host = parent
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 8)
        row.setSpacing(12)
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self.action = QPushButton()
        self.action.clicked.connect(self._act)
        row.addWidget(self._words)
        row.addWidget(self.action)
        self._on_action: Callable[[], object] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        parent.installEventFilter(self)
        self.hide()

    @property
    def text(self) -> str:
        return self._words.text()

    def say(self, text: str, action: str = "", on_action: Callable[[], object] | None = None) -> None:
        """Show `text`, and a button that calls `on_action` if there is something to do."""
        self._words.setText(text)
        self.setAccessibleName(text)
        self._on_action = on_action
        self.action.setText(action)
        self.action.setVisible(bool(action))
        self._row.setContentsMargins(16, 8, 8 if action else 16, 8)
        self.action.setMinimumHeight(0)
        self._words.setMinimumHeight(28)
        self.adjustSize()
        self._place()
        self.show()
        self.raise_()
        self._timer.start(int(1000 * (_SECONDS_TO_UNDO if action else _SECONDS)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def enterEvent(self, event: QEvent) -> None:
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        if self.isVisible():
            self._timer.start(int(1000 * _SECONDS))

    @Slot()
    def _act(self) -> None:
        self.hide()
        self._timer.stop()
        if self._on_action is not None:
            self._on_action()

    def _place(self) -> None:
        room = self._host.rect()
        self.resize(min(self.sizeHint().width(), room.width() - 32), self.sizeHint().height())
        self.move((room.width() - self.width()) // 2, room.height() - self.height() - 24)
