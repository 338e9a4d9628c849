"""How many CPU threads a picture is drawn fastest with, measured on real steps. Imported only in the child.

Drawing is heavy arithmetic, so all cores mostly win; fewer do when the model is tiny or others use the cores.
"""

from __future__ import annotations

import itertools
import logging
import time
from typing import Any

import torch

from thau_desktop.inference.threads import CLEARLY, SMALL_PARAMETERS, cores

STEPS = 3  # the first starts the threads and is not counted

_logger = logging.getLogger(__name__)


def choose(pipe: Any, parameters: int) -> int:
    """The number of threads to draw with `pipe` on the CPU; about a second for small models, nothing for large ones."""
    best = cores()
    if best == 1 or parameters > SMALL_PARAMETERS:
        return best
    best_seconds = _step_seconds(pipe, best)
    for threads in (best // 2, 1) if best > 2 else (1,):
        seconds = _step_seconds(pipe, threads)
        if seconds * CLEARLY > best_seconds:
            break
        best, best_seconds = threads, seconds
    _logger.info("%d threads: %.0f ms a step", best, best_seconds * 1000)
    return best


def _step_seconds(pipe: Any, threads: int) -> float:
    """Seconds of the fastest step at the model's native size."""
    torch.set_num_threads(threads)
    times: list[float] = []

    def note(_pipe: Any, _step: int, _timestep: Any, values: dict[str, Any]) -> dict[str, Any]:
        times.append(time.perf_counter())
        return values

    pipe(prompt="", num_inference_steps=STEPS, output_type="latent", callback_on_step_end=note)
    return min((after - before for before, after in itertools.pairwise(times)), default=0.0)
