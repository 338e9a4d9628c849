"""Why there is no picture to see, where it would be."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.widgets.buttons import button
from ui.widgets.labels import IconLabel, label

_WIDTH = 420


class PictureProblem(QWidget):
    """Hidden while all is well; stands in the middle of `parent`. Attributes: `words`, what it says; `action`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._around = parent
        self._do: Callable[[], object] | None = None
        self._what = label("", "heading", wrap=True)
        self._advice = label("", "dim", wrap=True)
        self.action = button("", self._act)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addStretch(1)
        column.addWidget(IconLabel("warning", "warn", 32), 0, Qt.AlignmentFlag.AlignHCenter)
        for words in (self._what, self._advice):
            words.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(words)
        column.addSpacing(4)
        column.addWidget(self.action, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self.hide()

    @property
    def words(self) -> str:
        """What it says, "" while hidden."""
        return "" if self.isHidden() else self._what.text()

    def say(self, what: str, advice: str, action: str = "", do: Callable[[], object] | None = None) -> None:
        """Show a problem and perhaps a button."""
        self._what.setText(what)
        self._advice.setText("\u200b/".join(advice.split("/")))  # a long path may be broken
        self.action.setText(action)
        self.action.setVisible(bool(action))
        self._do = do
        self.place()
        self.show()

    def place(self) -> None:
        """In the middle of what it is on."""
        around = self._around
        width = min(_WIDTH, around.width())
        self.setGeometry((around.width() - width) // 2, 0, width, around.height())

    @Slot()
    def _act(self) -> None:
        if self._do is not None:
            self._do()
