"""The texts of an answer: lines of prose that grow at their end, and tables."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import (
    QBrush,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
    QTextTableCellFormat,
    QTextTableFormat,
)
from PySide6.QtWidgets import QWidget

from ui.chat.markdown import Line, Table
from ui.chat.runs import Run, Runs
from ui.chat.stage import Stage
from ui.chat.style import Style
from ui.chat.text_view import TextView

_ALIGNMENTS = {
    "left": Qt.AlignmentFlag.AlignLeft,
    "center": Qt.AlignmentFlag.AlignHCenter,
    "right": Qt.AlignmentFlag.AlignRight,
}
_FIXED = QTextLength.Type.FixedLength
_PERCENT = QTextLength.Type.PercentageLength


class ProseView(TextView):
    """Paragraphs, headings, lists and quotes. The last `open` lines may be replaced, those before are for good."""

    # A text this long gets no more segments: a new view is begun, so that none grows without bound.
    ROOM = 6_000

    def __init__(self, stage: Stage, parent: QWidget | None = None) -> None:
        super().__init__(stage, parent)
        self._lines: list[Line] = []
        self._starts: list[int] = []
        self._frozen = 0
        self._frozen_length = 0

    @property
    def has_room(self) -> bool:
        """Whether more lines may be added to those that are frozen."""
        return self._frozen_length < self.ROOM

    @property
    def is_empty(self) -> bool:
        """Whether it has no line."""
        return not self._lines

    def set_open(self, lines: Sequence[Line]) -> None:
        """Show these after the frozen lines, in place of what was open; only lines that differ are laid out."""
        kept = self._frozen
        for old, new in zip(self._lines[self._frozen :], lines, strict=False):
            if old != new:
                break
            kept += 1
        fresh = lines[kept - self._frozen :]
        if kept == len(self._lines) and not fresh:
            return
        self._write(kept, fresh)

    def freeze(self) -> None:
        """Keep what is open."""
        self._frozen = len(self._lines)
        self._frozen_length = self.length

    def restyle(self) -> None:
        super().restyle()
        self._write(0, self._lines)

    def _write(self, kept: int, fresh: Sequence[Line]) -> None:
        cursor = QTextCursor(self.document)
        cursor.beginEditBlock()
        if kept < len(self._lines) and fresh and (same := _same_runs(self._lines[kept], fresh[0])):
            # The line goes on: its first runs stay.
            line, start = self._lines[kept], self._starts[kept]
            cursor.setPosition(start + _length(line, same))
            cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
            _insert_runs(cursor, fresh[0], self.stage.style, same)
            self._lines[kept] = fresh[0]
            kept, fresh = kept + 1, fresh[1:]
        elif kept < len(self._lines):
            cursor.setPosition(max(0, self._starts[kept] - 1))
            cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
        fresh = list(fresh)
        del self._lines[kept:], self._starts[kept:]
        cursor.movePosition(QTextCursor.MoveOperation.End)
        style = self.stage.style
        for line in fresh:
            previous = self._lines[-1] if self._lines else None
            block = style.block_format(line, previous)
            if previous is None:
                cursor.setBlockFormat(block)
            else:
                cursor.insertBlock(block)
            self._starts.append(cursor.position())
            self._lines.append(line)
            _insert(cursor, line, style)
        cursor.endEditBlock()
        self.has_links(any(run.link for line in self._lines for run in line.runs))
        self.update()


def _insert(cursor: QTextCursor, line: Line, style: Style) -> None:
    if line.marker:
        look = QTextCharFormat(style.run_format(Run(""), line))
        look.setForeground(style.theme.color("dim"))
        cursor.insertText(line.marker + "\t", look)
    _insert_runs(cursor, line, style, 0)
    if not line.runs and not line.marker:
        cursor.setBlockCharFormat(style.run_format(Run(""), line))


def _insert_runs(cursor: QTextCursor, line: Line, style: Style, first: int) -> None:
    for run in line.runs[first:]:
        cursor.insertText(run.text, style.run_format(run, line))


def _same_runs(old: Line, new: Line) -> int:
    """How many runs both lines begin with; 0 where the lines are of different kinds."""
    if (old.level, old.marker, old.indent, old.quote) != (new.level, new.marker, new.indent, new.quote):
        return 0
    count = 0
    for before, after in zip(old.runs, new.runs, strict=False):
        if before != after:
            break
        count += 1
    return count


def _length(line: Line, runs: int) -> int:
    """Positions that the marker and the first runs of a line take up."""
    text = (line.marker + "\t" if line.marker else "") + "".join(run.text for run in line.runs[:runs])
    return len(text) + sum(character > "\uffff" for character in text)


class TableView(TextView):
    """One table, or the next rows of the table above it, whose column widths it takes over."""

    def __init__(self, stage: Stage, parent: QWidget | None = None, above: TableView | None = None) -> None:
        super().__init__(stage, parent)
        self._above = above
        self._shown: Table | None = None
        self._table: QTextTable | None = None
        self._weights: list[int] = []
        self._fitted: tuple[int, int] = (-1, -1)

    @property
    def continues(self) -> bool:
        """Whether it holds more rows of the table above."""
        return self._above is not None

    @property
    def weights(self) -> list[int]:
        """The natural width of each column, in pixels."""
        return self._above.weights if self._above is not None else self._weights

    def set_table(self, table: Table) -> None:
        """Show that table; rows that are already there stay as they are."""
        if table == self._shown:
            return
        old, self._shown = self._shown, table
        self._weights = self._measure(table)
        same = old is not None and (old.header, old.aligns) == (table.header, table.aligns)
        if old is None or not same or table.rows[: max(0, len(old.rows) - 1)] != old.rows[:-1]:
            self._rebuild(table)
        else:
            self._grow(table, len(old.rows))
        rows = [table.header, *table.rows]
        self.has_links(any(run.link for row in rows for cell in row for run in cell))
        self._fitted = (-1, -1)

    def fit(self, width: int) -> int:
        assert self._table is not None
        natural = min(width, sum(self.weights))
        if self._fitted != (width, natural):
            self._fitted = (width, natural)
            look = self._table.format()
            look.setWidth(QTextLength(_FIXED, natural))
            total = max(1, sum(self.weights))
            look.setColumnWidthConstraints([QTextLength(_PERCENT, 100 * weight / total) for weight in self.weights])
            self._table.setFormat(look)
            self._width = -1
        super().fit(width)
        return self.text_height()

    def text_height(self) -> int:
        assert self._table is not None
        return math.ceil(self.document.documentLayout().frameBoundingRect(self._table).height())

    def origin(self) -> QPoint:
        # Qt keeps an empty line before and after a table: they stay outside of the widget.
        if self._table is None:
            return QPoint(0, 0)
        return QPoint(0, -round(self.document.documentLayout().frameBoundingRect(self._table).top()))

    def restyle(self) -> None:
        super().restyle()
        if self._shown is not None:
            self._weights = self._measure(self._shown)
            self._rebuild(self._shown)
            self._fitted = (-1, -1)

    def _measure(self, table: Table) -> list[int]:
        widths = []
        for number, header in enumerate(table.header):
            cells = [header, *(row[number] for row in table.rows[:20] if number < len(row))]
            longest = max(sum(len(run.text) for run in cell) for cell in cells)
            widths.append(round(min(max(longest, 3), 48) * 8.4 * self.stage.style.scale) + 28)
        return widths

    def _rebuild(self, table: Table) -> None:
        self.document.clear()
        first = 0 if table.continues else 1
        cursor = QTextCursor(self.document)
        # Qt lays the whole table out after each change outside of an edit block.
        cursor.beginEditBlock()
        look = QTextTableFormat()
        look.setBorder(0)
        look.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_None)
        look.setBorderCollapse(True)
        look.setCellSpacing(0)
        look.setMargin(0)
        rows = max(1, first + len(table.rows))
        self._table = cursor.insertTable(rows, max(1, len(table.header)), look)
        if first:
            self._fill(0, table.header, table.aligns, heading=True)
        for number, row in enumerate(table.rows):
            self._fill(first + number, row, table.aligns)
        cursor.endEditBlock()

    def _grow(self, table: Table, before: int) -> None:
        """The last row may have changed, and more may have come after it."""
        assert self._table is not None
        first = 0 if table.continues else 1
        cursor = QTextCursor(self.document)
        cursor.beginEditBlock()
        missing = first + len(table.rows) - self._table.rows()
        if missing > 0:
            self._table.appendRows(missing)
        for number in range(max(0, before - 1), len(table.rows)):
            self._fill(first + number, table.rows[number], table.aligns)
        cursor.endEditBlock()

    def _fill(self, row: int, cells: Sequence[Runs], aligns: Sequence[str], heading: bool = False) -> None:
        assert self._table is not None
        style = self.stage.style
        border = QBrush(style.theme.color("line"))
        for column in range(self._table.columns()):
            runs = cells[column] if column < len(cells) else ()
            cell = self._table.cellAt(row, column)
            look = QTextTableCellFormat()
            look.setTopPadding(6)
            look.setBottomPadding(6)
            look.setLeftPadding(0 if column == 0 else 10)
            look.setRightPadding(10)
            look.setBottomBorder(1)
            look.setBottomBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
            look.setBottomBorderBrush(border)
            cell.setFormat(look)
            cursor = cell.firstCursorPosition()
            cursor.setPosition(cell.lastPosition(), QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
            block = QTextBlockFormat()
            block.setAlignment(_ALIGNMENTS.get(aligns[column] if column < len(aligns) else "left", _ALIGNMENTS["left"]))
            cursor.setBlockFormat(block)
            line = Line(())
            for run in runs:
                words = Run(run.text, True, run.italic, run.strike, run.code, run.link) if heading else run
                cursor.insertText(run.text, style.run_format(words, line))
