"""The schedulers people choose by name, made from a model's own so that its noise stays the one it was trained with.

Imported only in the child.
"""

from __future__ import annotations

from typing import Any

import diffusers
from diffusers.schedulers.scheduling_utils import KarrasDiffusionSchedulers

CHOICES: dict[str, tuple[str, dict[str, Any]]] = {
    "dpm++ 2m": ("DPMSolverMultistepScheduler", {"algorithm_type": "dpmsolver++", "use_karras_sigmas": False}),
    "dpm++ 2m karras": ("DPMSolverMultistepScheduler", {"algorithm_type": "dpmsolver++", "use_karras_sigmas": True}),
    "euler": ("EulerDiscreteScheduler", {"use_karras_sigmas": False}),
    "euler a": ("EulerAncestralDiscreteScheduler", {}),
    # diffusers clips latents by default, which is meant for pixels
    "ddim": ("DDIMScheduler", {"clip_sample": False}),
    "unipc": ("UniPCMultistepScheduler", {"use_karras_sigmas": False}),
    "lcm": ("LCMScheduler", {"clip_sample": False}),
}


def can_change(own: Any) -> bool:
    """Whether a model with this scheduler draws with others too: flow matching does not."""
    known = {kind.name for kind in KarrasDiffusionSchedulers}
    return type(own).__name__ in known | {"LCMScheduler"} and not own.config.get("use_flow_sigmas", False)


def make(own: Any, choice: str = "") -> Any:
    """A fresh scheduler: the model's own kind, or the chosen one (a key of `CHOICES`) with its noise schedule."""
    if not choice:
        return type(own).from_config(own.config)
    name, options = CHOICES[choice]
    return getattr(diffusers, name).from_config(own.config, **options)


def most_steps(scheduler: Any, strength: float = 1.0) -> int:
    """The most steps that a scheduler can take: LCM's go along those that it was distilled from."""
    limit = int(scheduler.config.num_train_timesteps)
    if type(scheduler).__name__ == "LCMScheduler":
        limit = int(scheduler.config.original_inference_steps)
    return max(1, int(limit * strength))
