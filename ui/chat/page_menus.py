"""What the menus of the chat page do: model, persona, tools, export, import, delete, and the palette's entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication

from thau_desktop.errors import ThauError
from thau_desktop.translation import _
from ui.chat.persona_dialog import PersonaDialog
from ui.chat.transfer_actions import Transfers
from ui.command_palette import Entry

if TYPE_CHECKING:
    from thau_desktop.app import Thau
    from ui.chat.page import ChatPage
    from ui.main_window import MainWindow


class PageMenus(QObject):
    """Listens to the list, the header and the composer. Attributes: `transfers`, what goes to files and back."""

    def __init__(self, thau: Thau, page: ChatPage, window: MainWindow) -> None:
        super().__init__(page)
        self._thau = thau
        self._page = page
        self._window = window
        self.transfers = Transfers(thau.conversations, window, page)
        page.list.delete_requested.connect(self.delete)
        page.list.export_requested.connect(self.transfers.choose_export)
        page.list.import_requested.connect(self.import_conversations)
        header = page.header
        header.model_chosen.connect(self.choose_model)
        header.persona_chosen.connect(self.choose_persona)
        header.edit_personas_requested.connect(self.edit_personas)
        header.more_models_requested.connect(lambda: window.show_page("models"))
        header.copy_all_requested.connect(self.copy_all)
        header.export_requested.connect(self.export)
        header.import_requested.connect(self.import_conversations)
        page.composer.tools_changed.connect(self.change_tools)
        page.transcript.link_requested.connect(lambda url: QDesktopServices.openUrl(QUrl(url)))
        page.transcript.open_image.connect(self.open_image)

    def entries(self) -> list[Entry]:
        """What the command palette offers while the page is in view."""
        group = _("Conversation")
        page = self._page
        found = [
            Entry(_("Search conversations"), group, page.search, "magnifying-glass"),
            Entry(_("Show or hide conversations"), group, page.split.toggle, "layout", "Ctrl+B"),
            Entry(_("Edit personas…"), group, self.edit_personas, "user"),
            Entry(_("Import conversations…"), group, self.import_conversations, "download-simple"),
        ]
        if page.conversation_id is not None:
            found += [
                Entry(_("Copy the whole conversation"), group, self.copy_all, "copy"),
                Entry(_("Export as Markdown…"), group, lambda: self.export("md"), "export"),
                Entry(_("Export as JSON…"), group, lambda: self.export("json"), "export"),
            ]
        return found

    # --- conversations ----------------------------------------------------------------------------------------

    @Slot(int, str)
    def delete(self, conversation_id: int, title: str) -> None:
        """Delete with a way back."""
        page, store = self._page, self._thau.conversations
        shown, by_key = conversation_id == page.conversation_id, page.list.view.hasFocus()
        page.answering.stop_in(conversation_id)
        if shown:
            page.new_conversation()
        if by_key:  # who deletes with the keyboard goes on there
            page.list.view.setFocus()
        store.delete(conversation_id)
        page.list.refresh()

        def restore() -> None:
            store.restore(conversation_id)
            page.list.refresh()
            if shown:
                page.open_conversation(conversation_id)

        self._window.toast(_("“{title}” was deleted").format(title=title), _("Undo"), restore)

    @Slot()
    def copy_all(self) -> None:
        """The whole conversation to the clipboard, as Markdown."""
        if self._page.conversation_id is not None:
            QApplication.clipboard().setText(self.transfers.markdown(self._page.conversation_id))
            self._window.toast(_("The conversation was copied"))

    @Slot(str)
    def export(self, form: str) -> None:
        """Write the conversation shown into a file."""
        if self._page.conversation_id is not None:
            self.transfers.choose_export(self._page.conversation_id, form)

    @Slot()
    def import_conversations(self) -> None:
        """Take in conversations from a file and show the first of them."""
        self.transfers.choose_import(self._imported)

    def _imported(self, conversation_id: int | None) -> None:
        self._page.list.refresh()
        if conversation_id is not None:
            self._page.open_conversation(conversation_id)

    # --- who answers, and how ---------------------------------------------------------------------------------

    @Slot()
    def edit_personas(self) -> None:
        """The dialog of personas, at the one that answers here."""
        dialog = PersonaDialog(self._thau.personas, self._page.persona, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self._page.show_header)
        dialog.open()

    @Slot(str)
    def choose_model(self, name: str) -> None:
        """For the conversation shown, and for new ones."""
        self._change("model", "name", name)
        if self._page.conversation_id is not None:
            self._thau.conversations.set_model(self._page.conversation_id, name)
        self._page.show_header()

    @Slot(str)
    def choose_persona(self, name: str) -> None:
        """For the conversation shown; new ones begin with the one in the settings."""
        self._page.persona = name

    @Slot(str)
    def change_tools(self, mode: str) -> None:
        """Whether tools may be used, from now on."""
        self._change("chat", "tools", mode)
        self._page.composer.set_tools(self._thau.settings.chat.tools)

    def _change(self, group: str, key: str, value: str) -> None:
        try:
            self._thau.change(group, key, value)
        except ThauError as error:
            self._window.show_error(error)

    @Slot(str)
    def open_image(self, image_id: str) -> None:
        """Show a picture in the gallery."""
        page = self._window.show_page("gallery")
        if page is not None and hasattr(page, "open_picture"):
            page.open_picture(image_id)
