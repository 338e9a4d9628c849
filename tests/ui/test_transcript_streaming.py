"""An answer that arrives piece by piece: it is appended to, it follows the end, and ends as it is stored."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QBuffer, QIODevice, QPoint
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from tests.ui.test_transcript import Stored, bar, named, talk, transcript, words
from thau_desktop.messages import Reasoning, Text, ToolCall, ToolResult
from ui.chat.answer import AnswerMessage
from ui.chat.body import Body
from ui.chat.code_view import CodeView
from ui.chat.prose import ProseView, TableView
from ui.chat.shown import Shown
from ui.chat.tool_card import ToolCard
from ui.chat.transcript import Transcript

__all__ = ["transcript"]


@pytest.fixture
def asked(transcript: Transcript) -> Transcript:
    transcript.set_source(Stored([Shown(1, "user", (Text("Go on"),))]))
    transcript.begin_answer(2)
    return transcript


def settled(qtbot: QtBot, transcript: Transcript) -> None:
    qtbot.waitUntil(lambda: not any(body.is_busy for body in transcript.findChildren(Body)))


def test_words_appear_as_they_come_with_a_caret_until_the_end(asked: Transcript, qtbot: QtBot) -> None:
    asked.append_text(2, "Hello **wor")
    settled(qtbot, asked)
    assert "Hello wor" in words(asked)
    (text,) = asked.messages[1].texts()
    assert text._caret
    asked.append_text(2, "ld**.\n\nNext")
    asked.finish_answer(Shown(2, "assistant", (Text("Hello **world**.\n\nNext"),), tokens_per_second=30))
    assert "Hello world." in words(asked)
    assert not any(view._caret for view in asked.messages[1].texts())
    named(asked, "Answer again")


def test_finished_blocks_keep_their_widgets(asked: Transcript, qtbot: QtBot) -> None:
    text = "Intro.\n\n```python\nx = 1\n```\n\nOutro is here.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nEnd."
    kept: list[object] = []
    for at in range(0, len(text), 4):
        asked.append_text(2, text[at : at + 4])
        settled(qtbot, asked)
        body = asked.findChild(Body)
        frozen = body._pieces[: body._frozen]
        assert frozen[: len(kept)] == kept
        kept = frozen
    asked.finish_answer(Shown(2, "assistant", (Text(text),)))
    pieces = asked.findChild(Body)._pieces
    assert [type(piece).__mro__[1] if not isinstance(piece, CodeView) else CodeView for piece in pieces] == [
        ProseView, CodeView, ProseView, TableView, ProseView,
    ]  # fmt: skip
    assert pieces[: len(kept)] == kept


def test_what_streamed_looks_like_what_is_loaded_later(asked: Transcript, qtbot: QtBot) -> None:
    text = "# T\n\nSome *text*.\n- a\n- b\n\n```\ncode\n```\n" + "long words " * 900 + "\n\n> q\n\nend"
    for at in range(0, len(text), 50):
        asked.append_text(2, text[at : at + 50])
    settled(qtbot, asked)
    asked.finish_answer(Shown(2, "assistant", (Text(text),)))
    settled(qtbot, asked)
    streamed = [view.document.toPlainText() for view in asked.messages[1].texts()]
    height = asked.messages[1].height()
    asked.set_source(Stored([Shown(1, "user", (Text("Go on"),)), Shown(2, "assistant", (Text(text),))]))
    settled(qtbot, asked)
    assert [view.document.toPlainText() for view in asked.messages[1].texts()] == streamed
    assert asked.messages[1].height() == height


def test_it_follows_the_end_unless_the_person_scrolled_up(transcript: Transcript, qtbot: QtBot) -> None:
    transcript.set_source(talk(40))
    transcript.begin_answer(41)
    for _turn in range(10):
        transcript.append_text(41, "Another line of words.\n\n")
    settled(qtbot, transcript)
    assert bar(transcript).value() == bar(transcript).maximum()
    bar(transcript).setValue(bar(transcript).maximum() - 400)
    seen = transcript.messages[transcript.first_seen()]
    place = seen.mapTo(transcript.viewport(), QPoint(0, 0))
    for _turn in range(10):
        transcript.append_text(41, "Another line of words.\n\n")
    settled(qtbot, transcript)
    assert seen.mapTo(transcript.viewport(), QPoint(0, 0)) == place
    assert bar(transcript).value() < bar(transcript).maximum() - 400
    named(transcript, "Jump to the latest")


def test_reasoning_folds_when_the_answer_begins(asked: Transcript, qtbot: QtBot) -> None:
    asked.append_reasoning(2, "I wonder ")
    asked.append_reasoning(2, "about that.")
    named(asked, "Thinking…. Show")
    asked.append_text(2, "It is so.")
    asked.finish_answer(Shown(2, "assistant", (Reasoning("I wonder about that.", 6.0), Text("It is so."))))
    named(asked, "Thought for 6 s. Show")
    assert "I wonder" not in words(asked)
    assert "It is so." in words(asked)


def test_a_tool_call_goes_from_writing_to_its_result(asked: Transcript, qtbot: QtBot) -> None:
    asked.append_text(2, "Here:\n")
    asked.tool_started(2, "generate_image")
    (card,) = asked.findChildren(ToolCard)
    call = ToolCall("c", "generate_image", {"prompt": "a fox"})
    asked.tool_ready(2, call)
    low = asked.messages[1].height()
    image, buffer = QImage(16, 16, QImage.Format.Format_RGB32), QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    asked.tool_progress(2, "c", 0.4, "Step 12 of 30", bytes(buffer.data().data()))
    assert asked.messages[1].height() > low
    result = ToolResult("c", "generate_image", "no memory", error=True)
    asked.tool_finished(2, result)
    asked.append_text(2, "That failed.")
    asked.finish_answer(Shown(2, "assistant", (Text("Here:\n"), call, result, Text("That failed."))))
    assert asked.findChildren(ToolCard) == [card]
    assert "no memory" in words(asked)
    assert words(asked).index("Here:") < words(asked).index("no memory") < words(asked).index("That failed.")


def test_a_stop_keeps_what_came_and_ends_the_tool(asked: Transcript) -> None:
    asked.append_text(2, "Half an ans")
    asked.tool_started(2, "web_search")
    asked.finish_answer(Shown(2, "assistant", (Text("Half an ans"),), state="stopped"))
    assert "Half an ans" in words(asked)
    assert "Stopped." in words(asked)
    named(asked, "Try again")


def test_another_text_in_the_store_replaces_what_streamed(asked: Transcript) -> None:
    asked.append_text(2, "One")
    asked.finish_answer(Shown(2, "assistant", (Text("Two"),)))
    assert "Two" in words(asked) and "One" not in words(asked)


def test_an_answer_that_is_still_streaming_can_be_loaded_and_goes_on(transcript: Transcript, qtbot: QtBot) -> None:
    transcript.set_source(Stored([Shown(1, "user", (Text("Go on"),)), Shown(2, "assistant", state="streaming")]))
    transcript.begin_answer(2)
    assert transcript.loaded == [1, 2]
    transcript.append_text(2, "Words.")
    settled(qtbot, transcript)
    assert "Words." in words(transcript)


def test_a_regenerated_answer_takes_the_place_of_the_old_one(transcript: Transcript) -> None:
    transcript.set_source(talk(8))
    transcript.remove_from(6)
    assert transcript.loaded == [1, 2, 3, 4, 5]
    transcript.begin_answer(9)
    transcript.append_text(9, "New")
    transcript.finish_answer(Shown(9, "assistant", (Text("New"),), variant=2, variants=2))
    assert transcript.loaded == [1, 2, 3, 4, 5, 9]
    named(transcript, "Previous answer")


def test_a_long_code_block_stays_one_and_is_whole(asked: Transcript, qtbot: QtBot) -> None:
    code = "\n".join(f"value_{n} = compute({n})" for n in range(1_200))
    text = f"```python\n{code}\n```\n"
    for at in range(0, len(text), 400):
        asked.append_text(2, text[at : at + 400])
    settled(qtbot, asked)
    asked.finish_answer(Shown(2, "assistant", (Text(text),)))
    (view,) = asked.findChildren(CodeView)
    assert view.texts()[0].document.toPlainText() == code


def test_deltas_of_an_unknown_message_are_ignored(transcript: Transcript) -> None:
    transcript.set_source(talk(4))
    transcript.append_text(99, "x")
    transcript.append_text(4, "x")
    transcript.tool_progress(99, "c", 0.5)
    assert isinstance(transcript.messages[-1], AnswerMessage)
    assert "x" not in words(transcript).splitlines()
