"""Two pictures side by side, or one over the other behind a slider; what they differ in is marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QPen, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from thau_desktop.store.pictures import Picture
from thau_desktop.translation import _
from ui.gallery.metadata import OF_THE_FILE, Metadata, facts
from ui.gallery.viewer_actions import gone_or_broken
from ui.gallery.viewer_canvas import LARGEST, Canvas
from ui.gallery.viewer_head import HEIGHT
from ui.gallery.viewer_problem import PictureProblem
from ui.gallery.viewer_reading import Decoded, Reader
from ui.theme import theme
from ui.widgets.buttons import button, icon_button
from ui.widgets.labels import ElidedLabel, label

if TYPE_CHECKING:
    from thau_desktop.app import Thau

_FACTS = 212  # pixels of what is known of each picture
_GRIP = 14  # pixels of the slider that a hand can take


def differences(left: Picture, right: Picture) -> frozenset[str]:
    """The keys of what two pictures were drawn with that is not the same."""
    one, other = ({fact.key: fact.value for fact in facts(picture)} for picture in (left, right))
    found = {key for key in one.keys() | other.keys() if one.get(key) != other.get(key)} - OF_THE_FILE
    if left.prompt != right.prompt:
        found.add("prompt")
    if left.negative_prompt != right.negative_prompt:
        found.add("negative_prompt")
    return frozenset(found)


class Compare(QWidget):
    """Shows a pair; `closed` asks to go. Attributes: `sides`, left and right; `wipe`, one over the other."""

    closed = Signal()

    def __init__(self, thau: Thau, reader: Reader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thau = thau
        self._reader = reader
        self._ids: Sequence[int] = ()
        self.setAccessibleName(_("Two pictures side by side"))
        self.sides = (Side(_("Left"), self), Side(_("Right"), self))
        for number, side in enumerate(self.sides):
            side.stepped.connect(lambda by, number=number: self._step(number, by))
            side.canvas.looked.connect(lambda number=number: self._follow(number))
        self.wipe = Wipe()
        self._build()
        for key, action in (("W", self.toggle_wipe), ("X", self.swap)):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(action)

    def _build(self) -> None:
        head = QFrame()
        head.setProperty("header", True)
        head.setFixedHeight(HEIGHT)
        top = QHBoxLayout(head)
        top.setContentsMargins(10, 0, 12, 0)
        top.setSpacing(4)
        self._said = label("", "dim")
        self._over = button(_("Slider"), self.toggle_wipe, icon_name="square-half")
        self._over.setCheckable(True)
        self._over.setToolTip(_("One over the other, parted by a slider (W)"))
        top.addWidget(icon_button("arrow-left", _("Back (Esc)"), self.closed.emit))
        top.addSpacing(4)
        top.addWidget(self._said)
        top.addStretch(1)
        top.addWidget(icon_button("arrows-left-right", _("Swap left and right (X)"), self.swap))
        top.addWidget(self._over)
        beside = _Parted()
        row = QHBoxLayout(beside)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        for side in self.sides:
            row.addWidget(side.canvas, 1)
        self._pictures = QStackedWidget()
        self._pictures.addWidget(beside)
        self._pictures.addWidget(self.wipe)
        words = _Parted()
        below = QHBoxLayout(words)
        below.setContentsMargins(0, 1, 0, 0)
        below.setSpacing(1)
        for side in self.sides:
            below.addWidget(side, 1)
        words.setFixedHeight(_FACTS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self._pictures, 1)
        column.addWidget(words)

    # --- what is shown --------------------------------------------------------------------------------------

    def show_pair(self, left: int, right: int, ids: Sequence[int] = ()) -> None:
        """Show two pictures; the arrows of each side go through `ids`."""
        self._ids = ids or [left, right]
        for side, picture in zip(self.sides, self._thau.pictures.rows([left, right]), strict=False):
            side.show_picture(picture)
        self._update()
        self.sides[0].canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def take(self, key: int, decoded: Decoded) -> None:
        """A picture was read."""
        for side in self.sides:
            if side.picture is not None and side.picture.id == key:
                side.show_decoded(decoded)
        self._show_wipe()

    @Slot()
    def swap(self) -> None:
        """Left becomes right."""
        left, right = (side.picture for side in self.sides)
        if left is not None and right is not None:
            self.show_pair(right.id, left.id, self._ids)

    @Slot()
    def toggle_wipe(self) -> None:
        """From side by side to one over the other, and back."""
        over = self._pictures.currentWidget() is not self.wipe
        self._over.setChecked(over)
        self._pictures.setCurrentIndex(int(over))
        self._show_wipe()
        (self.wipe if over else self.sides[0].canvas).setFocus(Qt.FocusReason.OtherFocusReason)

    def _step(self, number: int, by: int) -> None:
        side = self.sides[number]
        if side.picture is None or side.picture.id not in self._ids:
            return
        place = self._ids.index(side.picture.id) + by
        other = self.sides[1 - number].picture
        if 0 <= place < len(self._ids) and other is not None and self._ids[place] == other.id:
            place += by  # a picture beside itself says nothing
        if 0 <= place < len(self._ids):
            found = self._thau.pictures.find(self._ids[place])
            if found is not None:
                side.show_picture(found)
                self._update()

    def _update(self) -> None:
        left, right = (side.picture for side in self.sides)
        if left is None or right is None:
            return
        different = differences(left, right)
        for side in self.sides:
            side.mark(different)
            assert side.picture is not None
            known = self._reader.get(side.picture.id)
            if known is not None:
                side.show_decoded(known)
        gallery = self._thau.gallery
        self._reader.want((picture.id, gallery.path(picture)) for picture in (left, right))
        self._said.setText(_("Differences are marked") if different else _("Drawn with the same settings"))
        self._show_wipe()

    def _show_wipe(self) -> None:
        decoded = [side.canvas.decoded for side in self.sides]
        if self._pictures.currentWidget() is self.wipe and all(decoded):
            self.wipe.show_pair(*decoded)  # type: ignore[arg-type]

    def _follow(self, number: int) -> None:
        self.sides[1 - number].canvas.set_look(self.sides[number].canvas.look)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) and self._pictures.currentWidget() is not self.wipe:
            number = 0 if self.sides[0].canvas.hasFocus() else 1
            self._step(number, 1 if event.key() == Qt.Key.Key_Right else -1)
        else:
            super().keyPressEvent(event)


class _Parted(QWidget):
    """What is seen between its children is a line."""

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), theme().color("line"))


class Side(QFrame):
    """The facts of one picture; its `canvas` stands elsewhere. `stepped` asks for the next (1) or the one before."""

    stepped = Signal(int)

    def __init__(self, name: str, around: QWidget) -> None:
        super().__init__(around)
        self.picture: Picture | None = None
        self.canvas = Canvas(around, margin=8, largest=LARGEST)
        self._name = name
        self.setProperty("panel", True)
        self._problem = PictureProblem(self.canvas)
        self.canvas.installEventFilter(self)
        self._title = ElidedLabel("", "small")
        self.metadata = Metadata(brief=True)
        row = QHBoxLayout()
        row.setContentsMargins(16, 8, 8, 4)
        row.addWidget(self._title, 1)
        before = _("Previous picture at the left") if name == _("Left") else _("Previous picture at the right")
        after = _("Next picture at the left") if name == _("Left") else _("Next picture at the right")
        row.addWidget(icon_button("caret-left", before, lambda: self.stepped.emit(-1), size=16))
        row.addWidget(icon_button("caret-right", after, lambda: self.stepped.emit(1), size=16))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.metadata, 1)

    def show_picture(self, picture: Picture) -> None:
        """Another picture, which is being read."""
        self.picture = picture
        self._title.setText(picture.file)
        self._problem.hide()
        self.canvas.show_nothing()
        self.canvas.setAccessibleName(f"{self._name}: {picture.prompt}")

    def show_decoded(self, decoded: Decoded) -> None:
        """It was read, or can't be."""
        look = self.canvas.look
        self.canvas.show_decoded(decoded)
        self.canvas.set_look(look)
        if not decoded.levels:
            self._problem.say(gone_or_broken(decoded), "")

    def mark(self, different: frozenset[str]) -> None:
        """Show what is known of it, with these keys marked."""
        if self.picture is not None:
            self.metadata.show_picture(self.picture, different)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._problem.place()
        return False


class Wipe(Canvas):
    """The right picture over the left one from a line on, which the mouse or Left and Right move.

    Attributes: `line`, where it is, from 0 to 1.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, largest=LARGEST)
        self.line = 0.5
        self._over: Decoded | None = None
        self._moves = False
        self.setMouseTracking(True)
        self.setAccessibleName(_("One picture over the other"))

    def show_pair(self, left: Decoded, right: Decoded) -> None:
        """Show `left`, and `right` over it."""
        look = self.look
        self._over = right
        if left is not self.decoded:
            self.show_decoded(left)
            self.set_look(look)
        self.update()

    def move_line(self, to: float) -> None:
        """Put the line there."""
        self.line = min(max(to, 0.0), 1.0)
        self.update()

    def paint_picture(self, painter: QPainter) -> None:
        super().paint_picture(painter)
        if self._over is None or not self._over.levels:
            return
        x = self.line * self.width()
        painter.save()
        painter.setClipRect(QRectF(x, 0, self.width() - x, self.height()))
        painter.fillRect(self.rect(), theme().color("code"))
        place = self.picture_rect()
        size = self._over.size.toSizeF().scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio)
        corner = place.center() - QPointF(size.width() / 2, size.height() / 2)
        painter.drawImage(QRectF(corner, size), self._over.image)
        painter.restore()
        self._paint_line(painter, x)

    def _paint_line(self, painter: QPainter, x: float) -> None:
        color = theme().color
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color("accent"), 2))
        painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        painter.setPen(QPen(color("line"), 1))
        painter.setBrush(color("card"))
        middle = QPointF(x, self.height() / 2)
        painter.drawEllipse(middle, _GRIP, _GRIP)
        theme().icon("arrows-left-right", "accent").paint(
            painter, QRectF(middle.x() - 8, middle.y() - 8, 16, 16).toRect()
        )
        painter.restore()

    def _near(self, x: float) -> bool:
        return abs(x - self.line * self.width()) <= _GRIP

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._near(event.position().x()):
            self._moves = True
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._moves:
            self.move_line(x / max(1, self.width()))
            return
        super().mouseMoveEvent(event)
        if not event.buttons():
            self.setCursor(Qt.CursorShape.SplitHCursor if self._near(x) else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._moves = False
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) and not event.modifiers():
            self.move_line(self.line + (0.02 if event.key() == Qt.Key.Key_Right else -0.02))
        else:
            super().keyPressEvent(event)
