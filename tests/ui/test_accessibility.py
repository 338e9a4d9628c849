"""The whole window by keyboard and by ear: every control has a name, shows its focus, and comes when its turn is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QAction, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QMainWindow,
    QMenu,
    QPlainTextEdit,
    QProgressBar,
    QScrollBar,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.ui.tour import Place, beside, converse, places
from thau_desktop.app import Thau
from thau_desktop.messages import ToolCall
from thau_desktop.settings import Appearance, Settings
from thau_desktop.translation import set_language
from ui.chat.page import ChatPage
from ui.chat.permission import Question
from ui.chat.text_view import TextView
from ui.focus import bring_into_view, reading_order
from ui.main_window import MainWindow
from ui.theme import Theme

CONTROLS = (QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QAbstractSlider)
CONTROLS = (*CONTROLS, QAbstractItemView, QProgressBar)


@pytest.fixture
def window(qtbot: QtBot, theme: Theme, thau: Thau) -> MainWindow:
    """A window over an opened Thau that nothing moves in."""
    theme.apply(Settings(appearance=Appearance(reduced_motion=True, theme="light")))
    thau.change("general", "first_run_done", True)
    made = MainWindow(thau.paths.home)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    made.set_thau(thau)
    with qtbot.waitActive(made):
        made.activateWindow()
    return made


@pytest.fixture
def chat(qtbot: QtBot, window: MainWindow, thau: Thau) -> ChatPage:
    """The chat page with a conversation that has one of everything."""
    number = converse(thau)
    page = window.page
    assert isinstance(page, ChatPage)
    page.open_conversation(number)
    qtbot.waitUntil(lambda: page.list.model.index_of(number).isValid())
    return page


def _name(control: QWidget) -> str:
    words = control.text() if isinstance(control, QAbstractButton) else ""
    return control.accessibleName().strip() or words.strip()


def _own(control: QWidget) -> bool:
    """Whether a control is one of ours rather than a part that Qt put into one."""
    if isinstance(control, QScrollBar) or control.objectName().startswith("qt_"):
        return False
    around = control.parentWidget()
    return not isinstance(around, QAbstractSpinBox | QComboBox | QLineEdit | QAbstractItemView)


def _seen(root: QWidget) -> list[QWidget]:
    return [one for one in root.findChildren(QWidget) if isinstance(one, CONTROLS) and one.isVisible() and _own(one)]


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_control_has_a_name_and_every_icon_says_what_it_does(
    qtbot: QtBot, window: MainWindow, thau: Thau, language: str
) -> None:
    set_language(language)
    looked, nameless, mute = 0, set(), set()
    for place, root in places(qtbot, window, thau):
        for control in _seen(root):
            looked += 1
            if not _name(control):
                nameless.add(f"{place}: {type(control).__name__}")
            silent = isinstance(control, QAbstractButton) and not control.text().strip()
            if silent and not control.toolTip() and not control.property("switch"):
                mute.add(f"{place}: {control.accessibleName()}")
    set_language("en")
    assert looked > 300
    assert not nameless
    assert not mute


def test_no_widget_becomes_a_window_of_its_own(qtbot: QtBot, window: MainWindow, thau: Thau) -> None:
    class Watch(QObject):
        def __init__(self) -> None:
            super().__init__()
            self.found: list[str] = []

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            shown = event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow()
            if shown and not isinstance(watched, QDialog | QMenu | QMainWindow):
                self.found.append(repr(watched))
            return False

    watch = Watch()
    QApplication.instance().installEventFilter(watch)
    assert len([place for place, _root in places(qtbot, window, thau)]) > 20
    QApplication.instance().removeEventFilter(watch)
    assert not watch.found


def _picture(window: QWidget, around: QRect) -> QImage:
    QApplication.processEvents()
    return window.grab(around).toImage()


def _focused(root: QWidget) -> Iterator[tuple[QWidget, QRect]]:
    """Each control that Tab reaches, with the keyboard, and where it is."""
    for control in reading_order(root):
        if control.property("bare") and isinstance(control, QLineEdit):
            continue  # the palette's only field: its cursor is its ring
        if not control.isVisible():
            continue  # the way to the end goes when one is there
        control.setFocus(Qt.FocusReason.TabFocusReason)
        bring_into_view(control)
        QApplication.processEvents()
        yield control, QRect(beside(control), control.size()).adjusted(-4, -4, 4, 4)


@pytest.mark.parametrize("colors", ["light", "dark"])
def test_what_has_the_keyboard_looks_like_it(
    qtbot: QtBot, window: MainWindow, thau: Thau, theme: Theme, colors: str
) -> None:
    theme.apply(Settings(appearance=Appearance(reduced_motion=True, theme=colors)))
    QApplication.setCursorFlashTime(0)  # a cursor that blinks would be seen as a ring
    looked, unseen = 0, []
    for place, root in places(qtbot, window, thau):
        top = root.window()
        for control, around in _focused(root):
            with_ring = _picture(top, around)
            control.clearFocus()
            if with_ring == _picture(top, around):
                unseen.append(f"{place}: {type(control).__name__} {_name(control)}")
            looked += 1
    assert looked > 150
    assert not unseen


def test_tab_walks_from_the_rail_over_the_list_and_the_words_to_the_message(chat: ChatPage, window: MainWindow) -> None:
    order = reading_order(window)
    stops = [window.rail.button("chat"), window.rail.toggle, window.rail.status, chat.list.search, chat.list.view]
    stops += [chat.header.model, chat.header.persona, chat.transcript, chat.composer.editor]
    places_ = [order.index(stop) for stop in stops]
    assert places_ == sorted(places_)
    inside = [one for one in order if chat.transcript.inner.isAncestorOf(one)]
    assert len(inside) > 20
    assert order.index(chat.transcript) < order.index(inside[0]) < order.index(inside[-1])
    assert order.index(inside[-1]) < order.index(chat.composer.editor)
    heights = [one.mapTo(chat.transcript.inner, QPoint(0, one.height())).y() for one in inside]
    assert all(later >= earlier - 40 for earlier, later in pairwise(heights))


def test_tab_comes_back_to_where_it_began_and_shift_tab_goes_the_same_way(
    qtbot: QtBot, chat: ChatPage, window: MainWindow
) -> None:
    start = chat.list.search
    start.setFocus()
    there: list[QWidget] = []
    for _step in range(200):
        here = QApplication.focusWidget()
        if there and here is start:
            break
        there.append(here)
        qtbot.keyClick(here, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is start
    assert len(set(there)) > 20
    back = QApplication.focusWidget()
    qtbot.keyClick(back, Qt.Key.Key_Backtab)
    assert QApplication.focusWidget() is there[-1]


def test_who_tabs_into_the_words_begins_with_what_is_seen(qtbot: QtBot, chat: ChatPage, window: MainWindow) -> None:
    window.resize(1000, 500)
    QApplication.processEvents()
    chat.transcript.jump_to_latest()
    chat.transcript.setFocus(Qt.FocusReason.TabFocusReason)
    assert chat.transcript.verticalScrollBar().value() > 0
    qtbot.keyClick(chat.transcript, Qt.Key.Key_Tab)
    assert not QApplication.focusWidget().visibleRegion().isEmpty()
    chat.composer.editor.setFocus()
    qtbot.keyClick(chat.composer.editor, Qt.Key.Key_Backtab)
    last = QApplication.focusWidget()
    assert chat.transcript.isAncestorOf(last) and not last.visibleRegion().isEmpty()


def test_what_gets_the_keyboard_is_scrolled_into_view(qtbot: QtBot, window: MainWindow) -> None:
    page = window.show_page("settings")
    window.resize(1000, 500)
    page.open_group("privacy")
    QApplication.processEvents()
    last = [one for one in reading_order(window) if page._scroll.isAncestorOf(one)][-1]
    page._groups.setFocus()
    for _step in range(40):
        if QApplication.focusWidget() is last:
            break
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert last.hasFocus() and not last.visibleRegion().isEmpty()


def test_a_question_about_a_tool_comes_before_the_message(chat: ChatPage, window: MainWindow) -> None:
    chat.foot.show_question(Question(chat.conversation_id, ToolCall("1", "web_search", {"query": "x"})))
    QApplication.processEvents()
    order = reading_order(window)
    card = chat.foot.card
    assert order.index(card.allow) < order.index(card.always) < order.index(card.refuse)
    assert order.index(card.refuse) < order.index(chat.composer.editor)
    chat.foot.show_question(None)


def test_links_are_named_when_tab_reaches_them(qtbot: QtBot, chat: ChatPage, window: MainWindow) -> None:
    (text,) = [one for one in reading_order(window) if isinstance(one, TextView)]
    text.setFocus(Qt.FocusReason.TabFocusReason)
    assert text.accessibleName() == "Link: the manual"
    assert text.accessibleDescription() == "https://docs.example.org/"
    qtbot.keyClick(text, Qt.Key.Key_Tab)
    assert text.hasFocus() and text.accessibleName() == "Link: the tutorial"


def test_the_arrow_keys_walk_through_the_rail_without_opening_anything(qtbot: QtBot, window: MainWindow) -> None:
    window.show_page("gallery")
    window.rail.button("gallery").setFocus()
    qtbot.keyClick(window.rail.button("gallery"), Qt.Key.Key_Down)
    assert window.rail.button("training").hasFocus() and window.page_name == "gallery"
    qtbot.keyClick(window.rail.button("training"), Qt.Key.Key_Return)
    assert window.page_name == "training"


def test_the_order_leaves_pysides_own_family_tree_alone(qtbot: QtBot, chat: ChatPage, window: MainWindow) -> None:
    kept: list[QAction] = list(chat.header._of_conversation)
    chat.transcript.edit_message(chat.transcript.loaded[0])
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), QPlainTextEdit))
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    chat.transcript.messages[0].close_editor()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert [action.text() for action in kept] == [action.text() for action in chat.header._more.menu().actions()[:3]]
    window.show_page("chat")


def test_dialogs_begin_with_the_safe_choice_and_enter_presses_what_has_the_keyboard(
    qtbot: QtBot, window: MainWindow, thau: Thau
) -> None:
    seen: dict[str, Place] = {}
    for place, root in places(qtbot, window, thau):
        if place in ("LinkDialog", "Ask", "CloseDialog"):
            seen[place] = (place, root)
            focused = QApplication.focusWidget()
            assert focused is not None and _name(focused) == "Cancel", place
            qtbot.keyClick(focused, Qt.Key.Key_Return)
            assert not root.isVisible()
    assert len(seen) == 3
