"""How a row of the list of conversations looks: group names, titles, pins, the live dot, and what a search found."""

from __future__ import annotations

import re

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from thau_desktop.store.search import MARK, UNMARK
from thau_desktop.translation import _
from ui.chat.conversation_model import Entry, Header, Role
from ui.theme import theme

Index = QModelIndex | QPersistentModelIndex

ROW = 38
HIT_ROW = 58
_INSET = 12  # from the edge of the list to the highlight
_PAD = 8  # from the highlight to the words
MENU_WIDTH = 28
_SIGNS = re.compile(r"`+|\*\*|^#+ |\n#+ ")  # of Markdown: the transcript does not show them either


class ConversationDelegate(QStyledItemDelegate):
    """Paints rows. Attributes: `hits`, whether rows have a second line for what was found."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.hits = False

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        scale = theme().tokens.type_body / 13
        return QSize(80, round((HIT_ROW if self.hits else ROW) * scale))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(Role.ROW)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(row, Header):
            self._paint_header(painter, option.rect, row)
        elif isinstance(row, Entry):
            self._paint_entry(painter, option, row, bool(index.data(Role.LIVE)))
        painter.restore()

    def _paint_header(self, painter: QPainter, rect: QRect, header: Header) -> None:
        font = QFont(painter.font())
        font.setPixelSize(max(9, theme().tokens.type_small - 1))
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(theme().color("dim"))
        words = rect.adjusted(_INSET + _PAD, 6, -_INSET, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, header.title)

    def _paint_entry(self, painter: QPainter, option: QStyleOptionViewItem, entry: Entry, live: bool) -> None:
        box = option.rect.adjusted(_INSET, 3, -_INSET, -3)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        if selected or hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("accent_soft" if selected else "hover"))
            painter.drawRoundedRect(box, 6, 6)
        if focused and selected:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme().color("accent"), 1.5))
            painter.drawRoundedRect(QRectF(box).adjusted(0.75, 0.75, -0.75, -0.75), 6, 6)
        right = box.right() - _PAD
        if hovered:
            self._paint_icon(painter, "dots-three-vertical-bold", QRect(right - 12, box.center().y() - 7, 16, 16))
            right -= MENU_WIDTH - 8
        if live:
            dot = QRectF(right - 7, box.center().y() - 3.5, 8, 8)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("good"))
            painter.drawEllipse(dot)
            right -= 16
        elif entry.pinned and not self.hits:
            self._paint_icon(painter, "push-pin", QRect(right - 11, box.center().y() - 6, 13, 13))
            right -= 20
        words = QRect(box.left() + _PAD, box.top(), right - box.left() - _PAD, box.height())
        self._paint_words(painter, words, entry, selected)

    def _paint_words(self, painter: QPainter, rect: QRect, entry: Entry, selected: bool) -> None:
        font = QFont(painter.font())
        font.setWeight(QFont.Weight.Medium if selected else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(theme().color("text"))
        title = QRect(rect)
        if self.hits:
            title.setHeight(rect.height() // 2)
            title.translate(0, 3)
        words = QFontMetrics(font).elidedText(entry.title, Qt.TextElideMode.ElideRight, title.width())
        painter.drawText(title, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        if self.hits:
            below = QRect(rect)
            below.setTop(title.bottom())
            self._paint_snippet(painter, below.adjusted(0, 0, 0, -4), entry)

    def _paint_snippet(self, painter: QPainter, rect: QRect, entry: Entry) -> None:
        plain = QFont(painter.font())
        plain.setPixelSize(theme().tokens.type_small)
        plain.setWeight(QFont.Weight.Normal)
        strong = QFont(plain)
        strong.setWeight(QFont.Weight.DemiBold)
        if entry.message_id is None:
            pieces = [(_("Title"), False)]
        else:
            pieces = _pieces(" ".join(_from_hit(_SIGNS.sub("", entry.snippet)).split()))
        painter.setClipRect(rect)
        x = rect.left()
        for words, found in pieces:
            font = strong if found else plain
            painter.setFont(font)
            painter.setPen(theme().color("accent" if found else "dim"))
            room = rect.right() - x
            if room <= 0:
                break
            shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, room)
            align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            painter.drawText(QRect(x, rect.top(), room, rect.height()), align, shown)
            x += QFontMetrics(font).horizontalAdvance(words)

    def _paint_icon(self, painter: QPainter, name: str, rect: QRect, color: str = "dim") -> None:
        theme().icon(name, color).paint(painter, rect)

    # --- renaming in place ------------------------------------------------------------------------------

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setMaxLength(200)
        editor.setAccessibleName(_("New title"))
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        height = min(34, option.rect.height())
        box = option.rect.adjusted(_INSET - 1, 0, -_INSET + 1, 0)
        editor.setGeometry(box.left(), box.center().y() - height // 2, box.width(), height)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        assert isinstance(editor, QLineEdit)
        model.setData(index, editor.text())


def _from_hit(snippet: str) -> str:
    """The snippet from a few words before what was found, so that a narrow list shows it."""
    at = snippet.find(MARK)
    start = snippet.rfind(" ", 0, max(0, at - 12)) + 1 if at > 16 else 0
    return ("…" if start else "") + snippet[start:]


def _pieces(snippet: str) -> list[tuple[str, bool]]:
    """The snippet cut at its marks: words and whether they are what was searched for."""
    pieces: list[tuple[str, bool]] = []
    for number, part in enumerate(snippet.split(MARK)):
        found, closed, rest = part.partition(UNMARK)
        if number and closed:
            pieces += [(found, True), (rest, False)]
        else:
            pieces.append((part, False))
    return [piece for piece in pieces if piece[0]]
