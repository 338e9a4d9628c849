"""One token after the other: choosing it from the logits, and turning it into text that is never broken UTF-8.

Imported only in the child. They are called while it decodes, so they do little.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from transformers.generation.logits_process import (
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from thau_desktop.messages import Sampling

FEW = 256  # up to this top-k, plain numbers are faster than tensors
HOLD_TOKENS = 4  # a character has at most four bytes: after four tokens without one, the bytes are not UTF-8


class Sampler:
    """Chooses the next token of `(1, vocabulary)` logits as transformers would: penalty, temperature, top-k, top-p.

    With the usual small top-k the rest is done on k plain numbers, because ten small tensor operations a token are a
    tenth of a millisecond, which a small model feels. The distribution is the same.
    """

    def __init__(self, sampling: Sampling) -> None:
        self._greedy = sampling.temperature <= 0
        self._temperature = sampling.temperature
        self._top_k = max(0, sampling.top_k)
        self._top_p = sampling.top_p if 0 < sampling.top_p < 1 else 1.0
        penalty = sampling.repetition_penalty
        self._penalty = RepetitionPenaltyLogitsProcessor(penalty) if penalty != 1.0 and penalty > 0 else None
        self._warpers: list[Any] = []
        if not self._greedy:
            self._warpers.append(TemperatureLogitsWarper(sampling.temperature))
            self._warpers += [TopKLogitsWarper(self._top_k)] if self._top_k else []
            self._warpers += [TopPLogitsWarper(self._top_p)] if self._top_p < 1 else []
        self._generator = torch.Generator()
        if sampling.seed is None:
            self._generator.seed()
        else:
            self._generator.manual_seed(sampling.seed)

    def __call__(self, logits: torch.Tensor, ids: list[int]) -> int:
        """The id of the next token after `ids`."""
        if self._penalty is not None:
            seen = torch.tensor([ids], device=logits.device)
            logits = self._penalty(seen, logits.clone())
        if self._greedy:
            return int(logits.argmax())
        if 0 < self._top_k <= min(FEW, logits.shape[-1]):
            return self._of_few(logits)
        scores = logits.float()
        for warper in self._warpers:
            scores = warper(None, scores)
        chosen = torch.multinomial(scores.softmax(dim=-1).cpu(), 1, generator=self._generator)
        return int(chosen)

    def _of_few(self, logits: torch.Tensor) -> int:
        scores, tokens = logits[0].float().topk(self._top_k)
        probabilities = (scores / self._temperature).softmax(dim=-1).tolist()
        kept, total = 0, 0.0  # top-p: a token stays when those above it are together below top_p
        while kept < len(probabilities) and total < self._top_p:
            total += probabilities[kept]
            kept += 1
        left = float(torch.rand((), generator=self._generator)) * total
        for place in range(kept - 1):
            left -= probabilities[place]
            if left < 0:
                return int(tokens[place])
        return int(tokens[kept - 1])


class Detokenizer:
    """Text of tokens as they come: a few decodes of a few ids, whatever the length of the answer.

    Decoders look at neighbours (spaces, bytes of one character), so the text of new tokens is what they add to the text
    of those before them; tokens that end in half a character wait.
    """

    def __init__(self, decode: Callable[[list[int]], str], hidden: frozenset[int] = frozenset()) -> None:
        self._decode = decode
        self._hidden = hidden
        self._before: list[int] = []
        self._before_text = ""
        self._new: list[int] = []

    def add(self, *tokens: int) -> str:
        """The text that can be shown now, often that of `tokens`, possibly empty."""
        self._new += [token for token in tokens if token not in self._hidden]
        for held in range(min(HOLD_TOKENS, len(self._new) + 1)):
            ready = self._new[: len(self._new) - held]
            text = self._decode(self._before + ready) if ready else self._before_text
            if not text.endswith("\ufffd") or not ready:
                return self._show(ready, text)
        return self._show(self._new, self._decode(self._before + self._new))

    def close(self) -> str:
        """What was still waiting, without its broken end."""
        return self._show(self._new, self._decode(self._before + self._new)).rstrip("\ufffd") if self._new else ""

    def _show(self, ready: list[int], text: str) -> str:
        if not ready:
            return ""
        shown = text[len(self._before_text) :]
        self._before, self._new = ready, self._new[len(ready) :]
        self._before_text = self._decode(ready)
        return shown
