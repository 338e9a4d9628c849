"""Which sizes of language model this machine could run, from its memory: a rule of thumb, said as one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from thau_desktop.hardware import Hardware

Fit = Literal["fits", "4-bit", "too large"]

_GB = 10**9
_BYTES_4BIT = 0.6  # per parameter, 4 bit with scales
_OVERHEAD = 1.2  # context cache and buffers
_SHARE, _SHARE_GPU = 0.75, 0.9  # of the memory; the rest is the system's and the other programs'

# The sizes that `thau init` knows: billions of parameters, and the memory that each takes as it is.
SIZES = {1.5: 2 * _GB, 3.0: 4 * _GB, 7.0: 8 * _GB, 13.0: 16 * _GB}


@dataclass(frozen=True, slots=True)
class Estimate:
    """A size of model (10⁹ parameters), how it fits, and the memory in bytes that it takes that way."""

    billions: float
    fit: Fit
    memory: int


def estimates(machine: Hardware) -> list[Estimate]:
    """How each of `SIZES` fits the largest GPU, or the memory where there is none."""
    gpu = max((gpu.memory_total for gpu in machine.gpus), default=0)
    room = _SHARE_GPU * gpu if gpu else _SHARE * machine.memory_total
    return [_estimate(billions, memory, room) for billions, memory in SIZES.items()]


def _estimate(billions: float, memory: int, room: float) -> Estimate:
    if memory <= room:
        return Estimate(billions, "fits", memory)
    four = int(billions * 1e9 * _BYTES_4BIT * _OVERHEAD)
    return Estimate(billions, "4-bit", four) if four <= room else Estimate(billions, "too large", memory)
