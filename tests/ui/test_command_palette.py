"""The palette finds actions, settings and conversations, and is run by the keyboard alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from thau_desktop.app import Thau
from thau_desktop.settings import Appearance, Settings
from ui.command_palette import CommandPalette, match
from ui.main_window import MainWindow
from ui.theme import Theme
from ui.tokens import DARK


@pytest.fixture
def window(qtbot, theme: Theme, thau: Thau) -> MainWindow:
    theme.apply(Settings(appearance=Appearance(reduced_motion=True)))
    thau.change("general", "first_run_done", True)
    made = MainWindow(thau.paths.home)
    qtbot.addWidget(made)
    made.show()
    made.set_thau(thau)
    made.show_page("gallery")
    return made


def _open(window: MainWindow) -> CommandPalette:
    window.open_palette()
    return next(sheet for sheet in window.findChildren(CommandPalette) if sheet.isVisible())


def _titles(palette: CommandPalette) -> list[str]:
    return [entry.title for entry in palette.model.shown]


@pytest.mark.parametrize(
    ("query", "better", "worse"),
    [
        ("mod", "Models", "Dark mode and more"),
        ("newc", "New conversation", "Renew the certificate"),
        ("boton", "Botón rojo", "Nuevo bot on"),
        ("dc", "Dark colours", "Find on this page: decide"),
    ],
)
def test_the_better_fit_comes_first(query: str, better: str, worse: str) -> None:
    assert match(query, better) > match(query, worse)


def test_what_does_not_fit_is_not_shown() -> None:
    assert match("xyz", "New conversation") == 0
    assert match("eie", "The quick brown fox is over there") == 0


def test_typing_filters_and_enter_runs_the_first(qtbot, window: MainWindow, theme: Theme) -> None:
    palette = _open(window)
    assert {"New conversation", "Gallery", "Light colours", "Quit THAU"} <= set(_titles(palette))
    qtbot.keyClicks(palette.field, "dark col")
    assert _titles(palette)[0] == "Dark colours"
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert theme.tokens.bg == DARK.bg
    assert not window.findChildren(CommandPalette) or not palette.isVisible()


def test_arrows_choose_and_wrap_around(qtbot, window: MainWindow) -> None:
    palette = _open(window)
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    assert palette.list.currentIndex().row() == 1
    qtbot.keyClick(palette.field, Qt.Key.Key_Up)
    qtbot.keyClick(palette.field, Qt.Key.Key_Up)
    assert palette.list.currentIndex().row() == len(_titles(palette)) - 1
    palette.close()


def test_conversations_are_found_and_opened(qtbot, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = window.thau.conversations.create("A fox in the snow")
    opened: list[int] = []
    monkeypatch.setattr(window, "open_conversation", opened.append)
    palette = _open(window)
    qtbot.waitUntil(lambda: "A fox in the snow" in _titles(palette))
    qtbot.keyClicks(palette.field, "fox")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert opened == [conversation.id]


def test_a_setting_opens_its_group(qtbot, window: MainWindow) -> None:
    palette = _open(window)
    qtbot.keyClicks(palette.field, "Size of the text")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert window.page_name == "settings"


def test_words_that_fit_nothing_say_so(qtbot, window: MainWindow) -> None:
    palette = _open(window)
    qtbot.keyClicks(palette.field, "qqqzzz")
    assert not palette.model.shown and not palette.list.isVisible()
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()
    palette.close()
