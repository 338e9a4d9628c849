"""What the command palette can run: the window's actions, the page's own, settings, and conversations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from thau_desktop.settings import groups
from thau_desktop.translation import _
from ui.command_palette import CommandPalette, Entry
from ui.pages import PAGES, own
from ui.settings import labels
from ui.shortcuts import keys_of
from ui.worker import run_in_background, workers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ui.main_window import MainWindow

_CONVERSATIONS = 500


def everything(window: MainWindow) -> list[Entry]:
    """All but the conversations, in the order of their use."""
    return [*_actions(window), *_of_page(window), *_pages(window), *_themes(window), *_settings(window)]


def conversations(window: MainWindow, palette: CommandPalette) -> None:
    """Add the conversations to an open palette as soon as they are read."""
    thau = window.thau
    if thau is None:
        return

    def read() -> list[Entry]:
        return [_conversation(window, found.id, found.title) for found in thau.conversations.list()[:_CONVERSATIONS]]

    run_in_background(palette, read, palette.model.add)


def _conversation(window: MainWindow, number: int, title: str) -> Entry:
    title = title or _("New conversation")
    return Entry(title, _("Conversation"), lambda: window.open_conversation(number), "chat-text")


def _actions(window: MainWindow) -> Iterator[Entry]:
    group = _("Action")
    yield Entry(_("New conversation"), group, window.new_chat, "plus", keys_of("new_chat"))
    yield Entry(_("Find on this page"), group, window.find_here, "magnifying-glass", keys_of("find"))
    for worker in workers().running:
        yield Entry(_("Stop: {what}").format(what=worker.title or _("Working…")), group, worker.stop, "stop")
    yield Entry(_("Show the keys"), group, window.show_keys, "keyboard", keys_of("keys"))
    if window.rail.toggle.isVisible():
        yield Entry(window.rail.toggle.toolTip(), group, window.rail.switch, "caret-double-right")
    yield Entry(_("How things stand"), group, window.rail.status.open, "cpu")
    yield Entry(_("Quit THAU"), group, window.quit_asked.emit, "power", keys_of("quit"))


def _of_page(window: MainWindow) -> list[Entry]:
    actions = own(window.page, "actions") if window.page_name else None
    return list(actions()) if actions else []


def _pages(window: MainWindow) -> Iterator[Entry]:
    for page in PAGES:
        show = lambda name=page.name: window.show_page(name)  # noqa: E731
        yield Entry(_(page.label), _("Page"), show, page.icon, keys_of(f"page:{page.name}"))


def _themes(window: MainWindow) -> Iterator[Entry]:
    thau = window.thau
    if thau is None:
        return
    names = (
        ("light", _("Light colours"), "sun"),
        ("dark", _("Dark colours"), "moon"),
        ("system", _("Colours of the system"), "circle-half"),
    )
    for value, title, icon in names:

        def choose(value: str = value) -> None:
            thau.change("appearance", "theme", value)
            window.theme.apply(thau.settings)

        yield Entry(title, _("Appearance"), choose, icon)


def _settings(window: MainWindow) -> Iterator[Entry]:
    for group, kind in groups().items():
        for key, info in kind.model_fields.items():
            name = f"{group}.{key}"
            if name in labels.HIDDEN:
                continue
            show = lambda name=name: _open_setting(window, name)  # noqa: E731
            also = _(info.description) if info.description else ""
            yield Entry(_(labels.FIELDS.get(name, key)), _("Setting"), show, "gear", also=also)


def _open_setting(window: MainWindow, name: str) -> None:
    page = window.show_page("settings")
    method = own(page, "open_group") if page is not None else None
    if method is not None:
        method(name)
