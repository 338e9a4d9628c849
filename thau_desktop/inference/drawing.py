"""What one drawing asks of an image model, wherever it runs. Nothing heavy here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

USUAL_GUIDANCE = 7.5  # Stable Diffusion's, in whose numbers guidance is asked for


@dataclass(frozen=True, slots=True)
class Lora:
    """A LoRA file (.safetensors) and how strongly it counts."""

    path: Path
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class DrawingRequest:
    """One prompt to draw `count` times, the n-th with `seed + n`.

    Attributes:
        scheduler: one of `SCHEDULERS`; empty: the model's own.
        source: a picture to begin with (image-to-image); None: from noise.
        strength: how much of `source` is drawn anew, 0 to 1.
        safety: whether the model's safety checker looks at the picture, where it has one.
        preview_side: longest side of the previews in pixels; 0: none.
    """

    prompt: str
    negative_prompt: str = ""
    steps: int = 30
    guidance: float = USUAL_GUIDANCE
    width: int = 512
    height: int = 512
    seed: int = 0
    count: int = 1
    scheduler: str = ""
    source: Path | None = None
    strength: float = 0.6
    loras: tuple[Lora, ...] = ()
    safety: bool = True
    preview_side: int = 256


SCHEDULERS = ("dpm++ 2m", "dpm++ 2m karras", "euler", "euler a", "ddim", "unipc", "lcm")


@dataclass(frozen=True, slots=True)
class DrawingMemory:
    """What a model needs and what is free where it would run ("cpu", "cuda", "mps"), in bytes.

    Attributes:
        needed: all parts together with what drawing itself takes.
        free: on the GPU, or of the machine's memory on a CPU; what the resident model holds is not in it.
        resident: whether the model is in memory.
    """

    device: str
    needed: int
    free: int
    resident: bool = False

    @property
    def fits(self) -> bool:
        """Whether it is resident, or could be without measures that save memory."""
        return self.resident or self.needed <= self.free
