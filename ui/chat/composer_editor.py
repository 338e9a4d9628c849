"""The field of the composer: grows with its text, sends on Enter, takes files by drop and paste."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QKeySequence, QResizeEvent, QTextOption
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QWidget

from thau_desktop.translation import _
from ui.chat.attachments import LONG_PASTE
from ui.theme import theme

MAX_LINES = 8
_MIN_LINES = 2
_OTHERS = 420  # pixels of a page that the header, notes, files and some of the transcript take


class ComposerEditor(QPlainTextEdit):
    """Plain text of 1 to 8 lines, fewer in a low window; then it scrolls.

    Attributes: `send_with_enter`, whether Enter sends and Shift+Enter breaks, or Ctrl+Enter sends.
    """

    send_pressed = Signal()
    up_pressed_when_empty = Signal()
    escape_pressed = Signal()
    files_dropped = Signal(list)
    long_text_pasted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.send_with_enter = True
        self._most = MAX_LINES
        self.setProperty("bare", True)
        self.setPlaceholderText(_("Write to THAU…"))
        self.setAccessibleName(_("Message"))
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(0)
        self.viewport().setAutoFillBackground(False)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        theme().changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        font = QFont(self.font())
        font.setPixelSize(theme().tokens.type_large)
        self.setFont(font)
        self._fit()

    def set_room(self, height: int) -> None:
        """How high the page is that the field stands on."""
        self._most = max(_MIN_LINES, min(MAX_LINES, (height - _OTHERS) // self.fontMetrics().lineSpacing()))
        self._fit()

    def _fit(self, *_size: object) -> None:
        """As high as the text, up to the last line that fits."""
        # QPlainTextDocumentLayout measures its height in lines, wrapped ones included.
        lines = max(1, round(self.document().documentLayout().documentSize().height()))
        height = min(lines, self._most) * self.fontMetrics().lineSpacing() + (4 if lines <= self._most else 0)
        if height != self.height() or self.minimumHeight() != height:
            self.setFixedHeight(height)
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if lines > self._most else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        if policy != self.verticalScrollBarPolicy():
            self.setVerticalScrollBarPolicy(policy)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.fontMetrics().lineSpacing() + 4)

    def event(self, event: QEvent) -> bool:
        # What the field can't undo is left to the window: a conversation that was deleted, for one.
        undo = isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Undo)
        if undo and event.type() == QEvent.Type.ShortcutOverride and not self.document().isUndoAvailable():
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        control = modifiers == Qt.KeyboardModifier.ControlModifier
        plain = modifiers == Qt.KeyboardModifier.NoModifier
        if enter and (control or (plain and self.send_with_enter)):
            self.send_pressed.emit()
        elif enter:
            # A paragraph, not the line separator that Shift+Enter would put in.
            self.textCursor().insertBlock()
            self.ensureCursorVisible()
        elif event.key() == Qt.Key.Key_Up and plain and self.document().isEmpty():
            self.up_pressed_when_empty.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.escape_pressed.emit()
        else:
            super().keyPressEvent(event)

    # --- drop and paste: Qt calls both of these for either ----------------------------------------------

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasUrls() or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        files = [Path(url.toLocalFile()) for url in source.urls() if url.isLocalFile()]
        if files:
            self.files_dropped.emit(files)
        elif source.hasText() and len(source.text()) > LONG_PASTE:
            self.long_text_pasted.emit(source.text())
        elif source.hasText():
            self.insertPlainText(source.text())
            self.ensureCursorVisible()
