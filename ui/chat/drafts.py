"""What was written and not sent, per conversation: kept in memory at once and in the store soon after."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Slot

from thau_desktop.errors import ThauError
from thau_desktop.messages import Attachment
from thau_desktop.store.conversations import Conversations
from ui.chat.composer import Draft
from ui.worker import run_in_background

_SAVE_AFTER = 400  # milliseconds


class Drafts(QObject):
    """Words survive a restart; attached files last until THAU is closed."""

    def __init__(self, conversations: Conversations, parent: QObject, on_error: Callable[[ThauError], object]) -> None:
        super().__init__(parent)
        self._conversations = conversations
        self._on_error = on_error
        self._attachments: dict[int, tuple[Attachment, ...]] = {}
        self._unsaved: dict[int, str] = {}
        self._saving = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SAVE_AFTER)
        self._timer.timeout.connect(self._save)

    def of(self, conversation_id: int) -> Draft:
        """What stands in that conversation's composer."""
        text = self._unsaved.get(conversation_id)
        if text is None:
            text = self._conversations.get(conversation_id).draft
        return Draft(text, self._attachments.get(conversation_id, ()))

    def keep(self, conversation_id: int, draft: Draft) -> None:
        """Remember another draft; it is in the store within moments."""
        if draft.attachments:
            self._attachments[conversation_id] = draft.attachments
        else:
            self._attachments.pop(conversation_id, None)
        self._unsaved[conversation_id] = draft.text
        self._timer.start()

    def flush(self) -> None:
        """Write what is not in the store yet, now."""
        self._timer.stop()
        unsaved, self._unsaved = self._unsaved, {}
        for conversation_id, text in unsaved.items():
            self._conversations.set_draft(conversation_id, text)

    @Slot()
    def _save(self) -> None:
        if self._saving:
            self._timer.start()  # one after another, or an older text may win
            return
        unsaved = dict(self._unsaved)
        self._saving = True

        def write() -> None:
            for conversation_id, text in unsaved.items():
                self._conversations.set_draft(conversation_id, text)

        def written(_none: None) -> None:
            self._saving = False
            for conversation_id, text in unsaved.items():
                if self._unsaved.get(conversation_id) == text:
                    del self._unsaved[conversation_id]

        def failed(error: ThauError) -> None:
            self._saving = False
            self._on_error(error)

        run_in_background(self, write, written, failed)
