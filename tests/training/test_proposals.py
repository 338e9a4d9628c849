"""Answers that are put forward as examples: which ones, and when they go again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from thau_desktop.messages import Attachment, Part, Reasoning, Text, ToolCall
from thau_desktop.store.conversations import Conversations
from thau_desktop.store.database import Database
from thau_desktop.store.examples import Example, Examples
from thau_desktop.store.records import State, StoredMessage
from thau_desktop.training import intake, proposals


class Talk:
    """A conversation and the examples of its store."""

    def __init__(self, database: Database) -> None:
        self.conversations, self.examples = Conversations(database), Examples(database)
        self.identity = self.conversations.create().id

    def say(
        self, question: str, *answer: Part, files: tuple[Part, ...] = (), state: State = "complete"
    ) -> StoredMessage:
        asked = self.conversations.add_message(self.identity, "user", (*files, Text(question)))
        return self.conversations.add_message(self.identity, "assistant", answer, asked.id, state, model="thau-nano-v1")

    def propose(self, answer: StoredMessage) -> Example | None:
        return proposals.propose(self.examples, self.conversations, answer)


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    with Database(tmp_path / "thau.db") as database:
        yield Talk(database)


def test_a_proposal_waits_for_a_person_with_what_was_said_before(talk: Talk) -> None:
    talk.say("Hola", Text("Hola, ¿qué tal?"))
    made = talk.propose(talk.say("¿Qué es una luna?", Reasoning("easy"), Text("Un satélite natural.")))
    assert made is not None and made.review and made.state == "pending" and not made.allowed
    assert (made.instruction, made.output, made.source) == ("¿Qué es una luna?", "Un satélite natural.", "conversation")
    assert made.history == (("user", "Hola"), ("assistant", "Hola, ¿qué tal?"))
    assert made.metadata == {"model": "thau-nano-v1"}
    assert talk.examples.for_review() == 1


@pytest.mark.parametrize("state", ["stopped", "error", "streaming", "interrupted"])
def test_what_did_not_come_to_its_end_is_not_proposed(talk: Talk, state: State) -> None:
    assert talk.propose(talk.say("¿Y?", Text("Un satélite"), state=state)) is None


def test_calls_files_loops_books_and_silence_are_not_proposed(talk: Talk) -> None:
    file = Attachment("notes.txt", "42")
    for answer in (
        talk.say("Dibuja un gato", ToolCall("1", "generate_image", {"prompt": "a cat"}), Text("Aquí está.")),
        talk.say("¿Qué dice?", Text("Que son 42."), files=(file,)),
        talk.say("Cuenta", Text("uno dos " * 20)),
        talk.say("Escribe", Text(" ".join(f"palabra{n}" for n in range(1000)))),
        talk.say("Calla"),
    ):
        assert talk.propose(answer) is None
    assert talk.examples.counts()["pending"] == 0


def test_of_several_answers_the_latest_is_proposed_and_an_allowed_one_stays(talk: Talk) -> None:
    first = talk.say("¿Qué es una luna?", Text("Queso."))
    talk.propose(first)
    second = talk.conversations.add_message(talk.identity, "assistant", (Text("Un satélite."),), first.parent_id)
    talk.propose(second)
    assert [example.output for example in talk.examples.list()] == ["Un satélite."]
    talk.examples.allow([talk.examples.list()[0].id])
    third = talk.conversations.add_message(talk.identity, "assistant", (Text("Una piedra."),), first.parent_id)
    talk.propose(third)
    assert [example.output for example in talk.examples.list()] == ["Un satélite.", "Una piedra."]


def test_what_is_known_already_is_not_proposed_again(talk: Talk) -> None:
    assert talk.propose(talk.say("¿Qué es una luna?", Text("Un satélite."))) is not None
    talk.examples.exclude([talk.examples.list()[0].id])
    again = talk.conversations.create().id
    asked = talk.conversations.add_message(again, "user", (Text("¿Qué es una luna?"),))
    answer = talk.conversations.add_message(again, "assistant", (Text("Un satélite."),), asked.id)
    assert talk.propose(answer) is None
    assert [example.state for example in talk.examples.list()] == ["excluded"]


def test_a_proposal_goes_with_its_conversation_and_what_was_allowed_or_approved_stays(talk: Talk) -> None:
    for question in ("uno", "dos", "tres"):
        talk.propose(talk.say(question, Text(f"respuesta {question}")))
    talk.examples.allow([talk.examples.list()[0].id])
    approved = talk.say("cuatro", Text("respuesta cuatro"))
    intake.add(talk.examples, proposals.NewExample("cuatro", "respuesta cuatro", "approved", message_id=approved.id))
    talk.conversations.delete(talk.identity)
    assert [example.instruction for example in talk.examples.list()] == ["uno", "cuatro"]
    assert talk.examples.counts()["pending"] == 2 and talk.examples.for_review() == 0
