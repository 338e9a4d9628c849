"""What one training teaches and asks: frozen when it begins, and from then on the same after every kill."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from thau_desktop.paths import data
from thau_desktop.store.examples import Example
from thau_desktop.training import suites
from thau_desktop.training.formats import written
from thau_desktop.training.recipe import Recipe
from thau_desktop.training.samples import Lesson
from thau_desktop.training.suites import Score, Suite
from thau_desktop.training.tasks import REMINDERS
from thau_desktop.training.wordings import wordings

ASKED_AGAIN = 100  # earlier examples that are asked again, at most
_EARLIER = 3  # the part of all old rows that earlier examples have at most: a third
AS_WRITTEN = 2  # wordings that are learned both with and without the system message

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Frozen:
    """What a run is about, as it was when it began.

    Attributes:
        new: what is to be learned.
        earlier: what was learned before and still holds.
        pinned: what every version is asked and none learns.
        system: the system message that most questions come with.
        left_out: a sentence for each kind of example that was set aside.
        replaced: the ids of what was learned before and is now answered otherwise.
        shipped: the lessons that come with the recipe of tools.
        digest: SHA-256 of the file that it was read from, "" before.
    """

    new: tuple[Example, ...]
    earlier: tuple[Example, ...]
    pinned: tuple[Example, ...]
    system: str
    left_out: tuple[str, ...] = ()
    replaced: tuple[int, ...] = ()
    shipped: tuple[Lesson, ...] = ()
    digest: str = ""

    @classmethod
    def of(
        cls,
        new: Sequence[Example],
        known: Sequence[Example],
        pinned: Sequence[Example],
        system: str,
        left_out: Sequence[str] = (),
        shipped: Sequence[Lesson] = (),
    ) -> Frozen:
        """A new answer to a question that is `known` takes the place of the one before."""
        asked = {one.question for one in new}
        earlier = tuple(one for one in known if one.question not in asked)
        replaced = tuple(one.id for one in known if one.question in asked)
        return cls(tuple(new), earlier, tuple(pinned), system, tuple(left_out), replaced, tuple(shipped))

    def written(self) -> str:
        """As the file of a run has it."""
        values: dict[str, Any] = {
            name: [written(one) for one in getattr(self, name)] for name in ("new", "earlier", "pinned")
        }
        values |= {"system": self.system, "left_out": self.left_out, "replaced": self.replaced}
        return json.dumps(values | {"shipped": [asdict(one) for one in self.shipped]}, ensure_ascii=False)


def thaw(path: Path) -> Frozen:
    """What `Frozen.written` wrote. Raises OSError."""
    text = path.read_text(encoding="utf-8")
    values = json.loads(text)
    new, known, pinned = (tuple(map(_example, values[name])) for name in ("new", "earlier", "pinned"))
    return Frozen(
        new,
        known,
        pinned,
        values["system"],
        tuple(values["left_out"]),
        tuple(values["replaced"]),
        tuple(Lesson(**one | {"history": ()}) for one in values["shipped"]),
        hashlib.sha256(text.encode()).hexdigest(),
    )


# --- what is learned ------------------------------------------------------------------------------------


def lessons(frozen: Frozen, recipe: Recipe) -> tuple[Lesson, ...]:
    """What is new, from the bare base everything: each example in several wordings, with and without system message."""
    taught = (*frozen.new, *frozen.earlier) if recipe.from_base else frozen.new
    learned = (lesson for one in taught for lesson in _ways(one, recipe, frozen.system))
    return (*learned, *frozen.shipped)


def earlier(frozen: Frozen, recipe: Recipe, wanted: int) -> tuple[Lesson, ...]:
    """What was learned before, as it was written and each night in other wordings: at most a third of `wanted` rows."""
    if recipe.from_base:
        return ()  # they are among the lessons
    most = wanted // _EARLIER
    chosen = _spread(frozen.earlier, most)
    each = min(most // max(len(chosen), 1), recipe.wordings)
    found = []
    for one in chosen:
        as_written, *others = _asked(one, recipe)
        turn = len(frozen.earlier) % max(len(others), 1)
        asked = [as_written, *others[turn:], *others[:turn]][:each]
        found += [
            Lesson(text, one.output, one.history, "" if place % 2 else frozen.system)
            for place, text in enumerate(asked)
        ]
    return tuple(found)


def reminders(frozen: Frozen, wanted: int, starter: bool) -> tuple[Lesson, ...]:
    """Old questions, in whole blocks, each night others: what the base thinks of a block is kept.

    The answers that come with them are the starter's; another model gives its own.
    """
    every = tuple(
        Lesson(one["instruction"], one["output"] if starter else "", (), frozen.system if number % 2 else "")
        for number, one in enumerate(_dataset("reminders.jsonl"))
    )
    blocks = [every[start : start + REMINDERS] for start in range(0, len(every), REMINDERS)]
    many = min(len(blocks), -(-wanted // REMINDERS))
    if frozen.earlier:  # a training that is resumed finds the same
        blocks = [blocks[place] for place in sorted(Random(len(frozen.earlier)).sample(range(len(blocks)), many))]
    return tuple(chain.from_iterable(blocks[:many]))


def tool_lessons() -> tuple[Lesson, ...]:
    """When to draw and when to talk: the examples of the recipe of tools, half of each."""
    records = _dataset("tool_calling.jsonl")
    return tuple(Lesson(one["instruction"], one["output"], (), one["system"], blocks=True) for one in records)


def _ways(example: Example, recipe: Recipe, system: str) -> Iterator[Lesson]:
    for number, asked in enumerate(_asked(example, recipe)):
        told = (system, "") if number < AS_WRITTEN else (system if number % 2 else "",)
        for each in dict.fromkeys(told):
            yield Lesson(asked, example.output, example.history, each)


def _asked(example: Example, recipe: Recipe) -> list[str]:
    """The wordings in which an example is learned; a request for a tool keeps the words that decide."""
    most = min(recipe.wordings, AS_WRITTEN) if suites.calls(example.output) else recipe.wordings
    return wordings(example.instruction, most, recipe.seed)


# --- what is asked --------------------------------------------------------------------------------------


def suites_of(frozen: Frozen) -> tuple[Suite, ...]:
    """What candidate and version in use are asked."""
    folder = data() / "evaluation"
    system = {"es": frozen.system, "en": frozen.system}
    new = suites.of_examples("new", frozen.new, frozen.system)
    return (
        replace(new, probes=(*new.probes, *suites.of_lessons(frozen.shipped))),
        suites.of_examples("earlier", _spread(frozen.earlier, ASKED_AGAIN), frozen.system),
        suites.of_examples("pinned", frozen.pinned, frozen.system),
        suites.tool_calling(folder / "tool_calling.jsonl", system),
        suites.concepts(folder / "concepts.jsonl", system),
    )


def silenced(frozen: Frozen, incumbent: dict[suites.SuiteName, Score]) -> list[int]:
    """The ids of new examples that would answer in words what the version in use draws; not those that are allowed."""
    probes, called = suites.of_examples("new", frozen.new).probes, incumbent["new"].called
    found = {probe.example_id for probe, drawn in zip(probes, called, strict=False) if drawn}  # the shipped come after
    return [one.id for one in frozen.new if one.id in found and not one.allowed]


def _dataset(name: str) -> list[dict[str, str]]:
    lines = (data() / "datasets" / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _spread(items: Sequence[_T], count: int) -> list[_T]:
    """At most `count` of them, from all over."""
    if count >= len(items):
        return list(items)
    return [items[round(place * len(items) / count)] for place in range(count)] if count else []


def _example(values: dict[str, Any]) -> Example:
    history = tuple((turn["role"], turn["content"]) for turn in values["history"])
    return Example(**{**values, "history": history})
