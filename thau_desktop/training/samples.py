"""Examples as the rows of token ids that a model trains on. Runs in the child.

The text is the one that the model reads when it answers (`inference/chat_format.py`): what is learned is what is asked.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from thau_desktop.inference.chat_format import ChatFormat
from thau_desktop.messages import Message, Text
from thau_desktop.store.examples import Turn

IGNORED = -100  # a label that the loss leaves out, as torch's cross_entropy does


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the child needs of an example. `system` is the system message that stands before it, "" for none."""

    instruction: str
    output: str
    history: tuple[Turn, ...] = ()
    system: str = ""

    @property
    def messages(self) -> list[Message]:
        """The conversation up to its question."""
        told = any(role == "system" for role, _text in self.history)
        first: tuple[Turn, ...] = (("system", self.system),) if self.system and not told else ()
        asked: tuple[Turn, ...] = (*first, *self.history, ("user", self.instruction))
        return [Message(role, (Text(text),)) for role, text in asked]


@dataclass(frozen=True, slots=True)
class Sample:
    """One row: ids, and labels of the same length in which what is not learned is `IGNORED`."""

    ids: list[int]
    labels: list[int]


def sample(lesson: Lesson, words: ChatFormat, end: int, longest: int, answers_only: bool = True) -> Sample | None:
    """The row of a lesson with the last answer learned; None where the answer alone is too long.

    A question that is too long with its history loses its oldest tokens. `end` is the id that ends an answer.
    """
    answer = [*words.encode(lesson.output), end]
    if len(answer) >= longest:
        return None
    question = words.encode(words.render(lesson.messages))[-(longest - len(answer)) :]
    ids = question + answer
    return Sample(ids, [IGNORED] * len(question) + answer if answers_only else list(ids))


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


def batches(samples: Sequence[Sample], size: int, seed: int) -> Iterator[list[Sample]]:
    """One epoch: every sample once, in an order by chance, those of like length together so that little is padded."""
    rng = random.Random(seed)
    order = sorted(range(len(samples)), key=lambda place: (len(samples[place].ids), rng.random()))
    groups = [order[start : start + size] for start in range(0, len(order), size)]
    rng.shuffle(groups)
    for group in groups:
        yield [samples[place] for place in group]
