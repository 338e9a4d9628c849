"""Trains the text encoder and the UNet of thau-image-v1 on latents that `encode.py` wrote.

    python packaging/starter/pictures/train.py --minutes 60 --work build/starter-image     # goes on from its checkpoint
    python packaging/starter/pictures/train.py --minutes 20 --device cuda --compile --batch 1024 --step-samples 1024

It learns v-prediction (Salimans and Ho, 2022) at times whose log signal-to-noise ratio is spread as in rectified flows with
logit-normal times (Esser et al., 2024): most of them where shapes are decided. The subjects of a picture weigh more than what is
around them, which is learned soon. Latents of every side that is there are seen as often as `--sizes` says; one prompt in ten is
empty, for guidance.
"""

from __future__ import annotations

import argparse
import random
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shards
import torch
from diffusers import DDPMScheduler
from diffusers.models.attention_processor import AttnProcessor
from drawings import FIELDS
from encode import SCALE
from networks import NATIVE, SCHEDULE, Painter
from tokens import encode, train_tokenizer
from torch import nn
from transformers import CLIPTokenizer

sys.path.append(str(Path(__file__).resolve().parent.parent))
import learning

EMPTY = 0.1  # share of empty prompts
SPREAD = 2.0  # standard deviation of the log signal-to-noise ratios; their mean is 0
ANY_TIME = 0.15  # share of times that are spread evenly
SUBJECT = 3.0  # how much more a field with a subject in it weighs


@dataclass
class Denoising:
    """The task: say from noisy latents, the time and a prompt what the velocity is."""

    work: Path
    batch_samples: int
    sizes: dict[int, float]

    def start(self, seed: int, device: str) -> None:
        self.device, self.rng = device, random.Random(seed)
        torch.manual_seed(seed)
        tokenizer = CLIPTokenizer.from_pretrained(self.work / "tokenizer")
        self.empty = torch.tensor(encode(tokenizer, [""])[0], device=device)
        self.latents: dict[int, torch.Tensor] = {}
        self.tokens: dict[int, torch.Tensor] = {}
        self.where: dict[int, torch.Tensor] = {}
        for side in self.sizes:
            if files := sorted((self.work / "latents").glob(f"{side}-*.safetensors")):
                read = [shards.read(file) for file in files]
                self.latents[side] = torch.cat([tensors["latents"] for tensors, _ in read]).to(device)
                self.tokens[side] = torch.cat([tokens_of(file, tokenizer) for file in files]).to(device)
                self.where[side] = torch.cat([where_of(about) for _, about in read]).to(device)
        if not self.latents:
            raise FileNotFoundError(f"no latents in {self.work / 'latents'}: run encode.py first")
        self.kept = DDPMScheduler(**SCHEDULE).alphas_cumprod.to(device)
        self.often = how_often(self.kept).cumsum(0)

    def batch(self) -> tuple[torch.Tensor, ...]:
        side = self.rng.choices(list(self.latents), [self.sizes[each] for each in self.latents])[0]
        count = max(1, round(self.batch_samples * (NATIVE / side) ** 2))
        chosen = torch.randint(0, len(self.latents[side]), (count,), device=self.device)
        latents = self.latents[side][chosen].float().div_(SCALE)
        which = torch.randint(0, self.tokens[side].size(1), (count,), device=self.device)
        tokens = self.tokens[side][chosen, which].long()
        tokens = torch.where(torch.rand(count, 1, device=self.device) < EMPTY, self.empty, tokens)
        # Times are spread evenly over the batch, which makes the loss, and so the gradient, less noisy.
        shares = (torch.rand(count, device=self.device) + torch.arange(count, device=self.device)) / count
        times = torch.searchsorted(self.often, shares).clamp_max(len(self.kept) - 1)
        return latents, tokens, times, weights(self.where[side][chosen], latents.size(-1))

    def samples(self, batch: tuple[torch.Tensor, ...]) -> float:
        latents = batch[0]
        return latents[:, 0].numel() / (NATIVE // 16) ** 2

    def loss(self, model: nn.Module, batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
        latents, tokens, times, weight = batch
        kept = self.kept[times].view(-1, 1, 1, 1)
        noise = torch.randn_like(latents)
        noisy, velocity = kept.sqrt() * latents + (1 - kept).sqrt() * noise, kept.sqrt() * noise - (1 - kept).sqrt() * latents
        said = model(noisy, times, tokens).float()
        return ((said - velocity).square().mean(dim=1) * weight).mean()


def how_often(kept: torch.Tensor) -> torch.Tensor:
    """The share of samples for each time, given the share `kept` of the signal's power."""
    ratios = (kept / (1 - kept)).log()
    dense = torch.exp(-0.5 * (ratios / SPREAD).square()) * -torch.gradient(ratios)[0]  # per time, not per unit of the ratio
    return (1 - ANY_TIME) * dense / dense.sum() + ANY_TIME / len(kept)


def where_of(about: list[shards.About]) -> torch.Tensor:
    """Where the subjects of pictures are, `(pictures, 16, 16)` bool."""
    bits = np.unpackbits(np.frombuffer(bytes.fromhex("".join(each["where"] for each in about)), np.uint8))
    return torch.from_numpy(bits.reshape(-1, FIELDS, FIELDS).astype(bool))


def weights(where: torch.Tensor, side: int) -> torch.Tensor:
    """How much each latent weighs, `(pictures, side, side)`; 1 on average."""
    weight = 1 + SUBJECT * where.float()
    weight = weight if side == FIELDS else nn.functional.interpolate(weight[:, None], size=(side, side))[:, 0]
    return weight / weight.mean()


def tokens_of(file: Path, tokenizer: CLIPTokenizer) -> torch.Tensor:
    """The tokens of a file's prompts, `(pictures, prompts, tokens)` int16; kept beside it."""
    kept = file.with_suffix(".tokens.pt")
    if not kept.exists():
        _, about = shards.read(file)
        ids = encode(tokenizer, [text for each in about for text in each["prompts"]])
        torch.save(torch.tensor(ids, dtype=torch.int16).view(len(about), -1, len(ids[0])), kept)
    return torch.load(kept, weights_only=True)


def tokenizer_of(work: Path) -> CLIPTokenizer:
    """The tokenizer that is there, or one made from the prompts of the first files."""
    if not (work / "tokenizer").exists():
        files = sorted((work / "latents").glob(f"{NATIVE}-*.safetensors"))[:8]
        texts = [text for file in files for each in shards.read(file)[1] for text in each["prompts"]]
        train_tokenizer(texts).save_pretrained(work / "tokenizer")
    return CLIPTokenizer.from_pretrained(work / "tokenizer")


def sizes(text: str) -> dict[int, float]:
    """`256:88,512:12` as sides and their shares of the batches."""
    return {int(side): float(share) for side, share in (each.split(":") for each in text.split(","))}


def numbers(text: str) -> list[int]:
    return [int(each) for each in text.split(",")]


def main() -> None:
    parser = learning.parser(__doc__, minutes=60, lr=2e-3, step=128)
    parser.add_argument("--start", type=Path, default=None, help="a finished model whose weights and tokenizer to begin with")
    parser.add_argument("--batch", type=int, default=32, help="samples that one process takes at a time")
    parser.add_argument("--sizes", type=sizes, default="256:80,384:8,512:12", help="sides and their shares of the time")
    parser.add_argument("--channels", type=numbers, default="64,192,256", help="of the UNet, by level")
    parser.add_argument("--layers", type=int, default=1, help="of the UNet, a level")
    parser.add_argument("--attention", type=numbers, default="0,1,1", help="at which levels the UNet looks at the prompt")
    options: argparse.Namespace = parser.parse_args()
    torch.manual_seed(options.seed)
    if options.start and not (options.work / "tokenizer").exists():
        CLIPTokenizer.from_pretrained(options.start / "tokenizer").save_pretrained(options.work / "tokenizer")
    tokenizer = tokenizer_of(options.work)
    for file in sorted((options.work / "latents").glob("*.safetensors")):
        tokens_of(file, tokenizer)  # before the other processes look for them
    painter = Painter.load(options.start) if options.start else Painter.new(
        tokenizer, channels=options.channels, layers=options.layers, attention=[bool(each) for each in options.attention])
    if options.device == "cpu":
        painter.unet.set_attn_processor(AttnProcessor())  # faster than torch's own on so few latents
        painter.text.set_attn_implementation("eager")  # and so few tokens
    task = Denoising(options.work, options.batch, options.sizes)
    painter = painter.to(options.device)
    opt = learning.optimizers(painter, options.lr, apart=("embedding", "conv_in", "conv_out"))
    trained: Painter = learning.fit("painter", task, painter, opt, options)
    trained.text.save_pretrained(options.work / "text_encoder")
    trained.unet.save_pretrained(options.work / "unet")


if __name__ == "__main__":
    main()
