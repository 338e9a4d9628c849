"""The chat page: conversations at the left, the transcript of one, and the composer; answers arrive while one looks."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Qt, QTimer, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QHideEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from thau_desktop.errors import StoreError, ThauError
from thau_desktop.translation import _
from ui.chat.answering import Answering
from ui.chat.composer import Composer, Draft
from ui.chat.conversation_list import ConversationList
from ui.chat.drafts import Drafts
from ui.chat.find_bar import FindBar
from ui.chat.foot import Foot
from ui.chat.header import ChatHeader
from ui.chat.lessons import Lessons
from ui.chat.permission import Permissions
from ui.chat.persona_dialog import PersonaDialog
from ui.chat.stored_source import StoredSource
from ui.chat.transcript import Transcript
from ui.chat.transfer_actions import Transfers
from ui.chat.welcome import Welcome
from ui.command_palette import Entry
from ui.theme import theme

if TYPE_CHECKING:
    from thau_desktop.app import Thau
    from ui.main_window import MainWindow

_LIST_WIDTH = 256

_logger = logging.getLogger(__name__)


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
        self._state = QSettings(str(thau.paths.home / "window.ini"), QSettings.Format.IniFormat)
        self.permissions = Permissions(self)
        self.list = ConversationList(thau)
        self.header = ChatHeader(thau)
        self.transcript = Transcript(theme())
        self.find_bar = FindBar(self.transcript, thau.conversations)
        self.foot = Foot(self.permissions)
        self.welcome = Welcome()
        self.answering = Answering(thau, self, window)
        self.lessons = Lessons(thau, self, window)
        self._drafts = Drafts(thau.conversations, self, window.show_error)
        self._transfers = Transfers(thau.conversations, window, self)
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
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.find_bar)
        column.addWidget(self._stack, 1)
        column.addWidget(self.foot)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setHandleWidth(1)
        self.list.setMinimumWidth(190)
        right.setMinimumWidth(420)
        self._split.addWidget(self.list)
        self._split.addWidget(right)
        self._split.setStretchFactor(0, 0)
        self._split.setStretchFactor(1, 1)
        self._split.setCollapsible(1, False)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._split)

    def _connect(self) -> None:
        listed, header, composer, transcript = self.list, self.header, self.composer, self.transcript
        listed.chosen.connect(self._on_chosen)
        listed.activated.connect(composer.setFocus)
        listed.new_requested.connect(self.new_conversation)
        listed.delete_requested.connect(self.delete_conversation)
        listed.export_requested.connect(self._transfers.choose_export)
        listed.import_requested.connect(self.import_conversations)
        header.model_chosen.connect(self._choose_model)
        header.persona_chosen.connect(self._choose_persona)
        header.edit_personas_requested.connect(self.edit_personas)
        header.more_models_requested.connect(lambda: self._window.show_page("models"))
        header.copy_all_requested.connect(self.copy_all)
        header.export_requested.connect(self.export)
        header.import_requested.connect(self.import_conversations)
        header.sidebar_requested.connect(self.toggle_list)
        composer.send_requested.connect(self.answering.send)
        composer.stop_requested.connect(self.stop)
        composer.escape_pressed.connect(self.stop)
        composer.edit_last_requested.connect(self._edit_last)
        composer.draft_changed.connect(self._keep_draft)
        composer.tools_changed.connect(self._change_tools)
        transcript.link_requested.connect(lambda url: QDesktopServices.openUrl(QUrl(url)))
        transcript.open_image.connect(self._open_image)
        self.welcome.chosen.connect(self._on_suggestion)
        self.find_bar.closed.connect(composer.setFocus)
        self._split.splitterMoved.connect(self._on_split)
        QShortcut(QKeySequence("Ctrl+B"), self, self.toggle_list)

    # --- what the window calls ---------------------------------------------------------------------------

    def activate(self) -> None:
        """The page comes into view: settings, models or personas may be others now."""
        chat = self._thau.settings.chat
        self.composer.set_tools(chat.tools)
        self.composer.set_send_with_enter(chat.send_with_enter)
        self.header.refresh()
        self._show_header()
        self.composer.setFocus()

    def find(self) -> None:  # type: ignore[override]
        """Ctrl+F: in the conversation shown, or in all of them where there is none."""
        if self._stack.currentWidget() is self.transcript:
            self.find_bar.open(self.conversation_id)
        else:
            self.list.focus_search()

    @Slot()
    def stop(self) -> None:
        """Esc: close the find bar, else stop the answer that is being written here."""
        if not self.find_bar.isHidden():
            self.find_bar.close_bar()
        else:
            self.answering.stop_here()

    def actions(self) -> list[Entry]:  # type: ignore[override]
        """What the command palette offers while this page is in view."""
        group = _("Conversation")
        found = [
            Entry(_("Search conversations"), group, self.list.focus_search, "magnifying-glass"),
            Entry(_("Show or hide conversations"), group, self.toggle_list, "layout", "Ctrl+B"),
            Entry(_("Edit personas…"), group, self.edit_personas, "user"),
            Entry(_("Import conversations…"), group, self.import_conversations, "download-simple"),
        ]
        if self.conversation_id is not None:
            found += [
                Entry(_("Copy the whole conversation"), group, self.copy_all, "copy"),
                Entry(_("Export as Markdown…"), group, lambda: self.export("md"), "export"),
                Entry(_("Export as JSON…"), group, lambda: self.export("json"), "export"),
            ]
        return found

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
        """The conversation shown, made now if it is not in the store yet."""
        if self.conversation_id is None:
            self.conversation_id = self._thau.conversations.create(persona=self._new_persona).id
            self.list.set_current(self.conversation_id)
            self.list.refresh()
            self._show_header()
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
        self._state.setValue("chat/open", self.conversation_id or 0)
        if self.conversation_id is not None:
            self.composer.set_draft(self._drafts.of(self.conversation_id))
        else:
            self.composer.set_draft(Draft())
        self.reload()
        self._show_header()
        self.answering.show_state()

    def _show_header(self) -> None:
        settings = self._thau.settings
        model, persona = settings.model.name, self._new_persona or settings.chat.persona
        if self.conversation_id is not None:
            conversation = self._thau.conversations.get(self.conversation_id)
            model, persona = conversation.model or model, conversation.persona or persona
        self.header.show_conversation(model, persona, self.conversation_id is not None)
        self.answering.show_context()

    def _leave(self) -> None:
        """Keep what was written here; a conversation in which nothing was said or written goes."""
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

    # --- drafts --------------------------------------------------------------------------------------------

    @Slot()
    def _keep_draft(self) -> None:
        draft = self.composer.draft()
        if draft or self.conversation_id is not None:
            self._drafts.keep(self.begin_conversation(), draft)

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
        try:
            self._drafts.flush()
        except ThauError as error:
            # The store may be closed already when the window goes; anything else is worth a line, too.
            _logger.warning("a draft could not be saved: %s", error)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._flush_drafts()

    @Slot(str)
    def _on_suggestion(self, words: str) -> None:
        self.answering.send_words(words)

    @Slot()
    def _edit_last(self) -> None:
        if self.conversation_id is None or self.answering.live_message(self.conversation_id) is not None:
            return
        path = self._thau.conversations.path(self.conversation_id, 6)
        last = next((message for message in reversed(path) if message.role == "user"), None)
        if last is not None:
            self.transcript.show_message(last.id)
            self.transcript.edit_message(last.id)

    # --- what menus do ---------------------------------------------------------------------------------------

    @Slot(int, str)
    def delete_conversation(self, conversation_id: int, title: str) -> None:
        """Delete with a way back."""
        self.answering.stop_in(conversation_id)
        self._thau.conversations.delete(conversation_id)
        if conversation_id == self.conversation_id:
            self.conversation_id = None
            self.new_conversation()
        self.list.refresh()

        def restore() -> None:
            self._thau.conversations.restore(conversation_id)
            self.list.refresh()
            self.open_conversation(conversation_id)

        self._window.toast(_("“{title}” was deleted").format(title=title), _("Undo"), restore)

    @Slot()
    def copy_all(self) -> None:
        """The whole conversation to the clipboard, as Markdown."""
        if self.conversation_id is not None:
            QApplication.clipboard().setText(self._transfers.markdown(self.conversation_id))
            self._window.toast(_("The conversation was copied"))

    @Slot(str)
    def export(self, form: str) -> None:
        """Write this conversation into a file."""
        if self.conversation_id is not None:
            self._transfers.choose_export(self.conversation_id, form)

    @Slot()
    def import_conversations(self) -> None:
        """Take in conversations from a file and show the first of them."""
        self._transfers.choose_import(self._imported)

    def _imported(self, conversation_id: int | None) -> None:
        self.list.refresh()
        if conversation_id is not None:
            self.open_conversation(conversation_id)

    @Slot()
    def edit_personas(self) -> None:
        """The dialog of personas, at the one that answers here."""
        conversation_id = self.conversation_id
        stored = self._thau.conversations.get(conversation_id).persona if conversation_id is not None else ""
        current = stored or self._new_persona or self._thau.settings.chat.persona
        dialog = PersonaDialog(self._thau.personas, current, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self._show_header)
        dialog.open()

    @Slot(str)
    def _choose_model(self, name: str) -> None:
        """For this conversation, and for new ones."""
        self._change("model", "name", name)
        if self.conversation_id is not None:
            self._thau.conversations.set_model(self.conversation_id, name)
        self._show_header()

    @Slot(str)
    def _choose_persona(self, name: str) -> None:
        if self.conversation_id is not None:
            self._thau.conversations.set_persona(self.conversation_id, name)
        else:
            self._new_persona = name
        self._show_header()

    @Slot(str)
    def _change_tools(self, mode: str) -> None:
        self._change("chat", "tools", mode)
        self.composer.set_tools(self._thau.settings.chat.tools)

    def _change(self, group: str, key: str, value: str) -> None:
        try:
            self._thau.change(group, key, value)
        except ThauError as error:
            self._window.show_error(error)

    @Slot(str)
    def _open_image(self, image_id: str) -> None:
        page = self._window.show_page("gallery")
        if page is not None and hasattr(page, "open_picture"):
            page.open_picture(image_id)

    # --- the list at the left ----------------------------------------------------------------------------------

    @Slot()
    def toggle_list(self) -> None:
        """Show or hide the conversations."""
        width = self._split.sizes()[0]
        self._set_list_width(0 if width else self._width())
        self._on_split()

    def _width(self) -> int:
        return max(190, int(str(self._state.value("chat/list_width", _LIST_WIDTH))))

    def _set_list_width(self, width: int) -> None:
        self._split.setSizes([width, max(420, self._split.width() - width)])

    @Slot()
    def _on_split(self) -> None:
        width = self._split.sizes()[0]
        if width:
            self._state.setValue("chat/list_width", width)
        self._state.setValue("chat/list_hidden", int(width == 0))
        self.header.sidebar.setVisible(width == 0)

    def _restore(self) -> None:
        """The list's width and the conversation that was open when THAU was closed."""
        hidden = bool(int(str(self._state.value("chat/list_hidden", 0))))
        self._split.setSizes([0 if hidden else self._width(), 1000])
        self.header.sidebar.setVisible(hidden)
        last = int(str(self._state.value("chat/open", 0)))
        try:
            shown = last > 0 and self._thau.conversations.get(last).deleted_at is None
        except StoreError:
            shown = False
        if shown:
            self.open_conversation(last)
        else:
            self._show_conversation()
        QTimer.singleShot(0, self, self.activate)
