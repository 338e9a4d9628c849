"""A conversation by keyboard alone: write, stop, edit, go between wordings, find, rename, delete and take it back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.test_chat_page import Script
from thau_desktop.app import Thau
from thau_desktop.messages import ModelReady, Text
from thau_desktop.settings import Appearance, Settings
from ui.chat.message_view import UserMessage
from ui.chat.page import ChatPage
from ui.command_palette import CommandPalette
from ui.main_window import MainWindow
from ui.shortcuts import KeysDialog
from ui.theme import Theme
from ui.worker import workers

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def script() -> Iterator[Script]:
    made = Script()
    yield made
    made.close()


@pytest.fixture
def window(qtbot: QtBot, theme: Theme, thau: Thau, script: Script) -> MainWindow:
    theme.apply(Settings(appearance=Appearance(reduced_motion=True)))
    thau.change("general", "first_run_done", True)
    thau.backend = lambda name="": script  # type: ignore[method-assign]
    made = MainWindow(thau.paths.home)
    qtbot.addWidget(made)
    made.resize(1100, 700)
    made.show()
    made.set_thau(thau)
    with qtbot.waitActive(made):
        made.activateWindow()
    return made


@pytest.fixture
def page(window: MainWindow) -> ChatPage:
    assert isinstance(window.page, ChatPage)
    return window.page


def press(qtbot: QtBot, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Where the keyboard is, as a person does."""
    qtbot.keyClick(QApplication.focusWidget(), key, modifiers)


def type_(qtbot: QtBot, words: str) -> None:
    qtbot.keyClicks(QApplication.focusWidget(), words)


def idle(page: ChatPage) -> bool:
    return page.answering.turns.current is None and not page.answering.turns.waiting


def ask(qtbot: QtBot, page: ChatPage, words: str) -> None:
    type_(qtbot, words)
    press(qtbot, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: idle(page) and len(page.transcript.messages) >= 2)


def texts(page: ChatPage) -> list[str]:
    return [view.shown.text for view in page.transcript.messages]


def listed(page: ChatPage) -> list[str]:
    return [row.title for row in page.list.model.rows if hasattr(row, "id")]


def into_the_list(qtbot: QtBot, page: ChatPage, *titles: str) -> None:
    qtbot.waitUntil(lambda: listed(page) == list(titles))
    page.list.search.setFocus()
    press(qtbot, Qt.Key.Key_Tab)
    press(qtbot, Qt.Key.Key_Tab)
    assert page.list.view.hasFocus()


def test_up_edits_the_last_message_and_both_wordings_stay(qtbot: QtBot, page: ChatPage) -> None:
    ask(qtbot, page, "Helo")
    press(qtbot, Qt.Key.Key_Up)
    qtbot.waitUntil(
        lambda: isinstance(QApplication.focusWidget(), QPlainTextEdit) and not page.composer.editor.hasFocus()
    )
    press(qtbot, Qt.Key.Key_A, CONTROL)
    type_(qtbot, "Hello")
    press(qtbot, Qt.Key.Key_Return, CONTROL)
    qtbot.waitUntil(lambda: idle(page) and texts(page)[0] == "Hello")
    question = page.transcript.messages[0]
    assert isinstance(question, UserMessage) and (question.shown.variant, question.shown.variants) == (2, 2)
    assert question._variants is not None and question._variants.isVisible()
    assert question._variants._earlier.accessibleName() == "Previous wording"
    question._variants._earlier.setFocus()
    press(qtbot, Qt.Key.Key_Return)
    assert texts(page)[0] == "Helo" and page.transcript.messages[0].shown.variant == 1
    assert not page.transcript.messages[0]._variants._earlier.isEnabled()
    page.transcript.messages[0]._variants._later.click()
    assert texts(page)[0] == "Hello"


def test_a_question_that_was_never_edited_shows_no_wordings(qtbot: QtBot, page: ChatPage) -> None:
    ask(qtbot, page, "Hello")
    assert page.transcript.messages[0]._variants is None


def test_escape_in_the_editor_leaves_the_message_as_it_was(qtbot: QtBot, page: ChatPage) -> None:
    ask(qtbot, page, "Hello")
    press(qtbot, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: not page.composer.editor.hasFocus())
    type_(qtbot, " there")
    press(qtbot, Qt.Key.Key_Escape)
    assert texts(page)[0] == "Hello" and page.transcript.messages[0].editor is None


def test_control_f_finds_and_escape_gives_the_keyboard_back(qtbot: QtBot, page: ChatPage) -> None:
    ask(qtbot, page, "Hello")
    press(qtbot, Qt.Key.Key_F, CONTROL)
    assert page.find_bar.field.hasFocus()
    type_(qtbot, "there")
    qtbot.waitUntil(lambda: page.find_bar.words == "1 of 1")
    press(qtbot, Qt.Key.Key_Escape)
    assert page.find_bar.isHidden() and page.composer.editor.hasFocus()


def test_control_k_opens_what_is_typed(qtbot: QtBot, window: MainWindow) -> None:
    press(qtbot, Qt.Key.Key_K, CONTROL)
    palette = window.findChild(CommandPalette)
    assert palette is not None and palette.field.hasFocus()
    type_(qtbot, "text size")
    assert palette.field.accessibleDescription() == "Text size, Setting"
    press(qtbot, Qt.Key.Key_Return)
    assert window.page_name == "settings"
    page = window.page
    assert page._row("appearance", "text_scale").editor.control.hasFocus()


def test_the_palette_finds_a_setting_by_what_it_does_and_hides_what_nobody_sets(
    qtbot: QtBot, window: MainWindow
) -> None:
    press(qtbot, Qt.Key.Key_K, CONTROL)
    palette = window.findChild(CommandPalette)
    assert "The welcome screen was seen" not in [entry.title for entry in palette.model.shown]
    type_(qtbot, "tokens per second")
    assert palette.model.shown[0].title == "Show the speed"
    press(qtbot, Qt.Key.Key_Escape)


def test_a_conversation_is_renamed_deleted_and_brought_back(qtbot: QtBot, page: ChatPage, window: MainWindow) -> None:
    ask(qtbot, page, "Hello")
    into_the_list(qtbot, page, "Hello")
    press(qtbot, Qt.Key.Key_F2)
    assert isinstance(QApplication.focusWidget(), QLineEdit)
    type_(qtbot, "Greetings")
    press(qtbot, Qt.Key.Key_Return)
    into_the_list(qtbot, page, "Greetings")
    press(qtbot, Qt.Key.Key_Delete)
    assert page.list.view.hasFocus()
    qtbot.waitUntil(lambda: not listed(page))
    assert window._toast.isVisible() and "Greetings" in window._toast.text
    press(qtbot, Qt.Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: listed(page) == ["Greetings"])
    assert texts(page)[0] == "Hello" and not window._toast.isVisible()


def test_control_z_takes_a_deletion_back_from_an_empty_message_too(qtbot: QtBot, page: ChatPage) -> None:
    ask(qtbot, page, "Hello")
    qtbot.waitUntil(lambda: listed(page) == ["Hello"])
    page.menus.delete(page.conversation_id, "Hello")
    page.composer.editor.setFocus()
    press(qtbot, Qt.Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: texts(page)[:1] == ["Hello"])


def test_control_z_in_a_message_undoes_its_words_first(qtbot: QtBot, page: ChatPage, window: MainWindow) -> None:
    undone: list[bool] = []
    page.composer.editor.setFocus()
    type_(qtbot, "Hello")
    window.toast("Gone", "Undo", lambda: undone.append(True))
    press(qtbot, Qt.Key.Key_Z, CONTROL)
    assert not undone and page.composer.editor.toPlainText() != "Hello"


def test_control_z_presses_no_other_button_of_a_toast(qtbot: QtBot, page: ChatPage, window: MainWindow) -> None:
    pressed: list[bool] = []
    window.toast("Exported", "Open the folder", lambda: pressed.append(True))
    press(qtbot, Qt.Key.Key_Z, CONTROL)
    assert not pressed and window._toast.isVisible()


def test_the_menu_key_opens_the_menu_of_a_conversation_which_pins_it(
    qtbot: QtBot, page: ChatPage, thau: Thau, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[QMenu] = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, _place: shown.append(menu))  # offscreen can't grab the keyboard
    ask(qtbot, page, "Hello")
    into_the_list(qtbot, page, "Hello")
    here = QPoint(5, 5)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, here, page.list.view.mapToGlobal(here))
    QApplication.sendEvent(page.list.view, event)
    (menu,) = shown
    (pin,) = [action for action in menu.actions() if action.text() == "Pin"]
    pin.trigger()
    qtbot.waitUntil(lambda: thau.conversations.get(page.conversation_id).pinned)
    qtbot.waitUntil(lambda: page.list.model.rows[0].title == "Pinned")


@pytest.mark.parametrize("press_key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_enter_and_space_press_what_has_the_keyboard(
    qtbot: QtBot, page: ChatPage, window: MainWindow, press_key: Qt.Key
) -> None:
    ask(qtbot, page, "Hello")
    answer = page.transcript.messages[1]
    answer._actions._copy.setFocus()
    press(qtbot, press_key)
    assert QApplication.clipboard().text() == "Hello there."
    QApplication.clipboard().clear()
    page.list._new.setFocus()
    press(qtbot, press_key)
    assert page.conversation_id is None


def test_f1_and_the_numbers_work_while_a_message_is_written(qtbot: QtBot, page: ChatPage, window: MainWindow) -> None:
    page.composer.editor.setFocus()
    type_(qtbot, "Hello")
    press(qtbot, Qt.Key.Key_F1)
    qtbot.waitUntil(lambda: window.findChild(KeysDialog) is not None)
    window.findChild(KeysDialog).reject()
    for number, name in enumerate(("chat", "gallery", "training", "models", "settings"), start=1):
        target: QWidget = QApplication.focusWidget() or window
        qtbot.keyClick(target, Qt.Key(Qt.Key.Key_0 + number), CONTROL)
        assert window.page_name == name
    window.show_page("chat")
    assert page.composer.editor.toPlainText() == "Hello"


def test_the_meter_begins_at_nothing_and_counts_what_was_said_before(
    qtbot: QtBot, page: ChatPage, window: MainWindow, thau: Thau
) -> None:
    meter = page.header.meter
    qtbot.waitUntil(lambda: meter.isVisible() and meter.words() == "0 / 2\u202f048 tokens")
    old = thau.conversations.create("Old").id
    thau.conversations.add_message(old, "user", (Text("Hello"),))
    page.open_conversation(old)
    assert meter.words() == "… / 2\u202f048 tokens"
    workers().noted.emit(ModelReady("thau-nano-v1", "cpu", "float32", 0.1, 1, 1, 512))
    qtbot.waitUntil(lambda: meter.used not in (None, 0) and meter.limit == 512)
    page.new_conversation()
    assert meter.used == 0


def test_the_speed_under_an_answer_can_be_switched_off(
    qtbot: QtBot, page: ChatPage, window: MainWindow, thau: Thau
) -> None:
    ask(qtbot, page, "Hello")
    row = page.transcript.messages[1]._actions
    with_speed = row.grab().toImage()
    thau.change("chat", "show_speed", False)
    window.show_page("gallery")
    window.show_page("chat")
    assert row.grab().toImage() != with_speed
