"""Areas that scroll, with room for a scroll bar, whether there is something to scroll or not, so that nothing moves."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractScrollArea, QLayout, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid


def steady(area: QAbstractScrollArea) -> None:
    """Keep what is in `area` in the middle: as much room at its left as its scroll bar takes at its right."""
    bar = area.verticalScrollBar()
    area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
    area.setViewportMargins(bar.sizeHint().width(), 0, 0, 0)

    def follow(_lowest: int, highest: int) -> None:
        if not isValid(bar):  # the area is being deleted
            return
        style = "" if highest else "QScrollBar::handle { background: transparent; }"
        if style != bar.styleSheet():
            bar.setStyleSheet(style)

    bar.rangeChanged.connect(follow)
    follow(0, bar.maximum())


def rolled(rows: QLayout, *, room: int = 0) -> QScrollArea:
    """These rows one below the other, at the top of an area that scrolls up and down; `room` pixels at their right."""
    inside = QWidget()
    inside.setProperty("plain", True)
    column = QVBoxLayout(inside)
    column.setContentsMargins(0, 0, room, 0)
    column.addLayout(rows)
    column.addStretch()
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inside)
    return area
