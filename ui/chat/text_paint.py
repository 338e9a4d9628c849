"""What is painted behind the words of a document: the bars of quotes and the ground of inline code."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QTextBlock, QTextDocument, QTextLine

from ui.chat.style import CHIP, QUOTE, QUOTE_INDENT, Style


def paint_behind(painter: QPainter, document: QTextDocument, clip: QRectF, style: Style) -> None:
    """Quote bars and the ground of inline code, for the lines that are seen."""
    layout = document.documentLayout()
    block = document.findBlock(max(0, layout.hitTest(clip.topLeft(), Qt.HitTestAccuracy.FuzzyHit)))
    color = style.theme.color
    painter.setPen(Qt.PenStyle.NoPen)
    while block.isValid():
        rect = layout.blockBoundingRect(block)
        if rect.top() > clip.bottom():
            break
        depth = block.blockFormat().intProperty(QUOTE)
        if depth:
            painter.setBrush(color("line"))
            below = block.next()
            goes_on = below.isValid() and below.blockFormat().intProperty(QUOTE)
            end = layout.blockBoundingRect(below).top() if goes_on else rect.bottom()
            inner = block.blockFormat().leftMargin() - depth * QUOTE_INDENT
            for level in range(depth):
                x = inner + level * QUOTE_INDENT
                painter.drawRoundedRect(QRectF(x, rect.top(), 3, end - rect.top() + 1), 1.5, 1.5)
        _paint_chips(painter, block, rect.topLeft(), clip, style)
        block = block.next()


def _paint_chips(painter: QPainter, block: QTextBlock, corner: QPointF, clip: QRectF, style: Style) -> None:
    iterator = block.begin()
    seen_from, seen_to = _seen(block, clip.top() - corner.y(), clip.bottom() - corner.y())
    while not iterator.atEnd():
        fragment = iterator.fragment()
        iterator += 1
        if not seen_from < fragment.position() + fragment.length() - block.position():
            continue
        if fragment.position() - block.position() > seen_to:
            break
        if not fragment.charFormat().boolProperty(CHIP):
            continue
        start = fragment.position() - block.position()
        end = start + fragment.length()
        painter.setBrush(style.theme.color("hover"))
        number = block.layout().lineForTextPosition(start).lineNumber()
        while number < block.layout().lineCount():
            line = block.layout().lineAt(number)
            number += 1
            if line.textStart() >= end:
                break
            first, last = max(start, line.textStart()), min(end, line.textStart() + line.textLength())
            if first >= last:
                continue
            left, right = max(2.0 - corner.x(), x_of(line, first)), x_of(line, last)
            top = corner.y() + line.y() + line.ascent() - 15 * style.scale
            painter.drawRoundedRect(QRectF(corner.x() + left - 2, top, right - left + 4, 20 * style.scale), 4, 4)


def x_of(line: QTextLine, position: int) -> float:
    """Where that position of its block stands on the line."""
    found: Any = line.cursorToX(position)
    return float(found[0])


def _seen(block: QTextBlock, top: float, bottom: float) -> tuple[int, int]:
    """The first and the last position of the block on lines between those heights."""
    layout = block.layout()
    low, high = 0, max(0, layout.lineCount() - 1)
    while low < high:
        middle = (low + high) // 2
        line = layout.lineAt(middle)
        if line.y() + line.height() < top:
            low = middle + 1
        else:
            high = middle
    if not layout.lineCount():
        return 0, block.length()
    first = last = layout.lineAt(low)
    while last.y() < bottom and last.lineNumber() + 1 < layout.lineCount():
        last = layout.lineAt(last.lineNumber() + 1)
    return first.textStart(), last.textStart() + last.textLength()
