"""What a person does with one picture wherever it is seen: copy it, save it elsewhere, show its folder, delete it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QDesktopServices, QImage
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from thau_desktop.errors import ThauError
from thau_desktop.paths import atomic_write
from thau_desktop.store.pictures import Picture
from thau_desktop.translation import _, ngettext_
from ui.gallery.viewer_reading import Decoded, decode
from ui.worker import run_in_background

if TYPE_CHECKING:
    from thau_desktop.app import Thau
    from ui.main_window import MainWindow


class PictureActions:
    """Works in the background and says in a toast how it went; `parent` is whoever asks."""

    def __init__(self, thau: Thau, window: MainWindow, parent: QWidget) -> None:
        self._thau = thau
        self._window = window
        self._parent = parent

    def copy_text(self, text: str, said: str) -> None:
        """Words to the clipboard."""
        QApplication.clipboard().setText(text)
        self._window.toast(said)

    def copy_image(self, picture: Picture) -> None:
        """The picture to the clipboard, and its file for those who take files."""
        path = self._thau.gallery.path(picture)

        def copied(decoded: Decoded) -> None:
            if not decoded.levels:
                self._window.toast(gone_or_broken(decoded))
                return
            put_on_clipboard(decoded.image, path)
            self._window.toast(_("The picture was copied"))

        run_in_background(self._parent, lambda: decode(path), copied)

    def save_as(self, picture: Picture) -> None:
        """Ask for a file name, then `save`."""
        start = str(Path.home() / picture.file)
        kinds = _("Pictures (*{ending})").format(ending=Path(picture.file).suffix or ".png")
        chosen, _filter = QFileDialog.getSaveFileName(self._parent, _("Save this picture"), start, kinds)
        if chosen:
            self.save(picture, Path(chosen))

    def save(self, picture: Picture, path: Path) -> None:
        """Copy the file, with the parameters in it, to `path`."""
        origin = self._thau.gallery.path(picture)

        def write() -> None:
            try:
                atomic_write(path, origin.read_bytes())
            except FileNotFoundError as error:
                raise ThauError(_("The file of this picture is no longer on the disk."), details=str(error)) from error
            except OSError as error:
                sentence = _("{path} can't be written: {reason}.")
                raise ThauError(
                    sentence.format(path=path, reason=error.strerror or error), _("Choose another place for it.")
                ) from error

        def written(_none: None) -> None:
            folder = QUrl.fromLocalFile(str(path.parent))
            words = _("Saved as {name}").format(name=path.name)
            self._window.toast(words, _("Open the folder"), lambda: QDesktopServices.openUrl(folder))

        run_in_background(self._parent, write, written, self._window.show_error)

    def open_folder(self, picture: Picture) -> None:
        """The folder of the picture in the system's file manager."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._thau.gallery.path(picture).parent)))

    def delete(self, ids: Sequence[int], changed: Callable[[Sequence[int], bool], object]) -> None:
        """Into the trash with a way back; `changed(ids, here)` is told after either."""

        def deleted(many: int) -> None:
            words = ngettext_("{n} picture was deleted", "{n} pictures were deleted", many).format(n=many)
            self._window.toast(words, _("Undo"), lambda: self.restore(ids, changed))
            changed(ids, False)

        gallery = self._thau.gallery
        run_in_background(self._parent, lambda: gallery.delete(ids), deleted, self._window.show_error)

    def restore(self, ids: Sequence[int], changed: Callable[[Sequence[int], bool], object]) -> None:
        """Back from the trash."""

        def restored(many: int) -> None:
            words = ngettext_("{n} picture is back", "{n} pictures are back", many)
            self._window.toast(words.format(n=many) if many else _("This picture is no longer in the trash."))
            changed(ids, True)

        gallery = self._thau.gallery
        run_in_background(self._parent, lambda: gallery.restore(ids), restored, self._window.show_error)


def put_on_clipboard(image: QImage, path: Path) -> None:
    """A picture for those who take pictures, its file for those who take files."""
    data = QMimeData()
    data.setImageData(image)
    data.setUrls([QUrl.fromLocalFile(str(path))])
    QApplication.clipboard().setMimeData(data)


def gone_or_broken(decoded: Decoded) -> str:
    """Why there is nothing to see, in a sentence."""
    if decoded.missing:
        return _("The file of this picture is no longer on the disk.")
    return _("This file can't be read as a picture.")
