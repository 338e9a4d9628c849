"""Ctrl+F: a line above the transcript to find words in the conversation, also in messages that are not loaded."""

from __future__ import annotations

import re

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from thau_desktop.store.conversations import Conversations
from thau_desktop.translation import _
from ui.chat.transcript import Transcript
from ui.widgets.buttons import icon_button
from ui.widgets.labels import label
from ui.widgets.search_field import SearchField
from ui.worker import run_in_background

_DELAY = 120  # milliseconds
_MARKS = re.compile(r"[*_`~]+")  # of Markdown: not seen in the transcript


class FindBar(QFrame):
    """Hidden until `open`. `closed` when it went away."""

    closed = Signal()

    def __init__(self, transcript: Transcript, conversations: Conversations, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._transcript = transcript
        self._conversations = conversations
        self._conversation_id: int | None = None
        self._ids: list[int] = []  # of all messages that have the words, oldest first
        self._asked = 0
        self.setProperty("header", True)
        self.field = SearchField(_("Find in this conversation"))
        self.field.setMaximumWidth(420)
        self._count = label("", "small")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 12, 8)
        row.setSpacing(8)
        row.addWidget(self.field, 1)
        row.addWidget(icon_button("caret-up", _("Previous (Shift+Enter)"), lambda: self.step(backwards=True)))
        row.addWidget(icon_button("caret-down", _("Next (Enter)"), self.step))
        row.addWidget(self._count)
        row.addStretch(1)
        row.addWidget(icon_button("x", _("Close (Esc)"), self.close_bar))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_DELAY)
        self._timer.timeout.connect(self._search)
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._on_text)
        self.hide()

    @property
    def words(self) -> str:
        """What the line says about the places found."""
        return self._count.text()

    def open(self, conversation_id: int | None) -> None:
        """Show it for that conversation, with the cursor in it."""
        self._conversation_id = conversation_id
        self.show()
        self.field.setFocus()
        self.field.selectAll()
        if self.field.text():
            self._timer.start()

    @Slot()
    def close_bar(self) -> None:
        """Take the marks and the bar away."""
        if not self.isHidden():
            self._timer.stop()
            self._transcript.clear_find()
            self.hide()
            self.closed.emit()

    @Slot()
    def step(self, backwards: bool = False) -> None:
        """Go to the next place, or the one before."""
        needle = self.field.text().strip()
        if not needle:
            return
        if not self._transcript.find(needle, backwards) and self._load_other(backwards):
            self._transcript.find(needle, backwards)
        self._show_count()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Before the field itself, for which Escape only clears.
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape:
                self.close_bar()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.step(backwards=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
                return True
        return super().eventFilter(watched, event)

    # --- inside -----------------------------------------------------------------------------------------

    @Slot()
    def _on_text(self) -> None:
        self._timer.start()

    @Slot()
    def _search(self) -> None:
        self._asked += 1
        asked, needle, conversation_id = self._asked, self.field.text().strip().casefold(), self._conversation_id
        self._transcript.clear_find()
        self._ids = []
        if not needle or conversation_id is None:
            self._count.setText("")
            return

        def read() -> list[int]:
            path = self._conversations.path(conversation_id)
            return [message.id for message in path if needle in _MARKS.sub("", message.text).casefold()]

        def found(ids: list[int]) -> None:
            if asked == self._asked and not self.isHidden():
                self._ids = ids
                self.step(backwards=True)

        run_in_background(self, read, found)

    def _load_other(self, backwards: bool) -> bool:
        """Bring the nearest message with the words that is not loaded into view; from the other end at the last."""
        loaded = self._transcript.loaded
        if not loaded or not self._ids:
            return False
        if backwards:
            earlier = [number for number in self._ids if number < loaded[0]]
            wanted = earlier[-1] if earlier else self._ids[-1]
        else:
            later = [number for number in self._ids if number > loaded[-1]]
            wanted = later[0] if later else self._ids[0]
        self._transcript.clear_find()
        return self._transcript.show_message(wanted)

    def _show_count(self) -> None:
        at, marks = self._transcript.matches()
        if marks:
            self._count.setText(_("{at} of {count}").format(at=at, count=marks) if at else str(marks))
        else:
            self._count.setText(_("Not found"))
