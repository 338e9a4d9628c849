"""The view under the grid: where tiles are, which are selected, where the keyboard goes.

Qt's own icon view lays every item out; this one keeps the view's selection, keyboard and accessibility and does the
geometry by arithmetic (`grid_layout`), so that 100,000 pictures cost as much as ten.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import replace

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from thau_desktop.translation import _
from ui.gallery.grid_layout import LARGEST, SMALLEST, GridLayout
from ui.gallery.grid_model import PictureModel
from ui.widgets.scrolling import steady

_WHEEL = 56  # pixels of one of the three steps of a wheel's notch
_Index = QModelIndex | QPersistentModelIndex
_Flag = QItemSelectionModel.SelectionFlag
_Hint = QAbstractItemView.ScrollHint


class GridView(QListView):
    """Attributes: `places`, the layout; `moving`, true while only the numbers change and what is seen stays.

    Signals: `selection_changed`; `zoomed` (the new size of a tile that is asked for); `resized`: tiles are larger or
    smaller than before; `scrolled`.
    """

    selection_changed = Signal()
    zoomed = Signal(int)
    resized = Signal()
    scrolled = Signal()

    def __init__(self, model: PictureModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.places = GridLayout()
        self.moving = False
        self._model = model
        self.setProperty("bare", True)
        self.setAccessibleName(_("Pictures"))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setSelectionRectVisible(False)  # Qt's knows only its own layout
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        steady(self)
        self.verticalScrollBar().setSingleStep(_WHEEL)
        self.setModel(model)
        self.selectionModel().selectionChanged.connect(self._on_selection)
        model.rowsInserted.connect(self._on_rows)

    # --- what is shown ------------------------------------------------------------------------------------

    def show_ids(self, ids: array[int], *, keep: bool = True) -> None:
        """Show these pictures. `keep`: the selection, the current one and what is seen stay as far as they are there;
        otherwise it begins at the top with nothing selected."""
        if not keep:
            self._model.show(ids)
            self._lay_out()
            self.selectionModel().clear()
            self.verticalScrollBar().setValue(0)
            return
        selected, current = self.selected_ids(), self.current_id()
        current_row, before = self.currentIndex().row(), self._model.ids
        seen = self._seen_first() if self.verticalScrollBar().value() > 0 else None
        if not self._model.show(ids):
            return
        self._lay_out()
        self.select_ids(selected)
        row = self._model.row_of(current) if current is not None else -1
        if row < 0 and current_row >= 0:  # it is gone: go on beside it
            row = _beside(before, current_row, ids)
        if row >= 0:
            self.make_current(row)
        if seen is not None:
            self._show_again(*seen)

    def set_zoom(self, wanted: int) -> None:
        """Tiles about that wide; what is seen stays in view."""
        wanted = max(SMALLEST, min(LARGEST, wanted))
        if wanted != self.places.wanted:
            self._lay_out(wanted)
            self.zoomed.emit(wanted)

    def set_foot(self, foot: int) -> None:
        """Leave room under the last tiles for what floats there."""
        if foot != self.places.foot:
            self.places = replace(self.places, foot=foot)
            self.updateGeometries()

    # --- the selection ------------------------------------------------------------------------------------

    def selected_ids(self) -> list[int]:
        """What is selected, in the order of the grid."""
        ids = self._model.ids
        found: list[int] = []
        for span in sorted(_spans(self.selectionModel().selection())):
            found.extend(ids[span[0] : span[1] + 1])
        return found

    def selected_count(self) -> int:
        """How many are selected."""
        return sum(bottom - top + 1 for top, bottom in _spans(self.selectionModel().selection()))

    @Slot()
    def selectAll(self) -> None:
        # As one range: Qt's own looks at every row.
        last = len(self._model.ids) - 1
        if last >= 0:
            span = QItemSelection(self._model.index(0), self._model.index(last))
            self.selectionModel().select(span, _Flag.ClearAndSelect)

    def select_ids(self, ids: Sequence[int]) -> None:
        """Select those that are shown, and nothing else."""
        if not ids and not self.selectionModel().hasSelection():
            return
        chosen = QItemSelection()
        for first, last in _runs(self._model.rows_of(ids)):
            chosen.append(QItemSelectionRange(self._model.index(first), self._model.index(last)))
        self.selectionModel().select(chosen, _Flag.ClearAndSelect)

    def current_id(self) -> int | None:
        """The picture that has the keyboard."""
        row = self.currentIndex().row()
        return self._model.ids[row] if 0 <= row < len(self._model.ids) else None

    def show_picture(self, picture_id: int) -> bool:
        """Select that picture alone and bring it into view; False where it is not among those shown."""
        row = self._model.row_of(picture_id)
        if row < 0:
            return False
        self.setCurrentIndex(self._model.index(row))
        self.scrollTo(self._model.index(row))
        return True

    def make_current(self, row: int) -> None:
        """Without selecting it and without scrolling there."""
        scroll = self.hasAutoScroll()
        self.setAutoScroll(False)
        self.selectionModel().setCurrentIndex(self._model.index(row), _Flag.NoUpdate)
        self.setAutoScroll(scroll)

    @Slot()
    def _on_selection(self) -> None:
        self.viewport().update()
        self.selection_changed.emit()

    # --- geometry: what Qt asks of a view -------------------------------------------------------------------

    def _lay_out(self, wanted: int = 0) -> None:
        """Take over width, number and size; what was seen stays in view when lines break elsewhere."""
        before = self.places
        after = replace(
            before,
            count=len(self._model.ids),
            width=self.viewport().width(),
            wanted=wanted or before.wanted,
        )
        if after == before:
            return
        moved = (after.columns, after.tile) != (before.columns, before.tile)
        seen = self._seen_first() if moved else None
        if seen is not None and self.verticalScrollBar().value() == 0 and seen[0] != self.current_id():
            seen = None  # who is at the top stays there
        self.places = after
        self.updateGeometries()
        if seen is not None:
            self._show_again(*seen)
        if moved:
            self.resized.emit()
        self.viewport().update()

    def _seen_first(self) -> tuple[int, int] | None:
        """The id of the current picture if it is seen, else of the first that is, and how far its tile is from the
        top of the viewport."""
        top, height = self.verticalScrollBar().value(), self.viewport().height()
        ids = self._model.ids
        current = self.currentIndex().row()
        for row in (current, *self.places.rows_between(top, top + height)):
            if 0 <= row < min(len(ids), self.places.count):
                rect = self.places.rect(row)
                if rect.top() >= top - rect.height() // 2 and rect.bottom() <= top + height + rect.height() // 2:
                    return ids[row], rect.top() - top
        return None

    def _show_again(self, picture_id: int, distance: int) -> None:
        row = self._model.row_of(picture_id)
        if row >= 0:
            self.moving = True
            self.verticalScrollBar().setValue(self.places.rect(row).top() - distance)
            self.moving = False

    @Slot()
    def _on_rows(self) -> None:
        self._lay_out()

    def doItemsLayout(self) -> None:
        self._lay_out()
        QAbstractItemView.doItemsLayout(self)

    def updateGeometries(self) -> None:
        bar, height = self.verticalScrollBar(), self.viewport().height()
        bar.setPageStep(height)
        bar.setRange(0, max(0, self.places.height - height))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out()
        self.updateGeometries()

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    def horizontalOffset(self) -> int:
        return 0

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()
        self.scrolled.emit()

    def visualRect(self, index: _Index) -> QRect:
        if not index.isValid() or index.row() >= self.places.count:
            return QRect()
        return self.places.rect(index.row()).translated(0, -self.verticalOffset())

    def indexAt(self, point: QPoint) -> QModelIndex:
        row = self.places.row_at(point + QPoint(0, self.verticalOffset()))
        return self._model.index(row) if row >= 0 else QModelIndex()

    def scrollTo(self, index: _Index, hint: _Hint = _Hint.EnsureVisible) -> None:
        if not index.isValid() or index.row() >= self.places.count:
            return
        bar, height, rect = self.verticalScrollBar(), self.viewport().height(), self.places.rect(index.row())
        top, bottom = rect.top() - self.places.top, rect.bottom() + self.places.foot
        if hint == _Hint.PositionAtCenter:
            bar.setValue(rect.center().y() - height // 2)
        elif top < bar.value() or hint == _Hint.PositionAtTop:
            bar.setValue(top)
        elif bottom > bar.value() + height:
            bar.setValue(bottom - height)

    def moveCursor(self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        count, columns = self.places.count, self.places.columns
        if not count:
            return QModelIndex()
        here = self.currentIndex().row()
        if here < 0:
            return self._model.index(self.first_seen_row())
        page = max(1, self.viewport().height() // (self.places.tile + 8)) * columns
        move = QAbstractItemView.CursorAction
        steps = {
            move.MoveLeft: -1,
            move.MoveRight: 1,
            move.MovePrevious: -1,
            move.MoveNext: 1,
            move.MoveUp: -columns,
            move.MoveDown: columns,
            move.MovePageUp: -page,
            move.MovePageDown: page,
        }
        if action == move.MoveHome:
            row = 0
        elif action == move.MoveEnd:
            row = count - 1
        else:
            step = steps[action]
            row = here + step
            if abs(step) == columns and row < 0:
                row = here  # no line above
            elif step == columns and row >= count:
                last_line = here // columns == (count - 1) // columns
                row = here if last_line else count - 1
            elif step < 0 and row < 0:
                row = here % columns if abs(step) > 1 else 0
        return self._model.index(max(0, min(count - 1, row)))

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        offset = QPoint(0, self.verticalOffset())
        start, end = rect.topLeft() + offset, rect.bottomRight() + offset
        chosen = QItemSelection()
        if self.state() == QAbstractItemView.State.DragSelectingState:
            area = QRect(
                QPoint(min(start.x(), end.x()), min(start.y(), end.y())),
                QPoint(max(start.x(), end.x()), max(start.y(), end.y())),
            )
            for rows in self.places.rows_inside(area):
                chosen.append(QItemSelectionRange(self._model.index(rows.start), self._model.index(rows.stop - 1)))
        else:
            ends = [row for row in (self.places.row_at(start), self.places.row_at(end)) if row >= 0]
            if ends:
                first, last = self._model.index(min(ends)), self._model.index(max(ends))
                chosen.append(QItemSelectionRange(first, last))
        self.selectionModel().select(chosen, command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        return QRegion(self.viewport().rect())

    def first_seen_row(self) -> int:
        top = self.verticalOffset()
        for row in self.places.rows_between(top, top + self.viewport().height()):
            if self.places.rect(row).top() >= top:
                return row
        return 0


def _beside(before: array[int], row: int, after: array[int]) -> int:
    """Where the first is that came after that row and is still there, else the last before it; -1 for none."""
    left = set(after)
    for picture_id in (*before[row:], *reversed(before[:row])):
        if picture_id in left:
            return after.index(picture_id)
    return -1


def _spans(selection: QItemSelection) -> Iterable[tuple[int, int]]:
    """First and last row of each range."""
    for number in range(selection.count()):
        span = selection.at(number)
        yield span.top(), span.bottom()


def _runs(rows: Iterable[int]) -> Iterable[tuple[int, int]]:
    """Ascending rows as first and last of neighbours."""
    first = last = -2
    for row in rows:
        if row != last + 1:
            if first >= 0:
                yield first, last
            first = row
        last = row
    if first >= 0:
        yield first, last
