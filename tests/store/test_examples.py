"""Examples: kept once, counted, and never lost to a conversation that is deleted."""

from __future__ import annotations

import pytest

from thau_desktop.errors import StoreError
from thau_desktop.messages import Text
from thau_desktop.store.conversations import Conversations
from thau_desktop.store.database import Database
from thau_desktop.store.examples import Examples


@pytest.fixture
def examples(database: Database) -> Examples:
    return Examples(database)


def test_an_example_is_pending_and_comes_back_as_it_went(examples: Examples) -> None:
    added, new = examples.add(" Who are you? ", "Soy THAU 🌵\n", "cli", metadata={"topic": ["identity"]})
    assert new and (added.instruction, added.output) == ("Who are you?", "Soy THAU 🌵")
    assert (added.state, added.source, added.metadata) == ("pending", "cli", {"topic": ["identity"]})
    assert examples.get(added.id) == added == examples.list()[0]


def test_the_same_pair_is_kept_once_in_the_state_it_is_in(examples: Examples) -> None:
    first, _ = examples.add("a", "b")
    examples.set_state([first.id], "trained")
    again, new = examples.add("a ", " b", source="other")
    assert not new and (again.id, again.state, again.source) == (first.id, "trained", "")
    assert examples.add("a", "c")[1]
    assert examples.counts() == {"pending": 1, "held_out": 0, "trained": 1, "rejected": 0, "excluded": 0}


@pytest.mark.parametrize(("instruction", "output"), [("", "b"), ("a", "  "), ("", "")])
def test_half_an_example_is_refused(examples: Examples, instruction: str, output: str) -> None:
    with pytest.raises(StoreError, match="instruction and an answer"):
        examples.add(instruction, output)


def test_examples_are_listed_by_state_source_and_words_in_pages(examples: Examples) -> None:
    with examples.database.transaction():
        made = [
            examples.add(f"Question {n}", "ÑANDÚ" if n == 7 else "x", "even" if n % 2 == 0 else "odd")[0]
            for n in range(10)
        ]
    examples.set_state([one.id for one in made[:3]], "excluded")
    assert [one.id for one in examples.list("excluded")] == [one.id for one in made[:3]]
    assert len(examples.list(source="odd")) == 5
    assert [one.id for one in examples.list(search="ñandú")] == [made[7].id]
    assert [one.id for one in examples.list(search="question 4")] == [made[4].id]
    assert [one.id for one in examples.list(limit=2, offset=3)] == [one.id for one in made[3:5]]


def test_a_written_anew_example_is_pending_again_and_no_double(examples: Examples) -> None:
    first, second = examples.add("a", "b")[0], examples.add("c", "d")[0]
    examples.set_state([first.id, second.id], "trained")
    assert examples.update(first.id, "a", "b").state == "trained"
    assert examples.update(first.id, "a", "better").state == "pending"
    with pytest.raises(StoreError, match="same words"):
        examples.update(second.id, "a", "better")
    with pytest.raises(StoreError, match="no longer exists"):
        examples.update(99, "x", "y")


def test_deleting_forgets_for_good(examples: Examples) -> None:
    first = examples.add("a", "b")[0]
    assert examples.delete([first.id, 99]) == 1
    assert examples.add("a", "b")[1]


def test_an_example_outlives_the_conversation_it_came_from(database: Database, examples: Examples) -> None:
    conversations = Conversations(database)
    one = conversations.create()
    message = conversations.add_message(one.id, "assistant", (Text("b"),))
    added, _ = examples.add("a", "b", message_id=message.id)
    conversations.delete(one.id)
    conversations.purge(older_than_days=0)
    assert examples.get(added.id).message_id is None
