"""Pictures into the gallery and out of it as files: by dialog, by dropping them, by dragging them away."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject, QRectF, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDrag, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from thau_desktop.images.gallery import (
    ExportFinished,
    ImportFinished,
    PictureExported,
    PictureImported,
    PictureRefused,
)
from thau_desktop.store.pictures import Picture
from thau_desktop.translation import _, ngettext_
from ui.gallery.progress import Progress
from ui.theme import theme
from ui.widgets.ask import Ask
from ui.words import grouped
from ui.worker import Worker

if TYPE_CHECKING:
    from thau_desktop.app import Thau
    from ui.main_window import MainWindow

DRAGGED = 1000  # pictures at once; more are better exported
_REASONS = 50
_KINDS = "*.png *.jpg *.jpeg *.webp"


class Transport(QObject):
    """Asks where, works in the background, and says in a toast how it went."""

    def __init__(self, thau: Thau, window: MainWindow, parent: QWidget) -> None:
        super().__init__(parent)
        self._thau = thau
        self._window = window
        self._parent = parent

    # --- in -----------------------------------------------------------------------------------------------

    def choose_files(self, when_done: Callable[[tuple[int, ...]], object]) -> None:
        """Ask for files, then `take_in`."""
        kinds = _("Pictures ({kinds})").format(kinds=_KINDS)
        chosen, _filter = QFileDialog.getOpenFileNames(self._parent, _("Import pictures"), str(Path.home()), kinds)
        if chosen:
            self.take_in([Path(path) for path in chosen], when_done)

    def choose_folder(self, when_done: Callable[[tuple[int, ...]], object]) -> None:
        """Ask for a folder, then `take_in`."""
        chosen = QFileDialog.getExistingDirectory(self._parent, _("Import a folder"), str(Path.home()))
        if chosen:
            self.take_in([Path(chosen)], when_done)

    def take_in(self, paths: Sequence[Path], when_done: Callable[[tuple[int, ...]], object]) -> Worker:
        """Copy files, and those in folders, into the gallery; `when_done` gets the ids of the new pictures."""
        gallery, refused = self._thau.gallery, list[PictureRefused]()

        def events(cancel: threading.Event) -> Iterator[object]:
            for event in gallery.import_files(paths, cancel):
                yield event
                if isinstance(event, PictureImported | PictureRefused):
                    yield Progress(event.number, event.of)

        def take(event: object) -> None:
            if isinstance(event, PictureRefused) and not event.duplicate:
                refused.append(event)
            elif isinstance(event, ImportFinished):
                when_done(event.ids)
                self._say_imported(event, refused)

        worker = Worker(events, self._parent, _("Importing pictures"))
        worker.event.connect(take)
        worker.failed.connect(self._window.show_error)
        return worker

    def _say_imported(self, event: ImportFinished, refused: Sequence[PictureRefused]) -> None:
        words = imported_words(event)
        if not refused:
            self._window.toast(words)
        else:
            self._window.toast(words, _("Why?"), lambda: self._show_reasons(refused))

    def _show_reasons(self, refused: Sequence[PictureRefused]) -> None:
        dialog = Ask(
            self._window,
            _("Import pictures"),
            ngettext_("{n} file was left out", "{n} files were left out", len(refused)).format(n=grouped(len(refused))),
            _("They stay where they are. These are the reasons:"),
            choices=((_("Close"), "accent"),),
            icon="warning",
            tint="warn",
            details=reasons(refused),
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    # --- out ----------------------------------------------------------------------------------------------

    def choose_export(self, ids: Sequence[int]) -> None:
        """Ask for a folder, then `export`."""
        title = ngettext_("Export {n} picture to a folder", "Export {n} pictures to a folder", len(ids))
        chosen = QFileDialog.getExistingDirectory(self._parent, title.format(n=grouped(len(ids))), str(Path.home()))
        if chosen:
            self.export(ids, Path(chosen))

    def export(self, ids: Sequence[int], folder: Path) -> Worker:
        """Copy the files of pictures into a folder."""
        gallery = self._thau.gallery

        def events(cancel: threading.Event) -> Iterator[object]:
            for event in gallery.export(ids, folder, cancel):
                yield Progress(event.number, event.of) if isinstance(event, PictureExported) else event

        def take(event: object) -> None:
            if isinstance(event, ExportFinished):
                link = QUrl.fromLocalFile(str(folder))
                self._window.toast(
                    exported_words(event, folder), _("Open the folder"), lambda: QDesktopServices.openUrl(link)
                )

        worker = Worker(events, self._parent, _("Exporting pictures"))
        worker.event.connect(take)
        worker.failed.connect(self._window.show_error)
        return worker

    def open_folder(self) -> None:
        """The folder of the pictures in the system's file manager."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._thau.gallery.folder)))

    def files_of(self, pictures: Iterable[Picture]) -> QMimeData:
        """The files as another program takes them."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(self._thau.gallery.path(picture))) for picture in pictures])
        return data

    def copy_files(self, pictures: Sequence[Picture]) -> None:
        """Several files to the clipboard."""
        QApplication.clipboard().setMimeData(self.files_of(pictures))
        words = ngettext_("{n} picture was copied", "{n} pictures were copied", len(pictures))
        self._window.toast(words.format(n=grouped(len(pictures))))

    def drag(self, source: QWidget, pictures: Sequence[Picture], count: int, face: QPixmap | None) -> None:
        """Drag files out of the window, with `face` under the mouse."""
        if count > DRAGGED:
            words = _("At most {n} pictures can be dragged at once. Export them to a folder instead.")
            self._window.toast(words.format(n=grouped(DRAGGED)))
            return
        drag = QDrag(source)
        drag.setMimeData(self.files_of(pictures))
        drag.setPixmap(_face(face, count, source.devicePixelRatioF()))
        drag.setHotSpot(drag.pixmap().rect().center() / drag.pixmap().devicePixelRatio())
        drag.exec(Qt.DropAction.CopyAction)


def dropped(data: QMimeData) -> list[Path]:
    """The files and folders that are dragged over the window."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def imported_words(event: ImportFinished) -> str:
    """How an import went, in one line."""
    many = len(event.ids)
    parts = [ngettext_("{n} picture imported", "{n} pictures imported", many).format(n=grouped(many))]
    if event.duplicates:
        here = ngettext_("{n} was here already", "{n} were here already", event.duplicates)
        parts.append(here.format(n=grouped(event.duplicates)))
    if event.refused:
        left = ngettext_("{n} left out", "{n} left out", event.refused)
        parts.append(left.format(n=grouped(event.refused)))
    return " · ".join(parts)


def exported_words(event: ExportFinished, folder: Path) -> str:
    """How an export went, in one line."""
    words = ngettext_("{n} picture exported to {folder}", "{n} pictures exported to {folder}", event.copied)
    parts = [words.format(n=grouped(event.copied), folder=folder.name or str(folder))]
    if event.skipped:
        many = len(event.skipped)
        gone = ngettext_("{n} whose file is gone was left out", "{n} whose files are gone were left out", many)
        parts.append(gone.format(n=grouped(many)))
    return " · ".join(parts)


def reasons(refused: Sequence[PictureRefused]) -> str:
    """Each file that was left out by number and name, with its reason."""
    lines = [f"{event.number}. {event.path.name}: {event.reason}" for event in refused[:_REASONS]]
    if len(refused) > _REASONS:
        lines.append(_("… and {n} more").format(n=grouped(len(refused) - _REASONS)))
    return "\n".join(lines)


def _face(picture: QPixmap | None, count: int, ratio: float) -> QPixmap:
    """What hangs under the mouse: the picture, small, and how many there are."""
    side = 96
    made = QPixmap(round(side * ratio), round(side * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    if picture is not None:
        painter.setOpacity(0.85)
        painter.drawPixmap(QRectF(0, 8, 88, 88), picture, QRectF(picture.rect()))
        painter.setOpacity(1.0)
    if count > 1:
        words = grouped(count)
        width = max(22, painter.fontMetrics().horizontalAdvance(words) + 12)
        place = QRectF(side - width, 0, width, 22)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("accent"))
        painter.drawRoundedRect(place, 11, 11)
        painter.setPen(theme().color("on_accent"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)
    painter.end()
    return made
