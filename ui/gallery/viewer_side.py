"""Beside the picture in the viewer: what is known of it, and the buttons for what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QMenu, QVBoxLayout, QWidget

from thau_desktop.store.pictures import Picture
from thau_desktop.translation import _
from ui.gallery.metadata import Metadata
from ui.widgets.buttons import button

WIDTH = 320
_PAIR = 136  # pixels of each of two buttons


class ViewerSide(QFrame):
    """Attributes: `metadata`. Each signal is a button; `vary` says "seeds" or "image"."""

    use = Signal()
    vary = Signal(str)
    copy_image = Signal()
    save = Signal()
    open_folder = Signal()
    delete = Signal()
    restore = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("side", "right")
        self.setFixedWidth(WIDTH)
        self.metadata = Metadata()
        self.use_button = button(_("Use these settings"), self.use.emit, icon_name="sliders-horizontal", kind="accent")
        self.vary_button = button(_("Variations"), icon_name="shuffle")
        self.vary_button.setProperty("hasMenu", True)
        self.vary_button.setMenu(self._variations())
        copy = button(_("Copy"), self.copy_image.emit, icon_name="copy")
        save = button(_("Export…"), self.save.emit, icon_name="export")
        folder = button(_("Folder"), self.open_folder.emit, icon_name="folder-open")
        for made, name in ((copy, _("Copy the picture")), (folder, _("Show the file in its folder"))):
            made.setToolTip(name)
            made.setAccessibleName(name)
        self._delete = button(_("Delete"), self.delete.emit, icon_name="trash", kind="danger")
        self._restore = button(_("Restore"), self.restore.emit, icon_name="arrow-counter-clockwise")
        pairs = QGridLayout()
        pairs.setSpacing(8)
        for number, made in enumerate((self.vary_button, copy, save, folder)):
            made.setMinimumWidth(_PAIR)
            pairs.addWidget(made, number // 2, number % 2)
        foot = QVBoxLayout()
        foot.setContentsMargins(16, 12, 16, 16)
        foot.setSpacing(8)
        foot.addWidget(self.use_button)
        foot.addLayout(pairs)
        foot.addWidget(self._delete)
        foot.addWidget(self._restore)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.metadata, 1)
        column.addLayout(foot)

    def show_picture(self, picture: Picture) -> None:
        """Show what is known of another one."""
        self.metadata.show_picture(picture)
        self._delete.setVisible(picture.deleted_at is None)
        self._restore.setVisible(picture.deleted_at is not None)

    def _variations(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction(_("With new seeds"), lambda: self.vary.emit("seeds"))
        menu.addAction(_("Starting from this picture…"), lambda: self.vary.emit("image"))
        return menu
