"""The five pages: what the rail calls them, and where their widgets are, imported when first shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from thau_desktop.translation import N_

if TYPE_CHECKING:
    from thau_desktop.app import Thau
    from ui.main_window import MainWindow


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
        module, _, name = self.widget.partition(":")
        page = getattr(import_module(module), name)(thau, window)
        assert isinstance(page, QWidget)
        return page


PAGES = (
    PageEntry("chat", "chat", N_("Chat"), "ui.chat.page:ChatPage", "Ctrl+1"),
    PageEntry("gallery", "image", N_("Gallery"), "ui.gallery.page:GalleryPage", "Ctrl+2"),
    PageEntry("training", "chart-line-up", N_("Training"), "ui.training.page:TrainingPage", "Ctrl+3"),
    PageEntry("models", "cube", N_("Models"), "ui.models.page:ModelsPage", "Ctrl+4"),
    PageEntry("settings", "gear", N_("Settings"), "ui.settings.page:SettingsPage", "Ctrl+5"),
)


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
