"""Answers of the model that may be worth learning, proposed from conversations where their user wished for that.

A proposal is an example that waits for a person: nothing is learned from it before somebody has allowed it. It goes
when its answer is rated, corrected or replaced, and with its conversation.
"""

from __future__ import annotations

from thau_desktop.messages import Reasoning, Text
from thau_desktop.store.conversations import Conversations
from thau_desktop.store.examples import Example, Examples, NewExample, Turn
from thau_desktop.store.records import StoredMessage
from thau_desktop.training import intake
from thau_desktop.training.suites import is_degenerate

SOURCE = "conversation"
TURNS = 6  # messages before the question that a proposal keeps
LONGEST = 4000  # characters of a question or an answer


def propose(examples: Examples, conversations: Conversations, answer: StoredMessage) -> Example | None:
    """Put forward the answer of a complete turn; None where it is no example: cut short, disliked, with calls or files.

    Of several answers to one question the latest is put forward.
    """
    if answer.parent_id is None or answer.state != "complete" or answer.rating < 0:
        return None
    question = conversations.message(answer.parent_id)
    if not (_is_words(question) and _is_words(answer)) or is_degenerate(answer.text):
        return None
    before = conversations.path(answer.conversation_id, TURNS, before=question.id)
    history: tuple[Turn, ...] = tuple((turn.role, turn.text) for turn in before if turn.text.strip())
    new = NewExample(
        question.text, answer.text, SOURCE, history, {"model": answer.model}, answer.id, flags=("proposed",)
    )
    with examples.database.transaction():
        examples.withdraw(SOURCE, conversations.variants(answer.id))
        taken = intake.add(examples, new)
    return examples.get(taken.example_id) if taken.new else None


def withdraw(examples: Examples, message_id: int) -> None:
    """Take back what was put forward of an answer, unless somebody has allowed it."""
    examples.withdraw(SOURCE, [message_id])


def _is_words(message: StoredMessage) -> bool:
    """Words alone, not too many of them."""
    other = any(not isinstance(part, Text | Reasoning) for part in message.parts)
    return not other and 0 < len(message.text.strip()) <= LONGEST
