"""The line that says that an answer is not whole: an error, a stop, an interruption, with a button to try again."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from thau_desktop.translation import _
from ui.chat.buttons import WordButton
from ui.chat.plain import PlainView
from ui.chat.shown import Shown
from ui.chat.stage import Stage
from ui.chat.text_view import TextView


class ProblemNote(QWidget):
    """What happened to the answer, and *retry*."""

    retry = Signal()
    gap = 12

    def __init__(self, stage: Stage, shown: Shown, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stage = stage
        self._serious = shown.state == "error"
        self._words = PlainView(stage, self, kind="body", ink="text" if self._serious else "dim")
        self._words.set_text(_words_of(shown))
        self._retry = WordButton(stage.style, _("Try again"), self, token="accent", strong=True)
        self._retry.clicked.connect(self.retry)

    def texts(self) -> list[TextView]:
        """The texts in it that can be selected."""
        return [self._words]

    def restyle(self) -> None:
        """The theme changed."""
        self._words.restyle()

    def fit(self, width: int) -> int:
        """Place everything; returns the height."""
        edge = 12 if self._serious else 4
        button = self._retry.sizeHint()
        room = width - 24 - 2 * edge - button.width() - 8
        height = self._words.fit(room)
        tall = max(height, button.height()) + 2 * (10 if self._serious else 2)
        self._words.setGeometry(24 + edge, (tall - height) // 2 + 2, room, height)
        left = width - edge - button.width() + 4 if self._serious else self._end_of_words() + 8
        self._retry.setGeometry(left, (tall - button.height()) // 2, button.width(), button.height())
        return tall

    def _end_of_words(self) -> int:
        return self._words.x() + min(self._words.width(), round(self._words.document.idealWidth()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._stage.style.theme
        if self._serious:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("bad_soft"))
            painter.drawRoundedRect(QRectF(self.rect()), 8, 8)
        name, token = ("warning", "bad") if self._serious else ("stop-circle", "dim")
        edge = 12 if self._serious else 1
        theme.icon(name, token).paint(painter, QRect(edge, (self.height() - 16) // 2, 16, 16))


def _words_of(shown: Shown) -> str:
    match shown.state:
        case "error":
            what = shown.error or _("The answer could not be finished.")
            return f"{what} {shown.advice}".strip()
        case "interrupted":
            return _("Interrupted: THAU was closed before the answer was whole.")
        case _:
            return _("Stopped.")
