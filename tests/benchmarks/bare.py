"""What the speed of THAU is compared with: transformers alone, in a fresh process, and a model that never stops."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thau_desktop.messages import Message, ModelReady

END = "<|end|>"  # what ends an answer of the starter models


@dataclass(frozen=True, slots=True)
class Decoded:
    """One generation. `seconds` are those from its first token to its last; `ids` are what was generated."""

    tokens: int
    seconds: float
    prompt_tokens: int
    text: str

    @property
    def rate(self) -> float:
        """Tokens a second, without the first."""
        return (self.tokens - 1) / self.seconds


def endless(starter: Path, folder: Path) -> Path:
    """A copy of a starter model whose end token ends nothing: every generation goes on to the limit it is given."""
    shutil.copytree(starter, folder)
    changes: dict[str, dict[str, Any]] = {
        "config.json": {"eos_token_id": None},
        "generation_config.json": {"eos_token_id": None, "_from_model_config": False},
        "tokenizer_config.json": {"eos_token": None},
    }
    for name, values in changes.items():
        _rewrite(folder / name, json.loads((folder / name).read_text(encoding="utf-8")) | values)
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    for token in tokenizer["added_tokens"]:
        if token["content"] == END:
            token["special"] = False  # still one token of the prompt, but no longer a reason to stop
    _rewrite(folder / "tokenizer.json", tokenizer)
    return folder


def _rewrite(path: Path, values: dict[str, Any]) -> None:
    path.unlink()
    path.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")


class Bare:
    """The model as transformers loads it, on the device, in the dtype and with the threads that THAU chose."""

    def __init__(self, folder: Path, ready: ModelReady) -> None:
        import torch
        from transformers import AutoModelForCausalLM
        from transformers.utils.logging import disable_progress_bar

        from thau_desktop.inference.language import Vocabulary

        disable_progress_bar()
        self._torch = torch
        self._threads = ready.threads
        self._device = torch.device(ready.device)
        self._words = Vocabulary(folder).format  # only for the ids of the prompt, which must be the same
        loaded = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, ready.dtype))
        self._model: Any = loaded.to(self._device).eval()

    def loop(self, messages: Sequence[Message], tokens: int, *, cancel: threading.Event) -> Iterator[Decoded]:
        """Greedy, token after token, with the key-value cache and nothing else; yields one `Decoded`."""
        from transformers import DynamicCache

        torch, model = self._torch, self._model
        prompt = self._prompt(messages)
        cache = DynamicCache(config=model.config)
        with torch.inference_mode():
            token = model(input_ids=prompt, past_key_values=cache, use_cache=True).logits[:, -1:].argmax(-1)
            ids = [int(token)]
            started = time.perf_counter()
            while len(ids) < tokens:
                token = model(input_ids=token, past_key_values=cache, use_cache=True).logits[:, -1:].argmax(-1)
                ids.append(int(token))
        yield Decoded(tokens, time.perf_counter() - started, prompt.shape[1], self._words.decode(ids))

    def generate(self, messages: Sequence[Message], tokens: int, *, cancel: threading.Event) -> Iterator[Decoded]:
        """The same with `model.generate`."""
        prompt, clock = self._prompt(messages), _Clock()
        with self._torch.inference_mode():
            found = self._model.generate(
                prompt,
                attention_mask=self._torch.ones_like(prompt),
                max_new_tokens=tokens,
                do_sample=False,
                streamer=clock,
            )
        ids = found[0, prompt.shape[1] :].tolist()
        yield Decoded(len(ids), clock.ended - clock.first, prompt.shape[1], self._words.decode(ids))

    def _prompt(self, messages: Sequence[Message]) -> Any:
        if self._threads:
            self._torch.set_num_threads(self._threads)  # each call has a thread of its own
        return self._torch.tensor([self._words.encode(self._words.render(messages))], device=self._device)


class _Clock:
    """A streamer that only looks at the clock: when the first token came (after the prompt), and the end."""

    def __init__(self) -> None:
        self._puts = 0
        self.first = self.ended = 0.0

    def put(self, _ids: object) -> None:
        self._puts += 1
        if self._puts == 2:
            self.first = time.perf_counter()

    def end(self) -> None:
        self.ended = time.perf_counter()
