"""What a page shows while it has nothing to show: a picture, a sentence that teaches, one button."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.theme import theme
from ui.widgets.buttons import button
from ui.widgets.labels import IconLabel, label
from ui.widgets.layouts import centred


class EmptyState(QWidget):
    """Attributes: `action`, the button, or None."""

    def __init__(
        self,
        icon_name: str,
        title: str,
        sentence: str,
        action: str = "",
        on_action: Callable[[], object] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(0)
        column.addStretch(4)
        column.addWidget(_Badge(icon_name), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(20)
        heading = label(title, "title", wrap=True)
        heading.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(heading)
        column.addSpacing(8)
        words = label(sentence, "dim", wrap=True)
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addLayout(centred(words, 460))
        self.action = None
        if action:
            column.addSpacing(20)
            self.action = button(action, on_action, kind="accent")
            column.addWidget(self.action, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(5)


class _Badge(QWidget):
    """The icon on a soft disc."""

    def __init__(self, icon_name: str) -> None:
        super().__init__()
        self.setFixedSize(72, 72)
        icon = IconLabel(icon_name, "accent", 32, self)
        icon.move(20, 20)
        theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("accent_soft"))
        painter.drawEllipse(self.rect())
