"""What THAU learns from a conversation: answers that were approved, and answers that a person corrected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from thau_desktop.messages import Part, Text
from thau_desktop.store.examples import NewExample
from thau_desktop.store.records import StoredMessage
from thau_desktop.training import intake, proposals
from thau_desktop.translation import _

if TYPE_CHECKING:
    from thau_desktop.app import Thau

APPROVED, CORRECTION = "approved", "correction"
Rating = Literal[-1, 0, 1]


@dataclass(frozen=True, slots=True)
class Learned:
    """What was done, as a sentence, and how to undo it (None where nothing was added)."""

    words: str
    undo: Callable[[], None] | None = None


def rate(thau: Thau, message_id: int, rating: Rating) -> Learned:
    """Keep a thumb; up makes the answer an example, and taking it back forgets that example."""
    message = thau.conversations.message(message_id)
    before = message.rating
    with thau.database.transaction():
        thau.conversations.rate(message_id, rating)
        if rating:
            proposals.withdraw(thau.examples, message_id)
        if rating != 1:
            _forget_approval(thau, message_id)
        if rating != 1 or not message.text.strip():
            return Learned("")
        taken = intake.add(
            thau.examples,
            NewExample(
                question_of(thau, message),
                message.text,
                APPROVED,
                metadata={"model": message.model},
                message_id=message_id,
            ),
        )

    def undo() -> None:
        with thau.database.transaction():
            thau.conversations.rate(message_id, -1 if before < 0 else 0)
            if taken.new:
                thau.examples.delete([taken.example_id])

    return Learned(promise(thau), undo)


def correct(thau: Thau, message_id: int, text: str) -> Learned:
    """Put a person's words in place of an answer's, and keep them as an example."""
    message = thau.conversations.message(message_id)
    with thau.database.transaction():
        proposals.withdraw(thau.examples, message_id)
        taken = intake.add(
            thau.examples,
            NewExample(
                question_of(thau, message),
                text,
                CORRECTION,
                metadata={"model": message.model, "answer": message.text},
                message_id=message_id,
            ),
        )
        thau.conversations.update_message(message_id, parts=_with_words(message.parts, text))

    def undo() -> None:
        with thau.database.transaction():
            thau.conversations.update_message(message_id, parts=message.parts)
            if taken.new:
                thau.examples.delete([taken.example_id])

    return Learned(promise(thau), undo)


def question_of(thau: Thau, answer: StoredMessage) -> str:
    """The words that the answer answers."""
    return thau.conversations.message(answer.parent_id).text if answer.parent_id is not None else ""


def promise(thau: Thau) -> str:
    """What will become of an example, honestly: one night needs a few of them."""
    waiting, needed = thau.examples.counts()["pending"], thau.settings.training.min_new_examples
    if not thau.settings.training.auto:
        return _("Saved: it waits on the Training page")
    if waiting >= needed:
        return _("Saved: THAU will learn it tonight")
    return _("Saved: {n} of {needed} for the next night").format(n=waiting, needed=needed)


def _forget_approval(thau: Thau, message_id: int) -> None:
    """Take back the example that a thumb up had made, unless it was learned already."""
    pending = thau.examples.list("pending", source=APPROVED)
    thau.examples.delete([example.id for example in pending if example.message_id == message_id])


def _with_words(parts: Sequence[Part], text: str) -> list[Part]:
    """The parts with `text` instead of all words, where the last ones stood; calls and results stay."""
    places = [number for number, part in enumerate(parts) if isinstance(part, Text)]
    kept: list[Part] = []
    for number, part in enumerate(parts):
        if not isinstance(part, Text):
            kept.append(part)
        elif number == places[-1]:
            kept.append(Text(text))
    return kept if places else [*kept, Text(text)]
