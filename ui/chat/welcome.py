"""What an empty conversation shows: a greeting, and four things to try that teach what THAU can do."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from thau_desktop.translation import _
from ui.chat.flow import FlowRow
from ui.logo import Logo
from ui.widgets.buttons import button
from ui.widgets.labels import label
from ui.widgets.layouts import centred

_TALL, _LOW = 320, 230  # pixels under which the sign, and then the sentence, give way to the suggestions


class Welcome(QWidget):
    """`chosen` carries the words of the suggestion that was clicked. Attributes: `chips`, their buttons."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(0)
        column.addStretch(3)
        self._logo = Logo(56)
        column.addWidget(self._logo, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(18)
        greeting = label(_("Hello, I'm THAU"), "title")
        greeting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(greeting)
        column.addSpacing(6)
        words = label(
            _("I live on this computer: what you write never leaves it. Ask me something, or try one of these:"),
            "dim",
            wrap=True,
        )
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addLayout(centred(words, 460))
        self._words = words
        column.addSpacing(22)
        row = FlowRow(gap=10, centred=True)
        self.chips: list[QPushButton] = []
        for name, suggestion in (
            ("image", _("Draw a red fox in the snow")),
            ("lightbulb", _("What is recursion?")),
            ("sparkle", _("What can you do?")),
            ("moon-stars", _("How do you learn at night?")),
        ):
            chip = button(suggestion, partial(self.chosen.emit, suggestion), icon_name=name, tint="accent")
            self.chips.append(chip)
            row.add(chip)
        row.setMaximumWidth(560)
        holder = QVBoxLayout()
        holder.addWidget(row)
        column.addLayout(holder)
        column.setAlignment(holder, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(4)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._logo.setVisible(event.size().height() >= _TALL)
        self._words.setVisible(event.size().height() >= _LOW)
