"""From a drawing request to what a pipeline is called with, and notes for whatever it can't take.

Imported only in the child.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from thau_desktop.errors import ThauError
from thau_desktop.inference import diffusion_schedulers
from thau_desktop.inference.drawing import USUAL_GUIDANCE, DrawingRequest
from thau_desktop.inference.image_model_folder import InstalledImageModel
from thau_desktop.translation import _

LEAST_STRENGTH = 0.02
Tell = Callable[[str], None]


def arguments(
    pipe: Any, model: InstalledImageModel, request: DrawingRequest, own_scheduler: Any, tell: Tell
) -> tuple[dict[str, Any], tuple[int, int]]:
    """The keyword arguments of one picture, without its seed, and the size in pixels that it is drawn in.

    Raises `ThauError` for a source that can't be read.
    """
    takes = inspect.signature(pipe.__call__).parameters
    size = drawn_size(pipe, *small_size(model, request.width, request.height))
    strength = min(max(request.strength, LEAST_STRENGTH), 1.0) if request.source else 1.0
    values: dict[str, Any] = {
        "prompt": request.prompt,
        "width": size[0],
        "height": size[1],
        "num_inference_steps": _steps(model, request, own_scheduler, strength, tell),
    }
    if request.source is not None:
        values |= {"image": read_source(request.source, size), "strength": strength}
    values |= _guidance(model, request, tell)
    _tell_length(pipe, request.prompt, tell)
    return {name: value for name, value in values.items() if name in takes}, size


def scheduler_name(model: InstalledImageModel, request: DrawingRequest, own_scheduler: Any) -> str:
    """The scheduler that it is drawn with; empty: the model's own, for want of a wish or because no other can."""
    if request.scheduler in model.schedulers and diffusion_schedulers.can_change(own_scheduler):
        return request.scheduler
    return ""


def drawn_size(pipe: Any, width: int, height: int) -> tuple[int, int]:
    """The size that the model draws in: the next one up that its latents, and their 2×2 patches, divide."""
    multiple = max(8, int(getattr(pipe, "vae_scale_factor", 8))) * (1 if getattr(pipe, "unet", None) is not None else 2)
    return math.ceil(width / multiple) * multiple, math.ceil(height / multiple) * multiple


def small_size(model: InstalledImageModel, width: int, height: int) -> tuple[int, int]:
    """The size to draw in, where the decoder makes the rest: of the same shape, and no larger than the native one."""
    native = model.native_size[0] * model.native_size[1]
    if not model.enlarges or width * height <= native:
        return width, height
    scale = math.sqrt(native / (width * height))
    return math.floor(width * scale), math.floor(height * scale)


def cropped(image: Image.Image, width: int, height: int) -> Image.Image:
    """The middle of a picture that was drawn a little larger than asked."""
    if image.size == (width, height):
        return image
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))


def read_source(path: Path, size: tuple[int, int]) -> Image.Image:
    """The picture to begin with, upright and cut to `size`. Raises `ThauError`."""
    try:
        with Image.open(path) as file:
            upright = ImageOps.exif_transpose(file).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as problem:
        raise ThauError(
            _("The picture {name} can't be read.").format(name=path.name),
            _("Choose another picture to begin with."),
            details=str(problem),
        ) from problem
    return ImageOps.fit(upright, size, Image.Resampling.LANCZOS)


def _steps(model: InstalledImageModel, request: DrawingRequest, own_scheduler: Any, strength: float, tell: Tell) -> int:
    name = scheduler_name(model, request, own_scheduler)
    if request.scheduler and not name:
        tell(_("{model} is drawn with its own scheduler only.").format(model=model.title))
    scheduler = diffusion_schedulers.make(own_scheduler, name)
    most = diffusion_schedulers.most_steps(scheduler, strength)
    steps = max(request.steps, math.ceil(1 / strength))  # a picture to begin with takes off steps: one must stay
    if steps > most:
        tell(_("This scheduler takes at most {steps} steps.").format(steps=most))
    return min(steps, most)


def _guidance(model: InstalledImageModel, request: DrawingRequest, tell: Tell) -> dict[str, Any]:
    scale = request.guidance if model.takes_guidance else 0.0
    if model.measured_guidance:
        scale = 1 + (scale - 1) * (model.measured_guidance - 1) / (USUAL_GUIDANCE - 1)
    values: dict[str, Any] = {"guidance_scale": scale}
    if not model.takes_guidance and request.guidance > 1:
        tell(_("{model} was made to draw without guidance.").format(model=model.title))
    if model.takes_negative_prompt:
        values["negative_prompt"] = request.negative_prompt
    elif request.negative_prompt:
        tell(_("{model} takes no negative prompt.").format(model=model.title))
    return values


def _tell_length(pipe: Any, prompt: str, tell: Tell) -> None:
    """Say when a model with a short memory for words leaves off some of them."""
    tokenizers = [getattr(pipe, name, None) for name in ("tokenizer", "tokenizer_2", "tokenizer_3")]
    limits = [int(tokenizer.model_max_length) for tokenizer in tokenizers if tokenizer is not None]
    if tokenizers[0] is None or max(limits, default=0) > 200:
        return
    tokens = tokenizers[0](prompt, truncation=False, verbose=False).input_ids
    if len(tokens) > limits[0]:
        read = tokenizers[0].decode(tokens[: limits[0] - 1], skip_special_tokens=True)
        tell(_("The prompt is longer than the model reads: it ends for it with “…{words}”.").format(words=read[-30:]))
