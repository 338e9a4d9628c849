"""All examples as rows of a table, read a piece at a time where they are seen: as quick for a million as for ten."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from thau_desktop.store.examples import Example, ExampleState
from thau_desktop.translation import _
from ui.theme import theme

if TYPE_CHECKING:
    from thau_desktop.app import Thau

Index = QModelIndex | QPersistentModelIndex

KIND = Qt.ItemDataRole.UserRole
"""The role that names the kind of pill in which a state is shown."""

_KINDS = {"pending": "accent", "trained": "good", "rejected": "bad"}
_PIECE = 100
_KEPT = 3000  # rows in memory


class QueueModel(QAbstractTableModel):
    """Instruction, answer, source and state, newest first."""

    def __init__(self, thau: Thau) -> None:
        super().__init__()
        self._thau = thau
        self._ids = array("q")
        self._read: OrderedDict[int, Example] = OrderedDict()

    def show_ids(self, ids: array[int]) -> None:
        """Show these examples, in this order. Where they are the same, rows are read anew and what is marked stays."""
        if ids == self._ids:
            self._read.clear()
            if ids:
                self.dataChanged.emit(self.index(0, 0), self.index(len(ids) - 1, self.columnCount() - 1))
            return
        self.beginResetModel()
        self._ids = ids
        self._read.clear()
        self.endResetModel()

    def example(self, row: int) -> Example | None:
        """The example of a row; None where it is gone by now."""
        if not 0 <= row < len(self._ids):
            return None
        identity = self._ids[row]
        if identity not in self._read:
            start = row - row % _PIECE
            self._read.update(self._thau.examples.some(self._ids[start : start + _PIECE]))
            while len(self._read) > _KEPT:
                self._read.popitem(last=False)
        return self._read.get(identity)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else 4

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (_("Question"), _("Answer"), _("Source"), _("State"))[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        example = self.example(index.row())
        if example is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            texts = (example.instruction, example.output, source_of(example), state_of(example))
            return " ".join(texts[index.column()][:300].split())
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n\n".join(filter(None, (example.instruction, example.output, example.reason)))[:2000]
        if role == Qt.ItemDataRole.ForegroundRole:
            return theme().color("text" if index.column() == 0 else "dim")
        if role == KIND:
            return "warn" if _to_review(example) else _KINDS.get(example.state, "plain")
        return None


def source_of(example: Example) -> str:
    """Where it comes from, in a word."""
    known = {
        "correction": _("correction"),
        "approved": _("approved"),
        "conversation": _("conversation"),
        "cli": _("by hand"),
        "window": _("by hand"),
    }
    return known.get(example.source, example.source)


def state_of(example: Example) -> str:
    """What becomes or became of it."""
    if _to_review(example):
        return _("to review")
    if example.state == "trained":
        return _("in {version}").format(version=example.version.rpartition("-")[2]) if example.version else _("learned")
    return state_in_words(example.state)


def _to_review(example: Example) -> bool:
    return example.review and example.state == "pending"


def state_in_words(state: ExampleState) -> str:
    """The name of a state."""
    return {
        "pending": _("waiting"),
        "held_out": _("pinned"),
        "trained": _("learned"),
        "rejected": _("left out"),
        "excluded": _("excluded"),
    }[state]
