"""What waits to be learned and what was: a table to look through, add to, allow and delete."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from itertools import chain, islice
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QHBoxLayout, QHeaderView, QMenu, QTableView

from thau_desktop.store.examples import STATES, Example
from thau_desktop.translation import _, ngettext_
from ui.training.marked_bar import MarkedBar
from ui.training.queue_delegate import StateDelegate
from ui.training.queue_model import QueueModel, state_in_words
from ui.widgets.buttons import button
from ui.widgets.card import Card
from ui.widgets.labels import label, pill
from ui.widgets.search_field import SearchField
from ui.words import grouped
from ui.worker import run_in_background

if TYPE_CHECKING:
    from thau_desktop.app import Thau

_TYPING = 200  # milliseconds
_STATE = 3  # the column
_LOOKED_AT = 200  # marked examples


class QueueCard(Card):
    """`add` asks for a new example, `edit` to write one anew; `changed` says what was done, and how to undo it.

    Attributes: `table` and its `model`; `search` and `state`, the filters; `marked`, what can be done with the rows
    that are marked.
    """

    add = Signal()
    edit = Signal(object)  # Example
    changed = Signal(str, object)  # what was done, and what it was before: a list of Example

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
        self.state = QComboBox()
        self.state.setAccessibleName(_("State"))
        for state, name in ((None, _("All")), *((state, state_in_words(state)) for state in STATES)):
            self.state.addItem(name, state)
        self.state.currentIndexChanged.connect(self.look_again)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(label(_("Queue"), "heading"))
        top.addWidget(self._waiting)
        top.addWidget(self._review)
        top.addStretch()
        top.addWidget(self.state)
        top.addWidget(self.search, 1)
        top.addWidget(button(_("Add"), self.add.emit, icon_name="plus"))
        self.model = QueueModel(thau)
        self.table = _Table(self)
        self.table.setModel(self.model)
        self.table.doubleClicked.connect(lambda _index: self.ask_to_edit())
        self.column.addLayout(top)
        self.marked = MarkedBar(
            self.allow,
            self.ask_to_edit,
            (
                ("push-pin", _("Pin as a question for every version"), self.pin),
                ("prohibit", _("Do not learn"), self.exclude),
                ("trash", _("Delete"), self.delete),
            ),
        )
        self.column.addWidget(self.table, 1)
        self.column.addWidget(self.marked)
        self.table.selectionModel().selectionChanged.connect(self._show_marked)
        self.model.modelReset.connect(self._show_marked)
        self.model.dataChanged.connect(self._show_marked)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.setItemDelegateForColumn(_STATE, StateDelegate(self.table))
        for column, mode in enumerate((_STRETCH, _STRETCH, _CONTENTS, _CONTENTS)):
            header.setSectionResizeMode(column, mode)

    def look_again(self) -> None:
        """Read counts and ids in the background."""
        examples, words, state = self._thau.examples, self.search.text(), self.state.currentData()
        run_in_background(
            self, lambda: (examples.ids(words, state), examples.counts()["pending"], examples.for_review()), self._show
        )

    def ask_to_edit(self) -> None:
        """Write the first marked example anew."""
        for example in self.table.marked()[:1]:
            self.edit.emit(example)

    def allow(self) -> None:
        """The marked examples may be learned, whatever was found about them."""
        self._change(self._thau.examples.allow, ngettext_("{n} example waits", "{n} examples wait", self.table.many))

    def pin(self) -> None:
        """The marked examples are asked of every version, which must not get worse at them, and never learned."""
        told = ngettext_("{n} example was pinned", "{n} examples were pinned", self.table.many)
        self._change(lambda ids: self._thau.examples.set_state(ids, "held_out"), told)

    def exclude(self) -> None:
        """The marked examples are not to be learned."""
        told = ngettext_("{n} example was excluded", "{n} examples were excluded", self.table.many)
        self._change(self._thau.examples.exclude, told)

    def delete(self) -> None:
        """Forget the marked examples."""
        told = ngettext_("{n} example was deleted", "{n} examples were deleted", self.table.many)
        self._change(self._thau.examples.delete, told)

    def _change(self, change: Callable[[list[int]], int], told: str) -> None:
        marked = self.table.marked()
        if marked:
            change([example.id for example in marked])
            self.changed.emit(told.format(n=grouped(len(marked))), marked)

    @Slot()
    def _show_marked(self) -> None:
        many = self.table.many
        marked = self.table.marked(_LOOKED_AT)
        others: list[str] = []
        if many == 1 and marked and "contradiction" in marked[0].flags:
            asked = self._thau.examples.asking([marked[0].question])
            others = [answer for number, answer in asked.get(marked[0].question, []) if number != marked[0].id]
        self.marked.show_marked(many, marked, others)

    def _show(self, found: tuple[array[int], int, int]) -> None:
        ids, pending, review = found
        self._waiting.setText(_("{n} waiting").format(n=grouped(pending - review)))
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

    @property
    def many(self) -> int:
        """How many rows are selected."""
        return sum(bottom - top + 1 for top, bottom in self._parts())

    def marked(self, most: int | None = None) -> list[Example]:
        """The examples of the selected rows, from top to bottom; of the first `most`."""
        rows = chain.from_iterable(range(top, bottom + 1) for top, bottom in self._parts())
        found = (self._card.model.example(row) for row in islice(rows, most))
        return [example for example in found if example is not None]

    def _parts(self) -> list[tuple[int, int]]:
        """The first and the last row of each part of the selection, from top to bottom."""
        selection = self.selectionModel().selection()
        parts = (selection.at(place) for place in range(selection.count()))
        return sorted({(part.top(), part.bottom()) for part in parts})

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._card.delete()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._card.ask_to_edit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if not self.marked():
            return
        menu = QMenu(self)
        menu.addAction(_("Edit…"), self._card.ask_to_edit)
        menu.addAction(_("Allow to be learned"), self._card.allow)
        menu.addAction(_("Pin as a question for every version"), self._card.pin)
        menu.addAction(_("Do not learn"), self._card.exclude)
        menu.addAction(_("Delete"), self._card.delete)
        menu.exec(event.globalPos())
