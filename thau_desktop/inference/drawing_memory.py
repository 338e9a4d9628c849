"""How a picture pipeline is laid over the memory that is free: a pure function of sizes, without torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from thau_desktop.translation import _

GIB = 1024**3
WORKING = 2 * GIB  # what attention and decoding take at 1024×1024 in half precision, with room to spare
WORKING_TIGHT = 3 * GIB // 4  # the same with sliced attention and a decoder that works in tiles

Placement = Literal["cpu", "gpu", "model offload", "sequential offload"]


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """Where the parts of a pipeline live and which measures save memory.

    Attributes:
        placement: all in RAM, all on the GPU, the part at work on the GPU, or layer by layer.
        text: a sentence for people; empty when everything fits as it is.
    """

    placement: Placement
    attention_slicing: bool = False
    vae_tiling: bool = False
    text: str = ""


def plan(bytes_of_parts: Mapping[str, int], free_vram: int, device: str) -> MemoryPlan:
    """The plan for parts of these sizes (in the precision they will run in) on `device` ("cpu", "cuda", "mps").

    `free_vram` is what is free now: on the GPU, or of the machine's memory where the two are one.
    """
    total, largest = sum(bytes_of_parts.values()), max(bytes_of_parts.values(), default=0)
    if device == "cpu":
        if total + WORKING <= free_vram:
            return MemoryPlan("cpu")
        return MemoryPlan(
            "cpu", True, True, _("Memory is short: the picture is drawn piece by piece, which takes longer.")
        )
    if total + WORKING <= free_vram:
        return MemoryPlan("gpu")
    if device == "mps" or total + WORKING_TIGHT <= free_vram:
        text = _("The GPU's memory is short: the picture is drawn piece by piece, which takes a little longer.")
        return MemoryPlan("gpu", True, True, text)
    if largest + WORKING_TIGHT <= free_vram:
        text = _(
            "The model needs {needed} of the GPU's memory and {free} are free: only the part at work is kept there."
        )
        return MemoryPlan(
            "model offload",
            largest + WORKING > free_vram,
            True,
            text.format(needed=in_gib(total), free=in_gib(free_vram)),
        )
    text = _("The GPU has {free} free for a model of {needed}: it goes through layer by layer, which is slow.")
    return MemoryPlan("sequential offload", True, True, text.format(needed=in_gib(total), free=in_gib(free_vram)))


def in_gib(size: int) -> str:
    """A size in bytes as people read it: "3.2 GB"."""
    return f"{size / GIB:.1f} GB"


def smaller(width: int, height: int) -> tuple[int, int] | None:
    """About half the pixels of `width` × `height`, in multiples of 64; None where there is nothing smaller to offer."""
    sides = tuple(max(256, int(side * 0.75) // 64 * 64) for side in (width, height))
    return (sides[0], sides[1]) if sides != (width, height) and sides[0] <= width and sides[1] <= height else None
