"""Keeps the column of a transcript in the middle, whether there is something to scroll or not."""

from __future__ import annotations

from PySide6.QtCore import Qt

from ui.chat.transcript import Transcript


def keep_centred(transcript: Transcript) -> None:
    """Give the scroll bar room on both sides: nothing moves when it comes, and the composer stands in line."""
    bar = transcript.verticalScrollBar()
    transcript.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
    transcript.setViewportMargins(bar.sizeHint().width(), 0, 0, 0)

    def follow(_lowest: int, highest: int) -> None:
        style = "" if highest else "QScrollBar::handle { background: transparent; }"
        if style != bar.styleSheet():
            bar.setStyleSheet(style)

    bar.rangeChanged.connect(follow)
    follow(0, bar.maximum())
