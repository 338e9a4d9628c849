"""The door through which every example comes: what is new, what is a double, what contradicts, what needs a look.

A file is taken in ten thousand records at a time, each ten thousand whole or not at all. What is here already is left
out, so an import that was stopped or killed is simply started again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Literal, NamedTuple

from thau_desktop.store.examples import FOR_REVIEW, Example, Examples, Flag, NewExample
from thau_desktop.store.parts import fingerprint
from thau_desktop.training.flags import flags
from thau_desktop.training.formats import Format
from thau_desktop.training.importers import ExampleRefused, Read, read_file

AT_ONCE = 10_000  # records in one transaction


@dataclass(frozen=True, slots=True)
class ExampleAlike:
    """Record `number` resembles the example `other`.

    `kind`: "duplicate", the very same, which is left out; "near_duplicate", the same words in other letters;
    "contradiction", another answer to the same question. The latter two came in as `example_id`, flagged.
    """

    number: int
    kind: Literal["duplicate", "near_duplicate", "contradiction"]
    example_id: int
    other: int


@dataclass(frozen=True, slots=True)
class ExampleFlagged:
    """Record `number` came in as `example_id`, and a person has to look at it before it is learned."""

    number: int
    example_id: int
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IntakeProgress:
    """Records read so far, and bytes of all bytes of the file."""

    records: int
    position: int
    size: int


@dataclass(frozen=True, slots=True)
class IntakeFinished:
    """The end: how many came in, were here already, were refused; of those that came in, how many have which mark."""

    added: int
    duplicates: int
    refused: int
    near_duplicates: int = 0
    contradictions: int = 0
    for_review: int = 0


IntakeEvent = ExampleRefused | ExampleAlike | ExampleFlagged | IntakeProgress | IntakeFinished
Finding = ExampleAlike | ExampleFlagged
_Alike = tuple[Literal["near_duplicate", "contradiction"], int]  # and the example that it resembles


class Taken(NamedTuple):
    """What became of one example: its id, whether it is new, and what was found about it."""

    example_id: int
    new: bool
    findings: tuple[Finding, ...]


def take_in(
    examples: Examples, path: Path, form: Format = Format.auto, cancel: threading.Event | None = None
) -> Iterator[IntakeEvent]:
    """Take in a file. Raises `ThauError` where it can't be read, `StoreError` or `DiskFull` where it can't be kept."""
    with examples.database.bulk():
        yield from _take_in(examples, path, form, cancel)


def _take_in(examples: Examples, path: Path, form: Format, cancel: threading.Event | None) -> Iterator[IntakeEvent]:
    added = duplicates = refused = near = contradictions = for_review = records = 0
    size = path.stat().st_size if path.exists() else 0
    records_read = read_file(path, form)
    while batch := list(islice(records_read, AT_ONCE)):
        if cancel is not None and cancel.is_set():
            break
        new: list[NewExample] = []
        numbers: list[int] = []
        for read in batch:
            if isinstance(read.result, ExampleRefused):
                refused += 1
                yield read.result
            else:
                new.append(read.result)
                numbers.append(read.number)
        for taken in add_all(examples, new, numbers):
            added += taken.new
            for finding in taken.findings:
                if isinstance(finding, ExampleFlagged):
                    for_review += 1
                else:
                    duplicates += finding.kind == "duplicate"
                    near += finding.kind == "near_duplicate"
                    contradictions += finding.kind == "contradiction"
                yield finding
        records += len(batch)
        yield IntakeProgress(records, min(size, _position(batch)), size)
    yield IntakeFinished(added, duplicates, refused, near, contradictions, for_review)


def add(examples: Examples, new: NewExample) -> Taken:
    """Take in one example. Raises `StoreError` where a side is empty."""
    (taken,) = add_all(examples, [new], [1])
    return taken


def edit(examples: Examples, example_id: int, instruction: str, output: str) -> Example:
    """Write an example anew and look at it anew; it waits again. Raises `StoreError` as `Examples.update`."""
    return examples.update(example_id, instruction, output, flags(f"{instruction}\n{output}"))


def add_all(examples: Examples, new: Sequence[NewExample], numbers: Sequence[int]) -> list[Taken]:
    """Take in many, all or none; `numbers` are what findings call them."""
    with examples.database.transaction():
        questions = [one.question for one in new]
        known = examples.asking(questions)
        marked: list[NewExample] = []
        alike: list[_Alike | None] = []
        # Those of this batch have no id yet: they are found by their place, as -1 - place.
        for place, (one, question) in enumerate(zip(new, questions, strict=True)):
            output = one.output.strip()
            found: _Alike | None = None
            answers = known.setdefault(question, [])
            if answers and not any(answer == output for _id, answer in answers):
                said = fingerprint(output)
                same = next((other for other, answer in answers if fingerprint(answer) == said), None)
                found = ("near_duplicate", same) if same is not None else ("contradiction", answers[-1][0])
            answers.append((-1 - place, output))
            alike.append(found)
            marks: list[Flag] = [*one.flags, *flags(f"{one.instruction}\n{one.output}"), *([found[0]] if found else [])]
            marked.append(replace(one, flags=tuple(dict.fromkeys(marks))) if marks else one)
        ids = examples.insert(marked, questions)
    return [
        _taken(number, one, ids, identity, is_new, found)
        for number, one, (identity, is_new), found in zip(numbers, marked, ids, alike, strict=True)
    ]


def _taken(
    number: int,
    one: NewExample,
    ids: Sequence[tuple[int, bool]],
    identity: int,
    is_new: bool,
    found: _Alike | None,
) -> Taken:
    if not is_new:
        return Taken(identity, False, (ExampleAlike(number, "duplicate", identity, identity),))
    findings: list[Finding] = []
    if found is not None:
        kind, other = found
        findings.append(ExampleAlike(number, kind, identity, other if other > 0 else ids[-1 - other][0]))
    if not FOR_REVIEW.isdisjoint(one.flags):
        findings.append(ExampleFlagged(number, identity, one.flags))
    return Taken(identity, True, tuple(findings))


def _position(batch: Sequence[Read]) -> int:
    return batch[-1].position
