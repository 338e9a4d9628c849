"""What a training tells while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from thau_desktop.training.suites import Score, SuiteName


@dataclass(frozen=True, slots=True)
class TrainingStarted:
    """`steps` in all, of which `done` were made before an interruption; rows and tokens of an epoch.

    Attributes: `device` and the `precision` there ("bf16", "fp32", "fp16", "nf4"); `memory`, the bytes that it takes,
    estimated.
    """

    steps: int
    done: int
    rows: int
    tokens: int
    device: str
    precision: str
    memory: int


@dataclass(frozen=True, slots=True)
class StepDone:
    """One step. `loss` in nats a learned token; `tokens_per_second` read, since the start."""

    step: int
    steps: int
    loss: float
    learning_rate: float
    gradient_norm: float
    tokens_per_second: float

    @property
    def fraction(self) -> float:
        """Of the steps that are made."""
        return self.step / self.steps


@dataclass(frozen=True, slots=True)
class CheckpointSaved:
    """From `step` on a killed training can go on."""

    step: int


@dataclass(frozen=True, slots=True)
class TrainingDone:
    """The adapter lies in `adapter`. `loss` is the mean of the last epoch; `out_of_time`: its minutes were over."""

    adapter: Path
    steps: int
    loss: float
    seconds: float
    out_of_time: bool = False


@dataclass(frozen=True, slots=True)
class EvaluationProgress:
    """`asked` of all `total` questions of all models; `model` is being asked."""

    model: str
    asked: int
    total: int

    @property
    def fraction(self) -> float:
        """Of the questions that are asked."""
        return self.asked / self.total


@dataclass(frozen=True, slots=True)
class EvaluationDone:
    """What one model did in every suite. `lasting` is whether the same questions will find the same answers again: not
    where memory alone made the weights smaller this time."""

    model: str
    scores: dict[SuiteName, Score]
    lasting: bool = True


EvaluationEvent = EvaluationProgress | EvaluationDone
TrainingEvent = TrainingStarted | StepDone | CheckpointSaved | TrainingDone
