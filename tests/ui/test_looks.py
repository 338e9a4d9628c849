"""How things stand on the window: the rail, toasts, fields, small windows, and the window's own questions."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QCheckBox, QLabel, QListWidget, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.tour import beside
from thau_desktop.app import Thau
from thau_desktop.settings import Appearance, Settings
from ui.chat.page import ChatPage
from ui.chat.persona_dialog import PersonaDialog
from ui.main_window import MainWindow
from ui.rail import WIDTH
from ui.theme import Theme
from ui.widgets.ask import Ask
from ui.widgets.buttons import button
from ui.widgets.labels import label


@pytest.fixture
def window(qtbot: QtBot, theme: Theme, thau: Thau) -> MainWindow:
    theme.apply(Settings(appearance=Appearance(reduced_motion=True)))
    thau.change("general", "first_run_done", True)
    made = MainWindow(thau.paths.home)
    qtbot.addWidget(made)
    made.resize(1100, 700)
    made.show()
    made.set_thau(thau)
    with qtbot.waitActive(made):
        made.activateWindow()
    return made


def _place(widget: QWidget) -> QRect:
    return QRect(beside(widget), widget.size())


# --- the rail ---------------------------------------------------------------------------------------------


def test_the_rail_opens_to_the_names_and_remembers_it(qtbot: QtBot, window: MainWindow, home: Path) -> None:
    rail = window.rail
    assert rail.width() == WIDTH and rail.toggle.accessibleName() == "Show the names beside the icons"
    rail.toggle.click()
    assert rail.wide and rail.width() > 150 and rail.toggle.accessibleName() == "Show only the icons"
    assert rail.button("training").width() > 100
    again = MainWindow(home)
    qtbot.addWidget(again)
    assert again.rail.wide
    rail.toggle.click()
    assert not rail.wide and rail.width() == WIDTH


def test_a_narrow_window_has_no_room_for_names_but_does_not_forget_them(qtbot: QtBot, window: MainWindow) -> None:
    window.rail.toggle.click()
    window.resize(700, 500)
    assert window.rail.width() == WIDTH and not window.rail.toggle.isVisible()
    window.resize(1100, 700)
    assert window.rail.width() > 150


def test_a_click_on_the_page_in_view_leaves_it_marked(window: MainWindow) -> None:
    window.rail.button("chat").click()
    assert window.rail.button("chat").isChecked()


# --- toasts -----------------------------------------------------------------------------------------------


def test_a_toast_stands_over_the_message_and_follows_it(qtbot: QtBot, window: MainWindow) -> None:
    page = window.page
    assert isinstance(page, ChatPage)
    window.toast("Deleted", "Undo", lambda: None)
    assert _place(window._toast).bottom() < _place(page.composer).top()
    page.composer.editor.setPlainText("\n".join("words" for _line in range(6)))
    qtbot.waitUntil(lambda: page.composer.editor.height() > 80)
    qtbot.waitUntil(lambda: _place(window._toast).bottom() < _place(page.composer).top())
    window.show_page("gallery")
    assert _place(window._toast).bottom() > window.height() - 40


def test_a_long_toast_stays_inside_the_window(window: MainWindow) -> None:
    window.resize(700, 500)
    window.toast("word " * 60, "Undo", lambda: None)
    assert window.rect().contains(_place(window._toast))
    assert window._toast.height() > 60


def test_a_toast_waits_while_its_button_has_the_keyboard(window: MainWindow) -> None:
    window.toast("Deleted", "Undo", lambda: None)
    assert window._toast._timer.isActive()
    window._toast.action.setFocus()
    assert not window._toast._timer.isActive()
    window._toast.action.clearFocus()
    assert window._toast._timer.isActive()


# --- fields -----------------------------------------------------------------------------------------------


def test_numbers_begin_where_lines_of_text_do(qtbot: QtBot, window: MainWindow, thau: Thau) -> None:
    dialog = PersonaDialog(thau.personas, "", window)
    qtbot.addWidget(dialog)
    boxes = dialog.findChildren(QSpinBox)
    assert boxes and all(box.lineEdit().textMargins().left() >= 6 for box in boxes)


@pytest.mark.parametrize("colors", ["light", "dark"])
@pytest.mark.parametrize("checked", [True, False])
def test_a_switch_that_can_t_be_used_looks_like_it(qtbot: QtBot, theme: Theme, colors: str, checked: bool) -> None:
    theme.apply(Settings(appearance=Appearance(theme=colors)))
    switch = QCheckBox()
    switch.setProperty("switch", True)
    switch.setChecked(checked)
    qtbot.addWidget(switch)
    switch.show()
    usable = switch.grab().toImage()
    switch.setEnabled(False)
    assert switch.grab().toImage() != usable


def test_a_bare_list_shows_which_row_has_the_keyboard(qtbot: QtBot, theme: Theme) -> None:
    shown = QListWidget()
    shown.setProperty("bare", True)
    shown.addItems(["One", "Two"])
    shown.setCurrentRow(0)
    qtbot.addWidget(shown)
    shown.show()
    with qtbot.waitActive(shown):
        shown.activateWindow()
    shown.setFocus()
    focused = shown.grab().toImage()
    shown.clearFocus()
    assert shown.grab().toImage() != focused


def test_new_words_of_a_button_keep_their_distance_and_name_it(qtbot: QtBot, theme: Theme) -> None:
    made = button("Copy", icon_name="copy")
    qtbot.addWidget(made)
    made.setText("Copied")
    assert made.text() == " Copied" and made.accessibleName() == "Copied"
    made.setAccessibleName("Copy the version")
    made.setText("Copy")
    assert made.accessibleName() == "Copy the version"


def test_sentences_can_be_selected(qtbot: QtBot, theme: Theme) -> None:
    by_mouse = Qt.TextInteractionFlag.TextSelectableByMouse
    assert label("A sentence.", wrap=True).textInteractionFlags() & by_mouse
    assert not label("Word").textInteractionFlags() & by_mouse


def test_every_sentence_of_the_settings_can_be_selected(window: MainWindow) -> None:
    page = window.show_page("settings")
    page.open_group("privacy")
    sentences = [one for one in page.findChildren(QLabel) if one.wordWrap() and one.isVisible()]
    assert len(sentences) > 10
    assert all(one.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse for one in sentences)


# --- small windows ------------------------------------------------------------------------------------------


def test_a_small_window_gives_the_room_to_the_words(qtbot: QtBot, window: MainWindow) -> None:
    page = window.page
    assert isinstance(page, ChatPage)
    assert page.list.isVisible()
    window.resize(640, 400)
    qtbot.waitUntil(lambda: not page.list.isVisible())
    assert page.header.sidebar.isVisible()
    page.composer.editor.setPlainText("\n".join("words" for _line in range(12)))
    qtbot.waitUntil(lambda: page.composer.editor.height() < 80)
    window.resize(1100, 700)
    qtbot.waitUntil(page.list.isVisible)
    qtbot.waitUntil(lambda: page.composer.editor.height() > 120)


def test_a_list_that_a_person_hid_does_not_come_back_with_the_room(qtbot: QtBot, window: MainWindow) -> None:
    page = window.page
    assert isinstance(page, ChatPage)
    page.split.toggle()
    window.resize(640, 500)
    window.resize(1100, 700)
    assert not page.list.isVisible()


@pytest.mark.parametrize("size", [(640, 400), (960, 540), (1280, 800)])
def test_no_setting_is_cut_off_at_the_side(qtbot: QtBot, window: MainWindow, size: tuple[int, int]) -> None:
    window.resize(*size)
    page = window.show_page("settings")
    for group in ("general", "chat", "training", "about"):
        page.open_group(group)
        qtbot.waitUntil(lambda: page._scroll.widget().width() <= page._scroll.viewport().width())


def test_large_text_puts_editors_under_their_words(window: MainWindow, theme: Theme) -> None:
    page = window.show_page("settings")
    page.open_group("chat")
    row = page._row("chat", "persona")
    assert row.editor.y() < row._description_label.geometry().bottom()
    theme.apply(Settings(appearance=Appearance(reduced_motion=True, text_scale=1.6)))
    page.open_group("chat")
    row.layout().activate()
    assert row.editor.y() > row._description_label.geometry().bottom()


# --- the window's own questions -------------------------------------------------------------------------------


def _ask(window: QWidget) -> Ask:
    return Ask(window, "Title", "Go back?", "It stays.", choices=(("Cancel", ""), ("Restore", "accent")), details="a")


def test_escape_chooses_the_safe_answer(qtbot: QtBot, window: MainWindow) -> None:
    dialog = _ask(window)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible() and dialog.choice == 0


def test_a_chosen_answer_is_told_by_its_number(qtbot: QtBot, window: MainWindow) -> None:
    dialog = _ask(window)
    qtbot.addWidget(dialog)
    dialog.show()
    assert [made.text() for made in dialog.buttons] == ["Cancel", "Restore"]
    dialog.buttons[1].click()
    assert dialog.choice == 1 and not dialog.isVisible()
