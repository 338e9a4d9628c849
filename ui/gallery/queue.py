"""What is being drawn, with its preview, and what waits, in its order; what failed, with what mends it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from thau_desktop.errors import ThauError
from thau_desktop.translation import _, ngettext_
from ui.chat.flow import FlowRow
from ui.gallery.generating import Drawing, Drawings, progress_of, rate_of
from ui.theme import theme
from ui.widgets.buttons import button, icon_button
from ui.widgets.card import Card
from ui.widgets.labels import ElidedLabel, IconLabel, label
from ui.widgets.layouts import clear

_LEAST, _MOST = 120, 288  # pixels of the preview's height


class QueueView(QWidget):
    """Shows `drawings`. `action` asks for what an error's button does, with its `Drawing` and the error."""

    action = Signal(object, object)

    def __init__(self, drawings: Drawings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawings = drawings
        self.running = RunningCard(drawings)
        self.problem = ProblemCard()
        self.problem.action.connect(self.action)
        self.problem.retry.connect(lambda drawing: drawings.add(drawing.request, first=True))
        self._head = label("", "section")
        self._go_on = button(_("Go on"), drawings.go_on, kind="link")
        self._list = QWidget()
        self._rows = QVBoxLayout(self._list)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self._made: list[QWidget] = []
        top = QHBoxLayout()
        top.addWidget(self._head, 1)
        top.addWidget(self._go_on)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.problem)
        column.addWidget(self.running)
        self._waiting = QWidget()
        below = QVBoxLayout(self._waiting)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(4)
        below.addLayout(top)
        below.addWidget(self._list)
        column.addWidget(self._waiting)
        drawings.changed.connect(self.refresh)
        drawings.progressed.connect(self.running.show_drawing)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Bring everything in line with what runs and waits."""
        drawings = self._drawings
        if drawings.current is not None:
            self.running.show_drawing(drawings.current)
        # Only now: a progress bar that is seen paints itself at once, before anything has its place.
        self.running.setVisible(drawings.current is not None)
        many = len(drawings.waiting)
        words = ngettext_("{n} waits", "{n} wait", many).format(n=many)
        self._head.setText(words if not drawings.held else f"{words} · {_('stopped after a problem')}")
        self._go_on.setVisible(drawings.held)
        self._waiting.setVisible(many > 0)
        self._build_rows()

    def _build_rows(self) -> None:
        kept = self._focused()
        clear(self._rows)
        self._made = [self._row(place, drawing) for place, drawing in enumerate(self._drawings.waiting)]
        for row in self._made:
            self._rows.addWidget(row)
        if kept is not None:
            self._give_focus(*kept)

    def _row(self, place: int, drawing: Drawing) -> QWidget:
        request = drawing.request
        row = QWidget()
        across = QHBoxLayout(row)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(2)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(ElidedLabel(request.prompt))
        size = f"{request.width} × {request.height}"
        many = ngettext_("{n} picture", "{n} pictures", request.count).format(n=request.count)
        words.addWidget(ElidedLabel(f"{many} · {size}", "small"))
        across.addLayout(words, 1)
        name = request.prompt[:60]
        moves: list[tuple[str, str, Callable[[], object], bool]] = [
            ("arrow-up", _("Earlier: {name}"), lambda: self._drawings.move(drawing, -1), place > 0),
            ("x", _("Take out: {name}"), lambda: self._drawings.remove(drawing), True),
        ]
        for icon_name, said, act, usable in moves:
            made = icon_button(icon_name, said.format(name=name), act, size=14)
            made.setEnabled(usable)
            made.setProperty("does", icon_name)
            across.addWidget(made)
        return row

    def _focused(self) -> tuple[int, str] | None:
        """Which row and button has the keyboard."""
        here = QApplication.focusWidget()
        place = next((place for place, row in enumerate(self._made) if here is not None and row.isAncestorOf(here)), -1)
        return (place, str(here.property("does"))) if here is not None and place >= 0 else None

    def _give_focus(self, place: int, does: str) -> None:
        """The same button, on the row that moved or on the one that took its place."""
        if not self._made:
            return
        place = max(0, place - 1) if does == "arrow-up" else min(place, len(self._made) - 1)
        buttons = {str(made.property("does")): made for made in self._made[place].findChildren(QWidget)}
        target = buttons[does] if buttons[does].isEnabled() else buttons["x"]
        target.setFocus(Qt.FocusReason.OtherFocusReason)


class RunningCard(Card):
    """How far the present drawing is, with its preview and a stop button."""

    def __init__(self, drawings: Drawings) -> None:
        super().__init__(margin=12, spacing=4)
        self.setAccessibleName(_("Being drawn"))
        self.preview = Preview()
        self._which = label("", "strong")
        self._progress = label("", "dim")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(_("Progress of the drawing"))
        self._rate = label("", "small")
        self._note = label("", "small", wrap=True)
        self.stop_button = icon_button("stop-fill", _("Stop drawing"), drawings.stop, size=14)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._which)
        top.addWidget(self._progress, 1, Qt.AlignmentFlag.AlignRight)
        middle = QHBoxLayout()
        middle.setSpacing(8)
        middle.addWidget(self._bar, 1, Qt.AlignmentFlag.AlignVCenter)
        middle.addWidget(self.stop_button)
        self.column.addWidget(self.preview)
        self.column.addSpacing(4)
        self.column.addLayout(top)
        self.column.addLayout(middle)
        self.column.addWidget(self._rate)
        self.column.addWidget(self._note)

    @property
    def words(self) -> str:
        """What it says of how far the drawing is."""
        shown: list[QLabel] = [self._which, self._progress, self._rate, self._note]
        return " · ".join(one.text() for one in shown if one.text())

    @Slot(object)
    def show_drawing(self, drawing: Drawing) -> None:
        """Show how far it is."""
        count = drawing.request.count
        which = _("{n} of {count}").format(n=min(drawing.number + 1, count), count=count)
        self._which.setText(which if count > 1 else _("Drawing"))
        progress = progress_of(drawing)
        self._progress.setText(_("Stopping…") if drawing.stopping else progress or _("Getting ready…"))
        fraction = drawing.fraction
        self._bar.setRange(0, 0 if fraction is None else 1000)
        self._bar.setValue(round(1000 * (fraction or 0)))
        self._rate.setText(rate_of(drawing))
        self._rate.setVisible(bool(self._rate.text()))
        self._note.setText(drawing.note)
        self._note.setVisible(bool(drawing.note))
        self.stop_button.setEnabled(not drawing.stopping)
        self.preview.show_image(drawing.preview, drawing.request.width / drawing.request.height)


class Preview(QWidget):
    """The picture as it stands now, on a quiet ground of its shape."""

    def __init__(self) -> None:
        super().__init__()
        self._image: QImage | None = None
        self._shape = 1.0
        self.setFixedHeight(_LEAST)
        theme().changed.connect(self.update)

    @property
    def image(self) -> QImage | None:
        return self._image

    def set_room(self, height: int) -> None:
        """Be that high, or as high as the picture is at this width."""
        self.setFixedHeight(round(max(_LEAST, min(height, self.width() / self._shape, _MOST))))

    def show_image(self, image: QImage | None, shape: float) -> None:
        """Show another state; `shape` is the width of the picture divided by its height."""
        self._shape, self._image = shape, image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        width = min(self.width(), self.height() * self._shape)
        height = width / self._shape
        place = QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)
        outline = QPainterPath()
        outline.addRoundedRect(place, 6, 6)
        painter.setClipPath(outline)
        painter.fillRect(place, theme().color("press"))
        if self._image is not None:
            painter.drawImage(place, self._image)
        else:
            painter.setClipping(False)
            side = 28
            middle = place.center()
            spot = QRectF(middle.x() - side / 2, middle.y() - side / 2, side, side).toRect()
            theme().icon("image", "faint").paint(painter, spot)


class ProblemCard(Card):
    """Why a drawing failed: what to do, the button that does it, another try, details on demand.

    Signals: `action` with the `Drawing` and its error; `retry` with the `Drawing`.
    """

    action = Signal(object, object)
    retry = Signal(object)

    def __init__(self) -> None:
        super().__init__(margin=12, spacing=6)
        self._drawing: Drawing | None = None
        self._error: ThauError | None = None
        self._what = label("", "strong", wrap=True)
        self._advice = label("", "", wrap=True)
        self._details = label("", "small", wrap=True)
        self.do_button = button("", self._do, kind="accent")
        self.retry_button = button(_("Try again"), self._retry)
        self._more = button(_("Details"), self._toggle_details, kind="link")
        self._close = icon_button("x", _("Dismiss"), self.hide, size=14)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(IconLabel("warning", "bad", 18), 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self._what, 1, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        row = FlowRow()
        for made in (self.do_button, self.retry_button, self._more):
            row.add(made)
        self.column.addLayout(top)
        self.column.addWidget(self._advice)
        self.column.addWidget(self._details)
        self.column.addWidget(row)
        self.hide()

    @property
    def words(self) -> str:
        """What it says, "" while hidden."""
        return "" if self.isHidden() else f"{self._what.text()} {self._advice.text()}".strip()

    def show_error(self, drawing: Drawing, error: ThauError) -> None:
        """Say why that one failed."""
        self._drawing, self._error = drawing, error
        self.setAccessibleName(str(error))
        self._what.setText(error.what)
        self._advice.setText(error.advice)
        self._advice.setVisible(bool(error.advice))
        self._details.setText(error.details[-2000:])
        self._details.hide()
        self._more.setVisible(bool(error.details))
        self.do_button.setText(error.action.label if error.action is not None else "")
        self.do_button.setVisible(error.action is not None)
        self.show()

    @Slot()
    def _do(self) -> None:
        self.hide()
        self.action.emit(self._drawing, self._error)

    @Slot()
    def _retry(self) -> None:
        self.hide()
        self.retry.emit(self._drawing)

    @Slot()
    def _toggle_details(self) -> None:
        self._details.setVisible(self._details.isHidden())
