"""The moon with a spark, painted in the accent colour."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget

from thau_desktop.paths import resources
from ui.theme import theme


@cache
def _path() -> QPainterPath:
    """The sign on a square of 24."""
    moon, bite = QPainterPath(), QPainterPath()
    moon.addEllipse(QPointF(11.2, 12.9), 9.2, 9.2)
    bite.addEllipse(QPointF(15.6, 8.2), 7.3, 7.3)
    spark = QPainterPath()
    spark.setFillRule(Qt.FillRule.WindingFill)
    spark.addRoundedRect(QRectF(17.6, 2.2, 2, 7), 1, 1)
    spark.addRoundedRect(QRectF(15.1, 4.7, 7, 2), 1, 1)
    return moon.subtracted(bite).united(spark.simplified())


class Logo(QWidget):
    """The sign, `size` pixels wide and high; it follows the theme."""

    def __init__(self, size: int = 28, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(size, size)
        self.setAccessibleName("THAU")
        theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_logo(QPainter(self), QRectF(self.rect()), theme().color("accent"))


def paint_logo(painter: QPainter, place: QRectF, color: QColor) -> None:
    """Paint the sign into a square."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(place.topLeft())
    painter.scale(place.width() / 24, place.height() / 24)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawPath(_path())
    painter.restore()


def application_icon() -> QIcon:
    """The icon beside other programs, in all its sizes."""
    made = QIcon()
    for file in sorted((resources() / "icons").glob("thau-*.png")):
        size = int(file.stem.rpartition("-")[2])
        made.addFile(str(file), QSize(size, size))
    return made
