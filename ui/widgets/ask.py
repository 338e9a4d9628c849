"""A question or a message in the window's own dress, instead of the system's message box."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from thau_desktop.translation import _
from ui.theme import theme
from ui.widgets.buttons import button
from ui.widgets.labels import IconLabel, label

_WIDTH = 400


class Ask(QDialog):
    """`what` happened or is asked, `advice` under it, and a button for each of `choices`: its words and its kind.

    The first choice is the safe one: it has the keyboard, and Escape chooses it. Attributes: `choice`, the number of
    the one that was chosen; `buttons`, in the order of the choices.
    """

    def __init__(
        self,
        parent: QWidget | None,
        title: str,
        what: str,
        advice: str = "",
        *,
        choices: Sequence[tuple[str, str]],
        icon: str = "question",
        tint: str = "accent",
        details: str = "",
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(_WIDTH)
        self.setAccessibleName(f"{what} {advice}".strip())
        self.choice = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        across = QHBoxLayout()
        across.setSpacing(12)
        across.addWidget(IconLabel(icon, tint, 24))
        across.addWidget(label(what, "heading", wrap=True), 1)
        column.addLayout(across)
        if advice:
            column.addWidget(label(advice, "dim", wrap=True))
        if details:
            column.addWidget(_details(details))
        column.addSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch()
        self.buttons: list[QPushButton] = []
        for number, (words, kind) in enumerate(choices):
            self.buttons.append(button(words, partial(self._choose, number), kind=kind))
            row.addWidget(self.buttons[-1])
        column.addLayout(row)
        self.buttons[0].setFocus()

    def _choose(self, number: int) -> None:
        self.choice = number
        self.accept()


def _details(text: str) -> QPlainTextEdit:
    made = QPlainTextEdit(text)
    made.setReadOnly(True)
    made.setTabChangesFocus(True)
    made.setFont(theme().mono(12))
    made.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    made.setAccessibleName(_("Details"))
    made.setMaximumHeight(140)
    return made
