"""Pictures of a conversation: found in the gallery, opened there, copied, saved, restored, drawn again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Slot
from PySide6.QtWidgets import QMenu

from thau_desktop.errors import StoreError
from thau_desktop.store.pictures import Picture as Stored
from thau_desktop.translation import _
from ui.chat.shown import Picture
from ui.gallery.metadata import summary
from ui.gallery.viewer_actions import PictureActions
from ui.theme import icon

if TYPE_CHECKING:
    from thau_desktop.app import Thau
    from ui.chat.page import ChatPage
    from ui.main_window import MainWindow


class ChatPictures(QObject):
    """What the transcript asks about pictures, and what its menu on one does."""

    def __init__(self, thau: Thau, page: ChatPage, window: MainWindow) -> None:
        super().__init__(page)
        self._thau = thau
        self._window = window
        self._transcript = page.transcript
        self._doing = PictureActions(thau, window, page)
        page.transcript.set_pictures(self.find)
        page.transcript.image_menu.connect(self.open_menu)
        page.transcript.restore_image.connect(self.restore)

    def find(self, image_id: str) -> Picture | None:
        """The picture of that id as the transcript shows it, also one in the trash; None where there is none."""
        stored = self._stored(image_id)
        if stored is None:
            return None
        path = self._thau.gallery.path(stored)
        deleted = stored.deleted_at is not None
        return Picture(image_id, path, stored.width, stored.height, stored.prompt, summary(stored), deleted)

    @Slot(str)
    def restore(self, image_id: str) -> None:
        """Take a picture out of the trash."""
        self._doing.restore([int(image_id)], lambda _ids, _here: self._transcript.refresh_pictures())

    @Slot(str, QPoint)
    def open_menu(self, image_id: str, place: QPoint) -> None:
        """What can be done with a picture, at that point of the screen."""
        stored = self._stored(image_id)
        if stored is not None:
            menu = self.menu(stored)
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(place)

    def menu(self, stored: Stored) -> QMenu:
        """The menu of a picture."""
        doing, menu = self._doing, QMenu(self._transcript)
        menu.addAction(
            icon("image"), _("Open in the gallery"), lambda: self._transcript.open_image.emit(str(stored.id))
        )
        menu.addAction(icon("copy"), _("Copy the picture"), lambda: doing.copy_image(stored))
        menu.addAction(icon("export"), _("Save as…"), lambda: doing.save_as(stored))
        menu.addSeparator()
        menu.addAction(icon("sliders-horizontal"), _("Use these settings"), lambda: self._in_gallery(stored))
        vary = menu.addMenu(icon("shuffle"), _("Variations"))
        vary.addAction(_("With new seeds"), lambda: self._in_gallery(stored, "seeds"))
        vary.addAction(_("Starting from this picture…"), lambda: self._in_gallery(stored, "image"))
        return menu

    def _in_gallery(self, stored: Stored, vary: str = "") -> None:
        """Show the gallery's form with a picture's settings, or draw more like it there."""
        from ui.gallery.page import GalleryPage  # late: the chat is what the window shows first

        page = self._window.show_page("gallery")
        if isinstance(page, GalleryPage):
            page.vary(stored, vary) if vary else page.use_settings(stored)

    def _stored(self, image_id: str) -> Stored | None:
        try:
            return self._thau.pictures.find(int(image_id)) if image_id.isdigit() else None
        except StoreError:  # it is being closed
            return None
