"""Trains the text encoder and the UNet of thau-image-v1 on latents that `encode.py` wrote.

    python packaging/starter/pictures/train.py --minutes 60 --work build/starter-image     # goes on from its checkpoint
    python packaging/starter/pictures/train.py --minutes 20 --device cuda --compile --batch 1024 --step-samples 1024

It learns v-prediction (Salimans and Ho, 2022) with min-SNR weights (Hang et al., 2023, γ = 5), on latents of every side that is
there, each as often as `--sizes` says. One prompt in ten is empty, for guidance; some pictures are mirrored.
"""

from __future__ import annotations

import argparse
import random
import sys
from dataclasses import dataclass
from pathlib import Path

import shards
import torch
from diffusers import DDPMScheduler
from diffusers.models.attention_processor import AttnProcessor
from encode import SCALE
from networks import NATIVE, SCHEDULE, Painter
from tokens import encode, train_tokenizer
from torch import nn
from transformers import CLIPTokenizer

sys.path.append(str(Path(__file__).resolve().parent.parent))
import learning

EMPTY = 0.1  # share of empty prompts
GAMMA = 5.0  # min-SNR


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
        for side in self.sizes:
            if files := sorted((self.work / "latents").glob(f"{side}-*.safetensors")):
                found = [(shards.read(file)[0]["latents"], tokens_of(file, tokenizer)) for file in files]
                self.latents[side] = torch.cat([latents for latents, _ in found]).to(device)
                self.tokens[side] = torch.cat([tokens for _, tokens in found]).to(device)
        if not self.latents:
            raise FileNotFoundError(f"no latents in {self.work / 'latents'}: run encode.py first")
        self.kept = DDPMScheduler(**SCHEDULE).alphas_cumprod.to(device)

    def batch(self) -> tuple[torch.Tensor, ...]:
        side = self.rng.choices(list(self.latents), [self.sizes[each] for each in self.latents])[0]
        count = max(1, round(self.batch_samples * (NATIVE / side) ** 2))
        chosen = torch.randint(0, len(self.latents[side]), (count,), device=self.device)
        latents = self.latents[side][chosen].float().div_(SCALE)
        which = torch.randint(0, self.tokens[side].size(1), (count,), device=self.device)
        tokens = self.tokens[side][chosen, which].long()
        tokens = torch.where(torch.rand(count, 1, device=self.device) < EMPTY, self.empty, tokens)
        # Times are spread evenly over the batch, which makes the loss, and so the gradient, less noisy.
        times = (torch.rand(count, device=self.device) + torch.arange(count, device=self.device)) * (len(self.kept) / count)
        return latents, tokens, times.long().clamp_max(len(self.kept) - 1)

    def samples(self, batch: tuple[torch.Tensor, ...]) -> float:
        latents = batch[0]
        return latents[:, 0].numel() / (NATIVE // 16) ** 2

    def loss(self, model: nn.Module, batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
        latents, tokens, times = batch
        kept = self.kept[times].view(-1, 1, 1, 1)
        noise = torch.randn_like(latents)
        noisy, velocity = kept.sqrt() * latents + (1 - kept).sqrt() * noise, kept.sqrt() * noise - (1 - kept).sqrt() * latents
        said = model(noisy, times, tokens).float()
        ratio = (kept / (1 - kept)).flatten()
        return ((said - velocity).square().mean(dim=(1, 2, 3)) * (ratio.clamp_max(GAMMA) / (ratio + 1))).mean()


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
