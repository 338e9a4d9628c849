"""Reads a diffusers pipeline from disk and lays it over the machine's memory. Imported only in the child."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import diffusers
import psutil
import torch
from diffusers.utils import logging as logging_of_diffusers
from tqdm.auto import tqdm  # type: ignore[import-untyped]
from transformers.utils import logging as logging_of_transformers

from thau_desktop.errors import ModelBroken, ModelUnsupported, ThauError
from thau_desktop.inference import drawing_memory, image_model_folder
from thau_desktop.inference.diffusion_single_file import settings_for
from thau_desktop.inference.drawing_memory import MemoryPlan
from thau_desktop.inference.image_model_folder import InstalledImageModel
from thau_desktop.inference.model_folder import read_json
from thau_desktop.process_child import is_out_of_memory
from thau_desktop.translation import _

TILE = 512  # pixels a side of the pieces that a tiling decoder works in

_logger = logging.getLogger(__name__)


def device_and_dtype(wish: str, kind: str) -> tuple[torch.device, torch.dtype]:
    """Where and in what to draw. On a CPU always float32: half precision was 90 times slower where measured.

    UNets were trained to work in float16; the transformers of SD3 and Flux overflow there and want bfloat16.
    """
    unet = kind in ("sd", "sdxl", "lcm")
    if wish.startswith(("auto", "cuda")) and torch.cuda.is_available():
        half = torch.float16 if unet or not torch.cuda.is_bf16_supported() else torch.bfloat16
        return torch.device("cuda" if wish == "auto" else wish), half
    if wish in ("auto", "mps") and torch.backends.mps.is_available():
        return torch.device("mps"), torch.float16 if unet else torch.bfloat16
    if wish not in ("auto", "cpu"):
        _logger.warning("no %s here: the CPU is used", wish)
    return torch.device("cpu"), torch.float32


def free_memory(device: torch.device) -> int:
    """Bytes that are free now where the pipeline will live."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    return int(psutil.virtual_memory().available)


def bytes_of_parts(path: Path, dtype: torch.dtype) -> dict[str, int]:
    """What each part of a model takes in memory in that precision. Raises as `image_model_folder.check` does."""
    counts = image_model_folder.parameters_of_parts(path)
    return {part: count * dtype.itemsize for part, count in counts.items()}


def plan(path: Path, device: torch.device, dtype: torch.dtype) -> MemoryPlan:
    """How to lay the model over the memory that is free now."""
    return drawing_memory.plan(bytes_of_parts(path, dtype), free_memory(device), str(device))


def read(model: InstalledImageModel, dtype: torch.dtype) -> Any:
    """The text-to-image pipeline on the CPU, without its safety checker. Raises `ModelBroken`, `ModelMissing`."""
    logging_of_diffusers.disable_progress_bar()
    tqdm.monitor_interval = 0  # a thread that watches bars which nobody sees
    logging_of_transformers.disable_progress_bar()
    image_model_folder.check(model.path)
    try:
        pipe = _read_folder(model.path, dtype) if model.path.is_dir() else _read_file(model.path, dtype)
    except ThauError:
        raise
    except Exception as problem:  # files break in as many ways as there are parts
        if is_out_of_memory(problem):
            raise
        raise ModelBroken(
            _("The model in {folder} can't be loaded.").format(folder=model.path),
            _("Download it again, or choose another model."),
            details=f"{type(problem).__name__}: {problem}",
        ) from problem
    pipe.set_progress_bar_config(disable=True)
    for part in modules(pipe).values():
        part.eval().requires_grad_(False)
    return pipe


def _read_folder(folder: Path, dtype: torch.dtype) -> Any:
    index = read_json(folder / image_model_folder.INDEX)
    variant = image_model_folder.variant(folder)
    # As AutoPipelineForText2Image would choose, without importing all others.
    pipeline = getattr(diffusers, index["_class_name"])
    return pipeline.from_pretrained(
        folder,
        dtype=dtype,
        local_files_only=True,
        use_safetensors=True,
        **({"variant": variant} if variant else {}),
        **_left_out(pipeline, index),
    )


def _read_file(path: Path, dtype: torch.dtype) -> Any:
    with settings_for(path) as settings:
        index = read_json(settings / image_model_folder.INDEX)
        pipeline = getattr(diffusers, index["_class_name"])
        return pipeline.from_single_file(
            str(path), config=str(settings), dtype=dtype, local_files_only=True, **_left_out(pipeline, index)
        )


def _left_out(pipeline: Any, index: dict[str, Any]) -> dict[str, Any]:
    """The arguments that leave out the parts that a model has not, and the checker, which is read when asked for."""
    expected, optional = pipeline._get_signature_keys(pipeline)
    values: dict[str, Any] = {part: None for part in expected if index.get(part, [None, None]) == [None, None]}
    if "safety_checker" in expected:
        values |= {"safety_checker": None, "feature_extractor": None}
    if "requires_safety_checker" in optional:
        values["requires_safety_checker"] = False
    return values


def modules(pipe: Any) -> dict[str, torch.nn.Module]:
    """The parts of a pipeline that compute."""
    return {name: part for name, part in pipe.components.items() if isinstance(part, torch.nn.Module)}


def denoiser(pipe: Any) -> torch.nn.Module:
    """The part that does the steps."""
    part = getattr(pipe, "unet", None)
    return part if part is not None else pipe.transformer  # type: ignore[no-any-return]


def place(pipe: Any, plan: MemoryPlan, device: torch.device) -> None:
    """Lay a pipeline over the memory as planned; again for another pipeline of the same parts."""
    if plan.placement == "model offload":
        pipe.enable_model_cpu_offload(device=device)
    elif plan.placement == "sequential offload":
        pipe.enable_sequential_cpu_offload(device=device)
    else:
        pipe.to(device)
    if plan.attention_slicing and hasattr(denoiser(pipe), "set_attention_slice"):
        pipe.enable_attention_slicing()


def tile(pipe: Any, plan: MemoryPlan, size: tuple[int, int], free: int) -> None:
    """Let the VAE decode in tiles where a picture of this size would take too much at once, and only there."""
    vae = getattr(pipe, "vae", None)
    if vae is None or not hasattr(vae, "tile_sample_min_size"):
        return
    # The decoder's last blocks hold about six maps of its first width at full size.
    number = 4 if vae.config.get("force_upcast") else vae.dtype.itemsize
    needed = size[0] * size[1] * vae.config.block_out_channels[0] * 6 * number
    if max(size) > TILE and (plan.vae_tiling or needed > free // 2):
        vae.tile_sample_min_size, vae.tile_latent_min_size = TILE, TILE // int(pipe.vae_scale_factor)
        vae.enable_tiling()
    else:
        vae.disable_tiling()


def image_to_image(pipe: Any) -> Any:
    """A pipeline of the same parts that begins with a picture. Raises `ModelUnsupported`."""
    from diffusers import AutoPipelineForImage2Image  # imports every pipeline there is: 1.7 s

    try:
        other = AutoPipelineForImage2Image.from_pipe(pipe)
    except ValueError as problem:
        raise ModelUnsupported(
            _("This model can't begin with a picture."),
            _("Draw without one, or choose a Stable Diffusion, SDXL, SD3 or Flux model."),
            details=str(problem),
        ) from problem
    other.set_progress_bar_config(disable=True)
    return other
