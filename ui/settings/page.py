"""The settings page: groups at the left, the chosen one at the right, or what a search finds in all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListWidget, QListWidgetItem, QScrollArea, QVBoxLayout, QWidget

from thau_desktop.errors import SettingsError, ThauError
from thau_desktop.settings import Settings, allowed, groups
from thau_desktop.translation import _, language, set_language
from ui.settings import labels
from ui.settings.about import AboutPage
from ui.settings.api_page import ApiPage
from ui.settings.api_server import ApiServer
from ui.settings.fields import FieldRow, fold
from ui.settings.group_page import GroupPage
from ui.settings.model_page import ModelPage
from ui.settings.privacy import PrivacyPage
from ui.theme import icon, theme
from ui.tokens import LIGHT
from ui.widgets.empty_state import EmptyState
from ui.widgets.scrolling import steady
from ui.widgets.search_field import SearchField

if TYPE_CHECKING:
    from thau_desktop.app import Thau

_COLUMN = 760  # of the cards, as wide as the transcript
_LEFT, _LEFT_NARROW = 256, 176
_BOTH = 720  # pixels of a page that has room for the wider list
_BESIDE = 540  # pixels of a column that has room for editors beside their words, at the normal text size
_MARGIN = 34  # pixels at either side of the column
_AHEAD_MS = 60


class SettingsPage(QWidget):
    """Every setting, each change applied and saved at once.

    `changed` says which setting has a new value ("appearance", "theme"). The page itself switches theme and
    language, and builds itself anew in the new language.
    """

    changed = Signal(str, str)

    def __init__(self, thau: Thau, window: QWidget | None = None) -> None:
        super().__init__()
        self.setProperty("page", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(_("Settings"))
        self._thau = thau
        self._window = window
        self._pages: dict[str, GroupPage] = {}
        self._built_in = ""
        self._narrow = False
        self._outer = QHBoxLayout(self)
        self._outer.setContentsMargins(0, 0, 0, 0)
        self._outer.setSpacing(0)
        # The other pages are made one by one while nobody waits, so that a search finds them all at once.
        self._ahead = QTimer(self)
        self._ahead.setInterval(_AHEAD_MS)
        self._ahead.timeout.connect(self._build_ahead)
        theme().changed.connect(self._on_theme_changed)
        self._build("general")

    def open_group(self, name: str) -> None:
        """Show that group ("privacy"), or one setting in it ("chat.temperature"); a search is over."""
        group, _dot, key = name.partition(".")
        self._search.clear()
        self._groups.setCurrentRow(list(labels.GROUPS).index(group))
        if key:
            row = self._row(group, key)
            row.editor.control.setFocus(Qt.FocusReason.ShortcutFocusReason)
            QTimer.singleShot(0, row, lambda: self._scroll.ensureWidgetVisible(row, 0, 48))

    def activate(self) -> None:
        """The page comes into view: the arrow keys choose a group."""
        self._groups.setFocus(Qt.FocusReason.OtherFocusReason)

    def focus_search(self) -> None:
        """Put the keyboard into the search field (Ctrl+F)."""
        self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search.selectAll()

    def show_settings(self) -> None:
        """Show the values in use, whoever changed them."""
        for page in self._pages.values():
            page.show_settings(self._thau.settings)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Give words and editors the room that there is."""
        self._left.setFixedWidth(_LEFT if self.width() >= _BOTH else _LEFT_NARROW)
        column = min(_COLUMN, self.width() - self._left.width() - 2 * _MARGIN)
        narrow = column < _BESIDE * theme().tokens.type_body / LIGHT.type_body
        if narrow != self._narrow:
            self._narrow = narrow
            for page in self._pages.values():
                page.set_narrow(narrow)

    def showEvent(self, event: QShowEvent) -> None:
        if language() != self._built_in:
            self._build(self._current())
        self.show_settings()
        self._ahead.start()
        super().showEvent(event)

    # --- building ----------------------------------------------------------------------------------------

    def _build(self, group: str) -> None:
        """Everything from the start, in the language of now."""
        while (item := self._outer.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._pages = {}
        self._built_in = language()
        self._outer.addWidget(self._make_left())
        self._outer.addWidget(self._make_right(), 1)
        self._groups.setCurrentRow(list(labels.GROUPS).index(group))

    def _make_left(self) -> QFrame:
        left = QFrame()
        left.setProperty("side", "left")
        self._left = left
        left.setFixedWidth(_LEFT if self.width() >= _BOTH else _LEFT_NARROW)
        self._search = SearchField(_("Search settings"))
        self._search.textChanged.connect(self._on_searched)
        self._groups = QListWidget()
        self._groups.setProperty("bare", True)
        self._groups.setAccessibleName(_("Groups of settings"))
        self._groups.setIconSize(QSize(18, 18))
        self._groups.setSpacing(1)
        for named in labels.GROUPS.values():
            item = QListWidgetItem(icon(named.icon), _(named.name))
            item.setSizeHint(QSize(0, 34))
            self._groups.addItem(item)
        self._groups.currentRowChanged.connect(self._on_group_chosen)
        self._groups.itemClicked.connect(lambda _item: self._search.clear())
        column = QVBoxLayout(left)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(12)
        column.addWidget(self._search)
        column.addWidget(self._groups)
        return left

    def _make_right(self) -> QScrollArea:
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        steady(self._scroll)
        inside = QWidget()
        inside.setProperty("plain", True)
        column = QWidget()
        column.setMaximumWidth(_COLUMN)
        self._column = QVBoxLayout(column)
        self._column.setContentsMargins(0, 24, 0, 24)
        self._column.setSpacing(24)
        sentence = _("No setting has these words in its name or its description.")
        self._nothing = EmptyState("magnifying-glass", _("Nothing found"), sentence, _("Clear search"), self._clear)
        self._nothing.hide()
        self._column.addWidget(self._nothing)
        self._column.addStretch()
        line = QHBoxLayout(inside)
        line.setContentsMargins(24, 0, 24, 0)
        line.addStretch(1)
        line.addWidget(column, 100)
        line.addStretch(1)
        self._scroll.setWidget(inside)
        return self._scroll

    def _page(self, group: str) -> GroupPage:
        """The page of a group, made when it is first needed."""
        page = self._pages.get(group)
        if page is not None:
            return page
        if group == "privacy":
            page = PrivacyPage(self._thau, self._window or self)
        elif group == "api":
            page = ApiPage(self._thau, self._window or self)
        elif group == "about":
            page = AboutPage(self._thau)
        elif group == "model":
            page = ModelPage(self._thau, self._sources(), self._window)
        else:
            page = GroupPage(group, self._sources())
        for row in page.rows:
            row.edited.connect(self._on_edited)
            row.reset.connect(self._on_reset)
        page.reset_group.connect(self._on_reset_group)
        page.show_settings(self._thau.settings)
        page.set_narrow(self._narrow)
        self._pages[group] = page
        page.hide()
        order = [name for name in labels.GROUPS if name in self._pages]
        self._column.insertWidget(order.index(group), page)
        return page

    def _sources(self) -> dict[str, Any]:
        return {
            "chat.persona": self._personas,
            "model.name": self._models,
            "model.device": self._devices,
            "images.model": self._image_models,
        }

    def _personas(self) -> Mapping[Any, str]:
        return {persona.name: persona.title for persona in self._thau.personas.list()}

    def _models(self) -> Mapping[Any, str]:
        return {model.name: model.name for model in self._thau.models.installed()}

    def _image_models(self) -> Mapping[Any, str]:
        return {model.name: model.title or model.name for model in self._thau.image_models.installed()}

    def _devices(self) -> Mapping[Any, str]:
        from thau_desktop.hardware import facts

        gpus = facts(self._thau.paths.home).gpus
        return {gpu.device: gpu.name for gpu in gpus}

    # --- what happens ------------------------------------------------------------------------------------

    def _current(self) -> str:
        return list(labels.GROUPS)[max(0, self._groups.currentRow())]

    def _clear(self) -> None:
        self._search.clear()
        self._search.setFocus()

    @Slot()
    def _build_ahead(self) -> None:
        missing = [group for group in labels.GROUPS if group not in self._pages]
        if not missing or not self.isVisible():
            self._ahead.stop()
            return
        page = self._page(missing[0])
        page.setVisible(bool(self._search.text()) and page.search(fold(self._search.text()).split()) > 0)

    @Slot(int)
    def _on_group_chosen(self, row: int) -> None:
        if row < 0:
            return
        if self._search.text():
            self._search.clear()  # shows the group, too
            return
        self._groups.item(row).setSelected(True)
        shown = self._page(self._current())
        for page in self._pages.values():
            page.search([])
            page.setVisible(page is shown)
        shown.show_settings(self._thau.settings)
        self._nothing.hide()
        self._scroll.verticalScrollBar().setValue(0)

    @Slot(str)
    def _on_searched(self, text: str) -> None:
        words = fold(text).split()
        if not words:
            self._on_group_chosen(self._groups.currentRow())
            return
        found = 0
        for group in labels.GROUPS:
            page = self._page(group)
            number = page.search(words)
            page.setVisible(number > 0)
            found += number
        self._groups.clearSelection()
        self._nothing.setVisible(found == 0)
        self._scroll.verticalScrollBar().setValue(0)

    @Slot(str, str, object)
    def _on_edited(self, group: str, key: str, value: object) -> None:
        try:
            self._thau.change(group, key, value)
        except ThauError as error:
            expected = isinstance(error, SettingsError) and error.advice == allowed(group, key)
            self._row(group, key).show_problem(error.advice if expected else str(error))
            return
        self._applied(group, key)

    @Slot(str, str)
    def _on_reset(self, group: str, key: str) -> None:
        try:
            self._thau.settings_file.reset(group, key)
        except ThauError as error:
            self._row(group, key).show_problem(str(error))
            return
        self._applied(group, key)

    @Slot(str)
    def _on_reset_group(self, group: str) -> None:
        before = getattr(self._thau.settings, group)
        defaults = groups()[group]()
        for row in list(self._page(group).rows):
            if getattr(before, row.key) != getattr(defaults, row.key):
                self._on_reset(group, row.key)

    def _applied(self, group: str, key: str) -> None:
        settings: Settings = self._thau.settings
        theme().apply(settings)
        if (group, key) == ("general", "language"):
            set_language(settings.general.language)
        if group == "api":
            ApiServer.of(self._thau, self._window or self).follow()
        self.changed.emit(group, key)
        if language() != self._built_in:
            self._build(group)
            self._row(group, key).editor.setFocus()
            self._ahead.start()
        self._page(group).show_settings(settings, key)

    def _row(self, group: str, key: str) -> FieldRow:
        return next(row for row in self._page(group).rows if row.key == key)

    @Slot()
    def _on_theme_changed(self) -> None:
        self._fit()
        self.show_settings()  # the command palette may have chosen it
        words = fold(self._search.text()).split()
        if words:  # the marks have the colours of the old theme
            for page in self._pages.values():
                page.search(words)
