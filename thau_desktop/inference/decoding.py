"""One token after the other: choosing it from the logits, and turning it into text that is never broken UTF-8.

Imported only in the child. Both are called once a token, so they do little.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from transformers.generation.logits_process import (
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopPLogitsWarper,
)

from thau_desktop.messages import Sampling

HOLD_TOKENS = 4  # a character has at most four bytes: after four tokens without one, the bytes are not UTF-8


class Sampler:
    """Chooses the next token of `(1, vocabulary)` logits, in transformers' order: penalty, temperature, top-k, top-p.

    Top-k comes first here, because what follows then works on k numbers: the result is the same.
    """

    def __init__(self, sampling: Sampling, device: torch.device) -> None:
        self._greedy = sampling.temperature <= 0
        self._top_k = max(0, sampling.top_k)
        penalty = sampling.repetition_penalty
        self._penalty = RepetitionPenaltyLogitsProcessor(penalty) if penalty != 1.0 and penalty > 0 else None
        self._temperature = (
            TemperatureLogitsWarper(sampling.temperature) if not self._greedy and sampling.temperature != 1.0 else None
        )
        self._top_p = TopPLogitsWarper(sampling.top_p) if 0 < sampling.top_p < 1 else None
        self._generator = torch.Generator(device=device)
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
        scores = logits.float()
        indices = None
        if 0 < self._top_k < scores.shape[-1]:
            scores, indices = scores.topk(self._top_k)
        nothing = torch.empty((1, 0), dtype=torch.long)
        if self._temperature is not None:
            scores = self._temperature(nothing, scores)
        if self._top_p is not None:
            scores = self._top_p(nothing, scores)
        chosen = int(torch.multinomial(scores.softmax(dim=-1), 1, generator=self._generator))
        return chosen if indices is None else int(indices[0, chosen])


class Detokenizer:
    """Text of tokens as they come: each costs two decodes of a few ids, whatever the length of the answer.

    Decoders look at neighbours (spaces, bytes of one character), so a token's text is what it adds to the text of the
    token before it; while that ends in half a character, it waits.
    """

    def __init__(self, decode: Callable[[list[int]], str], hidden: frozenset[int] = frozenset()) -> None:
        self._decode = decode
        self._hidden = hidden
        self._before: list[int] = []
        self._before_text = ""
        self._new: list[int] = []

    def add(self, token: int) -> str:
        """The text that can be shown now, often that of `token`, possibly empty."""
        if token in self._hidden:
            return ""
        self._new.append(token)
        text = self._decode(self._before + self._new)
        if text.endswith("\ufffd") and len(self._new) < HOLD_TOKENS:
            return ""
        shown = text[len(self._before_text) :]
        self._before, self._new = self._new, []
        self._before_text = self._decode(self._before)
        return shown

    def close(self) -> str:
        """What was still waiting, without its broken end."""
        if not self._new:
            return ""
        text = self._decode(self._before + self._new)
        self._new = []
        return text[len(self._before_text) :].rstrip("\ufffd")
