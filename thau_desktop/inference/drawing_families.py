"""The families of image models that THAU draws with, and how a family is told from a single file's tensors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """What holds for all models of a kind.

    Attributes:
        kind: "sd", "sdxl", "sd3", "flux", "lcm" or "other".
        side: native width and height in pixels where a model does not say.
        steps, guidance: what its makers advise; `fast_…` for those distilled to few steps.
        guided: whether guidance changes the picture.
        negative_prompt: whether the model can be told what to avoid.
        schedulers: whether another scheduler than its own can draw it.
    """

    kind: str
    side: int
    steps: int
    guidance: float
    fast_steps: int = 4
    fast_guidance: float = 1.0
    guided: bool = True
    negative_prompt: bool = True
    schedulers: bool = True
    image_to_image: bool = True


FAMILIES = {
    "sd": Family("sd", 512, 30, 7.5),
    "sd2": Family("sd", 768, 30, 7.5),
    "sdxl": Family("sdxl", 1024, 30, 6.0),
    "sd3": Family("sd3", 1024, 28, 4.5, schedulers=False),
    "flux": Family("flux", 1024, 28, 3.5, negative_prompt=False, schedulers=False),
    "lcm": Family("lcm", 512, 8, 8.0, 8, 8.0, negative_prompt=False, schedulers=False),
    "other": Family("other", 1024, 30, 4.5, schedulers=False, image_to_image=False),
}

CLASSES = {
    "StableDiffusionPipeline": FAMILIES["sd"],
    "StableDiffusionXLPipeline": FAMILIES["sdxl"],
    "StableDiffusion3Pipeline": FAMILIES["sd3"],
    "FluxPipeline": FAMILIES["flux"],
    "LatentConsistencyModelPipeline": FAMILIES["lcm"],
    # These take the same arguments; diffusers' own defaults decide the rest.
    "AuraFlowPipeline": FAMILIES["other"],
    "ChromaPipeline": FAMILIES["other"],
    "CogView4Pipeline": FAMILIES["other"],
    "HunyuanDiTPipeline": FAMILIES["other"],
    "KolorsPipeline": FAMILIES["other"],
    "Lumina2Pipeline": FAMILIES["other"],
    "SanaPipeline": FAMILIES["other"],
    "ZImagePipeline": FAMILIES["other"],
}
"""Pipelines of diffusers that draw from text, by the name that model_index.json gives."""

_PREFIX = "model.diffusion_model."


def family_of_tensors(shapes: Mapping[str, Shape]) -> str | None:
    """The key in `FAMILIES` of a single-file checkpoint with these tensors; None for anything else.

    LoRAs, ControlNets, inpainting models, refiners, upscalers and lone VAEs are None: they can't draw from words alone.
    """
    names = {name.removeprefix(_PREFIX) for name in shapes}
    if any(name.startswith("double_blocks.0.img_attn.") for name in names) and "img_in.weight" in names:
        return "flux" if "txt_in.weight" in names and not any("distilled_guidance" in name for name in names) else None
    if any(name.startswith("joint_blocks.0.context_block.") for name in names):
        return "sd3"
    first = shapes.get(f"{_PREFIX}input_blocks.0.0.weight", ())
    if len(first) != 4 or first[1] != 4:  # 9 channels: inpainting; 8: edits by instruction; 7: upscaling
        return None
    if "first_stage_model.decoder.conv_in.weight" not in shapes:
        return None
    if any(name.startswith("conditioner.embedders.1.") for name in shapes):
        return "sdxl"
    if any(name.startswith("conditioner.embedders.0.model.") for name in shapes):
        return None  # the refiner of SDXL
    if "cond_stage_model.model.token_embedding.weight" in shapes:
        return "sd2"
    return "sd" if any(name.startswith("cond_stage_model.transformer.") for name in shapes) else None
