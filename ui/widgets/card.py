"""Surfaces: a card with a column in it, and a thin line."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget


class Card(QFrame):
    """A rounded surface. Attributes: `column`, the layout to put things in."""

    def __init__(self, parent: QWidget | None = None, *, margin: int = 16, spacing: int = 8) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(margin, margin, margin, margin)
        self.column.setSpacing(spacing)


def line() -> QFrame:
    """A thin horizontal line."""
    made = QFrame()
    made.setProperty("line", True)
    return made
