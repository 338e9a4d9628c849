"""How many CPU threads a model decodes fastest with, here and now: measured, because guesses are off sevenfold.

An 8M-parameter model with one of two cores busy: 92 tokens/s with one thread, 13 with two.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

import psutil

SMALL_PARAMETERS = 400_000_000  # above this a step takes so long that threads always pay and probing costs seconds
STEPS = 6  # of decoding, that are timed
CLEARLY = 0.93  # more threads must be this much faster to be worth their cores

_logger = logging.getLogger(__name__)


def cores() -> int:
    """Physical cores that this process may use."""
    physical = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        return max(1, min(physical, len(os.sched_getaffinity(0))))
    return physical


def choose(step_seconds: Callable[[int], float], parameters: int) -> int:
    """The number of threads for a model of so many parameters; `step_seconds(n)` times a decode step with n of them."""
    most = cores()
    if most == 1 or parameters > SMALL_PARAMETERS:
        return most
    best, best_seconds = 1, float("inf")
    for threads in _candidates(most):
        seconds = step_seconds(threads)
        _logger.info("%d threads: %.1f ms a token", threads, seconds * 1000)
        if seconds < best_seconds * CLEARLY:
            best, best_seconds = threads, seconds
        else:
            break
    return best


def _candidates(most: int) -> list[int]:
    powers = [2**n for n in range(most.bit_length()) if 2**n <= most]
    return powers if powers[-1] == most else [*powers, most]
