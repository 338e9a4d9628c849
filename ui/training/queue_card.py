"""What waits to be learned and what was: a table to look through, add to, allow and delete."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QHeaderView, QMenu, QTableView

from thau_desktop.translation import _
from ui.training.queue_model import QueueModel
from ui.widgets.buttons import button
from ui.widgets.card import Card
from ui.widgets.labels import label, pill
from ui.widgets.search_field import SearchField
from ui.words import grouped
from ui.worker import run_in_background

if TYPE_CHECKING:
    from thau_desktop.app import Thau

_TYPING = 200  # milliseconds


class QueueCard(Card):
    """`add` asks for a new example; `changed` says that one was allowed or deleted.

    Attributes: `table` and its `model`; `search`.
    """

    add = Signal()
    changed = Signal()

    def __init__(self, thau: Thau) -> None:
        super().__init__(spacing=12)
        self._thau = thau
        self._waiting, self._review = pill(""), pill("", "warn")
        self.search = SearchField(_("Filter"))
        self.search.setMaximumWidth(200)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING)
        self._typing.timeout.connect(self.look_again)
        self.search.textChanged.connect(self._typing.start)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(label(_("Queue"), "heading"))
        top.addWidget(self._waiting)
        top.addWidget(self._review)
        top.addStretch()
        top.addWidget(self.search, 1)
        top.addWidget(button(_("Add"), self.add.emit, icon_name="plus"))
        self.model = QueueModel(thau)
        self.table = _Table(self)
        self.table.setModel(self.model)
        self.column.addLayout(top)
        self.column.addWidget(self.table, 1)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, mode in enumerate((_STRETCH, _STRETCH, _CONTENTS, _CONTENTS)):
            header.setSectionResizeMode(column, mode)

    def look_again(self) -> None:
        """Read counts and ids in the background."""
        examples, words = self._thau.examples, self.search.text()
        run_in_background(
            self, lambda: (examples.ids(words), examples.counts()["pending"], examples.for_review()), self._show
        )

    def allow(self) -> None:
        """The marked examples may be learned."""
        self._thau.examples.allow(self.table.marked())
        self.changed.emit()

    def delete(self) -> None:
        """Forget the marked examples."""
        self._thau.examples.delete(self.table.marked())
        self.changed.emit()

    def _show(self, found: tuple[array[int], int, int]) -> None:
        ids, pending, review = found
        self._waiting.setText(_("{n} waiting").format(n=grouped(pending)))
        self._review.setText(_("{n} to review").format(n=grouped(review)))
        self._review.setVisible(review > 0)
        self.model.show_ids(ids)


_STRETCH, _CONTENTS = QHeaderView.ResizeMode.Stretch, QHeaderView.ResizeMode.ResizeToContents


class _Table(QTableView):
    def __init__(self, card: QueueCard) -> None:
        super().__init__(card)
        self._card = card
        self.setAccessibleName(_("Examples"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setResizeContentsPrecision(50)

    def marked(self) -> list[int]:
        """The ids of the selected rows."""
        found = (self._card.model.example(index.row()) for index in self.selectionModel().selectedRows())
        return [example.id for example in found if example is not None]

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if not self.marked():
            return
        menu = QMenu(self)
        menu.addAction(_("Allow to be learned"), self._card.allow)
        menu.addAction(_("Delete"), self._card.delete)
        menu.exec(event.globalPos())
