"""Small pictures of what is being drawn, for next to nothing: a linear map from latents to colours, fitted to the VAE.

What is shown is the model's present idea of the finished picture, not the noisy latents. Imported only in the child.
"""

from __future__ import annotations

import functools
import io
import math
import time
from typing import Any

import torch
from PIL import Image

CELLS = 8  # the colour card that the map is fitted to has as many colours a side
CELL_LATENTS = 3  # and each is as many latents wide, of which the middle one is read
SHARE = 0.015  # of the drawing's time that previews may take
DECODE_SECONDS = 0.25  # real decodes are at least so far apart
SMALL_VAE = 20_000_000  # parameters below which a real decode may fit into the share


class Previews:
    """Makes previews of one pipeline's pictures.

    Attributes:
        seconds: what the previews of the present picture took.
    """

    def __init__(self, pipe: Any, *, decode: bool) -> None:
        """Fit the map. `decode`: the VAE is small and at hand, so that a real decode may be afforded."""
        self._pipe = pipe
        self._factor = int(pipe.vae_scale_factor)
        started = time.perf_counter()
        self._weights = _fit(pipe.vae, pipe._execution_device, self._factor)
        card = (CELLS * CELL_LATENTS * self._factor) ** 2
        self._decode_seconds = 1.5 * (time.perf_counter() - started) / card if decode else float("inf")  # a pixel
        self._linear_seconds = 0.005
        self._step: tuple[Any, Any, Any] | None = None
        self.begin((0, 0), 0)

    def begin(self, size: tuple[int, int], side: int) -> None:
        """A new picture of `size` begins; its previews are `side` pixels long, 0: none."""
        self.seconds = 0.0
        self._size, self._side = size, side
        self._started = self._decoded = time.perf_counter()
        self._step = None
        self._sharp = False  # a decode was shown: a blurred one after it would look like a step back

    def watch(self, scheduler: Any) -> None:
        """Remember what goes into each step of `scheduler`; its signature is looked at by the pipelines and stays."""
        step = scheduler.step

        @functools.wraps(step)
        def remember(model_output: Any, timestep: Any, sample: Any, *args: Any, **options: Any) -> Any:
            self._step = (model_output, timestep, sample)
            return step(model_output, timestep, sample, *args, **options)

        scheduler.step = remember

    def make(self, scheduler: Any) -> bytes:
        """A JPEG after a step; empty when it would cost more than its share of the time."""
        if not self._side or self._step is None:
            return b""
        now = time.perf_counter()
        room = SHARE * (now - self._started) - self.seconds
        width, height = self._size
        decoding = now - self._decoded >= DECODE_SECONDS and self._decode_seconds * width * height <= room
        if not decoding and (self._sharp or self._linear_seconds > room):
            return b""
        latents = clean(scheduler, *self._step)
        if latents.ndim == 3:  # Flux packs 2×2 latents into one
            latents = self._pipe._unpack_latents(latents, height, width, self._factor)
        image = self._decode(latents) if decoding else self._project(latents)
        scale = self._side / max(width, height)
        image = image.resize((max(1, round(width * scale)), max(1, round(height * scale))), Image.Resampling.BICUBIC)
        file = io.BytesIO()
        image.save(file, "JPEG", quality=80)
        spent = time.perf_counter() - now
        self.seconds += spent
        if decoding:
            self._decoded, self._sharp = now, True
            self._decode_seconds = spent / (width * height)
        else:
            self._linear_seconds = spent
        return file.getvalue()

    def _project(self, latents: torch.Tensor) -> Image.Image:
        small = latents[0].float().cpu()
        flat = torch.cat([small.flatten(1), torch.ones(1, small[0].numel())])
        return _picture((self._weights @ flat).reshape(3, *small.shape[1:]))

    @torch.no_grad()
    def _decode(self, latents: torch.Tensor) -> Image.Image:
        vae = self._pipe.vae
        latents = latents.to(vae.dtype) / vae.config.scaling_factor + (vae.config.get("shift_factor") or 0.0)
        return _picture(vae.decode(latents, return_dict=False)[0][0].float().cpu())


def can_preview(pipe: Any) -> bool:
    """Whether the map can be fitted: to the VAEs of Stable Diffusion and Flux, which keep a picture's geometry."""
    return type(getattr(pipe, "vae", None)).__name__ == "AutoencoderKL" and hasattr(pipe, "vae_scale_factor")


def clean(scheduler: Any, output: torch.Tensor, timestep: Any, sample: torch.Tensor) -> torch.Tensor:
    """The finished latents as the model sees them after a step: x₀ from its output and what went into the step.

    For variance-preserving noise see equation 12 of DDIM (arXiv 2010.02502), for v-prediction arXiv 2202.00512,
    for noise added to the latents as they are Karras et al. (arXiv 2206.00364).
    """
    name, kind = type(scheduler).__name__, scheduler.config.get("prediction_type", "epsilon")
    output, sample = output.float(), sample.float()
    if kind == "sample":
        return output
    if "Flow" in name or name.startswith(("Euler", "LMS", "Heun", "KDPM2")):
        sigma = float(scheduler.sigmas[scheduler.step_index - 1])
        if kind == "v_prediction" and "Flow" not in name:
            return output * (-sigma / math.sqrt(sigma * sigma + 1)) + sample / (sigma * sigma + 1)
        return sample - sigma * output
    alpha = max(1e-4, float(scheduler.alphas_cumprod[int(timestep)]))
    if kind == "v_prediction":
        return sample * math.sqrt(alpha) - output * math.sqrt(1 - alpha)
    return (sample - output * math.sqrt(1 - alpha)) / math.sqrt(alpha)


@torch.no_grad()
def _fit(vae: Any, device: torch.device, factor: int) -> torch.Tensor:
    """The map `(3, channels + 1)` from latents and a constant to colours, by least squares over a colour card."""
    colours = torch.rand(3, CELLS, CELLS, generator=torch.Generator().manual_seed(0)) * 2 - 1
    card = colours.repeat_interleave(CELL_LATENTS * factor, 1).repeat_interleave(CELL_LATENTS * factor, 2)
    found = vae.encode(card[None].to(device, vae.dtype)).latent_dist.mode()[0].float().cpu()
    found = (found - (vae.config.get("shift_factor") or 0.0)) * vae.config.scaling_factor
    middle = found[:, CELL_LATENTS // 2 :: CELL_LATENTS, CELL_LATENTS // 2 :: CELL_LATENTS].flatten(1)
    known = torch.cat([middle, torch.ones(1, middle.shape[1])]).double()
    ridge = 1e-3 * torch.eye(len(known), dtype=torch.float64)
    weights: torch.Tensor = torch.linalg.solve(known @ known.T + ridge, known @ colours.flatten(1).double().T)
    return weights.T.float()


def _picture(pixels: torch.Tensor) -> Image.Image:
    """A picture from colours `(3, height, width)` between -1 and 1."""
    values = ((pixels.nan_to_num() + 1) * 127.5).clamp(0, 255).to(torch.uint8)
    return Image.fromarray(values.permute(1, 2, 0).contiguous().numpy())
