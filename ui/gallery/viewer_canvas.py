"""A picture to look at closely: fitted, at its own size, or zoomed with wheel and keys; dragged when it is larger."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from thau_desktop.translation import _
from ui.gallery.viewer_reading import Decoded
from ui.theme import theme

_STEP = 1.25  # of one key press, and of one notch of the wheel
LARGEST = 16.0  # screen pixels of one of the picture's
_PIXELS = 3.0  # from here on its pixels are seen as squares
_FIT_LARGEST = 3.0  # a small picture on its own grows no further to fill the window
_PATIENCE_MS = 180  # before "Reading…" is said
_EDGE = 16


@dataclass(frozen=True, slots=True)
class Look:
    """Which part of a picture is seen: `factor` times as large as it fits, with `centre` (0 to 1) in the middle."""

    factor: float = 1.0
    x: float = 0.5
    y: float = 0.5


class Canvas(QWidget):
    """Attributes: `look`; `margin`, the pixels around a picture that fits; `largest`, how far one grows to fit.

    Signals: `looked` after a person zoomed or moved it; `zoomed` when the zoom is another one, for whatever reason.
    """

    looked = Signal()
    zoomed = Signal()

    def __init__(self, parent: QWidget | None = None, *, margin: int = _EDGE, largest: float = _FIT_LARGEST) -> None:
        super().__init__(parent)
        self.look = Look()
        self.margin = margin
        self.largest = largest
        self._decoded: Decoded | None = None
        self._late = False
        self._grip: QPointF | None = None
        self._by_key = False  # the keyboard came here by Tab: who looks at a picture needs no ring around it
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self._on_late)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(120, 120)
        theme().changed.connect(self.update)

    # --- what is shown --------------------------------------------------------------------------------------

    def show_nothing(self) -> None:
        """A picture is being read."""
        self._decoded, self._late = None, False
        self._patience.start()
        self._follow()

    def show_decoded(self, decoded: Decoded) -> None:
        """Show a picture as it fits; one that can't be read leaves the canvas empty."""
        self._patience.stop()
        self._decoded, self._late = decoded, False
        self.look = Look()
        self._follow()

    @property
    def decoded(self) -> Decoded | None:
        """What is shown, None while it is being read."""
        return self._decoded

    @property
    def has_picture(self) -> bool:
        return self._decoded is not None and bool(self._decoded.levels)

    # --- zoom -----------------------------------------------------------------------------------------------

    @property
    def scale(self) -> float:
        """Screen pixels of one pixel of the picture; 0 where there is none."""
        return self._fit_scale() * self.look.factor

    @property
    def fits(self) -> bool:
        """Whether the whole picture is seen."""
        return self.look.factor <= 1.0

    def zoom_to(self, scale: float, at: QPointF | None = None) -> None:
        """Show it that large; `at`, a point of the widget (else its middle), stays where it is."""
        fit = self._fit_scale()
        if not fit:
            return
        lowest = min(fit, 1.0)
        wanted = min(max(scale, lowest), max(LARGEST, fit)) / fit
        middle = QPointF(self.width() / 2, self.height() / 2)
        spot = at if at is not None else middle
        before = self._on_picture(spot)
        self.look = replace(self.look, factor=wanted)
        size = self._size()
        away = spot - middle
        self.look = replace(self.look, x=before.x() - away.x() / size.width(), y=before.y() - away.y() / size.height())
        self._settle()

    def zoom_by(self, steps: float, at: QPointF | None = None) -> None:
        """Larger by so many steps, or smaller."""
        self.zoom_to(self.scale * _STEP**steps, at)

    @Slot()
    def fit(self) -> None:
        """Show the whole picture."""
        self.look = Look()
        self._settle()

    @Slot()
    def actual_size(self) -> None:
        """One pixel of the picture on one of the screen."""
        self.zoom_to(1.0)

    def set_look(self, look: Look) -> None:
        """Show the part that another canvas shows; nobody is told."""
        if look != self.look:
            self.look = self._bounded(look)
            self._follow()

    def move_by(self, x: float, y: float) -> None:
        """Move the picture by so many widget pixels."""
        size = self._size()
        if not size.isEmpty():
            self.look = replace(self.look, x=self.look.x - x / size.width(), y=self.look.y - y / size.height())
            self._settle()

    def _settle(self) -> None:
        self.look = self._bounded(self.look)
        self._follow()
        self.looked.emit()

    def _follow(self) -> None:
        self.setCursor(Qt.CursorShape.OpenHandCursor if self._can_move() else Qt.CursorShape.ArrowCursor)
        self.update()
        self.zoomed.emit()

    def _bounded(self, look: Look) -> Look:
        """No part of the widget is empty while the picture is larger than it."""
        size = self._size(look.factor)
        if size.isEmpty():
            return look

        def held(value: float, whole: float, room: float) -> float:
            half = room / whole / 2
            return 0.5 if half >= 0.5 else min(max(value, half), 1 - half)

        return replace(look, x=held(look.x, size.width(), self.width()), y=held(look.y, size.height(), self.height()))

    # --- geometry: in device-independent pixels, but `scale` ----------------------------------------------------

    def _fit_scale(self) -> float:
        """`scale` of the whole picture in the widget."""
        size = self._decoded.size if self._decoded is not None else QSize()
        if size.isEmpty():
            return 0.0
        ratio = self.devicePixelRatioF()
        room_x = max(1, self.width() - 2 * self.margin) * ratio / size.width()
        room_y = max(1, self.height() - 2 * self.margin) * ratio / size.height()
        return min(room_x, room_y, self.largest * ratio)

    def _size(self, factor: float | None = None) -> QSizeF:
        """How large the picture is on the widget."""
        if self._decoded is None or self._decoded.size.isEmpty():
            return QSizeF()
        scale = self._fit_scale() * (self.look.factor if factor is None else factor) / self.devicePixelRatioF()
        return QSizeF(self._decoded.size) * scale

    def picture_rect(self) -> QRectF:
        """Where the picture is on the widget, also what is outside of it."""
        size = self._size()
        corner = QPointF(self.width() / 2 - self.look.x * size.width(), self.height() / 2 - self.look.y * size.height())
        return QRectF(corner, size)

    def _on_picture(self, point: QPointF) -> QPointF:
        """The place of the picture (0 to 1) that is at that point of the widget."""
        place = self.picture_rect()
        return QPointF((point.x() - place.x()) / place.width(), (point.y() - place.y()) / place.height())

    def _can_move(self) -> bool:
        size = self._size()
        return size.width() > self.width() + 0.5 or size.height() > self.height() + 0.5

    # --- painting -------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        color = theme().color
        painter.fillRect(self.rect(), color("code"))
        if self.has_picture:
            self.paint_picture(painter)
        elif self._late:
            painter.setPen(color("dim"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, _("Reading…"))
        if self.hasFocus() and self._by_key:
            painter.setPen(QPen(color("accent"), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def paint_picture(self, painter: QPainter) -> None:
        """The picture where it belongs."""
        if self._decoded is None or not self._decoded.levels:
            return
        scale = self.scale
        level = 0
        while level + 1 < len(self._decoded.levels) and scale * 2 ** (level + 1) <= 1.0:
            level += 1
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < _PIXELS * self.devicePixelRatioF())
        painter.drawImage(self.picture_rect(), self._decoded.levels[level])

    @Slot()
    def _on_late(self) -> None:
        self._late = True
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.look = self._bounded(self.look)
        self._follow()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._by_key = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    # --- hands ----------------------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y() or event.angleDelta().x()
        if turned and self.has_picture:
            self.zoom_by(turned / 120, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._can_move():
            self._grip = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is None:
            super().mouseMoveEvent(event)
            return
        moved = event.position() - self._grip
        self._grip = event.position()
        self.move_by(moved.x(), moved.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None
        self._follow()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if not self.has_picture:
            return
        if self.fits:
            self.zoom_to(2.0 if self._fit_scale() >= 1.0 else 1.0, event.position())
        else:
            self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.press(event):
            super().keyPressEvent(event)

    def press(self, event: QKeyEvent) -> bool:
        """Zoom or move with a key; whether it was one of those."""
        key = event.key()
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        page = 0.2 * min(self.width(), self.height())
        moves = {
            Qt.Key.Key_Left: (page, 0.0),
            Qt.Key.Key_Right: (-page, 0.0),
            Qt.Key.Key_Up: (0.0, page),
            Qt.Key.Key_Down: (0.0, -page),
        }
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(1)
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
            self.zoom_by(-1)
        elif key == Qt.Key.Key_0:
            self.fit()
        elif key == Qt.Key.Key_1:
            self.actual_size()
        elif key in moves and self._can_move() and (shifted or key in (Qt.Key.Key_Up, Qt.Key.Key_Down)):
            self.move_by(*moves[Qt.Key(key)])
        else:
            return False
        return True
