"""Two small things that Qt's layouts lack."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLayout, QWidget


def centred(widget: QWidget, width: int) -> QHBoxLayout:
    """`widget` in the middle, at most `width` pixels wide. (An alignment would ignore its height for its width.)"""
    widget.setMaximumWidth(width)
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(0)
    row.addStretch(1)
    row.addWidget(widget, 1000)
    row.addStretch(1)
    return row


def clear(layout: QLayout) -> None:
    """Take everything out of `layout` and let go of it."""
    while (item := layout.takeAt(0)) is not None:
        inside = item.layout()
        if inside is not None:
            clear(inside)
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
