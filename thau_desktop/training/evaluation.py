"""Asks models the questions of all suites, greedily, in batches. Runs in the child.

One base stays in memory; each model asked is the base with another adapter, or with none.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from thau_desktop.inference.language import Vocabulary, choose_device, choose_precision, read_weights
from thau_desktop.training.events import EvaluationDone, EvaluationEvent, EvaluationProgress
from thau_desktop.training.languages import in_other_language
from thau_desktop.training.samples import Lesson
from thau_desktop.training.suites import Probe, Score, Suite, SuiteName, calls, is_degenerate, is_right
from thau_desktop.training.tasks import EvaluationJob

AT_ONCE = 32  # prompts in one batch
LONGEST_ANSWER = 120  # tokens


def evaluate(job: EvaluationJob, *, cancel: threading.Event) -> Iterator[EvaluationEvent]:
    """Yield EvaluationProgress after each batch and one EvaluationDone for each model; ends early when cancelled."""
    if job.threads:
        torch.set_num_threads(job.threads)
    vocabulary = Vocabulary(job.base)
    device, dtype = choose_device(job.device)
    precision = choose_precision(job.base, job.precision, dtype, device)
    base = read_weights(job.base, dtype, device, precision)
    lasting = job.precision != "auto" or precision == "full"
    known = job.known if lasting else {}  # both models are to be asked in the same precision
    of = {name: [one for one in job.suites if one.name in job.only.get(name, (one.name,))] for name in job.adapters}
    wanted = {name: [one for one in suites if one.name not in known.get(name, {})] for name, suites in of.items()}
    asked, total = 0, sum(len(suite.probes) for suites in wanted.values() for suite in suites)
    for name, adapter in job.adapters.items():
        model = _with(base, adapter)
        scores: dict[SuiteName, Score] = {}
        for suite in wanted[name]:
            answers: list[str] = []
            for start in range(0, len(suite.probes), AT_ONCE):
                part = suite.probes[start : start + AT_ONCE]
                if cancel.is_set():
                    return
                answers += answer(model, vocabulary, [probe.lesson for probe in part])
                asked += len(part)
                yield EvaluationProgress(name, asked, total)
            scores[suite.name] = _score(suite, answers)
        base = _without(model, adapter)
        scores |= known.get(name, {})
        yield EvaluationDone(name, {suite.name: scores[suite.name] for suite in of[name]}, lasting)


def _with(base: Any, adapter: Path | None) -> Any:
    if adapter is None:
        return base
    from peft import PeftModel  # late: seconds, and not needed for a bare base

    return PeftModel.from_pretrained(base, adapter).eval()


def _without(model: Any, adapter: Path | None) -> Any:
    return model if adapter is None else model.unload()


def answer(model: Any, vocabulary: Vocabulary, lessons: Sequence[Lesson]) -> list[str]:
    """What the model answers to the questions of a few lessons, taking the likeliest token each time."""
    words = vocabulary.format
    room = vocabulary.context - LONGEST_ANSWER
    prompts = [words.encode(words.render(lesson.messages))[-room:] for lesson in lessons]
    longest = max(map(len, prompts))
    pad = words.tokenizer.pad_token_id or 0
    ids = torch.tensor([[pad] * (longest - len(prompt)) + prompt for prompt in prompts], device=model.device)
    mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts], device=model.device)
    with torch.inference_mode():
        made = model.generate(
            input_ids=ids,
            attention_mask=mask,
            max_new_tokens=LONGEST_ANSWER,
            do_sample=False,
            eos_token_id=sorted(words.stops),
            pad_token_id=pad,
            use_cache=True,
        )
    answers = []
    for row in made[:, longest:].tolist():
        end = next((place for place, token in enumerate(row) if token in words.stops), len(row))
        answers.append(words.decode([token for token in row[:end] if token not in words.special]).strip())
    return answers


def _score(suite: Suite, answers: Sequence[str]) -> Score:
    asked = list(zip(suite.probes, answers, strict=True))
    right = tuple(is_right(probe, answer) for probe, answer in asked)
    called = tuple(probe.kind == "answer" and calls(answer) for probe, answer in asked)
    return Score(right, sum(_is_broken(probe, answer) for probe, answer in asked), called, tuple(answers))


def _is_broken(probe: Probe, answer: str) -> bool:
    """Empty, going round in a loop, or in another language than the question where no answer was given by a person."""
    if is_degenerate(answer):
        return True
    return probe.kind in ("no_call", "keywords") and in_other_language(probe.lesson.instruction, answer)
