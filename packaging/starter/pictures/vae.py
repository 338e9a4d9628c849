"""Trains the autoencoder: pictures into latents of a sixteenth of the side, and back.

    python packaging/starter/pictures/vae.py --minutes 60 --work build/starter-image      # goes on from its checkpoint
    python packaging/starter/pictures/vae.py --minutes 60 --start resources/starter/thau-image-v1/vae --decoder-only
    python packaging/starter/pictures/vae.py --minutes 5 --device cuda --batch-pixels 8000000 --step-samples 128

The loss is the difference of pixels, of their edges and of the pictures made small, and a touch of KL divergence. Some batches
ask for the flipped or the halved picture from the flipped or halved latents (EQ-VAE, Kouzelis et al. 2025): such latents are
learned faster by a diffusion model. Others ask for the picture from the doubled latents of its half, so that what was drawn
small can be decoded large.
With `--decoder-only` the latents stay what they are, so a UNet that was trained on them draws with the better decoder at once.
Most batches are crops, which are cheap; whole pictures and larger ones teach the same network what sizes users draw in.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from drawings import Drawer, Stored, as_pixels, feed, hands
from networks import LATENTS, NATIVE, autoencoder
from torch import nn
from torch.nn.functional import avg_pool2d, interpolate

sys.path.append(str(Path(__file__).resolve().parent.parent))
import learning

CROP = 128
WHOLE = {256: 10, 384: 2, 512: 1}  # side of a whole picture: share


@dataclass(frozen=True)
class Batches:
    """Makes batches `(n, side, side, 3)` of about `pixels`: `crops` of them parts of pictures, the rest whole ones."""

    pixels: int
    crops: float = 0.6

    def __call__(self, drawer: Drawer | Stored, rng: random.Random) -> np.ndarray:
        if rng.random() > self.crops:
            side = rng.choices(list(WHOLE), list(WHOLE.values()))[0]
            return np.stack([drawer.next(side)[0] for _ in range(max(1, self.pixels // side**2))])
        crops: list[np.ndarray] = []
        while len(crops) < max(1, self.pixels // CROP**2):
            side = rng.choices((256, 384, 512), (6, 2, 2))[0]
            picture, _ = drawer.next(side)
            for _ in range(2 * side // 256):
                x, y = rng.randint(0, side - CROP), rng.randint(0, side - CROP)
                crops.append(picture[y : y + CROP, x : x + CROP])
        rng.shuffle(crops)
        return np.stack(crops[: max(1, self.pixels // CROP**2)])


@dataclass
class Reconstruction:
    """The autoencoder's task."""

    pixels: int
    pictures: Path | None
    workers: int
    kl: float

    def start(self, seed: int, device: str) -> None:
        self.device, self.rng = device, random.Random(seed)
        self.batches: Iterator[np.ndarray] = feed(Batches(self.pixels), seed, self.pictures, self.workers)

    def batch(self) -> tuple[torch.Tensor, ...]:
        return (as_pixels(torch.from_numpy(next(self.batches)).to(self.device)),)

    def samples(self, batch: tuple[torch.Tensor, ...]) -> float:
        return batch[0][:, 0].numel() / NATIVE**2

    def loss(self, model: nn.Module, batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
        (pictures,) = batch
        flip, scale = self.rng.random() < 0.4, self.rng.choices((1.0, 0.5, 2.0), (70, 18, 12))[0]
        made, mean, log_variance = model(avg_pool2d(pictures, 2) if scale == 2 else pictures, flip, scale)
        asked = pictures.flip(-1) if flip else pictures
        asked = avg_pool2d(asked, 2) if scale == 0.5 else asked
        divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean()
        return difference(made.float(), asked) + self.kl * divergence


class Autoencoder(nn.Module):
    """There and back, with the latents flipped, halved or doubled between."""

    def __init__(self, vae: AutoencoderKL) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, pictures: torch.Tensor, flip: bool = False, scale: float = 1.0) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        spread = self.vae.encode(pictures).latent_dist
        mean, log_variance = spread.mean.float(), spread.logvar.float()
        latents = mean + torch.randn_like(mean) * (0.5 * log_variance).exp()
        latents = latents.flip(-1) if flip else latents
        latents = interpolate(latents, scale_factor=scale, mode="bilinear", antialias=True) if scale != 1 else latents
        return self.vae.decode(latents).sample, mean, log_variance


def difference(made: torch.Tensor, asked: torch.Tensor) -> torch.Tensor:
    """Mean difference of pixels, of neighbours (edges), and of the pictures at a quarter and at an eighth of the side."""
    across = ((made[..., 1:] - made[..., :-1]) - (asked[..., 1:] - asked[..., :-1])).abs().mean()
    down = ((made[..., 1:, :] - made[..., :-1, :]) - (asked[..., 1:, :] - asked[..., :-1, :])).abs().mean()
    small = sum((avg_pool2d(made, size) - avg_pool2d(asked, size)).abs().mean() for size in (4, 8))
    return (made - asked).abs().mean() + across + down + small


@torch.no_grad()
def normalise(vae: AutoencoderKL, pictures: torch.Tensor) -> None:
    """Fold into the 1 × 1 convolutions what makes every latent channel of mean 0 and deviation 1: the pipeline knows one factor for all."""
    latents = vae.encode(pictures).latent_dist.mean.transpose(0, 1).flatten(1)
    mean, deviation = latents.mean(1), latents.std(1).clamp_min(1e-4)
    into, out = vae.quant_conv, vae.post_quant_conv
    scale = torch.cat([1 / deviation, torch.ones_like(deviation)])
    into.weight.mul_(scale[:, None, None, None])
    into.bias.sub_(torch.cat([mean, 2 * deviation.log()])).mul_(scale)  # the lower half are logarithms of variances
    out.bias.add_(out.weight[:, :, 0, 0] @ mean)
    out.weight.mul_(deviation[None, :, None, None])


@torch.no_grad()
def faithfulness(vae: AutoencoderKL, pictures: torch.Tensor) -> float:
    """Peak signal-to-noise ratio in dB of what comes back."""
    return -10 * torch.log10((vae.decode(vae.encode(pictures).latent_dist.mean).sample - pictures).div(2).square().mean(dim=(1, 2, 3))).mean().item()


def main() -> None:
    parser = learning.parser(__doc__, minutes=60, lr=3e-3, step=4)
    parser.add_argument("--batch-pixels", type=int, default=2 * NATIVE**2, help="pixels that one process takes at a time")
    parser.add_argument("--kl", type=float, default=1e-3)
    parser.add_argument("--start", type=Path, default=None, help="an autoencoder whose weights to begin with")
    parser.add_argument("--decoder-only", action="store_true", help="leave the encoder, and so the latents, as they are")
    parser.add_argument("--pictures", type=Path, default=None, help="files drawn beforehand by drawings.py")
    options: argparse.Namespace = parser.parse_args()
    torch.manual_seed(options.seed)
    vae = AutoencoderKL.from_pretrained(options.start, torch_dtype=torch.float32) if options.start else autoencoder()
    if options.decoder_only:
        vae.encoder.requires_grad_(False)
        vae.quant_conv.requires_grad_(False)
    model = Autoencoder(vae).to(options.device)
    task = Reconstruction(options.batch_pixels, options.pictures, hands(options), options.kl)
    opt = learning.optimizers(model, options.lr, apart=("conv_in", "decoder.conv_out"))
    trained: AutoencoderKL = learning.fit("vae", task, model, opt, options).vae.eval()
    drawer = Stored(options.pictures, 1) if options.pictures else Drawer(1)
    pictures = as_pixels(torch.from_numpy(np.stack([drawer.next(NATIVE)[0] for _ in range(96)]))).to(options.device)
    if not options.decoder_only:
        normalise(trained, pictures)
    print(f"vae: {faithfulness(trained, pictures[:32]):.2f} dB, {LATENTS} × 16 × 16 latents", flush=True)
    trained.to("cpu").save_pretrained(options.work / "vae")
    if (options.work / "latents").exists():
        print(f"vae: what is in {options.work / 'latents'} and was trained on it belongs to the autoencoder before: remove it", flush=True)


if __name__ == "__main__":
    main()
