"""What the training's child is asked to do, as values that the window's process can hold without torch."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from thau_desktop.errors import ThauError
from thau_desktop.inference.precision import Wish
from thau_desktop.training.events import EvaluationEvent, TrainingEvent
from thau_desktop.training.recipe import Recipe
from thau_desktop.training.samples import Lesson
from thau_desktop.training.suites import Score, Suite, SuiteName

# Folders in that of a run: the finished adapter, and from what a training that was cut off goes on.
ADAPTER, CHECKPOINT = "adapter", "checkpoint"
REMINDERS = 500  # of which what the base thinks is kept together


class TrainingDiverged(ThauError):
    """The loss grew beyond all bounds or is no number any more."""


class NothingToLearn(ThauError):
    """No example fits into the model's context."""


@dataclass(frozen=True, slots=True)
class TrainingJob:
    """What is trained on what.

    Attributes:
        base: the folder of the base model.
        adapter: the folder of the adapter to begin with; None: a new one.
        folder: of the run; the checkpoint and the finished adapter go there.
        lessons: what is to be learned.
        earlier: what was learned before, and is learned again beside it.
        reminders: old questions, in blocks of `REMINDERS`; what the base answers to them is learned again, too.
        kept: the folder in which those answers wait for the next training; None: in that of the run.
        device: "auto", "cpu" or "cuda".
        threads: CPU threads; 0: all cores.
        precision: of the base's weights, as the settings have it.
        nice: let every other program go first.
    """

    base: Path
    adapter: Path | None
    folder: Path
    lessons: tuple[Lesson, ...]
    recipe: Recipe
    earlier: tuple[Lesson, ...] = ()
    reminders: tuple[Lesson, ...] = ()
    kept: Path | None = None
    device: str = "auto"
    threads: int = 0
    precision: Wish = "full"
    nice: bool = True


@dataclass(frozen=True, slots=True)
class EvaluationJob:
    """Which models are asked what.

    Attributes:
        base: the folder of the base model.
        adapters: by the name that the scores get, the folder of an adapter, None for the bare base.
        device: "auto", "cpu" or "cuda".
        threads: CPU threads; 0: torch's choice.
        precision: of the base's weights, as the settings have it.
        known: by the same names, scores that are known already and need no asking.
        only: by the same names, the suites that a model is asked; where it is missing, all.
    """

    base: Path
    adapters: dict[str, Path | None]
    suites: tuple[Suite, ...]
    device: str = "auto"
    threads: int = 0
    precision: Wish = "full"
    known: dict[str, dict[SuiteName, Score]] = field(default_factory=dict)
    only: dict[str, tuple[SuiteName, ...]] = field(default_factory=dict)


def train(job: TrainingJob, *, cancel: threading.Event) -> Iterator[TrainingEvent]:
    """In the child: see `job.train`."""
    from thau_desktop.training import job as training

    return training.train(job, cancel=cancel)


def evaluate(job: EvaluationJob, *, cancel: threading.Event) -> Iterator[EvaluationEvent]:
    """In the child: see `evaluation.evaluate`."""
    from thau_desktop.training import evaluation

    return evaluation.evaluate(job, cancel=cancel)
