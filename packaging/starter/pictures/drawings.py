"""Drawn pictures to learn from: drawn on the spot, by processes of their own beside a GPU, or read from files drawn beforehand.

    python packaging/starter/pictures/drawings.py --count 6000 --output build/starter-image/pictures

writes such files (WebP, about 15 kB a picture), for machines where the generator's library can't be installed.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, Full
from typing import Any

import numpy as np
import shards
import torch
from PIL import Image
from shards import About

FIELDS = 16  # a side, of `About.where`

Sample = tuple[np.ndarray, About]  # (side, side, 3) uint8
Make = Callable[["Drawer | Stored", random.Random], Any]


class Drawer:
    """Endless pictures of scenes, never of those held out (or of those alone)."""

    def __init__(self, seed: int, held_out: bool = False) -> None:
        self.rng, self.held_out = random.Random(seed), held_out

    def next(self, side: int) -> Sample:
        import scenes
        from prompts import written

        scene = scenes.random_scene(self.rng)
        while scenes.held_out(scene) != self.held_out:
            scene = scenes.random_scene(self.rng)
        picture, where = scenes.draw_and_show(scene, self.rng, side=side)
        labels = [str(scene.subject), str(scene.color), str(scene.place), str(scene.style)]
        return picture[..., :3], {"labels": labels, "prompts": written(scene, self.rng), "where": fields(where)}


def fields(where: np.ndarray, across: int = FIELDS) -> str:
    """`About.where` of a mask `(side, side)`: the fields of which a quarter or more is covered."""
    part = len(where) // across
    return np.packbits(where.reshape(across, part, across, part).mean((1, 3)) >= 0.25).tobytes().hex()


class Stored:
    """Pictures from files drawn beforehand, in a random order; resized where another side is asked for."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.rng, self.samples = random.Random(seed), []
        for file in sorted(folder.glob("*.safetensors")):
            tensors, about = shards.read(file)
            data, ends = tensors["webp"].numpy().tobytes(), tensors["ends"].tolist()
            self.samples += [(data[start:end], each) for start, end, each in zip([0, *ends], ends, about, strict=False)]
        if not self.samples:
            raise FileNotFoundError(f"no drawn pictures in {folder}")

    def next(self, side: int) -> Sample:
        data, about = self.rng.choice(self.samples)
        image = Image.open(io.BytesIO(data)).convert("RGB")
        return np.asarray(image if image.width == side else image.resize((side, side), Image.Resampling.LANCZOS)), about


def source(seed: int, pictures: Path | None) -> Drawer | Stored:
    return Stored(pictures, seed) if pictures else Drawer(seed)


def feed(make: Make, seed: int, pictures: Path | None, workers: int) -> Iterator[Any]:
    """Endlessly what `make` makes of pictures (arrays, no tensors): here, or ahead of time in `workers` processes."""
    if not workers:
        drawer, rng = source(seed, pictures), random.Random(seed + 1)
        while True:
            yield make(drawer, rng)
    context = multiprocessing.get_context("spawn")
    queue = context.Queue(maxsize=2 * workers)
    processes = [context.Process(target=_work, args=(queue, make, seed + 7919 * number, pictures), daemon=True, name=f"draw-{number}")
                 for number in range(workers)]
    for process in processes:
        process.start()
    while True:
        try:
            yield queue.get(timeout=20)
        except Empty:
            if not all(process.is_alive() for process in processes):
                raise RuntimeError("a process that draws has ended") from None


def _work(queue: Any, make: Make, seed: int, pictures: Path | None) -> None:
    parent = os.getppid()
    drawer, rng = source(seed, pictures), random.Random(seed + 1)
    made = make(drawer, rng)
    while os.getppid() == parent:
        try:
            queue.put(made, timeout=5)
        except Full:
            continue
        made = make(drawer, rng)


def hands(options: argparse.Namespace) -> int:
    """How many processes draw beside the one that learns."""
    return 0 if options.device == "cpu" else options.workers or max(1, (os.cpu_count() or 2) - 1)


def as_pixels(pictures: torch.Tensor) -> torch.Tensor:
    """Bytes `(n, rows, columns, 3)` as the autoencoder takes them: `(n, 3, rows, columns)` from -1 to 1.

    Not in channels_last, where a CPU takes ten times as long for a GroupNorm backwards.
    """
    return pictures.movedim(-1, 1).float().div_(127.5).sub_(1).contiguous()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=6000)
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--quality", type=int, default=88)
    parser.add_argument("--output", type=Path, default=Path("build/starter-image/pictures"))
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    drawer, pictures, about, size, number = Drawer(options.seed), [], [], 0, 0
    for drawn in range(1, options.count + 1):
        picture, each = drawer.next(options.side)
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, "WEBP", quality=options.quality, method=2)
        pictures.append(buffer.getvalue())
        about.append(each)
        size += len(pictures[-1])
        if size > 13 << 20 or drawn == options.count:
            ends = torch.tensor([len(p) for p in pictures]).cumsum(0)
            number += 1
            shards.write(options.output / f"{options.side}-{number:04}.safetensors",
                         {"webp": torch.frombuffer(bytearray(b"".join(pictures)), dtype=torch.uint8), "ends": ends}, about)
            print(f"{drawn} pictures in {number} files", flush=True)
            pictures, about, size = [], [], 0


if __name__ == "__main__":
    main()
