"""What keeps a model from forgetting: old questions, and what the bare base thinks of their answers. In the child.

A training learns again, beside what is new, how likely the base holds each word of its answers to be (knowledge
distillation, Hinton et al. 2015, as in Learning without Forgetting, Li and Hoiem 2016). The teacher is the base and not
the version in use, so many nights do not drift one after another; its answers are kept in a file for the next night.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from thau_desktop.inference.language import Vocabulary
from thau_desktop.training.evaluation import AT_ONCE, answer
from thau_desktop.training.rows import expectation
from thau_desktop.training.samples import Lesson, Sample, Taught, sample
from thau_desktop.training.suites import is_degenerate

LIKELIEST = 32  # words kept at each place: together 0.99 of what the starter model expects
BLOCKS = 20  # that are kept: those of two system messages
ANSWERS, CHANCES = "answers.jsonl", "chances.safetensors"

_logger = logging.getLogger(__name__)


def remember(
    base: Any,
    vocabulary: Vocabulary,
    lessons: Sequence[Lesson],
    longest: int,
    kept: Path,
    cancel: threading.Event,
    *,
    keep: bool = True,
) -> list[Sample]:
    """The rows of `lessons` whose teacher is `base`: a model without adapter, in evaluation mode.

    Those without an `output` are answered by it. What `kept` holds of an earlier training is not asked again.
    Degenerate answers and those that do not fit into `longest` tokens are left out; cancelled, there are none. Of
    several processes one is to `keep` them.
    """
    folder = kept / _key(lessons)
    answers = _read(folder / ANSWERS)[: len(lessons)]
    asked = len(answers)
    while len(answers) < len(lessons):
        if cancel.is_set():
            return []
        part = lessons[len(answers) : len(answers) + AT_ONCE]
        answers += [one.output for one in part] if all(one.output for one in part) else answer(base, vocabulary, part)
    made = [_row(lesson, text, vocabulary, longest) for lesson, text in zip(lessons, answers, strict=True)]
    rows = [one for one in made if one is not None]
    taught = _load(folder / CHANCES, rows) if asked == len(lessons) else None
    if taught is None:
        order = sorted(range(len(rows)), key=lambda place: len(rows[place].ids))  # little is padded
        found: dict[int, Taught] = {}
        for start in range(0, len(order), AT_ONCE):
            if cancel.is_set():
                return []
            places = order[start : start + AT_ONCE]
            found |= zip(places, _chances(base, [rows[place] for place in places]), strict=True)
        taught = [found[place] for place in range(len(rows))]
        if keep:
            _keep(kept, folder, answers, taught)
    return [replace(row, teacher=teacher) for row, teacher in zip(rows, taught, strict=True)]


def _row(lesson: Lesson, text: str, vocabulary: Vocabulary, longest: int) -> Sample | None:
    if not text or is_degenerate(text):
        return None
    end = vocabulary.format.tokenizer.eos_token_id
    return sample(replace(lesson, output=text), vocabulary.format, end, longest)


def _chances(base: Any, rows: Sequence[Sample]) -> list[Taught]:
    """What the base expects at each learned token."""
    with torch.inference_mode():
        logits, _tokens = expectation(base, rows, 0, base.device)
    chances, likeliest = logits.log_softmax(-1).topk(min(LIKELIEST, logits.shape[-1]))
    lengths = [row.learned for row in rows]
    return [
        Taught(each.cpu(), chance.cpu())
        for each, chance in zip(torch.split(likeliest, lengths), torch.split(chances, lengths), strict=True)
    ]


# --- what is kept for the next night -------------------------------------------------------------------


def _key(lessons: Sequence[Lesson]) -> str:
    asked = "\0".join(f"{lesson.system}\0{lesson.instruction}" for lesson in lessons)
    return hashlib.sha256(asked.encode("utf-8", "replace")).hexdigest()[:16]


def _read(path: Path) -> list[str]:
    try:
        return [str(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError):
        return []


def _load(path: Path, rows: Sequence[Sample]) -> list[Taught] | None:
    """What was kept of these rows; None where it is missing or of others."""
    try:
        kept = load_file(path)
        lengths = [row.learned for row in rows]
        ids, chances = (torch.split(kept[name], lengths) for name in ("ids", "chances"))
    except (OSError, SafetensorError, KeyError, RuntimeError):
        return None
    return [Taught(each.long(), chance.float()) for each, chance in zip(ids, chances, strict=True)]


def _keep(kept: Path, folder: Path, answers: Sequence[str], taught: Sequence[Taught]) -> None:
    """Beside the blocks that were kept last. That it can't be is no reason not to train."""
    part = kept / "part"
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        for old in sorted(kept.iterdir(), key=lambda path: path.stat().st_mtime)[:-BLOCKS]:
            shutil.rmtree(old, ignore_errors=True)
        lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in answers)
        (part / ANSWERS).write_text(lines, encoding="utf-8", errors="replace")
        if taught:
            flat = {
                "ids": torch.cat([one.ids for one in taught]).int(),
                "chances": torch.cat([one.chances for one in taught]).half(),
            }
            save_file(flat, part / CHANCES)
        part.rename(folder)
    except OSError as problem:
        _logger.warning("the reminders can't be kept in %s: %s", kept, problem)
