"""The list of conversations: groups, search, renaming, pins, and that 5,000 of them stay quick."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from tests.counting import calls
from thau_desktop.app import Thau
from thau_desktop.messages import Text
from thau_desktop.store.conversations import Conversations
from thau_desktop.store.records import Conversation
from ui.chat.conversation_list import ConversationList
from ui.chat.conversation_model import ConversationModel, Entry, Header, grouped
from ui.theme import Theme


@pytest.fixture
def listed(qtbot: QtBot, theme: Theme, thau: Thau) -> Iterator[ConversationList]:
    for title in ("Gazpacho", "A red fox", "Recursion"):
        conversation = thau.conversations.create(title)
        thau.conversations.add_message(conversation.id, "user", (Text(f"Tell me about {title}, and snow"),))
    made = ConversationList(thau)
    qtbot.addWidget(made)
    made.resize(256, 600)
    made.show()
    qtbot.waitUntil(lambda: len(titles(made)) == 3)
    yield made
    made.hide()  # it looks no more


def titles(listed: ConversationList) -> list[str]:
    return [row.title for row in listed.model.rows if isinstance(row, Entry)]


def test_conversations_are_grouped_by_day_with_pinned_ones_on_top() -> None:
    now = datetime(2026, 11, 20, 10, 0).astimezone()
    entries = [
        (Entry(1, "this morning"), now - timedelta(hours=1)),
        (Entry(2, "late last night"), now - timedelta(hours=11)),
        (Entry(3, "three days ago"), now - timedelta(days=3)),
        (Entry(4, "in summer"), now - timedelta(days=120)),
        (Entry(5, "kept", pinned=True), now - timedelta(days=200)),
    ]
    assert [row.title for row in grouped(entries, now)] == [
        "Pinned", "kept", "Today", "this morning", "Yesterday", "late last night", "This week", "three days ago",
        "Earlier", "in summer",
    ]  # fmt: skip


def test_headers_cannot_be_chosen() -> None:
    model = ConversationModel(lambda _id, _title: None)
    model.show([Header("Today"), Entry(1, "one")])
    assert not model.flags(model.index(0))
    assert model.flags(model.index(1)) & Qt.ItemFlag.ItemIsSelectable


def test_the_newest_is_first(listed: ConversationList) -> None:
    assert titles(listed) == ["Recursion", "A red fox", "Gazpacho"]


def test_another_thread_or_process_that_writes_is_noticed(listed: ConversationList, thau: Thau, qtbot: QtBot) -> None:
    listed._looking.setInterval(10)
    thau.conversations.create("Written elsewhere")
    qtbot.waitUntil(lambda: "Written elsewhere" in titles(listed))


def test_search_finds_titles_and_words_of_messages(listed: ConversationList, qtbot: QtBot) -> None:
    qtbot.keyClicks(listed.search, "fox sno")
    qtbot.waitUntil(lambda: titles(listed) == ["A red fox"])
    row = listed.model.rows[0]
    assert isinstance(row, Entry) and row.message_id is not None and "fox" in row.snippet
    qtbot.keyClick(listed.search, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: len(titles(listed)) == 3)


def test_a_search_without_result_says_so(listed: ConversationList, qtbot: QtBot) -> None:
    qtbot.keyClicks(listed.search, "zzz")
    qtbot.waitUntil(lambda: titles(listed) == [])
    assert "zzz" in listed.nothing.text()


def test_a_click_chooses_and_the_arrows_move(listed: ConversationList, qtbot: QtBot) -> None:
    index = listed.model.index_of(2)
    with qtbot.waitSignal(listed.chosen) as chosen:
        place = listed.view.visualRect(index).center()
        qtbot.mouseClick(listed.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == [2, None]
    with qtbot.waitSignal(listed.chosen) as chosen:
        qtbot.keyClick(listed.view, Qt.Key.Key_Down)
    assert chosen.args == [1, None]


def test_f2_renames_in_place(listed: ConversationList, thau: Thau, qtbot: QtBot) -> None:
    listed.set_current(2)
    listed.view.setFocus()
    qtbot.keyClick(listed.view, Qt.Key.Key_F2)
    editor = listed.view.findChild(QLineEdit)
    assert editor is not None
    editor.selectAll()
    qtbot.keyClicks(editor, "A blue fox")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "A blue fox" in titles(listed))
    assert thau.conversations.get(2).title == "A blue fox"


def test_a_pinned_conversation_moves_to_the_top(listed: ConversationList, thau: Thau, qtbot: QtBot) -> None:
    index = listed.model.index_of(1)
    entry = listed.model.entry(index)
    assert entry is not None
    menu = listed.menu_for(entry, index)
    next(action for action in menu.actions() if action.text() == "Pin").trigger()
    qtbot.waitUntil(lambda: titles(listed)[0] == "Gazpacho")
    assert listed.model.rows[0] == Header("Pinned")


def test_delete_is_asked_of_the_page(listed: ConversationList, qtbot: QtBot) -> None:
    listed.set_current(3)
    with qtbot.waitSignal(listed.delete_requested) as asked:
        qtbot.keyClick(listed.view, Qt.Key.Key_Delete)
    assert asked.args == [3, "Recursion"]


def test_a_conversation_without_a_word_is_not_listed(listed: ConversationList, thau: Thau, qtbot: QtBot) -> None:
    empty, drafted = thau.conversations.create(), thau.conversations.create()
    thau.conversations.set_draft(drafted.id, "half a thought")
    listed.refresh()
    qtbot.waitUntil(lambda: "half a thought" in titles(listed))
    assert not listed.model.index_of(empty.id).isValid()


def test_the_streaming_conversation_has_a_dot(listed: ConversationList) -> None:
    listed.set_live({2})
    spoken = listed.model.data(listed.model.index_of(2), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "A red fox, being answered"


def test_five_thousand_conversations_are_read_in_another_thread_and_only_what_is_seen_is_painted(
    listed: ConversationList, thau: Thau, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with thau.database.transaction():
        for number in range(5000):
            thau.conversations.create(f"Conversation {number}")
    readers: list[threading.Thread] = []
    read = Conversations.list

    def reading(store: Conversations) -> list[Conversation]:
        readers.append(threading.current_thread())
        return read(store)

    monkeypatch.setattr(Conversations, "list", reading)
    listed.refresh()
    qtbot.waitUntil(lambda: len(titles(listed)) == 5003)
    assert readers and threading.main_thread() not in readers

    def show_the_end() -> None:
        listed.view.scrollToBottom()
        listed.view.viewport().repaint()

    assert calls(show_the_end) < 5000, "less than one for each"
