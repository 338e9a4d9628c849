"""The viewer: one picture over the gallery, everything known of it beside it, and all that can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget
from shiboken6 import isValid

from thau_desktop.errors import ThauError
from thau_desktop.store.pictures import Picture
from thau_desktop.translation import _
from ui.chat.buttons import RoundButton
from ui.chat.style import Style
from ui.gallery.compare import Compare
from ui.gallery.viewer_actions import PictureActions, gone_or_broken, put_on_clipboard
from ui.gallery.viewer_canvas import Canvas
from ui.gallery.viewer_head import ViewerHead
from ui.gallery.viewer_problem import PictureProblem
from ui.gallery.viewer_reading import Decoded, Reader
from ui.gallery.viewer_side import ViewerSide
from ui.theme import theme
from ui.words import grouped

if TYPE_CHECKING:
    from thau_desktop.app import Thau
    from ui.main_window import MainWindow

_BOTH = 720  # pixels that picture and words need beside each other
_EDGE = 12


class Viewer(QWidget):
    """Covers the page it is made on. Hidden until `open_pictures`.

    Attributes: `picture`, the one shown, None while closed; `canvas`, `head` and `side`; `comparison`, the view of two.

    Signals: `closed`; `moved` with the id now shown; `use_settings` with the picture whose settings are wanted;
    `variations` with a picture and "seeds" or "image"; `changed` with ids whose rows are others now (favourite,
    deleted, restored).
    """

    closed = Signal()
    moved = Signal(int)
    use_settings = Signal(object)
    variations = Signal(object, str)
    changed = Signal(object)

    def __init__(self, thau: Thau, window: MainWindow, parent: QWidget) -> None:
        super().__init__(parent)
        self._thau = thau
        self._window = window
        self._ids: Sequence[int] = ()
        self._place = 0
        self._before: QWidget | None = None
        self.picture: Picture | None = None
        self.picture_actions = PictureActions(thau, window, self)
        self.reader = Reader(self)
        self.reader.ready.connect(self._on_read)
        self.setAccessibleName(_("Picture viewer"))
        self.setAutoFillBackground(True)
        self.hide()
        self._build()
        self._listen()
        parent.installEventFilter(self)

    # --- opening and closing --------------------------------------------------------------------------------

    def open_pictures(self, ids: Sequence[int], picture_id: int) -> bool:
        """Show a picture; the arrows go through `ids`. Whether it exists."""
        picture = self._thau.pictures.find(picture_id)
        if picture is None:
            return False
        self._ids = ids if picture_id in ids else [picture_id]
        self._place = self._ids.index(picture_id)
        self._appear()
        self._views.setCurrentWidget(self._single)
        self._show(picture)
        self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def open_comparison(self, left: int, right: int, ids: Sequence[int] = ()) -> None:
        """Show two pictures side by side; the arrows of each side go through `ids`."""
        pictures = self._thau.pictures.rows([left, right])
        if len(pictures) < 2:
            return
        if self.picture is None:
            self._ids, self._place = ids or [left, right], 0
        self._appear()
        self._views.setCurrentWidget(self.comparison)
        self.comparison.show_pair(left, right, self._ids if left in self._ids else ids)

    @Slot()
    def close_viewer(self) -> None:
        """Back to the gallery."""
        if self.isHidden():
            return
        here = QApplication.focusWidget()
        self.picture = None
        self.hide()
        if self._before is not None and isValid(self._before) and (here is None or self.isAncestorOf(here)):
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        self._before = None
        self.closed.emit()

    def back(self) -> bool:
        """What Escape does: from two pictures to one, from one to the gallery; whether the viewer was open."""
        if self.isHidden():
            return False
        if self._views.currentWidget() is self.comparison and self.picture is not None:
            self._leave_comparison()
        else:
            self.close_viewer()
        return True

    def _appear(self) -> None:
        if self.isHidden():
            self._before = QApplication.focusWidget()
        self._fit()
        self.show()
        self.raise_()

    # --- building -------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._single = QWidget()
        self.canvas = Canvas()
        self.head = ViewerHead(self.canvas)
        self._problem = PictureProblem(self.canvas)
        style = Style(theme())
        self._back_button = RoundButton(style, "caret-left", _("Previous picture (←)"), self.canvas)
        self._on_button = RoundButton(style, "caret-right", _("Next picture (→)"), self.canvas)
        self._back_button.clicked.connect(lambda: self.step(-1))
        self._on_button.clicked.connect(lambda: self.step(1))
        self.canvas.installEventFilter(self)
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(self.head)
        left.addWidget(self.canvas, 1)
        self.side = ViewerSide()
        row = QHBoxLayout(self._single)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left, 1)
        row.addWidget(self.side)
        self.comparison = Compare(self._thau, self.reader)
        self.comparison.closed.connect(self._leave_comparison)
        self._views = QStackedWidget()
        self._views.addWidget(self._single)
        self._views.addWidget(self.comparison)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._views)

    def _listen(self) -> None:
        head, side = self.head, self.side
        head.left.connect(self.close_viewer)
        head.starred.connect(self.toggle_favourite)
        head.compared.connect(self.compare)
        head.info_toggled.connect(self._toggle_side)
        side.use.connect(self._use_settings)
        side.vary.connect(self._vary_it)
        side.copy_image.connect(self.copy_image)
        side.save.connect(self._save_as)
        side.open_folder.connect(self._open_folder)
        side.delete.connect(self.delete)
        side.restore.connect(self._restore_it)
        side.metadata.copy.connect(self._copy_words)
        side.metadata.open_picture.connect(self._open_parent)
        keys: dict[str, Callable[[], object]] = {
            "Left": lambda: self.step(-1),
            "Right": lambda: self.step(1),
            "PgUp": lambda: self.step(-1),
            "PgDown": lambda: self.step(1),
            "Home": lambda: self._go_to(0),
            "End": lambda: self._go_to(len(self._ids) - 1),
            "F": self.toggle_favourite,
            "C": self.compare,
            "I": self._toggle_side,
            "Del": self.delete,
            "Ctrl+C": self.copy_image,
            "Ctrl+S": self._save_as,
        }
        for key, action in keys.items():
            shortcut = QShortcut(QKeySequence(key), self._single)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(action)

    # --- the picture ----------------------------------------------------------------------------------------

    def step(self, by: int) -> None:
        """To the next picture, or the one before."""
        self._go_to(self._place + by)

    def _go_to(self, place: int) -> None:
        """Show that one; pictures that are gone for good are passed over."""
        direction = 1 if place >= self._place else -1
        while 0 <= place < len(self._ids):
            picture = self._thau.pictures.find(self._ids[place])
            if picture is not None:
                self._place = place
                self._show(picture)
                self.moved.emit(picture.id)
                return
            place += direction

    def _show(self, picture: Picture) -> None:
        self.picture = picture
        self.canvas.setAccessibleName(_("Picture: {prompt}").format(prompt=picture.prompt))
        self._show_facts(picture)
        self._problem.hide()
        decoded = self.reader.get(picture.id)
        if decoded is not None:
            self.canvas.show_decoded(decoded)
        else:
            self.canvas.show_nothing()
        self._read()

    def _show_facts(self, picture: Picture) -> None:
        self.side.show_picture(picture)
        count = _("{place} of {count}").format(place=grouped(self._place + 1), count=grouped(len(self._ids)))
        self.head.count.setText(count if picture.deleted_at is None else f"{count} · {_('in the trash')}")
        self.head.show_favourite(picture.favourite)
        self._back_button.setVisible(self._place > 0)
        self._on_button.setVisible(self._place + 1 < len(self._ids))
        self.head.compare.setEnabled(len(self._ids) > 1 or picture.parent_id is not None)

    def _read(self) -> None:
        """This picture first, then those beside it."""
        near = [self._place, self._place + 1, self._place - 1]
        ids = [self._ids[place] for place in near if 0 <= place < len(self._ids)]
        gallery = self._thau.gallery
        self.reader.want((picture.id, gallery.path(picture)) for picture in self._thau.pictures.rows(ids))

    @Slot(object, object)
    def _on_read(self, key: int, decoded: Decoded) -> None:
        self.comparison.take(key, decoded)
        if self.picture is None or key != self.picture.id:
            return
        self.canvas.show_decoded(decoded)
        if not decoded.levels:
            self._show_problem(decoded)

    def _show_problem(self, decoded: Decoded) -> None:
        assert self.picture is not None
        path = self._thau.gallery.path(self.picture)
        if decoded.missing:
            advice = _("It was moved or deleted outside of THAU: {path}").format(path=path)
            remove = _("Remove it from the gallery") if self.picture.deleted_at is None else ""
            self._problem.say(gone_or_broken(decoded), advice, remove, self.delete)
        else:
            advice = _("Its bytes are damaged or of another kind ({reason}): {path}")
            self._problem.say(
                gone_or_broken(decoded),
                advice.format(reason=decoded.reason, path=path),
                _("Open the folder"),
                self._open_folder,
            )

    # --- what can be done with it ---------------------------------------------------------------------------

    @Slot()
    def toggle_favourite(self) -> None:
        """Mark it, or take the mark away."""
        picture = self.picture
        if picture is None:
            return
        wanted = not picture.favourite
        try:
            self._thau.pictures.set_favourite([picture.id], wanted)
        except ThauError as error:
            self._window.show_error(error)
            return
        self._refresh()
        self.changed.emit([picture.id])

    @Slot()
    def copy_image(self) -> None:
        """The picture to the clipboard."""
        picture, decoded = self.picture, self.canvas.decoded
        if picture is None:
            return
        if decoded is not None and decoded.levels:
            put_on_clipboard(decoded.image, self._thau.gallery.path(picture))
            self._window.toast(_("The picture was copied"))
        else:
            self.picture_actions.copy_image(picture)

    @Slot()
    def delete(self) -> None:
        """Into the trash, and on to the next one."""
        if self.picture is not None and self.picture.deleted_at is None:
            self.picture_actions.delete([self.picture.id], self._on_moved_away)

    @Slot()
    def compare(self) -> None:
        """This picture beside the one it came from, else beside a neighbour."""
        picture = self.picture
        if picture is None:
            return
        other = picture.parent_id
        if other is None or self._thau.pictures.find(other) is None:
            place = self._place + 1 if self._place + 1 < len(self._ids) else self._place - 1
            if place < 0:
                return
            other = self._ids[place]
        self.open_comparison(picture.id, other)

    @Slot(str, str)
    def _copy_words(self, words: str, what: str) -> None:
        said = {"seed": _("The seed was copied"), "prompt": _("The prompt was copied")}
        self.picture_actions.copy_text(words, said.get(what, _("Copied")))

    @Slot()
    def _use_settings(self) -> None:
        if self.picture is not None:
            picture = self.picture
            self.close_viewer()
            self.use_settings.emit(picture)

    @Slot(str)
    def _vary_it(self, how: str) -> None:
        if self.picture is not None:
            picture = self.picture
            self.close_viewer()
            self.variations.emit(picture, how)

    @Slot()
    def _save_as(self) -> None:
        if self.picture is not None:
            self.picture_actions.save_as(self.picture)

    @Slot()
    def _open_folder(self) -> None:
        if self.picture is not None:
            self.picture_actions.open_folder(self.picture)

    @Slot()
    def _restore_it(self) -> None:
        if self.picture is not None:
            self.picture_actions.restore([self.picture.id], self._on_moved_away)

    @Slot(int)
    def _open_parent(self, picture_id: int) -> None:
        if not self.open_pictures(self._ids if picture_id in self._ids else [picture_id], picture_id):
            self._window.toast(_("That picture no longer exists."))

    def _on_moved_away(self, ids: Sequence[int], here: bool) -> None:
        """Pictures went into the trash or came back: what is shown goes on, or appears again."""
        for picture_id in ids:
            self.reader.forget(picture_id)
        self.changed.emit(ids)
        if self.picture is None or self.isHidden() or self.picture.id not in ids:
            return
        gone = self.picture.id
        if here != (self.picture.deleted_at is not None):
            self._refresh()
            return
        self._ids = [picture_id for picture_id in self._ids if picture_id != gone]
        if not self._ids:
            self.close_viewer()
            return
        self._place = min(self._place, len(self._ids) - 1)
        self._go_to(self._place)

    def _refresh(self) -> None:
        """Read the row anew."""
        if self.picture is not None:
            found = self._thau.pictures.find(self.picture.id)
            if found is not None:
                self.picture = found
                self._show_facts(found)
                if self.canvas.decoded is None or not self.canvas.has_picture:
                    self._read()

    # --- comparing ------------------------------------------------------------------------------------------

    @Slot()
    def _leave_comparison(self) -> None:
        if self.picture is None:
            self.close_viewer()
            return
        self._views.setCurrentWidget(self._single)
        self._read()
        self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- looks ----------------------------------------------------------------------------------------------

    @Slot()
    def _toggle_side(self) -> None:
        self.side.setVisible(self.side.isHidden())
        self.head.info.setChecked(not self.side.isHidden())

    def _fit(self) -> None:
        """As large as the page; words beside the picture only where there is room for both."""
        around = self.parentWidget()
        if around is not None:
            self.setGeometry(around.rect())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow, was = event.size().width() < _BOTH, 0 < event.oldSize().width() < _BOTH
        if narrow != was or event.oldSize().width() <= 0:
            self.side.setVisible(not narrow)
            self.head.info.setChecked(not narrow)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            if watched is self.canvas:
                self._place_buttons()
            elif watched is self.parentWidget():
                self._fit()
        return False

    def _place_buttons(self) -> None:
        middle = (self.canvas.height() - self._on_button.height()) // 2
        self._back_button.move(_EDGE, middle)
        self._on_button.move(self.canvas.width() - self._on_button.width() - _EDGE, middle)
        self._problem.place()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.back()
        elif self._views.currentWidget() is not self._single or not self.canvas.press(event):
            super().keyPressEvent(event)
