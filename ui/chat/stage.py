"""What all widgets of one transcript share: the look, the selection, and the requests they pass upwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QApplication

from ui.chat.background import Background
from ui.chat.selection import Selection
from ui.chat.shown import Picture
from ui.chat.style import Style
from ui.theme import Theme

if TYPE_CHECKING:
    from ui.chat.text_view import TextView


def _no_picture(image_id: str) -> Picture | None:
    return None


class Stage(QObject):
    """Attributes: `style`, `selection`, `background`; `picture`, which finds a picture of the store by its id;
    `show_speed`, whether a line under each answer says how fast it came."""

    link_clicked = Signal(str)
    open_image = Signal(str)
    restore_image = Signal(str)
    image_menu = Signal(str, QPoint)
    copied = Signal(str)
    dragging = Signal()

    def __init__(self, theme: Theme, views: Callable[[], list[TextView]], parent: QObject) -> None:
        super().__init__(parent)
        self.style = Style(theme)
        self.selection = Selection(views)
        self.background = Background(self)
        self.show_speed = True
        self.picture: Callable[[str], Picture | None] = _no_picture

    def copy(self, text: str) -> None:
        """Put words on the clipboard."""
        QApplication.clipboard().setText(text)
        self.copied.emit(text)
