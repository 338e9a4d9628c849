"""What stands under the transcript, in its column: a question about a tool, notes, and the composer."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from thau_desktop.translation import _
from ui.chat.column import WIDTH
from ui.chat.composer import Composer
from ui.chat.note import Note
from ui.chat.permission import PermissionCard, Permissions, Question
from ui.widgets.labels import label


class Foot(QWidget):
    """Attributes: `composer`; `problem`, a note about what could not be sent; `queue`, one about what waits;
    `card`, the question that is shown, or None."""

    def __init__(self, permissions: Permissions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._permissions = permissions
        self.card: PermissionCard | None = None
        self.composer = Composer()
        self.problem = Note()
        self.queue = Note(closable=False)
        self._status = label("", "small")
        self._status.hide()
        inside = QWidget()
        inside.setMaximumWidth(WIDTH)
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 0, 18)
        self._column.setSpacing(8)
        for widget in (self._status, self.problem, self.queue, self.composer):
            self._column.addWidget(widget)
        row = QHBoxLayout(self)
        row.setContentsMargins(34, 0, 34, 0)  # the transcript's margin and its scroll bar
        row.addStretch(1)
        row.addWidget(inside, 1000)
        row.addStretch(1)

    def say(self, words: str) -> None:
        """What goes on before words arrive ("Loading…"); "" takes it away."""
        self._status.setText(words)
        self._status.setVisible(bool(words))

    @property
    def status(self) -> str:
        """What `say` shows."""
        return "" if self._status.isHidden() else self._status.text()

    def show_question(self, question: Question | None) -> None:
        """Show a card for an open question, or take the card away."""
        if self.card is not None:
            self.card.hide()
            self.card.deleteLater()
            self.card = None
        if question is not None and question.open:
            self.card = PermissionCard(question, self._permissions)
            self.card.answered.connect(self._on_answered)
            # The focus stays where it is: Enter, meant for a message, must not allow anything.
            self._column.insertWidget(0, self.card)

    @Slot()
    def _on_answered(self) -> None:
        self.show_question(None)
        self.composer.setFocus()

    def show_waiting(self, count: int, take_back: Callable[[], object], elsewhere: str = "") -> None:
        """Say that messages wait for the answer that is being written, here or in the conversation `elsewhere`."""
        if not count:
            self.queue.clear()
            return
        if elsewhere:
            words = _("THAU is answering in “{title}”. Your message will be answered after that.").format(
                title=elsewhere
            )
        elif count == 1:
            words = _("Your message will be sent when this answer has ended.")
        else:
            words = _("{count} messages will be sent when this answer has ended.").format(count=count)
        self.queue.say(words, _("Take back"), take_back)
