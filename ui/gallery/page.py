"""The gallery page: every picture in a grid that stays quick, what to look for over it, and the form that draws."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Qt, QTimer, Slot
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QHideEvent,
    QKeySequence,
    QResizeEvent,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from thau_desktop.errors import StoreError
from thau_desktop.messages import ImageReady
from thau_desktop.store.pictures import Picture
from thau_desktop.translation import _, ngettext_
from ui.command_palette import Entry
from ui.gallery.drop import DropVeil
from ui.gallery.empty import empty_state
from ui.gallery.filters import FilterBar
from ui.gallery.form import FormDock
from ui.gallery.grid import PictureGrid
from ui.gallery.grid_layout import USUAL
from ui.gallery.grid_model import PictureModel
from ui.gallery.importing import DRAGGED, Transport, dropped
from ui.gallery.menus import GalleryActions
from ui.gallery.selection import FOOT, SelectionBar, size_together
from ui.gallery.thumbnails import Thumbnails
from ui.gallery.trash import TrashStrip
from ui.gallery.wanted import Wanted
from ui.widgets.empty_state import EmptyState
from ui.worker import run_in_background, workers

if TYPE_CHECKING:
    from thau_desktop.app import Thau
    from ui.gallery.panel import GeneratePanel
    from ui.gallery.viewer import Viewer
    from ui.main_window import MainWindow

_LOOK_EVERY = 1000  # milliseconds
_SUMMED = 5000  # selected pictures whose sizes are added up
_BOTH = 760  # pixels that grid and form need beside each other
_ZOOM_SETTLES = 500
_SELECTION_RESTS = 150


@dataclass(frozen=True, slots=True)
class _Found:
    """The answer to one question: what was wanted, and what there is."""

    wanted: Wanted
    ids: array[int]
    changes: int


class GalleryPage(QWidget):
    """Attributes: `bar`, what is wanted; `grid`; `strip`, the line over the trash; `selection`, the bar at the foot;
    `empty`, what is said while nothing is there, or None; `form`, the room at the right; `viewer`, None until a
    picture is opened."""

    def __init__(self, thau: Thau, window: MainWindow) -> None:
        super().__init__()
        self._thau = thau
        self._window = window
        self._state = QSettings(str(thau.paths.home / "window.ini"), QSettings.Format.IniFormat)
        self._asked = 0  # number of the newest question to the store; older answers are dropped
        self._seen_version = -1
        self._found: _Found | None = None
        self.empty: EmptyState | None = None
        self.viewer: Viewer | None = None
        self.setAccessibleName(_("Gallery"))
        self.setAcceptDrops(True)
        self.model = PictureModel(thau.pictures, self)
        self.thumbnails = Thumbnails(thau.pictures.rows, thau.gallery, self)
        self.bar = FilterBar(thau.pictures)
        self.strip = TrashStrip()
        self.strip.hide()
        self.grid = PictureGrid(self.model, self.thumbnails)
        self._stage = QWidget()
        self.selection = self.foot = SelectionBar(self._stage)
        self.transport = Transport(thau, window, self)
        self.form = FormDock(thau, window)
        self.form.made.connect(self.refresh)
        self.doing = GalleryActions(thau, self, window)
        self._build()
        self._veil = DropVeil(self)
        self._looking = self._timer(_LOOK_EVERY, self._look, once=False)
        self._keeping = self._timer(_ZOOM_SETTLES, self._keep_zoom)
        self._summing = self._timer(_SELECTION_RESTS, self._sum)
        self._connect()
        self._restore()
        self.refresh()

    def _timer(self, interval: int, slot: object, once: bool = True) -> QTimer:
        timer = QTimer(self)
        timer.setInterval(interval)
        timer.setSingleShot(once)
        timer.timeout.connect(slot)
        return timer

    def _build(self) -> None:
        self._views = QStackedWidget()
        self._views.addWidget(self.grid)
        inside = QVBoxLayout(self._stage)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self._views)
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(self.bar)
        left.addWidget(self.strip)
        left.addWidget(self._stage, 1)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addLayout(left, 1)
        self._row.addWidget(self.form)

    def _connect(self) -> None:
        bar, grid = self.bar, self.grid
        bar.changed.connect(self._on_wanted)
        bar.zoomed.connect(grid.set_zoom)
        bar.entered.connect(self._enter_grid)
        bar.import_requested.connect(self.import_files)
        bar.import_folder_requested.connect(self.import_folder)
        bar.folder_requested.connect(self.transport.open_folder)
        bar.panel_requested.connect(self.toggle_panel)
        grid.zoomed.connect(self._on_zoomed)
        grid.opened.connect(lambda row: self.open_picture(self.model.ids[row]))
        grid.typed.connect(bar.type)
        grid.star_clicked.connect(self.doing.star)
        grid.drag_started.connect(self._drag)
        grid.menu_requested.connect(self.doing.pop_up)
        grid.selection_changed.connect(self._on_selection)
        self.thumbnails.gone.connect(lambda _ids: self.refresh())
        self.selection.cleared.connect(grid.clearSelection)
        self.strip.left.connect(self.leave_trash)
        self.strip.restore_all.connect(self.doing.restore_all)
        self.strip.empty.connect(self.doing.empty_trash)
        workers().noted.connect(self._on_noted)
        for keys, step in (("Ctrl++", 24), ("Ctrl+=", 24), ("Ctrl+-", -24)):
            QShortcut(QKeySequence(keys), self, lambda step=step: grid.set_zoom(grid.places.wanted + step))

    # --- what the window calls ------------------------------------------------------------------------------

    def activate(self) -> None:
        """The page comes into view."""
        self._look()
        if self.viewer is None or self.viewer.isHidden():
            self.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def find(self) -> None:  # type: ignore[override]
        """Ctrl+F: the search field."""
        self._close_viewer()
        self.bar.focus_search()

    @Slot()
    def stop(self) -> None:
        """Esc: back from the viewer, else stop what is being drawn, else select nothing, else leave the trash."""
        if self.viewer is not None and self.viewer.back():
            return
        running = workers().running
        if self.panel is not None and self.panel.stop():
            return
        if running:
            running[-1].stop()
        elif self.grid.selected_count():
            self.grid.clearSelection()
        elif self.bar.wanted.trash:
            self.leave_trash()

    def actions(self) -> list[Entry]:  # type: ignore[override]
        """What the command palette offers while this page is in view."""
        return list(self.doing.entries())

    def open_picture(self, picture_id: int | str) -> None:
        """Show a picture in the viewer; its arrows go through what the grid shows."""
        number = int(picture_id)
        if self._found is None:
            self._read_now()
        if self._viewer().open_pictures(self.model.ids, number):
            self._cover(True)
        else:
            self._window.toast(_("That picture no longer exists."))
            self.refresh()

    def compare(self, left: int, right: int) -> None:
        """Show two pictures side by side."""
        viewer = self._viewer()
        viewer.open_comparison(left, right, self.model.ids)
        self._cover(not viewer.isHidden())

    def import_files(self) -> None:
        """Ask for files and take them in."""
        self.transport.choose_files(self._imported)

    def import_folder(self) -> None:
        """Ask for a folder and take in what is in it."""
        self.transport.choose_folder(self._imported)

    def shown_ids(self) -> Sequence[int]:
        """All pictures that are wanted, in their order."""
        return self.model.ids

    # --- what is shown --------------------------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Ask the store again, in the background. What is seen and selected stays where it is."""
        self._asked += 1
        asked, wanted, before = self._asked, self.bar.wanted, self._found
        pictures, filter = self._thau.pictures, wanted.filter(date.today())

        def read() -> _Found | None:
            changes = pictures.changes()
            if before is not None and (before.wanted, before.changes) == (wanted, changes):
                return None
            return _Found(wanted, pictures.ids(filter), changes)

        def show(found: _Found | None) -> None:
            if asked == self._asked and found is not None:
                self._show(found)

        run_in_background(self, read, show, self._window.show_error)

    def _read_now(self) -> None:
        """What `refresh` reads, at once."""
        wanted, pictures = self.bar.wanted, self._thau.pictures
        try:
            changes = pictures.changes()
            self._show(_Found(wanted, pictures.ids(wanted.filter(date.today())), changes))
        except StoreError as error:
            self._window.show_error(error)

    def _show(self, found: _Found) -> None:
        first = self._found is None
        same = self._found is not None and self._found.wanted == found.wanted
        self._found = found
        wanted = found.wanted
        self.grid.trash = wanted.trash
        self.grid.show_ids(found.ids, keep=same)
        self.grid.refresh()
        self.strip.setVisible(wanted.trash)
        self.strip.set_any(bool(found.ids))
        self.bar.say_count(*_count(wanted, len(found.ids)))
        self._show_empty(wanted if not found.ids else None)
        self._on_selection()
        if first:
            QTimer.singleShot(0, self.form, self.form.fill_if_shown)

    def _show_empty(self, wanted: Wanted | None) -> None:
        """Say why nothing is there, or show the grid."""
        before = self.empty
        self.empty = empty_state(self, wanted) if wanted is not None else None
        if self.empty is not None:
            self._views.addWidget(self.empty)
            self._views.setCurrentWidget(self.empty)
        else:
            had = before is not None and before.isAncestorOf(self.window().focusWidget() or self)
            self._views.setCurrentWidget(self.grid)
            if had and (self.viewer is None or self.viewer.isHidden()):
                self.grid.setFocus()
        if before is not None:
            self._views.removeWidget(before)
            before.deleteLater()

    @Slot()
    def _on_wanted(self) -> None:
        self.refresh()

    @Slot()
    def leave_trash(self) -> None:
        """Show the pictures again."""
        self.bar.want(trash=False)

    @Slot()
    def _look(self) -> None:
        """Another face, process or thread may have written."""
        try:
            version = self._thau.database.data_version()
        except StoreError:  # it is being closed
            return
        if version != self._seen_version:
            self._seen_version = version
            self.refresh()

    @Slot(object)
    def _on_noted(self, event: object) -> None:
        if isinstance(event, ImageReady) and self.isVisible():
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._looking.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._looking.stop()
        self._summing.stop()

    # --- the selection --------------------------------------------------------------------------------------

    @Slot()
    def _on_selection(self) -> None:
        count = self.grid.selected_count()
        self.doing.show_selection()
        self.grid.set_foot(FOOT if count else 16)
        if not count:
            self.selection.hide()
            return
        self.selection.say(count, None)
        self.selection.set_actions(self.doing.of_selection(count))
        self.selection.show()
        self.selection.raise_()
        self._summing.start()

    @Slot()
    def _sum(self) -> None:
        """Add up the files of what is selected, once the selection rests."""
        if 0 < self.grid.selected_count() <= _SUMMED:
            ids, pictures = self.grid.selected_ids(), self._thau.pictures
            run_in_background(
                self,
                lambda: size_together(pictures.rows(ids)),
                lambda size: self._say_size(ids, size),
                lambda _error: None,  # the page says it when it reads the ids
            )

    def _say_size(self, ids: Sequence[int], size: int) -> None:
        if len(ids) == self.grid.selected_count():
            self.selection.say(len(ids), size)

    @Slot()
    def _enter_grid(self) -> None:
        self.grid.setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _drag(self) -> None:
        ids = self.grid.selected_ids()
        try:
            pictures = self._thau.pictures.rows(ids) if len(ids) <= DRAGGED else []
        except StoreError as error:
            self._window.show_error(error)
            return
        current = self.grid.current_id()
        face = self.thumbnails.pixmap(current) if current is not None else None
        self.transport.drag(self.grid, pictures, len(ids), face)

    # --- files that come in ---------------------------------------------------------------------------------

    def _imported(self, ids: tuple[int, ...]) -> None:
        if ids and self.bar.wanted.trash:
            self.leave_trash()
        self.refresh()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.source() is None and dropped(event.mimeData()):
            event.acceptProposedAction()
            self._veil.show_over()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._veil.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._veil.hide()
        event.acceptProposedAction()
        self.transport.take_in(dropped(event.mimeData()), self._imported)

    # --- viewer and form --------------------------------------------------------------------------------------

    def _viewer(self) -> Viewer:
        """Made when a picture is first opened."""
        if self.viewer is None:
            from ui.gallery.viewer import Viewer

            self.viewer = Viewer(self._thau, self._window, self)
            self.viewer.closed.connect(self._on_viewer_closed)
            self.viewer.moved.connect(self.grid.show_picture)
            self.viewer.changed.connect(lambda _ids: self.refresh())
            self.viewer.use_settings.connect(self.use_settings)
            self.viewer.variations.connect(self.vary)
        return self.viewer

    def _close_viewer(self) -> None:
        if self.viewer is not None:
            self.viewer.close_viewer()

    def _cover(self, covered: bool) -> None:
        """What the viewer stands over takes no keys, and Tab passes it by."""
        for one in (self.bar, self.strip, self._stage, self.form):
            one.setEnabled(not covered)

    @Slot()
    def _on_viewer_closed(self) -> None:
        self._cover(False)
        self.refresh()
        self.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def toggle_panel(self) -> None:
        """Show the form that draws if it is hidden, else hide it."""
        self.show_panel(not self.form.shown)

    def show_panel(self, shown: bool, *, keep: bool = True) -> None:
        """Show or hide the form; `keep`: also the next time."""
        if keep:
            self._state.setValue("gallery/panel_hidden", int(not shown))
        self.bar.panel.setChecked(shown)
        self.form.show_form(shown, now=self._found is not None)

    @property
    def panel(self) -> GeneratePanel | None:
        """The form, None until it is first shown."""
        return self.form.panel

    def draw(self) -> None:
        """Put the cursor into the form's description."""
        self._close_viewer()
        self.show_panel(True)
        self.form.fill().setFocus(Qt.FocusReason.ShortcutFocusReason)  # its description has it then

    @Slot(object)
    def use_settings(self, picture: Picture) -> None:
        """Put what a picture was drawn with into the form."""
        self._close_viewer()
        self.show_panel(True)
        self.form.fill().fill(picture)

    @Slot(object, str)
    def vary(self, picture: Picture, how: str) -> None:
        """Draw more like that picture: with new "seeds", or starting from its "image"."""
        self._close_viewer()
        self.show_panel(True)
        self.form.fill().vary(picture, how)

    # --- as it was ------------------------------------------------------------------------------------------

    def _restore(self) -> None:
        """Sizes as they were when THAU was closed."""
        zoom = int(str(self._state.value("gallery/zoom", USUAL)))
        self.bar.zoom.setValue(zoom)
        self.grid.set_zoom(zoom)

    @Slot(int)
    def _on_zoomed(self, wanted: int) -> None:
        self.bar.zoom.setValue(wanted)
        self._keeping.start()

    @Slot()
    def _keep_zoom(self) -> None:
        self._state.setValue("gallery/zoom", self.grid.places.wanted)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        roomy = event.size().width() >= _BOTH
        self.show_panel(roomy and not int(str(self._state.value("gallery/panel_hidden", 0))), keep=False)


def _count(wanted: Wanted, count: int) -> tuple[int, str]:
    """How many there are, and the sentence for it."""
    if wanted.trash:
        return count, ngettext_("{n} deleted", "{n} deleted", count)
    if wanted.narrowed:
        return count, ngettext_("{n} found", "{n} found", count)
    return count, ngettext_("{n} picture", "{n} pictures", count)
