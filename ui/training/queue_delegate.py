"""Draws the queue: the state of an example as a pill."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.theme import theme
from ui.training.queue_model import KIND

_BESIDE, _INSIDE, _HEIGHT, _RADIUS = 8, 7, 20, 6  # pixels


class StateDelegate(QStyledItemDelegate):
    """The words of a cell in a pill of the kind that its role `KIND` names."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        words = str(index.data() or "")
        width = QFontMetrics(_font(option)).horizontalAdvance(words) + 2 * (_BESIDE + _INSIDE)
        return QSize(width, super().sizeHint(option, index).height())

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        self.initStyleOption(option, index)
        words, option.text = option.text, ""
        style = option.widget.style() if option.widget else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        if not words:
            return
        kind = str(index.data(KIND))
        paper, ink = ("panel", "dim") if kind == "plain" else (f"{kind}_soft", kind)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(_font(option))
        width = painter.fontMetrics().horizontalAdvance(words) + 2 * _INSIDE
        middle = option.rect.center().y() + 0.5
        area = QRectF(option.rect.left() + _BESIDE, middle - _HEIGHT / 2, width, _HEIGHT)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color(paper))
        painter.drawRoundedRect(area, _RADIUS, _RADIUS)
        painter.setPen(theme().color(ink))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, words)
        painter.restore()


def _font(option: QStyleOptionViewItem) -> QFont:
    font = QFont(option.font)
    font.setPixelSize(theme().tokens.type_small)
    font.setWeight(QFont.Weight.DemiBold)
    return font
