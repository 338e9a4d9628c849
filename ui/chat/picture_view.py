"""A picture of the store inside an answer: read in the background, scaled to the card, opened by a click."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from thau_desktop.translation import _
from ui.chat.shown import Picture
from ui.chat.stage import Stage
from ui.widgets.buttons import pressed_by


class PictureView(QAbstractButton):
    """Attributes: `picture`. It reads its file when it is first painted."""

    def __init__(self, stage: Stage, picture: Picture, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = picture
        self._stage = stage
        self._image: QImage | None = None
        self._asked = QSize()
        self.setAccessibleName(_("Picture: {prompt}").format(prompt=picture.prompt))
        self.setToolTip(_("Open in the gallery"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(lambda: stage.open_image.emit(picture.id))

    def height_for(self, width: int) -> int:
        """Pixels high at that width, at most half as high again."""
        shape = self.picture.height / self.picture.width if self.picture.width and self.picture.height else 1.0
        return round(min(width * shape, width * 1.25))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not pressed_by(self, event):
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        color = self._stage.style.theme.color
        painter.fillRect(self.rect(), color("code"))
        wanted = self.size() * self.devicePixelRatioF()
        if self._asked != wanted:
            self._asked = wanted
            self._stage.background.request(read, self.picture.path, wanted, receive=self._receive)
        if self._image is not None:
            size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRect((self.width() - size.width()) // 2, (self.height() - size.height()) // 2, 0, 0)
            place.setSize(size)
            painter.drawImage(place, self._image)
        if self.hasFocus():
            painter.setPen(QPen(color("accent"), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def _receive(self, image: QImage) -> None:
        self._image = image
        self.update()


def read(path: Path, bounds: QSize) -> QImage:
    """The picture, no larger than `bounds`; a null one if it can't be read."""
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and (size.width() > bounds.width() or size.height() > bounds.height()):
        reader.setScaledSize(size.scaled(bounds, Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()
