"""The list of conversations as rows: headers (Pinned, Today, Yesterday…) and conversations, or search hits.

Rows are built by pure functions, in a background thread where the list is long; the model only swaps them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from thau_desktop.store.records import Conversation
from thau_desktop.store.search import Hit
from thau_desktop.translation import _

Index = QModelIndex | QPersistentModelIndex


class Role(IntEnum):
    """What a delegate asks of a row."""

    ROW = Qt.ItemDataRole.UserRole + 1
    LIVE = Qt.ItemDataRole.UserRole + 2


@dataclass(frozen=True, slots=True)
class Header:
    """The name of a group."""

    title: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One conversation. `snippet` is where a search found its words, in message `message_id`, with the search's
    marks around the hit."""

    id: int
    title: str
    pinned: bool = False
    snippet: str = ""
    message_id: int | None = None


Row = Header | Entry


def rows_of(conversations: Iterable[Conversation], now: datetime, keep: int | None = None) -> list[Row]:
    """The rows for stored conversations, newest first; empty ones are left out but for `keep`."""
    entries = (
        (Entry(found.id, title_of(found), found.pinned), _when(found.updated_at, now))
        for found in conversations
        if found.leaf_id is not None or found.title or found.draft.strip() or found.id == keep
    )
    return grouped(entries, now)


def _when(stored: str, now: datetime) -> datetime:
    """A stored time as a local one; `now` where a damaged disk has made it unreadable."""
    try:
        return datetime.fromisoformat(stored).astimezone()
    except ValueError:
        return now


def rows_of_hits(hits: Iterable[Hit]) -> list[Row]:
    """The rows for what a search found: each conversation's title once, and each message."""
    return [
        Entry(hit.conversation_id, hit.title or _("New conversation"), False, hit.snippet, hit.message_id)
        for hit in hits
    ]


def title_of(conversation: Conversation) -> str:
    """What a conversation is called in the list, before it has a title too."""
    words = " ".join(conversation.draft.split())
    return conversation.title or words[:60] or _("New conversation")


def grouped(entries: Iterable[tuple[Entry, datetime]], now: datetime) -> list[Row]:
    """Entries, newest first, under their headers; pinned ones on top. `now` and the times are local."""
    groups: dict[str, list[Row]] = {}
    names = {
        "pinned": _("Pinned"),
        "today": _("Today"),
        "yesterday": _("Yesterday"),
        "week": _("This week"),
        "earlier": _("Earlier"),
    }
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    yesterday, week = midnight - timedelta(days=1), midnight - timedelta(days=6)
    for entry, when in entries:
        if entry.pinned:
            key = "pinned"
        elif when >= midnight:
            key = "today"
        elif when >= yesterday:
            key = "yesterday"
        elif when >= week:
            key = "week"
        else:
            key = "earlier"
        groups.setdefault(key, []).append(entry)
    rows: list[Row] = []
    for key, name in names.items():
        if key in groups:
            rows.append(Header(name))
            rows.extend(groups[key])
    return rows


class ConversationModel(QAbstractListModel):
    """Headers and conversations.

    Attributes: `rows`, what is shown; `live`, the ids of conversations whose answer is being written.
    """

    def __init__(self, rename: Callable[[int, str], None]) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.live: frozenset[int] = frozenset()
        self._rename = rename
        self._row_of: dict[int, int] = {}

    def show(self, rows: Sequence[Row]) -> bool:
        """Replace the rows; False where nothing changed and no view needs to paint."""
        new = list(rows)
        if new == self.rows:
            return False
        self.beginResetModel()
        self.rows = new
        self._row_of = {}
        for number, row in enumerate(new):
            if isinstance(row, Entry):
                self._row_of.setdefault(row.id, number)
        self.endResetModel()
        return True

    def set_live(self, ids: Iterable[int]) -> None:
        """Say which conversations are being answered: they carry a dot."""
        new = frozenset(ids)
        changed, self.live = self.live ^ new, new
        for conversation_id in changed:
            index = self.index_of(conversation_id)
            if index.isValid():
                self.dataChanged.emit(index, index, [Role.LIVE])

    def index_of(self, conversation_id: int | None) -> QModelIndex:
        """Where a conversation stands; invalid when it is not listed."""
        row = self._row_of.get(conversation_id) if conversation_id is not None else None
        return self.index(row) if row is not None else QModelIndex()

    def entry(self, index: Index) -> Entry | None:
        """The conversation at an index; None for a header."""
        row = self.rows[index.row()] if index.isValid() and index.row() < len(self.rows) else None
        return row if isinstance(row, Entry) else None

    # --- what Qt asks ---------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return row.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(row)
        if role == Role.ROW:
            return row
        if role == Role.LIVE:
            return isinstance(row, Entry) and row.id in self.live
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if self.entry(index) is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        entry, title = self.entry(index), " ".join(str(value).split())
        if role != Qt.ItemDataRole.EditRole or entry is None or not title or title == entry.title:
            return False
        self._rename(entry.id, title)
        return True

    def _spoken(self, row: Row) -> str:
        if isinstance(row, Entry) and row.id in self.live:
            return _("{title}, being answered").format(title=row.title)
        return row.title
