"""Whether this processor multiplies bfloat16 faster than float32: probed, because where it is emulated it is 90 times
slower. Imported only in the child.
"""

from __future__ import annotations

import time
from functools import cache

import torch

from thau_desktop.inference.threads import SMALL_PARAMETERS

_ROWS, _SIZE, _TRIES = 4, 1024, 3
_CLEARLY = 0.8  # bfloat16 must take less than this share of float32's time: it is less exact


def half_pays(parameters: int) -> bool:
    """Whether a model of so many parameters should be held in bfloat16. A small one is fast and exact in float32."""
    return parameters > SMALL_PARAMETERS and is_faster()


@cache
def is_faster() -> bool:
    """Times a small product in both types; takes some milliseconds, some hundred where bfloat16 is emulated."""
    return _seconds(torch.bfloat16) < _CLEARLY * _seconds(torch.float32)


def _seconds(dtype: torch.dtype) -> float:
    left, right = torch.ones(_ROWS, _SIZE, dtype=dtype), torch.ones(_SIZE, _SIZE, dtype=dtype)
    left @ right  # the first one chooses a kernel
    found = []
    for _try in range(_TRIES):
        started = time.perf_counter()
        left @ right
        found.append(time.perf_counter() - started)
    return min(found)
