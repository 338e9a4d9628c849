"""How many CPU threads a model decodes fastest with, here and now: measured, because guesses are off sevenfold.

An 8M-parameter model with one of two cores busy: 92 tokens/s with one thread, 13 with two. Imported only in the child.
"""

from __future__ import annotations

import logging
import os
import time
from typing import Any

import psutil
import torch

from thau_desktop.inference.cache import growing_cache

SMALL_PARAMETERS = 400_000_000  # above this a step takes so long that threads always pay and probing costs seconds
STEPS = 6
CLEARLY = 0.93  # more threads must be this much faster to be worth their cores

_logger = logging.getLogger(__name__)


def cores() -> int:
    """Physical cores that this process may use."""
    physical = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        return max(1, min(physical, len(os.sched_getaffinity(0))))
    return physical


def choose(model: Any, parameters: int) -> int:
    """The number of threads to decode `model` with on the CPU; takes well under a second."""
    most = cores()
    if most == 1 or parameters > SMALL_PARAMETERS:
        return most
    best, best_seconds = 1, float("inf")
    for threads in _candidates(most):
        torch.set_num_threads(threads)
        seconds = _step_seconds(model)
        _logger.info("%d threads: %.1f ms a token", threads, seconds * 1000)
        if seconds < best_seconds * CLEARLY:
            best, best_seconds = threads, seconds
        else:
            break
    return best


def _candidates(most: int) -> list[int]:
    powers = [2**n for n in range(most.bit_length()) if 2**n <= most]
    return powers if powers[-1] == most else [*powers, most]


@torch.inference_mode()
def _step_seconds(model: Any) -> float:
    """Mean seconds of a decode step; the first steps, which start the threads, are not counted."""
    cache = growing_cache(model.config)
    token = torch.zeros((1, 1), dtype=torch.long)
    model(input_ids=torch.zeros((1, 16), dtype=torch.long), past_key_values=cache, use_cache=True)
    model(input_ids=token, past_key_values=cache, use_cache=True)
    started = time.perf_counter()
    for _step in range(STEPS):
        model(input_ids=token, past_key_values=cache, use_cache=True)
    return (time.perf_counter() - started) / STEPS
