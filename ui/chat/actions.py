"""The row of small buttons under an answer, and the two beside what a person wrote."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from thau_desktop.translation import _
from ui.chat.buttons import IconButton
from ui.chat.shown import Shown
from ui.chat.stage import Stage
from ui.chat.variants import Variants
from ui.words import decimal


class ActionRow(QWidget):
    """Copy, regenerate, variants, thumbs, correct, and how fast the answer came."""

    copy = Signal()
    regenerate = Signal()
    step = Signal(int)
    rate = Signal(int)
    correct = Signal()
    gap = 6

    def __init__(self, stage: Stage, shown: Shown, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stage = stage
        self._shown = shown
        style = stage.style
        self._copy = IconButton(style, "copy", _("Copy the answer"), self)
        self._again = IconButton(style, "arrow-clockwise", _("Answer again"), self)
        self._variants: Variants | None = None
        self._up = IconButton(style, "thumbs-up", _("Good answer"), self)
        self._down = IconButton(style, "thumbs-down", _("Bad answer"), self)
        self._correct = IconButton(style, "pencil-simple", _("Correct this answer"), self)
        self._copy.clicked.connect(self.copy)
        self._again.clicked.connect(self.regenerate)
        self._up.clicked.connect(lambda: self._rate(1))
        self._down.clicked.connect(lambda: self._rate(-1))
        self._correct.clicked.connect(self.correct)
        self.set_shown(shown)

    def set_shown(self, shown: Shown) -> None:
        """Follow the message: its rating, variants and speed."""
        self._shown = shown
        self._show_rating()
        if shown.variants > 1 and self._variants is None:
            self._variants = Variants(self._stage.style, _("Previous answer"), _("Next answer"), self)
            self._variants.step.connect(self.step)
        if self._variants is not None:
            self._variants.set_shown(shown)
        self.fit(self.width())
        self.update()

    def fit(self, width: int) -> int:
        """Place the buttons; returns the height."""
        x = 3
        for button in (self._copy, self._again):
            button.move(x, 0)
            x += 29
        if self._variants is not None and self._shown.variants > 1:
            self._variants.move(x, 0)
            x += self._variants.fit() + 4
        for button in (self._up, self._down, self._correct):
            button.move(x, 0)
            x += 29
        self._end = x + 4
        return 26

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        style = self._stage.style
        painter.setFont(style.small_font)
        painter.setPen(style.theme.color("dim"))
        area = QRect(self._end, 0, max(0, self.width() - self._end), 26)
        if self._stage.show_speed:
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, speed_of(self._shown))

    def _rate(self, value: int) -> None:
        self.rate.emit(0 if self._shown.rating == value else value)

    def _show_rating(self) -> None:
        liked, disliked = self._shown.rating > 0, self._shown.rating < 0
        up, down = (_("Good answer"), _("Bad answer"))
        self._up.describe("thumbs-up", _("Good answer (chosen)") if liked else up, "accent" if liked else "dim")
        self._down.describe("thumbs-down", _("Bad answer (chosen)") if disliked else down, "bad" if disliked else "dim")


def speed_of(shown: Shown) -> str:
    """Such as "31 tok/s · 0.21 s"; "" where nothing was measured."""
    if not shown.tokens_per_second:
        return ""
    places = 0 if shown.tokens_per_second >= 9.95 else 1
    speed = _("{n} tok/s").format(n=decimal(shown.tokens_per_second, places))
    return f"{speed} · {decimal(shown.first_token_seconds, 2)} s" if shown.first_token_seconds else speed


class QuietActions(QWidget):
    """Edit and copy, seen only while the pointer or the focus is on the message."""

    edit = Signal()
    copy = Signal()

    def __init__(self, stage: Stage, parent: QWidget) -> None:
        super().__init__(parent)
        self._edit = _QuietButton(stage.style, "pencil-simple", _("Edit"), self)
        self._copy = _QuietButton(stage.style, "copy", _("Copy"), self)
        self._copy.move(29, 0)
        self._edit.clicked.connect(self.edit)
        self._copy.clicked.connect(self.copy)
        self.setFixedSize(55, 26)

    @Slot(bool)
    def show_now(self, shown: bool) -> None:
        """Show or hide the icons; they stay in the tab order."""
        for button in (self._edit, self._copy):
            button.shown = shown
            button.update()


class _QuietButton(IconButton):
    shown = False

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.shown or self.hasFocus() or self.underMouse():
            super().paintEvent(event)
