"""A sentence in place, next to what it is about, with at most one button and a way to dismiss it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from thau_desktop.translation import _
from ui.widgets.buttons import button, icon_button
from ui.widgets.labels import label


class Note(QWidget):
    """Hidden while it has nothing to say."""

    def __init__(self, parent: QWidget | None = None, *, closable: bool = True) -> None:
        super().__init__(parent)
        self._action: Callable[[], object] | None = None
        self._words = label("", "small", wrap=True)
        self._button = button("", self.press, kind="link")
        close = icon_button("x", _("Dismiss"), self.clear, size=12)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._words, 1)
        row.addWidget(self._button)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        close.setVisible(closable)  # once it has a parent: before, it would be a window of its own
        self.hide()

    @property
    def words(self) -> str:
        """What it says now, "" when hidden."""
        return "" if self.isHidden() else self._words.text()

    def say(self, words: str, button: str = "", action: Callable[[], object] | None = None) -> None:
        """Show a sentence; "" hides it. The button does `action` and takes the note away."""
        self._words.setText(words)
        self._button.setText(button)
        self._button.setVisible(bool(button))
        self._action = action
        self.setVisible(bool(words))

    @Slot()
    def clear(self) -> None:
        """Say nothing."""
        self.say("")

    @Slot()
    def press(self) -> None:
        """What a click on its button does."""
        action = self._action
        self.clear()
        if action is not None:
            action()
