"""What the window shows in the moment before the core is there: the chat page's bare surfaces, or why it failed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from thau_desktop.errors import Action, ThauError
from thau_desktop.translation import _
from ui.logo import Logo
from ui.widgets.buttons import button
from ui.widgets.labels import label
from ui.widgets.layouts import centred, clear

_PATIENCE = 1500  # milliseconds until it says why there is nothing to see yet


class StartingPage(QWidget):
    """The same surfaces as the chat page, so that nothing jumps when it comes."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("page", True)
        side = QFrame()
        side.setProperty("side", "left")
        side.setFixedWidth(256)
        self._side = side
        self._column = QVBoxLayout()
        self._column.setContentsMargins(24, 24, 24, 24)
        self._column.setSpacing(8)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(side)
        row.addLayout(self._column, 1)
        self._waiting = QTimer(self)
        self._waiting.setSingleShot(True)
        self._waiting.setInterval(_PATIENCE)
        self._waiting.timeout.connect(self._say_waiting)
        self._waiting.start()

    def show_waiting(self) -> None:
        """It is tried again: back to the bare surfaces."""
        self._side.show()
        clear(self._column)
        self._waiting.start()

    @Slot()
    def _say_waiting(self) -> None:
        words = label(_("Opening your conversations…"), "dim")
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._column.addWidget(words)

    def show_error(self, error: ThauError, act: Callable[[Action | None], object], retry: Callable[[], object]) -> None:
        """Say what happened, what to do, and offer to try again."""
        self._waiting.stop()
        self._side.hide()
        clear(self._column)
        center = Qt.AlignmentFlag.AlignHCenter
        self._column.addStretch(4)
        self._column.addWidget(Logo(56), 0, center)
        self._column.addSpacing(12)
        for text, role in ((error.what, "title"), (error.advice, ""), (error.details, "small")):
            if text:
                words = label(text, role, wrap=True)
                words.setAlignment(Qt.AlignmentFlag.AlignCenter)
                self._column.addLayout(centred(words, 560))
        self._column.addSpacing(12)
        self._column.addWidget(self._buttons(error, act, retry), 0, center)
        self._column.addStretch(5)
        self.retry.setFocus()

    def _buttons(
        self, error: ThauError, act: Callable[[Action | None], object], retry: Callable[[], object]
    ) -> QWidget:
        made = QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.retry = button(_("Try again"), retry, kind="accent")
        row.addWidget(self.retry)
        action = error.action
        if action is not None:
            row.addWidget(button(action.label, lambda: act(action)))
        text = f"{error}\n{error.details}".strip()
        row.addWidget(button(_("Copy details"), lambda: QApplication.clipboard().setText(text)))
        return made
