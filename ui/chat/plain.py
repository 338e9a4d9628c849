"""Plain words that can be selected: what a person wrote, reasoning, arguments and results of tools."""

from __future__ import annotations

import math
from typing import Literal

from PySide6.QtGui import QFont, QTextBlockFormat, QTextCursor
from PySide6.QtWidgets import QWidget

from ui.chat.runs import clean
from ui.chat.stage import Stage
from ui.chat.style import Style
from ui.chat.text_view import TextView

Kind = Literal["text", "body", "code"]


class PlainView(TextView):
    """Text in one of three fonts; nothing in it is markup."""

    def __init__(self, stage: Stage, parent: QWidget | None = None, *, kind: Kind = "text", ink: str = "text") -> None:
        self._kind = kind
        super().__init__(stage, parent)
        self.ink = ink
        self.text = ""

    def font_of(self, style: Style) -> QFont:
        return {"text": style.text_font, "body": style.body_font, "code": style.code_font}[self._kind]

    def set_text(self, text: str) -> None:
        """Show that text; where it begins with what is there, only the rest is laid out."""
        text = clean(text)
        cursor = QTextCursor(self.document)
        block = QTextBlockFormat()
        block.setLineHeight(124, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        if self.text and text.startswith(self.text):
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(text[len(self.text) :])
        else:
            cursor.select(QTextCursor.SelectionType.Document)
            cursor.setBlockFormat(block)
            cursor.insertText(text)
        self.text = text
        self.update()

    def natural_width(self, limit: int) -> int:
        """The width of the longest line when wrapped at `limit` pixels."""
        self.fit(limit)
        return min(limit, math.ceil(self.document.idealWidth()) + 1)
