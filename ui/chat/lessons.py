"""Thumbs and corrections under an answer become examples, and a toast says so with a way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Slot

from thau_desktop.errors import ThauError
from thau_desktop.translation import _
from ui.chat import learning
from ui.chat.learning import Learned, Rating
from ui.chat.stored_source import shown

if TYPE_CHECKING:
    from thau_desktop.app import Thau
    from ui.chat.page import ChatPage
    from ui.main_window import MainWindow


class Lessons(QObject):
    """Listens to the page's transcript."""

    def __init__(self, thau: Thau, page: ChatPage, window: MainWindow) -> None:
        super().__init__(page)
        self._thau = thau
        self._page = page
        self._window = window
        page.transcript.rate.connect(self.rate)
        page.transcript.correct.connect(self.correct)

    @Slot(int, int)
    def rate(self, message_id: int, rating: int) -> None:
        """Thumb up, down, or none."""
        try:
            learned = learning.rate(self._thau, message_id, cast(Rating, rating))
        except ThauError as error:
            self._window.show_error(error)
            return
        self._show(message_id)
        if rating < 0:
            words = _("Noted. If you correct the answer, THAU can learn from it")
            self._window.toast(words, _("Correct it"), lambda: self._page.transcript.edit_message(message_id))
        else:
            self._tell(message_id, learned)

    @Slot(int, str)
    def correct(self, message_id: int, text: str) -> None:
        """A person's words instead of the answer's."""
        try:
            learned = learning.correct(self._thau, message_id, text)
        except ThauError as error:
            self._window.show_error(error)
            return
        self._show(message_id)
        self._tell(message_id, learned)

    def _tell(self, message_id: int, learned: Learned) -> None:
        undo = learned.undo
        if undo is None:
            return

        def take_back() -> None:
            undo()
            self._show(message_id)

        self._window.toast(learned.words, _("Undo"), take_back)

    def _show(self, message_id: int) -> None:
        self._page.transcript.update_message(shown(self._thau.conversations.message(message_id)))
