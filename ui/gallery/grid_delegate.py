"""How a tile of the grid looks: the picture, a ring when it is selected, another for the keyboard, its star."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QPixmap

from ui.gallery.thumbnails import RADIUS
from ui.theme import theme

_BADGE = 22  # pixels
_INSET = 7  # from the tile's edge to a badge
_ROOM = 84  # pixels of a tile that has room for badges
_SHADE = QColor(10, 10, 16, 150)  # under white signs on a picture, whatever the theme
_ON_SHADE = QColor(255, 255, 255)


class Spot(Enum):
    """What of a tile is under the mouse."""

    PICTURE = "picture"
    CHECK = "check"
    STAR = "star"


@dataclass(slots=True)
class Tile:
    """What is known of a tile when it is painted. `left` says how long it still is in the trash, or ""."""

    rect: QRect
    pixmap: QPixmap | None = None
    broken: bool = False
    selected: bool = False
    current: bool = False
    hovered: bool = False
    any_selected: bool = False
    favourite: bool = False
    trash: bool = False
    left: str = ""


class TilePainter:
    """Paints tiles; it keeps the signs that it has painted until the colours change (`forget`)."""

    def __init__(self) -> None:
        self._signs: dict[tuple[str, str, int, float], QPixmap] = {}

    def forget(self) -> None:
        """The theme is another one."""
        self._signs.clear()

    def paint(self, painter: QPainter, tile: Tile) -> None:
        """Paint one; the painter smooths edges and pixmaps."""
        if tile.pixmap is not None:
            painter.drawPixmap(tile.rect, tile.pixmap)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("press" if tile.broken else "panel"))
            painter.drawRoundedRect(tile.rect, RADIUS, RADIUS)
            if tile.broken:
                self._sign(painter, "file-x", "dim", min(28, tile.rect.width() // 3), tile.rect.center())
        if tile.selected:
            self._ring(painter, QRectF(tile.rect).adjusted(1.5, 1.5, -1.5, -1.5), "accent", 3, RADIUS - 1.5)
        if tile.current:
            self._ring(painter, QRectF(tile.rect).adjusted(-2.5, -2.5, 2.5, 2.5), "text", 2, RADIUS + 2.5)
        if tile.rect.width() >= _ROOM:
            self._badges(painter, tile)
        if tile.left and tile.rect.width() >= _ROOM:
            self._words(painter, tile)

    def _badges(self, painter: QPainter, tile: Tile) -> None:
        if tile.selected:
            self._disc(painter, check_rect(tile.rect), theme().color("accent"))
            self._sign(painter, "check-bold", "on_accent", 13, check_rect(tile.rect).center())
        elif tile.hovered:
            self._disc(painter, check_rect(tile.rect), _SHADE)
            self._sign(painter, "check-bold", "", 13, check_rect(tile.rect).center())
        if tile.trash:
            return
        if tile.favourite or tile.hovered:
            self._disc(painter, star_rect(tile.rect), _SHADE)
            self._sign(painter, "star-fill" if tile.favourite else "star-bold", "", 13, star_rect(tile.rect).center())

    def _words(self, painter: QPainter, tile: Tile) -> None:
        font = QFont(painter.font())
        font.setPixelSize(max(9, theme().tokens.type_small - 1))
        font.setWeight(QFont.Weight.DemiBold)
        metrics = QFontMetrics(font)
        words = metrics.elidedText(tile.left, Qt.TextElideMode.ElideRight, tile.rect.width() - 2 * _INSET - 14)
        height = metrics.height() + 5
        width = metrics.horizontalAdvance(words) + 14
        place = QRect(tile.rect.left() + _INSET, tile.rect.bottom() - _INSET - height, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_SHADE)
        painter.drawRoundedRect(place, height / 2, height / 2)
        painter.setFont(font)
        painter.setPen(_ON_SHADE)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)

    def paint_date(self, painter: QPainter, words: str, viewport: QRect) -> None:
        """A pill in the upper right corner that says how far back one has scrolled."""
        font = QFont(painter.font())
        font.setWeight(QFont.Weight.DemiBold)
        metrics = QFontMetrics(font)
        width, height = metrics.horizontalAdvance(words) + 24, metrics.height() + 12
        place = QRect(viewport.right() - width - 14, viewport.top() + 14, width, height)
        painter.setPen(QPen(theme().color("line"), 1))
        painter.setBrush(theme().color("card"))
        painter.drawRoundedRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5), height / 2, height / 2)
        painter.setFont(font)
        painter.setPen(theme().color("text"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)

    def _disc(self, painter: QPainter, place: QRect, color: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(place)

    def _ring(self, painter: QPainter, place: QRectF, color: str, width: float, radius: float) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme().color(color), width))
        painter.drawRoundedRect(place, radius, radius)

    def _sign(self, painter: QPainter, name: str, color: str, size: int, center: QPoint) -> None:
        """An icon in a token's colour, or in white."""
        ratio = painter.device().devicePixelRatioF()
        key = (name, color, size, ratio)
        if key not in self._signs:
            pixmap = theme().pixmap(name, color or "text", size)
            if not color:
                inside = QPainter(pixmap)
                inside.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
                inside.fillRect(pixmap.rect(), _ON_SHADE)
                inside.end()
            self._signs[key] = pixmap
        pixmap = self._signs[key]
        width, height = pixmap.deviceIndependentSize().width(), pixmap.deviceIndependentSize().height()
        painter.drawPixmap(round(center.x() + 1 - width / 2), round(center.y() + 1 - height / 2), pixmap)


def check_rect(tile: QRect) -> QRect:
    """Where the sign is that says that a tile is selected, and that selects it."""
    return QRect(tile.left() + _INSET, tile.top() + _INSET, _BADGE, _BADGE)


def star_rect(tile: QRect) -> QRect:
    """Where the star is."""
    return QRect(tile.right() - _INSET - _BADGE + 1, tile.top() + _INSET, _BADGE, _BADGE)


def spot(tile: QRect, point: QPoint) -> Spot:
    """What of a tile is there."""
    if tile.width() >= _ROOM:
        if check_rect(tile).adjusted(-4, -4, 4, 4).contains(point):
            return Spot.CHECK
        if star_rect(tile).adjusted(-4, -4, 4, 4).contains(point):
            return Spot.STAR
    return Spot.PICTURE
