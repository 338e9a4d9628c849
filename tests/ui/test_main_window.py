"""The window shows its pages, listens to its keys, and says what is wrong."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from thau_desktop.app import Thau
from thau_desktop.errors import Action, ModelMissing, NewerDatabase, StoreError
from thau_desktop.messages import ModelReady, ToolProgress
from thau_desktop.settings import Appearance, Settings
from thau_desktop.translation import set_language
from ui import pages
from ui.command_palette import CommandPalette
from ui.fade import Fade
from ui.gallery.page import GalleryPage
from ui.main_window import MainWindow
from ui.pages import PAGES, Ahead, PageEntry, own
from ui.shortcuts import KeysDialog
from ui.theme import Theme
from ui.widgets.banner import Banner
from ui.widgets.overlay import Overlay
from ui.worker import Worker, workers

READY = ModelReady("thau-nano-v1", "cpu", "float32", 1.0, 8_300_000, 64_000_000, 2048)


@pytest.fixture
def thau(thau: Thau) -> Thau:
    thau.change("general", "first_run_done", True)
    return thau


@pytest.fixture
def bare(qtbot, theme: Theme, home: Path) -> MainWindow:
    """A window before its core is there, without motion."""
    theme.apply(Settings(appearance=Appearance(reduced_motion=True)))
    made = MainWindow(home)
    qtbot.addWidget(made)
    return made


@pytest.fixture
def window(qtbot, bare: MainWindow, thau: Thau) -> MainWindow:
    bare.show()
    bare.set_thau(thau)
    QApplication.processEvents()
    with qtbot.waitActive(bare):
        bare.activateWindow()
    return bare


def _words(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel))


def _press(qtbot, window: MainWindow, key: Qt.Key, control: bool = True) -> None:
    modifier = Qt.KeyboardModifier.ControlModifier if control else Qt.KeyboardModifier.NoModifier
    qtbot.keyClick(QApplication.focusWidget() or window, key, modifier)


def _overlays(window: MainWindow) -> list[Overlay]:
    return [sheet for sheet in window.findChildren(Overlay) if sheet.isVisible()]


def _runner() -> tuple[threading.Event, Callable[[threading.Event], Iterator[object]]]:
    started = threading.Event()

    def events(cancel: threading.Event) -> Iterator[object]:
        yield ToolProgress("1", 0.5, "step 10 of 20")
        started.set()
        cancel.wait(100)

    return started, events


def test_the_window_shows_before_its_core_is_there(qtbot, bare: MainWindow) -> None:
    with qtbot.waitSignal(bare.painted):
        bare.show()
    assert bare.thau is None
    assert bare.show_page("gallery") is None
    assert bare.minimumWidth() == 640 and bare.minimumHeight() == 400


def test_the_code_of_the_pages_is_read_before_they_are_shown(qtbot, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "a_page_nobody_saw.py").write_text("class Page: pass")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(pages, "PAGES", (PageEntry("new", "cube", "New", "a_page_nobody_saw:Page", ""),))
    ahead = Ahead()
    assert "a_page_nobody_saw" not in sys.modules
    ahead.start()
    qtbot.waitUntil(lambda: "a_page_nobody_saw" in sys.modules)
    qtbot.waitUntil(lambda: ahead.done)


def test_pages_are_made_when_they_are_first_shown(window: MainWindow) -> None:
    assert window.page_name == "chat"
    assert not window.findChildren(GalleryPage)
    first = window.show_page("gallery")
    assert isinstance(first, GalleryPage) and window.page is first
    window.show_page("models")
    assert window.show_page("gallery") is first
    assert window.rail.button("gallery").isChecked() and not window.rail.button("models").isChecked()


@pytest.mark.parametrize("number", range(5))
def test_control_and_a_number_show_a_page(qtbot, window: MainWindow, number: int) -> None:
    window.show_page("gallery" if number != 1 else "models")
    _press(qtbot, window, Qt.Key(Qt.Key.Key_1 + number))
    qtbot.waitUntil(lambda: window.page_name == PAGES[number].name)


def test_control_comma_shows_the_settings(qtbot, window: MainWindow) -> None:
    _press(qtbot, window, Qt.Key.Key_Comma)
    qtbot.waitUntil(lambda: window.page_name == "settings")


def test_every_button_of_the_rail_has_a_name_in_both_languages(window: MainWindow) -> None:
    names = [window.rail.button(page.name).accessibleName() for page in PAGES]
    assert names == ["Chat", "Gallery", "Training", "Models", "Settings"]
    set_language("es")
    window.rail.retranslate()
    assert all(window.rail.button(page.name).accessibleName() for page in PAGES)
    assert window.rail.status.accessibleName()


def test_a_page_fades_only_where_things_may_move(window: MainWindow, theme: Theme) -> None:
    window.show_page("gallery")
    assert not window.findChildren(Fade)
    theme.apply(Settings())
    window.show_page("models")
    (fade,) = window.findChildren(Fade)
    assert fade.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)


def test_a_change_of_language_makes_the_pages_anew(qtbot, window: MainWindow, thau: Thau) -> None:
    old = window.show_page("gallery")
    page = window.show_page("settings")
    thau.change("general", "language", "es")
    with qtbot.waitSignal(window.language_changed):
        page.changed.emit("general", "language")
    assert window.page is page
    assert window.show_page("gallery") is not old


def test_problems_of_the_core_are_banners_that_can_be_put_away(qtbot, bare: MainWindow, home: Path) -> None:
    (home / "settings.toml").write_text("this is not TOML", encoding="utf-8")
    with Thau(home) as thau:
        bare.show()
        bare.set_thau(thau)
        (banner,) = bare.findChildren(Banner)
        assert "damaged" in _words(banner)
        with qtbot.waitSignal(banner.destroyed):
            banner.close_button.click()


def test_an_error_offers_the_button_that_mends_it(window: MainWindow) -> None:
    window.show_page("gallery")
    error = ModelMissing("The model is gone.", "Choose another.", action=Action("open_models", "Open models"))
    banner = window.show_error(error)
    assert "The model is gone." in _words(banner) and "Choose another." in _words(banner)
    banner.action.click()
    assert window.page_name == "models"


def test_a_core_that_does_not_open_says_why_and_tries_again(qtbot, bare: MainWindow) -> None:
    bare.show()
    bare.start_failed(NewerDatabase("The database is newer than this THAU.", "Install the newer one.", details="v9"))
    words = _words(bare.page)
    assert "newer than this THAU" in words and "Install the newer one." in words and "v9" in words
    with qtbot.waitSignal(bare.retry):
        bare.page.retry.click()
    bare.start_failed(StoreError("Still no.", ""))
    assert "Still no." in _words(bare.page)


def test_the_toast_undoes(window: MainWindow) -> None:
    undone: list[bool] = []
    window.toast("Conversation deleted", "Undo", lambda: undone.append(True))
    toast = window._toast
    assert toast.isVisible() and toast.text == "Conversation deleted"
    toast.action.click()
    assert undone == [True] and not toast.isVisible()
    window.toast("Saved")
    assert toast.isVisible() and not toast.action.isVisible()


def test_the_pill_says_what_runs_how_far_and_stops_it(qtbot, window: MainWindow) -> None:
    pill = window.rail.status
    workers().noted.emit(READY)
    assert "thau-nano-v1 · cpu" in pill.toolTip()
    started, events = _runner()
    worker = Worker(events, window, "Drawing a fox")
    assert started.wait(60)
    qtbot.waitUntil(lambda: worker.fraction == 0.5)
    assert "Drawing a fox" in pill.toolTip()
    pill.click()
    (sheet,) = _overlays(window)
    words = _words(sheet)
    assert "thau-nano-v1" in words and "Drawing a fox" in words and "step 10 of 20" in words
    assert window.rect().contains(sheet.sheet.geometry()) and sheet.sheet.height() > 120
    (stop,) = [one for one in sheet.findChildren(QWidget) if one.accessibleName() == "Stop"]
    with qtbot.waitSignal(worker.done):
        stop.click()
    assert "Nothing is running." in _words(sheet) and sheet.sheet.height() > 60


def test_the_ring_turns_only_while_something_runs(qtbot, window: MainWindow, theme: Theme) -> None:
    theme.apply(Settings())
    started, events = _runner()
    worker = Worker(events, window)
    assert started.wait(60)
    assert window.rail.status.turning
    with qtbot.waitSignal(worker.done):
        worker.stop()
    assert not window.rail.status.turning


def test_escape_stops_what_started_last(qtbot, window: MainWindow) -> None:
    window.show_page("gallery")
    started, events = _runner()
    worker = Worker(events, window)
    assert started.wait(60)
    with qtbot.waitSignal(worker.done):
        qtbot.keyClick(window, Qt.Key.Key_Escape)


def test_escape_closes_a_sheet_before_it_stops_anything(qtbot, window: MainWindow) -> None:
    window.show_page("gallery")
    started, events = _runner()
    worker = Worker(events, window)
    assert started.wait(60)
    window.rail.status.open()
    (sheet,) = _overlays(window)
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert not _overlays(window) and not worker.cancelled


def test_a_click_beside_a_sheet_closes_it_and_gives_the_keyboard_back(qtbot, window: MainWindow) -> None:
    page = window.show_page("training")
    page.queue.search.setFocus()
    window.open_palette()
    (sheet,) = _overlays(window)
    assert isinstance(sheet, CommandPalette) and sheet.field.hasFocus()
    qtbot.mouseClick(sheet, Qt.MouseButton.LeftButton, pos=window.rect().bottomRight())
    assert not _overlays(window)
    qtbot.waitUntil(page.queue.search.hasFocus)


def test_f1_shows_the_keys(qtbot, window: MainWindow) -> None:
    _press(qtbot, window, Qt.Key.Key_F1, control=False)
    qtbot.waitUntil(lambda: bool(window.findChildren(KeysDialog)))
    (dialog,) = window.findChildren(KeysDialog)
    assert "Ctrl+K" in _words(dialog)
    dialog.accept()


def test_the_geometry_is_remembered(qtbot, bare: MainWindow, home: Path) -> None:
    bare.show()
    bare.resize(760, 700)  # the offscreen screen is small
    with qtbot.waitSignal(bare.closing):
        bare.close()
    again = MainWindow(home)
    qtbot.addWidget(again)
    assert (again.width(), again.height()) == (760, 700)
    assert (home / "window.ini").is_file()


def test_a_window_that_may_not_close_stays(qtbot, bare: MainWindow) -> None:
    bare.show()
    bare.may_close = lambda: False
    with qtbot.assertNotEmitted(bare.closing):
        bare.close()
    assert bare.isVisible()
    bare.may_close = lambda: True


def test_qwidgets_own_methods_are_not_taken_for_a_pages(window: MainWindow) -> None:
    page = window.show_page("models")
    assert own(page, "find") is None and own(QWidget(), "find", "actions") is None
    window.find_here()
