"""Trains the judge of the starter image model: a small network that tells subject, colour and place of a picture.

    python packaging/starter/pictures/classifier.py --minutes 40 --work build/starter-image     # goes on from its checkpoint

It learns from the generator's pictures alone and never sees one of the image model's, nor a combination held out. At the end it
says how often it is right about drawn pictures of held-out combinations; `<work>/classifier.safetensors` is what is kept.
Drawing takes longer than learning, so each picture is used a few times, never twice alike: shifted, mirrored, blurred, noisy.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from drawings import Drawer, Stored, as_pixels, feed, hands
from encode import Pictures
from networks import NATIVE
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn.functional import avg_pool2d, cross_entropy, interpolate, pad

sys.path.append(str(Path(__file__).resolve().parent.parent))
import learning

SIDE = 128  # pixels that it looks at
POOL = 3000  # pictures that a process keeps in mind
HEADS = ("subject", "color", "place")


class Classifier(nn.Module):
    """Residual convolutions and a head for each question. `names` are the answers."""

    def __init__(self, names: dict[str, Sequence[str]], channels: Sequence[int] = (32, 64, 128, 256, 256)) -> None:
        super().__init__()
        self.names = {head: list(names[head]) for head in HEADS}
        first, *rest = channels
        blocks: list[nn.Module] = [nn.Conv2d(3, first, 5, stride=2, padding=2)]
        for before, after in zip(channels, rest, strict=False):
            blocks += [Residual(before), nn.GroupNorm(8, before), nn.SiLU(), nn.Conv2d(before, after, 3, stride=2, padding=1)]
        self.body = nn.Sequential(*blocks, Residual(channels[-1]), Residual(channels[-1]), nn.GroupNorm(8, channels[-1]), nn.SiLU())
        self.heads = nn.ModuleDict({head: nn.Linear(2 * channels[-1], len(answers)) for head, answers in self.names.items()})

    def forward(self, pixels: torch.Tensor) -> dict[str, torch.Tensor]:
        """Logits by question for pixels `(n, 3, 128, 128)` from -1 to 1."""
        found = self.body(pixels).flatten(2)
        found = torch.cat([found.mean(2), found.amax(2)], dim=1)
        return {head: layer(found) for head, layer in self.heads.items()}

    @torch.no_grad()
    def says(self, pictures: torch.Tensor) -> list[dict[str, str]]:
        """What it takes pictures `(n, rows, columns, 3)` of bytes for."""
        logits = {head: found.argmax(1).tolist() for head, found in self(small(as_pixels(pictures))).items()}
        return [{head: self.names[head][answers[n]] for head, answers in logits.items()} for n in range(len(pictures))]

    def save(self, path: Path) -> None:
        save_file({name: tensor.half().contiguous() for name, tensor in self.state_dict().items()}, path, metadata={"names": json.dumps(self.names)})

    @classmethod
    def load(cls, path: Path) -> Classifier:
        with safe_open(path, "pt") as file:
            names = json.loads(file.metadata()["names"])
        made = cls(names)
        made.load_state_dict({name: tensor.float() for name, tensor in load_file(path).items()})
        return made.eval()


class Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.change = nn.Sequential(
            nn.GroupNorm(8, channels), nn.SiLU(), nn.Conv2d(channels, channels, 3, padding=1),
            nn.GroupNorm(8, channels), nn.SiLU(), nn.Conv2d(channels, channels, 3, padding=1),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.change(x)


def small(pixels: torch.Tensor) -> torch.Tensor:
    """Square pixels at the side that the classifier looks at."""
    times = pixels.size(-1) // SIDE
    return avg_pool2d(pixels, times) if pixels.size(-1) == SIDE * times else interpolate(pixels, size=(SIDE, SIDE), mode="area")


@dataclass(frozen=True)
class Labelled:
    """Makes batches of pictures at `SIDE` with the numbers of their answers."""

    count: int
    names: dict[str, list[str]]

    def __call__(self, drawer: Drawer | Stored, rng: random.Random) -> tuple[np.ndarray, np.ndarray]:
        pictures, about = Pictures(NATIVE, self.count)(drawer, rng)
        answers = [[self.names[head].index(label) for head, label in zip(HEADS, each["labels"], strict=False)] for each in about]
        return small(as_pixels(torch.from_numpy(pictures))).add(1).mul(127.5).round().to(torch.uint8).numpy(), np.array(answers)


@dataclass
class Judging:
    """The classifier's task; of each batch a quarter is newly drawn."""

    batch_samples: int
    names: dict[str, list[str]]
    pictures: Path | None
    workers: int

    def start(self, seed: int, device: str) -> None:
        self.device, self.rng = device, random.Random(seed)
        torch.manual_seed(seed)
        self.drawn: Iterator[tuple[np.ndarray, np.ndarray]] = feed(Labelled(self.batch_samples // 4, self.names), seed, self.pictures, self.workers)
        self.pool: tuple[torch.Tensor, torch.Tensor] | None = None

    def batch(self) -> tuple[torch.Tensor, ...]:
        pictures, answers = (torch.from_numpy(array).to(self.device) for array in next(self.drawn))
        if self.pool is None:
            self.pool = pictures, answers
        elif len(self.pool[0]) < POOL:
            self.pool = torch.cat([self.pool[0], pictures]), torch.cat([self.pool[1], answers])
        else:
            places = torch.randperm(POOL, device=self.device)[: len(pictures)]
            self.pool[0][places], self.pool[1][places] = pictures, answers
        again = torch.randint(0, len(self.pool[0]), (3 * len(pictures),), device=self.device)
        pixels = torch.cat([pictures, self.pool[0][again]]).float().div_(127.5).sub_(1)
        return self.changed(pixels), torch.cat([answers, self.pool[1][again]])

    def changed(self, pixels: torch.Tensor) -> torch.Tensor:
        """Mirrored, moved by up to 6 pixels, blurred as an autoencoder blurs, a little noisy."""
        pixels = pixels.flip(-1) if self.rng.random() < 0.5 else pixels
        x, y = self.rng.randint(0, 12), self.rng.randint(0, 12)
        pixels = pad(pixels, (6, 6, 6, 6), mode="replicate")[..., y : y + SIDE, x : x + SIDE]
        if self.rng.random() < 0.5:
            blurred = avg_pool2d(pad(pixels, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
            pixels = pixels.lerp(blurred, self.rng.random())
        return pixels + torch.randn_like(pixels) * self.rng.uniform(0, 0.06)

    def samples(self, batch: tuple[torch.Tensor, ...]) -> float:
        return len(batch[0])

    def loss(self, model: nn.Module, batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
        pixels, answers = batch
        return sum(cross_entropy(found.float(), answers[:, n], label_smoothing=0.02) for n, found in enumerate(model(pixels).values()))  # type: ignore[return-value]


def accuracy(classifier: Classifier, count: int, seed: int) -> dict[str, float]:
    """The share of right answers about `count` newly drawn pictures of held-out combinations."""
    drawer, right = Drawer(seed, held_out=True), dict.fromkeys(HEADS, 0)
    for start in range(0, count, 50):
        samples = [drawer.next(NATIVE) for _ in range(min(50, count - start))]
        answers = classifier.says(torch.from_numpy(np.stack([picture for picture, _ in samples])))
        for (_, about), answer in zip(samples, answers, strict=True):
            for head, label in zip(HEADS, about["labels"], strict=False):
                right[head] += answer[head] == label
    return {head: hits / count for head, hits in right.items()}


def main() -> None:
    parser = learning.parser(__doc__, minutes=40, lr=2e-3, step=128)
    parser.add_argument("--batch", type=int, default=64, help="pictures that one process takes at a time")
    parser.add_argument("--pictures", type=Path, default=None, help="files drawn beforehand by drawings.py")
    parser.add_argument("--test", type=int, default=1000, help="pictures that its accuracy is measured on")
    options: argparse.Namespace = parser.parse_args()
    from scenes import COLORS, PLACES, SUBJECTS

    names = {"subject": [str(s) for s in SUBJECTS], "color": [str(c) for c in COLORS], "place": [str(p) for p in PLACES]}
    torch.manual_seed(options.seed)
    model = Classifier(names).to(options.device)
    task = Judging(options.batch, names, options.pictures, hands(options))
    opt = learning.optimizers(model, options.lr, apart=("body.0.", "heads"))
    trained: Classifier = learning.fit("classifier", task, model, opt, options).eval().to("cpu")
    trained.save(options.work / "classifier.safetensors")
    print("classifier, held-out drawings:", {head: f"{share:.1%}" for head, share in accuracy(trained, options.test, 1).items()}, flush=True)


if __name__ == "__main__":
    main()
