"""A text whose tokens are coloured; the pointer over one tells its ids."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QHelpEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QToolTip, QWidget

from thau_desktop.models.tokens import Piece
from thau_desktop.translation import ngettext_
from ui.theme import theme

_COLORS = ("accent_soft", "good_soft", "warn_soft", "bad_soft")
_LINES = 6
_FRAME = 24  # pixels of border, padding and margin above and below the text


class TokenView(QPlainTextEdit):
    """Read-only, `_LINES` high at most. `show_pieces` is all it does."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.viewport().setMouseTracking(True)
        self._pieces: tuple[Piece, ...] = ()
        self._starts: list[int] = []
        theme().changed.connect(self._dress)
        self._dress()

    def show_pieces(self, pieces: Sequence[Piece]) -> None:
        """Show the text that these make."""
        self._pieces = tuple(pieces)
        self._starts, place = [], 0
        for piece in pieces:
            self._starts.append(place)
            place += len(piece.text.encode("utf-16-le")) // 2  # as Qt counts
        self.setPlainText("".join(piece.text for piece in pieces))
        self._paint_pieces()
        self._fit()

    def words_of(self, position: int) -> str:
        """What is told of the token at a position of the document."""
        if not self._pieces:
            return ""
        piece = self._pieces[max(0, bisect_right(self._starts, position) - 1)]
        name = ngettext_("Token", "Tokens", len(piece.ids))
        return f"{name} {' · '.join(map(str, piece.ids))}\n{' '.join(piece.tokens)}"

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            position = self.cursorForPosition(event.pos()).position()
            QToolTip.showText(event.globalPos(), self.words_of(position), self)
            return True
        return super().viewportEvent(event)

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._fit()

    def _dress(self) -> None:
        self.setFont(theme().mono(13))
        self._paint_pieces()

    def _fit(self) -> None:
        lines = min(_LINES, max(1, int(self.document().size().height())))
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + _FRAME)

    def _paint_pieces(self) -> None:
        shades = [theme().color(name) for name in _COLORS]
        ends = [*self._starts[1:], self.document().characterCount() - 1]
        selections = []
        for number, (start, end) in enumerate(zip(self._starts, ends, strict=False)):
            if end > start:
                selections.append(self._selection(start, end, shades[number % len(shades)]))
        self.setExtraSelections(selections)

    def _selection(self, start: int, end: int, shade: QColor) -> QTextEdit.ExtraSelection:
        made = QTextEdit.ExtraSelection()
        form = QTextCharFormat()
        form.setBackground(shade)
        cursor = QTextCursor(self.document())
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        made.cursor, made.format = cursor, form
        return made
