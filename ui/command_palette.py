"""Ctrl+K: one line to type in, and every action, conversation and setting under it. Keyboard only, if you like."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Slot
from PySide6.QtGui import QFont, QIcon, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from thau_desktop.translation import _
from ui.theme import theme
from ui.widgets.card import line
from ui.widgets.labels import label
from ui.widgets.overlay import Overlay

_WIDTH = 600
_ROW = 38
_ROWS = 9
_FRAME = 80  # pixels of the field and the margins, and a little room under the sheet
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that can be run. `group` says what kind it is; `keys` is its shortcut in the system's writing; `also`
    are words that are not shown but lead here, too."""

    title: str
    group: str
    run: Callable[[], object]
    icon: str = "arrow-right"
    keys: str = ""
    also: str = ""


def match(query: str, title: str) -> float:
    """How well `query` fits `title`, 0 for not at all: its letters in order, better together and at word starts."""
    wanted, text = _plain(query).replace(" ", ""), _plain(title)
    if not wanted:
        return 1.0
    words_at = text.find(_plain(query).strip())
    if words_at >= 0:
        return 4.0 - min(words_at, 50) / 100 - len(text) / 1000 + (1.0 if words_at == 0 else 0.0)
    score, place = 0.0, -1
    for letter in wanted:
        found = text.find(letter, place + 1)
        if found < 0:
            return 0.0
        at_start = found == 0 or not text[found - 1].isalnum()
        score += 1.0 if found == place + 1 or at_start else 0.3
        place = found
    quality = score / len(wanted)
    # Letters scattered over a long title are no match that a person would see.
    return quality if quality > 0.55 else 0.0


def _score(query: str, entry: Entry) -> float:
    """How well `query` fits an entry; words that are not seen count only as they stand."""
    seen = match(query, entry.title)
    if seen or not entry.also:
        return seen
    return 0.5 if _plain(query).strip() in _plain(entry.also) else 0.0


def _plain(text: str) -> str:
    """Without capitals and accents."""
    parts = unicodedata.normalize("NFD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


class EntryModel(QAbstractListModel):
    """The entries that fit the query, best first."""

    def __init__(self, entries: Iterable[Entry], parent: QWidget) -> None:
        super().__init__(parent)
        self._all = list(entries)
        self._query = ""
        self.shown = list(self._all)

    def add(self, entries: Iterable[Entry]) -> None:
        """Take in entries that were found later."""
        self._all.extend(entries)
        self.search(self._query)

    def search(self, query: str) -> None:
        """Show what fits `query`."""
        self.beginResetModel()
        self._query = query
        scored = [(_score(query, entry), entry) for entry in self._all]
        scored = [pair for pair in scored if pair[0] > 0]
        scored.sort(key=lambda pair: -pair[0])  # stable: equals stay in their order
        self.shown = [entry for _score, entry in scored]
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.shown)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        entry = self.shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{entry.title}, {entry.group}"
        if role == Qt.ItemDataRole.UserRole:
            return entry
        return None


class CommandPalette(Overlay):
    """Lies over `window`; runs the chosen entry after it has closed."""

    def __init__(self, window: QWidget, entries: Iterable[Entry]) -> None:
        super().__init__(window, margin=0)
        self.setAccessibleName(_("Command palette"))
        self.model = EntryModel(entries, self)
        self.field = QLineEdit()
        self.field.setProperty("bare", True)
        self.field.setPlaceholderText(_("Type an action, a conversation or a setting"))
        self.field.setAccessibleName(self.field.placeholderText())
        font = QFont(self.field.font())
        font.setPixelSize(theme().tokens.type_large)
        self.field.setFont(font)
        self.field.textChanged.connect(self._search)
        self.list = QListView()
        self.list.setProperty("bare", True)
        self.list.setAccessibleName(self.accessibleName())
        self.list.setModel(self.model)
        self.model.modelReset.connect(self._choose_first)
        self.list.setItemDelegate(_EntryDelegate(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFixedHeight(_ROW * _ROWS)
        self.list.selectionModel().currentChanged.connect(self._tell)
        self.list.clicked.connect(self._run)
        self.list.entered.connect(self.list.setCurrentIndex)
        self._nothing = label(_("Nothing matches."), "dim")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setFixedHeight(_ROW * _ROWS)
        self._nothing.hide()
        self.column.setContentsMargins(1, 1, 1, 1)
        self.column.setSpacing(0)
        top = QVBoxLayout()
        top.setContentsMargins(16, 12, 16, 12)
        top.addWidget(self.field)
        self.column.addLayout(top)
        self.column.addWidget(line())
        below = QVBoxLayout()
        below.setContentsMargins(6, 6, 6, 6)
        below.addWidget(self.list)
        below.addWidget(self._nothing)
        self.column.addLayout(below)
        self._search("")

    def place(self) -> None:
        """In the upper part of the window."""
        top = max(8, self.height() // 9)
        rows = max(3, min(_ROWS, (self.height() - top - _FRAME) // _ROW))
        for below in (self.list, self._nothing):
            below.setFixedHeight(_ROW * rows)
        self.column.activate()
        width = min(_WIDTH, self.width() - 32)
        self.sheet.resize(width, self.sheet.sizeHint().height())
        self.sheet.move((self.width() - width) // 2, top)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: _ROWS,
            Qt.Key.Key_PageUp: -_ROWS,
        }.get(Qt.Key(event.key()))
        if step is not None:
            self._move(step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(self.list.currentIndex())
        elif event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            self._move(1 if event.key() == Qt.Key.Key_Tab else -1)
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, next: bool) -> bool:
        self._move(1 if next else -1)
        return True

    @Slot(str)
    def _search(self, query: str) -> None:
        self.model.search(query)

    @Slot()
    def _choose_first(self) -> None:
        self.list.setVisible(bool(self.model.shown))
        self._nothing.setVisible(not self.model.shown)
        if self.model.shown:
            self.list.setCurrentIndex(self.model.index(0))

    @Slot(QModelIndex)
    def _tell(self, index: QModelIndex) -> None:
        """The keyboard stays in the field: a screen reader hears there what is chosen below."""
        self.field.setAccessibleDescription(str(index.data(Qt.ItemDataRole.AccessibleTextRole) or ""))

    def _move(self, step: int) -> None:
        count = self.model.rowCount()
        if count:
            row = self.list.currentIndex().row() + step
            row = row % count if abs(step) == 1 else max(0, min(count - 1, row))
            self.list.setCurrentIndex(self.model.index(row))

    @Slot(QModelIndex)
    def _run(self, index: QModelIndex) -> None:
        if index.isValid():
            entry = self.model.shown[index.row()]
            self.close()
            entry.run()


class _EntryDelegate(QStyledItemDelegate):
    """Icon, title, kind at the right, keys at the far right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        entry: Entry = index.data(Qt.ItemDataRole.UserRole)
        place: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("accent_soft"))
            painter.drawRoundedRect(place, 8, 8)
        icon: QIcon = theme().icon(entry.icon, "accent" if selected else "dim")
        icon.paint(painter, QRect(place.left() + 10, place.center().y() - 8, 18, 18))
        right = place.right() - 12
        painter.setFont(option.font)
        metrics = option.fontMetrics
        painter.setPen(theme().color("dim"))
        for text in (entry.keys, entry.group):
            if text:
                width = metrics.horizontalAdvance(text)
                painter.drawText(QRect(right - width, place.top(), width, place.height()), _MIDDLE, text)
                right -= width + 16
        painter.setPen(theme().color("text"))
        room = QRect(place.left() + 40, place.top(), right - place.left() - 44, place.height())
        painter.drawText(room, _MIDDLE, metrics.elidedText(entry.title, Qt.TextElideMode.ElideRight, room.width()))
        painter.restore()


_MIDDLE = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
