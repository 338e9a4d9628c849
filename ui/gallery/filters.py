"""The bar over the grid: words to search for, what to leave out, how many there are and how large they are shown."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QActionGroup, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QSlider, QVBoxLayout, QWidget

from thau_desktop.errors import StoreError
from thau_desktop.store.pictures import Pictures
from thau_desktop.translation import _
from ui.gallery.days import Days
from ui.gallery.grid_layout import LARGEST, SMALLEST, USUAL
from ui.gallery.wanted import PERIODS, SOURCES, Wanted, period_name
from ui.theme import icon
from ui.widgets.buttons import button, icon_button
from ui.widgets.labels import label
from ui.widgets.layouts import clear
from ui.widgets.search_field import SearchField
from ui.words import grouped

SEARCH_DELAY = 150  # milliseconds
_HEIGHT = 52
_WIDE = 760  # pixels of the bar that has room for everything
_NARROW = 610


class FilterBar(QFrame):
    """Attributes: `wanted`; `search`, the field; `zoom`, the slider.

    Signals: `changed` when something else is wanted; `zoomed` (pixels of a tile); `entered`: the keyboard goes to the
    grid; `import_requested`, `folder_requested`, `panel_requested`.
    """

    changed = Signal()
    zoomed = Signal(int)
    entered = Signal()
    import_requested = Signal()
    import_folder_requested = Signal()
    folder_requested = Signal()
    panel_requested = Signal()

    def __init__(self, pictures: Pictures, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.wanted = Wanted()
        self._pictures = pictures
        self._narrowed: tuple[object, ...] = ()  # what the chips show
        self.setProperty("header", True)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(SEARCH_DELAY)
        self._typing.timeout.connect(self._search)
        self._make()
        self._place()
        self._show_wanted()

    def _make(self) -> None:
        self.search = SearchField(_("Search descriptions"))
        self.search.setMaximumWidth(260)
        self.search.setMinimumWidth(110)
        self.search.textChanged.connect(self._on_typed)
        self.search.returnPressed.connect(self.entered)
        self.date = button("")
        self.date.setProperty("hasMenu", True)
        self.date.setMenu(QMenu(self))
        self.date.menu().aboutToShow.connect(self._fill_dates)
        self.favourites = button(_("Favourites"), icon_name="star-fill")
        self.favourites.setIcon(icon("star-fill", "text", on="accent"))
        self.favourites.setCheckable(True)
        self.favourites.setToolTip(_("Show favourites only"))
        self.favourites.toggled.connect(lambda on: self.want(favourite=on))
        self.more = icon_button("funnel", _("More filters: model, size, origin"))
        self.more.setMenu(QMenu(self))
        self.more.setPopupMode(self.more.ToolButtonPopupMode.InstantPopup)
        self.more.menu().aboutToShow.connect(self._fill_more)
        self.trash = icon_button("trash", _("Show deleted pictures"))
        self.trash.setCheckable(True)
        self.trash.toggled.connect(lambda on: self.want(trash=on))
        self.add = icon_button("download-simple", _("Import pictures"))
        menu = QMenu(self)
        menu.addAction(icon("image"), _("Import pictures…"), self.import_requested.emit)
        menu.addAction(icon("folder-simple-plus"), _("Import a folder…"), self.import_folder_requested.emit)
        menu.addSeparator()
        menu.addAction(icon("folder-open"), _("Open the folder of pictures"), self.folder_requested.emit)
        self.add.setMenu(menu)
        self.add.setPopupMode(self.add.ToolButtonPopupMode.InstantPopup)
        self.count = label("", "dim")
        self.zoom = QSlider(Qt.Orientation.Horizontal)
        self.zoom.setRange(SMALLEST, LARGEST)
        self.zoom.setSingleStep(16)
        self.zoom.setPageStep(48)
        self.zoom.setValue(USUAL)
        self.zoom.setAccessibleName(_("Size of the pictures in the grid"))
        self.zoom.setToolTip(self.zoom.accessibleName())
        self.zoom.valueChanged.connect(self.zoomed)
        self.panel = icon_button(
            "magic-wand", _("Show or hide the form that draws pictures"), self.panel_requested.emit
        )
        self.panel.setCheckable(True)

    def _place(self) -> None:
        bar = QWidget()
        bar.setFixedHeight(_HEIGHT - 1)
        row = QHBoxLayout(bar)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(8)
        row.addWidget(self.search, 1000)
        row.addSpacing(4)
        for widget in (self.date, self.favourites, self.more, self.trash, self.add):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.count)
        row.addSpacing(4)
        row.addWidget(self.zoom)
        row.addWidget(self.panel)
        self._chips = QWidget()
        self._chips_row = QHBoxLayout(self._chips)
        self._chips_row.setContentsMargins(16, 0, 16, 8)
        self._chips_row.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self._chips)

    # --- what is wanted -----------------------------------------------------------------------------------

    def want(self, **fields: object) -> None:
        """Change what is wanted; nothing happens where it is wanted already."""
        wanted = replace(self.wanted, **fields)  # type: ignore[arg-type]
        if wanted != self.wanted:
            self.wanted = wanted
            self._show_wanted()
            self.changed.emit()

    @Slot()
    def clear(self) -> None:
        """Want everything again (or everything in the trash)."""
        self._typing.stop()
        self.wanted = Wanted(trash=self.wanted.trash)
        self._show_wanted()
        self.changed.emit()

    def focus_search(self) -> None:
        """Put the cursor into the search field."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def type(self, letters: str) -> None:
        """Go on typing in the search field."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.insert(letters)

    def say_count(self, count: int, total: str) -> None:
        """How many are shown, in words."""
        self.count.setText(total.format(n=grouped(count)) if count else "")

    @Slot(str)
    def _on_typed(self, text: str) -> None:
        if text.strip() == self.wanted.text:
            self._typing.stop()
        else:
            self._typing.start()

    @Slot()
    def _search(self) -> None:
        self.want(text=self.search.text().strip())

    def _show_wanted(self) -> None:
        wanted = self.wanted
        if self.search.text().strip() != wanted.text:
            self.search.setText(wanted.text)
        self.date.setText(period_name(wanted))
        self.date.setAccessibleName(_("Date: {period}").format(period=period_name(wanted)))
        for made, on in (
            (self.favourites, wanted.favourite),
            (self.trash, wanted.trash),
        ):
            made.blockSignals(True)
            made.setChecked(on)
            made.blockSignals(False)
        narrowed = wanted.model, wanted.size, wanted.source
        if narrowed != self._narrowed:
            self._narrowed = narrowed
            some = any(narrowed)
            self.more.setIcon(icon("funnel-fill" if some else "funnel", "accent" if some else "dim"))
            self._show_chips()

    def _show_chips(self) -> None:
        clear(self._chips_row)
        wanted = self.wanted
        chips: list[tuple[str, dict[str, object]]] = []
        if wanted.model:
            chips.append((wanted.model, {"model": ""}))
        if wanted.size is not None:
            chips.append((f"{wanted.size[0]} × {wanted.size[1]}", {"size": None}))
        if wanted.source:
            chips.append((_(dict(SOURCES)[wanted.source]), {"source": ""}))
        for words, without in chips:
            chip = button(words, partial(self.want, **without), icon_name="x", tint="dim")
            chip.setToolTip(_("Remove this filter"))
            chip.setAccessibleName(_("Remove the filter {name}").format(name=words))
            self._chips_row.addWidget(chip)
        if chips:
            self._chips_row.addWidget(button(_("Clear all filters"), self.clear, kind="link"))
        self._chips_row.addStretch(1)
        self._chips.setVisible(bool(chips))

    # --- menus --------------------------------------------------------------------------------------------

    @Slot()
    def _fill_dates(self) -> None:
        menu = self.date.menu()
        menu.clear()
        group = QActionGroup(menu)
        for period, words in PERIODS:
            self._choice(menu, group, _(words), self.wanted.period == period, period=period)
        menu.addSeparator()
        action = menu.addAction(_("Between two days…"), self.choose_days)
        action.setCheckable(True)
        action.setChecked(self.wanted.period == "between")
        group.addAction(action)

    def choose_days(self) -> None:
        """Ask for the first and the last day."""
        sheet = Days(self.date, self.wanted)
        sheet.chosen.connect(lambda first, last: self.want(period="between", first=first, last=last))
        sheet.open(sheet.first)

    @Slot()
    def _fill_more(self) -> None:
        menu = self.more.menu()
        menu.clear()
        wanted = self.wanted
        try:
            models, sizes = self._pictures.models(), self._pictures.sizes()
        except StoreError:  # the page says it when it reads the pictures
            models, sizes = [], []
        by_model = menu.addMenu(icon("cube"), _("Model"))
        group = QActionGroup(by_model)
        self._choice(by_model, group, _("Any model"), not wanted.model, model="")
        for model in models:
            self._choice(by_model, group, model, wanted.model == model, model=model)
        by_size = menu.addMenu(icon("arrows-out-simple"), _("Size"))
        group = QActionGroup(by_size)
        self._choice(by_size, group, _("Any size"), wanted.size is None, size=None)
        for size in sizes:
            self._choice(by_size, group, f"{size[0]} × {size[1]}", wanted.size == size, size=size)
        by_source = menu.addMenu(icon("arrow-square-in"), _("Where from"))
        group = QActionGroup(by_source)
        self._choice(by_source, group, _("Anywhere"), not wanted.source, source="")
        for source, words in SOURCES:
            self._choice(by_source, group, _(words), wanted.source == source, source=source)
        menu.addSeparator()
        clear_all = menu.addAction(icon("x"), _("Clear all filters"), self.clear)
        clear_all.setEnabled(wanted.narrowed)

    def _choice(self, menu: QMenu, group: QActionGroup, words: str, checked: bool, **fields: object) -> None:
        action = menu.addAction(words.replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(checked)
        action.triggered.connect(lambda: self.want(**fields))
        group.addAction(action)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        width = event.size().width()
        self.zoom.setVisible(width >= _NARROW)
        self.zoom.setFixedWidth(110 if width >= _WIDE else 64)
        self.count.setVisible(width >= _WIDE)
        self.favourites.setText(_("Favourites") if width >= _WIDE else "")
        self.favourites.setAccessibleName(_("Favourites"))
