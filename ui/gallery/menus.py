"""Everything that can be done with pictures, as actions with names, icons and keys: for menu, bar and palette alike."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from thau_desktop.errors import ThauError
from thau_desktop.store.pictures import Picture
from thau_desktop.translation import _, ngettext_
from ui.command_palette import Entry
from ui.gallery.progress import Progress, in_pieces
from ui.gallery.trash import removing
from ui.gallery.viewer_actions import PictureActions
from ui.theme import icon
from ui.widgets.ask import Ask
from ui.words import grouped
from ui.worker import Worker, run_in_background

if TYPE_CHECKING:
    from thau_desktop.app import Thau
    from ui.gallery.page import GalleryPage
    from ui.main_window import MainWindow

_PROMPTS = 500  # pictures whose descriptions are copied at once
_LOOKED_AT = 2000  # selected pictures whose stars decide what the star does


class GalleryActions(QObject):
    """What the page offers for the selected pictures. Each is a QAction; those with keys listen in the grid."""

    def __init__(self, thau: Thau, page: GalleryPage, window: MainWindow) -> None:
        super().__init__(page)
        self._thau = thau
        self._page = page
        self._window = window
        self._one = PictureActions(thau, window, page)
        self.open = self._action(_("Open"), "arrows-out-simple", self.open_current, "")
        self.favourite = self._action(_("Favourite"), "star", self.toggle_favourite, "F")
        self.copy = self._action(_("Copy"), "copy", self.copy_pictures, "Ctrl+C")
        self.copy_prompt = self._action(_("Copy the description"), "text-aa", self.copy_prompts, "Ctrl+Shift+C")
        self.export = self._action(_("Export…"), "export", self.export_pictures, "Ctrl+S")
        self.compare = self._action(_("Compare"), "columns", self.compare_two, "C")
        self.use = self._action(_("Use these settings"), "magic-wand", self.use_settings, "")
        self.folder = self._action(_("Open the folder"), "folder-open", self.open_folder, "")
        self.delete = self._action(_("Delete"), "trash", self.delete_pictures, "Del", tint="bad")
        self.restore = self._action(_("Restore"), "arrow-counter-clockwise", self.restore_pictures, "")
        self.remove = self._action(_("Delete for good…"), "trash", self.remove_for_good, "", tint="bad")
        self.show_selection()

    def _action(self, name: str, icon_name: str, do: Callable[[], object], keys: str, tint: str = "dim") -> QAction:
        action = QAction(icon(icon_name, tint), name, self)
        action.triggered.connect(lambda: do())
        action.setToolTip(f"{name} ({keys})" if keys else name)
        if keys:
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            self._page.grid.addAction(action)
        return action

    # --- which there are ----------------------------------------------------------------------------------

    def of_selection(self, count: int) -> list[QAction]:
        """What the bar offers for that many selected pictures."""
        if self._page.grid.trash:
            return [self.restore, self.remove]
        found = [self.favourite, self.copy, self.copy_prompt, self.export]
        if count == 2:
            found.append(self.compare)
        return [*found, self.delete]

    @Slot()
    def show_selection(self) -> None:
        """Enable what can be done with what is selected now."""
        count, trash = self._page.grid.selected_count(), self._page.grid.trash
        for action in (self.copy, self.copy_prompt):
            action.setEnabled(count > 0)
        for action in (self.favourite, self.export, self.delete):
            action.setEnabled(count > 0 and not trash)
        for action in (self.restore, self.remove):
            action.setEnabled(count > 0 and trash)
        self.compare.setEnabled(count == 2)
        self.use.setEnabled(count == 1 and not trash)

    def menu(self) -> QMenu:
        """The context menu of what is selected."""
        menu = QMenu(self._page)
        grid = self._page.grid
        count = grid.selected_count()
        if count:
            if count == 1:
                menu.addAction(self.open)
                menu.setDefaultAction(self.open)
            if count == 2:
                menu.addAction(self.compare)
            if grid.trash:
                menu.addAction(self.restore)
                menu.addSeparator()
                menu.addActions([self.copy, self.copy_prompt])
                menu.addSeparator()
                menu.addAction(self.remove)
                return menu
            menu.addAction(self.favourite)
            if count == 1:
                menu.addSeparator()
                self._add_drawing(menu)
            menu.addSeparator()
            menu.addActions([self.copy, self.copy_prompt, self.export])
            if count == 1:
                menu.addAction(self.folder)
            menu.addSeparator()
            menu.addAction(self.delete)
            return menu
        menu.addAction(icon("checks"), _("Select all"), grid.selectAll).setShortcut(QKeySequence("Ctrl+A"))
        menu.addSeparator()
        menu.addAction(icon("download-simple"), _("Import pictures…"), self._page.import_files)
        menu.addAction(icon("folder-open"), _("Open the folder of pictures"), self._page.transport.open_folder)
        return menu

    def _add_drawing(self, menu: QMenu) -> None:
        menu.addAction(self.use)
        vary = menu.addMenu(icon("shuffle"), _("Variations"))
        vary.addAction(_("With new seeds"), partial(self.vary, "seeds"))
        vary.addAction(_("Starting from this picture…"), partial(self.vary, "image"))

    def pop_up(self, position: QPoint) -> None:
        """Show the context menu there."""
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(position)

    def entries(self) -> Iterator[Entry]:
        """What the command palette offers while the page is in view."""
        group, page = _("Gallery"), self._page
        for action in (self.open, *self.of_selection(page.grid.selected_count())):
            if page.grid.selected_count() and action.isEnabled():
                keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
                yield Entry(action.text(), group, action.trigger, "image", keys)
        yield Entry(_("Search descriptions"), group, page.find, "magnifying-glass")
        yield Entry(_("Import pictures…"), group, page.import_files, "download-simple")
        yield Entry(_("Import a folder…"), group, page.import_folder, "folder-simple-plus")
        yield Entry(_("Open the folder of pictures"), group, page.transport.open_folder, "folder-open")
        yield Entry(_("Show favourites only"), group, page.bar.favourites.toggle, "star")
        yield Entry(_("Show deleted pictures"), group, page.bar.trash.toggle, "trash")
        yield Entry(_("Select all pictures"), group, page.grid.selectAll, "checks", "Ctrl+A")
        yield Entry(_("Show or hide the form that draws pictures"), group, page.toggle_panel, "magic-wand")

    # --- what they do -------------------------------------------------------------------------------------

    def open_current(self) -> None:
        """The viewer, at the picture that has the keyboard."""
        current = self._page.grid.current_id()
        if current is not None:
            self._page.open_picture(current)

    def toggle_favourite(self) -> None:
        """All become favourites; if they are already, none is."""
        ids = self._page.grid.selected_ids()
        pictures = self._thau.pictures

        def change() -> None:
            on = not all(picture.favourite for picture in pictures.rows(ids[:_LOOKED_AT]))
            pictures.set_favourite(ids, on)

        self._run(change)

    def star(self, picture_id: int) -> None:
        """Of one picture, whatever is selected."""
        pictures = self._thau.pictures

        def change() -> None:
            found = pictures.find(picture_id)
            if found is not None:
                pictures.set_favourite([picture_id], not found.favourite)

        self._run(change)

    def copy_pictures(self) -> None:
        """One as a picture, several as files."""
        self._with_rows(self._page.grid.selected_ids()[:_LOOKED_AT], self._copy)

    def _copy(self, pictures: Sequence[Picture]) -> None:
        if len(pictures) == 1:
            self._one.copy_image(pictures[0])
        elif pictures:
            self._page.transport.copy_files(pictures)

    def copy_prompts(self) -> None:
        """The descriptions, one a line."""

        def copy(pictures: Sequence[Picture]) -> None:
            prompts = [picture.prompt for picture in pictures if picture.prompt]
            if not prompts:
                self._window.toast(_("There is no description to copy."))
                return
            words = ngettext_("The description was copied", "{n} descriptions were copied", len(prompts))
            self._one.copy_text("\n".join(prompts), words.format(n=len(prompts)))

        self._with_rows(self._page.grid.selected_ids()[:_PROMPTS], copy)

    def export_pictures(self) -> None:
        """Ask for a folder and copy the files there."""
        self._page.transport.choose_export(self._page.grid.selected_ids())

    def compare_two(self) -> None:
        """The two that are selected, side by side."""
        ids = self._page.grid.selected_ids()
        if len(ids) == 2:
            self._page.compare(ids[0], ids[1])

    def use_settings(self) -> None:
        """Put what the picture was drawn with into the form."""
        self._with_rows(self._page.grid.selected_ids()[:1], lambda found: self._page.use_settings(found[0]))

    def vary(self, how: str) -> None:
        """Draw more like it: with new "seeds" or from its "image"."""
        self._with_rows(self._page.grid.selected_ids()[:1], lambda found: self._page.vary(found[0], how))

    def open_folder(self) -> None:
        """Where the picture's file is."""
        self._with_rows(self._page.grid.selected_ids()[:1], lambda found: self._one.open_folder(found[0]))

    def delete_pictures(self) -> None:
        """Into the trash, with a way back."""
        gallery = self._thau.gallery

        def deleted(ids: Sequence[int], many: int) -> None:
            words = ngettext_("{n} picture was deleted", "{n} pictures were deleted", many)
            self._window.toast(words.format(n=grouped(many)), _("Undo"), lambda: self._bring_back(ids))

        self._work(gallery.delete, self._page.grid.selected_ids(), _("Deleting pictures"), deleted)

    def restore_pictures(self) -> None:
        """What is selected comes back from the trash."""
        self._bring_back(self._page.grid.selected_ids())

    def restore_all(self) -> None:
        """Everything comes back from the trash."""
        self._bring_back(list(self._page.shown_ids()))

    def _bring_back(self, ids: Sequence[int]) -> None:
        def restored(_ids: Sequence[int], many: int) -> None:
            words = ngettext_("{n} picture is back", "{n} pictures are back", many)
            self._window.toast(words.format(n=grouped(many)))

        self._work(self._thau.gallery.restore, ids, _("Restoring pictures"), restored)

    def remove_for_good(self) -> None:
        """Ask, then remove what is selected in the trash."""
        self._ask_to_remove(self._page.grid.selected_ids())

    def empty_trash(self) -> None:
        """Ask, then remove everything that is in the trash."""
        self._ask_to_remove(list(self._page.shown_ids()))

    def _ask_to_remove(self, ids: Sequence[int]) -> None:
        if not ids:
            return
        what = ngettext_("Delete {n} picture for good?", "Delete {n} pictures for good?", len(ids))
        dialog = Ask(
            self._window,
            _("Delete for good"),
            what.format(n=grouped(len(ids))),
            _("The files are removed from this computer. This can't be undone."),
            choices=((_("Cancel"), ""), (_("Delete for good"), "danger")),
            icon="trash",
            tint="bad",
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._remove(ids) if dialog.choice == 1 else None)
        dialog.open()

    def _remove(self, ids: Sequence[int]) -> None:
        def removed(_ids: Sequence[int], many: int) -> None:
            words = ngettext_("{n} picture was deleted for good", "{n} pictures were deleted for good", many)
            self._window.toast(words.format(n=grouped(many)))

        gallery = self._thau.gallery
        self._watch(lambda cancel: removing(gallery, ids, cancel), ids, _("Deleting pictures"), removed)

    # --- how ----------------------------------------------------------------------------------------------

    def _run(self, change: Callable[[], None]) -> None:
        page = self._page
        run_in_background(page, change, lambda _none: page.refresh(), self._window.show_error)

    def _with_rows(self, ids: Sequence[int], use: Callable[[list[Picture]], object]) -> None:
        def take(found: list[Picture]) -> None:
            if found:
                use(found)

        run_in_background(self._page, lambda: self._thau.pictures.rows(ids), take, self._window.show_error)

    def _work(
        self,
        work: Callable[[Sequence[int]], int],
        ids: Sequence[int],
        title: str,
        done: Callable[[Sequence[int], int], object],
    ) -> None:
        self._watch(lambda cancel: in_pieces(work, ids, cancel), ids, title, done)

    def _watch(
        self,
        events: Callable[[threading.Event], Iterator[Progress]],
        ids: Sequence[int],
        title: str,
        done: Callable[[Sequence[int], int], object],
    ) -> None:
        """Work that can be watched and stopped; `done` gets the ids that were worked off, and how many changed."""
        if not ids:
            return
        last = Progress(0, len(ids))

        def take(event: Progress) -> None:
            nonlocal last
            last = event

        def ended() -> None:
            self._page.refresh()
            if last.changed:
                done(ids[: last.done], last.changed)

        def failed(error: ThauError) -> None:
            ended()
            self._window.show_error(error)

        worker = Worker(events, self._page, title)
        worker.event.connect(take)
        worker.done.connect(ended)
        worker.failed.connect(failed)
