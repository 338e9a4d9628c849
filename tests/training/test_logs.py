"""Logs of conversations become pairs of a question and its answer."""

from __future__ import annotations

import pytest

from thau_desktop.training.logs import Pair, pairs


def read(text: str) -> list[Pair]:
    return list(pairs(text.splitlines()))


@pytest.mark.parametrize(
    "log",
    [
        "User: hello\nAssistant: hi",
        "Usuario: hello\nAsistente: hi",
        "2026-01-01 10:00:00,123 - INFO - User: hello\n2026-01-01 10:00:02,001 - INFO - Assistant: hi",
        "[10:00] human: hello\n[10:01] AI: hi",
        "[2026-01-01T10:00:00Z] [user]: hello\n[2026-01-01T10:00:03Z] [assistant]: hi",
        "1/2/26, 10:00 PM - You: hello\n1/2/26, 10:01 PM - THAU: hi",
        "**User:** hello\n\n**Assistant:** hi",
        "## Usuario\nhello\n\n## THAU\nhi",
        "### Usuario:\nhello\n### Asistente:\nhi",
        "Q: hello\nA: hi",
        '{"role": "user", "content": "hello"}\n{"role": "assistant", "content": "hi"}',
        '{"user": "hello", "assistant": "hi"}',
        '{"messages": [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "hi"}]}',
    ],
)
def test_the_usual_ways_of_writing_a_log_are_read(log: str) -> None:
    assert read(log) == [Pair("hello", "hi", 1)]


def test_lines_without_a_speaker_go_on_with_the_message() -> None:
    log = "User: list them\nplease\nAssistant: of course:\n\n- one\n- two\nYou can add more.\n"
    assert read(log) == [Pair("list them\nplease", "of course:\n\n- one\n- two\nYou can add more.", 1)]


def test_several_messages_in_a_row_are_one_and_what_has_no_answer_is_left_out() -> None:
    log = "Assistant: welcome\nUser: a\nUser: b\nAssistant: c\nAssistant: d\nUser: never answered"
    assert read(log) == [Pair("a\n\nb", "c\n\nd", 2)]


def test_a_rule_ends_a_conversation() -> None:
    assert read("User: a\n---\nAssistant: b\n---\nUser: c\nAssistant: d") == [Pair("c", "d", 5)]


def test_a_log_of_something_else_holds_no_pair() -> None:
    assert read("GET /index.html 200\nGET /a 404\n") == []
