"""What was written and not sent, per conversation: kept in memory at once and in the store soon after."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Slot

from thau_desktop.errors import ThauError
from thau_desktop.messages import Attachment
from thau_desktop.store.conversations import Conversations
from ui.chat.composer import Draft
from ui.worker import run_in_background

_SAVE_AFTER = 400  # milliseconds


class Drafts(QObject):
    """Words survive a restart; attached files last until THAU is closed.

    `unsent` gives what was sent in a conversation and is not among its messages yet: until then the store keeps it
    before the draft, so that it is not lost with the process.
    """

    def __init__(
        self,
        conversations: Conversations,
        parent: QObject,
        on_error: Callable[[ThauError], object],
        unsent: Callable[[int], Sequence[Draft]],
    ) -> None:
        super().__init__(parent)
        self._conversations = conversations
        self._on_error = on_error
        self._unsent = unsent
        self._attachments: dict[int, tuple[Attachment, ...]] = {}
        self._texts: dict[int, str] = {}  # of the conversations that were written in since the start
        self._unsaved: set[int] = set()
        self._saving = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SAVE_AFTER)
        self._timer.timeout.connect(self._save)

    def of(self, conversation_id: int) -> Draft:
        """What stands in that conversation's composer."""
        text = self._texts.get(conversation_id)
        if text is None:
            text = self._conversations.get(conversation_id).draft
        return Draft(text, self._attachments.get(conversation_id, ()))

    def keep(self, conversation_id: int, draft: Draft) -> None:
        """Remember another draft; it is in the store within moments."""
        if draft.attachments:
            self._attachments[conversation_id] = draft.attachments
        else:
            self._attachments.pop(conversation_id, None)
        self._texts[conversation_id] = draft.text
        self._unsaved.add(conversation_id)
        if not self._timer.isActive():
            self._timer.start()

    def sent(self, conversation_id: int) -> None:
        """Something that was sent is among the messages now: it need not be kept here any more. Raises as `flush`."""
        if conversation_id in self._texts:
            self._unsaved.add(conversation_id)
            self.flush()

    def flush(self) -> None:
        """Write what is not in the store yet, now. Raises `StoreError` or `DiskFull`; what was not written is kept."""
        self._timer.stop()
        problem: ThauError | None = None
        for conversation_id, text in self._to_save().items():
            try:
                self._conversations.set_draft(conversation_id, text)
                self._unsaved.discard(conversation_id)
            except ThauError as error:
                problem = error
        if problem is not None:
            raise problem

    def _to_save(self) -> dict[int, str]:
        return {
            number: Draft.joined([*self._unsent(number), Draft(self._texts[number])]).text for number in self._unsaved
        }

    @Slot()
    def _save(self) -> None:
        if self._saving:
            self._timer.start()  # one after another, or an older text may win
            return
        unsaved = self._to_save()
        if not unsaved:
            return
        self._saving = True

        def write() -> None:
            for conversation_id, text in unsaved.items():
                self._conversations.set_draft(conversation_id, text)

        def written(_none: None) -> None:
            self._saving = False
            now = self._to_save()
            self._unsaved -= {number for number, text in unsaved.items() if now.get(number) == text}

        def failed(error: ThauError) -> None:
            self._saving = False
            self._on_error(error)

        run_in_background(self, write, written, failed)
