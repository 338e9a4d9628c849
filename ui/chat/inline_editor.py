"""Edits a message where it stands: the words as they were written, Save and Cancel."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from thau_desktop.translation import _
from ui.chat.buttons import WordButton
from ui.chat.stage import Stage

_TALLEST = 420


class InlineEditor(QWidget):
    """Ctrl+Enter saves, Escape cancels. `saved` carries the new words."""

    saved = Signal(str)
    cancelled = Signal()
    grew = Signal()
    gap = 0

    def __init__(self, stage: Stage, text: str, save: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stage = stage
        self._words = QPlainTextEdit(text, self)
        self._words.setFont(stage.style.text_font)
        self._words.setAccessibleName(name)
        self._words.setTabChangesFocus(True)
        self._words.moveCursor(QTextCursor.MoveOperation.End)
        self._words.installEventFilter(self)
        self._words.textChanged.connect(self.grew)
        self._save = WordButton(stage.style, save, self, filled=True)
        self._save.setToolTip(_("Ctrl+Enter"))
        self._cancel = WordButton(stage.style, _("Cancel"), self, icon="x")
        self._save.clicked.connect(self._emit)
        self._cancel.clicked.connect(self.cancelled)
        QTimer.singleShot(0, self._words, self._words.setFocus)

    def fit(self, width: int) -> int:
        """Place everything; returns the height."""
        document = self._words.document()
        self._words.resize(width, max(60, self._words.height()))
        line = self._words.fontMetrics().lineSpacing()
        lines = round(document.size().height())
        height = min(_TALLEST, max(2, lines) * line + 26)
        self._words.setGeometry(0, 0, width, height)
        save, cancel = self._save.sizeHint(), self._cancel.sizeHint()
        self._save.setGeometry(width - save.width(), height + 8, save.width(), save.height())
        self._cancel.setGeometry(width - save.width() - cancel.width() - 8, height + 8, cancel.width(), save.height())
        return height + 8 + save.height()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape:
                self.cancelled.emit()
                return True
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self._emit()
                return True
        return super().eventFilter(watched, event)

    @Slot()
    def _emit(self) -> None:
        text = self._words.toPlainText().strip()
        if text:
            self.saved.emit(text)
