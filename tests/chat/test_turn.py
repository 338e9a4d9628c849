"""Turns over a real store: what is stored when, the loop of calls, variants, stops and errors."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any, TypeVar

import pytest

from tests.chat.conftest import Desk
from thau_desktop.chat.title import title_from
from thau_desktop.errors import ChildCrashed, StoreError
from thau_desktop.messages import (
    Attachment,
    ContextFitted,
    Finished,
    Reasoning,
    Sampling,
    Text,
    TextDelta,
    ToolCall,
    ToolCallReady,
    ToolCallStarted,
    ToolFinished,
    ToolProgress,
    ToolResult,
    TurnEvent,
    TurnStarted,
)

CALL = '<TOOL:generate_image>{"prompt": "a cat"}</TOOL>'
CODE = '<TOOL:run_code>{"code": "1"}</TOOL>'
Event = TypeVar("Event")


def end(events: Iterator[TurnEvent]) -> Finished:
    last = list(events)[-1]
    assert isinstance(last, Finished)
    return last


def of(events: list[TurnEvent], kind: type[Event]) -> list[Event]:
    return [event for event in events if isinstance(event, kind)]


def test_a_turn_stores_the_words_and_the_answer(desk: Desk) -> None:
    desk.backend.answers = ["Hola, ¿qué tal?"]
    events = list(desk.chat.turn(desk.conversation, "hola", threading.Event()))
    assert isinstance(events[0], TurnStarted) and isinstance(events[1], ContextFitted)
    finished = events[-1]
    assert isinstance(finished, Finished)
    user, answer = desk.conversations.path(desk.conversation)
    assert (user.text, user.state, answer.text, answer.state) == ("hola", "complete", "Hola, ¿qué tal?", "complete")
    assert (finished.text, finished.state, finished.message_id) == ("Hola, ¿qué tal?", "complete", answer.id)
    assert finished.tokens == answer.tokens == 5
    assert finished.tokens_per_second == answer.tokens_per_second == 8.0
    assert finished.time_to_first_token_s > 0 and finished.context_limit == 2048 and finished.context_used > 0
    assert answer.model == finished.model == "thau-nano-v1"
    assert desk.conversations.get(desk.conversation).title == "Hola"


def test_the_model_sees_the_persona_and_the_conversation(desk: Desk) -> None:
    desk.backend.answers = ["uno", "dos"]
    end(desk.chat.turn(desk.conversation, "primero", threading.Event()))
    file = Attachment("a.txt", "content")
    end(desk.chat.turn(desk.conversation, "segundo", threading.Event(), attachments=[file], persona="teacher"))
    system, *rest = desk.backend.requests[1].messages
    assert "teacher" in system.text
    assert [(message.role, message.text) for message in rest] == [
        ("user", "primero"),
        ("assistant", "uno"),
        ("user", "segundo"),
    ]
    assert file in rest[2].parts
    assert [tool["function"]["name"] for tool in desk.backend.requests[1].tools] == ["generate_image", "run_code"]


def test_both_rows_are_committed_before_the_model_is_asked(desk: Desk) -> None:
    desk.backend.answers = ["x"]
    events = desk.chat.turn(desk.conversation, "hola", threading.Event())
    started = next(events)
    assert isinstance(started, TurnStarted)
    user, answer = desk.conversations.path(desk.conversation)
    assert (user.id, answer.id) == (started.user_message_id, started.assistant_message_id)
    assert (answer.state, answer.parts, desk.backend.requests) == ("streaming", (), [])
    end(events)


def test_words_are_stored_while_they_arrive(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The autosave writes in its own thread: the stream waits here until its words are in the store."""
    saved = threading.Event()
    update = desk.conversations.update_message

    def updating(message_id: int, **changes: Any) -> None:
        update(message_id, **changes)
        saved.set()

    monkeypatch.setattr(desk.conversations, "update_message", updating)
    desk.backend.answers = ["Hola amigo"]
    events = desk.chat.turn(desk.conversation, "hola", threading.Event())
    for event in events:
        if isinstance(event, TextDelta):
            break
    assert saved.wait(60)
    stored = desk.conversations.path(desk.conversation)[-1]
    assert (stored.text, stored.state) == ("Hol", "streaming")
    assert end(events).text == "Hola amigo"


def test_a_call_is_run_and_the_answer_goes_on(desk: Desk) -> None:
    desk.backend.answers = [f"Claro. {CALL}", "Aquí está."]
    events = list(desk.chat.turn(desk.conversation, "dibuja un gato", threading.Event()))
    kinds = [type(event) for event in events if not isinstance(event, TextDelta | ContextFitted)]
    assert kinds == [TurnStarted, ToolCallStarted, ToolCallReady, ToolProgress, ToolFinished, Finished]
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert finished.text == "Claro.\n\nAquí está."
    assert [(call.name, call.arguments) for call in finished.tool_calls] == [("generate_image", {"prompt": "a cat"})]
    assert finished.images == ({"id": "picture1", "path": "/picture1.png", "prompt": "a cat"},)
    stored = desk.conversations.path(desk.conversation)[-1]
    assert [type(part) for part in stored.parts] == [Text, ToolCall, ToolResult, Text]
    second = desk.backend.requests[1].messages[-1]
    assert second.role == "assistant" and isinstance(second.parts[-1], ToolResult)


def test_a_wrong_call_is_told_to_the_model_which_may_mend_it(desk: Desk) -> None:
    desk.backend.answers = ["<TOOL:generate_image>{}</TOOL>", "<TOOL:fly>{}</TOOL>", f"<TOOL:x>{{'</TOOL>{CALL}", "ya"]
    events = list(desk.chat.turn(desk.conversation, "dibuja", threading.Event()))
    contents = [event.result.content for event in of(events, ToolFinished)]
    assert (
        "“prompt”" in contents[0]
        and "“fly”" in contents[1]
        and "JSON" in contents[2]
        and contents[3] == "drawn: picture1"
    )
    assert end(iter(events)).state == "complete"


def test_with_tools_off_calls_are_reported_and_not_run(desk: Desk) -> None:
    desk.backend.answers = [f"{CALL}{CODE}"]
    events = list(desk.chat.turn(desk.conversation, "dibuja", threading.Event(), tools="off"))
    assert len(of(events, ToolCallReady)) == 2 and not of(events, ToolFinished) and not desk.drawn
    assert len(end(iter(events)).tool_calls) == 2


@pytest.mark.parametrize(("mode", "asked"), [("auto", ["run_code"]), ("ask", ["generate_image", "run_code"])])
@pytest.mark.parametrize("allowed", [True, False])
def test_risky_calls_are_asked_for_and_all_of_them_when_so_chosen(
    desk: Desk, mode: str, asked: list[str], allowed: bool
) -> None:
    desk.backend.answers = [f"{CALL}{CODE}", "ya"]
    seen: list[str] = []

    def permission(call: ToolCall) -> bool:
        seen.append(call.name)
        return allowed

    turn = desk.chat.turn(desk.conversation, "x", threading.Event(), tools=mode, permission=permission)  # type: ignore[arg-type]
    results = [event.result for event in of(list(turn), ToolFinished)]
    assert seen == asked
    assert [result.error for result in results] == [(mode == "ask" and not allowed), not allowed]
    assert ("allow" in results[1].content) is not allowed


def test_nobody_to_ask_means_no(desk: Desk) -> None:
    desk.backend.answers = [CODE, "ya"]
    (event,) = of(list(desk.chat.turn(desk.conversation, "x", threading.Event())), ToolFinished)
    assert event.result.error


def test_the_loop_ends_after_four_rounds_and_when_calls_repeat(desk: Desk) -> None:
    desk.backend.answers = [CALL.replace("cat", f"cat {n}") for n in range(9)]
    assert end(desk.chat.turn(desk.conversation, "x", threading.Event())).state == "complete"
    assert len(desk.drawn) == len(desk.backend.requests) == 4
    desk.backend.answers = [CALL] * 9
    end(desk.chat.turn(desk.conversation, "x", threading.Event()))
    assert len(desk.drawn) == 5 and len(desk.backend.requests) == 6


def test_stopping_keeps_what_was_said(desk: Desk) -> None:
    cancel = threading.Event()
    desk.backend.answers = ["uno dos tres"]
    desk.backend.before_token = lambda token: cancel.set() if token == "s t" else None
    finished = end(desk.chat.turn(desk.conversation, "x", cancel))
    stored = desk.conversations.path(desk.conversation)[-1]
    assert (finished.state, finished.text, stored.state) == ("stopped", "uno do", "stopped")
    assert stored.text == "uno do"


def test_closing_the_iterator_keeps_what_was_said_as_stopped(desk: Desk) -> None:
    desk.backend.answers = ["uno dos"]
    with contextlib.closing(desk.chat.turn(desk.conversation, "x", threading.Event())) as events:  # type: ignore[type-var]
        for event in events:
            if isinstance(event, TextDelta):
                break
    stored = desk.conversations.path(desk.conversation)[-1]
    assert (stored.state, stored.text) == ("stopped", "uno")


def test_an_expected_error_ends_the_turn_in_words_and_keeps_the_partial_text(desk: Desk) -> None:
    desk.backend.answers = [ChildCrashed("It stopped.", "Try again.")]
    finished = end(desk.chat.turn(desk.conversation, "x", threading.Event()))
    stored = desk.conversations.path(desk.conversation)[-1]
    assert (finished.state, finished.error, finished.text) == ("error", "It stopped. Try again.", "ab")
    assert (stored.state, stored.error, stored.text) == ("error", "It stopped. Try again.", "ab")


def test_a_model_that_is_taken_away_leaves_a_stopped_answer(desk: Desk) -> None:
    desk.backend.answers = ["uno"]
    desk.backend.taken_away = True
    finished = end(desk.chat.turn(desk.conversation, "x", threading.Event()))
    assert (finished.state, finished.text) == ("stopped", "uno")


def test_a_bug_is_raised_after_the_row_is_saved(desk: Desk) -> None:
    desk.backend.answers = [KeyError("who")]
    with pytest.raises(KeyError):
        list(desk.chat.turn(desk.conversation, "x", threading.Event()))
    stored = desk.conversations.path(desk.conversation)[-1]
    assert (stored.state, stored.text) == ("error", "ab") and "KeyError" in stored.error


def test_a_disk_that_fills_up_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.backend.answers = ["hola"]
    events = desk.chat.turn(desk.conversation, "x", threading.Event())
    next(events)

    def full(*arguments: object, **values: object) -> None:
        raise StoreError("The disk is full.")

    monkeypatch.setattr(desk.conversations, "update_message", full)
    finished = end(events)
    assert (finished.state, finished.error) == ("error", "The disk is full.")


def test_regenerating_makes_a_variant_and_keeps_the_old_answer(desk: Desk) -> None:
    desk.backend.answers = ["uno", "dos"]
    first = end(desk.chat.turn(desk.conversation, "x", threading.Event()))
    second = end(desk.chat.regenerate(first.message_id, threading.Event()))
    assert desk.conversations.variants(first.message_id) == [first.message_id, second.message_id]
    assert [row.text for row in desk.conversations.path(desk.conversation)] == ["x", "dos"]
    assert [message.text for message in desk.backend.requests[1].messages[1:]] == ["x"]
    with pytest.raises(StoreError):
        list(desk.chat.regenerate(999, threading.Event()))


def test_editing_makes_a_variant_of_the_question_and_answers_it(desk: Desk) -> None:
    desk.backend.answers = ["uno", "dos", "tres"]
    end(desk.chat.turn(desk.conversation, "a", threading.Event()))
    file = Attachment("f", "f")
    second = desk.chat.turn(desk.conversation, "b", threading.Event(), attachments=[file])
    started = next(second)
    assert isinstance(started, TurnStarted)
    end(second)
    end(desk.chat.edit(started.user_message_id, "c", threading.Event()))
    path = desk.conversations.path(desk.conversation)
    assert [row.text for row in path] == ["a", "uno", "c", "tres"]
    assert file in path[2].parts and path[2].variants == 2
    with pytest.raises(StoreError):
        list(desk.chat.edit(path[1].id, "d", threading.Event()))


def test_a_stopped_answer_goes_on_in_its_own_row(desk: Desk) -> None:
    cancel = threading.Event()
    desk.backend.answers = ["uno dos tres", " dos tres"]
    desk.backend.before_token = lambda token: cancel.set() if token == " do" else None
    stopped = end(desk.chat.turn(desk.conversation, "x", cancel))
    assert stopped.text == "uno"
    desk.backend.before_token = lambda token: None
    finished = end(desk.chat.continue_(stopped.message_id, threading.Event()))
    assert (finished.message_id, finished.text, finished.state) == (stopped.message_id, "uno dos tres", "complete")
    assert desk.backend.requests[1].messages[-1].text == "uno"
    (stored,) = desk.conversations.path(desk.conversation)[1:]
    assert stored.text == "uno dos tres" and len(stored.parts) == 1


def test_reasoning_is_kept_apart_and_not_shown_as_the_answer(desk: Desk) -> None:
    desk.backend.answers = ["<think>hm, a cat</think>Sí."]
    finished = end(desk.chat.turn(desk.conversation, "x", threading.Event()))
    reasoning, text = desk.conversations.path(desk.conversation)[-1].parts
    assert isinstance(reasoning, Reasoning) and reasoning.text == "hm, a cat"
    assert text == Text("Sí.") and finished.text == "Sí."


def test_a_long_conversation_is_fitted_and_what_went_is_counted(desk: Desk) -> None:
    desk.backend.limit = 300
    for n in range(100):
        desk.conversations.add_message(desk.conversation, "user", (Text(f"pregunta {n} " + "w " * 10),))
        desk.conversations.add_message(desk.conversation, "assistant", (Text("respuesta " * 10),))
    desk.backend.answers = ["ya"]
    events = list(desk.chat.turn(desk.conversation, "última", threading.Event(), sampling=Sampling(max_new_tokens=50)))
    (fitted,) = of(events, ContextFitted)
    sent = desk.backend.requests[0].messages
    assert fitted.used <= 250 and sent[0].role == "system" and sent[1].role == "user" and sent[-1].text == "última"
    assert fitted.dropped == 201 - (len(sent) - 1)


def test_a_summary_is_made_once_by_the_model_itself(desk: Desk) -> None:
    desk.backend.limit = 200
    desk.settings = desk.settings.model_copy(
        update={"chat": desk.settings.chat.model_copy(update={"context_strategy": "summarise_oldest"})}
    )
    for _n in range(10):
        desk.conversations.add_message(desk.conversation, "user", (Text("w " * 12),))
        desk.conversations.add_message(desk.conversation, "assistant", (Text("w " * 12),))
    desk.backend.answers = ["they said w", f"{CODE}", "fin"]
    sampling = Sampling(max_new_tokens=20)
    events = list(desk.chat.turn(desk.conversation, "x", threading.Event(), sampling=sampling))
    assert of(events, ContextFitted)[0].summarised > 0
    assert "they said w" in desk.backend.requests[1].messages[0].text
    assert len(desk.backend.requests) == 3


def test_two_conversations_answer_at_the_same_time(desk: Desk) -> None:
    desk.backend.answers = ["hola " * 50] * 4
    found: list[str] = []

    def work() -> None:
        conversation = desk.conversations.create().id
        found.append(end(desk.chat.turn(conversation, "x", threading.Event())).text)

    threads = [threading.Thread(target=work) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [("hola " * 50).strip()] * 4


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("hola", "Hola"),
        ("dibuja un gato azul con sombrero rojo en la luna", "Dibuja un gato azul con sombrero…"),
        ("# **Hola**, `mundo`:", "Hola, mundo"),
        ("```py\nprint(1)\n```", "New conversation"),
        ("mira https://example.com/x esto", "Mira esto"),
        ("x" * 300, "X" + "x" * 59 + "…"),
        ("  \n ", "New conversation"),
    ],
)
def test_a_title_is_the_first_words(text: str, title: str) -> None:
    assert title_from(text) == title


def test_whoever_listens_is_told_of_complete_answers_once_they_are_stored(desk: Desk) -> None:
    desk.backend.answers = ["hola", "adiós"]
    end(desk.chat.turn(desk.conversation, "uno", threading.Event()))
    stopped = threading.Event()
    stopped.set()
    end(desk.chat.turn(desk.conversation, "dos", stopped))
    assert [(answer.text, answer.state) for answer in desk.answered] == [("hola", "complete")]


def test_a_listener_that_fails_takes_no_answer_along(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_answer: object) -> None:
        raise StoreError("full")

    monkeypatch.setattr(desk.chat, "_answered", fail)
    desk.backend.answers = ["hola"]
    assert end(desk.chat.turn(desk.conversation, "uno", threading.Event())).state == "complete"
