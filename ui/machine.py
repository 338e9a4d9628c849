"""Which sizes of language model this machine could run, from its memory: a rule of thumb, said as one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from thau_desktop.hardware import Hardware

Fit = Literal["fits", "4-bit", "too large"]

_BYTES_HALF = 2.0  # per parameter, 16 bit
_BYTES_4BIT = 0.6  # per parameter, 4 bit with scales
_OVERHEAD = 1.2  # context cache and buffers
_SHARE = 0.75  # of the memory; the rest is the system's and the other programs'

# Billions of parameters, and what such models are good for.
SIZES = (1.5, 7.0, 14.0, 32.0)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A size of model (10⁹ parameters), how it fits, and the memory in bytes that it takes that way."""

    billions: float
    fit: Fit
    memory: int


def estimates(machine: Hardware) -> list[Estimate]:
    """How each of `SIZES` fits the largest GPU, or the memory where there is none."""
    room = _SHARE * usable_memory(machine)
    return [_estimate(billions, room) for billions in SIZES]


def usable_memory(machine: Hardware) -> int:
    """Bytes that a model could live in: the largest GPU's, else the system's."""
    return max((gpu.memory_total for gpu in machine.gpus), default=0) or machine.memory_total


def _estimate(billions: float, room: float) -> Estimate:
    half, four = (int(billions * 1e9 * each * _OVERHEAD) for each in (_BYTES_HALF, _BYTES_4BIT))
    if half <= room:
        return Estimate(billions, "fits", half)
    return Estimate(billions, "4-bit" if four <= room else "too large", four)
