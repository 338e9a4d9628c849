"""The pictures of the grid as rows: an array of ids, and the records of those that were looked at lately."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime
from enum import IntEnum
from html import escape

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from thau_desktop.errors import StoreError
from thau_desktop.store.pictures import Picture, Pictures
from thau_desktop.translation import _
from ui.times import day

Index = QModelIndex | QPersistentModelIndex

_KEPT = 4000  # records
_BLOCK = 64  # records that are read at once where one is needed now
_TIP = 300  # letters of a description in a tool tip


class Role(IntEnum):
    """What a view asks of a row."""

    ID = Qt.ItemDataRole.UserRole + 1


class PictureModel(QAbstractListModel):
    """Attributes: `ids`, what is shown, in its order.

    Records come from `take`, which a thread feeds; `picture` reads at once what has not come yet.
    """

    def __init__(self, pictures: Pictures, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.ids: array[int] = array("q")
        self._pictures = pictures
        self._known: OrderedDict[int, Picture] = OrderedDict()
        self._stale: set[int] = set()

    def show(self, ids: array[int]) -> bool:
        """Show these; False where nothing changed. New ones at the top leave all other indexes as they are."""
        if ids == self.ids:
            return False
        more = len(ids) - len(self.ids)
        if 0 < more <= _BLOCK and ids[more:] == self.ids:
            self.beginInsertRows(QModelIndex(), 0, more - 1)
            self.ids = ids
            self.endInsertRows()
            return True
        self.beginResetModel()
        self.ids = ids
        self.endResetModel()
        return True

    # --- records ----------------------------------------------------------------------------------------

    def known(self, picture_id: int) -> Picture | None:
        """The record if it was read already, even if it may have changed since."""
        return self._known.get(picture_id)

    def fresh(self, picture_id: int) -> bool:
        """Whether the record was read, and nothing changed since."""
        return picture_id in self._known and picture_id not in self._stale

    def expire(self) -> None:
        """Something changed in the store: what is known is read again when it is next looked at."""
        self._stale = set(self._known)

    def take(self, pictures: Iterable[Picture]) -> list[int]:
        """Keep records; returns the ids of those that are other than they were known."""
        changed = []
        for picture in pictures:
            if self._known.get(picture.id) != picture:
                changed.append(picture.id)
            self._known[picture.id] = picture
            self._known.move_to_end(picture.id)
            self._stale.discard(picture.id)
        while len(self._known) > _KEPT:
            self._stale.discard(self._known.popitem(last=False)[0])
        return changed

    def picture(self, row: int) -> Picture | None:
        """The record of a row, read now if it must be; None where it is gone or the store can't be read."""
        if not 0 <= row < len(self.ids):
            return None
        if not self.fresh(self.ids[row]):
            start = max(0, row - _BLOCK // 2)
            try:
                self.take(self._pictures.rows(self.ids[start : start + _BLOCK]))
            except StoreError:
                return None
        return self._known.get(self.ids[row])

    def rows_of(self, ids: Iterable[int]) -> list[int]:
        """The rows of those ids that are shown, ascending."""
        wanted = ids if isinstance(ids, set | frozenset) else set(ids)
        if not wanted:
            return []
        return [row for row, picture_id in enumerate(self.ids) if picture_id in wanted]

    def row_of(self, picture_id: int) -> int:
        """Where that picture is, or -1."""
        try:
            return self.ids.index(picture_id)
        except ValueError:
            return -1

    def at(self, indexes: Iterable[QModelIndex]) -> list[int]:
        """The ids at indexes."""
        return [self.ids[index.row()] for index in indexes]

    # --- what Qt asks -------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.ids)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        if role == Role.ID:
            return self.ids[index.row()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            picture = self.picture(index.row())
            return spoken(picture) if picture is not None else _("A picture that is gone")
        if role == Qt.ItemDataRole.ToolTipRole:
            picture = self.picture(index.row())
            return tip(picture) if picture is not None else None
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
        return flags | Qt.ItemFlag.ItemNeverHasChildren


def title_of(picture: Picture) -> str:
    """Its description, or the name of its file."""
    return " ".join(picture.prompt.split()) or picture.file


def time_of(picture: Picture) -> datetime | None:
    """When it was drawn, in local time; None where a damaged disk has made that unreadable."""
    try:
        return datetime.fromisoformat(picture.created_at).astimezone()
    except ValueError:
        return None


def spoken(picture: Picture) -> str:
    """What a screen reader says of a picture."""
    words = [title_of(picture)]
    if picture.favourite:
        words.append(_("favourite"))
    words.append(_("{width} by {height} pixels").format(width=picture.width, height=picture.height))
    when = time_of(picture)
    if when is not None:
        words.append(day(when))
    return ", ".join(words)


def tip(picture: Picture) -> str:
    """Its description and what it was drawn with, as the tool tip says it: rich text, so that it wraps."""
    words = title_of(picture)
    words = words if len(words) <= _TIP else words[:_TIP].rsplit(" ", 1)[0] + "…"
    facts = [f"{picture.width} × {picture.height}"]
    if picture.model:
        facts.append(picture.model)
    when = time_of(picture)
    if when is not None:
        facts.append(day(when))
    return f"<p>{escape(words)}</p><p>{escape(' · '.join(facts))}</p>"
