"""Turns on a bad day: kills between two rows, full disks, models that are taken away, words that are no text."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator

import pytest

from tests.chat.conftest import Desk
from thau_desktop.chat.title import title_from
from thau_desktop.errors import ChildCrashed, ModelBroken, ModelMissing
from thau_desktop.inference.chat_format import result_text
from thau_desktop.messages import Finished, TextDelta, ToolCall, ToolResult, TurnStarted
from thau_desktop.tools.registry import Tool, ToolContext, ToolEvent

CALL = '<TOOL:run_code>{"code": "1"}</TOOL>'


def refuse(desk: Desk, when: str) -> None:
    """Let SQLite itself refuse what matches, as a disk would."""
    desk.conversations.database.connection().execute(
        f"CREATE TRIGGER refusal BEFORE {when} BEGIN SELECT RAISE(ABORT, 'refused'); END"
    )


def test_words_are_stored_together_with_the_answer_that_can_be_tried_again(desk: Desk) -> None:
    refuse(desk, "INSERT ON messages WHEN new.role = 'assistant'")
    with pytest.raises(sqlite3.IntegrityError):
        next(iter(desk.chat.turn(desk.conversation, "hola", threading.Event())))
    assert desk.conversations.path(desk.conversation) == []
    assert desk.conversations.get(desk.conversation).title == ""


def test_an_edit_that_can_not_be_answered_leaves_the_old_branch(desk: Desk) -> None:
    desk.backend.answers = ["uno"]
    list(desk.chat.turn(desk.conversation, "primero", threading.Event()))
    before = desk.conversations.path(desk.conversation)
    refuse(desk, "INSERT ON messages WHEN new.role = 'assistant'")
    with pytest.raises(sqlite3.IntegrityError):
        next(iter(desk.chat.edit(before[0].id, "segundo", threading.Event())))
    assert desk.conversations.path(desk.conversation) == before


def test_an_end_that_could_not_be_written_is_written_with_the_next_turn(desk: Desk) -> None:
    words = "x" * 200_000  # more than the pages that will be left
    desk.backend.answers = [words, "dos"]
    events = desk.chat.turn(desk.conversation, "x", threading.Event())
    assert isinstance(next(events), TurnStarted)
    connection = desk.conversations.database.connection()
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    finished = list(events)[-1]
    assert isinstance(finished, Finished) and finished.state == "error"
    assert "disk is full" in finished.error and finished.text == words
    assert desk.conversations.path(desk.conversation)[-1].state == "streaming"
    connection.execute("PRAGMA max_page_count = 1000000")
    list(desk.chat.turn(desk.conversation, "y", threading.Event()))
    _question, answer, _next, _answer = desk.conversations.path(desk.conversation)
    assert (answer.state, answer.text) == ("complete", words)


def test_a_model_that_was_ended_by_who_stops_leaves_a_stopped_answer(desk: Desk) -> None:
    cancel = threading.Event()
    desk.backend.answers = [ChildCrashed("The language model is closed.")]
    for event in desk.chat.turn(desk.conversation, "x", cancel):
        if event == TextDelta("b"):  # the last before the error
            cancel.set()
    assert desk.conversations.path(desk.conversation)[-1].state == "stopped"


def test_the_end_names_the_kind_of_its_error(desk: Desk) -> None:
    desk.backend.answers = [ModelBroken("It is cut off.", "Get it again.")]
    finished = list(desk.chat.turn(desk.conversation, "x", threading.Event()))[-1]
    assert isinstance(finished, Finished)
    assert (finished.error, finished.error_kind) == ("It is cut off. Get it again.", "ModelBroken")


def test_a_call_that_was_stopped_while_asked_was_not_refused(desk: Desk) -> None:
    cancel = threading.Event()
    desk.backend.answers = [CALL]

    def stop(call: ToolCall) -> bool:
        cancel.set()
        return False

    list(desk.chat.turn(desk.conversation, "x", cancel, permission=stop))
    answer = desk.conversations.path(desk.conversation)[-1]
    [result] = [part for part in answer.parts if isinstance(part, ToolResult)]
    assert (answer.state, result.content) == ("stopped", "Stopped before it ran.")


def test_half_an_emoji_and_a_zero_travel_to_the_model_and_back(desk: Desk) -> None:
    desk.backend.answers = ["claro \ud83d y ya"]
    list(desk.chat.turn(desk.conversation, "mira \ud83d y \x00 esto", threading.Event()))
    question, answer = desk.conversations.path(desk.conversation)
    assert (question.text, answer.text) == ("mira ? y \x00 esto", "claro ? y ya")
    assert desk.conversations.get(desk.conversation).title == "Mira ? y esto"


def test_a_title_of_a_hundred_kilobytes_is_short() -> None:
    assert len(title_from("x" * 100_000)) <= 61
    assert title_from("\x00\x1b") != ""


def test_what_to_do_about_a_failed_call_is_told_to_the_person_and_not_to_the_model(desk: Desk) -> None:
    def draw(context: ToolContext, prompt: str) -> Iterator[ToolEvent]:
        """Draws.

        Args:
            prompt: What.
        """
        raise ModelMissing("No model.", "Put one there.")
        yield

    desk.tools.add(Tool.of(draw))
    desk.backend.answers = ['<TOOL:draw>{"prompt": "a cat"}</TOOL>', "Sorry."]
    list(desk.chat.turn(desk.conversation, "draw", threading.Event()))
    stored = desk.conversations.path(desk.conversation)[-1]
    (result,) = (part for part in stored.parts if isinstance(part, ToolResult))
    assert (result.error, result.words) == (True, "No model. Put one there.")
    assert result_text(result) == '{"status": "error", "message": "No model."}'
