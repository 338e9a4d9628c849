"""How long a transformers model takes for one token on the CPU. Imported only in the child."""

from __future__ import annotations

import time
from typing import Any

import torch

from thau_desktop.inference.cache import growing_cache
from thau_desktop.inference.threads import STEPS


@torch.inference_mode()
def step_seconds(model: Any, threads: int) -> float:
    """Mean seconds of a decode step; the first steps, which start the threads, are not counted."""
    torch.set_num_threads(threads)
    cache = growing_cache(model.config)
    token = torch.zeros((1, 1), dtype=torch.long)
    model(input_ids=torch.zeros((1, 16), dtype=torch.long), past_key_values=cache, use_cache=True)
    model(input_ids=token, past_key_values=cache, use_cache=True)
    started = time.perf_counter()
    for _step in range(STEPS):
        model(input_ids=token, past_key_values=cache, use_cache=True)
    return (time.perf_counter() - started) / STEPS
