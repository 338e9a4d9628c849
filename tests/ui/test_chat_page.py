"""The chat page in a real window on a real Thau; most tests put a scripted model in the place of the real one."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from thau_desktop.app import Thau
from thau_desktop.errors import DiskFull
from thau_desktop.inference.backend import GenerationRequest, TokenCounts
from thau_desktop.messages import (
    BackendEvent,
    GenerationDone,
    Message,
    ModelLoading,
    ModelReady,
    Text,
    TextDelta,
    ToolResult,
)
from ui.chat.composer import Draft
from ui.chat.page import ChatPage
from ui.chat.persona_dialog import PersonaDialog
from ui.main_window import MainWindow
from ui.theme import Theme
from ui.worker import workers

CALL = '<TOOL:generate_image>{"prompt": "a red fox"}</TOOL>'


class Script:
    """Stands in for the model: says `words`; `hold` keeps it from going on after the first until `go` is set."""

    name = "thau-nano-v1"

    def __init__(self) -> None:
        self.words = ["Hello ", "there."]
        self.calls_tool = False
        self.go = threading.Event()
        self.go.set()
        self.asked: list[GenerationRequest] = []

    def hold(self) -> None:
        self.go.clear()

    def load(self, cancel: threading.Event) -> Iterator[BackendEvent]:
        yield ModelLoading(self.name)
        yield ModelReady(self.name, "cpu", "float32", 0.1, 1, 1, 512)

    def stream(self, request: GenerationRequest, cancel: threading.Event) -> Iterator[BackendEvent]:
        self.asked.append(request)
        answered = any(isinstance(part, ToolResult) for part in request.messages[-1].parts)
        words = [CALL] if self.calls_tool and not answered else self.words
        for number, word in enumerate(words):
            yield TextDelta(word)
            while number == 0 and not self.go.wait(0.01) and not cancel.is_set():
                pass
            if cancel.is_set():
                yield GenerationDone("cancelled", number + 1, 0.1, 0.05)
                return
        yield GenerationDone("stop", len(words), 0.1, 0.05, 20)

    def count_tokens(self, messages: Sequence[Message], tools: Sequence[dict[str, Any]] = ()) -> TokenCounts:
        counts = tuple(4 + len(message.text) // 4 for message in messages)
        return TokenCounts(counts, sum(counts) + 3, 512)

    def close(self) -> None:
        self.go.set()


@pytest.fixture
def script() -> Iterator[Script]:
    made = Script()
    yield made
    made.close()


Open = Callable[[], tuple[Thau, MainWindow, ChatPage]]


@pytest.fixture
def open_window(qtbot: QtBot, theme: Theme, home: Path, script: Script) -> Iterator[Open]:
    """Opens Thau and its window on the same home, once or again after the one before was closed."""
    opened: list[tuple[Thau, MainWindow]] = []

    def close() -> None:
        while opened:
            thau, window = opened.pop()
            script.go.set()
            workers().stop_all(60)
            window.hide()
            QApplication.processEvents()
            window.deleteLater()
            QApplication.processEvents()
            thau.close()

    def open_() -> tuple[Thau, MainWindow, ChatPage]:
        close()
        thau = Thau(home)
        thau.change("general", "first_run_done", True)
        thau.backend = lambda name="": script  # type: ignore[method-assign]
        window = MainWindow(home)
        opened.append((thau, window))
        window.show()
        window.set_thau(thau)
        page = window.show_page("chat")
        assert isinstance(page, ChatPage)
        return thau, window, page

    yield open_
    close()


@pytest.fixture
def page(open_window: Open) -> ChatPage:
    return open_window()[2]


def thau_of(page: ChatPage) -> Thau:
    return page._thau


def write(page: ChatPage, qtbot: QtBot, words: str) -> None:
    qtbot.keyClicks(page.composer.editor, words)
    qtbot.keyClick(page.composer.editor, Qt.Key.Key_Return)


def idle(page: ChatPage) -> bool:
    return page.answering.turns.current is None and not page.answering.turns.waiting


def texts(page: ChatPage) -> list[str]:
    return [view.shown.text for view in page.transcript.messages]


def stored(page: ChatPage) -> list[str]:
    assert page.conversation_id is not None
    return [message.text for message in thau_of(page).conversations.path(page.conversation_id)]


def test_a_message_is_answered_and_both_are_stored(page: ChatPage, qtbot: QtBot) -> None:
    write(page, qtbot, "Good morning")
    qtbot.waitUntil(lambda: idle(page) and len(texts(page)) == 2)
    assert texts(page) == stored(page) == ["Good morning", "Hello there."]
    assert page.composer.draft() == Draft()
    assert page.header.meter.limit == 512
    qtbot.waitUntil(lambda: page.list.model.index_of(page.conversation_id).isValid())


def test_a_suggestion_is_sent_with_a_click(page: ChatPage, qtbot: QtBot) -> None:
    assert page.welcome.isVisible()
    page.welcome.chips[1].click()
    qtbot.waitUntil(lambda: idle(page) and len(texts(page)) == 2)
    assert texts(page)[0] == "What is recursion?"
    assert not page.welcome.isVisible()


def test_escape_stops_and_keeps_what_was_said(page: ChatPage, script: Script, qtbot: QtBot) -> None:
    script.hold()
    write(page, qtbot, "Count")
    qtbot.waitUntil(lambda: page.composer.stop_button.isVisible() and len(script.asked) == 1)
    qtbot.keyClick(page.composer.editor, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: idle(page))
    assert page.conversation_id is not None
    last = thau_of(page).conversations.path(page.conversation_id)[-1]
    assert (last.state, last.text) == ("stopped", "Hello ")
    assert page.transcript.messages[-1].shown.state == "stopped"


def test_further_messages_wait_and_can_be_taken_back(page: ChatPage, script: Script, qtbot: QtBot) -> None:
    script.hold()
    write(page, qtbot, "First")
    qtbot.waitUntil(lambda: len(script.asked) == 1)
    write(page, qtbot, "Second")
    assert "will be sent" in page.foot.queue.words
    page.foot.queue.press()
    assert page.composer.draft().text == "Second"
    qtbot.keyClick(page.composer.editor, Qt.Key.Key_Return)
    script.go.set()
    qtbot.waitUntil(lambda: idle(page) and len(texts(page)) == 4)
    assert texts(page)[2] == "Second"
    assert page.foot.queue.words == ""


def test_an_answer_goes_on_while_another_conversation_is_open(page: ChatPage, script: Script, qtbot: QtBot) -> None:
    other = thau_of(page).conversations.create("Other")
    thau_of(page).conversations.add_message(other.id, "user", (Text("Unrelated"),))
    script.words = ["One ", "two ", "three."]
    script.hold()
    write(page, qtbot, "Count")
    qtbot.waitUntil(lambda: texts(page) == ["Count", ""] and len(script.asked) == 1)
    counting = page.conversation_id
    assert counting is not None
    page.open_conversation(other.id)
    assert texts(page) == ["Unrelated"]
    assert page.list.model.live == {counting}
    assert not page.composer.stop_button.isVisible()
    page.open_conversation(counting)
    qtbot.waitUntil(lambda: page.transcript.messages[-1]._outline() == [("text", "One")])  # type: ignore[attr-defined]
    page.open_conversation(other.id)
    script.go.set()
    qtbot.waitUntil(lambda: idle(page))
    page.open_conversation(counting)
    assert texts(page) == ["Count", "One two three."]


def test_a_new_answer_is_a_variant_and_the_old_one_can_be_seen(page: ChatPage, script: Script, qtbot: QtBot) -> None:
    write(page, qtbot, "Hi")
    qtbot.waitUntil(lambda: idle(page) and len(texts(page)) == 2)
    script.words = ["Another."]
    page.transcript.regenerate.emit(page.transcript.loaded[-1])
    qtbot.waitUntil(lambda: idle(page) and texts(page) == ["Hi", "Another."])
    last = page.transcript.messages[-1].shown
    assert (last.variant, last.variants) == (2, 2)
    page.transcript.choose_variant.emit(last.id, -1)
    assert texts(page) == stored(page) == ["Hi", "Hello there."]


def test_up_edits_the_last_message(page: ChatPage, script: Script, qtbot: QtBot) -> None:
    write(page, qtbot, "Helo")
    qtbot.waitUntil(lambda: idle(page) and len(texts(page)) == 2)
    qtbot.keyClick(page.composer.editor, Qt.Key.Key_Up)
    assert page.transcript.messages[0].editor is not None
    page.transcript.messages[0].editor.saved.emit("Hello")
    qtbot.waitUntil(lambda: idle(page) and texts(page) == ["Hello", "Hello there."])
    assert stored(page) == ["Hello", "Hello there."]


def test_drafts_are_kept_for_each_conversation_and_over_a_restart(open_window: Open, qtbot: QtBot) -> None:
    thau, _window, page = open_window()
    first = thau.conversations.create("First")
    page.open_conversation(first.id)
    qtbot.keyClicks(page.composer.editor, "half a thought")
    page.new_conversation()
    qtbot.keyClicks(page.composer.editor, "something new")
    page.open_conversation(first.id)
    [fresh] = [one.id for one in thau.conversations.list() if one.id != first.id]
    assert page.composer.draft().text == "half a thought"
    qtbot.keyClicks(page.composer.editor, " and more")
    _thau, _window, page = open_window()
    assert page.conversation_id == first.id
    assert page.composer.draft().text == "half a thought and more"
    page.open_conversation(fresh)
    assert page.composer.draft().text == "something new"


def test_a_tool_in_mode_ask_waits_for_a_person(page: ChatPage, script: Script, qtbot: QtBot) -> None:
    page.composer.tools_changed.emit("ask")
    assert thau_of(page).settings.chat.tools == "ask"
    script.calls_tool = True
    write(page, qtbot, "Draw a fox")
    qtbot.waitUntil(lambda: page.foot.card is not None)
    assert page.foot.card is not None
    page.foot.card.refuse.click()
    qtbot.waitUntil(lambda: idle(page))
    assert page.foot.card is None
    assert page.conversation_id is not None
    parts = thau_of(page).conversations.path(page.conversation_id)[-1].parts
    assert any(isinstance(part, ToolResult) and "did not allow" in part.content for part in parts)


def test_always_allow_asks_no_more(page: ChatPage, script: Script, qtbot: QtBot) -> None:
    page.composer.tools_changed.emit("ask")
    script.calls_tool = True
    write(page, qtbot, "Draw a fox")
    qtbot.waitUntil(lambda: page.foot.card is not None)
    assert page.foot.card is not None
    page.foot.card.always.click()
    qtbot.waitUntil(lambda: idle(page))
    write(page, qtbot, "And a cat")
    qtbot.waitUntil(lambda: idle(page) and len(texts(page)) == 4)
    assert page.foot.card is None


def test_escape_while_a_question_waits_ends_the_turn(page: ChatPage, script: Script, qtbot: QtBot) -> None:
    page.composer.tools_changed.emit("ask")
    script.calls_tool = True
    write(page, qtbot, "Draw a fox")
    qtbot.waitUntil(lambda: page.foot.card is not None)
    page.stop()
    qtbot.waitUntil(lambda: idle(page))
    assert page.foot.card is None


def test_a_thumb_up_becomes_an_example_that_undo_takes_back(page: ChatPage, qtbot: QtBot) -> None:
    examples = thau_of(page).examples
    write(page, qtbot, "Hi")
    qtbot.waitUntil(lambda: idle(page) and len(texts(page)) == 2)
    answer = page.transcript.loaded[-1]
    page.transcript.rate.emit(answer, 1)
    (example,) = examples.list()
    assert (example.instruction, example.output, example.source) == ("Hi", "Hello there.", "approved")
    assert page.transcript.messages[-1].shown.rating == 1
    page._window._toast.action.click()
    assert examples.list() == []
    assert page.transcript.messages[-1].shown.rating == 0


def test_answers_are_put_forward_only_where_it_was_wished_and_a_thumb_decides(page: ChatPage, qtbot: QtBot) -> None:
    thau = thau_of(page)
    write(page, qtbot, "Hi")
    qtbot.waitUntil(lambda: idle(page) and len(texts(page)) == 2)
    assert thau.examples.list() == []
    thau.change("privacy", "capture_conversations", True)
    write(page, qtbot, "Hi again")
    qtbot.waitUntil(lambda: idle(page) and len(texts(page)) == 4)
    (proposal,) = thau.examples.list()
    assert (proposal.instruction, proposal.source, proposal.review) == ("Hi again", "conversation", True)
    page.transcript.rate.emit(page.transcript.loaded[-1], 1)
    (approved,) = thau.examples.list()
    assert (approved.instruction, approved.source, approved.review) == ("Hi again", "approved", False)
    page.transcript.rate.emit(page.transcript.loaded[-1], -1)
    assert thau.examples.list() == []


def test_a_correction_becomes_an_example_and_replaces_the_answer(page: ChatPage, qtbot: QtBot) -> None:
    examples = thau_of(page).examples
    write(page, qtbot, "Capital of Peru?")
    qtbot.waitUntil(lambda: idle(page) and len(texts(page)) == 2)
    page.transcript.correct.emit(page.transcript.loaded[-1], "Lima.")
    (example,) = examples.list()
    assert (example.instruction, example.output, example.source) == ("Capital of Peru?", "Lima.", "correction")
    assert example.metadata["answer"] == "Hello there."
    assert texts(page) == stored(page) == ["Capital of Peru?", "Lima."]
    page._window._toast.action.click()
    assert stored(page)[-1] == "Hello there."
    assert examples.list() == []


def test_words_that_could_not_be_stored_go_back_into_the_composer(
    page: ChatPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_kwargs: object) -> None:
        raise DiskFull("The disk is full.", "Free some space.")

    monkeypatch.setattr(thau_of(page).conversations, "add_message", full)
    write(page, qtbot, "Precious words")
    qtbot.waitUntil(lambda: idle(page))
    assert page.composer.draft().text == "Precious words"
    assert "The disk is full. Free some space." in page.foot.problem.words


def test_a_deleted_conversation_comes_back_with_undo(page: ChatPage, qtbot: QtBot) -> None:
    write(page, qtbot, "Hi")
    qtbot.waitUntil(lambda: idle(page) and len(texts(page)) == 2)
    conversation = page.conversation_id
    assert conversation is not None
    page.list.delete_requested.emit(conversation, "Hi")
    assert page.conversation_id is None and page.welcome.isVisible()
    assert thau_of(page).conversations.list() == []
    page._window._toast.action.click()
    assert page.conversation_id == conversation
    assert texts(page) == ["Hi", "Hello there."]


def test_a_conversation_in_which_nothing_was_said_leaves_no_trace(page: ChatPage, qtbot: QtBot) -> None:
    qtbot.keyClicks(page.composer.editor, "x")
    qtbot.waitUntil(lambda: len(thau_of(page).conversations.list()) == 1)
    qtbot.keyClick(page.composer.editor, Qt.Key.Key_Backspace)
    page.new_conversation()
    assert thau_of(page).conversations.list() == []


def test_find_reaches_messages_that_are_not_loaded(page: ChatPage, qtbot: QtBot) -> None:
    store = thau_of(page).conversations
    conversation = store.create("Long")
    with thau_of(page).database.transaction():
        for number in range(300):
            store.add_message(conversation.id, "user", (Text(f"{'needle' if number == 3 else 'hay'} {number}"),))
    page.open_conversation(conversation.id)
    first = page.transcript.loaded[0]
    page.find()
    qtbot.keyClicks(page.find_bar.field, "needle")
    qtbot.waitUntil(lambda: page.find_bar.words == "1 of 1")
    assert page.transcript.loaded[0] < first
    qtbot.keyClick(page.find_bar.field, Qt.Key.Key_Escape)
    assert not page.find_bar.isVisible()


def test_model_and_persona_are_chosen_for_the_conversation(page: ChatPage, qtbot: QtBot) -> None:
    page.header.persona_chosen.emit("teacher")
    write(page, qtbot, "Hi")
    qtbot.waitUntil(lambda: idle(page) and len(texts(page)) == 2)
    assert page.conversation_id is not None
    assert thau_of(page).conversations.get(page.conversation_id).persona == "teacher"
    page.header.model_chosen.emit("thau-mini-v2")
    assert thau_of(page).conversations.get(page.conversation_id).model == "thau-mini-v2"
    assert thau_of(page).settings.model.name == "thau-mini-v2"
    assert page.header.model.accessibleName() == "Model: thau-mini v2"


def test_export_and_import_bring_a_conversation_back(page: ChatPage, tmp_path: Path, qtbot: QtBot) -> None:
    store = thau_of(page).conversations
    conversation = store.create("Kept")
    store.add_message(conversation.id, "user", (Text("Remember this"),))
    file = tmp_path / "kept.json"
    page.menus.transfers.export(conversation.id, "json", file)
    qtbot.waitUntil(file.exists)
    with thau_of(page).database.transaction() as connection:
        connection.execute("DELETE FROM conversations")
    page.menus.transfers.import_file(file, page.menus._imported)
    qtbot.waitUntil(lambda: texts(page) == ["Remember this"])


def test_personas_are_edited_reset_and_exported(page: ChatPage, tmp_path: Path, qtbot: QtBot) -> None:
    personas = thau_of(page).personas
    dialog = PersonaDialog(personas, "concise", page)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.form.prompt.setPlainText("Be brief.")
    assert dialog.save()
    assert personas.get("concise").system_prompt == "Be brief."
    dialog.reset()
    assert personas.get("concise").system_prompt != "Be brief."
    dialog.note.press()
    assert personas.get("concise").system_prompt == "Be brief."
    dialog.begin_new()
    dialog.form.title.setText("Pirate")
    dialog.form.prompt.setPlainText("Talk like a pirate.")
    assert dialog.save()
    file = tmp_path / "pirate.json"
    dialog.export_file(file)
    assert json.loads(file.read_text())["title"] == "Pirate"
    dialog.delete()
    assert "Pirate" not in [persona.title for persona in personas.list()]
    dialog.import_file(file)
    assert personas.list()[-1].system_prompt == "Talk like a pirate."
    dialog.form.title.setText("")
    assert not dialog.save()
    assert "needs a name" in dialog.note.words
    dialog.form.title.setText("Pirate")


def test_a_real_model_answers(open_window: Open, tiny_folder: Path, qtbot: QtBot) -> None:
    thau, _window, page = open_window()
    (thau.paths.models / "tiny").symlink_to(tiny_folder)
    thau.change("model", "name", "tiny")
    thau.change("chat", "max_new_tokens", 16)
    thau.change("chat", "tools", "off")  # their description alone takes more than this model holds
    del thau.backend  # the real one again
    page.persona = "concise"
    write(page, qtbot, "Hola")
    qtbot.waitUntil(lambda: idle(page), timeout=200_000)
    assert page.conversation_id is not None
    answer = thau.conversations.path(page.conversation_id)[-1]
    assert answer.state == "complete", answer.error
    assert answer.tokens > 0
    assert page.header.meter.limit == 512
