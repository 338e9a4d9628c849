"""The list view of conversations: keys, clicks, the ⋮ of a row, renaming in place."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from thau_desktop.translation import _
from ui.chat.conversation_delegate import MENU_WIDTH, ConversationDelegate
from ui.chat.conversation_model import ConversationModel
from ui.theme import theme


class ConversationView(QListView):
    """Shows a `ConversationModel`. What it is asked to do, it says in signals."""

    opened = Signal(QModelIndex)  # Enter: go there
    delete_pressed = Signal(QModelIndex)
    menu_requested = Signal(QModelIndex, QPoint)  # in global pixels

    def __init__(self, model: ConversationModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows_delegate = ConversationDelegate(self)
        self.setModel(model)
        self.setItemDelegate(self.rows_delegate)
        self.setProperty("bare", True)
        self.setAccessibleName(_("Conversations"))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalScrollBar().setSingleStep(20)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)

    def show_hits(self, hits: bool) -> None:
        """Whether rows have a second line for what a search found."""
        if hits != self.rows_delegate.hits:
            self.rows_delegate.hits = hits
            self.scheduleDelayedItemsLayout()

    def menu_rect(self, index: QModelIndex) -> QRect:
        """Where a row's ⋮ is."""
        rect = self.visualRect(index)
        return QRect(rect.right() - MENU_WIDTH - 16, rect.top(), MENU_WIDTH + 16, rect.height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        left = event.button() == Qt.MouseButton.LeftButton
        if left and index.flags() and self.menu_rect(index).contains(event.position().toPoint()):
            self.menu_requested.emit(index, event.globalPosition().toPoint())
        elif left:
            super().mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            index = self.currentIndex()
            position = self.viewport().mapToGlobal(self.visualRect(index).center())
        else:
            index, position = self.indexAt(event.pos()), event.globalPos()
        if index.flags():
            self.menu_requested.emit(index, position)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus() and not self.currentIndex().isValid():  # else the row has the ring
            painter = QPainter(self.viewport())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme().color("accent"), 1.5))
            painter.drawRoundedRect(QRectF(self.viewport().rect()).adjusted(4, 2, -4, -2), 8, 8)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if self.state() == QAbstractItemView.State.EditingState or not index.isValid():
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(index)
        elif event.key() == Qt.Key.Key_Delete:
            self.delete_pressed.emit(index)
        elif event.key() == Qt.Key.Key_F2:
            self.edit(index)
        else:
            super().keyPressEvent(event)
