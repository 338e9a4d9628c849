"""What a model thought before it answered, folded into one line."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from thau_desktop.translation import _
from ui.chat.buttons import WordButton
from ui.chat.plain import PlainView
from ui.chat.stage import Stage
from ui.chat.text_view import TextView


class ReasoningView(QWidget):
    """Attributes: `text`. Its words are laid out only once somebody wants to read them."""

    grew = Signal()
    gap = 0

    def __init__(self, stage: Stage, parent: QWidget | None = None, *, streaming: bool = False) -> None:
        super().__init__(parent)
        self.text = ""
        self._stage = stage
        self._seconds = 0.0
        self._began = time.monotonic() if streaming else 0.0
        self._words: PlainView | None = None
        self._button = FoldButton(stage.style, "", self)
        self._button.clicked.connect(self._fold)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._show_words)
        self._title()

    def append(self, delta: str) -> None:
        """More thoughts."""
        self.text += delta
        if self._words is not None and not self._timer.isActive():
            self._timer.start(100)

    def finish(self, seconds: float = 0.0) -> None:
        """The thinking is over; it took so long, or as long as it was seen here."""
        if seconds or self._began:
            self._seconds = seconds or self._seconds or time.monotonic() - self._began
        self._began = 0.0
        self._show_words()
        self._title()

    def set_text(self, text: str, seconds: float) -> None:
        """Stored thoughts."""
        self.text, self._seconds = text, seconds
        self._title()

    def texts(self) -> list[TextView]:
        """The texts in it that can be selected."""
        return [self._words] if self._words is not None else []

    def restyle(self) -> None:
        """The theme changed."""
        for text in self.texts():
            text.restyle()

    def fit(self, width: int) -> int:
        """Place everything; returns the height."""
        size = self._button.sizeHint()
        self._button.setGeometry(0, 0, min(width, size.width()), size.height())
        if self._words is None:
            return size.height()
        height = self._words.fit(width - 28)
        self._words.setGeometry(28, size.height() + 4, width - 28, height)
        return size.height() + height + 10

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._words is not None:
            painter = QPainter(self)
            painter.fillRect(13, self._words.y(), 2, self._words.height(), self._stage.style.theme.color("line"))

    def _title(self) -> None:
        if self._began:
            words = _("Thinking…")
        elif self._seconds:
            words = _("Thought for {n} s").format(n=max(1, round(self._seconds)))
        else:
            words = _("Thoughts")
        self._button.setText(words)
        self._button.set_open(self._words is not None)
        self.grew.emit()

    @Slot()
    def _fold(self) -> None:
        if self._words is None:
            self._words = PlainView(self._stage, self, kind="body", ink="dim")
            self._show_words()
            self._words.show()
        else:
            self._words.hide()
            self._words.deleteLater()
            self._words = None
        self._title()

    @Slot()
    def _show_words(self) -> None:
        if self._words is not None:
            self._words.set_text(self.text.strip())
            self.grew.emit()


class FoldButton(WordButton):
    """A line that folds what is below it."""

    def set_open(self, opened: bool) -> None:
        """Show which way the next click goes."""
        self._icon = "caret-down" if opened else "caret-right"
        self.setAccessibleName(self.text() + ". " + (_("Hide") if opened else _("Show")))
        self.update()

    def font_used(self):  # type: ignore[no-untyped-def]
        return self.look.body_font
