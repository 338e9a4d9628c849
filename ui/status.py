"""How things stand, at the foot of the rail: the model in use and a ring while something runs."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QFont, QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from thau_desktop.errors import ThauError
from thau_desktop.messages import ModelLoading, ModelReady
from thau_desktop.translation import _
from ui.theme import theme
from ui.widgets.buttons import ToolButton, button
from ui.widgets.card import line
from ui.widgets.labels import ElidedLabel, label
from ui.widgets.popover import Popover
from ui.words import grouped, size_of
from ui.worker import Worker, workers

_FRAME = 33  # milliseconds
_TURN = 1.1  # seconds for a whole turn of the ring


class StatusPill(ToolButton):
    """A dot while all is quiet, a ring while something runs; a click says what, how far, and can stop it.

    Attributes: `model`, what `ModelReady` last told; `problem`, why there is no model; `wide`, whether the model's
    name stands beside the dot.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("rail", True)
        self.setFixedSize(QSize(40, 40))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.model: ModelReady | None = None
        self.problem: ThauError | None = None
        self.wide = False
        self._angle = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME)
        self._timer.timeout.connect(self._turn)
        workers().changed.connect(self._on_changed)
        workers().noted.connect(self._on_noted)
        theme().changed.connect(self._on_changed)
        self.clicked.connect(self.open)
        self.retranslate()

    def retranslate(self) -> None:
        """Say how things stand in the language of now."""
        words = summary(self.model, self.problem)
        running = workers().running
        if running:
            words = f"{words}\n{title_of(running[-1])}"
        self.setToolTip(words)
        self.setAccessibleName(_("Status: {words}").format(words=words.replace("\n", ", ")))

    def show_problem(self, problem: ThauError) -> None:
        """The model could not be loaded."""
        self.problem = problem
        self._on_changed()

    @property
    def turning(self) -> bool:
        """Whether the ring moves."""
        return self._timer.isActive()

    @Slot()
    def open(self) -> None:
        """Show what runs, how far it is, and the buttons that stop it."""
        _StatusPopover(self).open()

    @Slot()
    def _on_changed(self) -> None:
        running = bool(workers().running)
        if running and self.isVisible() and theme().motion:
            self._timer.start()
        else:
            self._timer.stop()
        self.retranslate()
        self.update()

    @Slot(object)
    def _on_noted(self, event: object) -> None:
        if isinstance(event, ModelReady):
            self.model, self.problem = event, None
            self._on_changed()
        elif isinstance(event, ModelLoading):
            self.problem = None
            self._on_changed()

    @Slot()
    def _turn(self) -> None:
        self._angle = (self._angle + 360 * _FRAME / 1000 / _TURN) % 360
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._on_changed()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        center = QRectF(0, 0, self.height(), self.height()).center()
        if self.wide:
            self._paint_words(painter)
        running = workers().running
        if running:
            paint_ring(painter, QRectF(center.x() - 7, center.y() - 7, 14, 14), workers().fraction, self._angle)
            return
        color = "bad" if self.problem else "good" if self.model else "faint"
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color(f"{color}_soft" if color != "faint" else "press"))
        painter.drawEllipse(center, 8, 8)
        painter.setBrush(theme().color(color))
        painter.drawEllipse(center, 4, 4)

    def _paint_words(self, painter: QPainter) -> None:
        """What runs, else the model, beside the dot."""
        running = workers().running
        words = title_of(running[-1]) if running else summary(self.model, self.problem)
        font = QFont(self.font())
        font.setPixelSize(theme().tokens.type_small)
        painter.setFont(font)
        painter.setPen(theme().color("dim"))
        area = self.rect().adjusted(42, 0, -6, 0)
        shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


def paint_ring(painter: QPainter, place: QRectF, fraction: float | None, angle: float) -> None:
    """A pale ring with a green arc: a third of it that turns, or as much as is done."""
    pen = QPen(theme().color("press"), 2.4)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(place)
    pen.setColor(theme().color("good"))
    painter.setPen(pen)
    if fraction is None:
        painter.drawArc(place, int((90 - angle) * 16), -120 * 16)
    else:
        painter.drawArc(place, 90 * 16, -int(360 * 16 * min(1.0, max(0.02, fraction))))


def summary(model: ModelReady | None, problem: ThauError | None) -> str:
    """One line: the model and its device, or why there is none."""
    if problem is not None:
        return problem.what
    if model is None:
        return _("No model in memory yet")
    return f"{model.model} · {model.device}"


def title_of(worker: Worker) -> str:
    """What a worker does, in words."""
    return worker.title or _("Working…")


class _StatusPopover(Popover):
    def __init__(self, pill: StatusPill) -> None:
        super().__init__(pill)
        self._pill = pill
        self.setAccessibleName(_("Status"))
        self._shown: tuple[Worker, ...] | None = None
        self._bars: list[tuple[Worker, QProgressBar, ElidedLabel]] = []
        self._inside: QWidget | None = None
        workers().changed.connect(self._refresh)
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        if self._shown != workers().running:
            self._build()
        for worker, bar, note in self._bars:
            bar.setRange(0, 0 if worker.fraction is None else 1000)
            bar.setValue(int(1000 * (worker.fraction or 0)))
            note.setText(worker.note)
            note.setVisible(bool(worker.note))
        if self.isVisible():
            self.place()

    def _build(self) -> None:
        if self._inside is not None:
            self._inside.hide()
            self._inside.deleteLater()
        self._shown, self._bars = workers().running, []
        self._inside = QWidget()
        column = QVBoxLayout(self._inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self._add_model(column)
        column.addWidget(line())
        if not self._shown:
            column.addWidget(label(_("Nothing is running."), "dim"))
        for worker in self._shown:
            self._add_worker(column, worker)
        self.column.addWidget(self._inside)
        self._inside.show()  # a layout counts only what is shown

    def _add_model(self, column: QVBoxLayout) -> None:
        model, problem = self._pill.model, self._pill.problem
        if problem is not None:
            column.addWidget(label(problem.what, "strong", wrap=True))
            if problem.advice:
                column.addWidget(label(problem.advice, "dim", wrap=True))
        elif model is None:
            column.addWidget(label(_("No model in memory yet"), "strong"))
            column.addWidget(label(_("It is loaded with the first message."), "dim", wrap=True))
        else:
            column.addWidget(label(model.model, "strong", select=True))
            facts = [f"{model.device} · {model.dtype}", size_of(model.memory)]
            facts.append(_("{tokens} tokens of context").format(tokens=grouped(model.context)))
            column.addWidget(label(" · ".join(facts), "small", select=True))

    def _add_worker(self, column: QVBoxLayout, worker: Worker) -> None:
        row = QHBoxLayout()
        row.addWidget(ElidedLabel(title_of(worker)), 1)
        row.addWidget(button(_("Stop"), worker.stop))
        column.addLayout(row)
        bar, note = QProgressBar(), ElidedLabel("", "small")
        bar.setTextVisible(False)
        column.addWidget(bar)
        column.addWidget(note)
        self._bars.append((worker, bar, note))
