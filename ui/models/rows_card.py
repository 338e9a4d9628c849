"""A card with a heading and rows that scroll."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.widgets.card import Card, line
from ui.widgets.labels import label
from ui.widgets.layouts import clear
from ui.widgets.scrolling import rolled


class RowsCard(Card):
    """Attributes: `note`, the words at the right of the heading; `foot`, the row of buttons under the rows."""

    def __init__(self, heading: str) -> None:
        super().__init__(spacing=12)
        self.setAccessibleName(heading)
        self.note = label("", "small")
        top = QHBoxLayout()
        top.addWidget(label(heading, "heading"))
        top.addStretch()
        top.addWidget(self.note)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(12)
        self.foot = QHBoxLayout()
        self.foot.setSpacing(8)
        self.column.addLayout(top)
        self.column.addWidget(rolled(self._rows, room=8), 1)
        self.column.addLayout(self.foot)

    def show_rows(self, rows: list[QWidget]) -> None:
        """Show these instead of those before."""
        clear(self._rows)
        for number, row in enumerate(rows):
            if number:
                self._rows.addWidget(line())
            self._rows.addWidget(row)
