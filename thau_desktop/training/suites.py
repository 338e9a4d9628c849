"""What a version is asked before it may take over, and when an answer counts as right. No model is needed here."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from thau_desktop.store.examples import Example, Turn
from thau_desktop.training.samples import Lesson
from thau_desktop.training.wordings import hurried

SuiteName = Literal["new", "earlier", "tools", "general", "pinned"]
Kind = Literal["answer", "call", "no_call", "keywords"]

ALIKE = 0.75  # the F1 of words from which an answer says the same
_CALL = re.compile(r"<TOOL:\w+>(.*?)</TOOL>|<tool_call>(.*?)</tool_call>", re.DOTALL)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Probe:
    """One question of a suite.

    Attributes:
        kind: what makes an answer right: the words of `expected`; a usable tool call; no call; a word of each group.
        groups: for "keywords", of each group one must be in the answer; for "call", of each group in the call.
        example_id: the example that it asks for.
    """

    lesson: Lesson
    kind: Kind
    groups: tuple[tuple[str, ...], ...] = ()
    example_id: int | None = None

    @property
    def expected(self) -> str:
        return self.lesson.output


@dataclass(frozen=True, slots=True)
class Suite:
    """Questions whose share of right answers is one score."""

    name: SuiteName
    probes: tuple[Probe, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """What one model did in one suite.

    Attributes:
        right: for each probe whether the answer was right.
        degenerate: answers that are empty, go round in a loop or are in another language than was asked.
        called: for each probe whether the answer calls a tool though an answer in words was wanted.
    """

    right: tuple[bool, ...]
    degenerate: int = 0
    called: tuple[bool, ...] = ()
    answers: tuple[str, ...] = field(default=(), compare=False)

    @property
    def share(self) -> float:
        """From 0 to 1; 1 for a suite without questions."""
        return sum(self.right) / len(self.right) if self.right else 1.0


def is_right(probe: Probe, answer: str) -> bool:
    """Whether an answer does what its probe asks for."""
    match probe.kind:
        case "answer":
            return says(answer, probe.expected)
        case "no_call":
            return not calls(answer) and bool(answer.strip())
        case "keywords":
            return _holds(answer, probe.groups)
        case "call":
            call = _CALL.search(answer)
            try:
                arguments = json.loads(call[1] or call[2]) if call else None
            except ValueError:
                return False
            return isinstance(arguments, dict) and _holds(json.dumps(arguments, ensure_ascii=False), probe.groups)


def calls(answer: str) -> bool:
    """Whether an answer calls a tool, well or badly."""
    return "<TOOL:" in answer or "<tool_call>" in answer


def says(answer: str, expected: str) -> bool:
    """Whether `answer` holds the words of `expected` in their order, or nearly all of the words and few others."""
    said, wanted = words(answer), words(expected)
    if not wanted:
        return answer.strip() == expected.strip()
    if f" {' '.join(wanted)} " in f" {' '.join(said)} ":
        return True
    return f1(said, wanted) >= ALIKE


def f1(said: Sequence[str], wanted: Sequence[str]) -> float:
    """The harmonic mean of precision and recall over words, as SQuAD counts it (Rajpurkar et al. 2016)."""
    common = sum((Counter(said) & Counter(wanted)).values())
    return 2 * common / (len(said) + len(wanted)) if common else 0.0


def words(text: str) -> list[str]:
    """The words of a text in small letters without accents."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return _WORD.findall("".join(c for c in decomposed if not unicodedata.combining(c)))


def is_degenerate(answer: str) -> bool:
    """Empty, or the same few words over and over."""
    said = words(answer)
    if not said:
        return not answer.strip()
    if len(said) < 12:
        return False
    for length in (1, 2, 3, 4, 6, 8):
        tail = said[-4 * length :]
        if len(tail) == 4 * length and tail == tail[:length] * 4:
            return True
    return len(set(said)) / len(said) < 0.2


# --- where the questions come from -----------------------------------------------------------------------


def of_examples(name: SuiteName, examples: Iterable[Example], system: str = "") -> Suite:
    """Each example asked word for word, and as somebody asks who types in a hurry."""
    probes: list[Probe] = []
    for example in examples:
        kind: Kind = "call" if _CALL.search(example.output) else "answer"
        for asked in dict.fromkeys((example.instruction, hurried(example.instruction))):
            lesson = Lesson(asked, example.output, example.history, system)
            probes.append(Probe(lesson, kind, example_id=example.id))
    return Suite(name, tuple(probes))


def of_lessons(lessons: Iterable[Lesson]) -> tuple[Probe, ...]:
    """Whether a call is made where the lesson makes one, asked as the model is asked in a conversation."""
    return tuple(Probe(replace(one, blocks=False), "call" if calls(one.output) else "no_call") for one in lessons)


def tool_calling(path: Path, system: dict[str, str]) -> Suite:
    """The decisions of `data/evaluation/tool_calling.jsonl`; `system` is the system message by language."""
    probes = []
    for record in _records(path):
        lesson = Lesson(record["prompt"], "", _history(record), system.get(record["language"], ""))
        probes.append(Probe(lesson, "call" if record["picture"] else "no_call"))
    return Suite("tools", tuple(probes))


def concepts(path: Path, system: dict[str, str]) -> Suite:
    """The questions of `data/evaluation/concepts.jsonl`."""
    return Suite(
        "general",
        tuple(
            Probe(
                Lesson(record["question"], "", (), system.get(record["language"], "")),
                "keywords",
                tuple(tuple(group) for group in record["keywords"]),
            )
            for record in _records(path)
        ),
    )


def _history(record: dict[str, Any]) -> tuple[Turn, ...]:
    return tuple((turn["role"], turn["content"]) for turn in record.get("history") or [])


def _records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _holds(text: str, groups: Iterable[Iterable[str]]) -> bool:
    said = " ".join(words(text))
    return all(any(" ".join(words(word)) in said for word in group) for group in groups)
