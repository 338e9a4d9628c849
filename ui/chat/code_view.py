"""A code block: its language and a copy button above, the coloured code below, scrolled sideways where it is wide."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, Qt, QTimer, Slot
from PySide6.QtGui import (
    QFont,
    QPainter,
    QPaintEvent,
    QPen,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextLayout,
    QWheelEvent,
)
from PySide6.QtWidgets import QScrollBar, QWidget

from thau_desktop.translation import _
from ui.chat.buttons import WordButton
from ui.chat.highlight import COLORS, LIMIT, Spans, spans
from ui.chat.stage import Stage
from ui.chat.style import Style
from ui.chat.text_view import TextView

_PADDING = 12
_LINES_AT_ONCE = 80


class CodeText(TextView):
    """The code itself. Text that is added at the end costs only the new lines."""

    def __init__(self, stage: Stage, parent: QWidget | None = None) -> None:
        super().__init__(stage, parent, wraps=False)
        self.code = ""
        self._spans: Spans = []
        self._next_line = 0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._apply_some)
        self._bar = QScrollBar(Qt.Orientation.Horizontal, self)
        self._bar.valueChanged.connect(self.update)
        self._bar.hide()
        self._format_first()

    def font_of(self, style: Style) -> QFont:
        return style.code_font

    def set_code(self, code: str) -> None:
        """Show that code; where it begins with what is there, only the rest is inserted."""
        cursor = QTextCursor(self.document)
        if code.startswith(self.code):
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(code[len(self.code) :])
        else:
            cursor.select(QTextCursor.SelectionType.Document)
            cursor.insertText(code)
            self._next_line = 0
        self.code = code
        self.update()

    def color(self, found: Spans) -> None:
        """Colour the lines, a few at a time; those that are coloured so already stay as they are."""
        same = 0
        for old, new in zip(self._spans[: self._next_line], found, strict=False):
            if old != new:
                break
            same += 1
        self._spans, self._next_line = found, same
        self._apply_some()

    def restyle(self) -> None:
        super().restyle()
        self._format_first()
        self._next_line = 0
        self._apply_some()

    def fit(self, width: int) -> int:
        wide = self.document.size().width() > width - 2 * _PADDING
        self._bar.setVisible(wide)
        height = self.text_height() + 2 * _PADDING
        if wide:
            page = width - 2 * _PADDING
            self._bar.setRange(0, max(0, round(self.document.size().width()) - page))
            self._bar.setPageStep(page)
            self._bar.setSingleStep(40)
            bar = self._bar.sizeHint().height()
            height += bar - 4
            self._bar.setGeometry(_PADDING - 4, height - bar - 2, width - 2 * _PADDING + 8, bar)
        elif self._bar.value():
            self._bar.setValue(0)
        return height

    def origin(self) -> QPoint:
        return QPoint(_PADDING - (self._bar.value() if self._bar.isVisibleTo(self) else 0), _PADDING)

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta()
        sideways = delta.x() or (delta.y() if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 0)
        if sideways and self._bar.isVisibleTo(self):
            self._bar.setValue(self._bar.value() - sideways)
            event.accept()
        else:
            event.ignore()

    def _format_first(self) -> None:
        cursor = QTextCursor(self.document)
        cursor.select(QTextCursor.SelectionType.Document)
        block = QTextBlockFormat()
        block.setLineHeight(118, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        block.setTabPositions([])
        cursor.setBlockFormat(block)
        option = self.document.defaultTextOption()
        option.setTabStopDistance(4 * self.fontMetrics().averageCharWidth())
        self.document.setDefaultTextOption(option)

    @Slot()
    def _apply_some(self) -> None:
        theme = self.stage.style.theme
        looks: dict[str, QTextCharFormat] = {}
        for name, token in COLORS.items():
            looks[name] = QTextCharFormat()
            looks[name].setForeground(theme.color(token))
            looks[name].setFontItalic(name == "comment")
        first = self.document.findBlockByNumber(self._next_line)
        block = first
        end = min(self._next_line + _LINES_AT_ONCE, len(self._spans))
        for line in self._spans[self._next_line : end]:
            if not block.isValid():
                end = len(self._spans)
                break
            ranges = []
            for start, length, name in line:
                span = QTextLayout.FormatRange()
                span.start, span.length, span.format = start, length, looks[name]
                ranges.append(span)
            block.layout().setFormats(ranges)
            block = block.next()
        if first.isValid():
            last = block.position() if block.isValid() else self.document.characterCount() - 1
            self.document.markContentsDirty(first.position(), max(1, last - first.position()))
        self._next_line = end
        self.update()
        if end < len(self._spans):
            self._timer.start(0)


class CodeView(QWidget):
    """Attributes: `gap` (pixels above it), `language`."""

    gap = 12

    def __init__(self, stage: Stage, language: str, parent: QWidget | None = None, *, indent: int = 0) -> None:
        super().__init__(parent)
        self.language = language
        self._stage = stage
        self._indent = indent
        self._kept = ""
        self._colored = ""
        self._wait = QTimer(self, singleShot=True)
        self._wait.timeout.connect(self._color)
        self._text = CodeText(stage, self)
        self._text.setAccessibleName(_("Code"))
        self._copy = WordButton(stage.style, _("Copy"), self)
        self._copy.setToolTip(_("Copy the code"))
        self._copy.clicked.connect(self._copy_code)
        self._copied = QTimer(self, singleShot=True)
        self._copied.timeout.connect(self._show_copy)

    def set_open(self, code: str) -> None:
        """Show that code after what was kept."""
        whole = f"{self._kept}\n{code}" if self._kept else code
        if whole != self._text.code:
            self._text.set_code(whole)
        if whole[:LIMIT] != self._colored and not self._wait.isActive():
            # While it streams the colours follow once in a while; the longer the code, the rarer.
            self._wait.start(150 + len(whole) // 20)

    def freeze(self) -> None:
        """Keep what is open: later code is added to it."""
        self._kept = self._text.code
        if self._kept[:LIMIT] != self._colored:
            self._wait.start(0)

    def texts(self) -> list[TextView]:
        """The texts in it that can be selected."""
        return [self._text]

    def restyle(self) -> None:
        """The theme changed."""
        self._text.restyle()

    def fit(self, width: int) -> int:
        """Place everything for that width; returns the height."""
        left = min(self._indent * 24, width // 3)
        top = self._header()
        height = self._text.fit(width - left - 2)
        self._text.setGeometry(left + 1, top, width - left - 2, height)
        size = self._copy.sizeHint()
        self._copy.setGeometry(width - size.width() - 5, (top - size.height()) // 2, size.width(), size.height())
        return top + height + 1

    def _header(self) -> int:
        return round(27 * self._stage.style.scale)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = self._stage.style.theme.color
        left = self._text.x() - 1
        painter.setPen(QPen(color("line"), 1))
        painter.setBrush(color("code"))
        painter.drawRoundedRect(QRectF(left + 0.5, 0.5, self.width() - left - 1, self.height() - 1), 10, 10)
        top = self._header() - 1
        painter.drawLine(left, top, self.width(), top)
        painter.setFont(self._stage.style.small_font)
        painter.setPen(color("dim"))
        area = QRectF(left + 13, 0, self.width() - left - 100, top)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, self.language or _("text"))

    @Slot()
    def _color(self) -> None:
        self._colored = self._text.code[:LIMIT]
        if self.language:
            self._stage.background.request(spans, self._colored, self.language, receive=self._text.color)

    @Slot()
    def _copy_code(self) -> None:
        self._stage.copy(self._text.code)
        self._copy.setText(_("Copied"))
        self._copied.start(1500)
        self._place_copy()

    @Slot()
    def _show_copy(self) -> None:
        self._copy.setText(_("Copy"))
        self._place_copy()

    def _place_copy(self) -> None:
        size = self._copy.sizeHint()
        self._copy.setGeometry(self.width() - size.width() - 5, self._copy.y(), size.width(), size.height())
