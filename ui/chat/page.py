"""The chat page: conversations at the left, the transcript of one, and the composer; answers arrive while one looks."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, QTimer, Slot
from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from thau_desktop.errors import StoreError, ThauError
from ui.chat.answering import Answering
from ui.chat.composer import Composer, Draft
from ui.chat.conversation_list import ConversationList
from ui.chat.drafts import Drafts
from ui.chat.find_bar import FindBar
from ui.chat.foot import Foot
from ui.chat.header import ChatHeader
from ui.chat.lessons import Lessons
from ui.chat.page_menus import PageMenus
from ui.chat.permission import Permissions
from ui.chat.pictures import ChatPictures
from ui.chat.side_split import SideSplit
from ui.chat.stored_source import StoredSource
from ui.chat.transcript import Transcript
from ui.chat.welcome import Welcome
from ui.command_palette import Entry
from ui.theme import theme
from ui.widgets.scrolling import steady

if TYPE_CHECKING:
    from thau_desktop.app import Thau
    from ui.main_window import MainWindow

_NEW_AFTER = 200  # milliseconds

_logger = logging.getLogger(__name__)
_LEAST = 96  # pixels of the transcript that are always seen


class ChatPage(QWidget):
    """What the window shows first.

    Attributes: `conversation_id`, the conversation shown, None while nothing is in a new one; `list`, `header`,
    `transcript`, `foot` (with the composer) and `answering`, which runs the turns.
    """

    def __init__(self, thau: Thau, window: MainWindow) -> None:
        super().__init__()
        self._thau = thau
        self._window = window
        self.conversation_id: int | None = None
        self._new_persona = ""
        self._unkept = Draft()  # words of a new conversation that the store could not take
        self._state = QSettings(str(thau.paths.home / "window.ini"), QSettings.Format.IniFormat)
        self.permissions = Permissions(self)
        self.list = ConversationList(thau)
        self.header = ChatHeader(thau)
        self.transcript = Transcript(theme())
        steady(self.transcript)
        self.find_bar = FindBar(self.transcript, thau.conversations)
        self.foot = Foot(self.permissions)
        self.welcome = Welcome()
        self.answering = Answering(thau, self, window)
        self._drafts = Drafts(thau.conversations, self, self.say_problem, self.answering.unsent)
        self._new_draft = QTimer(self)  # the first words of a conversation make it
        self._new_draft.setSingleShot(True)
        self._new_draft.setInterval(_NEW_AFTER)
        self._new_draft.timeout.connect(self._keep_new_draft)
        self.lessons = Lessons(thau, self, window)
        self.menus = PageMenus(thau, self, window)
        self.pictures = ChatPictures(thau, self, window)
        self._build()
        self._connect()
        self._restore()

    @property
    def composer(self) -> Composer:
        """Where messages are written."""
        return self.foot.composer

    def _build(self) -> None:
        self._stack = QStackedWidget()
        self._stack.addWidget(self.welcome)
        self._stack.addWidget(self.transcript)
        self._stack.setMinimumHeight(_LEAST)  # the welcome would ask for more than a small window has
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.find_bar)
        column.addWidget(self._stack, 1)
        column.addWidget(self.foot)
        self.split = SideSplit(self.list, right, self._state)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.split)

    def _connect(self) -> None:
        self.list.chosen.connect(self._on_chosen)
        self.list.activated.connect(self.composer.setFocus)
        self.list.new_requested.connect(self.new_conversation)
        self.header.sidebar_requested.connect(self.split.toggle)
        self.header.models_read.connect(self.answering.show_context)
        self.split.list_shown.connect(self.header.sidebar.setHidden)
        self.composer.send_requested.connect(self.answering.send)
        self.composer.stop_requested.connect(self.stop)
        self.composer.escape_pressed.connect(self.stop)
        self.composer.edit_last_requested.connect(self._edit_last)
        self.composer.draft_changed.connect(self._keep_draft)
        self.welcome.chosen.connect(self.answering.send_words)
        self.list.search.textChanged.connect(self._on_search)
        self.find_bar.closed.connect(self.composer.setFocus)
        QShortcut(QKeySequence("Ctrl+B"), self, self.split.toggle)

    # --- what the window calls ---------------------------------------------------------------------------

    def activate(self) -> None:
        """The page comes into view: settings, models or personas may be others now."""
        chat = self._thau.settings.chat
        self.composer.set_tools(chat.tools)
        self.composer.set_send_with_enter(chat.send_with_enter)
        self.transcript.show_speed(chat.show_speed)
        self.transcript.refresh_pictures()
        self.header.refresh()
        self.show_header()
        self.composer.setFocus()

    def find(self) -> None:  # type: ignore[override]
        """Ctrl+F: in the conversation shown, or in all of them where there is none."""
        if self._stack.currentWidget() is self.transcript:
            self.find_bar.open(self.conversation_id)
        else:
            self.search()

    @Slot()
    def stop(self) -> None:
        """Esc: close the find bar, else stop the answer that is being written here."""
        if not self.find_bar.isHidden():
            self.find_bar.close_bar()
        else:
            self.answering.stop_here()

    def actions(self) -> list[Entry]:  # type: ignore[override]
        """What the command palette offers while this page is in view."""
        return self.menus.entries()

    # --- which conversation is shown -----------------------------------------------------------------------

    @Slot()
    def new_conversation(self) -> None:
        """Show an empty conversation; it is in the store when something is written."""
        self._leave()
        self.conversation_id = None
        self._new_persona = ""
        self._show_conversation()
        self.composer.setFocus()

    def open_conversation(self, conversation_id: int, message_id: int | None = None) -> None:
        """Show a conversation, at that message if one is given."""
        if conversation_id != self.conversation_id:
            try:
                self._thau.conversations.get(conversation_id)
            except StoreError as error:
                self._window.toast(error.what)
                self.list.refresh()
                return
            self._leave()
            self.conversation_id = conversation_id
            self._show_conversation()
        if message_id is not None:
            self._thau.conversations.choose_variant(message_id)
            if not self.transcript.show_message(message_id):
                self.reload()
                self.transcript.show_message(message_id)
            self.transcript.find(self.list.search.text().strip())

    def begin_conversation(self) -> int:
        """The conversation shown, made now if it is not in the store yet. Raises `StoreError` or `DiskFull`."""
        if self.conversation_id is None:
            self.conversation_id = self._thau.conversations.create(persona=self._new_persona).id
            self._new_draft.stop()
            self._remember_conversation()
            self.list.set_current(self.conversation_id)
            self.list.refresh()
            self.show_header()
        return self.conversation_id

    def reload(self) -> None:
        """Read the transcript anew, at its end."""
        conversation_id = self.conversation_id
        if conversation_id is None:
            self.transcript.set_source(None)
            self._stack.setCurrentWidget(self.welcome)
            return
        answering = self.answering
        source = StoredSource(
            self._thau.conversations, conversation_id, lambda: answering.live_message(conversation_id), answering.replay
        )
        self.transcript.set_source(source)
        empty = not self.transcript.loaded and answering.live_message(conversation_id) is None
        self._stack.setCurrentWidget(self.welcome if empty else self.transcript)

    def show_transcript(self) -> None:
        """Something was said: the welcome goes."""
        self._stack.setCurrentWidget(self.transcript)

    def _show_conversation(self) -> None:
        self.find_bar.close_bar()
        self.foot.problem.clear()
        self.list.set_current(self.conversation_id)
        self._remember_conversation()
        if self.conversation_id is not None:
            self.composer.set_draft(self._drafts.of(self.conversation_id))
        else:
            self.composer.set_draft(self._unkept)
        self.reload()
        self.show_header()
        self.answering.show_state()

    def _remember_conversation(self) -> None:
        """The next start shows it again."""
        self._state.setValue("chat/open", self.conversation_id or 0)

    def say_problem(self, error: ThauError) -> None:
        """What could not be done, above the composer, with the button that mends it."""
        _logger.warning("%s\n%s", error, error.details)
        action = error.action
        label = action.label if action is not None else ""
        self.foot.problem.say(str(error), label, lambda: self._window.act(action))

    @Slot()
    def show_header(self) -> None:
        """Bring the header in line with the conversation shown."""
        model = self._thau.settings.model.name
        if self.conversation_id is not None:
            model = self._thau.conversations.get(self.conversation_id).model or model
        self.header.show_conversation(model, self.persona, self.conversation_id is not None)
        self.answering.show_context()

    @property
    def persona(self) -> str:
        """The name of who answers here; setting it counts for this conversation."""
        chosen = self._new_persona
        if self.conversation_id is not None:
            chosen = self._thau.conversations.get(self.conversation_id).persona
        return chosen or self._thau.settings.chat.persona

    @persona.setter
    def persona(self, name: str) -> None:
        if self.conversation_id is not None:
            self._thau.conversations.set_persona(self.conversation_id, name)
        else:
            self._new_persona = name
        self.show_header()

    def _leave(self) -> None:
        """Keep what was written here; a conversation in which nothing was said or written goes."""
        if self._new_draft.isActive():
            self._keep_new_draft()
        if self.conversation_id is None:
            return
        self._flush_drafts()
        conversation = self._thau.conversations.get(self.conversation_id)
        busy = self.answering.busy(self.conversation_id)
        if conversation.leaf_id is None and not conversation.draft.strip() and not conversation.title and not busy:
            self._thau.conversations.delete(self.conversation_id)

    @Slot(int, object)
    def _on_chosen(self, conversation_id: int, message_id: int | None) -> None:
        self.open_conversation(conversation_id, message_id)

    @Slot(str)
    def _on_search(self, words: str) -> None:
        if not words:
            self.transcript.clear_find()

    # --- drafts --------------------------------------------------------------------------------------------

    @Slot()
    def _keep_draft(self) -> None:
        draft = self.composer.draft()
        if self.conversation_id is not None:
            self._drafts.keep(self.conversation_id, draft)
        elif draft and not self._new_draft.isActive():
            self._new_draft.start()

    @Slot()
    def _keep_new_draft(self) -> None:
        self._new_draft.stop()
        draft = self.composer.draft()
        if not draft:
            return
        try:
            self._drafts.keep(self.begin_conversation(), draft)
            self._unkept = Draft()
        except ThauError as error:
            self._unkept = draft
            self.say_problem(error)

    def was_stored(self, conversation_id: int) -> None:
        """What was sent there is among the messages now."""
        try:
            self._drafts.sent(conversation_id)
        except ThauError as error:  # it is tried again with the next words
            _logger.warning("a draft could not be saved: %s", error)

    def clear_draft(self) -> None:
        """What stood in the composer was taken."""
        self.composer.set_draft(Draft())
        if self.conversation_id is not None:
            self._drafts.keep(self.conversation_id, Draft())

    def give_back(self, drafts: Sequence[Draft]) -> None:
        """Put words that were not sent back into the composer, before what stands there."""
        joined = Draft.joined([*drafts, self.composer.draft()])
        self.composer.set_draft(joined)
        self._keep_draft()
        self.composer.setFocus()

    def keep_for(self, conversation_id: int, drafts: Sequence[Draft]) -> None:
        """The same for a conversation that is not shown."""
        self._drafts.keep(conversation_id, Draft.joined([*drafts, self._drafts.of(conversation_id)]))

    def _flush_drafts(self) -> None:
        if self._new_draft.isActive():
            self._keep_new_draft()
        try:
            self._drafts.flush()
        except ThauError as error:
            # The store may be closed already when the window goes; anything else is worth a line, too.
            _logger.warning("a draft could not be saved: %s", error)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.composer.editor.set_room(event.size().height())

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._flush_drafts()

    @Slot()
    def _edit_last(self) -> None:
        if self.conversation_id is None or self.answering.live_message(self.conversation_id) is not None:
            return
        path = self._thau.conversations.path(self.conversation_id, 6)
        last = next((message for message in reversed(path) if message.role == "user"), None)
        if last is not None:
            self.transcript.show_message(last.id)
            self.transcript.edit_message(last.id)

    def search(self) -> None:
        """Put the cursor into the search field of the conversations."""
        self.split.show_list(True)
        self.list.focus_search()

    def _restore(self) -> None:
        """The list and the conversation as they were when THAU was closed."""
        self.split.restore()
        last = int(str(self._state.value("chat/open", 0)))
        try:
            shown = last > 0 and self._thau.conversations.get(last).deleted_at is None
        except StoreError:
            shown = False
        if shown:
            self.open_conversation(last)
        else:
            self._show_conversation()
