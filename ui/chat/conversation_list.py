"""The left side of the chat: search, a new conversation, and all conversations by day."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from thau_desktop.translation import _
from ui.chat.conversation_model import ConversationModel, Entry, Row, rows_of, rows_of_hits
from ui.chat.conversation_view import ConversationView
from ui.theme import icon
from ui.widgets.buttons import icon_button
from ui.widgets.labels import label
from ui.widgets.search_field import SearchField
from ui.worker import run_in_background

if TYPE_CHECKING:
    from thau_desktop.app import Thau

SEARCH_DELAY = 150  # milliseconds
_LOOK_EVERY = 1000
_KEYBOARD_DELAY = 120
_HITS = 100


class ConversationList(QFrame):
    """Search field, ＋ and the list. It changes titles and pins by itself; the page does the rest.

    Attributes: `current`, the id of the conversation that the page shows, None for a new one; `nothing`, what it
    says while no row is shown.
    """

    chosen = Signal(int, object)  # conversation, and the message to show or None
    activated = Signal()  # Enter on a row: the composer takes over
    new_requested = Signal()
    delete_requested = Signal(int, str)
    export_requested = Signal(int, str)  # format: "md" or "json"
    import_requested = Signal()

    def __init__(self, thau: Thau, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thau = thau
        self.current: int | None = None
        self._asked = 0  # number of the newest question to the store; older answers are dropped
        self._seen = -1
        self.setProperty("panel", True)
        self.model = ConversationModel(self._rename)
        self.model.setParent(self)
        self.view = ConversationView(self.model)
        self.search = SearchField(_("Search"))
        self.search.setAccessibleName(_("Search conversations"))
        self._new = icon_button("plus", _("New conversation (Ctrl+N)"), self.new_requested.emit, accent=True, size=16)
        self._new.setFixedSize(35, 34)
        self.nothing = label("", "small", wrap=True)
        self.nothing.setContentsMargins(20, 12, 20, 12)
        self.nothing.hide()
        top = QHBoxLayout()
        top.setContentsMargins(12, 12, 12, 4)
        top.setSpacing(8)
        top.addWidget(self.search, 1)
        top.addWidget(self._new)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.nothing)
        column.addWidget(self.view, 1)
        self._typing = self._timer(SEARCH_DELAY, self.refresh, once=True)
        self._choosing = self._timer(_KEYBOARD_DELAY, self._choose, once=True)
        self._looking = self._timer(_LOOK_EVERY, self._look)
        self._connect()
        self.refresh()

    def _timer(self, interval: int, slot: object, once: bool = False) -> QTimer:
        timer = QTimer(self)
        timer.setInterval(interval)
        timer.setSingleShot(once)
        timer.timeout.connect(slot)
        return timer

    def _connect(self) -> None:
        self.search.textChanged.connect(self._on_search)
        self.search.returnPressed.connect(self._enter_list)
        self.view.selectionModel().currentChanged.connect(self._on_current)
        self.view.clicked.connect(self._choose)
        self.view.opened.connect(self._on_opened)
        self.view.delete_pressed.connect(self._delete)
        self.view.menu_requested.connect(self._show_menu)

    # --- what the page says -----------------------------------------------------------------------------

    def set_current(self, conversation_id: int | None) -> None:
        """Mark which conversation is shown, without choosing it again."""
        self.current = conversation_id
        self._mark()

    def set_live(self, conversation_ids: set[int]) -> None:
        """Which conversations are being answered."""
        self.model.set_live(conversation_ids)

    @Slot()
    def refresh(self) -> None:
        """Ask the store again, in the background."""
        self._asked += 1
        asked, words, keep = self._asked, self.search.text().strip(), self.current
        store, now = self._thau.conversations, datetime.now().astimezone()

        def read() -> list[Row]:
            if words:
                return rows_of_hits(store.search(words, _HITS))
            return rows_of(store.list(), now, keep)

        def show(rows: list[Row]) -> None:
            if asked == self._asked:
                self._show(rows, words)

        run_in_background(self, read, show)

    def focus_search(self) -> None:
        """Put the cursor into the search field."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._looking.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._looking.stop()

    # --- inside -----------------------------------------------------------------------------------------

    def _show(self, rows: list[Row], words: str) -> None:
        if self.view.state() == ConversationView.State.EditingState:
            self._seen = -1  # look again when the title is written
            return
        top = self.view.verticalScrollBar().value()
        self.view.show_hits(bool(words))
        self.view.selectionModel().blockSignals(True)
        changed = self.model.show(rows)
        self.view.selectionModel().blockSignals(False)
        self.nothing.setVisible(not rows)
        if words:
            self.nothing.setText(_("Nothing found for “{words}”.").format(words=words))
        else:
            self.nothing.setText(_("Your conversations will be listed here."))
        if changed:
            self._mark()
            self.view.verticalScrollBar().setValue(0 if words else top)

    def _mark(self) -> None:
        index = self.model.index_of(self.current)
        selection = self.view.selectionModel()
        if self.model.entry(selection.currentIndex()) == self.model.entry(index) and index.isValid():
            return
        self.view.selectionModel().blockSignals(True)
        if index.isValid():
            self.view.setCurrentIndex(index)
        else:
            self.view.setCurrentIndex(QModelIndex())
            self.view.clearSelection()
        self.view.selectionModel().blockSignals(False)
        self.view.viewport().update()

    @Slot()
    def _look(self) -> None:
        """Another face, process or thread may have written."""
        version = self._thau.database.data_version()
        if version != self._seen and not self._typing.isActive():
            self._seen = version
            self.refresh()

    @Slot()
    def _on_search(self) -> None:
        self._typing.start()

    @Slot()
    def _enter_list(self) -> None:
        for row in range(self.model.rowCount()):
            index = self.model.index(row)
            if self.model.entry(index) is not None:
                self.view.setFocus()
                self.view.setCurrentIndex(index)
                return

    @Slot(QModelIndex)
    def _on_opened(self, index: QModelIndex) -> None:
        self._choose()
        self.activated.emit()

    @Slot()
    def _on_current(self) -> None:
        self._choosing.start()

    @Slot()
    def _choose(self) -> None:
        self._choosing.stop()
        entry = self.model.entry(self.view.currentIndex())
        if entry is not None and (entry.id != self.current or entry.message_id is not None):
            self.current = entry.id
            self.chosen.emit(entry.id, entry.message_id)

    def _rename(self, conversation_id: int, title: str) -> None:
        self._thau.conversations.rename(conversation_id, title)
        # Not within setData: replacing the rows would pull the editor away under Qt's hands.
        QTimer.singleShot(0, self, self.refresh)

    def _pin(self, entry: Entry) -> None:
        self._thau.conversations.pin(entry.id, not entry.pinned)
        self.refresh()

    @Slot(QModelIndex)
    def _delete(self, index: QModelIndex) -> None:
        entry = self.model.entry(index)
        if entry is not None:
            self.delete_requested.emit(entry.id, entry.title)

    @Slot(QModelIndex, QPoint)
    def _show_menu(self, index: QModelIndex, position: QPoint) -> None:
        entry = self.model.entry(index)
        if entry is None:
            return
        menu = self.menu_for(entry, index)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(position)

    def menu_for(self, entry: Entry, index: QModelIndex) -> QMenu:
        """What can be done with that conversation."""
        menu = QMenu(self)
        rename = menu.addAction(icon("pencil-simple"), _("Rename"), lambda: self.view.edit(index))
        rename.setShortcut(QKeySequence("F2"))
        pin = _("Unpin") if entry.pinned else _("Pin")
        menu.addAction(icon("push-pin"), pin, lambda: self._pin(entry))
        menu.addSeparator()
        menu.addAction(icon("export"), _("Export as Markdown…"), lambda: self.export_requested.emit(entry.id, "md"))
        menu.addAction(icon("export"), _("Export as JSON…"), lambda: self.export_requested.emit(entry.id, "json"))
        menu.addAction(icon("download-simple"), _("Import conversations…"), self.import_requested.emit)
        menu.addSeparator()
        delete = menu.addAction(
            icon("trash", "bad"), _("Delete"), lambda: self.delete_requested.emit(entry.id, entry.title)
        )
        delete.setShortcut(QKeySequence(Qt.Key.Key_Delete))
        return menu
