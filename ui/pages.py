"""The five pages: what the rail calls them, and where their widgets are, imported once the window has settled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget

from thau_desktop.translation import N_

if TYPE_CHECKING:
    from thau_desktop.app import Thau
    from ui.main_window import MainWindow


_BEAT_MS = 200


@dataclass(frozen=True, slots=True)
class PageEntry:
    """`label` is marked for translation; `widget` is "module:class", made as `class(thau, window)`."""

    name: str
    icon: str
    label: str
    widget: str
    keys: str

    def make(self, thau: Thau, window: MainWindow) -> QWidget:
        """The page itself, which may have `activate()`, `find()`, `stop()`, `actions()` and `take(path)`, and a
        widget `foot` that no toast may cover."""
        page = self.read()(thau, window)
        assert isinstance(page, QWidget)
        return page

    def read(self) -> Callable[[Thau, MainWindow], object]:
        """The class of the page, imported now if this is the first time."""
        module, _, name = self.widget.partition(":")
        kind: Callable[[Thau, MainWindow], object] = getattr(import_module(module), name)
        return kind


PAGES = (
    PageEntry("chat", "chat", N_("Chat"), "ui.chat.page:ChatPage", "Ctrl+1"),
    PageEntry("gallery", "image", N_("Gallery"), "ui.gallery.page:GalleryPage", "Ctrl+2"),
    PageEntry("training", "chart-line-up", N_("Training"), "ui.training.page:TrainingPage", "Ctrl+3"),
    PageEntry("models", "cube", N_("Models"), "ui.models.page:ModelsPage", "Ctrl+4"),
    PageEntry("settings", "gear", N_("Settings"), "ui.settings.page:SettingsPage", "Ctrl+5"),
)


class Ahead(QObject):
    """Imports the pages one by one while nothing else is done: when a page is first shown, that alone would stall the
    window for longer than making the page does. Attributes: `done`, whether all are read."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._left = list(PAGES)
        self._timer = QTimer(self, interval=_BEAT_MS)
        self._timer.timeout.connect(self._next)

    @property
    def done(self) -> bool:
        return not self._left and not self._timer.isActive()

    @Slot()
    def start(self) -> None:
        self._timer.start()

    @Slot()
    def _next(self) -> None:
        self._left.pop(0).read()
        if not self._left:
            self._timer.stop()


def own(page: QWidget, *names: str) -> Callable[..., Any] | None:
    """The first of those methods that the page's own class has; `find` and `actions` are QWidget's names too."""
    for name in names:
        for kind in type(page).__mro__:
            if kind.__module__.startswith("PySide6"):
                break
            if name in vars(kind):
                method: Callable[..., Any] = getattr(page, name)
                return method
    return None


def entry(name: str) -> PageEntry:
    """The page of that name."""
    return next(page for page in PAGES if page.name == name)
