"""Searching: whatever is typed finds or does not find, and never fails."""

from __future__ import annotations

import pytest

from thau_desktop.messages import Attachment, Reasoning, Text, ToolResult
from thau_desktop.store.conversations import Conversations
from thau_desktop.store.search import MARK, UNMARK

TYPED = [
    "", "   ", '"', "'", '"open', "(", ")", "a AND", "OR", "NOT x", "NEAR(a, 2)", "text:x", "col : x", "-minus", "^a",
    "*", "**", "a*b", "%", "_", "\\", "🌵", "👩‍👩‍👧", "\x00", "\ud83d", "a\x00b", "{x}", "[1]", "; DROP x", "--",
    "ß", "½", "ñ", "日本語", "العربية", "a" * 5000, "word " * 500, "C++", "e-mail@example.com", "\x02\x03", "\u200b",
]  # fmt: skip


@pytest.mark.parametrize("typed", TYPED)
def test_no_text_makes_a_search_fail(conversations: Conversations, typed: str) -> None:
    one = conversations.create(f"about {typed}")
    conversations.add_message(one.id, "user", (Text(f"I said: {typed} !"),))
    assert isinstance(conversations.search(typed), list)
    assert [found.id for found in conversations.list(typed)] == [one.id]


def test_accents_case_and_an_unfinished_last_word_do_not_matter(conversations: Conversations) -> None:
    one = conversations.create("Canción de cuna")
    message = conversations.add_message(one.id, "user", (Text("El CORAZÓN del camión está aquí"),))
    assert [hit.message_id for hit in conversations.search("corazon del cami")] == [message.id]
    assert [hit.message_id for hit in conversations.search("CANCION")] == [None]
    assert conversations.search("corazon inexistente") == []
    assert [found.id for found in conversations.list("camión")] == [one.id]


def test_a_hit_shows_the_words_in_their_place(conversations: Conversations) -> None:
    one = conversations.create("Plants")
    conversations.add_message(one.id, "assistant", (Text("word " * 100 + "a saguaro cactus " + "word " * 100),))
    [hit] = conversations.search("saguaro")
    assert f"{MARK}saguaro{UNMARK} cactus" in hit.snippet
    assert len(hit.snippet) < 200
    assert (hit.title, hit.role, hit.conversation_id) == ("Plants", "assistant", one.id)


def test_an_emoji_is_found_as_it_is(conversations: Conversations) -> None:
    one = conversations.create("x")
    conversations.add_message(one.id, "user", (Text("look 🌵 here"),))
    [hit] = conversations.search("🌵")
    assert hit.snippet == f"look {MARK}🌵{UNMARK} here"


def test_attached_text_is_found_and_reasoning_and_tools_are_not(conversations: Conversations) -> None:
    one = conversations.create("x")
    conversations.add_message(
        one.id, "user", (Attachment("recipe.md", "saffron"), Reasoning("secretly"), ToolResult("1", "t", "toolword"))
    )
    assert len(conversations.search("saffron")) == len(conversations.search("recipe")) == 1
    assert conversations.search("secretly") == conversations.search("toolword") == []


def test_a_new_title_and_a_new_text_replace_the_old_ones(conversations: Conversations) -> None:
    one = conversations.create("before")
    message = conversations.add_message(one.id, "user", (Text("earlier"),))
    conversations.rename(one.id, "after")
    conversations.update_message(message.id, parts=(Text("later"),))
    assert conversations.search("before") == conversations.search("earlier") == []
    assert len(conversations.search("after")) == len(conversations.search("later")) == 1
