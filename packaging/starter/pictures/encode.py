"""Draws pictures and keeps them as latents with their prompts: what the UNet is trained on, in files of up to 15 MiB.

    python packaging/starter/pictures/encode.py --count 120000 --work build/starter-image
    python packaging/starter/pictures/encode.py --count 6000 --side 512 --work build/starter-image

A latent is a byte: channels have mean 0 and deviation 1, and steps of 1/24 up to ±5.3 are far finer than what a diffusion model
of this size can tell. A file's number is the seed it is drawn with, so a run that was stopped goes on with the files it lacks.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shards
import torch
import torch.multiprocessing
from diffusers import AutoencoderKL
from drawings import Drawer, Stored, as_pixels, feed, hands
from networks import FACTOR, LATENTS
from shards import About

sys.path.append(str(Path(__file__).resolve().parent.parent))
from learning import cores, settle
from muon import computes_bfloat16

SCALE = 24  # bytes a deviation
ROOM = 13 << 20  # bytes of latents a file


@dataclass(frozen=True)
class Pictures:
    """Makes batches of `count` pictures of a side, with what they show."""

    side: int
    count: int

    def __call__(self, drawer: Drawer | Stored, rng: random.Random) -> tuple[np.ndarray, list[About]]:
        samples = [drawer.next(self.side) for _ in range(self.count)]
        return np.stack([picture for picture, _ in samples]), [about for _, about in samples]


def per_file(side: int) -> int:
    """Pictures in a file."""
    return ROOM // (LATENTS * (side // FACTOR) ** 2)


@torch.no_grad()
def latents_of(vae: AutoencoderKL, pictures: torch.Tensor, device: str) -> torch.Tensor:
    """Pictures `(n, rows, columns, 3)` as bytes `(n, channels, rows / 16, columns / 16)`."""
    with torch.autocast(device, torch.bfloat16, enabled=device == "cuda" or computes_bfloat16()):
        latents = vae.encode(as_pixels(pictures.to(device))).latent_dist.mean
    return latents.float().mul(SCALE).round().clamp(-127, 127).to("cpu", torch.int8)


def write_file(path: Path, vae: AutoencoderKL, pictures: Iterator[tuple[np.ndarray, list[About]]], count: int, device: str) -> None:
    found: list[torch.Tensor] = []
    about: list[About] = []
    while len(about) < count:
        batch, each = next(pictures)
        found.append(latents_of(vae, torch.from_numpy(batch), device))
        about += each
    shards.write(path, {"latents": torch.cat(found)[:count]}, about[:count])


def encode(numbers: list[int], options: argparse.Namespace, core: int | None) -> None:
    """Write the files of these numbers; on a core of its own if `core` is given."""
    if core is not None:
        settle(core)
    vae = AutoencoderKL.from_pretrained(options.work / "vae").eval().to(options.device)
    make = Pictures(options.side, max(1, options.batch_pixels // options.side**2))
    count, sources = min(options.count, per_file(options.side)), None
    for number in numbers:
        started = time.time()
        seed = options.seed * 1_000_003 + options.side * 10_007 + number
        if sources is None or options.device == "cpu":  # processes that draw for a GPU go on from file to file
            sources = feed(make, seed, options.pictures, hands(options))
        write_file(file_of(options, number), vae, sources, count, options.device)
        print(f"{file_of(options, number).name}: {count} pictures, {count / (time.time() - started):.1f} a second", flush=True)


def file_of(options: argparse.Namespace, number: int) -> Path:
    return options.work / "latents" / f"{options.side}-{number:04}.safetensors"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000, help="pictures of this side that there should be, in whole files")
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--work", type=Path, default=Path("build/starter-image"))
    parser.add_argument("--start", type=Path, default=None, help="a finished model whose autoencoder to use where the work folder has none")
    parser.add_argument("--pictures", type=Path, default=None, help="files drawn beforehand by drawings.py")
    parser.add_argument("--batch-pixels", type=int, default=16 * 256**2)
    parser.add_argument("--processes", type=int, default=0, help="0: one a core on a CPU, one on a GPU")
    parser.add_argument("--workers", type=int, default=0, help="processes that draw for a GPU; 0: one for each core but one")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    (options.work / "latents").mkdir(parents=True, exist_ok=True)
    if options.start and not (options.work / "vae").exists():
        AutoencoderKL.from_pretrained(options.start / "vae", torch_dtype=torch.float32).save_pretrained(options.work / "vae")
    files = max(1, -(-options.count // per_file(options.side)))
    missing = [number for number in range(1, files + 1) if not file_of(options, number).exists()]
    processes = options.processes or (1 if options.device == "cuda" else len(cores()))
    if options.device == "cuda" or processes == 1:
        encode(missing, options, None if options.device == "cuda" else cores()[0])
        return
    context = torch.multiprocessing.get_context("spawn")
    running = [context.Process(target=encode, args=(missing[n::processes], options, cores()[n % len(cores())])) for n in range(processes)]
    for process in running:
        process.start()
    for process in running:
        process.join()
    if any(process.exitcode for process in running):
        raise SystemExit("a process failed")


if __name__ == "__main__":
    main()
