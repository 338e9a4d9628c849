"""The scrolled column of messages: who stands where, and what stays in place when something above it grows."""

from __future__ import annotations

import time
from collections.abc import Iterable

from PySide6.QtCore import QPoint, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from ui.chat.message_view import BLEED, MessageView
from ui.theme import Theme

WIDTH = 760
_MARGIN = 24
# Seconds of one go at laying out messages that nobody sees just now.
_SLICE = 0.006


class Column(QScrollArea):
    """Holds messages, sticks to the bottom until the person scrolls up, and keeps what is read in place.

    Attributes: `messages`, in order; `sticks`, whether it follows its end; `inner`, what is scrolled.
    """

    scrolled = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.messages: list[MessageView] = []
        self.sticks = True
        self._heights: dict[MessageView, int] = {}
        self._stale: dict[MessageView, bool] = {}
        self._placing = False
        self._theme = theme
        self.inner = QWidget()
        self.inner.setObjectName("transcript")
        self.setWidget(self.inner)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._ring = _Ring(self)
        # Only an opaque widget is moved when it scrolls; any other is painted anew as a whole.
        self.inner.setAutoFillBackground(True)
        self._fill_ground()
        self.verticalScrollBar().setSingleStep(40)
        self.verticalScrollBar().valueChanged.connect(self._on_scroll)
        self._later = QTimer(self, singleShot=True)
        self._later.timeout.connect(self._fit_some)

    # --- messages -----------------------------------------------------------------------------------

    def insert(self, position: int, messages: Iterable[MessageView]) -> None:
        """Put messages there; what is seen stays where it is, or the end is followed."""
        with _Steady(self):
            for number, message in enumerate(messages, start=position):
                message.setParent(self.inner)
                message.grew.connect(self._on_grew)
                self.messages.insert(number, message)
                self._heights[message] = message.fit(self._column_width())
                message.show()

    def remove(self, messages: Iterable[MessageView]) -> None:
        """Take messages away."""
        with _Steady(self):
            for message in list(messages):
                self.messages.remove(message)
                self._heights.pop(message)
                self._stale.pop(message, None)
                message.grew.disconnect(self._on_grew)
                message.hide()
                message.deleteLater()

    def restyle(self) -> None:
        """The theme changed: seen messages follow at once, the others in a moment."""
        self._fill_ground()
        self._refit(restyle=True)

    def _fill_ground(self) -> None:
        palette = self.inner.palette()
        palette.setColor(QPalette.ColorRole.Window, self._theme.color("bg"))
        self.inner.setPalette(palette)

    # --- scrolling ----------------------------------------------------------------------------------

    def scroll_to_end(self) -> None:
        """Show the last line and follow it from now on."""
        self.sticks = True
        self._place()

    def scroll_to(self, message: MessageView, y: int = 0, margin: int = 80) -> None:
        """Show that line of the message, unless it is seen already."""
        bar = self.verticalScrollBar()
        top = message.y() + y
        if not bar.value() + margin <= top <= bar.value() + self.viewport().height() - margin:
            self.sticks = False
            bar.setValue(top - self.viewport().height() // 3)
        self.sticks = self._at_end()

    def first_seen(self) -> int:
        """The number of the first message that is at least partly seen; the last one if there is none."""
        top = self.verticalScrollBar().value()
        for number, message in enumerate(self.messages):
            if message.y() + message.height() > top:
                return number
        return len(self.messages) - 1

    def _at_end(self) -> bool:
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum() - 8

    @Slot()
    def _on_scroll(self) -> None:
        if not self._placing:
            self.sticks = self._at_end()
            self.scrolled.emit()

    # --- places -------------------------------------------------------------------------------------

    def _column_width(self) -> int:
        return max(240, min(WIDTH, self.viewport().width() - 2 * _MARGIN))

    @Slot()
    def _on_grew(self) -> None:
        message = self.sender()
        if not isinstance(message, MessageView) or message not in self._heights:
            return
        height = message.fit(self._column_width())
        if height != self._heights[message]:
            with _Steady(self):
                self._heights[message] = height

    def _place(self) -> None:
        """Set everything to its place; called by `_Steady` after something changed."""
        self._placing = True
        width = self._column_width()
        left = max(_MARGIN, (self.viewport().width() - width) // 2)
        y = _MARGIN
        for number, message in enumerate(self.messages):
            y += message.gap if number else 0
            height = self._heights[message]
            message.setGeometry(left - BLEED, y, width + 2 * BLEED, height)
            y += height
        self.inner.resize(self.viewport().width(), max(y + _MARGIN, self.viewport().height()))
        if self.sticks:
            self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())
        self._placing = False

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._ring.setVisible(event.reason() != Qt.FocusReason.MouseFocusReason)
        self._ring.raise_()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._ring.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._ring.resize(self.size())
        if event.size().width() != event.oldSize().width():
            self._refit()
        else:
            self._place()
        self.scrolled.emit()

    def _refit(self, restyle: bool = False) -> None:
        with _Steady(self):
            top = self.verticalScrollBar().value() - self.viewport().height()
            bottom = top + 3 * self.viewport().height()
            for message in reversed(self.messages):
                if message.y() + message.height() >= top and message.y() <= bottom:
                    self._fit_one(message, restyle or self._stale.pop(message, False))
                else:
                    self._stale[message] = restyle or self._stale.get(message, False)
        if self._stale:
            self._later.start(0)

    def _fit_one(self, message: MessageView, restyle: bool) -> None:
        if restyle:
            message.restyle()
        self._heights[message] = message.fit(self._column_width())

    @Slot()
    def _fit_some(self) -> None:
        end = time.perf_counter() + _SLICE
        with _Steady(self):
            while self._stale and time.perf_counter() < end:
                self._fit_one(*self._stale.popitem())
        if self._stale:
            self._later.start(0)


class _Ring(QWidget):
    """Shows that the column has the keyboard: the arrow keys scroll it."""

    def __init__(self, column: Column) -> None:
        super().__init__(column)
        self._theme = column._theme
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("accent"), 2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(3, 3, -3, -3), 8, 8)


class _Steady:
    """While it is open things change; afterwards what was seen first is where it was, or the end is seen."""

    def __init__(self, column: Column) -> None:
        self._column = column

    def __enter__(self) -> None:
        column = self._column
        number = column.first_seen()
        self._kept = column.messages[number] if column.messages else None
        self._offset = self._kept.y() - column.verticalScrollBar().value() if self._kept is not None else 0

    def __exit__(self, *_exception: object) -> None:
        column = self._column
        column._place()
        if not column.sticks and self._kept in column._heights:
            assert self._kept is not None
            column._placing = True
            column.verticalScrollBar().setValue(self._kept.y() - self._offset)
            column._placing = False


def point_in(message: MessageView, view: QWidget, y: int) -> int:
    """That line of a text as a line of its message."""
    return view.mapTo(message, QPoint(0, y)).y()
