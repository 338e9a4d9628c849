"""The grid: paints the tiles that are seen, asks for their small images, and listens to hands."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    QRectF,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QWidget

from thau_desktop.store.pictures import Picture
from ui.gallery.grid_delegate import Spot, Tile, TilePainter, spot
from ui.gallery.grid_model import PictureModel, time_of
from ui.gallery.grid_view import GridView
from ui.gallery.thumbnails import RADIUS, Thumbnails, Wish
from ui.gallery.trash import days_left
from ui.theme import theme
from ui.times import month

_ZOOM_STEP = 24
_AHEAD = 1.0  # viewports beyond what is seen that are read, too
_DATED = 900  # milliseconds that the date is seen after one has scrolled
_FAR = 4  # viewports of pictures from which on the date is worth saying
_SETTLED = 90  # milliseconds without a change of size after which images of the new size are read
_Flag = QItemSelectionModel.SelectionFlag
_KEY_REASONS = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)


class PictureGrid(GridView):
    """Shows a `PictureModel`.

    Attributes: `trash`, whether what is shown was deleted.
    Signals: `opened` (row) by Enter or a double click; `menu_requested` (global pixels); `star_clicked` (id);
    `drag_started`; `typed` (letters, for the search field).
    """

    opened = Signal(int)
    menu_requested = Signal(QPoint)
    star_clicked = Signal(int)
    drag_started = Signal()
    typed = Signal(str)

    def __init__(self, model: PictureModel, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self.trash = False
        self._thumbnails = thumbnails
        self._painter = TilePainter()
        self._hovered = -1
        self._by_key = False  # whether the ring of the keyboard is shown
        self._anchor: QPoint | None = None  # where a rubber band began, from the top of everything
        self._band = QRect()
        self._seen: dict[int, int] = {}  # id: row, of the tiles last painted
        self._asked = range(0), self.places  # what was wished for last
        self._date = ""
        self._asking = self._timer(0, self._ask)
        self._resizing = self._timer(_SETTLED, self._asking.start)
        self._dating = self._timer(_DATED, self.viewport().update)
        self.resized.connect(self._resizing.start)
        self.scrolled.connect(self._on_scrolled)
        thumbnails.records.connect(self._on_records)
        thumbnails.arrived.connect(self._on_arrived)
        theme().changed.connect(self._on_theme)

    def _timer(self, interval: int, slot: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval)
        timer.timeout.connect(slot)
        return timer

    def refresh(self) -> None:
        """Records may have changed: read those that are seen again."""
        self._model.expire()
        self._thumbnails.expire()
        self._asked = range(0), self.places
        self._asking.start()

    # --- painting -----------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        top, height = self.verticalOffset(), self.viewport().height()
        selection, current = self.selectionModel(), self._ringed()
        any_selected = selection.hasSelection()
        dirty = event.rect().adjusted(-4, -4, 4, 4)
        self._seen = {}
        seen, size, missing = self.places.rows_between(top, top + height), self._pixels(), False
        for row in seen:
            picture_id = self._model.ids[row]
            self._seen[picture_id] = row
            rect = self.places.rect(row).translated(0, -top)
            pixmap = self._thumbnails.pixmap(picture_id)
            broken = pixmap is None and self._thumbnails.broken(picture_id)
            there = broken or (pixmap is not None and pixmap.width() == size)
            missing = missing or not there or not self._model.fresh(picture_id)
            if not rect.intersects(dirty):
                continue
            tile = Tile(rect, pixmap, broken, current=row == current, hovered=row == self._hovered, trash=self.trash)
            tile.selected = any_selected and selection.isSelected(self._model.index(row))
            picture = self._model.known(picture_id)
            if picture is not None:
                tile.favourite = picture.favourite
                tile.left = days_left(picture) if self.trash else ""
            self._painter.paint(painter, tile)
        if not self._band.isNull():
            self._paint_band(painter, self._band.translated(0, -top))
        if self._dating.isActive():
            self._paint_date(painter)
        coming = self._thumbnails.busy and self._asked == (seen, self.places)
        if missing and not coming and not self._asking.isActive():
            self._asking.start()

    def _pixels(self) -> int:
        """Pixels of the screen that a tile is wide."""
        return round(self.places.tile * self.devicePixelRatioF())

    def _ringed(self) -> int:
        """The row that shows that it has the keyboard."""
        return self.currentIndex().row() if self._by_key and self.hasFocus() else -1

    def _paint_band(self, painter: QPainter, band: QRect) -> None:
        color = theme().color("accent")
        painter.setPen(QPen(color, 1))
        color.setAlpha(40)
        painter.setBrush(color)
        painter.drawRoundedRect(QRectF(band).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def _paint_date(self, painter: QPainter) -> None:
        """The month of the first picture that is seen and known."""
        for picture_id in self._seen:
            picture = self._model.known(picture_id)
            when = time_of(picture) if picture is not None else None
            if when is not None:
                self._date = month(when)
                break
        if self._date:
            self._painter.paint_date(painter, self._date, self.viewport().rect())

    @Slot()
    def _ask(self) -> None:
        """Wish for what is seen, and after it for what will be."""
        if self._resizing.isActive():
            return
        top, height = self.verticalOffset(), self.viewport().height()
        ahead = round(height * _AHEAD)
        seen = self.places.rows_between(top, top + height)
        self._asked = seen, self.places
        below = self.places.rows_between(top + height, top + height + ahead)
        above = self.places.rows_between(top - ahead, top)
        size = self._pixels()
        wishes = [*self._wishes(seen, size), *self._wishes(below, size), *self._wishes(reversed(above), size)]
        self._thumbnails.want(wishes, size, round(RADIUS * self.devicePixelRatioF()))

    def _wishes(self, rows: Iterable[int], size: int) -> Iterable[Wish]:
        for row in rows:
            picture_id = self._model.ids[row]
            pixmap = self._thumbnails.pixmap(picture_id)
            image = (pixmap is None or pixmap.width() != size) and not self._thumbnails.broken(picture_id)
            fresh = self._model.fresh(picture_id)
            if image or not fresh:
                yield Wish(picture_id, self._model.known(picture_id) if fresh else None, image)

    @Slot()
    def _on_scrolled(self) -> None:
        if self.places.height > _FAR * self.viewport().height() and not self.moving and self.isVisible():
            self._dating.start()
        self._hover(self.viewport().mapFromGlobal(self.cursor().pos()) if self.underMouse() else QPoint(-1, -1))

    @Slot(object)
    def _on_records(self, pictures: list[Picture]) -> None:
        for picture_id in self._model.take(pictures):
            self._update_tile(picture_id)

    @Slot(object)
    def _on_arrived(self, ids: list[int]) -> None:
        for picture_id in ids:
            self._update_tile(picture_id)

    def _update_tile(self, picture_id: int) -> None:
        row = self._seen.get(picture_id)
        if row is not None and row < self.places.count:
            self.viewport().update(self.places.rect(row).translated(0, -self.verticalOffset()))

    @Slot()
    def _on_theme(self) -> None:
        self._painter.forget()
        self.viewport().update()

    # --- hands --------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._by_key = False
        point = event.position().toPoint()
        index = self.indexAt(point)
        left = event.button() == Qt.MouseButton.LeftButton
        if left and index.isValid() and self._press_badge(index, spot(self.visualRect(index), point)):
            return
        right = event.button() == Qt.MouseButton.RightButton
        if right and index.isValid() and self.selectionModel().isSelected(index):
            self.make_current(index.row())  # the menu is about all that are selected
            return
        if left and not index.isValid():
            self._anchor = point + QPoint(0, self.verticalOffset())
        super().mousePressEvent(event)

    def _press_badge(self, index: QModelIndex, where: Spot) -> bool:
        if where == Spot.CHECK:
            self.selectionModel().setCurrentIndex(index, _Flag.Toggle)
            return True
        if where == Spot.STAR and not self.trash:
            self.star_clicked.emit(self._model.ids[index.row()])
            return True
        return False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        self._hover(point)
        super().mouseMoveEvent(event)
        if self._anchor is not None and self.state() == QAbstractItemView.State.DragSelectingState:
            there = point + QPoint(0, self.verticalOffset())
            self._band = QRect(self._anchor, there).normalized()
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self._anchor = None
        if not self._band.isNull():
            self._band = QRect()
            self.viewport().update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        index = self.indexAt(point)
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid():
            return
        if spot(self.visualRect(index), point) == Spot.PICTURE:
            self.opened.emit(index.row())
        else:
            self.mousePressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(QPoint(-1, -1))

    def _hover(self, point: QPoint) -> None:
        row = self.places.row_at(point + QPoint(0, self.verticalOffset())) if point.y() >= 0 else -1
        if row == self._hovered:
            return
        for changed in (self._hovered, row):
            if 0 <= changed < self.places.count:
                self.viewport().update(self.places.rect(changed).translated(0, -self.verticalOffset()))
        self._hovered = row

    def startDrag(self, actions: Qt.DropAction) -> None:
        self.drag_started.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_zoom(self.places.wanted + (_ZOOM_STEP if event.angleDelta().y() > 0 else -_ZOOM_STEP))
            event.accept()
            return
        QAbstractItemView.wheelEvent(self, event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        position = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            index = self.currentIndex()
            place = self.visualRect(index).center() if index.isValid() else self.viewport().rect().center()
            position = self.viewport().mapToGlobal(place)
        self.menu_requested.emit(position)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, current = event.key(), self.currentIndex()
        self._show_ring()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and current.isValid():
            self.opened.emit(current.row())
        elif key == Qt.Key.Key_Space and current.isValid():
            self.selectionModel().select(current, _Flag.Toggle)
        elif key == Qt.Key.Key_Escape and self.selectionModel().hasSelection():
            self.clearSelection()
        elif key == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        if search.strip():
            self.typed.emit(search)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in _KEY_REASONS:
            self._show_ring()
        self.viewport().update()

    def _show_ring(self) -> None:
        self._by_key = True
        if not self.currentIndex().isValid() and self.places.count:
            self.make_current(self.first_seen_row())
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()
