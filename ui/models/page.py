"""The models page: what is here and what can be had, how quick each is, and how they read a text."""

from __future__ import annotations

from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from thau_desktop.hardware import Hardware
from thau_desktop.models.memory import room
from thau_desktop.translation import _
from ui.command_palette import Entry
from ui.models.benchmark_view import BenchmarkView
from ui.models.concepts import ConceptsDialog, Topic
from ui.models.shelf import Shelf
from ui.models.tokens_view import TokensView
from ui.widgets.buttons import button
from ui.widgets.labels import label
from ui.words import decimal, size_of

if TYPE_CHECKING:
    from thau_desktop.app import Thau
    from ui.main_window import MainWindow


class ModelsPage(QWidget):
    """Attributes: `tabs`; `shelf`, `benchmark` and `tokens`, the views, of which each but the first is made when it is
    first wanted."""

    def __init__(self, thau: Thau, window: MainWindow) -> None:
        super().__init__()
        self.setAccessibleName(_("Models"))
        self.shelf = Shelf(thau, window)
        self.shelf.looked.connect(self._tell)
        self.tabs = QTabBar()
        self.tabs.setAccessibleName(_("Views of the models page"))
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self._thau = thau
        self._window = window
        self._views = QStackedWidget()
        self._views.addWidget(self.shelf)
        for name in (_("Models"), _("Benchmark"), _("Tokens")):
            self.tabs.addTab(name)
        self.tabs.currentChanged.connect(self._on_tab)
        self._note = label("", "dim", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 20)
        column.setSpacing(12)
        column.addLayout(self._head())
        column.addWidget(self.tabs)
        column.addWidget(self._views, 1)

    @cached_property
    def benchmark(self) -> BenchmarkView:
        view = BenchmarkView(self._thau, self._window)
        self._views.addWidget(view)
        return view

    @cached_property
    def tokens(self) -> TokensView:
        view = TokensView(self._thau)
        self._views.addWidget(view)
        return view

    def activate(self) -> None:
        """Read the disk again, and ask the servers."""
        self.shelf.look_again()
        self.shelf.ask_servers()

    def take(self, path: Path) -> None:
        """Take in the GGUF file of one's own."""
        self.tabs.setCurrentIndex(0)
        self.shelf.take_in(path)

    def give_token(self, repo: str = "") -> None:
        """Ask for a token of Hugging Face."""
        self.shelf.give_token(repo)

    def actions(self) -> list[Entry]:  # type: ignore[override]
        """What the command palette offers while this page is in view."""
        group = _("Models")
        views = [
            Entry(self.tabs.tabText(place), group, partial(self.tabs.setCurrentIndex, place), "cube")
            for place in range(self.tabs.count())
            if place != self.tabs.currentIndex()
        ]
        return [
            Entry(_("Add a model"), group, self.shelf.add, "plus"),
            *views,
            Entry(_("Concepts"), group, self.explain, "book-open"),
            Entry(_("Open the models folder"), group, self.shelf.open_folder, "folder-open"),
        ]

    def explain(self) -> None:
        """Open what stands behind the numbers in view."""
        topics: dict[int, Topic] = {0: "quantisation", 1: "sampling", 2: "tokens"}
        ConceptsDialog(self, topics[self.tabs.currentIndex()]).exec()

    def _head(self) -> QHBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(_("Models"), "title"))
        words.addWidget(self._note)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addLayout(words, 1)
        row.addWidget(button(_("Concepts"), self.explain, icon_name="book-open"))
        row.addWidget(button(_("Add a model"), self.shelf.add, icon_name="plus", kind="accent"))
        return row

    @Slot(object)
    def _tell(self, machine: Hardware) -> None:
        here = room(machine)
        memory = decimal(here.bytes / 1e9)
        where = {
            "cuda": _("{memory} GB of the graphics card's memory can hold a model"),
            "mps": _("{memory} GB of the memory can hold a model"),
            "cpu": _("{memory} GB of the memory can hold a model, on the processor"),
        }[here.device].format(memory=memory)
        free = _("{size} free on the disk").format(size=size_of(machine.disk.free))
        self._note.setText(f"{where} · {free}")

    @Slot(int)
    def _on_tab(self, index: int) -> None:
        if index == 0:
            self._views.setCurrentWidget(self.shelf)
            return
        view = self.benchmark if index == 1 else self.tokens
        self._views.setCurrentWidget(view)
        view.activate()
