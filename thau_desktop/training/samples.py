"""Examples as the rows of token ids that a model trains on. Runs in the child.

The text is the one that the model reads when it answers (`inference/chat_format.py`): what is learned is what is asked.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from thau_desktop.inference.chat_format import ChatFormat
from thau_desktop.messages import Message, Text
from thau_desktop.store.examples import Turn
from thau_desktop.training.recipe import Recipe

if TYPE_CHECKING:
    import torch

IGNORED = -100  # a label that the loss leaves out, as torch's cross_entropy does
WINDOW = 8  # steps whose rows are put in the order of their length


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the child needs of an example.

    Attributes:
        system: the system message that stands before it, "" for none.
        blocks: learned in the blocks of the tool recipe and not in the model's own chat template.
    """

    instruction: str
    output: str
    history: tuple[Turn, ...] = ()
    system: str = ""
    blocks: bool = False

    @property
    def messages(self) -> list[Message]:
        """The conversation up to its question."""
        told = any(role == "system" for role, _text in self.history)
        first: tuple[Turn, ...] = (("system", self.system),) if self.system and not told else ()
        asked: tuple[Turn, ...] = (*first, *self.history, ("user", self.instruction))
        return [Message(role, (Text(text),)) for role, text in asked]


@dataclass(frozen=True, slots=True)
class Taught:
    """What another model thinks of each learned token of a row, in their order.

    Attributes:
        ids: `(tokens, likeliest)`, the likeliest ids at each place.
        chances: of the same shape, their logarithms (nats).
    """

    ids: torch.Tensor
    chances: torch.Tensor


@dataclass(frozen=True, slots=True)
class Sample:
    """One row: ids, and labels of the same length in which what is not learned is `IGNORED`.

    Attributes:
        teacher: learn these likelihoods instead of the labels.
    """

    ids: list[int]
    labels: list[int]
    teacher: Taught | None = None

    @property
    def learned(self) -> int:
        """How many tokens are learned."""
        return sum(label != IGNORED for label in self.labels[1:])


def sample(lesson: Lesson, words: ChatFormat, end: int, longest: int, answers_only: bool = True) -> Sample | None:
    """The row of a lesson with the last answer learned; None where the answer alone is too long.

    A question that is too long with its history loses its oldest tokens. `end` is the id that ends an answer.
    """
    answer = [*words.encode(lesson.output), end]
    if len(answer) >= longest:
        return None
    asked = in_blocks(lesson) if lesson.blocks else words.render(lesson.messages)
    question = words.encode(asked)[-(longest - len(answer)) :]
    ids = question + answer
    return Sample(ids, [IGNORED] * len(question) + answer if answers_only else list(ids))


def in_blocks(lesson: Lesson) -> str:
    """The text before the answer, as the tool recipe writes it for models without a chat template."""
    titles = {"system": "Instrucción", "user": "Usuario", "assistant": "Asistente", "tool": "Resultado"}
    parts = [f"### {titles[message.role]}:\n{message.text}\n\n" for message in lesson.messages]
    return "".join(parts) + f"### {titles['assistant']}:\n"


def packed(samples: Sequence[Sample], longest: int) -> list[Sample]:
    """The samples in rows of up to `longest` tokens: first fit, the longest first."""
    rows: list[Sample] = []
    for one in sorted(samples, key=lambda one: -len(one.ids)):
        for row in rows:
            if len(row.ids) + len(one.ids) <= longest:
                row.ids.extend(one.ids)
                row.labels.extend(one.labels)
                break
        else:
            rows.append(Sample(list(one.ids), list(one.labels)))
    return rows


def mixed(new: Sequence[Sample], old: Sequence[Sample], recipe: Recipe) -> Iterator[tuple[list[Sample], list[Sample]]]:
    """What each step learns, over all epochs: rows that are new, and among them old ones in the recipe's share.

    An epoch is every new row once; the old ones come in turn. All order depends on the seed alone. Rows of like length
    come together, so that little is padded: the steps of a window are cut from its rows in the order of their length.
    """
    size, beside = mixture(recipe, bool(old))
    rng = random.Random(recipe.seed)
    waiting: list[Sample] = []
    for _epoch in range(recipe.epochs):
        for fresh in _steps(new, size, rng):
            while len(waiting) < beside:
                waiting += rng.sample(old, len(old))
            again, waiting = waiting[:beside], waiting[beside:]
            yield fresh, again


def _steps(rows: Sequence[Sample], size: int, rng: random.Random) -> Iterator[list[Sample]]:
    """All rows in a random order, `size` a step, those of like length together."""
    order = rng.sample(rows, len(rows))
    for start in range(0, len(order), WINDOW * size):
        near = sorted(order[start : start + WINDOW * size], key=lambda row: len(row.ids))
        steps = [near[place : place + size] for place in range(0, len(near), size)]
        yield from rng.sample(steps, len(steps))


def mixture(recipe: Recipe, replay: bool) -> tuple[int, int]:
    """How many new rows a step has, and how many old ones beside them. At least one of each, where there is replay."""
    rows = recipe.batch_size * recipe.gradient_accumulation
    if not replay or not recipe.replay_share:
        return rows, 0
    new = max(1, round(rows * (1 - recipe.replay_share)))
    return new, max(1, round(new * recipe.replay_share / (1 - recipe.replay_share)))


def old_rows(new: int, recipe: Recipe) -> int:
    """How many old rows a training with `new` ones reads."""
    if not recipe.replay_share:
        return 0
    size, beside = mixture(recipe, True)
    return recipe.epochs * math.ceil(new / size) * beside
