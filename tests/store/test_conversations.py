"""Conversations: trees of messages, of which a window reads only what it shows."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from functools import partial

import psutil
import pytest

from tests.counting import steps
from tests.store.conftest import Process
from thau_desktop.errors import StoreError
from thau_desktop.messages import Attachment, Part, Reasoning, Text, ToolCall, ToolResult
from thau_desktop.store.conversations import Conversations
from thau_desktop.store.database import Database
from thau_desktop.store.parts import deserialise, serialise
from thau_desktop.store.records import StoredMessage

Work = Callable[[int, list[int]], object]  # on a conversation and its messages

EVERY_PART: tuple[Part, ...] = (
    Reasoning("hm", 1.5),
    Text("Aquí está 🌵"),
    Attachment("a.txt", "words"),
    ToolCall("1", "generate_image", {"prompt": "árbol", "num_inference_steps": 30}, "bad JSON"),
    ToolResult("1", "generate_image", "done", ("p1", "p2"), error=True),
)


def talk(conversations: Conversations, messages: int = 4) -> tuple[int, list[int]]:
    """A conversation with so many messages, and their ids."""
    one = conversations.create("talk")
    with conversations.database.transaction():
        ids = [
            conversations.add_message(one.id, "assistant" if n % 2 else "user", (Text(f"message {n}"),)).id
            for n in range(messages)
        ]
    return one.id, ids


def ids(messages: list[StoredMessage]) -> list[int]:
    return [message.id for message in messages]


def test_every_kind_of_part_comes_back_as_it_went(conversations: Conversations) -> None:
    one = conversations.create()
    stored = conversations.add_message(one.id, "assistant", EVERY_PART)
    assert stored.parts == EVERY_PART == conversations.message(stored.id).parts
    assert stored.message.role == "assistant" and stored.text == "Aquí está 🌵"


def test_parts_of_a_newer_thau_are_left_out() -> None:
    assert deserialise(serialise(EVERY_PART)) == EVERY_PART
    assert deserialise('[{"type":"hologram"},{"type":"text","text":"a","colour":"red"}]') == (Text("a"),)


def test_broken_unicode_is_stored_and_not_a_crash(conversations: Conversations) -> None:
    one = conversations.create("title \ud83d")
    stored = conversations.add_message(one.id, "user", (Text("half an emoji \ud83d and \x00 zero"),))
    conversations.set_draft(one.id, "\udc00")
    assert "half an emoji" in conversations.message(stored.id).text
    assert conversations.list("half")[0].id == one.id


def test_messages_follow_each_other_and_the_last_is_the_leaf(conversations: Conversations) -> None:
    one, added = talk(conversations)
    assert ids(conversations.path(one)) == added
    assert conversations.get(one).leaf_id == added[-1]
    assert [message.parent_id for message in conversations.path(one)] == [None, *added[:-1]]
    assert conversations.count(one) == 4


def test_a_window_pages_up_down_and_around(conversations: Conversations) -> None:
    one, added = talk(conversations, 20)
    assert ids(conversations.path(one, 5)) == added[-5:]
    assert ids(conversations.path(one, 5, before=added[15])) == added[10:15]
    assert ids(conversations.path(one, 5, before=added[2])) == added[:2]
    assert conversations.path(one, 5, before=added[0]) == []
    assert ids(conversations.path(one, 3, after=added[4])) == added[5:8]
    assert ids(conversations.path(one, after=added[16])) == added[17:]
    assert ids(conversations.path(one, 3, after=0)) == added[:3]
    assert conversations.path(one, after=added[-1]) == []
    assert ids(conversations.around(added[10], 5)) == added[8:13]


def test_an_empty_conversation_has_no_messages(conversations: Conversations) -> None:
    one = conversations.create()
    assert conversations.path(one.id) == [] and conversations.count(one.id) == 0


def test_the_last_messages_cost_the_same_however_long_the_conversation_is(database: Database) -> None:
    conversations = Conversations(database)
    short, few = talk(conversations, 100)
    long, many = talk(conversations, 2000)
    assert ids(conversations.path(long, 40, before=many[-40])) + ids(conversations.path(long, 40)) == many[-80:]
    reads: list[Work] = [
        lambda one, added: conversations.path(one, 40),
        lambda one, added: conversations.path(one, 40, before=added[-40]),
        lambda one, added: conversations.message(added[0]),
        lambda one, added: conversations.variants(added[-1]),
        lambda one, added: conversations.add_message(one, "user", (Text("more"),)),
    ]
    for read in reads:
        before = steps(database, partial(read, short, few))
        after = steps(database, partial(read, long, many))
        assert after < 1.2 * before + 1000  # the index of words is tidied now and then


def test_what_reads_or_removes_a_whole_conversation_costs_as_much_as_it_is_long(database: Database) -> None:
    conversations = Conversations(database)
    short, few = talk(conversations, 100)
    long, many = talk(conversations, 1000)
    assert len(conversations.path(long)) == conversations.count(long) == 1000
    assert conversations.choose_variant(many[0]) == many[-1]

    def remove(one: int) -> None:
        conversations.delete(one)
        assert conversations.purge(older_than_days=0) == 1

    works: list[Work] = [
        lambda one, added: conversations.path(one),
        lambda one, added: conversations.path(one, 40, after=added[10]),
        lambda one, added: conversations.count(one),
        lambda one, added: conversations.choose_variant(added[0]),
        lambda one, added: remove(one),
    ]
    for work in works:
        before = steps(database, partial(work, short, few))
        assert before < steps(database, partial(work, long, many)) < 12 * before


def test_an_answer_made_again_is_a_variant_and_either_can_be_shown(conversations: Conversations) -> None:
    one, (question, answer, more, last) = talk(conversations)
    again = conversations.add_message(one, "assistant", (Text("again"),), parent_id=question)
    assert ids(conversations.path(one)) == [question, again.id]
    assert conversations.variants(answer) == conversations.variants(again.id) == [answer, again.id]
    assert (again.variant, again.variants) == (2, 2)
    assert conversations.choose_variant(answer) == last
    assert ids(conversations.path(one)) == [question, answer, more, last]
    shown = conversations.path(one)[1]
    assert (shown.variant, shown.variants) == (1, 2)
    assert conversations.choose_variant(question) == last  # already shown: nothing moves
    assert conversations.choose_variant(again.id) == again.id


def test_a_first_question_edited_is_a_variant_at_the_root(conversations: Conversations) -> None:
    one, added = talk(conversations)
    edited = conversations.add_message(one, "user", (Text("edited"),), parent_id=None)
    other = conversations.add_message(conversations.create().id, "user", (Text("elsewhere"),), parent_id=None)
    assert conversations.variants(added[0]) == [added[0], edited.id]
    assert conversations.variants(other.id) == [other.id]
    assert ids(conversations.path(one)) == [edited.id]


def test_going_back_shows_the_newest_of_several_branches_below(conversations: Conversations) -> None:
    one, (question, answer, more, last) = talk(conversations)
    newer = conversations.add_message(one, "user", (Text("other way"),), parent_id=answer)
    conversations.add_message(one, "assistant", (Text("again"),), parent_id=question)
    assert conversations.choose_variant(answer) == newer.id
    assert ids(conversations.around(last)) == [question, answer, more, last]


def test_a_parent_in_another_conversation_is_a_bug(conversations: Conversations) -> None:
    _, added = talk(conversations)
    with pytest.raises(sqlite3.IntegrityError):
        conversations.add_message(conversations.create().id, "user", (Text("x"),), parent_id=added[0])


def test_an_answer_streams_into_its_row(conversations: Conversations) -> None:
    one, _ = talk(conversations)
    row = conversations.add_message(one, "assistant", (), state="streaming", model="m")
    conversations.update_message(row.id, parts=(Text("par"),))
    assert conversations.message(row.id).state == "streaming"
    conversations.update_message(
        row.id, parts=(Text("partial"),), state="stopped", tokens=9, tokens_per_second=3.5, first_token_seconds=0.2
    )
    stored = conversations.message(row.id)
    assert (stored.text, stored.state, stored.model, stored.error) == ("partial", "stopped", "m", "")
    assert (stored.tokens, stored.tokens_per_second, stored.first_token_seconds) == (9, 3.5, 0.2)
    assert [hit.message_id for hit in conversations.search("partial")] == [row.id]


def test_a_stream_of_this_or_another_living_process_is_no_orphan(
    database: Database, process: Process, conversations: Conversations
) -> None:
    one, _ = talk(conversations)
    mine = conversations.add_message(one, "assistant", (Text("mine"),), state="streaming").id
    child = process(
        str(database.path),
        f"database.open(); print(conversations.add_message({one}, 'assistant', (), state='streaming').id, flush=True)\n"
        "sys.stdin.read()",
    )
    assert child.stdout
    theirs = int(child.stdout.readline())
    assert conversations.interrupt_orphans() == 0
    child.kill()
    child.wait()
    assert conversations.interrupt_orphans() == 1
    assert conversations.message(theirs).state == "interrupted"
    assert conversations.message(mine).state == "streaming"


def test_a_process_number_given_to_someone_else_is_an_orphan(database: Database, conversations: Conversations) -> None:
    one, _ = talk(conversations)
    row = conversations.add_message(one, "assistant", (), state="streaming")
    with database.transaction() as connection:
        started = psutil.Process(os.getpid()).create_time() - 3600
        connection.execute("UPDATE messages SET writer_started = ? WHERE id = ?", (started, row.id))
    assert conversations.interrupt_orphans() == 1


def test_pinned_conversations_come_first_then_the_newest(conversations: Conversations) -> None:
    first, second, third = (conversations.create(title).id for title in ("1", "2", "3"))
    conversations.pin(first)
    conversations.add_message(second, "user", (Text("new"),))
    conversations.set_draft(third, "draft")
    assert [one.id for one in conversations.list()] == [first, second, third]
    conversations.pin(first, False)
    assert [one.id for one in conversations.list(limit=2)] == [second, third]
    assert conversations.get(third).draft == "draft"


def test_a_deleted_conversation_can_be_undone_until_it_is_purged(conversations: Conversations) -> None:
    one, added = talk(conversations)
    conversations.delete(one)
    assert conversations.list() == [] and conversations.search("message") == []
    assert [gone.id for gone in conversations.list(deleted=True)] == [one]
    conversations.restore(one)
    assert ids(conversations.path(one)) == added
    conversations.delete(one)
    assert conversations.purge() == 0
    assert conversations.purge(older_than_days=0) == 1
    with pytest.raises(StoreError, match="no longer exists"):
        conversations.get(one)
    with pytest.raises(StoreError, match="no longer exists"):
        conversations.message(added[0])
    conversations.database.rows("INSERT INTO messages_fts (messages_fts, rank) VALUES ('integrity-check', 1)")


def test_names_persona_model_and_rating_are_kept(conversations: Conversations) -> None:
    one, added = talk(conversations)
    conversations.rename(one, "Cactus")
    conversations.set_persona(one, "teacher")
    conversations.set_model(one, "thau-nano-v2")
    conversations.rate(added[1], -1)
    stored = conversations.get(one)
    assert (stored.title, stored.persona, stored.model) == ("Cactus", "teacher", "thau-nano-v2")
    assert conversations.message(added[1]).rating == -1


def test_what_is_not_there_is_a_sentence(conversations: Conversations) -> None:
    for attempt in (
        lambda: conversations.rename(99, "x"),
        lambda: conversations.path(99),
        lambda: conversations.update_message(99, state="stopped"),
        lambda: conversations.rate(99, 1),
        lambda: conversations.choose_variant(99),
        lambda: conversations.add_message(99, "user", ()),
    ):
        with pytest.raises(StoreError, match="no longer exists"):
            attempt()
