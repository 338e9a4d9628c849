"""A picture of the store inside an answer: read in the background, scaled to the card, opened by a click.

Where the picture is in the trash, or gone, a sentence stands in its place.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QFontMetrics, QImage, QImageReader, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from thau_desktop.translation import _
from ui.chat.buttons import WordButton
from ui.chat.plain import PlainView
from ui.chat.shown import Picture
from ui.chat.stage import Stage
from ui.chat.text_view import TextView
from ui.widgets.buttons import pressed_by

_EDGE = 13


class PictureBlock(QWidget):
    """One picture of a result with the line under it, or the sentence that says where it went.

    Attributes: `image_id`; `picture`, as the store has it now, or None; `view`, None where there is nothing to see.
    """

    def __init__(self, stage: Stage, image_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.image_id = image_id
        self.picture: Picture | None = None
        self.view: PictureView | None = None
        self._stage = stage
        self._words: PlainView | None = None
        self._button: WordButton | None = None
        self._build(stage.picture(image_id))

    def refresh(self) -> bool:
        """Look again what became of the picture; whether anything else is shown now."""
        picture = self._stage.picture(self.image_id)
        seen = picture is not None and not picture.deleted and picture.path.is_file()
        if picture == self.picture and seen == (self.view is not None):
            return False
        for child in (self.view, self._words, self._button):
            if child is not None:
                child.hide()
                child.deleteLater()
        self.view = self._words = self._button = None
        self._build(picture)
        return True

    def _build(self, picture: Picture | None) -> None:
        stage, self.picture = self._stage, picture
        if picture is not None and picture.deleted:
            self._say(_("This picture was deleted."))
            self._button = WordButton(stage.style, _("Restore"), self, token="accent", strong=True)
            self._button.clicked.connect(lambda: stage.restore_image.emit(self.image_id))
            self._button.show()
        elif picture is None or not picture.path.is_file():
            self._say(_("This picture is no longer on the disk."))
        else:
            self.view = PictureView(stage, picture, self)
            self.view.show()
            self._button = WordButton(stage.style, _("Open in the gallery"), self, token="accent", strong=True)
            self._button.clicked.connect(self.view.click)
            self._button.show()

    def _say(self, words: str) -> None:
        self._words = PlainView(self._stage, self, kind="body", ink="dim")
        self._words.set_text(words)
        self._words.show()

    def texts(self) -> list[TextView]:
        """The texts in it that can be selected."""
        return [self._words] if self._words is not None else []

    def fit(self, width: int, line: int) -> int:
        """Place everything; `line` is the height of the line under a picture. Returns the height."""
        top = 0
        if self.view is not None:
            top = self.view.height_for(width)
            self.view.setGeometry(0, 0, width, top)
        room = width - 2 * _EDGE
        if self._button is not None:
            size = self._button.sizeHint()
            self._button.setGeometry(
                width - size.width() - 4, top + (line - size.height()) // 2, size.width(), size.height()
            )
            room -= size.width()
        if self._words is not None:
            height = self._words.fit(room)
            line = max(line, height + 12)
            self._words.setGeometry(_EDGE, (line - height) // 2, room, height)
        return top + line

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.view is None or self._button is None or self.picture is None:
            return
        painter = QPainter(self)
        style = self._stage.style
        painter.setFont(style.small_font)
        painter.setPen(style.theme.color("dim"))
        top = self.view.height()
        area = QRect(_EDGE - 1, top, self._button.x() - 18, self.height() - top)
        words = QFontMetrics(style.small_font).elidedText(self.picture.note, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, words)


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

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        place = event.globalPos() if by_mouse else self.mapToGlobal(self.rect().center())
        self._stage.image_menu.emit(self.picture.id, place)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        color = self._stage.style.theme.color
        painter.fillRect(self.rect(), color("code"))
        wanted = self.size() * self.devicePixelRatioF()
        if self._asked != wanted:
            self._asked = wanted
            self._stage.background.request(read, self.picture.path, wanted, receive=self._receive)
        if self._image is not None and not self._image.isNull():
            size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRect((self.width() - size.width()) // 2, (self.height() - size.height()) // 2, 0, 0)
            place.setSize(size)
            painter.drawImage(place, self._image)
        elif self._image is not None:
            painter.setPen(color("dim"))
            words = _("This file can't be read as a picture.")
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), words)
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
    reader.setDecideFormatFromContent(True)
    size = reader.size()
    if size.isValid() and (size.width() > bounds.width() or size.height() > bounds.height()):
        reader.setScaledSize(size.scaled(bounds, Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()
