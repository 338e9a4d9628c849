"""Rows as tensors, what a model expects at their learned tokens, and how far that is from what it should.

Runs in the child.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import torch

from thau_desktop.training.samples import IGNORED, Sample


def padded(rows: Sequence[Sample], pad: int, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and labels `(rows, length)`, filled up on the right, where nothing before can see it."""
    longest = max(len(row.ids) for row in rows)
    ids = [row.ids + [pad] * (longest - len(row.ids)) for row in rows]
    labels = [row.labels + [IGNORED] * (longest - len(row.ids)) for row in rows]
    return torch.tensor(ids, device=device), torch.tensor(labels, device=device)


def expectation(
    model: Any, rows: Sequence[Sample], pad: int, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """The logits `(tokens, vocabulary)` where a token is learned, row by row, and those tokens.

    The head is the dearest layer of a small model, and of a large one what fills the memory: it is asked only from the
    first learned token of all rows on.
    """
    ids, labels = padded(rows, pad, device)
    after = labels[:, 1:]
    learned = after != IGNORED
    first = int(learned.any(0).int().argmax()) if learned.any() else 0
    if _can_choose(model):
        places = torch.arange(first, after.shape[1], device=device)
        logits = model(input_ids=ids, use_cache=False, logits_to_keep=places).logits
    else:
        logits = model(input_ids=ids, use_cache=False).logits[:, first:-1]
    learned, after = learned[:, first:], after[:, first:]
    return logits[learned].float(), after[learned]


def losses(logits: torch.Tensor, tokens: torch.Tensor, rows: Sequence[Sample]) -> torch.Tensor:
    """Of each learned token its loss in nats: the cross-entropy, or the divergence from the row's teacher.

    The divergence is KL(teacher, model) over the likeliest words and, as one, all others.
    """
    chances = logits.log_softmax(-1)
    found = -chances.gather(1, tokens[:, None])[:, 0]
    taught = torch.tensor([row.teacher is not None for row in rows for _ in range(row.learned)], device=logits.device)
    teachers = [row.teacher for row in rows if row.teacher is not None]
    if not teachers:
        return found
    likeliest = torch.cat([teacher.ids for teacher in teachers]).to(logits.device)
    asked = torch.cat([teacher.chances for teacher in teachers]).to(logits.device)
    mine = chances[taught].gather(1, likeliest)
    others, my_others = ((1 - each.exp().sum(1)).clamp_min(1e-5) for each in (asked, mine))
    divergence = (asked.exp() * (asked - mine)).sum(1) + others * (others.log() - my_others.log())
    return found.masked_scatter(taught, divergence)


def _can_choose(model: Any) -> bool:
    """Whether the model's forward takes `logits_to_keep`."""
    inner = getattr(model, "module", model)  # several processes wrap it
    inner = inner.get_base_model() if hasattr(inner, "get_base_model") else inner
    return "logits_to_keep" in inspect.signature(inner.forward).parameters
