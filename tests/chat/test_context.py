"""Fitting into the context: what stays, what goes, and that it always fits."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

import pytest

from thau_desktop.chat.context import fit
from thau_desktop.errors import ContextTooLong
from thau_desktop.inference.backend import TokenCounts
from thau_desktop.messages import Attachment, Message, Role, Text, ToolCall, ToolResult


def words(message: Message) -> int:
    text = message.text + " ".join(part.text for part in message.parts if isinstance(part, Attachment))
    return len(text.split()) + 3


def count(messages: Sequence[Message]) -> TokenCounts:
    """A token a word, three a message, two a prompt."""
    each = tuple(map(words, messages))
    return TokenCounts(each, sum(each) + 2, 100)


def say(role: Role, n: int, name: str = "w") -> Message:
    return Message(role, (Text(" ".join(f"{name}{i}" for i in range(n))),))


SYSTEM = say("system", 5, "s")


def test_what_fits_is_left_alone() -> None:
    messages = [SYSTEM, say("user", 10), say("assistant", 10), say("user", 3)]
    fitted = fit(messages, count, 100, 20)
    assert fitted.messages == tuple(messages)
    assert (fitted.used, fitted.limit, fitted.dropped) == (count(messages).total, 100, 0)


def test_the_oldest_go_and_a_question_comes_first() -> None:
    messages = [SYSTEM, say("user", 30), say("assistant", 30), say("user", 9), say("assistant", 9), say("user", 5)]
    fitted = fit(messages, count, 100, 20)
    assert fitted.messages == (SYSTEM, *messages[3:])
    assert fitted.dropped == 2 and fitted.used <= 80
    # dropping only the first question would fit, but would leave its answer alone
    short = [SYSTEM, say("user", 50), say("assistant", 5), say("user", 9), say("assistant", 9), say("user", 5)]
    assert fit(short, count, 100, 20).messages == (SYSTEM, *short[3:])


def test_a_growing_conversation_begins_alike_for_several_turns() -> None:
    messages, begins, dropped = [SYSTEM], [], []
    for turn in range(40):
        messages.append(say("user", 2, f"u{turn}"))
        fitted = fit(messages, count, 200, 20)
        begins.append(fitted.messages[1])
        dropped.append(fitted.dropped)
        messages.append(say("assistant", 2, f"a{turn}"))
    changes = sum(one != next_ for one, next_ in itertools.pairwise(begins))
    assert dropped == sorted(dropped) and dropped[-1] > 30
    assert 4 <= changes <= 10
    assert fitted.used > 180 * 0.6


def test_an_answer_stays_whole_with_its_calls_and_results() -> None:
    answer = Message("assistant", (Text("w " * 20), ToolCall("1", "t", {}), ToolResult("1", "t", "r"), Text("ok")))
    messages = [say("user", 50), say("assistant", 4), say("user", 2), answer, say("user", 2)]
    assert answer in fit(messages, count, 60, 10).messages


def test_the_latest_question_keeps_what_was_answered_to_it_so_far() -> None:
    going_on = Message("assistant", (Text("w " * 20), ToolCall("1", "t", {}), ToolResult("1", "t", "r")))
    messages = [SYSTEM, say("user", 20), say("assistant", 20), say("user", 10), going_on]
    assert fit(messages, count, 60, 10).messages == (SYSTEM, messages[3], going_on)


def test_refusing_tells_the_numbers() -> None:
    with pytest.raises(ContextTooLong, match="107"):
        fit([say("user", 102)], count, 100, 20, "refuse")


def test_a_summary_takes_the_place_of_what_went() -> None:
    messages = [SYSTEM, say("user", 30), say("assistant", 30), say("user", 9)]
    seen: list[Sequence[Message]] = []

    def summarise(dropped: Sequence[Message]) -> str:
        seen.append(dropped)
        return "they talked"

    fitted = fit(messages, count, 60, 10, "summarise_oldest", summarise)
    assert list(seen[0]) == messages[1:3] and len(seen) == 1
    assert "they talked" in fitted.messages[0].text and fitted.messages[0].text.startswith(SYSTEM.text)
    assert fitted.messages[1:] == (messages[3],)
    assert (fitted.dropped, fitted.summarised) == (2, 2)


def test_a_summary_that_does_not_fit_is_left_out() -> None:
    messages = [SYSTEM, say("user", 30), say("assistant", 30), say("user", 30)]
    fitted = fit(messages, count, 60, 10, "summarise_oldest", lambda dropped: "w " * 40)
    assert fitted.messages == (SYSTEM, messages[3]) and fitted.summarised == 0


def test_a_question_that_is_too_long_loses_its_middle_and_says_so() -> None:
    fitted = fit([SYSTEM, say("user", 5), say("user", 300, "q")], count, 100, 20)
    assert fitted.cut and 60 < fitted.used <= 80
    text = fitted.messages[-1].text
    assert text.startswith("q0 q1 ") and text.endswith("q298 q299") and "left out" in text


def test_a_file_that_is_too_long_loses_its_middle_too() -> None:
    message = Message("user", (Text("read this"), Attachment("a.txt", "x " * 300)))
    fitted = fit([message], count, 100, 20)
    assert fitted.cut and fitted.used <= 80


def test_what_cannot_fit_at_all_is_refused() -> None:
    with pytest.raises(ContextTooLong):
        fit([say("system", 200), say("user", 3)], count, 100, 20)


def test_whatever_the_conversation_it_fits_and_keeps_what_must_stay() -> None:
    chance = random.Random(3)
    for _n in range(300):
        messages: list[Message] = [SYSTEM] if chance.random() < 0.7 else []
        for _turn in range(chance.randint(1, 8)):
            messages += [say("user", chance.randint(1, 30), "u")]
            if chance.random() < 0.9:
                messages += [say("assistant", chance.randint(1, 30), "a")]
        if messages[-1].role == "assistant":
            messages.append(say("user", chance.randint(1, 30), "last"))
        fitted = fit(messages, count, 100, chance.randint(1, 40))
        assert count(fitted.messages).total == fitted.used
        system = [m for m in messages if m.role == "system"]
        assert list(fitted.messages[: len(system)]) == system
        assert fitted.messages[len(system)].role == "user"
        assert len(fitted.messages) + fitted.dropped == len(messages)
        if not fitted.cut:
            assert fitted.messages[-1] == messages[-1]
